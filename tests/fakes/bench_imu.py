"""A driver on a chip model on a bus, in one process, with a clock that only tests move."""

from array import array

from drivers.lsm6dsox import Lsm6dsox
from fakes.worlds import StillWorld
from notturno.virtualband.chips.bus import Clock, FakeI2C
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox as ChipModel


class Bench:
    """chip, bus, clock and driver wired together; `drain_s` collects samples as signed counts."""

    def __init__(self, world=None, seed=1, board=True, **chip_settings):
        self.world = world or StillWorld()
        self.chip = ChipModel(self.world, seed=seed, **chip_settings)
        self.clock = Clock()
        self.i2c = FakeI2C({0x6A: self.chip}, self.clock)
        ways_out = {"recreate": lambda: self.i2c, "unstick": self.chip.unstick} if board else {}
        self.imu = Lsm6dsox(self.i2c, self.clock.sleep_ms, **ways_out)
        self.buf = array("H", [0] * 192)

    def drain(self):
        """One drain: a list of (gap before, samples as a list of (x, y, z))."""
        runs = []
        while True:
            n = self.imu.drain_into(self.buf)
            counts = [(c ^ 0x8000) - 0x8000 for c in self.buf[: 3 * n]]
            xyz = list(zip(counts[0::3], counts[1::3], counts[2::3], strict=True))
            runs.append((self.imu.gap, xyz))
            if not self.imu.more:
                return runs

    def drain_for(self, seconds, every_ms=2000):
        """Drain as the band does; return all samples and the gaps that were reported."""
        samples, gaps = [], []
        self.begun_us = self.clock.now_us
        self.begun_level = self.level()
        for _ in range(round(seconds * 1000 / every_ms)):
            self.clock.sleep_ms(every_ms)
            for gap, xyz in self.drain():
                if gap:
                    gaps.append((gap, len(samples)))
                samples += xyz
        return samples, gaps

    @property
    def true_hz(self):
        """Rate of this part at 104 Hz nominal, also while it is powered down."""
        return 6667 / 64 * (1 + self.chip.odr_error)

    def sampled(self):
        """Samples since the last `drain_for` began, but for those still in the chip; +-2."""
        taken = (self.clock.now_us - self.begun_us) / 1e6 * self.chip.rate_hz
        return taken + self.begun_level - self.level()

    def level(self):
        """Words in the chip's FIFO now."""
        self.chip.int2(self.clock.now_us)
        return len(self.chip._fifo) // 7
