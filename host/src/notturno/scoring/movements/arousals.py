"""Movements that go with an arousal.

Both rule sets say the same: they overlap, or less than 0.5 s lies between the end of one and the
onset of the other, whichever comes first (WASM 2016; AASM v3; PMC9619152, table 3).
Units: microseconds. Pure.
"""

from bisect import bisect_left

from notturno.scoring.movements.respiration import sorted_with_latest_end

LINK_US = 500_000  # strictly less


def associated(movements, arousals):
    """Return the indices of movements that go with one of `arousals`, (onset_us, end_us) each."""
    onsets, latest_ends = sorted_with_latest_end(arousals)
    found = set()
    for i, movement in enumerate(movements):
        n = bisect_left(onsets, movement.end_us + LINK_US)
        if n and latest_ends[n - 1] > movement.onset_us - LINK_US:
            found.add(i)
    return found
