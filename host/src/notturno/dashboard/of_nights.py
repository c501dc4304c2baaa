"""The page of many nights: a calendar, and any measure with what is typical of each phase."""

from __future__ import annotations

import calendar as months
from datetime import date
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.charts.days import month_text
from notturno.charts.night import kind_text
from notturno.charts.page import nights_figure
from notturno.charts.svg import round_steps
from notturno.charts.trend import heading
from notturno.dashboard import pages
from notturno.dashboard.say import _, num, reason, said
from notturno.errors import UserError
from notturno.nights.columns import MEASURES
from notturno.scoring.manynights import figures, trends
from notturno.views.many import ppv_of_labels
from notturno.words import reason_of

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked
    from notturno.store import Store
    from notturno.words.written import Written

SHADES = 5
ALL = "all"
MEASURE = "jerks_per_h"
BOTH = "both"
MOST_FOR_A_TREND = 400  # nights: more of them are drawn, and no line is laid through them


def page(asked: Asked) -> str:
    """Return the page that ?measure, ?band and ?year ask for.

    year: a year, all, or (without it) the last twelve months.
    """
    key = asked.query.get("measure", MEASURE)
    if key not in MEASURES:
        raise UserError("There is no such measure of a night.")
    with asked.reading() as store:
        names = [name for name in store.night_names() if "-nap" not in name]
        dated = [name for name in names if _is_date(name)]
        if not names:
            return pages.page(asked, "empty.html", _("No night is stored yet"))
        span, since, until = _span(asked.query.get("year", ""), dated)
        rows, bands, band = rows_of(store, asked.query.get("band", ""), since, until)
        tags = store.tags()
        labels = ppv_of_labels(store)
    undated = [row for row in rows if not row["date"]]
    rows = [row for row in rows if row["date"]]
    found, levels = _over(rows, tags, key)
    cells = []
    if span != ALL and since is not None and until is not None:
        cells = _months(asked, rows, key, since, until)
    return pages.page(
        asked,
        "nights.html",
        _("Nights"),
        measure=heading(key),
        measures=pages.choices([(each, heading(each)) for each in MEASURES], key),
        bands=pages.choices(bands, band),
        spans=pages.choices(_spans(dated), span),
        picture=nights_figure(rows, tags, (key,), {key: levels}),
        lines=_lines(found, levels),
        months=cells,
        undated=[row["night"] for row in undated],
        refused=[_refused(row, key) for row in rows if row[key] is None][-40:],
        count=len(rows),
        labels=_of_labels(labels) if labels["labels"] else [],
        labels_note=said(labels["note"]),
    )


def _of_labels(found: dict) -> list[dict]:
    """Return the lines of what labels say: by kind, then single jerks by their peak."""
    rows: list[tuple[str, dict]] = [(_("all"), found["all"])]
    rows += [(kind_text(kind), share) for kind, share in found["by_kind"].items()]
    for size in found["by_size"]:
        name = _("jerks of {from_mg} mg and more")
        if size["to_mg"] is not None:
            name = _("jerks of {from_mg} to {to_mg} mg")
        rows.append((name.format(from_mg=size["from_mg"], to_mg=size["to_mg"]), size))
    return [{"name": name, "why": reason(share["ppv"]), **share} for name, share in rows]


def rows_of(
    store: Store, band: str, since: str | None = None, until: str | None = None
) -> tuple[list[dict], list[tuple[str, Written | str]], str]:
    """Return (rows of one band or of both legs, [(id, name)] of what there is, the chosen one)."""
    known = [(row["device_id"], row["name"] or row["device_id"]) for row in store.bands()]
    rows = store.nights(since=since, until=until)
    persons = store.person_nights([row["night"] for row in rows])
    if persons:
        known.insert(0, (BOTH, _("both legs")))
    ids = [each for each, _name in known]
    if band not in ids:
        band = BOTH if persons else rows[-1]["device_id"] if rows else ""
    if band == BOTH:
        return persons, known, band
    return [row for row in rows if row["device_id"] == band], known, band


def _is_date(name: str) -> bool:
    try:
        return bool(date.fromisoformat(name))
    except ValueError:
        return False


def _span(asked: str, dated: list[str]) -> tuple[str, str | None, str | None]:
    """Return (what is shown, since, until) as ISO dates; the last twelve months by default."""
    if asked == ALL or not dated:
        return ALL, None, None
    if asked.isascii() and asked.isdigit() and len(asked) == 4:
        return asked, f"{asked}-01-01", f"{asked}-12-31"
    last = date.fromisoformat(dated[-1])
    # Of the same month a year ago the part behind it.
    first = date(last.year - (last.month < 12), last.month % 12 + 1, 1)
    return "", first.isoformat(), last.isoformat()


