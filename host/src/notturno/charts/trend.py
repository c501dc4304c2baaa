"""Many nights: bars of any measure, night after night. Pure.

Takes rows of the nightly table (`nights.columns`) and the tags. The axis is the calendar, so that
a night without a recording leaves its place empty; one that may not be read as a rate is drawn
as a hatched mark with its reason, never as a zero.
"""

from datetime import date, timedelta

from notturno.charts.svg import number, round_steps
from notturno.nights.columns import BY_KEY
from notturno.words import _, figure, reason_of, said
from notturno.words.numbers import day_text

SHORT_H = 4.0  # a night of fewer countable hours is drawn paler: it says little
LEFT, RIGHT = 64, 24
ROW_HEIGHT = 104
REFUSED_HEIGHT = 10
WIDEST_BAR = 36
FIGURE_PX = 7  # of one character of a figure above a bar
MEASURES = ("jerks_per_h", "lms_per_h")
KINDS = {"jerks": "jerk", "lms": "lm"}  # the colour of what is counted; else that of LM


def draw(
    drawing, top: float, nights: list[dict], tags: list[dict], measures: tuple = MEASURES
) -> float:
    """Draw the dated nights below `top`, one row a measure; return the y below the panel."""
    dated = [night for night in nights if night["date"]]
    first, last = (date.fromisoformat(dated[i]["date"]) for i in (0, -1))
    slots = max((last - first).days + 1, 7)
    width = (drawing.width - LEFT - RIGHT) / slots
    bands = {night["device_id"]: night["band"] for night in dated}

    def x_of(day):
        return LEFT + (day - first).days * width

    y = top
    for key in measures:
        _draw_measure(drawing, y, dated, key, list(bands), x_of, width)
        y += ROW_HEIGHT + 22
    _draw_dates(drawing, y - 22, first, slots, x_of, width)
    notes = []
    drawn = [night for night in dated if any(night[key] is not None for key in measures)]
    if any(night["countable_h"] < SHORT_H for night in drawn):
        notes.append(_("Pale: fewer than {short_h:.0f} countable hours.").format(short_h=SHORT_H))
    if any(night[key] is None for night in dated for key in measures):
        notes.append(_("Hatched: no figure, and why."))
    if len(bands) > 1:
        notes.append(_("Left to right: ") + ", ".join(bands.values()) + ".")
    if notes:
        drawing.text(drawing.width - RIGHT, top + 8, " ".join(notes), "small", "end")
    return _draw_tags(drawing, y + 8, tags, first, last, x_of, width)


def heading(key: str) -> str:
    """Return how a figure of a night is headed: its words, and its unit where they lack it."""
    column = BY_KEY[key]
    unit = f" ({column.unit})" if column.unit and column.kind not in ("rate", "count") else ""
    words = said(column.words)
    return words[:1].upper() + words[1:] + unit


def _draw_measure(drawing, y, dated, key, devices, x_of, width):
    column = BY_KEY[key]
    kind = KINDS.get(column.events or key, "lm")
    base = y + ROW_HEIGHT
    values = [night[key] for night in dated if night[key] is not None]
    steps = round_steps(max(values, default=0) or 1, 4)
    scale = (ROW_HEIGHT - 26) / steps[-1]
    drawing.text(LEFT, y + 8, heading(key), "lane")
    for value in steps:
        at = base - value * scale
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid" if value else "axis")
        drawing.text(LEFT - 8, at + 4, number(value), "small", "end")
    for night in dated:
        index = devices.index(night["device_id"])
        bar = min(width * 0.72 / len(devices), WIDEST_BAR)
        x = x_of(date.fromisoformat(night["date"])) + width / 2
        x += (index - len(devices) / 2) * bar
        value = night[key]
        if value is None:
            drawing.rect(
                x,
                base - REFUSED_HEIGHT,
                max(bar - 1, 0.6),
                REFUSED_HEIGHT,
                "away",
                f"{night['date']}: {reason_of(night, key) or _('not known')}",
            )
            continue
        paler = " short" if night["countable_h"] < SHORT_H else ""
        paler += " b" if index % 2 else ""
        drawing.rect(
            x,
            base - value * scale,
            max(bar - 1, 0.6),
            value * scale,
            kind + paler,
            f"{night['date']}: {figure('{:.4g}', value)}, {heading(key)}",
        )
        shown = figure("{:.1f}", value) if isinstance(value, float) else str(value)
        room = bar if len(devices) > 1 else width
        if FIGURE_PX * (len(shown) + 1) <= room:  # one more, so that two figures never touch
            drawing.text(x + bar / 2, base - value * scale - 4, shown, "count", "middle")


def _draw_tags(drawing, y, tags, first, last, x_of, width):
    """Draw the named spans as brackets below the dates; return the y below them."""
    shown = 0
    for tag in tags:
        begin = max(date.fromisoformat(tag["first_night"]), first)
        end = min(date.fromisoformat(tag["last_night"]) if tag["last_night"] else last, last)
        if begin > end:
            continue
        x0, x1 = x_of(begin) + 3, x_of(end) + width - 3
        drawing.line(x0, y, x1, y, "axis", 3, tag["name"])
        drawing.text(x0, y + 15, tag["name"], "small")
        shown += 1
    return y + 24 if shown else y


def _draw_dates(drawing, y, first, slots, x_of, width):
    step = 1
    while step * width < 56:
        step += 1 if step < 7 else 7
    for i in range(0, slots, step):
        day = first + timedelta(days=i)
        drawing.text(x_of(day) + width / 2, y + 16, day_text(day), "small", "middle")
        if day.year != first.year and (i == 0 or (day - timedelta(days=step)).year != day.year):
            drawing.text(x_of(day) + width / 2, y + 28, f"{day.year}", "small", "middle")
    drawing.text(LEFT - 8, y + 16, f"{first:%Y}", "small", "end")
