"""All figures of one night of one band: jerks, limb movements by both rules, sleep, provenance.

I put the rooms of scoring together for a night of the logbook; no rule stands here. Pure.
`refusals.to_json` makes the result printable; `changes` compares two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from notturno.nights.axis import NightAxis, night_axis
from notturno.nights.summary import Facts
from notturno.refusals import Refusal, is_refusal
from notturno.scoring import provenance, rescore
from notturno.scoring.movements.score import RULE_SETS
from notturno.scoring.onenight import jerks, nightly, sleep
from notturno.scoring.staging import Hypnogram

REPORT_VERSION = "report-2"
HEAD = (  # what stands above a report, by the keys of the nightly table
    *("night", "device_id", "band", "person_side", "simulated", "zone", "start_utc_ms"),
    *("clock", "clock_error_ms", "state", "state_reason", "refusal", "warnings"),
    *("recorded_h", "countable_h", "worn_h", "asleep_h", "jerks_per_h", "lms_per_h"),
)
NOTE = (
    "Not a diagnosis. The rules for limb movements are written for EMG in a sleep laboratory; the "
    "AASM recommends against movement sensors in place of EMG for diagnosing PLMD. One band sees "
    "one limb, and nothing here knows about breathing."
)


def night_report(
    events: list[dict],
    minutes: list[dict],
    sessions: list[dict],
    gaps: Sequence[dict] = (),
    marks: Sequence[dict] = (),
    stages: list[tuple[int, str]] | str | None = None,
    sleep_rule: str = "van_hees_2015",
    facts: Facts | None = None,
    in_bed_utc_ms: tuple[int | None, int | None] = (None, None),
    settings: dict[str, str] | str | None = None,
) -> dict[str, Any]:
    """Return the figures of one night of one band.

    events, minutes, sessions, gaps, marks: dicts of the logbook, any order. stages: rows
    (onset_us, stage) from the start of the first session, which go before any estimate.
    sleep_rule: "van_hees_2015", "cole_kripke_1992" or "marks". facts: summary.Facts (side, state,
    ...); None: a complete night of a band without a name. in_bed_utc_ms: as the person said.
    settings: conventions of the movement rules. Raises UserError where the rows are no one night
    of one band.
    """
    axis = night_axis(events, minutes, sessions, gaps, in_bed_utc_ms)
    slept = _sleep(axis, marks, stages, sleep_rule)
    if facts is None:
        facts = Facts(sessions[0]["night"], None, "")
    scored = nightly.score(axis, sessions, facts, slept, settings)
    made_by = provenance.of_events(events, sessions)
    known = not is_refusal(slept)
    return {
        "report_version": REPORT_VERSION,
        **{key: scored.columns[key] for key in HEAD},
        "columns": nightly.as_row(scored.columns),
        "jerks": scored.jerks | {"provenance": made_by},
        "movements": scored.movements,
        "sleep": slept if not known else slept | {"provenance": made_by},
        "sleep_by_rule": _by_rule(axis),
        "provenance": made_by | {"rules": _versions()},
        "note": NOTE,
    }


def changes(old: dict, new: dict) -> dict[str, dict[str, Any]]:
    """Return {section: rescore.difference} of two reports in their JSON form."""
    found = {"jerks": rescore.difference(old["jerks"], new["jerks"])}
    for name in RULE_SETS:
        found[name] = rescore.difference(old["movements"][name], new["movements"][name])
    if "refused" not in old["sleep"] and "refused" not in new["sleep"]:
        found["sleep"] = rescore.difference(old["sleep"], new["sleep"])
    return found


def _sleep(
    axis: NightAxis,
    marks: Sequence[dict],
    stages: Any,
    sleep_rule: str,
) -> dict | Refusal:
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


def _by_rule(axis: NightAxis) -> dict:
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


def _versions() -> dict[str, str]:
    versions = {"jerks": jerks.RULES_VERSION, "sleep": sleep.RULES_VERSION}
    return versions | {name: rules.version for name, rules in RULE_SETS.items()}
