"""ST LSM6DS3TR-C at its registers: a FIFO of 16-bit words that knows no samples.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time; mg from the
world. Behaviour after ST's lsm6ds3tr-c_reg.h; what is estimated says so.
"""

import numpy as np

from notturno.virtualband.chips.lsm6dsox import BASE_RATE_HZ
from notturno.virtualband.chips.part import Part, little_endian

DIVISORS = {1: 512, 2: 256, 3: 128, 4: 64, 5: 32, 6: 16, 7: 8, 8: 4, 9: 2, 10: 1}
DEFAULTS = {0x0F: 0x6A, 0x12: 0x04}
READ_ONLY = {0x0F} | set(range(0x1A, 0x40))
BYPASS, FIFO_STOPS = 0, 1
RESET_US = 50


class Lsm6ds3trc(Part):
    """The chip in a world. A full FIFO drops words: its head may be the middle of a sample."""

    chip_name = "LSM6DS3TR-C"
    address = 0x6A
    KEY = 0x16A
    DRAWN_ERROR, WORST_ERROR = 0.02, 0.025  # estimated: as the LSM6DSOX
    SPREAD_MG = 13.0  # estimated (40 mg is typical, from memory)
    SAMPLE_BYTES = 6
    FIFO_BYTES = 4096
    FIFO_OUT = 0x3E
    UG_PER_LSB = {0: 61, 1: 488, 2: 122, 3: 244}
    DENSITY_UG = {0: 90, 1: 130, 2: 90, 3: 110}  # high performance, per sqrt(Hz); from memory
    LP_NOISE_MG = {0: 1.7, 1: 3.0, 2: 2.0, 3: 2.4}  # from memory

    def _reset(self, now_us: int) -> None:
        self._regs[:] = bytes(len(self._regs))
        for reg, value in DEFAULTS.items():
            self._regs[reg] = value
        self._over_run = False
        self._pattern = 0  # words taken or dropped, modulo a sample
        self._reset_until_us = now_us + RESET_US
        self._clear_fifo_state(now_us)

    def _write(self, reg: int, data: bytes, now_us: int) -> None:
        for value in data:
            self._sync(now_us)
            if reg == 0x12 and value & 0x01:
                self._reset(now_us)
            elif reg not in READ_ONLY:
                self._regs[reg] = value
                if reg in (0x08, 0x0A, 0x10, 0x15):
                    self._forget_ahead(now_us)
                if reg == 0x0A and value & 7 == BYPASS:
                    self._fifo.clear()
                    self._over_run, self._pattern = False, 0
            if self._regs[0x12] & 0x04:
                reg += 1

    def _read(self, reg: int, n: int, now_us: int) -> bytes:
        self._sync(now_us)
        regs = self._regs
        increments = regs[0x12] & 0x04
        if reg in (0x3E, 0x3F):
            return self._read_fifo(reg, n, increments)
        words = len(self._fifo) // 2
        regs[0x3A] = words & 0xFF
        regs[0x3B] = words >> 8 & 7 | (not words) << 4 | (words >= 2046) << 5 | self._over_run << 6
        regs[0x3C] = self._pattern
        lsb = round((self.world.temperature_c(now_us / 1e6) - 25.0) * 256)
        regs[0x20:0x22] = max(-32768, min(32767, lsb)).to_bytes(2, "little", signed=True)
        regs[0x28:0x2E] = little_endian(self._now(now_us)).tobytes()
        regs[0x12] = regs[0x12] & 0xFE | (now_us < self._reset_until_us)
        if not increments:
            return bytes([regs[reg]]) * n
        return bytes(regs[(reg + i) % len(regs)] for i in range(n))

    def _read_fifo(self, reg: int, n: int, increments: int) -> bytes:
        """The output's address goes to and fro between its two bytes; a word read is gone."""
        skip = reg - 0x3E
        data = self._take((skip + n + 1) // 2 * 2)
        self._pattern = (self._pattern + len(data) // 2) % 3
        self._over_run = False
        data = (data + bytes(n + 2))[skip : skip + n]
        return data if increments else data[:1] * n

    # --- samples -------------------------------------------------------------------------------

    @property
    def rate_hz(self) -> float:
        code = self._regs[0x10] >> 4
        if code not in DIVISORS:
            return 0.0
        return BASE_RATE_HZ / DIVISORS[code] * (1.0 + self.odr_error)

    def _every(self) -> int:
        fifo_code, rate_code = self._regs[0x0A] >> 3 & 0x0F, self._regs[0x10] >> 4
        decimation = (0, 1, 2, 3, 4, 8, 16, 32)[self._regs[0x08] & 7]
        if self._regs[0x0A] & 7 == BYPASS or not self.rate_hz or fifo_code not in DIVISORS:
            return 0
        return decimation * max(1, DIVISORS[fifo_code] // DIVISORS[rate_code])

    def _streams(self) -> bool:
        return self._regs[0x0A] & 7 != FIFO_STOPS

    def _push(self, frames: np.ndarray) -> None:
        words = (len(self._fifo) + frames.size - self.FIFO_BYTES) // 2
        if words > 0 and self._streams():
            self._pattern = (self._pattern + words) % 3
        super()._push(frames)

    def _overran(self) -> None:
        self._over_run = True

    def _scale(self, rate_hz: float) -> tuple[float, float]:
        code = self._regs[0x10] >> 2 & 3
        if self._regs[0x15] & 0x10:
            return self.UG_PER_LSB[code], self.LP_NOISE_MG[code]
        return self.UG_PER_LSB[code], self.DENSITY_UG[code] * np.sqrt(rate_hz / 2) / 1000.0

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return little_endian(counts), at_us, slots
