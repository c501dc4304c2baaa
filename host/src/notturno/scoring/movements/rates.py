"""Rates per hour, the intervals of a night and the periodicity index, each by its convention.

I divide what the rule sets found by the hours of a `denominators.Night`; a rate that cannot be
given is the Refusal in its place. Units: microseconds inside, hours outside. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.nights.spans import US_PER_H
from notturno.refusals import Refusal
from notturno.scoring.movements import indices
from notturno.scoring.movements.denominators import (
    NO_AROUSALS,
    NO_RESP,
    NO_STAGES,
    NOT_IN_WAKE,
    Night,
)
from notturno.scoring.movements.series import Runs, restarts_of, stretches
from notturno.scoring.staging import NREM, REM

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices
    from notturno.scoring.movements.kinds import Found, Kinds


def count(which: Collection[int] | None, otherwise: refusals.Refusal = NO_STAGES) -> Refusal | int:
    """Return how many, or the Refusal that stands for an unknown set (None)."""
    return otherwise if which is None else len(which)


def rates(
    night: Night, choices: Choices, found: Found, kinds: Kinds, wake_scored: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return ({name: rate per hour or Refusal}, {name: the hours that it divides by})."""
    nrem = rem = nonresp = aroused = None
    if kinds.plms is not None and kinds.stage is not None:
        nrem = [i for i in kinds.plms if kinds.stage[i] in NREM]
        rem = [i for i in kinds.plms if kinds.stage[i] == REM]
        aroused = [i for i in kinds.plms if i in found.with_arousal]
        if found.nonresp is not None:
            nonresp = found.in_sleep(found.nonresp)
    wanted = {
        "plms_per_h": (count(kinds.plms), "sleep"),
        "plmw_per_h": (count(kinds.plmw) if wake_scored else NOT_IN_WAKE, "wake"),
        "plms_nrem_per_h": (count(nrem), "nrem"),
        "plms_rem_per_h": (count(rem), "rem"),
        "plms_nonresp_per_h": (count(nonresp) if night.resp_given else NO_RESP, "sleep"),
        "plms_arousal_per_h": (count(aroused) if night.arousals_given else NO_AROUSALS, "sleep"),
        "clms_per_h": (count(kinds.clms), "sleep"),
        "lms_per_h": (count(found.in_sleep(range(len(found.movements)))), "sleep"),
        "short_imi_per_sleep_h": (count(found.in_sleep(kinds.short)), "sleep"),
        "isolated_per_sleep_h": (count(found.in_sleep(kinds.isolated)), "sleep"),
        "plm_per_recorded_h": (len(kinds.plm), "recorded"),
        "clm_per_recorded_h": (len(kinds.clm), "recorded"),
        "lm_per_recorded_h": (len(found.movements), "recorded"),
    }
    return (
        {name: night.rate(value, what, choices) for name, (value, what) in wanted.items()},
        {name: f"{what}_h" for name, (_, what) in wanted.items()},
    )


def measured_intervals(choices: Choices, found: Found) -> list[tuple[int, int, int]]:
    """Return the intervals (earlier, later, imi_us) that indices and histograms describe."""
    if choices.index_span == "whole" or found.asleep is None:
        return found.runs.intervals
    asleep = found.asleep
    return [each for each in found.runs.intervals if asleep[each[0]] and asleep[each[1]]]


def log_imi(
    night: Night, choices: Choices, found: Found, measured: list[tuple[int, int, int]]
) -> tuple[float | refusals.Refusal, float | refusals.Refusal]:
    """Return (mean, sd) of the logarithm of the intervals that `log_imi_set` chooses."""
    if choices.log_imi_set == "lm_before":
        imis = _from_the_lm_before(night, choices, found)
    elif choices.log_imi_set == "plm_intervals":
        imis = _in_series(found.runs, measured)
    else:
        imis = [imi for _, _, imi in measured]
    return indices.log_imi(imis, choices.log_imi_base, choices.log_imi_sd_form)


def _in_series(runs: Runs, measured: list[tuple[int, int, int]]) -> list[int]:
    series_of = {}
    for number, (run, _, _) in enumerate(runs.series()):
        series_of.update(dict.fromkeys(run, number))
    return [
        imi
        for earlier, later, imi in measured
        if earlier in series_of and series_of[earlier] == series_of.get(later)
    ]


def _from_the_lm_before(night: Night, choices: Choices, found: Found) -> list[int]:
    movements = found.movements
    stretch = stretches(movements, restarts_of(night.gaps))
    asleep = None if choices.index_span == "whole" else found.asleep
    imis = []
    for i in range(1, len(movements)):
        imi_us = movements[i].onset_us - movements[i - 1].onset_us
        if not found.candidate[i] or imi_us >= indices.IMI_MAX_US:
            continue
        if stretch is not None and stretch[i] != stretch[i - 1]:
            continue
        if asleep is None or asleep[i]:
            imis.append(imi_us)
    return imis


def lm_per_h(night: Night, choices: Choices, found: Found) -> tuple[float | refusals.Refusal, str]:
    """Return (LM per hour, of what) for the floor of the periodicity index.

    Per hour of sleep where sleep is known, else of the recording, else of the span from the
    first movement's onset to the last one's end.
    """
    movements = found.movements
    if choices.index_span == "sleep_if_staged" and found.asleep is not None:
        return night.rate(sum(found.asleep), "sleep", choices), "sleep"
    if night.span_us() is not None:
        return night.rate(len(movements), "recorded", choices), "recorded"
    if not movements:
        return Refusal("There is no movement.", refusals.TOO_FEW_MOVEMENTS), "movements"
    span_us = max(m.end_us for m in movements) - movements[0].onset_us
    return len(movements) * US_PER_H / span_us, "movements"


def periodicity(
    choices: Choices,
    measured: list[tuple[int, int, int]],
    lm_rate: float | refusals.Refusal,
    periodic: Any,
    clm: Any,
) -> dict[str, Any | Refusal] | dict[str, Refusal | float]:
    """Return {form: index or Refusal} of both forms of the periodicity index."""
    refusal = None
    if refusals.is_refusal(lm_rate):
        refusal = lm_rate
    elif lm_rate < choices.periodicity_min_lm_per_h:
        refusal = Refusal(
            "{lm_rate:.1f} LM an hour are too few; the index is unstable "
            "below {periodicity_min_lm_per_h:g}.",
            refusals.TOO_FEW_MOVEMENTS,
            lm_rate=lm_rate,
            periodicity_min_lm_per_h=choices.periodicity_min_lm_per_h,
        )
    if refusal is not None:
        return {"intervals": refusal, "movements": refusal}
    movements_form = Refusal("There is no CLM.", refusals.TOO_FEW_MOVEMENTS)
    if clm:
        movements_form = len(periodic) / len(clm)
    inclusive = choices.periodicity_lower_bound == "inclusive"
    return {
        "intervals": indices.periodicity_of_intervals(measured, inclusive),
        "movements": movements_form,
    }
