"""What every driver shares: the bus and its ladder of recovery, and the way out of a FIFO.

Touches the I2C object given. Speaks counts and units as in `drivers/__init__`. A driver says its
registers: a class with the constants below and the methods from `_configure` on.
"""

from notturno_core import sensors, wire

from drivers import GAP_BUS, GAP_NONE, GAP_OVERRUN, MAX_RUN, FaultCounts, SensorLost, WrongChip

TRIES_PER_RUNG = 3  # of a transfer, before the next rung of the ladder is climbed
NEARLY_FULL_SAMPLES = 4  # a plain FIFO this near to full may be cut before a burst is through
RATE_FIT_PCT = 5  # how far the nearest rate may be from the one asked for


class Sensor:
    """One chip on one bus; see `drivers/__init__` for the contract."""

    # --- what a driver says --------------------------------------------------------------------

    chip_name = ""  # for people
    fifo_samples = 0  # that the FIFO holds
    gravity_tolerance_mg = 60  # of |g| at rest: 20 mg of offset an axis, 2 % of scale, and some
    ADDRESSES = ()  # the first one: the address pin as most breakouts have it
    WHO_AM_I = 0  # register of its identity
    IDS = ()
    RATES = {}  # nominal Hz -> whatever `_configure` needs
    RANGES = {}  # g -> the same
    SAMPLE_BYTES = 6  # of one sample in the FIFO
    FIFO_OUT = 0  # register that a burst is read from

    def _configure(self, rate, span):
        """Reset and configure; sets odr_mhz, ug_per_lsb. rate, span: values of RATES, RANGES."""
        raise NotImplementedError

    def _begin(self):
        """Let samples into the empty FIFO: the last thing that `start` does."""
        raise NotImplementedError

    def stop(self):
        """Stop sampling."""
        raise NotImplementedError

    def _look(self):
        """Return the bytes in the FIFO; sets `_overran` when samples were lost to a full one."""
        raise NotImplementedError

    def _empty(self):
        """Throw away what the FIFO holds: samples in it may be cut in the middle."""
        raise NotImplementedError

    def _unpack(self, chunk, n, samples):
        """Write n samples of the FIFO's bytes to `samples`: see `low_first`, `high_first`."""
        low_first(chunk, n, samples, self.SAMPLE_BYTES)

    def temperature_q8_c(self):
        """Return the chip's temperature, 1/256 degC; this: it has no thermometer."""
        return wire.NO_TEMPERATURE_Q8_C

    def _tell_apart(self):
        """Chips that share an identity: set chip_name and RANGES before they are used."""

    # --- life ----------------------------------------------------------------------------------

    def __init__(self, i2c, sleep_ms, recreate=None, unstick=None, address=None):
        self._i2c = i2c
        self._sleep_ms = sleep_ms
        self._recreate = recreate
        self._unstick = unstick
        self._address = self.address = self.ADDRESSES[0] if address is None else address
        self._one = bytearray(1)
        self._two = bytearray(2)
        self._chunk = bytearray(MAX_RUN * self.SAMPLE_BYTES)
        # One view for each length of a burst, made now: a drain takes no memory.
        view = memoryview(self._chunk)
        self._views = [view[: n * self.SAMPLE_BYTES] for n in range(MAX_RUN + 1)]
        self._chunk_words = 0  # words in _chunk
        self._taken = 0  # of these, given out
        self._level = 0  # words that the chip is known to hold
        self._overran = False
        self._gap_next = GAP_NONE
        self.faults = FaultCounts()
        self.gap = GAP_NONE
        self.more = False
        self.held = 0
        self.asks = self.asked_ms = 0
        self.now_ms = None
        self.watermark = 0
        self.odr_mhz = 0
        self.odr_ppm = 0
        self.int1_high = False
        self.ug_per_lsb = 0
        self.range_g = 0
        self.sensor_id = 0

    def found(self):
        """It is: see `find.Unfound`."""
        return self

    def start(self, odr_hz=104, range_g=4, watermark=208):
        """Reset, configure and start the chip: its nearest rate, its narrowest range that fits."""
        self._check_chip()
        self._tell_apart()
        rate_hz = min(self.RATES, key=lambda hz: abs(hz - odr_hz))
        if abs(rate_hz - odr_hz) * 100 > RATE_FIT_PCT * odr_hz:
            raise ValueError(
                "%r Hz: an %s has %s Hz" % (odr_hz, self.chip_name, _list(self.RATES))
            )
        spans = [g for g in self.RANGES if g >= range_g]
        if not spans:
            raise ValueError(
                "%r g: an %s has %s g" % (range_g, self.chip_name, _list(self.RANGES))
            )
        self.range_g = min(spans)
        self.watermark = max(1, min(watermark, self.fifo_samples // 2))
        self._configure(self.RATES[rate_hz], self.RANGES[self.range_g])
        self._level = self._chunk_words = self._taken = self.held = 0
        self._overran = False
        self._gap_next = GAP_NONE
        self._begin()

    def _check_chip(self):
        self.sensor_id = self._read(self.WHO_AM_I)
        if self.sensor_id not in self.IDS:
            raise WrongChip(
                "the chip at 0x%02x says it is 0x%02x; an %s says 0x%02x"
                % (self._address, self.sensor_id, self.chip_name, self.IDS[0])
            )
        self.odr_ppm = sensors.rate_ppm(self.sensor_id)

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

    def _wait_until(self, register, mask, code):
        """Wait for a register's bits, a chip's start-up at most; raises SensorLost."""
        for _ in range(60):
            if self._read(register) & mask == code:
                return
            self._sleep_ms(1)
        raise SensorLost("the sensor does not come back from its reset")

    # --- samples -------------------------------------------------------------------------------

    def drain_into(self, samples):
        """Move the next unbroken run of samples to `samples`; return its length."""
        self.gap = self._gap_next
        self._gap_next = GAP_NONE
        if self._taken >= self._chunk_words:
            if not self._level:
                self._ask()
            self._fetch()
        n = self._take(samples)
        self.more = self._level > 0 or self._taken < self._chunk_words
        return n

    def _take(self, samples):
        """Give out what is in the chunk; plain FIFOs hold nothing but samples."""
        n = self._chunk_words
        self._unpack(self._chunk, n, samples)
        self._taken = n
        return n

    def _ask(self):
        """Ask how much the FIFO holds and whether it has lost samples."""
        level_bytes = self._look()
        if level_bytes % self.SAMPLE_BYTES:
            self._sleep_ms(1)  # a sample may just be on its way in
            level_bytes = self._look()
        self._answered()
        if level_bytes // self.SAMPLE_BYTES > self.fifo_samples - NEARLY_FULL_SAMPLES:
            self._empty()
            self._overran = True
            level_bytes = 0
        if self._overran:
            self._overran = False
            self.faults.overruns += 1
            self.gap = GAP_OVERRUN
        if level_bytes % self.SAMPLE_BYTES:
            self.faults.skipped += 1
            self.gap = self.gap or GAP_BUS
            self._empty()
            level_bytes = 0
        self._level = self.held = level_bytes // self.SAMPLE_BYTES

    def _answered(self):
        """The chip has just said how much it holds."""
        self.asks += 1
        if self.now_ms is not None:
            self.asked_ms = self.now_ms()

    def _fetch(self):
        """Read the next chunk of words from the FIFO to _chunk."""
        self._taken = self._chunk_words = 0
        for _ in range(3 * TRIES_PER_RUNG):
            n = min(self._level, MAX_RUN)
            if not n:
                return
            try:
                self._once(False, self.FIFO_OUT, self._views[n])
                self._chunk_words = n
                self._level -= n
                self._after_burst()
                return
            except OSError:
                self.faults.transfers += 1
            self._sleep_ms(1)
            self._after_broken_burst()
        raise SensorLost("the sensor answers, but its FIFO cannot be read: check the bus wires")

    def _after_burst(self):
        """A FIFO whose words show what was lost may need a word after it was full."""

    def _after_broken_burst(self):
        """It may have taken samples, and nothing in a plain FIFO would show it: a gap, then."""
        self._ask()
        self.gap = self.gap or GAP_BUS


def low_first(chunk, n, samples, step, first=0):
    """Unpack n samples of three little-endian words: `step` bytes each, x from byte `first` on."""
    at, to = first, 0
    for _ in range(n):
        for i in range(0, 6, 2):
            samples[to] = chunk[at + i] | chunk[at + i + 1] << 8
            to += 1
        at += step


def high_first(chunk, n, samples, step):
    """The same for big-endian words, x from the first byte on."""
    at = to = 0
    for _ in range(n):
        for i in range(0, 6, 2):
            samples[to] = chunk[at + i] << 8 | chunk[at + i + 1]
            to += 1
        at += step


def _list(numbers):
    return ", ".join([str(number) for number in sorted(numbers)])
