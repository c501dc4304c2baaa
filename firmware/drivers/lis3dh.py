"""ST LIS3DH: accelerometer into a FIFO of 32 samples, read in bursts.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`; register codes
(`_code`) never leave this file. Registers: ST's lis3dh_reg.h; how its FIFO behaves: AN3308, from
memory. It has no reset of its own, so each register in use is written. Its thermometer knows
changes alone, no degrees: it counts as none. A count is 1 mg of twelve bits at 2 g, which is no
whole number of 1/1000 mg of sixteen: that range is not used. At 16 g it is 12 mg, and full scale
no 16 g.
"""

from drivers.sensor import Sensor

AUTO_INCREMENT = 0x80  # of a register's address: a burst goes on to the next one
WHO_AM_I = 0x0F
CTRL_REG1 = 0x20  # [7:4] rate, b3 low power, [2:0] axes
CTRL_REG2 = 0x21  # high-pass filter
CTRL_REG4 = 0x23  # b7 block data update, [5:4] range, b3 high resolution
CTRL_REG5 = 0x24  # b6 FIFO
OUT_X_L = 0x28  # from here on the FIFO is read, round and round
FIFO_CTRL_REG = 0x2E  # [7:6] mode, [4:0] watermark
FIFO_SRC_REG = 0x2F

THREE_AXES = 0x07
NO_FILTER = 0x00
BDU_HIGH_RESOLUTION = 0x88
FIFO_ON = 0x40
FIFO_BYPASS, FIFO_STREAM = 0x00, 0x80
SRC_OVER_RUN = 0x40  # it holds 32, and the next sample pushes the oldest out
SRC_COUNT_MASK = 0x1F

RATES = {25: (0x3, 25000), 50: (0x4, 50000), 100: (0x5, 100000), 200: (0x6, 200000)}
# g -> (code, 1/1000 mg per count): 2 and 4 mg of twelve bits, left in sixteen
RANGES = {4: (1, 125), 8: (2, 250)}


class Lis3dh(Sensor):
    """One chip on one bus; see `drivers/__init__` for the contract."""

    chip_name = "LIS3DH"
    fifo_samples = 32
    gravity_tolerance_mg = 110  # 40 mg of offset an axis, 4 % of scale: from memory
    ADDRESSES = (0x18, 0x19)
    WHO_AM_I = WHO_AM_I
    IDS = (0x33,)
    RATES = RATES
    RANGES = RANGES
    FIFO_OUT = OUT_X_L | AUTO_INCREMENT

    def _configure(self, rate, span):
        rate_code, self.odr_mhz = rate
        range_code, self.ug_per_lsb = span
        self.stop()
        self._write(CTRL_REG2, NO_FILTER)
        self._write(CTRL_REG4, BDU_HIGH_RESOLUTION | range_code << 4)
        self._write(CTRL_REG5, FIFO_ON)
        self._write(CTRL_REG1, rate_code << 4 | THREE_AXES)
        self._sleep_ms(7000000 // self.odr_mhz + 1)  # 7 samples settle in high resolution

    def _begin(self):
        self._write(FIFO_CTRL_REG, FIFO_STREAM)

    def _empty(self):
        self._write(FIFO_CTRL_REG, FIFO_BYPASS)
        self._begin()

    def stop(self):
        """Power the sensor down; the FIFO is emptied."""
        self._write(FIFO_CTRL_REG, FIFO_BYPASS)
        self._write(CTRL_REG1, 0)

    def _look(self):
        held = self._read(FIFO_SRC_REG)
        if held & SRC_OVER_RUN:
            self._overran = True
            self._empty()
            return 0
        return (held & SRC_COUNT_MASK) * self.SAMPLE_BYTES
