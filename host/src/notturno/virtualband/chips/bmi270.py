"""Bosch BMI270 at its registers: a chip that wants its program first, and a FIFO of frames.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time; mg from the
world. Behaviour after Bosch's bmi2_defs.h and bmi2.c; what is estimated says so. The program is
not run: it is enough that it came whole, each piece at its place. In place of Bosch's bytes, which
are not carried here, it takes `stand_in()` too.
"""

import hashlib

import numpy as np

from notturno.virtualband.chips.bus import BusNak
from notturno.virtualband.chips.part import Part, little_endian

CONFIG_BYTES = 8192
# Of Bosch's, as two packages of PyPI have it.
CONFIG_SHA256 = "2d75e68e343a13ff99be98261dfbd99d9e8c6f267da9e3c5aeb883276ad178db"
RATES_HZ = {code: 25.0 * 2 ** (code - 6) for code in range(1, 13)}
DEFAULTS = {0x00: 0x24, 0x40: 0xA8, 0x41: 0x02, 0x45: 0x88, 0x48: 0x02, 0x49: 0x10, 0x7C: 0x03}
READ_ONLY = set(range(0x00, 0x40))
BANDWIDTH_OF_RATE = {0: 0.16, 1: 0.3, 2: 0.4}  # -3 dB over the rate, by filter code; estimated
RESET_US, SAVE_US = 2000, 450  # silent; no write is taken for so long after one in power save
NO_TEMPERATURE = 0x8000


def stand_in() -> bytes:
    """Return bytes of a configuration's length that this model takes, and no chip does."""
    return hashlib.shake_128(b"no configuration of a BMI270").digest(CONFIG_BYTES)


class Bmi270(Part):
    """The chip in a world. A full FIFO that streams drops its oldest frame."""

    chip_name = "BMI270"
    address = 0x68
    KEY = 0x270270
    DRAWN_ERROR, WORST_ERROR = 0.02, 0.03  # estimated
    SPREAD_MG = 10.0  # estimated: 20 mg, from memory, taken as two standard deviations
    SAMPLE_BYTES = 6
    AGAIN_WHOLE = True
    FIFO_BYTES = 2048
    FIFO_OUT = 0x26
    DENSITY_UG = 160  # per sqrt(Hz), a digest of BST-BMI270-DS000-07

    @classmethod
    def on_flash(cls) -> dict[str, bytes]:
        """Return its program, or what stands for it here."""
        return {"bmi270.bin": stand_in()}

    def _reset(self, now_us: int) -> None:
        self._regs[:] = bytes(len(self._regs))
        for reg, value in DEFAULTS.items():
            self._regs[reg] = value
        self._full = False
        self._program = bytearray(CONFIG_BYTES)
        self._reset_until_us = now_us + RESET_US
        self._deaf_until_us = 0
        self._clear_fifo_state(now_us)

    def _write(self, reg: int, data: bytes, now_us: int) -> None:
        if now_us < self._reset_until_us:
            raise BusNak
        if now_us < self._deaf_until_us:
            return
        saves = self._regs[0x7C] & 1
        if reg == 0x5E:
            self._load(data)
        else:
            for i, value in enumerate(data):
                self._sync(now_us)
                self._write_one(reg + i, value, now_us)
        if saves:
            self._deaf_until_us = now_us + SAVE_US

    def _load(self, data: bytes) -> None:
        """A piece of the program; the address is where it was set, whatever came before."""
        at = 2 * (self._regs[0x5B] & 0x0F | self._regs[0x5C] << 4)
        if not self._regs[0x7C] & 1 and self._regs[0x59] == 0:
            self._program[at : at + len(data)] = data
            del self._program[CONFIG_BYTES:]

    def _write_one(self, reg: int, value: int, now_us: int) -> None:
        if reg == 0x7E:
            if value == 0xB6:
                self._reset(now_us)
            elif value == 0xB0:
                self._fifo.clear()
        elif reg not in READ_ONLY:
            self._regs[reg] = value
            if reg == 0x59 and value == 1:
                right = hashlib.sha256(self._program).hexdigest() == CONFIG_SHA256
                self._regs[0x21] = 1 if right or self._program == stand_in() else 2
            if reg in (0x48, 0x49):
                self._fifo.clear()
            self._forget_ahead(now_us)

    def _read(self, reg: int, n: int, now_us: int) -> bytes:
        if now_us < self._reset_until_us:
            raise BusNak
        self._sync(now_us)
        if reg == 0x26:  # the address stays here for a whole burst
            data = self._take(n)
            return data + (b"\x00\x80" * n)[: n - len(data)]
        regs = self._regs
        regs[0x1D] = regs[0x1D] & 0xFE | self._full
        if reg <= 0x1D < reg + n:
            self._full = False  # reading it clears it
        lsb = NO_TEMPERATURE
        if regs[0x7D] & 0x08 and self._initialised:
            lsb = round((self.world.temperature_c(now_us / 1e6) - 23.0) * 512) & 0xFFFF
        regs[0x22:0x24] = lsb.to_bytes(2, "little")
        regs[0x24:0x26] = len(self._fifo).to_bytes(2, "little")
        regs[0x0C:0x12] = little_endian(self._now(now_us)).tobytes()
        return bytes(regs[(reg + i) % len(regs)] for i in range(n))

    # --- samples -------------------------------------------------------------------------------

    @property
    def _initialised(self) -> bool:
        return self._regs[0x21] & 0x0F == 1

    @property
    def rate_hz(self) -> float:
        if not self._initialised or not self._regs[0x7D] & 0x04:
            return 0.0
        return RATES_HZ.get(self._regs[0x40] & 0x0F, 0.0) * (1.0 + self.odr_error)

    def _every(self) -> int:
        # Frames with a header are not modelled: nothing of ours asks for them.
        runs = self._regs[0x49] & 0x50 == 0x40 and self._regs[0x45] & 0x80
        return int(bool(runs and self.rate_hz))

    def _streams(self) -> bool:
        return not self._regs[0x48] & 0x01

    def _capacity_bytes(self) -> int:
        return self.FIFO_BYTES // self.SAMPLE_BYTES * self.SAMPLE_BYTES

    def _overran(self) -> None:
        self._full = True

    def _scale(self, rate_hz: float) -> tuple[float, float]:
        ug_per_lsb = 1e6 / (16384 >> (self._regs[0x41] & 3))
        share = BANDWIDTH_OF_RATE.get(self._regs[0x40] >> 4 & 7, 0.4)
        return ug_per_lsb, self.DENSITY_UG * np.sqrt(rate_hz * share) / 1000.0

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return little_endian(counts), at_us, slots
