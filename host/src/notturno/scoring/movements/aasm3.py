"""AASM manual, version 3: limb movements and periodic series, literally.

Source: AASM Manual for the Scoring of Sleep, v3, VII.1 (limb movements), as quoted in table 3 of
PMC9619152 and in open material; what the manual leaves open is a named convention. AASM knows no
"candidate": an LM here is 0.5-10 s, and that is what `candidate` means below. Units:
microseconds. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from notturno.scoring.movements import companions
from notturno.scoring.movements.base import Base
from notturno.scoring.movements.bilateral import AASM_LINK_US, combine_aasm, combine_wasm
from notturno.scoring.movements.legs import LM_MIN_US, Movement
from notturno.scoring.movements.series import (
    END,
    GAP,
    LONG_IMI,
    SHORT_IMI,
    Runs,
    no_runs,
    stretches,
)

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices


class Rules(Base):
    """LM of one leg or two."""

    choices_of = "aasm3"
    LM_MAX_US = 10_000_000  # 10 s belongs to the range
    IMI_MIN_US = 5_000_000  # 5 s belongs to the range

    def parameters(self) -> dict[str, Any]:
        return {
            "lm_min_s": LM_MIN_US / 1e6,
            "lm_max_s": self.LM_MAX_US / 1e6,
            "imi_min_s": self.IMI_MIN_US / 1e6,
            "imi_max_s": self.IMI_MAX_US / 1e6,
            "series_min": self.series_min,
            "bilateral_onsets_below_s": AASM_LINK_US / 1e6,
            "respiratory_margin_s": companions.AASM_MARGIN_US / 1e6,
        }

    def sleep_instant(self, choices: Choices) -> str:
        return choices.aasm_sleep_instant

    def with_breathing(
        self, movements: list[Movement], resp: Sequence[tuple[int, int]], choices: Choices
    ) -> set[int]:
        return companions.with_breathing_aasm(movements, resp)

    def passed_over(
        self, with_resp: set[int], asleep: list[bool] | None, choices: Choices
    ) -> set[int]:
        left_out = set(with_resp) if choices.aasm_respiratory == "excluded" else set()
        if asleep is not None and not self.scores_wake(choices):
            left_out |= {i for i, value in enumerate(asleep) if not value}
        return left_out

    def scores_wake(self, choices: Choices) -> bool:
        return choices.aasm_sleep_rule != "asleep_only"

    def combine(self, leg_lms: list[Movement], choices: Choices) -> list[Any | Movement]:
        """Return all movements after joining legs, sorted by onset; LM over 10 s stay in."""
        if choices.aasm_bilateral == "off":
            return leg_lms
        join = combine_aasm
        if choices.aasm_bilateral == "wasm_0_5_s":
            join = combine_wasm
        if choices.aasm_duration == "after":
            return join(leg_lms)
        fitting = [m for m in leg_lms if m.end_us - m.onset_us <= self.LM_MAX_US]
        if len(fitting) == len(leg_lms):
            return join(leg_lms)
        too_long = [m for m in leg_lms if m.end_us - m.onset_us > self.LM_MAX_US]
        return sorted(join(fitting) + too_long)

    def is_candidate(self, movement: Movement, choices: Choices) -> bool:
        """Tell whether a movement may stand in a series.

        By the 10 s limit of each part (`aasm_duration` "before") or of the whole ("after").
        """
        if choices.aasm_duration == "after":
            return movement.end_us - movement.onset_us <= self.LM_MAX_US
        return movement.longest_part_us <= self.LM_MAX_US

    def walk(
        self,
        movements: list[Movement],
        candidate: list[bool],
        choices: Choices,
        restarts: Sequence[int] = (),
        passed_over: Collection[int] = frozenset(),
    ) -> Runs:
        """Return the Runs of LM.

        A movement over 10 s is passed over: not in the series, no break. An interval over 90 s
        and a restart after a gap end the run. An interval under 5 s, by `aasm_short_imi`: with
        "skip_later" the later LM is passed over and the next interval is measured from the
        earlier one; with "ends_series" the run ends and the later LM begins the next, unless
        `after_short_imi` is "may_not_begin".
        """
        found = no_runs(self.series_min)
        stretch = stretches(movements, restarts)
        run, last = [], None
        for i, movement in enumerate(movements):
            if not candidate[i] or i in passed_over:
                continue
            reason = None
            if last is not None and stretch is not None and stretch[i] != stretch[last]:
                reason = GAP
            elif last is not None:
                imi_us = movement.onset_us - movements[last].onset_us
                if imi_us < self.IMI_MIN_US:
                    found.short.append(i)
                    if choices.aasm_short_imi == "skip_later":
                        continue
                    reason = SHORT_IMI
                elif imi_us > self.IMI_MAX_US:
                    reason = LONG_IMI
                found.intervals.append((last, i, imi_us))
            last = i
            if reason is None:
                run.append(i)
            else:
                run = found.broken(run, reason, i, choices.after_short_imi)
        found.close(run, END, None)
        return found
