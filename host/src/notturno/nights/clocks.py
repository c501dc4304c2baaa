"""From a band's ticks to UTC: the one file that says what a clock is worth.

Pure. A band knows no calendar: TIME records pair its tick (ms since it started) with the UTC of a
host. The clock between and beyond them is a story told in `notturno.nights.drift`: which settings
are right, and how the oscillator ran (drift typically within 2 %, up to 12 % possible, wandering).
The heaviest set of believed settings makes the map; the stated error holds every other story that
has any weight, so it grows smoothly where settings are few, far or at odds.

Limits. A single wrong setting, or a wrong one among two that looks like a usual drift (5 min over
9 h is 1 %), cannot be told from a right one, and is believed until a third setting comes. What the
samples show of the drift narrows that: an hour over 10 h is 10 %, and a sensor's rate is right to
some 2 %, so the two contradict each other and the stated error reaches both. A boot whose
oscillator leaps by several per cent between two settings is stated too surely inside them. The
stated error is meant to hold in 99 %; it is no bound.
"""

import bisect
import math
from collections.abc import Sequence
from statistics import NormalDist

from notturno.nights import drift
from notturno.nights.anchors import Anchor, witnesses

# What all other stories together may leave outside of the stated error, each one this share.
TAIL = 0.002
# A story counts in full from this many tails on.
IN_FULL = 10
# Weights alike within this factor are a tie: then the night stays, or the newest settings win.
TIE = 1.01
# Weights alike within this factor are no reason to move a night that was dated already.
RIVAL = 5
# The drift is measured where the errors of the settings leave less of it open than this.
MEASURED_DRIFT = 0.002
# Ours: the believed settings are two to one against all other sets of them.
BELIEVED = 2 / 3
# Pieces between two settings: the map is straight in each, and the worst error is looked for
# at their ends.
PIECES = 8
# The map goes on straight beyond the settings, by the slope over this at their edge.
EDGE_MS = 60_000


