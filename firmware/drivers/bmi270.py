"""Bosch BMI270: accelerometer into a FIFO without headers, read in bursts.

Touches the I2C object given, and the file CONFIG. Speaks counts and units as in
`drivers/__init__`; register codes (`_code`) never leave this file. Registers: Bosch's bmi2_defs.h.

After each reset the chip wants its own program: 8192 bytes, Bosch's work under the BSD-3-Clause
licence, which do not come with this firmware. `notturno flash` puts them on the band.
"""

import struct

from drivers import WrongChip
from drivers.sensor import Sensor

CONFIG = "/bmi270.bin"  # in the band's root: no update takes it away
CONFIG_BYTES = 8192
PIECE_BYTES = 256  # of it, in one transfer: 6 ms

CHIP_ID = 0x00
INT_STATUS_1 = 0x1D  # b0: the FIFO is full
INTERNAL_STATUS = 0x21  # [3:0] 1: initialised, 2: the configuration was refused
TEMPERATURE_0 = 0x22
FIFO_LENGTH_0 = 0x24
FIFO_DATA = 0x26
ACC_CONF = 0x40  # [3:0] rate, [6:4] filter, b7: filter by performance
ACC_RANGE = 0x41
FIFO_CONFIG_0 = 0x48  # b0: stop when full, b1: append the time
FIFO_CONFIG_1 = 0x49  # b4: headers, b6: accelerometer
INIT_CTRL = 0x59
INIT_ADDR_0 = 0x5B  # [3:0], and eight bits in the next: the place in words
INIT_DATA = 0x5E
PWR_CONF = 0x7C  # b0: advanced power save
PWR_CTRL = 0x7D  # b2: accelerometer, b3: temperature
CMD = 0x7E

SOFT_RESET, FIFO_FLUSH = 0xB6, 0xB0
POWER_SAVE = 0x03
NORMAL_FILTER = 0xA0
ACCEL_TO_FIFO = 0x40
ACCEL_AND_TEMPERATURE = 0x0C
FIFO_FULL = 0x01
INITIALISED, REFUSED = 1, 2

RATES = {25: (0x6, 25000), 50: (0x7, 50000), 100: (0x8, 100000), 200: (0x9, 200000)}
# g -> (code, 1/1000 mg per count); 1 g is a power of two of counts, 0.06 % less than said here
RANGES = {2: (0, 61), 4: (1, 122), 8: (2, 244), 16: (3, 488)}


class Bmi270(Sensor):
    """One chip on one bus; see `drivers/__init__` for the contract."""

    chip_name = "BMI270"
    fifo_samples = 341  # 2 kB
    ADDRESSES = (0x68, 0x69)
    WHO_AM_I = CHIP_ID
    IDS = (0x24,)
    RATES = RATES
    RANGES = RANGES
    FIFO_OUT = FIFO_DATA

    def _configure(self, rate, span):
        rate_code, self.odr_mhz = rate
        range_code, self.ug_per_lsb = span
        self._write(CMD, SOFT_RESET)
        self._sleep_ms(3)  # 2 ms, in which it does not answer
        self._write(PWR_CONF, 0)  # what follows in power save would be lost for 450 us each
        self._sleep_ms(1)
        self._write(INIT_CTRL, 0)
        self._load()
        self._write(INIT_CTRL, 1)
        self._wait_until_initialised()
        self._write(ACC_CONF, NORMAL_FILTER | rate_code)
        self._write(ACC_RANGE, range_code)
        self._write(FIFO_CONFIG_0, 0)
        self._write(FIFO_CONFIG_1, ACCEL_TO_FIFO)
        self._write(PWR_CTRL, ACCEL_AND_TEMPERATURE)
        self._sleep_ms(50)  # the first samples settle

    def _load(self):
        """Write the configuration, each piece to its place."""
        piece = memoryview(bytearray(PIECE_BYTES))
        at = 0
        try:
            with open(CONFIG, "rb") as file:
                while file.readinto(piece) == PIECE_BYTES:
                    self._two[0] = at // 2 & 0x0F
                    self._two[1] = at // 2 >> 4
                    self._transfer(True, INIT_ADDR_0, self._two)
                    self._transfer(True, INIT_DATA, piece)
                    at += PIECE_BYTES
                    if at == CONFIG_BYTES:
                        return
        except OSError:
            pass  # no such file
        self._refuse("has %d of its %d bytes" % (at, CONFIG_BYTES))

    def _wait_until_initialised(self):
        for _ in range(150):
            status = self._read(INTERNAL_STATUS) & 0x0F
            if status in (INITIALISED, REFUSED):
                break
            self._sleep_ms(1)
        if status != INITIALISED:
            self._refuse("was not taken (%d)" % status)

    def _refuse(self, why):
        error = WrongChip("the %s's configuration %s" % (self.chip_name, why))
        error.lacks_config = True
        raise error

    def _begin(self):
        self._read(INT_STATUS_1)  # what was full before is no overrun
        self._empty()

    def _empty(self):
        self._write(CMD, FIFO_FLUSH)

    def stop(self):
        """Power the sensor down; the FIFO is emptied."""
        self._write(PWR_CTRL, 0)
        self._empty()
        self._write(PWR_CONF, POWER_SAVE)

    def _look(self):
        # The length first: an overflow between the two is then seen, not missed.
        self._transfer(False, FIFO_LENGTH_0, self._two)
        if self._read(INT_STATUS_1) & FIFO_FULL:  # reading it clears it
            self._overran = True
            self._empty()
            return 0
        return self._two[0] | (self._two[1] & 0x3F) << 8

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC (512 counts a degree, 0 is 23 degC)."""
        self._transfer(False, TEMPERATURE_0, self._two)
        return struct.unpack("<h", self._two)[0] // 2 + 23 * 256