def _spans(dated: list[str]) -> list[tuple[str, Written | str]]:
    years = sorted({name[:4] for name in dated}, reverse=True)
    return [("", _("the last twelve months")), *((y, y) for y in years), (ALL, _("all nights"))]


def _over(rows: list[dict], tags: list[dict], key: str) -> Any:
    """Return (the figures of the measure or None, what is typical of each span for the chart)."""
    if not rows or len(rows) > MOST_FOR_A_TREND:
        return None, []
    whole = refusals.to_json(figures.of_band(rows, tags, "phase", (key,)))
    groups = [(g["name"], g, g["measures"][key]) for g in whole["groups"]]
    if not groups:
        groups = [(_("all nights"), whole, whole["measures"][key])]
    levels = []
    for name, group, level in groups:
        if isinstance(level["typical"], dict) or "quartiles" not in level["variability"]:
            continue
        low, high = level["variability"]["quartiles"]
        ends = {"first_night": group["first_night"], "last_night": group["last_night"]}
        more = {"nights": level["usable_nights"], "typical": level["typical"]}
        levels.append({"name": name, **ends, **more, "low": low, "high": high})
    return whole["measures"][key], levels


def _lines(found: dict, levels: list[dict]) -> list[str]:
    """Return what the picture says, in sentences."""
    lines = []
    for level in levels:
        text = _("{name}: typically {typical}, the middle half of {n} nights {low} to {high}.")
        values = {name: num(level[name], 2) for name in ("typical", "low", "high")}
        lines.append(text.format(name=level["name"], n=level["nights"], **values))
    if found is None:
        return lines
    trend = found["trend"]
    if isinstance(trend["trend_per_week"], dict):
        return [*lines, _("No trend: {why}").format(why=said(trend["trend_per_week"]))]
    unit = " %" if trend["unit"] == trends.PERCENT_A_WEEK else ""
    directions = {
        "rising": _("rising"),
        "falling": _("falling"),
        "no clear trend": _("no clear trend"),
    }
    keys = ("trend_per_week", "trend_low", "trend_high")
    change, low, high = (f"{num(float(trend[k]), 1)}{unit}" for k in keys)
    text = _("Trend over all of it: {direction}; {change} a week (95 % interval {low} to {high}).")
    direction = directions[trend["direction"]]
    return [*lines, text.format(direction=direction, change=change, low=low, high=high)]


def _refused(row: dict, key: str) -> dict[str, str]:
    reason = reason_of(row, key)
    return {"night": row["night"], "why": said(reason) if reason else _("not known")}


def _months(asked: Asked, rows: list[dict], key: str, since: str, until: str) -> list[dict]:
    """Return [{name, days}] of the months of a span; a day: None before the first weekday."""
    of_day = {row["date"]: row for row in rows}
    values = [row[key] for row in rows if row[key] is not None]
    top = round_steps(max(values, default=0), SHADES)[-1]
    found = []
    year, month = int(since[:4]), int(since[5:7])
    while f"{year}-{month:02}" <= until[:7]:
        weekday, length = months.monthrange(year, month)
        days: list[dict | None] = [None] * weekday
        for number in range(1, length + 1):
            iso = f"{year}-{month:02}-{number:02}"
            days.append(_day(asked, iso, number, of_day.get(iso), key, top))
        name = night_text_of_month(year, month)
        if any(day and day["href"] for day in days) or asked.query.get("year"):
            found.append({"name": name, "days": days})
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def night_text_of_month(year: int, month: int) -> str:
    """Return a month's name with its year."""

    return f"{month_text(date(year, month, 1))} {year}"


def _day(asked: Asked, iso: str, number: int, row: dict | None, key: str, top: float) -> dict:
    if row is None:
        return {"number": number, "href": "", "kind": "none", "words": ""}
    href = asked.to("night", iso)
    if row[key] is None:
        words = _("{night}: no figure").format(night=iso)
        return {"number": number, "href": href, "kind": "refused", "words": words}
    shade = min(SHADES, 1 + int(SHADES * max(row[key], 0) / top))
    words = f"{iso}: {num(float(row[key]), 2)}"
    return {"number": number, "href": href, "kind": f"shade{shade}", "words": words}
