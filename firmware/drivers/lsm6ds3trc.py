"""ST LSM6DS3TR-C: accelerometer into a FIFO of 16-bit words, read in bursts.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`; register codes
(`_code`) never leave this file. Register names and bits: ST's lsm6ds3tr-c_reg.h. Its words carry
no tag: a sample is three of them, and a FIFO that has lost words is emptied.
"""

import struct

from drivers.sensor import Sensor

FIFO_CTRL3 = 0x08  # [2:0] decimation of accelerometer words
FIFO_CTRL5 = 0x0A  # [6:3] rate, [2:0] mode
CTRL1_XL = 0x10  # [7:4] rate, [3:2] range
CTRL3_C = 0x12
CTRL6_C = 0x15
OUT_TEMP_L = 0x20
FIFO_STATUS1 = 0x3A
FIFO_DATA_OUT_L = 0x3E

SW_RESET = 0x01
BDU_IF_INC = 0x44
XL_HIGH_PERFORMANCE = 0x00
NO_DECIMATION = 0x01
FIFO_BYPASS = 0x00
FIFO_CONTINUOUS = 0x06
STATUS2_OVER_RUN = 0x40
STATUS2_DIFF_MASK = 0x07

# nominal Hz -> (code, rate in 1/1000 Hz): 6667 Hz by powers of two; it has no trim register
RATES = {26: (0x2, 26043), 52: (0x3, 52086), 104: (0x4, 104172), 208: (0x5, 208344)}
# g -> (code, 1/1000 mg per count). The order of the codes is not monotonic.
RANGES = {2: (0x0, 61), 4: (0x2, 122), 8: (0x3, 244), 16: (0x1, 488)}


class Lsm6ds3trc(Sensor):
    """One chip on one bus; see `drivers/__init__` for the contract."""

    chip_name = "LSM6DS3TR-C"
    fifo_samples = 682  # 4 kB
    gravity_tolerance_mg = 90  # 40 mg of offset an axis (from memory), 2 % of scale
    ADDRESSES = (0x6A, 0x6B)
    WHO_AM_I = 0x0F
    IDS = (0x6A,)
    RATES = RATES
    RANGES = RANGES
    FIFO_OUT = FIFO_DATA_OUT_L

    def _configure(self, rate, span):
        rate_code, self.odr_mhz = rate
        range_code, self.ug_per_lsb = span
        self._rate_code = rate_code
        self.stop()
        self._write(CTRL3_C, SW_RESET)
        self._sleep_ms(1)
        self._wait_until(CTRL3_C, SW_RESET, 0)
        self._write(CTRL3_C, BDU_IF_INC)
        self._write(CTRL6_C, XL_HIGH_PERFORMANCE)
        self._write(FIFO_CTRL3, NO_DECIMATION)
        self._write(CTRL1_XL, rate_code << 4 | range_code << 2)
        self._sleep_ms(2000000 // self.odr_mhz + 1)  # the first samples settle

    def _begin(self):
        self._write(FIFO_CTRL5, self._rate_code << 3 | FIFO_CONTINUOUS)

    def stop(self):
        """Power the sensor down; the FIFO is emptied."""
        self._write(FIFO_CTRL5, FIFO_BYPASS)
        self._write(CTRL1_XL, 0)

    def _look(self):
        self._transfer(False, FIFO_STATUS1, self._two)
        if self._two[1] & STATUS2_OVER_RUN:
            self._overran = True
            self._empty()  # it dropped words, not samples
            return 0
        return 2 * (self._two[0] | (self._two[1] & STATUS2_DIFF_MASK) << 8)

    def _empty(self):
        self._write(FIFO_CTRL5, FIFO_BYPASS)
        self._begin()

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC (0 counts are 25 degC)."""
        self._transfer(False, OUT_TEMP_L, self._two)
        return struct.unpack("<h", self._two)[0] + 25 * 256
