"""From the samples of one session to the band's ticks, and the hours that were really recorded.

Pure. SEGMENT and MINUTE records pair a sample with a tick; between two pairs samples are even.
Durations are counted in ticks here and given out in real ms, through the boot's clock
(`notturno.nights.clocks.BootClock`), which is the one place that knows how long a tick is.
"""

import bisect
from dataclasses import dataclass
from itertools import pairwise

from notturno_core import wire

from notturno.nights.clocks import BootClock
from notturno.nights.drift import RATE_MS

SLOPE_FROM_MS = 600_000  # a run of ten minutes tells its rate to a few parts in 100 000


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
    clock is taken as even; outside them the nearest pair and the rate of the run go on. lost:
    (first sample behind, samples missing at the believed rate) of gaps, as the band measured
    them: where the run before ended.
    """

    def __init__(
        self,
        odr_mhz: int,
        segments: list,
        pairs: list,
        start_tick_ms: int = 0,
        lost: list | tuple = (),
    ) -> None:
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
        # Of a short run: as of the longest; where all are short, by the chip's own trim.
        self._usual_ms = self._ms_per_sample
        self._usual_ms = self._run_rate(self._longest())
        self._ends = self._ends_of(dict(lost))

    def _ends_of(self, lost: dict) -> dict:
        """Return {number of a run: (sample, tick) of its end}, where the band measured it."""
        found = {}
        for i in range(1, len(self._runs)):
            sample, tick = self._runs[i][0]
            if sample in lost and self._reasons[i] != wire.SEGMENT_START:
                end = tick - lost[sample] * self._ms_per_sample
                if end >= self._runs[i - 1][-1][1]:
                    found[i - 1] = (sample, end)
        return found

    def _placed(self, i: int) -> list[tuple[int, int]]:
        """Return the pairs of a run, its measured end the last of them."""
        end = self._ends.get(i)
        run = self._runs[i]
        return run if end is None or end[0] <= run[-1][0] else [*run, end]

    def _longest(self) -> list[tuple[int, int]]:
        return max(self._runs, key=lambda run: run[-1][0] - run[0][0])

    def _run_of(self, sample: int, at_end: bool = False) -> int:
        # A minute that ended with the last sample of a run carries the first number of the next.
        find = bisect.bisect_left if at_end else bisect.bisect_right
        return max(find(self._first_samples, sample) - 1, 0)

    def _tick_in_run(self, number: int, sample: int) -> float:
        run = self._placed(number)
        i = bisect.bisect_right(run, (sample, float("inf")))
        if 0 < i < len(run):
            (s0, t0), (s1, t1) = run[i - 1], run[i]
            return t0 + (sample - s0) * (t1 - t0) / (s1 - s0)
        rate = self._run_rate(self._runs[number])
        s0, t0 = run[-1] if i else run[0]
        return t0 + (sample - s0) * rate

    def _run_rate(self, run: list[tuple[int, int]]) -> float:
        samples = run[-1][0] - run[0][0]
        if samples * self._ms_per_sample < 60_000:
            return self._usual_ms  # too short to know better
        return (run[-1][1] - run[0][1]) / samples

    def tick_ms(self, sample: int) -> float:
        """Return the tick at which the sample was taken."""
        return self._tick_in_run(self._run_of(sample), sample)

    @property
    def rate_hz(self) -> float:
        """Samples per second of the band's own tick; the believed rate where runs are short."""
        return 1000 / self._run_rate(self._longest())

    @property
    def slope(self) -> float | None:
        """Return the drift that the samples show: their rate by the tick over their own, less 1.

        None where no run is long enough to tell. As good as the sensor keeps its rate.
        """
        longest = self._longest()
        if longest[-1][1] - longest[0][1] < SLOPE_FROM_MS:
            return None
        return self._ms_per_sample / self._run_rate(longest) - 1

    def rate_changes(self) -> list[float]:
        """Return by what share the ms per sample changed, from half hour to half hour of a run.

        The sensor counts samples by an oscillator of its own: what changes here is either clock.
        """
        changes = []
        for run in self._runs:
            half_hours = [run[0]]
            for sample, tick in run:
                if tick - half_hours[-1][1] >= RATE_MS:
                    half_hours.append((sample, tick))
            rates = [(t1 - t0) / (s1 - s0) for (s0, t0), (s1, t1) in pairwise(half_hours)]
            changes += [after / before - 1 for before, after in pairwise(rates)]
        return changes

    def gaps(self) -> list[Gap]:
        """Return where samples are missing between the runs."""
        found = []
        for i in range(1, len(self._runs)):
            if self._reasons[i] != wire.SEGMENT_START:
                end = self._runs[i][0][1]
                begin = self._ends.get(i - 1, (0, None))[1]
                if begin is None:
                    begin = self._tick_in_run(i - 1, self._runs[i][0][0])
                found.append(Gap(min(begin, end), end, self._reasons[i]))
        return found

    def recorded_ms(self, last_sample: int, clock: BootClock) -> float:
        """Return how long samples were taken, from the first to `last_sample`, without gaps.

        Real ms, by the clock of the boot.
        """
        whole = clock.span_ms(self._runs[0][0][1], self.tick_ms(last_sample))
        lost = sum(clock.span_ms(gap.start_tick_ms, gap.end_tick_ms) for gap in self.gaps())
        return max(0.0, whole - lost)

    def duration_ms(self, onset_sample: int, samples: float, clock: BootClock) -> float:
        """Return how long that many samples from an onset last, in real ms: no gap is in them."""
        begin = self.tick_ms(onset_sample)
        return clock.span_ms(begin, begin + samples * 1000 / self.rate_hz)
