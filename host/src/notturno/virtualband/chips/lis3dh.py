"""ST LIS3DH at its registers: a FIFO of 32 samples of twelve bits, left in sixteen.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time; mg from the
world. Registers by ST's lis3dh_reg.h; the rest after AN3308, from memory; what is estimated says
so. Not modelled: its reboot, its filter, its interrupts, its thermometer of differences.
"""

import numpy as np

from notturno.virtualband.chips.part import Part, little_endian

RATES_HZ = {1: 1.0, 2: 10.0, 3: 25.0, 4: 50.0, 5: 100.0, 6: 200.0, 7: 400.0}
LOW_POWER_HZ, NORMAL_HZ = {8: 1600.0, 9: 5376.0}, {9: 1344.0}
DEFAULTS = {0x0F: 0x33, 0x1E: 0x10, 0x20: 0x07}
READ_ONLY = {*range(0x1E), *range(0x27, 0x2E), 0x2F, 0x31, 0x35, 0x39, *range(0x40, 0x80)}
BYPASS, FIFO_STOPS = 0, 1
MG_PER_DIGIT = (1, 2, 4, 12)  # of twelve bits, by range


class Lis3dh(Part):
    """The chip in a world. A full FIFO that streams drops its oldest sample, and says it is full.

    A sample that was read in part comes again, whole (from memory).
    """

    chip_name = "LIS3DH"
    address = 0x18
    KEY = 0x33
    DRAWN_ERROR, WORST_ERROR = 0.05, 0.1  # from memory
    SPREAD_MG = 20.0  # estimated: 40 mg is typical, taken as two standard deviations
    SAMPLE_BYTES = 6
    AGAIN_WHOLE = True
    FIFO_BYTES = 192
    FIFO_OUT = 0xA8
    DENSITY_UG = 220  # per sqrt(Hz); from memory

    def _reset(self, now_us: int) -> None:
        self._regs[:] = bytes(len(self._regs))
        for reg, value in DEFAULTS.items():
            self._regs[reg] = value
        self._full = False
        self._clear_fifo_state(now_us)

    def _write(self, reg: int, data: bytes, now_us: int) -> None:
        increments, reg = reg & 0x80, reg & 0x7F
        for value in data:
            self._sync(now_us)
            if reg not in READ_ONLY:
                self._regs[reg] = value
                if reg in (0x20, 0x23, 0x24, 0x2E):
                    self._forget_ahead(now_us)
                if reg == 0x2E and value >> 6 == BYPASS:
                    self._fifo.clear()
                    self._full = False
            reg += bool(increments)

    def _read(self, reg: int, n: int, now_us: int) -> bytes:
        self._sync(now_us)
        increments, reg = reg & 0x80, reg & 0x7F
        regs = self._regs
        if reg == 0x28 and increments and self._fifo_is_read():
            data = self._take(n // 6 * 6)  # the address goes round from the last axis to the first
            self._full = False
            return data + bytes(n - len(data))
        held = len(self._fifo) // 6
        full = self._full or held == 32
        above = held > regs[0x2E] & 0x1F
        regs[0x2F] = above << 7 | full << 6 | (not held) << 5 | min(held, 31)
        regs[0x28:0x2E] = little_endian(self._left(self._now(now_us))).tobytes()
        if not increments:
            return bytes([regs[reg]]) * n
        return bytes(regs[(reg + i) % len(regs)] for i in range(n))

    def _fifo_is_read(self) -> bool:
        return bool(self._regs[0x24] & 0x40 and self._regs[0x2E] >> 6 != BYPASS)

    # --- samples -------------------------------------------------------------------------------

    @property
    def rate_hz(self) -> float:
        code, low_power = self._regs[0x20] >> 4, self._regs[0x20] & 0x08
        more = LOW_POWER_HZ if low_power else NORMAL_HZ
        return (RATES_HZ | more).get(code, 0.0) * (1.0 + self.odr_error)

    def _every(self) -> int:
        return int(bool(self._fifo_is_read() and self.rate_hz))

    def _streams(self) -> bool:
        return self._regs[0x2E] >> 6 != FIFO_STOPS

    def _overran(self) -> None:
        self._full = True

    def _digits(self) -> int:
        """Return the bits of a count: 8 in low power, 12 in high resolution, else 10."""
        if self._regs[0x20] & 0x08:
            return 8
        return 12 if self._regs[0x23] & 0x08 else 10

    def _scale(self, rate_hz: float) -> tuple[float, float]:
        ug_per_lsb = MG_PER_DIGIT[self._regs[0x23] >> 4 & 3] * 1000 / 16
        return ug_per_lsb, self.DENSITY_UG * np.sqrt(rate_hz / 2) / 1000.0

    def _left(self, counts: np.ndarray) -> np.ndarray:
        """Return counts of sixteen bits with those cleared that the resolution has not."""
        step = 1 << (16 - self._digits())
        return np.floor(counts / step) * step

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return little_endian(self._left(counts)), at_us, slots
