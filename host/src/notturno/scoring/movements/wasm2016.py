"""WASM/IRLSSG 2016: candidate leg movements and periodic series, literally.

Source: Ferri et al., Sleep Med 2016;26:86-95 (PMID 27890390), as its abstract, table 3 of
PMC9619152 and two open implementations (MATPLM, SOMAS) agree on it; the numbers of clauses are
quoted after others. Units: microseconds. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from notturno.scoring.movements import companions
from notturno.scoring.movements.base import Base
from notturno.scoring.movements.bilateral import LINK_US, combine_wasm
from notturno.scoring.movements.legs import LM_MIN_US, Movement
from notturno.scoring.movements.series import (
    END,
    GAP,
    LONG_IMI,
    NON_CLM,
    SHORT_IMI,
    Runs,
    no_runs,
    stretches,
)

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices

BILATERAL_MAX_PARTS = 4  # bilateral CLM: at most 4 monolateral CLM (3.2.2)
NOT_NEAR_ANY = "not_near_any_lm"  # of the convention after_short_imi


class Rules(Base):
    """CLM of one leg or two."""

    choices_of = "wasm2016"
    LM_MAX_US = 10_000_000  # monolateral CLM: 0.5-10 s, both included (3.2.1)
    BILATERAL_MAX_US = 15_000_000  # bilateral CLM: 0.5-15 s, both included (3.2.2)
    IMI_MIN_US = 10_000_000  # 10 s belongs to the range (3.3.4)

    def parameters(self) -> dict[str, Any]:
        return {
            "lm_min_s": LM_MIN_US / 1e6,
            "clm_max_s": self.LM_MAX_US / 1e6,
            "bilateral_clm_max_s": self.BILATERAL_MAX_US / 1e6,
            "bilateral_clm_max_parts": BILATERAL_MAX_PARTS,
            "imi_min_s": self.IMI_MIN_US / 1e6,
            "imi_max_s": self.IMI_MAX_US / 1e6,
            "series_min": self.series_min,
            "bilateral_link_below_s": LINK_US / 1e6,
            "respiratory_window_s": [
                -companions.BEFORE_END_US / 1e6,
                companions.AFTER_END_US / 1e6,
            ],
        }

    def longest_us(self) -> int:
        return self.BILATERAL_MAX_US

    def sleep_instant(self, choices: Choices) -> str:
        return choices.sleep_instant

    def with_breathing(
        self, movements: list[Movement], resp: Sequence[tuple[int, int]], choices: Choices
    ) -> set[int]:
        return companions.with_breathing_wasm(movements, resp, choices.respiratory_window)

    def combine(self, leg_lms: list[Movement], choices: Choices) -> list[Any | Movement]:
        """Return the LM of both legs taken together (bilateral rule)."""
        return combine_wasm(leg_lms, choices.bilateral_chain, choices.bilateral_link)

    def is_candidate(self, movement: Movement, choices: Choices) -> bool:
        """Tell whether one LM is a CLM: 0.5-10 s on one leg, 0.5-15 s in at most 4 CLM on both."""
        if movement.parts == 1:
            return movement.end_us - movement.onset_us <= self.LM_MAX_US
        if movement.parts > BILATERAL_MAX_PARTS:
            return False
        if movement.end_us - movement.onset_us > self.BILATERAL_MAX_US:
            return False
        return (
            movement.longest_part_us <= self.LM_MAX_US
            or choices.bilateral_part_over_10_s == "allowed"
        )

    def walk(
        self,
        movements: list[Movement],
        candidate: list[bool],
        choices: Choices,
        restarts: Sequence[int] = (),
        passed_over: Collection[int] = frozenset(),
    ) -> Runs:
        """Return the Runs of CLM (3.3.4-3.3.6).

        An LM that is no CLM, an interval under 10 s, one over 90 s and a restart after a gap end
        the run. The CLM after any of them begins the next, after a short interval only where
        `after_short_imi` is "may_begin"; an interval across a non-CLM or a gap is not measured.
        With "not_near_any_lm" no run begins under 10 s behind an LM, CLM or not.
        """
        included, after_short_imi = choices.imi_upper == "included", choices.after_short_imi
        found = no_runs(self.series_min)
        stretch = stretches(movements, restarts)
        longest_us = self.IMI_MAX_US if included else self.IMI_MAX_US - 1
        near_any = after_short_imi == NOT_NEAR_ANY
        run, last = [], None  # last: the CLM before, if an interval can be measured from it
        before = None  # the LM before, whatever it is
        for i, movement in enumerate(movements):
            if i in passed_over:
                continue
            near = near_any and _is_near(movements, stretch, before, i, self.IMI_MIN_US)
            before = i
            if not candidate[i]:
                found.close(run, NON_CLM, i)
                run, last = [], None
                continue
            reason = None
            if last is not None:
                if stretch is not None and stretch[i] != stretch[last]:
                    reason = GAP
                else:
                    imi_us = movement.onset_us - movements[last].onset_us
                    found.intervals.append((last, i, imi_us))
                    if imi_us < self.IMI_MIN_US:
                        reason = SHORT_IMI
                        found.short.append(i)
                    elif imi_us > longest_us:
                        reason = LONG_IMI
            last = i
            if near:  # what is near a CLM has a reason, and what is near another LM no run
                found.close(run, reason, i)
                run = []
                continue
            if reason is None:
                run.append(i)
            else:
                run = found.broken(run, reason, i, after_short_imi)
        found.close(run, END, None)
        return found


def _is_near(
    movements: list[Movement], stretch, before: int | None, at: int, near_us: int
) -> bool:
    """Tell whether an LM began under `near_us` before the movement `at`, no restart between."""
    if before is None or (stretch is not None and stretch[at] != stretch[before]):
        return False
    return movements[at].onset_us - movements[before].onset_us < near_us
