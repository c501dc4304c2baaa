"""Movements that go with something else: a respiratory event or an arousal.

Events are (onset_us, end_us). Each function returns the set of indices of the movements that go
with one. The windows are those of PMC9619152, table 3. Units: microseconds. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.scoring.movements.legs import Movement

BEFORE_END_US = 2_000_000  # WASM 2016: from 2.0 s before the end of the event ...
AFTER_END_US = 10_250_000  # ... to 10.25 s after it; both instants belong to the window
AASM_MARGIN_US = 500_000  # AASM v3: from 0.5 s before the onset to 0.5 s after the end, included
AROUSAL_LINK_US = 500_000  # strictly less
NEAR_THE_END, NEAR_END_US = "end_within_0_5_s", 500_000  # MATPLM's window, both ends included


def with_breathing_wasm(
    movements: list[Movement], events: Sequence[tuple[int, int]], window: str = "wasm"
) -> set:
    """Return the indices of movements with some part in [end - 2 s, end + 10.25 s].

    window: of `conventions`; "end_within_0_5_s" is [end - 0.5 s, end + 0.5 s].
    """
    before_us, after_us = BEFORE_END_US, AFTER_END_US
    if window == NEAR_THE_END:
        before_us = after_us = NEAR_END_US
    return _near_ends(movements, events, before_us, after_us)


def _near_ends(
    movements: list[Movement], events: Sequence[tuple[int, int]], before_us: int, after_us: int
) -> set[int]:
    found = set()
    if not events:
        return found
    ends = sorted(end for _, end in events)
    for i, movement in enumerate(movements):
        # An event counts when its end lies in [onset - after, offset + before].
        first = bisect_left(ends, movement.onset_us - after_us)
        if first < len(ends) and ends[first] <= movement.end_us + before_us:
            found.add(i)
    return found


def with_breathing_aasm(movements: list[Movement], events: Sequence[tuple[int, int]]) -> set:
    """Return the indices of movements with some part in [onset - 0.5 s, end + 0.5 s]."""
    found = set()
    if not events:
        return found
    onsets, latest_ends = _with_latest_end(events)
    for i, movement in enumerate(movements):
        n = bisect_right(onsets, movement.end_us + AASM_MARGIN_US)
        if n and latest_ends[n - 1] >= movement.onset_us - AASM_MARGIN_US:
            found.add(i)
    return found


def with_arousal(
    movements: list[Movement], arousals: Sequence[tuple[int, int]], link: str = "under_0_5_s"
) -> set:
    """Return the indices of movements that go with an arousal, by both rule sets alike.

    They overlap, or less than 0.5 s lies between the end of one and the onset of the other,
    whichever comes first (WASM 2016; AASM v3). link: of `conventions`.
    """
    if link == NEAR_THE_END:
        return _near_ends(movements, arousals, NEAR_END_US, NEAR_END_US)
    link_us = AROUSAL_LINK_US + (link == "up_to_0_5_s")
    found = set()
    if not arousals:
        return found
    onsets, latest_ends = _with_latest_end(arousals)
    for i, movement in enumerate(movements):
        n = bisect_left(onsets, movement.end_us + link_us)
        if n and latest_ends[n - 1] > movement.onset_us - link_us:
            found.add(i)
    return found


def _with_latest_end(events: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return (onsets sorted, the latest end among the events up to each)."""
    onsets, latest_ends = [], []
    latest = None
    for onset, end in sorted(events):
        latest = end if latest is None or end > latest else latest
        onsets.append(onset)
        latest_ends.append(latest)
    return onsets, latest_ends
