"""ST LSM6DSOX or LSM6DSO: accelerometer into the FIFO, read in bursts.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`; register codes
(`_code`) never leave this file. Register names and bits: ST's lsm6dsox_reg.h, AN5192.
"""

import struct
from array import array

from drivers import GAP_BUS, GAP_NONE, GAP_OVERRUN, MAX_RUN, FaultCounts, SensorLost, WrongChip

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Names the viper emitter knows; elsewhere annotations are never evaluated to any use.
ptr8 = ptr16 = ptr32 = object

ADDRESS = 0x6A  # SDO/SA0 low; 0x6B high
WHO_AM_I_VALUE = 0x6C  # the DSO and the DSOX say the same

FIFO_CTRL1 = 0x07  # watermark, low byte
FIFO_CTRL2 = 0x08  # b0: watermark, bit 8
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

TAG_ACCEL = const(2)
TAG_TEMPERATURE = const(3)
TAG_TIMESTAMP = const(4)
TAG_CONFIG_CHANGE = const(5)
WORD_BYTES = const(7)
# 448 bytes = 10 ms at 400 kHz: the port's 50 ms limit counts for the whole transfer.
CHUNK_WORDS = MAX_RUN
TRIES_PER_RUNG = 3  # of a transfer, before the next rung of the ladder is climbed

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


