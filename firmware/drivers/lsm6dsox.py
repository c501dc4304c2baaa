"""ST LSM6DSOX, LSM6DSO or LSM6DSO32: accelerometer into the FIFO, read in bursts.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`; register codes
(`_code`) never leave this file. Register names and bits: ST's lsm6dsox_reg.h, lsm6dso32_reg.h,
AN5192.
"""

import struct
from array import array

from drivers import GAP_BUS, GAP_OVERRUN
from drivers.sensor import Sensor

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Names the viper emitter knows; elsewhere annotations are never evaluated to any use.
ptr8 = ptr16 = ptr32 = object

ADDRESS, OTHER_ADDRESS = 0x6A, 0x6B  # SDO/SA0 low, high
WHO_AM_I_VALUE = 0x6C  # the DSO, the DSOX and the DSO32 say the same

FIFO_CTRL1 = 0x07  # watermark, low byte
FIFO_CTRL2 = 0x08  # b0: watermark, bit 8; b7: stop there
FIFO_CTRL3 = 0x09  # [3:0] rate of accelerometer words
FIFO_CTRL4 = 0x0A  # [2:0] mode, [7:6] timestamp words
INT2_CTRL = 0x0E
WHO_AM_I = 0x0F
CTRL1_XL = 0x10  # [7:4] rate, [3:2] range
CTRL3_C = 0x12
CTRL6_C = 0x15
CTRL9_XL = 0x18
CTRL10_C = 0x19
OUT_TEMP_L = 0x20
OUTX_L_A = 0x28
FIFO_STATUS1 = 0x3A
INTERNAL_FREQ_FINE = 0x63
FIFO_DATA_OUT_TAG = 0x78

SW_RESET = 0x01
BDU_IF_INC = 0x44  # output registers change as one; addresses count up in a burst
I3C_DISABLE = 0xE2
XL_HIGH_PERFORMANCE = 0x00  # CTRL6_C b4 clear; low power has 3.6 times the noise
TIMESTAMP_EN = 0x20
INT2_FIFO_TH = 0x08  # INT1 is not used: high at reset it puts the chip into I3C
FIFO_BYPASS = 0x00
FIFO_STREAM_TIMESTAMP_32 = 0xC6  # stream mode, a timestamp word every 32 samples
STATUS2_OVER_RUN_LATCHED = 0x08
STATUS2_DIFF_MASK = 0x03

# nominal Hz -> (code, divisor): rate = 6667 Hz / divisor, corrected by INTERNAL_FREQ_FINE
RATES = {26: (0x2, 256), 52: (0x3, 128), 104: (0x4, 64), 208: (0x5, 32)}
# g -> (code, 1/1000 mg per count). The order of the codes is not monotonic.
RANGES = {2: (0x0, 61), 4: (0x2, 122), 8: (0x3, 244), 16: (0x1, 488)}
RANGES_DSO32 = {4: (0x0, 122), 8: (0x2, 244), 16: (0x3, 488), 32: (0x1, 976)}

TAG_ACCEL = const(2)
TAG_TEMPERATURE = const(3)
TAG_TIMESTAMP = const(4)
TAG_CONFIG_CHANGE = const(5)
WORD_BYTES = const(7)

PROBE_HZ, PROBE_G = 104, 4  # at which gravity tells the DSO32 apart

# Words of the array that `unpack` keeps its place and its counts in
U_WORD = const(0)  # next word of the chunk to look at
U_SLOT = const(1)  # 2-bit slot counter of the last word, -1: unknown
U_BROKEN = const(2)  # 1: stopped because the next sample does not follow the last
U_PARITY = const(3)  # words with wrong tag parity
U_SKIPPED = const(4)  # words of another kind, or lost slots
U_TIMESTAMP_LO = const(5)  # last timestamp, 25 us ticks, two halves of 16 bit
U_TIMESTAMP_HI = const(6)
U_TEMPERATURE_LSB = const(7)
U_TAGS = const(8)  # tag bytes of a good sample, by slot
UNPACK_WORDS = 12


