"""InvenSense MPU-6050, MPU-6500 and MPU-6886: accelerometer into the FIFO, read in bursts.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`; register codes
(`_code`) never leave this file. Registers: RM-MPU-6000A, RM-MPU-6500A, DS-000193. A full FIFO
drops bytes, not samples: it is emptied then. The rate comes from the chip's RC oscillator, for
the gyroscope, whose resonator is steadier, costs 3 mA.
"""

import struct

from drivers.sensor import Sensor, high_first

SMPLRT_DIV = 0x19
CONFIG = 0x1A  # b6 of the 6500 and 6886: stop when full; [2:0] filter
ACCEL_CONFIG = 0x1C  # [4:3] range
ACCEL_CONFIG2 = 0x1D  # 6500, 6886: [2:0] filter of the accelerometer
FIFO_EN = 0x23
INT_STATUS = 0x3A
TEMP_OUT_H = 0x41
USER_CTRL = 0x6A
PWR_MGMT_1 = 0x6B
PWR_MGMT_2 = 0x6C
FIFO_COUNT_H = 0x72
FIFO_R_W = 0x74

DEVICE_RESET = 0x80
INTERNAL_CLOCK = 0x00  # awake, RC oscillator
GYRO_OFF = 0x07
FILTER_44_HZ = 0x03  # conversions at 1 kHz; streams
ACCEL_TO_FIFO = 0x08
FIFO_RUNS = 0x40
FIFO_RESET = 0x04
FIFO_OVERFLOW = 0x10

RATES = {25: 39, 50: 19, 100: 9, 200: 4}  # nominal Hz -> divider of 1 kHz, less one
# g -> (code, 1/1000 mg per count); 1 g is a power of two of counts, 0.06 % less than said here
RANGES = {2: (0, 61), 4: (1, 122), 8: (2, 244), 16: (3, 488)}


class Mpu6050(Sensor):
    """One chip on one bus; see `drivers/__init__` for the contract."""

    chip_name = "MPU-6050"
    fifo_samples = 170  # 1 kB
    gravity_tolerance_mg = 140  # 50, 50 and 80 mg of offset, 3 % of scale: PS-MPU-6000A, 6.2
    ADDRESSES = (0x68, 0x69)
    WHO_AM_I = 0x75
    IDS = (0x68,)
    RATES = RATES
    RANGES = RANGES
    FIFO_OUT = FIFO_R_W
    TEMPERATURE = 34000, 36530  # counts per 100 degC, 1/1000 degC at 0

    def _configure(self, rate, span):
        range_code, self.ug_per_lsb = span
        self.odr_mhz = 1000000 // (rate + 1)
        self._write(PWR_MGMT_1, DEVICE_RESET)
        self._sleep_ms(50)
        self._wait_until(PWR_MGMT_1, DEVICE_RESET, 0)
        self._write(PWR_MGMT_1, INTERNAL_CLOCK)
        self._write(PWR_MGMT_2, GYRO_OFF)
        self._write(SMPLRT_DIV, rate)
        self._write(CONFIG, FILTER_44_HZ)
        self._write(ACCEL_CONFIG, range_code << 3)
        self._filter()
        self._write(FIFO_EN, ACCEL_TO_FIFO)
        self._sleep_ms(30)  # the first samples settle

    def _filter(self):
        """The MPU-6050 has one filter for all; the others one more."""

    def _begin(self):
        self._write(USER_CTRL, FIFO_RESET)
        self._write(USER_CTRL, FIFO_RUNS)

    _empty = _begin

    def stop(self):
        """Power the sensor down; the FIFO is emptied."""
        self._write(USER_CTRL, FIFO_RESET)
        self._write(PWR_MGMT_1, 0x40)  # sleep

    def _look(self):
        # The count first: an overflow between the two is then seen, not missed.
        self._transfer(False, FIFO_COUNT_H, self._two)
        if self._read(INT_STATUS) & FIFO_OVERFLOW:  # reading it clears it
            self._overran = True
            self._empty()
            return 0
        return self._two[0] << 8 | self._two[1]

    def _unpack(self, chunk, n, samples):
        high_first(chunk, n, samples, self.SAMPLE_BYTES)

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC."""
        self._transfer(False, TEMP_OUT_H, self._two)
        per_100_c, zero_mc = self.TEMPERATURE
        return struct.unpack(">h", self._two)[0] * 25600 // per_100_c + zero_mc * 256 // 1000


class Mpu6500(Mpu6050):
    """The same registers, half the FIFO, a filter of the accelerometer's own."""

    chip_name = "MPU-6500"
    fifo_samples = 85  # 512 bytes
    IDS = (0x70,)
    gravity_tolerance_mg = 135  # 60 mg an axis, 3 %: from memory of PS-MPU-6500A
    TEMPERATURE = 33387, 21000

    def _filter(self):
        self._write(ACCEL_CONFIG2, FILTER_44_HZ)


class Mpu6886(Mpu6500):
    """As the MPU-6500; its FIFO gets the temperature after each sample (from memory)."""

    chip_name = "MPU-6886"
    fifo_samples = 128  # 1 kB
    IDS = (0x19,)
    gravity_tolerance_mg = 90  # 40 mg an axis, 2 %: from memory of DS-000193
    SAMPLE_BYTES = 8
    TEMPERATURE = 32680, 25000