class BootClock:
    """Tick to UTC within one run of the firmware, from the moments a host set the time.

    anchors: in any order; repeated ones change nothing.
    changes: of the tick's rate against the samples (SampleClock.rate_changes), where there are
    any: they tell a crystal from an RC oscillator, which settings alone take days to do.
    slope: what the samples show of the drift (SampleClock.slope), None where they do not.
    kind: "unknown" without a setting; "measured" where the first and the last believed setting
    fix the drift between them to 0.2 % and the believed ones outweigh all other sets two to one;
    "estimated" otherwise (one setting, settings too close for their errors, or at odds). How far
    a time may be off says `error_ms` alone, for a measured clock too.
    set_aside: the anchors that are not believed.
    """

    def __init__(
        self, anchors: list[Anchor], changes: Sequence[float] = (), slope: float | None = None
    ) -> None:
        self._anchors = witnesses(anchors)
        self.set_aside: tuple[Anchor, ...] = ()
        self.kind = "unknown"
        if not self._anchors:
            return
        if len(self._anchors) == 1:
            slope = None  # nothing to contradict: the tick itself is the best that is known
        self._ticks = [anchor.tick_ms for anchor in self._anchors]
        self._origin_ms = self._anchors[0].utc_ms - self._anchors[0].tick_ms
        told = drift.stories(
            self._ticks,
            [a.utc_ms - a.tick_ms - self._origin_ms for a in self._anchors],
            [a.error_ms for a in self._anchors],
            changes,
            slope,
            [a.host_id for a in self._anchors],
        )
        weights = {}
        for story in told:
            weights[story.believed] = weights.get(story.believed, 0.0) + story.weight
        believed = self._believed(weights)
        self.set_aside = tuple(a for i, a in enumerate(self._anchors) if i not in believed)
        share = weights[believed]
        chosen = [(s, s.weight / share) for s in told if s.believed == believed]
        self._told = [(s, *_counts(s.weight, weights[s.believed])) for s in told]
        self._draw(chosen, [self._ticks[i] for i in believed])
        first, last = self._anchors[believed[0]], self._anchors[believed[-1]]
        open_ms = math.hypot(first.error_ms, last.error_ms)
        measured = share > BELIEVED and open_ms < MEASURED_DRIFT * (last.tick_ms - first.tick_ms)
        self.kind = "measured" if measured else "estimated"

    def _believed(self, weights: dict[tuple[int, ...], float]) -> tuple[int, ...]:
        most = max(weights.values())
        tied = [believed for believed, weight in weights.items() if weight * TIE >= most]
        rivals = [believed for believed, weight in weights.items() if weight * RIVAL >= most]
        # One against one nobody knows: the night stays where the first setting put it.
        if max(map(len, tied)) == 1:
            return min(believed for believed in rivals if len(believed) == 1)
        # So it does where hosts are at odds with each other, unless one side has much more to say.
        whose = [{self._anchors[i].host_id for i in believed} for believed in rivals]
        if None not in set().union(*whose) and len(rivals) > 1 and not set.intersection(*whose):
            return min(rivals)
        # Groups of settings of one host at odds are a host that was put right: the newest.
        return max(tied, key=lambda believed: believed[::-1])

    def _draw(self, chosen: list[tuple[drift.Story, float]], ticks: list[int]) -> None:
        """Make the map: (tick, UTC from the origin) of corners, rising; a night asks it often."""
        self._corners = [ticks[0] - EDGE_MS, *_pieces(ticks), ticks[-1] + EDGE_MS]
        self._utcs = []
        for tick in self._corners:
            phase = sum(part * story.phase_at(tick)[0] for story, part in chosen)
            self._utcs.append(max([tick + phase, *self._utcs[-1:]]))

    def _utc_ms(self, tick_ms: float) -> float:
        i = min(max(bisect.bisect(self._corners, tick_ms), 1), len(self._corners) - 1)
        t0, t1 = self._corners[i - 1 : i + 1]
        u0, u1 = self._utcs[i - 1 : i + 1]
        return u0 + (tick_ms - t0) * (u1 - u0) / (t1 - t0)

    def utc_ms(self, tick_ms: float) -> int | None:
        """Return UTC in ms, or None where the clock is unknown. Later ticks are never earlier."""
        if self.kind == "unknown":
            return None
        return self._origin_ms + round(self._utc_ms(tick_ms))

    def error_ms(self, tick_ms: float) -> int | None:
        """Return by how much `utc_ms` may be off (in 99 %), or None where it is unknown."""
        return None if self.kind == "unknown" else self._error_ms(tick_ms)

    def _error_ms(self, tick_ms: float) -> int:
        placed = [(story.phase_at(tick_ms), counts, z) for story, counts, z in self._told]
        centre = self._utc_ms(tick_ms) - tick_ms
        return math.ceil(
            max(
                counts * abs(phase - centre) + z * math.sqrt(variance)
                for (phase, variance), counts, z in placed
            )
        )

    def worst_error_ms(self, first_tick_ms: float, last_tick_ms: float) -> int | None:
        """Return the largest `error_ms` of the ticks from first to last, or None."""
        if self.kind == "unknown":
            return None
        begin = bisect.bisect_right(self._ticks, first_tick_ms)
        end = bisect.bisect_left(self._ticks, last_tick_ms)
        points = _pieces([first_tick_ms, *self._ticks[begin:end], last_tick_ms])
        return max(self._error_ms(tick) for tick in points)

    def span_ms(self, from_tick_ms: float, to_tick_ms: float) -> float:
        """Return the real ms between two ticks; the band's own where the clock is unknown."""
        if self.kind == "unknown":
            return to_tick_ms - from_tick_ms
        return self._utc_ms(to_tick_ms) - self._utc_ms(from_tick_ms)


def _counts(weight: float, pooled: float) -> tuple[float, float]:
    """Return how much of a story's distance counts, and how many of its SD."""
    counts = math.log(max(pooled / TAIL, 1.0)) / math.log(IN_FULL)
    z = -NormalDist().inv_cdf(TAIL / 2 / weight) if weight > TAIL else 0.0
    return min(counts, 1.0), z


def _pieces(ticks: Sequence[float]) -> list[float]:
    """Return the ticks (ascending) and the points between them, each once."""
    points = {ticks[0]}
    for a, b in zip(ticks, ticks[1:], strict=False):
        points |= {a + (b - a) * i / PIECES for i in range(1, PIECES + 1)}
    return sorted(points)