def unpack(words: ptr8, n: int, samples: ptr16, place: ptr32) -> int:
    """Sort FIFO words from place[U_WORD] to n; return the number of samples written.

    Stops before a word that does not follow the one before (slot counter), after a damaged tag and
    after a configuration change, with place[U_BROKEN] = 1; call again to go on.
    """
    word = place[U_WORD]
    slot = place[U_SLOT]
    want = 0  # tag byte of the sample that follows; 0 is no tag
    if slot >= 0:
        want = place[U_TAGS + ((slot + 1) & 3)]
    at = word * WORD_BYTES
    j = 0
    count = 0
    while word < n:
        tag = words[at]
        if tag == want:
            slot = slot + 1
            want = place[U_TAGS + ((slot + 1) & 3)]
            samples[j] = words[at + 1] | (words[at + 2] << 8)
            samples[j + 1] = words[at + 3] | (words[at + 4] << 8)
            samples[j + 2] = words[at + 5] | (words[at + 6] << 8)
            j = j + 3
            count = count + 1
            at = at + WORD_BYTES
            word = word + 1
        else:
            kind = tag >> 3
            took = 1  # words that this one takes off the chunk
            # even parity over the tag byte
            parity = tag ^ (tag >> 4)
            parity = parity ^ (parity >> 2)
            if (parity ^ (parity >> 1)) & 1:
                place[U_PARITY] = place[U_PARITY] + 1
                place[U_BROKEN] = 1
            elif kind == TAG_ACCEL:
                took = 0
                if slot >= 0:  # samples are missing before this one
                    place[U_SKIPPED] = place[U_SKIPPED] + 1
                    place[U_BROKEN] = 1
                else:  # the first one: whatever its slot is
                    slot = ((tag >> 1) & 3) + 3
                    want = tag
            elif kind == TAG_TIMESTAMP:
                place[U_TIMESTAMP_LO] = words[at + 1] | (words[at + 2] << 8)
                place[U_TIMESTAMP_HI] = words[at + 3] | (words[at + 4] << 8)
            elif kind == TAG_TEMPERATURE:
                place[U_TEMPERATURE_LSB] = words[at + 1] | (words[at + 2] << 8)
            else:
                place[U_SKIPPED] = place[U_SKIPPED] + 1
                if kind == TAG_CONFIG_CHANGE:
                    place[U_BROKEN] = 1
            word = word + took
            at = at + took * WORD_BYTES
            if place[U_BROKEN]:
                slot = 0 - 1
                n = 0
    place[U_WORD] = word
    place[U_SLOT] = slot
    if slot >= 0:
        place[U_SLOT] = slot & 3
    return count


def new_place():
    """Return the array that `unpack` keeps its place in."""
    place = array("i", [0] * UNPACK_WORDS)
    place[U_SLOT] = -1
    for slot in range(4):
        tag = TAG_ACCEL << 3 | slot << 1
        place[U_TAGS + slot] = tag | (tag >> 4 ^ tag >> 2 ^ tag >> 1) & 1  # even parity
    return place