class Lsm6dsox:
    """One chip on one bus; see `drivers/__init__` for the contract."""

    def __init__(self, i2c, sleep_ms, recreate=None, unstick=None, address=ADDRESS):
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._recreate = recreate
        self._unstick = unstick
        self._address = address
        self._one = bytearray(1)
        self._two = bytearray(2)
        self._chunk = bytearray(CHUNK_WORDS * WORD_BYTES)
        self._chunk_view = memoryview(self._chunk)
        self._chunk_words = 0  # words in _chunk
        self._level = 0  # words that the chip is known to hold
        self._place = new_place()
        self._gap_next = GAP_NONE
        self.faults = FaultCounts()
        self.gap = GAP_NONE
        self.more = False
        self.held = 0
        self.asks = 0
        self.odr_mhz = 0
        self.ug_per_lsb = 0
        self.range_g = 0
        self.sensor_id = 0

    # --- bus -----------------------------------------------------------------------------------

    def _transfer(self, write, register, buf):
        """Read into or write from buf, whatever it takes; raises SensorLost."""
        try:
            self._once(write, register, buf)
            return
        except OSError:
            self.faults.transfers += 1
        for rung in (None, self._recreate_bus, self._unstick_bus):
            if rung is not None and not rung():
                continue
            for _ in range(TRIES_PER_RUNG):
                self._sleep_ms(1)
                try:
                    self._once(write, register, buf)
                    return
                except OSError as error:
                    self.faults.transfers += 1
                    reason = error
        raise SensorLost("the sensor does not answer (%s): check its wires" % reason)

    def _once(self, write, register, buf):
        if write:
            self._i2c.writeto_mem(self._address, register, buf)
        else:
            self._i2c.readfrom_mem_into(self._address, register, buf)

    def _recreate_bus(self):
        if self._recreate is None:
            return False
        self._i2c = self._recreate()
        self.faults.recreated += 1
        return True

    def _unstick_bus(self):
        if self._unstick is None:
            return False
        self._unstick()
        self.faults.unstuck += 1
        self._recreate_bus()  # the pulses took the pins away from the bus
        return True

    def _write(self, register, code):
        self._one[0] = code
        self._transfer(True, register, self._one)

    def _read(self, register):
        self._transfer(False, register, self._one)
        return self._one[0]

    # --- life ----------------------------------------------------------------------------------

    def start(self, odr_hz=104, range_g=4, watermark=208):
        """Reset, configure and start the chip; odr_hz as in RATES, range_g as in RANGES."""
        if odr_hz not in RATES:
            raise ValueError("%r Hz: the rates are 26, 52, 104 and 208 Hz" % odr_hz)
        if range_g not in RANGES:
            raise ValueError("%r g: the ranges are 2, 4, 8 and 16 g" % range_g)
        rate_code, divisor = RATES[odr_hz]
        range_code, self.ug_per_lsb = RANGES[range_g]
        self.range_g = range_g
        self._check_chip()
        self._reset()
        self._write(CTRL3_C, BDU_IF_INC)
        self._write(CTRL6_C, XL_HIGH_PERFORMANCE)
        self._write(CTRL10_C, TIMESTAMP_EN)
        self._write(FIFO_CTRL1, watermark & 0xFF)
        self._write(FIFO_CTRL2, (watermark >> 8) & 1)
        self._write(FIFO_CTRL3, rate_code)
        self._write(INT2_CTRL, INT2_FIFO_TH)
        self._write(CTRL1_XL, rate_code << 4 | range_code << 2)
        # The trim register is right only while the sensor runs (two sample times are enough).
        self._sleep_ms(2000 // odr_hz + 1)
        trim = self._read(INTERNAL_FREQ_FINE)
        trim = (trim ^ 0x80) - 0x80
        # 6667 Hz * (1 + 0.0015 * trim) / divisor, in 1/1000 Hz
        self.odr_mhz = 6667 * (10000 + 15 * trim) // (10 * divisor)
        self._level = self._chunk_words = self._place[U_WORD] = self.held = 0
        self._place[U_SLOT] = -1
        self._gap_next = GAP_NONE
        # Last of all: switched on earlier, the first word of the FIFO would be a wrong one.
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
            self._read(WHO_AM_I)
        self.sensor_id = self._one[0]
        if self.sensor_id != WHO_AM_I_VALUE:
            raise WrongChip(
                "the chip at 0x%02x says it is 0x%02x; an LSM6DSOX or LSM6DSO says 0x%02x"
                % (self._address, self.sensor_id, WHO_AM_I_VALUE)
            )

    def _reset(self):
        self._write(FIFO_CTRL4, FIFO_BYPASS)  # while the FIFO streams, a reset is not acknowledged
        self._write(CTRL1_XL, 0)
        self._write(CTRL3_C, SW_RESET)
        self._sleep_ms(1)
        self._write(CTRL9_XL, I3C_DISABLE)  # the reset switched I3C on again
        for _ in range(20):
            if not self._read(CTRL3_C) & SW_RESET:
                return
            self._sleep_ms(1)
        raise SensorLost("the sensor does not come back from its reset")

    # --- samples -------------------------------------------------------------------------------

    def drain_into(self, samples):
        """Move the next unbroken run of samples to `samples`; return its length."""
        self.gap = self._gap_next
        self._gap_next = GAP_NONE
        place = self._place
        if place[U_WORD] >= self._chunk_words:
            if not self._level:
                self._ask()
            self._fetch()
        before = place[U_PARITY], place[U_SKIPPED]
        n = unpack(self._chunk, self._chunk_words, samples, place)
        self.faults.parity += place[U_PARITY] - before[0]
        self.faults.skipped += place[U_SKIPPED] - before[1]
        if place[U_BROKEN]:
            place[U_BROKEN] = 0
            self._gap_next = GAP_BUS
        self.more = self._level > 0 or place[U_WORD] < self._chunk_words
        return n

    def _ask(self):
        """Read the FIFO's fill level and whether it has overwritten samples."""
        self._transfer(False, FIFO_STATUS1, self._two)
        status2 = self._two[1]
        self._level = self._two[0] | (status2 & STATUS2_DIFF_MASK) << 8
        self.asks += 1
        # one word in 33 is a timestamp
        self.held = self._level - self._level // 33
        if status2 & STATUS2_OVER_RUN_LATCHED:
            self.faults.overruns += 1
            self.gap = GAP_OVERRUN
            self._place[U_SLOT] = -1

    def _fetch(self):
        """Read the next chunk of words from the FIFO to _chunk."""
        self._place[U_WORD] = self._chunk_words = 0
        for _ in range(3 * TRIES_PER_RUNG):
            n = min(self._level, CHUNK_WORDS)
            if not n:
                return
            try:
                self._once(False, FIFO_DATA_OUT_TAG, self._chunk_view[: n * WORD_BYTES])
                self._chunk_words = n
                self._level -= n
                if self.gap == GAP_OVERRUN:
                    # Until this burst the FIFO was full: what it overwrote meanwhile came before
                    # these samples too. Reading the status clears the flag.
                    self._transfer(False, FIFO_STATUS1, self._two)
                return
            except OSError:
                self.faults.transfers += 1
            # A burst that broke off may have taken words out of the FIFO. Only a FIFO as full as
            # before is unharmed; one word more or less shows in the slot counter.
            level = self._level
            self._sleep_ms(1)
            self._ask()
            if self._level < level:
                self.gap = self.gap or GAP_BUS
                self._place[U_SLOT] = -1
        raise SensorLost("the sensor answers, but its FIFO cannot be read: check the bus wires")

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC (0 counts are 25 degC)."""
        self._transfer(False, OUT_TEMP_L, self._two)
        return struct.unpack("<h", self._two)[0] + 25 * 256
