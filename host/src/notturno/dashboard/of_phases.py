"""The page that compares two phases: interval, smallest change, nights still needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from notturno import refusals
from notturno.charts.trend import heading
from notturno.dashboard import pages
from notturno.dashboard.of_nights import MEASURE, rows_of
from notturno.dashboard.say import _, num, said
from notturno.errors import UserError
from notturno.nights.columns import AS_RATE, MEASURES
from notturno.scoring.manynights import figures, usable
from notturno.scoring.manynights.phases import LEAST_CHANGE

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked


def page(asked: Asked) -> str:
    """Return the page; asked for by ?first, ?second, ?measure and ?band."""
    key = asked.query.get("measure", MEASURE)
    if key not in MEASURES:
        raise UserError("There is no such measure of a night.")
    key = AS_RATE.get(key) or key
    with asked.reading() as store:
        tags = store.tags()
        rows, bands, band = rows_of(store, asked.query.get("band", ""))
    names = usable.phase_names(tags)
    names += [name for name in (usable.BEFORE, usable.AFTER) if tags and name not in names]
    first = asked.query.get("first") or (names[0] if names else "")
    second = asked.query.get("second") or (names[1] if len(names) > 1 else "")
    found, problem = None, ""
    if first and second and rows:
        try:
            found = _compared(rows, tags, first, second, key)
        except UserError as error:
            problem = said(error)
    return pages.page(
        asked,
        "compare.html",
        _("Compare"),
        measures=pages.choices([(each, heading(each)) for each in MEASURES], key),
        bands=pages.choices(bands, band),
        firsts=pages.choices([(name, name) for name in names], first),
        seconds=pages.choices([(name, name) for name in names], second),
        tags=tags,
        found=found,
        problem=problem,
    )


def _compared(rows: list[dict], tags: list[dict], first: str, second: str, key: str) -> dict:
    two = usable.two_phases(rows, tags, first, second)
    whole = refusals.to_json(figures.compare_band(two, (key,)))
    found = whole["measures"][key]
    sides = []
    for i, (name, phase) in enumerate(zip((first, second), whole["phases"], strict=True)):
        sides.append(
            {
                "name": name,
                "nights": found["nights"][i],
                "of": phase["nights"],
                "from": phase["first_night"],
                "to": phase["last_night"],
                "typical": found["typical"][i],
                "events": found.get("events", (None, None))[i],
                "hours": found.get("hours", (None, None))[i],
            }
        )
    lines = _lines(found, first, second)
    return {
        "words": heading(key),
        "sides": sides,
        "headline": lines[0],
        "lines": [*lines[1:], said(found["caveat"])],
        "left_out": _left_out(whole["phases"]),
        "interval": _interval(found),
    }


def _interval(found: dict) -> list[float] | None:
    """Return [low, value, high] of a ratio for its drawing, None where there is none."""
    if "ratio" not in found or isinstance(found["ratio"], dict):
        return None
    return [found["ratio_low"], found["ratio"], found["ratio_high"]]


def _lines(found: dict, first: str, second: str) -> list[str]:
    name = "ratio" if "ratio" in found else "difference"
    value = found[name]
    if isinstance(value, dict):
        return [_("No comparison: {why}").format(why=said(value))]
    low, high = found[name + "_low"], found[name + "_high"]
    shown = {"first": first, "second": second, "value": num(value, 2)}
    bounds = {"low": num(low, 2), "high": num(high, 2)}
    if name == "difference":
        text = _("{second} differs from {first} by {value} (95 % interval {low} to {high}).")
        lines = [text.format(**shown, **bounds)]
        small = _("Smallest change that these nights could show: {change} either way.")
        return [*lines, small.format(change=num(found["smallest_change"], 2))]
    text = _("{second} has {value} times as many as {first} (95 % interval {low} to {high}).")
    lines = [text.format(**shown, **bounds)]
    if low <= 1 <= high:
        lines.append(_("The interval holds 1: these nights do not show a difference."))
    if found["smallest_change"] < LEAST_CHANGE:
        lines.append(_("These nights could show no change worth a number."))
    else:
        small = _("Smallest change that these nights could show: to {less} times, or to {more}.")
        change = found["smallest_change"]
        lines.append(small.format(less=num(change, 2), more=num(1 / change, 2)))
    needed = found["nights_needed"]
    if isinstance(needed, dict):
        return [*lines, said(needed)]
    text = _("To show a halving, about {n} nights in each phase are needed.")
    return [*lines, text.format(n=needed)]


def _left_out(phases: list[dict]) -> list[dict[str, str]]:
    return [
        {"night": night, "why": said(reason)}
        for phase in phases
        for night, reason in phase["left_out"].items()
    ]


def change(asked: Asked) -> RedirectResponse:
    """Add, end or remove a phase."""
    form = asked.form
    name = form.get("name", "").strip()
    with asked.writing() as store:
        if form.get("do") == "remove":
            store.remove_tag(name)
        elif form.get("do") == "end":
            store.end_tag(name, form.get("last", ""))
        else:
            store.add_tag(name, form.get("first", ""), form.get("last") or None)
    return RedirectResponse(asked.to("compare"), status_code=303)
