"""The words and figures of a report's first page: what a doctor reads in the first ten seconds.

Takes the contents (`report.contents`) in JSON form; gives texts in the language that is spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from notturno.report.figures_said import (
    DASH,
    cell,
    day,
    days,
    is_refused,
    number,
    reason,
    shown,
    span,
    why,
)
from notturno.report.naming import sensor
from notturno.words import _, n_

if TYPE_CHECKING:
    from notturno.words.written import Written

MOST_NOTES = 2  # reasons below the table of indices
NO_NAME = "________________________"


def title(found: dict) -> dict:
    """Return `title`, `subtitle` and `who`: pairs of a label and its text."""
    head, who = found["nights"]["head"], found["who"]
    if found["anonymous"]:
        name = (_("Code"), who["code"] or DASH)
    else:
        name = (_("Name"), shown(who["name"], 40) if who["name"] else NO_NAME)
    nights = DASH
    if head["first_night"] is not None:
        nights = days(head["first_night"], head["last_night"])
    pairs = [name, (_("Nights"), nights), (_("Sensor"), sensor(found["subject"]))]
    if found["made_on"]:
        pairs.append((_("Made on"), day(found["made_on"])))
    return {
        "title": _("Movements of a limb in sleep"),
        "subtitle": _("Report for the physician"),
        "who": pairs,
    }


def tiles(found: dict) -> list[dict]:
    """Return the four figures that stand first: `title`, `value`, `unit`, `note`."""
    measures = found["measures"]
    return [
        _tile(
            _("Single jerks"), measures["jerks_per_h"], _("an hour"), _spread_of(found["nights"])
        ),
        *(
            _tile(name, measures[key], _("per hour of sleep"), _range_of(found["nights"], key))
            for name, key in (
                (_("PLMS, WASM 2016"), "plms_per_h_wasm2016"),
                (_("PLMS, AASM v3"), "plms_per_h_aasm3"),
            )
        ),
        _starts(found["sleep_starts"]),
    ]


def _tile(name: Written | str, measure: dict, unit: Written | str, note: Callable) -> dict:
    refused = is_refused(measure["typical"])
    return {
        "title": name,
        "value": number(measure["typical"]),
        "unit": "" if refused else unit,
        "note": why(measure) if refused else note(measure),
    }


def _spread_of(nights: dict) -> Callable:
    """Return a function that tells how nights differ; of one night alone, what chance does."""
    intervals = [
        (row[f"{nights['measure']}_low"], row[f"{nights['measure']}_high"])
        for row in nights["nights"]
        if row[f"{nights['measure']}_low"] is not None
    ]

    def told(measure: dict) -> str:
        spread = measure["variability"]
        if not is_refused(spread):
            return _("middle half of the nights: {span}").format(span=span(*spread["quartiles"]))
        if len(intervals) == 1:
            return _("one night alone; 95 % interval of chance: {span}").format(
                span=span(*intervals[0])
            )
        return reason(spread)

    return told


def _range_of(nights: dict, key: str) -> Callable:
    """Return a function that tells how far apart the nights are, and the detector's own error.

    Few people have periodic movements every night, and the typical one of 60 and 0 is near 2.
    """
    rates = [row[key] for row in nights["nights"] if row["refusal"] is None]
    rates = [rate for rate in rates if not is_refused(rate)]

    def told(measure: dict) -> str:
        bounds = measure["detector_range"]
        if is_refused(bounds):
            error = reason(bounds)
        else:
            error = _("with the detector's own error: {span}").format(
                span=span(bounds["low"], bounds["high"])
            )
        if len(rates) < 2:
            return error
        return _("nights: {span}; {error}").format(span=span(min(rates), max(rates)), error=error)

    return told


def _starts(starts: dict) -> dict:
    tile = {"title": _("Possible sleep starts"), "value": number(starts["counted"], 0)}
    if is_refused(starts["counted"]):
        return tile | {"unit": "", "note": reason(starts["counted"])}
    unit = n_("in {n} night", "in {n} nights", starts["nights"]).format(n=starts["nights"])
    note = _("by chance alone: {chance}; interval of the count: {span}").format(
        chance=number(starts["by_chance"]), span=span(starts["low"], starts["high"], 0)
    )
    return tile | {"unit": unit, "note": note}


def table(found: dict) -> dict:
    """Return the table of indices: `head` and `rows` of texts, `note`."""
    names = {
        "jerks_per_h": _("Single jerks an hour"),
        "lms_per_h": _("Limb movements (0.5 s and longer) an hour"),
        "plms_per_h_wasm2016": _("PLMS per hour of sleep, WASM 2016"),
        "plms_per_h_aasm3": _("PLMS per hour of sleep, AASM v3"),
        "periodicity_index": _("Periodicity index (0 to 1), WASM 2016"),
        "periodicity_index_aasm3": _("Periodicity index (0 to 1), AASM v3"),
        "log_imi_mean": _("Mean of ln of the intervals (s), WASM 2016"),
    }
    rows, reasons = [], []
    for key, name in names.items():
        rows.append([name, *_row(found["measures"][key], reasons)])
    note = _(
        "Typical: geometric mean of the nights' rates, mean of indices. Detector's error: bounds "
        "that what it missed and invented on trial puts round the rate."
    )
    if reasons:
        note += " " + DASH + ": " + " ".join(list(dict.fromkeys(reasons))[:MOST_NOTES])
    head = [
        "",
        _("Typical"),
        _("Middle half"),
        _("All nights"),
        _("Detector's error"),
        _("Nights"),
    ]
    return {"head": head, "rows": rows, "note": note}


def _row(measure: dict, reasons: list[str]) -> list[str]:
    digits = 1 if measure["unit"] == "1/h" else 2
    spread = measure["variability"]
    if is_refused(measure["typical"]):
        reasons.append(why(measure))
    elif is_refused(spread):
        reasons.append(reason(spread))
    middle = every = DASH
    if not is_refused(spread):
        (q1, q3), (least, most) = spread["quartiles"], spread["range"]
        middle, every = cell(q1, q3, digits), cell(least, most, digits)
    bounds = measure.get("detector_range")
    error = "" if bounds is None else DASH
    if bounds is not None and not is_refused(bounds):
        error = cell(bounds["low"], bounds["high"], digits)
    used = number(measure["usable_nights"], 0)
    return [number(measure["typical"], digits), middle, every, error, used]