class Lsm6dsox(Sensor):
    """One chip on one bus; see `drivers/__init__` for the contract."""

    chip_name = "LSM6DSOX"
    fifo_samples = 496  # 512 words, one in 33 a timestamp
    ADDRESSES = (ADDRESS, OTHER_ADDRESS)
    WHO_AM_I = WHO_AM_I
    IDS = (WHO_AM_I_VALUE,)
    RATES = RATES
    RANGES = RANGES
    SAMPLE_BYTES = WORD_BYTES
    FIFO_OUT = FIFO_DATA_OUT_TAG

    def __init__(self, i2c, sleep_ms, recreate=None, unstick=None, address=None):
        super().__init__(i2c, sleep_ms, recreate, unstick, address)
        self._place = new_place()
        self._told_apart = False

    # --- life ----------------------------------------------------------------------------------

    def _configure(self, rate, span):
        rate_code, divisor = rate
        range_code, self.ug_per_lsb = span
        self._reset()
        self._write(CTRL10_C, TIMESTAMP_EN)
        self._write(FIFO_CTRL1, self.watermark)  # half the FIFO at most: eight bits
        self._write(FIFO_CTRL2, 0)
        self._write(FIFO_CTRL3, rate_code)
        self._write(INT2_CTRL, INT2_FIFO_TH)
        self._write(CTRL1_XL, rate_code << 4 | range_code << 2)
        # The trim register is right only while the sensor runs (two sample times are enough).
        self._sleep_ms(2 * divisor * 1000 // 6667 + 1)
        trim = self._read(INTERNAL_FREQ_FINE)
        trim = (trim ^ 0x80) - 0x80
        # 6667 Hz * (1 + 0.0015 * trim) / divisor, in 1/1000 Hz
        self.odr_mhz = 6667 * (10000 + 15 * trim) // (10 * divisor)
        self._place[U_WORD] = 0
        self._place[U_SLOT] = -1

    def _begin(self):
        # Switched on earlier, the first word of the FIFO would be a wrong one.
        self._write(FIFO_CTRL4, FIFO_STREAM_TIMESTAMP_32)

    def stop(self):
        """Power the sensor down; the FIFO is emptied."""
        self._write(FIFO_CTRL4, FIFO_BYPASS)
        self._write(CTRL1_XL, 0)

    def _check_chip(self):
        try:
            self._once(False, WHO_AM_I, self._one)
        except OSError:
            self.faults.transfers += 1
            # INT1 high at power-on: the chip waits for an I3C host. This write it still takes.
            self._write(CTRL9_XL, I3C_DISABLE)
        super()._check_chip()

    def _reset(self):
        self._write(FIFO_CTRL4, FIFO_BYPASS)  # while the FIFO streams, a reset is not acknowledged
        self._write(CTRL1_XL, 0)
        self._write(CTRL3_C, SW_RESET)
        self._sleep_ms(1)
        silent = self._is_silent() and self._is_silent()
        self._write(CTRL9_XL, I3C_DISABLE)  # the reset switched I3C on again
        if silent and not self._is_silent():
            self.int1_high = True
        self._wait_until(CTRL3_C, SW_RESET, 0)
        self._write(CTRL3_C, BDU_IF_INC)
        self._write(CTRL6_C, XL_HIGH_PERFORMANCE)

    def _is_silent(self):
        """Does the chip not answer? One that has been reset with INT1 high waits for I3C."""
        try:
            self._once(False, WHO_AM_I, self._one)
            return False
        except OSError:
            return True

    def _tell_apart(self):
        """Decide by gravity whether the ranges are those of the DSO32; see `drivers/apart`."""
        if self._told_apart:
            return
        from drivers.apart import is_halved

        self._reset()
        code, ug_per_lsb = RANGES[PROBE_G]
        self._write(CTRL1_XL, RATES[PROBE_HZ][0] << 4 | code << 2)
        self._sleep_ms(30)  # the first samples settle
        xyz = bytearray(6)

        def read_mg():
            self._transfer(False, OUTX_L_A, xyz)
            return [count * ug_per_lsb // 1000 for count in struct.unpack("<hhh", xyz)]

        halved, self._told_apart = is_halved(read_mg, self._sleep_ms)
        self.RANGES = RANGES_DSO32 if halved else RANGES
        self.chip_name = "LSM6DSO32" if halved else "LSM6DSOX"

    # --- samples -------------------------------------------------------------------------------

    def _take(self, samples):
        place = self._place
        place[U_WORD] = self._taken
        parity, skipped = place[U_PARITY], place[U_SKIPPED]
        n = unpack(self._chunk, self._chunk_words, samples, place)
        self.faults.parity += place[U_PARITY] - parity
        self.faults.skipped += place[U_SKIPPED] - skipped
        self._taken = place[U_WORD]
        if place[U_BROKEN]:
            place[U_BROKEN] = 0
            self._gap_next = GAP_BUS
        return n

    def _ask(self):
        """Read the FIFO's fill level and whether it has overwritten samples."""
        self._transfer(False, FIFO_STATUS1, self._two)
        status2 = self._two[1]
        self._level = self._two[0] | (status2 & STATUS2_DIFF_MASK) << 8
        self._answered()
        # one word in 33 is a timestamp
        self.held = self._level - self._level // 33
        if status2 & STATUS2_OVER_RUN_LATCHED:
            self.faults.overruns += 1
            self.gap = GAP_OVERRUN
            self._place[U_SLOT] = -1

    def _after_burst(self):
        if self.gap == GAP_OVERRUN:
            # Until this burst the FIFO was full: what it overwrote meanwhile came before these
            # samples too. Reading the status clears the flag.
            self._transfer(False, FIFO_STATUS1, self._two)

    def _after_broken_burst(self):
        # Only a FIFO as full as before is unharmed; one word more or less shows in the slots.
        level = self._level
        self._ask()
        if self._level < level:
            self.gap = self.gap or GAP_BUS
            self._place[U_SLOT] = -1

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC (0 counts are 25 degC)."""
        self._transfer(False, OUT_TEMP_L, self._two)
        return struct.unpack("<h", self._two)[0] + 25 * 256
