"""Anchors: the moments that a band and a host both named, and which of them speak for a session.

Pure. Ticks are ms since the band started, UTC is in ms. What the anchors are worth together is
the business of `notturno.nights.drift`.
"""

import bisect
from dataclasses import dataclass, field

from notturno.times import HOUR_MS

# No band was set before 2020 or will be after 2120: what says so is a broken clock.
FIRST_UTC_MS, LAST_UTC_MS = 1_577_836_800_000, 4_733_510_400_000
# What a band's own RTC may have run off, of the time for which it carried a date over a reset: its
# RC oscillator, the wider of the two usual kinds in `drift`.
CARRIED_DRIFT = 0.05
# Settings of one sitting come from one host clock, right or wrong: they are one witness.
SITTING_MS = 60_000
# Ours: settings that speak for a session, on either side of it, counted when an hour apart.
NEAR_SETTINGS = 4
NEAR_APART_MS = HOUR_MS
# Ours: more than these on one side are a flood, of which the nearest are enough.
MOST_SETTINGS = 16


def is_a_time(utc_ms: int) -> bool:
    """Say whether a moment can be one at which a band was set."""
    return FIRST_UTC_MS <= utc_ms < LAST_UTC_MS


def carried_error_ms(error_ms: int, carried_s: int) -> int:
    """Return how far off a time may be that a band carried over a reset for `carried_s`.

    error_ms: of the time when a host gave it. The band's RTC ran on by its own oscillator.
    """
    return error_ms + round(CARRIED_DRIFT * 1000 * carried_s)


@dataclass(frozen=True, order=True)
class Anchor:
    """A moment that the band and a host both named: tick and UTC in ms, and how far off.

    error_ms: half the round trip that the host measured, so a bound rather than a deviation.
    host_id: whose clock it was (wire.TIME_FIELDS), None where the record does not say.
    """

    tick_ms: int
    utc_ms: int
    error_ms: int
    host_id: int | None = field(default=None, compare=False)


def witnesses(anchors: list[Anchor]) -> list[Anchor]:
    """Return the anchors by tick, the best one of each sitting.

    Only settings that agree are one sitting: a clock that was put right within the minute is two.
    """
    kept = []
    began_ms = 0
    for anchor in sorted(set(anchors)):
        if kept and anchor.tick_ms - began_ms < SITTING_MS and _agree(kept[-1], anchor):
            kept[-1] = min(kept[-1], anchor, key=lambda one: (one.error_ms, one))
        else:
            kept.append(anchor)
            began_ms = anchor.tick_ms
    return kept


def _agree(a: Anchor, b: Anchor) -> bool:
    ticks_ms = b.tick_ms - a.tick_ms
    return abs(b.utc_ms - a.utc_ms - ticks_ms) <= a.error_ms + b.error_ms + 0.12 * ticks_ms + 10


def near(anchors: list[Anchor], first_tick_ms: float, last_tick_ms: float) -> list[Anchor]:
    """Return the anchors of a boot that speak for the ticks from first to last.

    These are all between the two and on either side the nearest until NEAR_SETTINGS of them lie
    an hour apart. What lies farther off says nothing that these do not; and a new anchor moves
    only the sessions for which it is near, so a night does not cost more as the boot grows old.
    """
    ordered = sorted(set(anchors))
    ticks = [anchor.tick_ms for anchor in ordered]
    begin = bisect.bisect_left(ticks, first_tick_ms)
    end = bisect.bisect_right(ticks, last_tick_ms)
    inside = ordered[begin:end]
    return _nearest(ordered[:begin][::-1])[::-1] + inside + _nearest(ordered[end:])


def _nearest(outwards: list[Anchor]) -> list[Anchor]:
    kept = []
    apart, latest_ms = 0, None
    for anchor in outwards[:MOST_SETTINGS]:
        if latest_ms is None or abs(anchor.tick_ms - latest_ms) >= NEAR_APART_MS:
            apart, latest_ms = apart + 1, anchor.tick_ms
        if apart > NEAR_SETTINGS:
            break
        kept.append(anchor)
    return kept
