"""ST LSM6DSOX, LSM6DSO and LSM6DSO32 at their registers: what the wires would show.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time; mg from the
world. Behaviour after ST's lsm6dsox_reg.h, lsm6dso32_reg.h, DS12140, AN5192; what is estimated
says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from notturno.virtualband.chips.bus import BusNak
from notturno.virtualband.chips.part import Part, little_endian
from notturno.virtualband.world import Felt

FIFO_DEPTH_WORDS = 512
BASE_RATE_HZ = 6667.0
TRIM_STEP = 0.0015  # of the rate, per count of INTERNAL_FREQ_FINE
TICK_US = 25.0
# Rate code -> divisor of 6667 Hz. 0 is off; 0xB (1.6 Hz) exists in low power only.
DIVISORS = {1: 512, 2: 256, 3: 128, 4: 64, 5: 32, 6: 16, 7: 8, 8: 4, 9: 2, 10: 1, 11: 4096}
DEFAULTS = {0x0F: 0x6C, 0x12: 0x04, 0x18: 0xE0}
READ_ONLY = {0x0F} | set(range(0x1A, 0x40))
ACCEL, TEMPERATURE, TIMESTAMP, CONFIG_CHANGE = 2, 3, 4, 5
CONFIG_WRITES = {0x09, 0x10, 0x15}
BYPASS, FIFO_STOPS, STREAM = 0, 1, 6
RESET_US = 50


def _tag(kind: int, slot: int) -> int:
    """Return the tag byte: kind, slot counter, even parity."""
    tag = kind << 3 | (slot & 3) << 1
    return tag | bin(tag).count("1") & 1


class Lsm6dsox(Part):
    """The chip in a world. int1_high: somebody pulls INT1 up, so that it wakes for I3C."""

    chip_name = "LSM6DSOX"
    address = 0x6A
    KEY = 0x6C
    DRAWN_ERROR, WORST_ERROR = 0.02, 0.025
    SPREAD_MG = 8.0  # estimated (20 mg is typical by ST's text)
    SAMPLE_BYTES = 7
    WHOLE_WORDS = True  # the address goes round its seven registers
    FIFO_BYTES = 7 * FIFO_DEPTH_WORDS
    FIFO_OUT = 0x78
    UG_PER_LSB = {0: 61, 1: 488, 2: 122, 3: 244}  # by range code: 2, 16, 4, 8 g
    HP_DENSITY_UG = {0: 70, 1: 110, 2: 75, 3: 80}  # per sqrt(Hz); estimated, not from ST's text
    LP_NOISE_MG = {0: 1.8, 1: 3.0, 2: 2.0, 3: 2.4}  # rms, DS12140 p. 10

    def __init__(
        self,
        world: Felt,
        seed: int = 0,
        odr_error: float | None = None,
        int1_high: bool = False,
        offset_mg: Sequence[float] | None = None,
    ) -> None:
        self._int1_high = int1_high
        self._tick_zero_us = 0
        super().__init__(world, seed, odr_error, offset_mg)

    def _draw(self, rng: np.random.Generator) -> None:
        # The factory measured the part, not quite right: the trim explains all but the residual.
        residual = rng.uniform(-0.004, 0.004)
        self.trim = round((self.odr_error - residual) / TRIM_STEP)

    # --- bus -----------------------------------------------------------------------------------

    def _write(self, reg: int, data: bytes, now_us: int) -> None:
        if self._i3c and not (reg == 0x18 and data[0] & 0x02):
            raise BusNak
        for value in data:
            if reg == 0x12 and value & 0x01 and self._mode != BYPASS:
                raise BusNak  # a reset while the FIFO streams is not acknowledged
            self._sync(now_us)
            self._write_one(reg, value, now_us)
            if self._regs[0x12] & 0x04:
                reg += 1

    def _read(self, reg: int, n: int, now_us: int) -> bytes:
        if self._i3c:
            raise BusNak
        self._sync(now_us)
        if 0x78 <= reg <= 0x7E:
            return self._read_fifo(reg, n)
        self._fill_outputs(reg, n, now_us)
        out = bytearray()
        for _ in range(n):
            out.append(self._regs[reg])
            if reg == 0x3B and self._over_run_latched:
                self._over_run_latched = False  # reading it clears it
            if self._regs[0x12] & 0x04:
                reg = (reg + 1) % 128
        return bytes(out)

    def int1(self, now_us: int) -> int:
        """Level of the INT1 pin."""
        return self._level_of(0x0D, now_us)

    def int2(self, now_us: int) -> int:
        """Level of the INT2 pin: follows the FIFO's flags, is not a pulse."""
        return self._level_of(0x0E, now_us)

    def _level_of(self, reg: int, now_us: int) -> int:
        self._sync(now_us)
        self._fill_outputs(0x3B, 1, now_us)
        status2 = self._regs[0x3B]
        ctrl = self._regs[reg]
        on = (
            (ctrl & 0x08 and status2 & 0x80)
            or (ctrl & 0x10 and status2 & 0x40)
            or (ctrl & 0x20 and status2 & 0x20)
        )
        return int(bool(on)) ^ (self._regs[0x12] >> 5 & 1)

    # --- registers -----------------------------------------------------------------------------

    def _reset(self, now_us: int) -> None:
        self._regs[:] = bytes(len(self._regs))
        for reg, value in DEFAULTS.items():
            self._regs[reg] = value
        self._i3c = self._int1_high
        self._over_run_latched = False
        self._overwritten = False
        self._reset_until_us = now_us + RESET_US
        self._clear_fifo_state(now_us)

    @property
    def _mode(self) -> int:
        return self._regs[0x0A] & 0x07

    def _write_one(self, reg: int, value: int, now_us: int) -> None:
        if reg >= len(self._regs) or reg in READ_ONLY:
            return
        if reg == 0x12 and value & 0x01:
            self._reset(now_us)
            return
        before_mode = self._mode
        self._regs[reg] = value
        if reg == 0x18 and value & 0x02:
            self._i3c = False
        if reg == 0x42 and value == 0xAA:
            self._tick_zero_us = now_us
        if reg in CONFIG_WRITES:
            self._forget_ahead(now_us)
            if self._mode == STREAM:
                self._push_wrong_word()
        if reg == 0x0A:
            if self._mode == BYPASS or before_mode == BYPASS:
                del self._fifo[:]
                self._over_run_latched = self._overwritten = False
            self._forget_ahead(now_us)

    def _push_wrong_word(self) -> None:
        """A change under a running FIFO leaves one sample in it that never was."""
        self._slot += 1
        self._fifo += bytes([_tag(ACCEL, self._slot)]) + b"\xff\x7f" * 3

    def _fill_outputs(self, reg: int, n: int, now_us: int) -> None:
        """Bring the read-only registers among reg .. reg + n up to date."""
        regs = self._regs
        level = len(self._fifo) // 7
        watermark = regs[0x07] | (regs[0x08] & 1) << 8
        regs[0x3A] = level & 0xFF
        regs[0x3B] = (
            level >> 8
            | self._over_run_latched << 3
            | (level >= FIFO_DEPTH_WORDS - 1) << 5
            | self._overwritten << 6
            | (0 < watermark <= level) << 7
        )
        if reg <= 0x21 and reg + n > 0x20:
            lsb = round((self.world.temperature_c(now_us / 1e6) - 25.0) * 256)
            regs[0x20:0x22] = max(-32768, min(32767, lsb)).to_bytes(2, "little", signed=True)
        if reg <= 0x2D and reg + n > 0x28:
            regs[0x28:0x2E] = little_endian(self._now(now_us)).tobytes()
        ticks = int(self._ticks(now_us)) if regs[0x19] & 0x20 else 0
        regs[0x40:0x44] = (ticks & 0xFFFFFFFF).to_bytes(4, "little")
        # One count lower while powered down, as seen on real parts.
        regs[0x63] = (self.trim - (regs[0x10] >> 4 == 0)) & 0xFF
        if now_us < self._reset_until_us:
            regs[0x12] |= 0x01
        else:
            regs[0x12] &= 0xFE

    def _ticks(self, now_us: Any) -> Any:
        return (now_us - self._tick_zero_us) * (1.0 + self.odr_error) / TICK_US

    def _read_fifo(self, reg: int, n: int) -> bytes:
        """FIFO output: the address goes round 0x78 to 0x7E; each word read is gone."""
        skip = reg - 0x78
        words = (skip + n + 6) // 7
        data = self._take(words * 7)
        data += bytes(words * 7 - len(data))  # an empty FIFO gives words without a kind
        if not self._regs[0x12] & 0x04:
            return data[skip : skip + 1] * n
        self._overwritten = False
        return data[skip : skip + n]

    # --- samples -------------------------------------------------------------------------------

    @property
    def rate_hz(self) -> float:
        code = self._regs[0x10] >> 4
        if code == 11 and not self._regs[0x15] & 0x10:
            return 0.0  # 1.6 Hz exists in low power only
        if code not in DIVISORS:
            return 0.0
        return BASE_RATE_HZ / DIVISORS[code] * (1.0 + self.odr_error)

    def _every(self) -> int:
        rate_code, batch_code = self._regs[0x10] >> 4, self._regs[0x09] & 0x0F
        if self._mode == BYPASS or not self.rate_hz or batch_code not in DIVISORS:
            return 0
        return max(1, DIVISORS[batch_code] // DIVISORS[rate_code])

    def _streams(self) -> bool:
        return self._mode != FIFO_STOPS

    def _capacity_bytes(self) -> int:
        if self._regs[0x08] & 0x80:  # stop_on_wtm
            return 7 * min(FIFO_DEPTH_WORDS, self._regs[0x07] | (self._regs[0x08] & 1) << 8)
        return self.FIFO_BYTES

    def _overran(self) -> None:
        self._over_run_latched = self._overwritten = True

    def _scale(self, rate_hz: float) -> tuple[float, float]:
        code = self._regs[0x10] >> 2 & 3
        if self._regs[0x15] & 0x10:  # low power: no averaging inside, much noise
            return self.UG_PER_LSB[code], self.LP_NOISE_MG[code]
        return self.UG_PER_LSB[code], self.HP_DENSITY_UG[code] * np.sqrt(rate_hz / 2) / 1000.0

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        words = np.empty((len(counts), 7), np.uint8)
        words[:, 0] = np.array([_tag(ACCEL, s) for s in range(4)], np.uint8)[slots & 3]
        words[:, 1:] = little_endian(counts)
        every = (0, 1, 8, 32)[self._regs[0x0A] >> 6]
        if not every or not self._regs[0x19] & 0x20:
            return words, at_us, slots
        places = np.flatnonzero(slots % every == 1 % every)
        stamps = np.zeros((len(places), 7), np.uint8)
        ticks = (self._ticks(at_us[places]).astype(np.int64) & 0xFFFFFFFF).astype("<u4")
        stamps[:, 0] = [_tag(TIMESTAMP, int(slots[p])) for p in places]
        stamps[:, 1:5] = ticks.view(np.uint8).reshape(len(ticks), 4)
        return (
            np.insert(words, places, stamps, axis=0),
            np.insert(at_us, places, at_us[places]),
            np.insert(slots, places, slots[places]),
        )


class Lsm6dso32(Lsm6dsox):
    """The same registers and identity, but each range is twice as wide."""

    chip_name = "LSM6DSO32"
    UG_PER_LSB = {0: 122, 1: 976, 2: 244, 3: 488}  # by range code: 4, 32, 8, 16 g
    HP_DENSITY_UG = {0: 110, 1: 180, 2: 120, 3: 130}  # estimated, not from ST's text
    LP_NOISE_MG = {0: 2.8, 1: 4.8, 2: 3.0, 3: 3.4}  # estimated
