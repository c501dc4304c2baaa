"""AASM manual, version 3: limb movements and periodic series, literally.

Source: AASM Manual for the Scoring of Sleep, v3, VII.1 (limb movements), as quoted in table 3 of
PMC9619152 and in open material; what the manual leaves open is a named convention. AASM knows no
"candidate": an LM here is 0.5-10 s, and that is what `candidate` means below. Units:
microseconds. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from notturno.scoring import versions
from notturno.scoring.movements.bilateral import combine_aasm, combine_wasm
from notturno.scoring.movements.legs import LM_MIN_US, Movement
from notturno.scoring.movements.series import (
    END,
    GAP,
    IMI_MAX_US,
    LONG_IMI,
    SHORT_IMI,
    Runs,
    no_runs,
    stretches,
)

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices

RULES, RULES_VERSION = "aasm3", versions.AASM3
LM_MAX_US = 10_000_000  # 10 s belongs to the range
IMI_MIN_US = 5_000_000  # 5 s belongs to the range

PARAMETERS = {
    "lm_min_s": LM_MIN_US / 1e6,
    "lm_max_s": LM_MAX_US / 1e6,
    "imi_min_s": IMI_MIN_US / 1e6,
    "imi_max_s": IMI_MAX_US / 1e6,
    "series_min": 4,
    "bilateral_onsets_below_s": 5.0,
    "respiratory_margin_s": 0.5,
}


def combine(leg_lms: list[Movement], choices: Choices) -> list[Any | Movement]:
    """Return all movements after joining legs, sorted by onset; LM over 10 s stay in the list."""
    if choices.aasm_bilateral == "off":
        return leg_lms
    join = combine_aasm
    if choices.aasm_bilateral == "wasm_0_5_s":
        join = combine_wasm
    if choices.aasm_duration == "after":
        return join(leg_lms)
    fitting = [m for m in leg_lms if m.end_us - m.onset_us <= LM_MAX_US]
    if len(fitting) == len(leg_lms):
        return join(leg_lms)
    too_long = [m for m in leg_lms if m.end_us - m.onset_us > LM_MAX_US]
    return sorted(join(fitting) + too_long)


def is_candidate(movement: Movement, choices: Choices) -> bool:
    """Tell whether a movement may stand in a series.

    By the 10 s limit of each part (`aasm_duration` "before") or of the whole ("after").
    """
    if choices.aasm_duration == "after":
        return movement.end_us - movement.onset_us <= LM_MAX_US
    return movement.longest_part_us <= LM_MAX_US


def walk(
    movements: list[Movement],
    candidate: list[bool],
    restarts: Sequence[int] = (),
    passed_over: Collection[int] = frozenset(),
    short_imi: str = "skip_later",
    after_short_imi: str = "may_begin",
) -> Runs:
    """Return the Runs of LM.

    A movement over 10 s is passed over: not in the series, no break. An interval over 90 s and a
    restart after a gap end the run. An interval under 5 s: with "skip_later" the later LM is
    passed over and the next interval is measured from the earlier one; with "ends_series" the
    run ends and the later LM begins the next, unless `after_short_imi` is "may_not_begin".
    """
    found = no_runs()
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
            if imi_us < IMI_MIN_US:
                found.short.append(i)
                if short_imi == "skip_later":
                    continue
                reason = SHORT_IMI
            elif imi_us > IMI_MAX_US:
                reason = LONG_IMI
            found.intervals.append((last, i, imi_us))
        last = i
        if reason is None:
            run.append(i)
        else:
            run = found.broken(run, reason, i, after_short_imi)
    found.close(run, END, None)
    return found
