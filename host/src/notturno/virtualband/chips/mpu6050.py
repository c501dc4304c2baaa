"""InvenSense MPU-6050, MPU-6500 and MPU-6886 at their registers: a FIFO of bytes.

Touches the world given. Speaks register codes, bytes, microseconds of virtual time; mg from the
world. Behaviour after RM-MPU-6000A, RM-MPU-6500A, DS-000193; what is estimated says so.
"""

import numpy as np

from notturno.virtualband.chips.part import Part, big_endian

RESET_US = 5000  # estimated; the manuals ask for a wait of 100 ms
BANDWIDTH_HZ = {0: 218, 1: 218, 2: 99, 3: 45, 4: 21, 5: 10, 6: 5, 7: 420}
CONVERSION_HZ = 1000.0


class Mpu6050(Part):
    """The chip in a world. A full FIFO drops bytes: its head may be the middle of a sample."""

    chip_name = "MPU-6050"
    address = 0x68
    KEY = 0x268
    WHO, POWER_ON = 0x68, {0x6B: 0x40}  # asleep
    DRAWN_ERROR, WORST_ERROR = 0.02, 0.05  # RC oscillator; from memory
    SPREAD_MG = (25.0, 25.0, 40.0)  # 50, 50, 80 mg taken as two standard deviations
    SAMPLE_BYTES = 6
    FIFO_BYTES = 1024
    FIFO_OUT = 0x74
    DENSITY_UG = 400  # per sqrt(Hz), PS-MPU-6000A
    PER_C, ZERO_C = 340.0, 36.53
    FIFO_STOPS_BIT = 0  # of CONFIG

    def _reset(self, now_us: int) -> None:
        self._regs[:] = bytes(len(self._regs))
        for reg, value in {0x75: self.WHO, **self.POWER_ON}.items():
            self._regs[reg] = value
        self._overflow = False
        self._reset_until_us = now_us + RESET_US
        self._clear_fifo_state(now_us)

    def _write(self, reg: int, data: bytes, now_us: int) -> None:
        for value in data:
            self._sync(now_us)
            if reg == 0x6B and value & 0x80:
                self._reset(now_us)
            elif now_us < self._reset_until_us:
                pass  # a chip in its reset takes nothing
            elif reg not in (0x3A, 0x72, 0x73, 0x75) and not 0x3B <= reg <= 0x48:
                if reg == 0x6A and value & 0x04:
                    self._fifo.clear()
                    value &= ~0x04
                self._regs[reg] = value
                self._forget_ahead(now_us)
            reg += reg != 0x74

    def _read(self, reg: int, n: int, now_us: int) -> bytes:
        self._sync(now_us)
        if reg == 0x74:  # the address stays here for a whole burst
            data = self._take(n)
            return data + bytes(n - len(data))
        regs = self._regs
        regs[0x3A] = self._overflow << 4
        if reg <= 0x3A < reg + n:
            self._overflow = False
        regs[0x3B:0x41] = big_endian(self._now(now_us)).tobytes()
        lsb = round((self.world.temperature_c(now_us / 1e6) - self.ZERO_C) * self.PER_C)
        regs[0x41:0x43] = max(-32768, min(32767, lsb)).to_bytes(2, "big", signed=True)
        regs[0x72:0x74] = len(self._fifo).to_bytes(2, "big")
        out = bytearray(regs[(reg + i) % len(regs)] for i in range(n))
        if reg == 0x6B and now_us < self._reset_until_us:
            out[0] |= 0x80
        return bytes(out)

    # --- samples -------------------------------------------------------------------------------

    @property
    def rate_hz(self) -> float:
        if self._regs[0x6B] & 0x40:  # asleep
            return 0.0
        conversions_hz = CONVERSION_HZ if 1 <= self._regs[0x1A] & 7 <= 6 else 8 * CONVERSION_HZ
        return conversions_hz / (1 + self._regs[0x19]) * (1.0 + self.odr_error)

    def _every(self) -> int:
        runs = self._regs[0x6A] & 0x40 and self._regs[0x23] & 0x08
        return int(bool(runs and self.rate_hz))

    def _streams(self) -> bool:
        return not self._regs[0x1A] & self.FIFO_STOPS_BIT

    def _overran(self) -> None:
        self._overflow = True

    def _filter_code(self) -> int:
        return self._regs[0x1A] & 7

    def _scale(self, rate_hz: float) -> tuple[float, float]:
        ug_per_lsb = 1e6 / (16384 >> (self._regs[0x1C] >> 3 & 3))
        density_ug = self.DENSITY_UG
        return ug_per_lsb, density_ug * np.sqrt(BANDWIDTH_HZ[self._filter_code()]) / 1000.0

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return big_endian(counts), at_us, slots


class Mpu6500(Mpu6050):
    """A filter of the accelerometer's own; half the FIFO; may stop when that is full."""

    chip_name = "MPU-6500"
    KEY = 0x270
    WHO, POWER_ON = 0x70, {0x6B: 0x01}
    FIFO_BYTES = 512
    DENSITY_UG = 300  # from memory
    PER_C, ZERO_C = 333.87, 21.0
    FIFO_STOPS_BIT = 0x40

    def _filter_code(self) -> int:
        return self._regs[0x1D] & 7


class Mpu6886(Mpu6500):
    """As in the M5StickC Plus2: after each sample the FIFO gets the temperature (from memory)."""

    chip_name = "MPU-6886"
    KEY = 0x219
    WHO, POWER_ON = 0x19, {0x6B: 0x40, 0x1A: 0x80}
    SAMPLE_BYTES = 8
    FIFO_BYTES = 1024
    SPREAD_MG = 20.0  # estimated
    DENSITY_UG = 100  # DS-000193
    PER_C, ZERO_C = 326.8, 25.0

    def _frames(
        self, counts: np.ndarray, at_us: np.ndarray, slots: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        frames = np.zeros((len(counts), 8), np.uint8)
        frames[:, :6] = big_endian(counts)
        lsb = round((self.world.temperature_c(at_us[0] / 1e6) - self.ZERO_C) * self.PER_C)
        frames[:, 6:] = np.frombuffer(lsb.to_bytes(2, "big", signed=True), np.uint8)
        return frames, at_us, slots
