"""All figures of one night of one band: jerks, limb movements by both rules, sleep, provenance.

I put the rooms of scoring together for a night of the logbook; no rule stands here. Pure.
`refusals.to_json` makes the result printable; `changes` compares two of them.
"""

from notturno.nights.axis import night_axis
from notturno.refusals import is_refusal
from notturno.scoring import provenance, rescore
from notturno.scoring.movements import legs
from notturno.scoring.movements.score import BOTH_RULES, RULE_SETS, score_night
from notturno.scoring.onenight import jerks, sleep
from notturno.scoring.staging import Hypnogram

REPORT_VERSION = "report-1"
NOTE = (
    "Not a diagnosis. The rules for limb movements are written for EMG in a sleep laboratory; the "
    "AASM recommends against movement sensors in place of EMG for diagnosing PLMD. One band sees "
    "one limb, and nothing here knows about breathing."
)


def night_report(
    events,
    minutes,
    sessions,
    gaps=(),
    marks=(),
    stages=None,
    sleep_rule="van_hees_2015",
    side="",
    settings=None,
):
    """Return the figures of one night of one band.

    events, minutes, sessions, gaps, marks: dicts of the logbook, any order. stages: rows
    (onset_us, stage) from the start of the first session, which go before any estimate.
    sleep_rule: "van_hees_2015", "cole_kripke_1992" or "marks". side: "L", "R" or "".
    settings: conventions of the movement rules. Raises UserError where the rows are no one night
    of one band.
    """
    axis = night_axis(events, minutes, sessions, gaps)
    slept = _sleep(axis, marks, stages, sleep_rule)
    known = not is_refusal(slept)
    rows_of_stages = slept["stages"] if known else None
    hypnogram = Hypnogram(rows_of_stages) if known else None
    sleep_of = slept["rule"] if known else None
    made_by = provenance.of_events(events, sessions)
    as_lists = [
        {
            "kind": event["kind"],
            "onset_s": event["onset_us"] / 1e6,
            "duration_s": (event["end_us"] - event["onset_us"]) / 1e6,
            "flags": event["flag_names"],
        }
        for event in axis.events
    ]
    rows, _, left_out = legs.from_events(as_lists, side)
    scored = score_night(
        rows,
        rules=BOTH_RULES,
        stages=rows_of_stages,
        gaps=axis.gaps,
        recorded_us=axis.span_us,
        settings=settings,
        source=made_by["source"],
    )
    for figures in scored.values():
        figures["sleep_of"] = sleep_of
        figures["left_out"] = left_out
    first = min(sessions, key=lambda session: session["tick_ms"])
    return {
        "report_version": REPORT_VERSION,
        "night": first["night"],
        "device_id": first["device_id"],
        "simulated": made_by["source"]["simulated"],
        "zone": first["zone"],
        "start_utc_ms": axis.origin_utc_ms,
        "clock": min(
            (s["clock"] for s in sessions), key=("unknown", "estimated", "measured").index
        ),
        "clock_error_ms": max(s["clock_error_ms"] or 0 for s in sessions)
        if axis.origin_utc_ms is not None
        else None,
        "recorded_h": sum(end - start for start, end in axis.recorded) / 3.6e9,
        "jerks": jerks.figures(axis, hypnogram, sleep_of) | {"provenance": made_by},
        "movements": scored,
        "sleep": slept if not known else slept | {"provenance": made_by},
        "sleep_by_rule": _by_rule(axis),
        "provenance": made_by | {"rules": _versions()},
        "note": NOTE,
    }


def changes(old, new):
    """Return {section: rescore.difference} of two reports in their JSON form."""
    found = {"jerks": rescore.difference(old["jerks"], new["jerks"])}
    for name in RULE_SETS:
        found[name] = rescore.difference(old["movements"][name], new["movements"][name])
    if "refused" not in old["sleep"] and "refused" not in new["sleep"]:
        found["sleep"] = rescore.difference(old["sleep"], new["sleep"])
    return found


def _sleep(axis, marks, stages, sleep_rule):
    if stages is not None:
        return sleep.from_hypnogram(axis, stages)
    if sleep_rule == "marks":
        pressed = [
            (mark["utc_ms"] - axis.origin_utc_ms) * 1000
            for mark in marks
            if mark["utc_ms"] is not None and axis.origin_utc_ms is not None
        ]
        return sleep.from_marks(axis, pressed)
    return sleep.estimate(axis, sleep_rule)


def _by_rule(axis):
    """Hours of sleep and the jerk rate by each rule: how far the choice of rule carries."""
    found = {}
    for rule in sleep.SUMMARY_RULES:
        slept = sleep.estimate(axis, rule)
        if is_refusal(slept):
            found[rule] = slept
            continue
        rates = jerks.figures(axis, Hypnogram(slept["stages"]), rule)["rates"]
        found[rule] = {
            "sleep_h": slept["sleep_h"],
            "window_s": slept["window_s"],
            "single_jerks_per_sleep_h": rates["per_sleep_h"],
        }
    return found


def _versions():
    versions = {"jerks": jerks.RULES_VERSION, "sleep": sleep.RULES_VERSION}
    return versions | {name: rules.RULES_VERSION for name, rules in RULE_SETS.items()}
