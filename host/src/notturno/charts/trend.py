"""Many nights: bars of any measure, night after night, with what is typical of each phase. Pure.

Takes rows of the nightly table (`nights.columns`) and the tags. The axis is the calendar, so that
a night without a recording leaves its place empty; one that may not be read as a rate is drawn
as a hatched mark with its reason, never as a zero.
"""

from collections.abc import Sequence
from datetime import date

from notturno.charts import days
from notturno.charts.lanes import LEFT, RIGHT, scale_text
from notturno.charts.svg import Drawing, number, round_steps
from notturno.nights.columns import BY_KEY
from notturno.words import _, reason_of
from notturno.words.numbers import number_text

SHORT_H = 4.0  # a night of fewer countable hours is drawn paler: it says little
LABEL = 18
ROW_HEIGHT = 104
REFUSED_HEIGHT = 10
WIDEST_BAR = 36
NARROWEST_SLOT = 6  # units a night; below, nights are strokes of one line and bear no words
FIGURE_UNITS = 20  # of one character of a figure above a bar, on a phone
LETTER = 17  # units of one letter of a date, on a phone
MEASURES = ("jerks_per_h", "lms_per_h")
KINDS = {"jerks": "jerk", "lms": "lm"}  # the colour of what is counted; else that of LM


class Calendar:
    """From a date to x: `x(day)` is where its night begins, `slot` how wide it is."""

    def __init__(self, drawing: Drawing, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.days = max((last - first).days + 1, 7)
        self.slot = (drawing.width - LEFT - RIGHT) / self.days

    def x(self, day: date) -> float:
        """Return the x at which a day begins."""
        return LEFT + (day - self.first).days * self.slot


def draw(
    drawing: Drawing,
    top: int,
    nights: list[dict],
    tags: list[dict],
    measures: tuple[str, ...] = MEASURES,
    levels: dict[str, list[dict]] | None = None,
) -> float:
    """Draw the dated nights below `top`, one row a measure; return the y below the panel.

    levels: {measure: [what is typical of a span]}, see `_draw_levels`.
    """
    dated = [night for night in nights if night["date"]]
    calendar = Calendar(drawing, *(date.fromisoformat(dated[i]["date"]) for i in (0, -1)))
    bands = {night["device_id"]: night["band"] for night in dated}
    y = top
    for key in measures:
        shown = (levels or {}).get(key, ())
        _draw_measure(drawing, y, dated, key, list(bands), calendar, shown)
        y += LABEL + ROW_HEIGHT + 22
    _draw_dates(drawing, y - 22, calendar)
    for note in notes(dated, measures, list(bands.values())):
        drawing.text(LEFT, y + 10, note, "small")
        y += 14
    return _draw_tags(drawing, y + 8, tags, calendar)


def notes(dated: list[dict], measures: tuple[str, ...], bands: list[str]) -> list[str]:
    """Return what has to be said of the marks."""
    found = []
    drawn = [night for night in dated if any(night[key] is not None for key in measures)]
    if any(night["countable_h"] < SHORT_H for night in drawn):
        found.append(_("Pale: fewer than {hours} countable hours.").format(hours=f"{SHORT_H:.0f}"))
    if any(night[key] is None for night in dated for key in measures):
        found.append(_("Hatched: no figure, and why."))
    if len(bands) > 1:
        found.append(_("Left to right: {bands}.").format(bands=", ".join(bands)))
    return found


def heading(key: str) -> str:
    """Return how a figure of a night is headed: its words, and its unit where they lack it."""
    column = BY_KEY[key]
    words = _(column.words)
    unit = f" ({column.unit})" if column.unit and column.kind not in ("rate", "count") else ""
    return words[:1].upper() + words[1:] + unit


def _draw_measure(
    drawing: Drawing,
    y: int,
    dated: list[dict],
    key: str,
    devices: list[str],
    calendar: Calendar,
    levels: Sequence[dict],
) -> None:
    column = BY_KEY[key]
    kind = KINDS.get(column.events or key, "lm")
    drawing.text(LEFT, y + 11, heading(key), "lane")
    base = y + LABEL + ROW_HEIGHT
    values = [night[key] for night in dated if night[key] is not None]
    highest = max([*values, *(level["high"] for level in levels)], default=0)
    steps = round_steps(highest)
    scale = (ROW_HEIGHT - 16) / steps[-1]
    for value in steps:
        at = base - value * scale
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid" if value else "axis")
    _draw_levels(drawing, base, scale, calendar, levels)
    if calendar.slot < NARROWEST_SLOT:
        _draw_strokes(drawing, dated, key, kind, calendar, base, scale)
    else:
        for night in dated:
            _draw_bar(drawing, night, key, kind, devices, calendar, base, scale)
    for value in steps[1:]:
        scale_text(drawing, base - value * scale - 2, number(value))


def _draw_bar(
    drawing: Drawing,
    night: dict,
    key: str,
    kind: str,
    devices: list[str],
    calendar: Calendar,
    base: int,
    scale: float,
) -> None:
    index = devices.index(night["device_id"])
    bar = min(calendar.slot * 0.72 / len(devices), WIDEST_BAR)
    x = calendar.x(date.fromisoformat(night["date"])) + calendar.slot / 2
    x += (index - len(devices) / 2) * bar
    wide, value = max(bar - 1, 0.6), night[key]
    if value is None:
        why = reason_of(night, key) or _("not known")
        title = f"{night['date']}: {why}"
        drawing.rect(x, base - REFUSED_HEIGHT, wide, REFUSED_HEIGHT, "away", title)
        return
    paler = " short" if night["countable_h"] < SHORT_H else ""
    paler += " b" if index % 2 else ""
    title = f"{night['date']}: {value:.4g}, {heading(key)}"
    drawing.rect(x, base - value * scale, wide, value * scale, kind + paler, title)
    shown = number_text(value, 1) if isinstance(value, float) else str(value)
    room = bar if len(devices) > 1 else calendar.slot
    if FIGURE_UNITS * (len(shown) + 1) <= room:  # one more, so that two figures never touch
        drawing.text(x + bar / 2, base - value * scale - 4, shown, "count", "middle")


def _draw_strokes(
    drawing: Drawing,
    dated: list[dict],
    key: str,
    kind: str,
    calendar: Calendar,
    base: int,
    scale: float,
) -> None:
    """Draw so many nights as strokes of two paths: those with a figure, and those without."""
    paths = {"bars " + kind: "", "bars away": ""}
    for night in dated:
        x = calendar.x(date.fromisoformat(night["date"])) + calendar.slot / 2
        value = night[key]
        tall = REFUSED_HEIGHT if value is None else max(value * scale, 0.5)
        paths["bars " + ("away" if value is None else kind)] += f"M{x:.1f} {base:.0f}v-{tall:.1f}"
    for classes, d in paths.items():
        if d:
            drawing.path(d, classes, base - ROW_HEIGHT, base)


def _draw_levels(
    drawing: Drawing, base: int, scale: float, calendar: Calendar, levels: Sequence[dict]
) -> None:
    """Draw what is typical of each span: a line, and the middle half of its nights as a band.

    Each: `first_night`, `last_night`, `typical`, `low`, `high`, `name`.
    """
    for level in levels:
        x0, x1 = _between(calendar, level["first_night"], level["last_night"])
        low, high, typical = (base - level[name] * scale for name in ("low", "high", "typical"))
        drawing.rect(x0, high, x1 - x0, low - high, "spread")
        title = _("{name}: typically {value}").format(
            name=level["name"], value=number_text(level["typical"], 2)
        )
        drawing.line(x0, typical, x1, typical, "typical", title=title)


def _between(calendar: Calendar, first_night: str, last_night: str | None) -> tuple[float, float]:
    begin = max(date.fromisoformat(first_night), calendar.first)
    end = min(date.fromisoformat(last_night), calendar.last) if last_night else calendar.last
    return calendar.x(begin), calendar.x(end) + calendar.slot


def _draw_tags(drawing: Drawing, y: int, tags: list[dict], calendar: Calendar) -> int:
    """Draw the named spans as brackets below the dates; return the y below them."""
    rows: list[float] = []  # where the last bracket of each row of them ends
    for tag in tags:
        x0, x1 = _between(calendar, tag["first_night"], tag["last_night"])
        if x0 >= x1:
            continue
        row = next((i for i, end in enumerate(rows) if end <= x0), len(rows))
        rows[row : row + 1] = [x1]
        at_y = y + 20 * row
        drawing.line(x0 + 2, at_y, x1 - 2, at_y, "axis", 3, tag["name"])
        anchor, at = ("start", x0 + 2) if x0 < drawing.width / 2 else ("end", x1 - 2)
        drawing.text(at, at_y + 15, tag["name"], "small", anchor)
    return y + 20 * len(rows) + 4 if rows else y


def _draw_dates(drawing: Drawing, y: int, calendar: Calendar) -> None:
    end = calendar.first.fromordinal(calendar.first.toordinal() + calendar.days - 1)
    free_from = 0.0
    for day, words in days.ticks(calendar.first, end):
        x = calendar.x(day)
        middle = x + calendar.slot / 2
        drawing.line(middle, y, middle, y + 4, "axis")
        anchor = "start" if x < 60 else "end" if x > drawing.width - 60 else "middle"
        at = x if anchor == "start" else middle
        begins = at - LETTER * len(words) * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        if begins < free_from:  # the year behind the first one may reach the second
            continue
        drawing.text(at, y + 16, words, "small", anchor)
        free_from = begins + LETTER * (len(words) + 1)
