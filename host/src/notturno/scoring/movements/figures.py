"""The figures of one night by one rule set, under the keys that RULES.md explains.

I count and divide what the rule sets found; every rate names its denominator. Pure.
"""

from collections import Counter

from notturno import __version__, refusals
from notturno.nights.spans import US_PER_H
from notturno.refusals import Refusal
from notturno.scoring.movements import conventions, indices
from notturno.scoring.movements.denominators import (
    NO_AROUSALS,
    NO_RESP,
    NO_SPAN,
    NO_STAGES,
    NOT_IN_WAKE,
)
from notturno.scoring.staging import NREM, REM, WAKE


def of(
    rule_set,
    night,
    choices,
    movements,
    candidate,
    runs,
    asleep,
    with_resp,
    with_arousal,
    nonresp,
    provenance,
):
    """Return the dict of figures; see RULES.md for every key."""
    plm = sorted(runs.periodic())
    periodic = set(plm)
    clm = [i for i, value in enumerate(candidate) if value]
    short = runs.short
    not_isolated = periodic.union(short)
    isolated = [i for i in clm if i not in not_isolated]
    staged = asleep is not None
    stage = None
    if staged:
        stage = night.hypnogram.stages_at_onsets(movements)

    def in_sleep(which):
        return [i for i in which if asleep[i]] if staged else None

    def in_wake(which):
        return [i for i in which if not asleep[i] and stage[i] == WAKE] if staged else None

    def count(which, otherwise=NO_STAGES):
        return otherwise if which is None else len(which)

    plms, plmw, clms = in_sleep(plm), in_wake(plm), in_sleep(clm)
    no_wake = rule_set.RULES == "aasm3" and staged and choices.aasm_sleep_rule == "asleep_only"
    span = choices.index_span == "sleep_if_staged" and staged
    measured = [
        found for found in runs.intervals if not span or (asleep[found[0]] and asleep[found[1]])
    ]
    inside = measured
    if choices.log_imi_set == "plm_intervals":
        inside = _in_series(runs, measured)
    log_mean, log_sd = indices.log_imi(
        [imi for _, _, imi in inside], choices.log_imi_base, choices.log_imi_sd_form
    )
    lm_per_h, lm_hours_of = _lm_rate(night, choices, movements, asleep if span else None)
    forms = _periodicity(choices, measured, lm_per_h, plms if span else plm, clms if span else clm)
    imis = [imi for _, _, imi in measured]
    plms_by_stage = (
        None
        if not staged
        else {
            "nrem": [i for i in plms if stage[i] in NREM],
            "rem": [i for i in plms if stage[i] == REM],
        }
    )
    rates, denominators = _rates(
        night,
        choices,
        {
            "plms_per_h": (count(plms), "sleep"),
            "plmw_per_h": (NOT_IN_WAKE if no_wake else count(plmw), "wake"),
            "plms_nrem_per_h": (count(plms_by_stage and plms_by_stage["nrem"]), "nrem"),
            "plms_rem_per_h": (count(plms_by_stage and plms_by_stage["rem"]), "rem"),
            "plms_nonresp_per_h": (
                count(in_sleep(sorted(nonresp))) if nonresp is not None else NO_RESP,
                "sleep",
            ),
            "plms_arousal_per_h": (
                count(in_sleep([i for i in plm if i in with_arousal]))
                if night.arousals_given
                else NO_AROUSALS,
                "sleep",
            ),
            "clms_per_h": (count(clms), "sleep"),
            "lms_per_h": (count(in_sleep(range(len(movements)))), "sleep"),
            "short_imi_per_sleep_h": (count(in_sleep(short)), "sleep"),
            "isolated_per_sleep_h": (count(in_sleep(isolated)), "sleep"),
            "plm_per_recorded_h": (len(plm), "recorded"),
            "clm_per_recorded_h": (len(clm), "recorded"),
            "lm_per_recorded_h": (len(movements), "recorded"),
        },
    )
    sides = Counter(m.side for m in movements)
    plm_sides = Counter(movements[i].side for i in plm)
    return {
        "rules": rule_set.RULES,
        "rules_version": rule_set.RULES_VERSION,
        "lm": len(movements),
        "clm": len(clm),
        "plm": len(plm),
        "plms": count(plms),
        "plmw": count(plmw),
        "plm_nonresp": count(nonresp, NO_RESP),
        "plms_per_h": rates["plms_per_h"],
        "periodicity_index": forms[choices.periodicity_form],
        "log_imi_mean": log_mean,
        "log_imi_sd": log_sd,
        "series": _series(runs, movements),
        "breaks": _breaks(runs, movements),
        "rates": rates,
        "denominators": denominators,
        "hours": {
            what: night.hours(what, choices)
            for what in ("sleep", "wake", "nrem", "rem", "recorded")
        },
        "periodicity_index_forms": {**forms, "lm_per_h": lm_per_h, "lm_hours_of": lm_hours_of},
        "intervals_measured": len(measured),
        "imi_histogram": indices.imi_histogram(imis),
        "log_imi_histogram": indices.log_imi_histogram(imis),
        "counts": {
            "rows": len(night.rows),
            "rows_without_morphology": sum(r.morphology is False for r in night.rows),
            "monolateral_lm": len(night.legs),
            "clm_short_imi": len(short),
            "clm_isolated": len(isolated),
            "clm_with_respiratory_event": len([i for i in clm if i in with_resp])
            if night.resp_given
            else NO_RESP,
            "plm_with_arousal": len([i for i in plm if i in with_arousal])
            if night.arousals_given
            else NO_AROUSALS,
            "lm_by_side": _named_sides(sides),
            "plm_by_side": _named_sides(plm_sides),
        },
        "mean_duration_s": {
            "lm": indices.mean_duration_s(movements, range(len(movements))),
            "clm": indices.mean_duration_s(movements, clm),
            "plm": indices.mean_duration_s(movements, plm),
            "plms": indices.mean_duration_s(movements, plms) if staged else NO_STAGES,
            "plmw": indices.mean_duration_s(movements, plmw) if staged else NO_STAGES,
            "clm_short_imi": indices.mean_duration_s(movements, short),
            "clm_isolated": indices.mean_duration_s(movements, isolated),
        },
        "run_breaks": dict(Counter(runs.ended_by)),
        "by_hour": indices.by_hour(movements, candidate, periodic, (night.span_us() or (0, 0))[0]),
        "by_half": _halves(night, movements, periodic),
        "parameters": rule_set.PARAMETERS,
        "conventions": conventions.describe(choices, rule_set.RULES),
        "provenance": {
            **provenance,
            "notturno": __version__,
            "rules_version": rule_set.RULES_VERSION,
        },
    }


