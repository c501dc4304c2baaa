"""A hypnogram: which instant is sleep, and how many hours of it there are.

Made from a list of (onset_s, stage) sorted by onset; each stage lasts until the next row.
Sleep is N1, N2, N3, N and R, and S where nobody knows the stage; W is wake; an unscored stretch
is neither. The names that files use are in `movements/stage_names.py`.
Units: microseconds inside, hours (`_h`) in sums. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from operator import sub
from typing import TYPE_CHECKING, Any

from notturno.errors import UserError
from notturno.nights.spans import US_PER_H, overlap_us, without

if TYPE_CHECKING:
    from notturno.scoring.movements.legs import Movement

EPOCH_US = 30_000_000  # an AASM epoch
EPOCH_MAX_US = 60_000_000  # a regular step up to this is an epoch, not a change of stage
# "N" is NREM whose depth nobody said, a text of EDF+'s own list.
NREM, REM, WAKE, UNSCORED, END = ("N1", "N2", "N3", "N"), "R", "W", "?", "END"
ASLEEP = "S"  # asleep, stage not known: all that an estimate from movement says
SLEEP = frozenset((*NREM, REM, ASLEEP))


class Hypnogram:
    """Stages over time. `rows`: (onset_us, stage) with rising onsets; `events_end_us`: end of
    the last movement, for a list of changes of stage whose last row has no end (convention
    `last_stage`).

    Raises UserError where there is no row, or the onsets do not rise.
    """

    def __init__(self, rows: Sequence[tuple[int, str]], events_end_us: int | None = None) -> None:
        if not rows:
            raise UserError("The list of stages holds no row; give at least one stage.")
        onsets = [onset for onset, _ in rows]
        steps = list(map(sub, onsets[1:], onsets))
        if steps and min(steps) <= 0:
            number = next(k for k, step in enumerate(steps, start=2) if step <= 0)
            raise UserError(
                "Stage {number} of the list does not start after the one before; sort it.",
                number=number,
            )
        if rows[-1][1] == END:
            rows, self.end_us = rows[:-1], onsets[-1]
        elif steps and steps[0] <= EPOCH_MAX_US and min(steps) == max(steps):
            self.end_us = onsets[-1] + steps[0]
        else:
            self.end_us = max(onsets[-1] + EPOCH_US, events_end_us or 0)
        self.starts_us, self.stages = [], []
        for onset, stage in rows:  # equal neighbours are one stretch
            if not self.stages or stage != self.stages[-1]:
                self.starts_us.append(onset)
                self.stages.append(stage)
        if END in self.stages or not self.stages:
            raise UserError("The stage END can stand only after the last stage; correct the list.")
        self.ends_us = [*self.starts_us[1:], self.end_us]
        self._asleep = [stage in SLEEP for stage in self.stages]
        self._us_by_stage = dict.fromkeys(self.stages, 0)
        for start, end, stage in zip(self.starts_us, self.ends_us, self.stages, strict=True):
            self._us_by_stage[stage] += end - start

    def stage_at(self, instant_us: int) -> str:
        """Return the stage that holds the instant; "?" outside the hypnogram."""
        i = bisect_right(self.starts_us, instant_us) - 1
        if i < 0 or instant_us >= self.end_us:
            return UNSCORED
        return self.stages[i]

    def any_sleep(self, onset_us: int, end_us: int) -> bool:
        """Tell whether some part of [onset, end) is sleep."""
        i = max(0, bisect_right(self.starts_us, onset_us) - 1)
        while i < len(self.stages) and self.starts_us[i] < end_us:
            if self._asleep[i] and self.ends_us[i] > onset_us:
                return True
            i += 1
        return False

    def stages_at_onsets(self, movements: list[Movement]) -> list[str]:
        """Return the stage at the onset of each of `movements`, which are sorted by onset."""
        found, i, n = [], -1, len(self.stages)
        starts, stages, end_us = self.starts_us, self.stages, self.end_us
        following = starts[0]
        for movement in movements:
            onset_us = movement.onset_us
            while onset_us >= following:
                i += 1
                following = starts[i + 1] if i + 1 < n else float("inf")
            found.append(stages[i] if i >= 0 and onset_us < end_us else UNSCORED)
        return found

    def asleep(self, movement: Movement, instant: str) -> bool:
        """Tell whether a movement is in sleep by its "onset", "midpoint" or "any_part"."""
        if instant == "any_part":
            return self.any_sleep(movement.onset_us, movement.end_us)
        at_us = movement.onset_us
        if instant == "midpoint":
            at_us = (movement.onset_us + movement.end_us) // 2
        return self.stage_at(at_us) in SLEEP

    def any_sleep_each(self, movements: list[Movement]) -> list[bool]:
        """Return `any_sleep` of each of `movements`, which are sorted by onset."""
        found, i, n = [], 0, len(self.stages)
        ends, starts, asleep = self.ends_us, self.starts_us, self._asleep
        for movement in movements:
            onset_us, end_us = movement.onset_us, movement.end_us
            while i < n and (ends[i] <= onset_us or not asleep[i]):
                i += 1  # over for this one and for all behind it, or no sleep at all
            found.append(i < n and starts[i] < end_us)
        return found

    def hours(
        self,
        stages: Collection[str],
        gaps: Sequence[tuple[int, int]] = (),
        within: tuple[int, int] | None = None,
    ) -> float:
        """Return the hours of the given stages, without the time in `gaps` (start_us, end_us).

        within: the span (start_us, end_us) of the recording; sleep outside it was not seen.
        """
        if within is not None and not (
            within[0] <= self.starts_us[0] and self.end_us <= within[1]
        ):
            gaps = [*gaps, *without([(self.starts_us[0], self.end_us)], [within])]
        if not gaps:
            return sum(self._us_by_stage.get(stage, 0) for stage in stages) / US_PER_H
        wanted = [
            (start, end)
            for start, end, stage in zip(self.starts_us, self.ends_us, self.stages, strict=True)
            if stage in stages
        ]
        return (sum(b - a for a, b in wanted) - overlap_us(wanted, gaps)) / US_PER_H

    def sleep_span_us(self) -> tuple[Any, Any] | None:
        """Return (first sleep onset, last sleep end), or None without sleep."""
        asleep = [i for i, value in enumerate(self._asleep) if value]
        if not asleep:
            return None
        return self.starts_us[asleep[0]], self.ends_us[asleep[-1]]
