"""TDK ICM-42688-P: accelerometer into a FIFO of packets, read in bursts.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`; register codes
(`_code`) never leave this file. Registers: DS-000347, as quoted by public drivers. A packet is a
header, three words and a temperature; a full FIFO drops whole ones, and is emptied then.
"""

import struct

from drivers.sensor import Sensor, low_first

DEVICE_CONFIG = 0x11
FIFO_CONFIG = 0x16  # [7:6] mode
TEMP_DATA1 = 0x1D
INT_STATUS = 0x2D
FIFO_COUNTH = 0x2E
FIFO_DATA = 0x30
SIGNAL_PATH_RESET = 0x4B
INTF_CONFIG0 = 0x4C
PWR_MGMT0 = 0x4E  # [1:0] accelerometer, [3:2] gyroscope, b5: no temperature
ACCEL_CONFIG0 = 0x50  # [7:5] range, [3:0] rate
FIFO_CONFIG1 = 0x5F  # b0: accelerometer, b2: temperature
WHO_AM_I = 0x75
REG_BANK_SEL = 0x76

SOFT_RESET = 0x01
FIFO_FLUSH = 0x02
FIFO_BYPASS, FIFO_STREAM = 0x00, 0x40
ACCEL_AND_TEMPERATURE = 0x05
DATA_LOW_FIRST = 0x20  # of INTF_CONFIG0: the count in bytes, high byte first; the data low first
ALL_OFF, ACCEL_LOW_NOISE = 0x00, 0x03
INT_FIFO_FULL = 0x02
HEADER_BYTES = 1

RATES = {25: (0xA, 25000), 50: (0x9, 50000), 100: (0x8, 100000), 200: (0x7, 200000)}
# g -> (code, 1/1000 mg per count); 1 g is a power of two of counts, 0.06 % less than said here
RANGES = {2: (3, 61), 4: (2, 122), 8: (1, 244), 16: (0, 488)}


class Icm42688(Sensor):
    """One chip on one bus; see `drivers/__init__` for the contract."""

    chip_name = "ICM-42688-P"
    fifo_samples = 256  # 2 kB
    ADDRESSES = (0x68, 0x69)
    WHO_AM_I = WHO_AM_I
    IDS = (0x47,)
    RATES = RATES
    RANGES = RANGES
    SAMPLE_BYTES = 8
    FIFO_OUT = FIFO_DATA

    def _configure(self, rate, span):
        rate_code, self.odr_mhz = rate
        range_code, self.ug_per_lsb = span
        self._write(REG_BANK_SEL, 0)
        self._write(DEVICE_CONFIG, SOFT_RESET)
        self._sleep_ms(2)  # 1 ms by the data sheet, in which nothing is to be asked
        self._wait_until(DEVICE_CONFIG, SOFT_RESET, 0)
        self._write(INTF_CONFIG0, DATA_LOW_FIRST)
        self._write(ACCEL_CONFIG0, range_code << 5 | rate_code)
        self._write(FIFO_CONFIG1, ACCEL_AND_TEMPERATURE)
        self._write(PWR_MGMT0, ACCEL_LOW_NOISE)
        self._sleep_ms(50)  # for 200 us it takes no write; the first samples settle

    def _begin(self):
        self._empty()
        self._write(FIFO_CONFIG, FIFO_STREAM)

    def _empty(self):
        self._write(SIGNAL_PATH_RESET, FIFO_FLUSH)

    def stop(self):
        """Power the sensor down; the FIFO is emptied."""
        self._write(FIFO_CONFIG, FIFO_BYPASS)
        self._write(PWR_MGMT0, ALL_OFF)

    def _look(self):
        # The count first: an overflow between the two is then seen, not missed.
        self._transfer(False, FIFO_COUNTH, self._two)
        if self._read(INT_STATUS) & INT_FIFO_FULL:  # reading it clears it
            self._overran = True
            self._empty()
            return 0
        return self._two[0] << 8 | self._two[1]

    def _unpack(self, chunk, n, samples):
        low_first(chunk, n, samples, self.SAMPLE_BYTES, HEADER_BYTES)

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC (132.48 counts a degree, 0 is 25 degC)."""
        self._transfer(False, TEMP_DATA1, self._two)
        return struct.unpack("<h", self._two)[0] * 25600 // 13248 + 25 * 256