def _rates(night, choices, wanted):
    rates = {name: night.rate(value, what, choices) for name, (value, what) in wanted.items()}
    return rates, {name: f"{what}_h" for name, (_, what) in wanted.items()}


def _in_series(runs, measured):
    series_of = {}
    for number, (run, _, _) in enumerate(runs.series()):
        series_of.update(dict.fromkeys(run, number))
    return [
        found
        for found in measured
        if found[0] in series_of and series_of[found[0]] == series_of.get(found[1])
    ]


def _lm_rate(night, choices, movements, asleep):
    """Return (LM per hour, of what) for the floor of the periodicity index.

    Per hour of sleep where sleep is known, else of the recording, else of the span from the
    first movement's onset to the last one's end.
    """
    if asleep is not None:
        return night.rate(sum(asleep), "sleep", choices), "sleep"
    if night.span_us() is not None:
        return night.rate(len(movements), "recorded", choices), "recorded"
    if not movements:
        return Refusal("There is no movement.", refusals.TOO_FEW_MOVEMENTS), "movements"
    span_us = max(m.end_us for m in movements) - movements[0].onset_us
    return len(movements) * US_PER_H / span_us, "movements"


def _periodicity(choices, measured, lm_per_h, periodic, clm):
    """Return {form: index or Refusal} of both forms of the periodicity index."""
    refusal = None
    if refusals.is_refusal(lm_per_h):
        refusal = lm_per_h
    elif lm_per_h < choices.periodicity_min_lm_per_h:
        refusal = Refusal(
            f"{lm_per_h:.1f} LM an hour are too few; the index is unstable below "
            f"{choices.periodicity_min_lm_per_h:g}.",
            refusals.TOO_FEW_MOVEMENTS,
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


def _series(runs, movements):
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


def _breaks(runs, movements):
    return [
        {
            "series": number,
            "reason": reason,
            "at_s": None if index is None else movements[index].onset_us / 1e6,
        }
        for number, (_, reason, index) in enumerate(runs.series())
    ]


def _named_sides(sides):
    names = {"left": "L", "right": "R", "both": "B", "unknown": ""}
    return {name: sides.get(side, 0) for name, side in names.items()}


def _halves(night, movements, periodic):
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
