"""Runs of movements, and what both rule sets say of a run.

I hold the walk's result: which movements follow one another at an accepted interval, which run
is a series of PLM (so many or more), and why each run ended. Units: microseconds. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from notturno.scoring.movements.legs import Movement

IMI_MAX_US = 90_000_000  # 90 s belongs to the range in both rule sets

SHORT_IMI, LONG_IMI, NON_CLM = "short_imi", "long_imi", "non_clm"
GAP, END = "gap", "end_of_list"


class Runs(NamedTuple):
    """What a walk found; every index points into the list of movements walked.

    runs: lists of indices; ended_by: one reason a run; broken_at: the index of the movement at
    which the run ended, None at the end of the list; intervals: (earlier, later, imi_us) of
    every interval that was measured, in order; short: indices of the movements that a too short
    interval precedes; least: how many movements make a series.
    """

    runs: list
    ended_by: list
    broken_at: list
    intervals: list
    short: list
    least: int

    def close(self, run: list[int], reason: str | None, at: int | None) -> None:
        """Note a run that ended; one without a movement is none."""
        if run:
            self.runs.append(run)
            self.ended_by.append(reason)
            self.broken_at.append(at)

    def broken(self, run: list[int], reason: str, at: int, after_short_imi: str) -> list[int]:
        """Close a run and return the one that the movement `at` begins, or an empty one.

        after_short_imi: of `conventions`; all but "may_begin" keep a movement behind a too short
        interval out of the next run.
        """
        self.close(run, reason, at)
        return [] if reason == SHORT_IMI and after_short_imi != "may_begin" else [at]

    def series(self) -> list[tuple[Any, Any, Any]]:
        """Return [(indices, reason, index broken at)] of the runs that are PLM series."""
        return [
            found
            for found in zip(self.runs, self.ended_by, self.broken_at, strict=True)
            if len(found[0]) >= self.least
        ]

    def periodic(self) -> set:
        """Return the set of indices that belong to a PLM series."""
        return {i for run in self.runs if len(run) >= self.least for i in run}


def no_runs(least: int) -> Runs:
    """Return Runs to fill; least: how many movements make a series."""
    return Runs([], [], [], [], [], least)


def restarts_of(gaps: list[tuple[int, int]]) -> list[int]:
    """Return the sorted instants (us) at which the recording began anew after a gap."""
    return sorted(end for _, end in gaps)


def stretches(movements: list[Movement], restarts: Sequence[int]) -> list[int] | None:
    """Return for each movement the number of restarts at or before its onset; None without any.

    Two movements with different numbers have a restart between them (WASM 2016, 3.3.3).
    """
    if not restarts:
        return None
    return [bisect_right(restarts, movement.onset_us) for movement in movements]
