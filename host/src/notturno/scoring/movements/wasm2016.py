"""WASM/IRLSSG 2016: candidate leg movements and periodic series, literally.

Source: Ferri et al., Sleep Med 2016;26:86-95 (PMID 27890390), as its abstract, table 3 of
PMC9619152 and two open implementations (MATPLM, SOMAS) agree on it; the numbers of clauses are
quoted after others. Units: microseconds. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from notturno.scoring import versions
from notturno.scoring.movements.bilateral import combine_wasm
from notturno.scoring.movements.legs import LM_MIN_US, Movement
from notturno.scoring.movements.series import (
    END,
    GAP,
    IMI_MAX_US,
    LONG_IMI,
    NON_CLM,
    SHORT_IMI,
    Runs,
    no_runs,
    stretches,
)

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices

RULES, RULES_VERSION = "wasm2016", versions.WASM2016
CLM_MAX_US = 10_000_000  # monolateral CLM: 0.5-10 s, both included (3.2.1)
BILATERAL_MAX_US = 15_000_000  # bilateral CLM: 0.5-15 s, both included (3.2.2)
BILATERAL_MAX_PARTS = 4  # bilateral CLM: at most 4 monolateral CLM (3.2.2)
IMI_MIN_US = 10_000_000  # 10 s belongs to the range (3.3.4)
NOT_NEAR_ANY = "not_near_any_lm"  # of the convention after_short_imi

PARAMETERS = {
    "lm_min_s": LM_MIN_US / 1e6,
    "clm_max_s": CLM_MAX_US / 1e6,
    "bilateral_clm_max_s": BILATERAL_MAX_US / 1e6,
    "bilateral_clm_max_parts": BILATERAL_MAX_PARTS,
    "imi_min_s": IMI_MIN_US / 1e6,
    "imi_max_s": IMI_MAX_US / 1e6,
    "series_min": 4,
    "bilateral_link_below_s": 0.5,
    "respiratory_window_s": [-2.0, 10.25],
}


def combine(leg_lms: list[Movement], choices: Choices) -> list[Any | Movement]:
    """Return the LM of both legs taken together (bilateral rule)."""
    return combine_wasm(leg_lms, choices.bilateral_chain, choices.bilateral_link)


def is_candidate(movement: Movement, choices: Choices) -> bool:
    """Tell whether one LM is a CLM: 0.5-10 s on one leg, 0.5-15 s in at most 4 CLM on both."""
    if movement.parts == 1:
        return movement.end_us - movement.onset_us <= CLM_MAX_US
    if movement.parts > BILATERAL_MAX_PARTS:
        return False
    if movement.end_us - movement.onset_us > BILATERAL_MAX_US:
        return False
    return movement.longest_part_us <= CLM_MAX_US or choices.bilateral_part_over_10_s == "allowed"


def walk(
    movements: list[Movement],
    candidate: list[bool],
    restarts: Sequence[int] = (),
    passed_over: Collection[int] = frozenset(),
    after_short_imi: str = "may_begin",
    imi_upper: str = "included",
) -> Runs:
    """Return the Runs of CLM (3.3.4-3.3.6).

    An LM that is no CLM, an interval under 10 s, one over 90 s and a restart after a gap end the
    run. The CLM after any of them begins the next, after a short interval only with "may_begin";
    an interval across a non-CLM or a gap is not measured. With "not_near_any_lm" no run begins
    under 10 s behind an LM, CLM or not. `passed_over`: indices to take as if they were not there;
    imi_upper: of `conventions`.
    """
    found = no_runs()
    stretch = stretches(movements, restarts)
    longest_us = IMI_MAX_US if imi_upper == "included" else IMI_MAX_US - 1
    near_any = after_short_imi == NOT_NEAR_ANY
    run, last = [], None  # last: the CLM before, if an interval can be measured from it
    before = None  # the LM before, whatever it is
    for i, movement in enumerate(movements):
        if i in passed_over:
            continue
        near = near_any and _is_near(movements, stretch, before, i)
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
                if imi_us < IMI_MIN_US:
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


def _is_near(movements: list[Movement], stretch, before: int | None, at: int) -> bool:
    """Tell whether an LM began under 10 s before the movement `at`, without a restart between."""
    if before is None or (stretch is not None and stretch[at] != stretch[before]):
        return False
    return movements[at].onset_us - movements[before].onset_us < IMI_MIN_US
