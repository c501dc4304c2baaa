"""From a band's samples and ticks to UTC: the one file that knows what a clock is worth.

Pure. Speaks samples, ticks (ms since the band started) and UTC in ms. A band knows no calendar:
SEGMENT and MINUTE records pair a sample with a tick, TIME records pair a tick with UTC; a sample
becomes UTC through both.
"""

import bisect
from dataclasses import dataclass

from notturno_core import wire

# A resting ESP32 counts time with its RC oscillator: the worst case between two settings.
UNMEASURED_DRIFT = 0.02
# Two settings closer than this measure the host's error, not the band's drift.
MIN_ANCHOR_SPAN_MS = 600_000
# No band was set before 2020 or will be after 2120: what says so is a broken clock.
FIRST_UTC_MS, LAST_UTC_MS = 1_577_836_800_000, 4_733_510_400_000
# A larger step between two settings is a host whose clock was wrong, not a band that drifts.
MAX_DRIFT = 0.05


def is_a_time(utc_ms: int) -> bool:
    """Say whether a moment can be one at which a band was set."""
    return FIRST_UTC_MS <= utc_ms < LAST_UTC_MS


@dataclass(frozen=True)
class Anchor:
    """A moment that the band and a host both named: tick and UTC in ms, and how far off."""

    tick_ms: int
    utc_ms: int
    error_ms: int


class BootClock:
    """Tick to UTC within one run of the firmware, from the moments a host set the time.

    `kind`: "measured" (two settings or more: the drift is known), "estimated" (one setting, or
    settings that contradict each other: an offset, with 2 % a side for the drift) or "unknown".
    """

    def __init__(self, anchors: list[Anchor]):
        self._anchors = _far_apart(sorted(anchors, key=lambda anchor: anchor.tick_ms))
        self._ticks = [anchor.tick_ms for anchor in self._anchors]
        believable = all(
            abs(_slope(a, b) - 1) <= MAX_DRIFT
            for a, b in zip(self._anchors, self._anchors[1:], strict=False)
        )
        if not self._anchors:
            self.kind = "unknown"
        elif len(self._anchors) == 1 or not believable:
            self.kind = "estimated"
        else:
            self.kind = "measured"

    def utc_ms(self, tick_ms: float) -> int | None:
        """Return UTC in ms, or None where the clock is unknown."""
        if self.kind == "unknown":
            return None
        if self.kind == "estimated":
            anchor = self._nearest(tick_ms)
            return round(anchor.utc_ms + tick_ms - anchor.tick_ms)
        a, b = self._around(tick_ms)
        return round(a.utc_ms + (tick_ms - a.tick_ms) * _slope(a, b))

    def error_ms(self, tick_ms: float) -> int | None:
        """Return by how much `utc_ms` may be off, or None where the clock is unknown."""
        if self.kind == "unknown":
            return None
        if self.kind == "estimated":
            anchor = self._nearest(tick_ms)
            return round(anchor.error_ms + UNMEASURED_DRIFT * abs(tick_ms - anchor.tick_ms))
        a, b = self._around(tick_ms)
        beyond = max(a.tick_ms - tick_ms, tick_ms - b.tick_ms, 0) / (b.tick_ms - a.tick_ms)
        return round(max(a.error_ms, b.error_ms) * (1 + 2 * beyond))

    def _nearest(self, tick_ms):
        return min(self._anchors, key=lambda anchor: abs(anchor.tick_ms - tick_ms))

    def _around(self, tick_ms):
        i = min(max(bisect.bisect_right(self._ticks, tick_ms), 1), len(self._ticks) - 1)
        return self._anchors[i - 1], self._anchors[i]


def _slope(a, b):
    return (b.utc_ms - a.utc_ms) / (b.tick_ms - a.tick_ms)


def _far_apart(anchors):
    kept = []
    for anchor in anchors:
        if kept and anchor.tick_ms - kept[-1].tick_ms < MIN_ANCHOR_SPAN_MS:
            if anchor.error_ms < kept[-1].error_ms:
                kept[-1] = anchor
        else:
            kept.append(anchor)
    return kept


@dataclass(frozen=True)
class Gap:
    """Where no samples are: from tick to tick, and why (wire.SEGMENT_*)."""

    start_tick_ms: float
    end_tick_ms: float
    reason: int


class SampleClock:
    """Sample to tick within one session.

    odr_mhz: believed rate, 1/1000 Hz. segments: (sample, tick_ms, reason) of unbroken runs.
    pairs: further (sample, tick_ms), e.g. of the minutes. Between two pairs of a run the sample
    clock is taken as even; outside them the nearest pair and the rate of the run go on.
    """

    def __init__(self, odr_mhz: int, segments: list, pairs: list, start_tick_ms: int = 0):
        segments = sorted(segments) or [(0, start_tick_ms, wire.SEGMENT_START)]
        self._first_samples = [segment[0] for segment in segments]
        self._reasons = [segment[2] for segment in segments]
        self._runs = [[(sample, tick)] for sample, tick, _ in segments]
        for sample, tick in sorted(pairs):
            run = self._runs[self._run_of(sample, at_end=True)]
            if sample > run[-1][0] and tick > run[-1][1]:
                run.append((sample, tick))
        self._ms_per_sample = 1e6 / odr_mhz if odr_mhz else 1000 / 104
        self.last_sample = self._runs[-1][-1][0]

    def _run_of(self, sample, at_end=False):
        # A minute that ended with the last sample of a run carries the first number of the next.
        find = bisect.bisect_left if at_end else bisect.bisect_right
        return max(find(self._first_samples, sample) - 1, 0)

    def _tick_in_run(self, run, sample):
        i = bisect.bisect_right(run, (sample, float("inf")))
        if 0 < i < len(run):
            (s0, t0), (s1, t1) = run[i - 1], run[i]
            return t0 + (sample - s0) * (t1 - t0) / (s1 - s0)
        rate = self._run_rate(run)
        s0, t0 = run[-1] if i else run[0]
        return t0 + (sample - s0) * rate

    def _run_rate(self, run):
        samples = run[-1][0] - run[0][0]
        if samples * self._ms_per_sample < 60_000:
            return self._ms_per_sample  # too short to know better than the chip's own trim
        return (run[-1][1] - run[0][1]) / samples

    def tick_ms(self, sample: int) -> float:
        """Return the tick at which the sample was taken."""
        return self._tick_in_run(self._runs[self._run_of(sample)], sample)

    @property
    def rate_hz(self) -> float:
        """Measured rate over all runs; the believed one where they are too short."""
        longest = max(self._runs, key=lambda run: run[-1][0] - run[0][0])
        return 1000 / self._run_rate(longest)

    def gaps(self) -> list[Gap]:
        """Return where samples are missing between the runs."""
        found = []
        for i in range(1, len(self._runs)):
            if self._reasons[i] != wire.SEGMENT_START:
                end = self._runs[i][0][1]
                begin = self._tick_in_run(self._runs[i - 1], self._runs[i][0][0])
                found.append(Gap(min(begin, end), end, self._reasons[i]))
        return found

    def recorded_ms(self, last_sample: int) -> float:
        """Return how long samples were taken, from the first to `last_sample`, without gaps."""
        whole = self.tick_ms(last_sample) - self._runs[0][0][1]
        return max(0.0, whole - sum(gap.end_tick_ms - gap.start_tick_ms for gap in self.gaps()))
