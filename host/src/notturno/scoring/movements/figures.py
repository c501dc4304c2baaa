"""The figures of one night by one rule set, under the keys that RULES.md explains.

I count the `kinds` of movements and put the dict together; `rates.py` divides. Pure.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from notturno import __version__
from notturno.scoring.movements import conventions, indices, rates
from notturno.scoring.movements.denominators import NO_AROUSALS, NO_RESP, NO_SPAN, NO_STAGES, Night
from notturno.scoring.movements.kinds import Found, Kinds, kinds_of
from notturno.scoring.movements.rates import count
from notturno.scoring.movements.series import Runs

if TYPE_CHECKING:
    from notturno.refusals import Refusal
    from notturno.scoring.movements.base import Base
    from notturno.scoring.movements.legs import Movement


class Core(NamedTuple):
    """What a night comes to by one rule set, without the lists: `figures` under the keys of
    RULES.md; kinds, measured (intervals) for what is made of them besides."""

    figures: dict
    kinds: Kinds
    measured: list


def core_of(rule_set: Base, night: Night, choices: conventions.Choices, found: Found) -> Core:
    """Return the Core of one night: every count, rate and index that one number says.

    night: denominators.Night; choices: of `conventions.resolve`.
    """
    kinds = kinds_of(night, found)
    measured = rates.measured_intervals(choices, found)
    log_mean, log_sd = rates.log_imi(night, choices, found, measured)
    lm_rate, lm_hours_of = rates.lm_per_h(night, choices, found)
    of_sleep = choices.index_span == "sleep_if_staged" and found.asleep is not None
    forms = rates.periodicity(
        choices,
        measured,
        lm_rate,
        kinds.plms if of_sleep else kinds.plm,
        kinds.clms if of_sleep else kinds.clm,
    )
    wake_scored = found.asleep is None or rule_set.scores_wake(choices)
    per_h, denominators = rates.rates(night, choices, found, kinds, wake_scored)
    told = {
        "rules": rule_set.key,
        "rules_version": rule_set.version,
        "lm": len(found.movements),
        "clm": len(kinds.clm),
        "plm": len(kinds.plm),
        "plms": count(kinds.plms),
        "plmw": count(kinds.plmw),
        "plm_nonresp": count(found.nonresp, NO_RESP),
        "plms_per_h": per_h["plms_per_h"],
        "periodicity_index": forms[choices.periodicity_form],
        "log_imi_mean": log_mean,
        "log_imi_sd": log_sd,
        "rates": per_h,
        "denominators": denominators,
        "hours": {
            what: night.hours(what, choices)
            for what in ("sleep", "wake", "nrem", "rem", "recorded")
        },
        "periodicity_index_forms": {**forms, "lm_per_h": lm_rate, "lm_hours_of": lm_hours_of},
        "intervals_measured": len(measured),
    }
    return Core(told, kinds, measured)


# Where `of` puts its lists among the figures: before this key.
LISTS_BEFORE = "rates"


def of(
    rule_set: Base,
    night: Night,
    choices: conventions.Choices,
    found: Found,
    provenance: dict,
) -> dict:
    """Return the dict of figures; see RULES.md for every key. provenance: dict to repeat."""
    core = core_of(rule_set, night, choices, found)
    kinds, movements, periodic = core.kinds, found.movements, set(core.kinds.plm)
    imis = [imi for _, _, imi in core.measured]
    told = {}
    for key, value in core.figures.items():
        if key == LISTS_BEFORE:
            told["series"] = _series(found.runs, movements)
            told["breaks"] = _breaks(found.runs, movements)
        told[key] = value
    return told | {
        "imi_histogram": indices.imi_histogram(imis),
        "log_imi_histogram": indices.log_imi_histogram(imis),
        "counts": _counts(night, found, kinds),
        "mean_duration_s": _mean_durations(movements, kinds),
        "run_breaks": dict(Counter(found.runs.ended_by)),
        "by_hour": indices.by_hour(
            movements, found.candidate, periodic, (night.span_us() or (0,))[0]
        ),
        "by_half": _halves(night, movements, periodic),
        "parameters": rule_set.parameters(),
        "conventions": conventions.describe(choices, rule_set.choices_of),
        "provenance": {
            **provenance,
            "notturno": __version__,
            "rules_version": rule_set.version,
        },
    }


def _counts(night: Night, found: Found, kinds: Kinds) -> dict:
    movements = found.movements
    return {
        "rows": len(night.rows),
        "rows_without_morphology": sum(r.morphology is False for r in night.rows),
        "monolateral_lm": len(night.legs),
        "clm_short_imi": len(kinds.short),
        "clm_isolated": len(kinds.isolated),
        "clm_with_respiratory_event": len([i for i in kinds.clm if i in found.with_resp])
        if night.resp_given
        else NO_RESP,
        "plm_with_arousal": len([i for i in kinds.plm if i in found.with_arousal])
        if night.arousals_given
        else NO_AROUSALS,
        "lm_by_side": _named_sides(Counter(m.side for m in movements)),
        "plm_by_side": _named_sides(Counter(movements[i].side for i in kinds.plm)),
    }


def _mean_durations(movements: list[Movement], kinds: Kinds) -> dict:
    by_kind = {
        "lm": range(len(movements)),
        "clm": kinds.clm,
        "plm": kinds.plm,
        "plms": kinds.plms,
        "plmw": kinds.plmw,
        "clm_short_imi": kinds.short,
        "clm_isolated": kinds.isolated,
    }
    return {
        kind: NO_STAGES if which is None else indices.mean_duration_s(movements, which)
        for kind, which in by_kind.items()
    }


def _series(runs: Runs, movements: list[Movement]) -> list[dict]:
    return [
        {
            "movements": len(run),
            "start_s": movements[run[0]].onset_us / 1e6,
            "end_s": movements[run[-1]].end_us / 1e6,
            "onsets_s": [movements[i].onset_us / 1e6 for i in run],
            "ended_by": reason,
        }
        for run, reason, _ in runs.series()
    ]


def _breaks(runs: Runs, movements: list[Movement]) -> list[dict]:
    return [
        {
            "series": number,
            "reason": reason,
            "at_s": None if index is None else movements[index].onset_us / 1e6,
        }
        for number, (_, reason, index) in enumerate(runs.series())
    ]


def _named_sides(sides: dict) -> dict[str, int]:
    names = {"left": "L", "right": "R", "both": "B", "unknown": ""}
    return {name: sides.get(side, 0) for name, side in names.items()}


def _halves(night: Night, movements: list[Movement], periodic: set[int]) -> dict | Refusal:
    """Halves of the time from sleep onset to the last sleep, else of the recorded span."""
    span = None
    of_what = "sleep period"
    if night.hypnogram is not None:
        span = night.hypnogram.sleep_span_us()
    if span is None:
        span, of_what = night.span_us(), "recording"
    if span is None:
        return NO_SPAN
    return {"of": of_what, **indices.by_half(movements, periodic, span)}
