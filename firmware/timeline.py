"""When each sample of a session was taken, by the band's own tick.

Touches nothing. Speaks samples of the session, ms since the start of the firmware, and mHz.

The sample index is the session's time axis. A sample is dated from the moment the FIFO's fill
level was asked: the newest sample was then half a period old on average, and the others lie one
period apart before it. How long a period is, the chip's own word tells at first, which may be
0.4 % off: 18 ms over a full FIFO, 240 ms over a minute. A run without a gap tells it better: from
20 s on better than the chip (from 4 s on where both differ by more than it can be off), and ten
minutes better than any run before it.
"""

RATE_SOON_MS, RATE_LEAST_MS, RATE_FROM_MS = 4000, 20000, 600000
CHIP_WITHIN = 160  # the chip's word for its rate is within 1/160
RATE_WITHIN = 25  # a rate off by more than 1/25 is none


class Timeline:
    """The axis of one session after the other; the rate that was learned stays."""

    def __init__(self):
        self.rate_mhz = 0  # by our own tick, once that is known; the chip's word until then
        self.asked_ms = 0  # when the chip was last asked for its level,
        self.asked_sample = 0  # and how many samples there were by then, with those it held
        self.end_ms = 0  # when the last sample that was analysed had been taken
        self._odr_mhz = 0

    def begin(self, odr_mhz, now_ms):
        """A session begins, with a chip that says that it samples so fast."""
        self._odr_mhz = odr_mhz
        if abs(self.rate_mhz - odr_mhz) * RATE_WITHIN > odr_mhz:
            self.rate_mhz = odr_mhz
        self._rate_ms = self._rate_over_ms = self._rate_sample = 0
        self._run_sample = self._run_end_ms = 0
        self.anew(0, now_ms)
        self.end_ms = now_ms

    def anew(self, sample, now_ms):
        """Nothing is held: the next sample is `sample`, and it is to come."""
        self.asked_ms, self.asked_sample = now_ms, sample

    def asked(self, sample, asked_ms, whole):
        """The chip said at `asked_ms` that there were `sample` samples by then, held ones too.

        whole: nothing is missing since it was asked before.
        """
        self.anew(sample, asked_ms)
        if not self._rate_ms:
            self._rate_ms, self._rate_sample = asked_ms, sample
        elif self._rate_over_ms < RATE_LEAST_MS and whole:
            self.learn_rate()  # soon at first; then once a minute

    def analysed(self, sample):
        """So many samples of the session are analysed: note when the last was taken."""
        self.end_ms = self.tick_of(sample)

    def broken(self, sample):
        """Samples are missing before `sample`, the next one."""
        self._run_sample, self._run_end_ms = sample, self.end_ms
        # Before the minute that the gap ends: what was asked since counts samples on, not time.
        self._rate_ms, self._rate_sample = self.asked_ms, self.asked_sample

    def is_within_run(self, sample):
        """Say whether samples were analysed since the last gap."""
        return sample > self._run_sample

    def sample_at(self, now_ms):
        """Return the sample that is taken at a tick of the present run."""
        return self.asked_sample + (now_ms - self.asked_ms) * self._odr_mhz // 1000000

    def tick_of(self, sample):
        """Return the tick at which a sample of the present run was taken."""
        half_samples = 2 * (self.asked_sample - sample) - 1
        return max(0, self.asked_ms - half_samples * 500000 // self.rate_mhz)

    def tick_at_end(self, sample):
        """Return the tick at which `sample` samples had been taken, also before the last gap."""
        if self.is_within_run(sample):
            return self.tick_of(sample)
        before = self._run_sample - sample
        return max(0, self._run_end_ms - before * 1000000 // self.rate_mhz)

    def lost_at(self, sample):
        """Return how many samples are missing before `sample`, the first behind a gap: 1 or more.

        Rounded up: what is missing lies in the gap, whole. The host counts back at this rate.
        """
        lost_ms = self.tick_of(sample) - self.end_ms
        return max(1, (lost_ms * self._odr_mhz + 999999) // 1000000)

    def learn_rate(self):
        """See how fast the chip samples by our own tick, in whole numbers of 30 bits."""
        over_ms = self.asked_ms - self._rate_ms
        if over_ms < RATE_SOON_MS or over_ms < min(RATE_FROM_MS, self._rate_over_ms):
            return
        samples, half_ms = self.asked_sample - self._rate_sample, over_ms >> 1
        whole = samples * 100 // half_ms
        rate_mhz = whole * 5000 + (samples * 100 - whole * half_ms) * 5000 // half_ms
        off_mhz = abs(rate_mhz - self._odr_mhz)
        if over_ms < RATE_LEAST_MS and off_mhz * CHIP_WITHIN < self._odr_mhz:
            return
        if off_mhz * RATE_WITHIN < self._odr_mhz:
            self.rate_mhz, self._rate_over_ms = rate_mhz, over_ms
