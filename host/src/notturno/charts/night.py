"""One night, hour by hour: how often, when and how strong, and how good the record is. Pure.

Takes what `notturno.views.night` makes ready of one band's night. Without a clock the axis is
hours since the recording began.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from notturno.charts import how_it_lay
from notturno.charts.lanes import BETWEEN, LABEL, LEFT, RIGHT, Axis, lane, scale_text, when_text
from notturno.charts.svg import Drawing, number, round_steps
from notturno.nights.counts import WORDS
from notturno.nights.spans import without
from notturno.times import HOUR_MS
from notturno.words import _, n_
from notturno.words.numbers import number_text

if TYPE_CHECKING:
    from notturno.words.written import Written

MIN_MG, MAX_MG = 10, 4000  # the axis of strength, logarithmic


def draw(drawing: Drawing, top: float, view: dict) -> float:
    """Draw one night below `top`; return the y below the panel. view: `views.night.band_view`."""
    zone = view["row"]["zone"] if view["dated"] else None
    start_ms, end_ms = view["span"]
    axis = Axis(drawing, start_ms, end_ms, zone)
    events = view["events"]
    y = _draw_hours(drawing, top, axis, view["hours"])
    raster_top = y
    y = _draw_jerks(drawing, y, axis, [e for e in events if e["kind"] == "jerk"])
    y = _draw_lane(drawing, y, axis, events, "lm", _("Limb movements"))
    y = _draw_lane(drawing, y, axis, events, "rhythm", _("Rhythms"))
    y = _draw_posture(drawing, y, axis, events)
    y = how_it_lay.draw(drawing, y, axis, view["lying"])
    y = _draw_activity(drawing, y, axis, view["minutes"])
    y = _draw_asleep(drawing, y, axis, view["spans"]["asleep"])
    y = _draw_quality(drawing, y, axis, view)
    for mark in view["marks"]:
        if mark["utc_ms"] is not None:
            x = axis.x(mark["utc_ms"])
            title = _("the button was pressed")
            drawing.line(x, raster_top + LABEL, x, y, "axis", title=title)
            drawing.text(x, raster_top + 9, _("button"), "small", "middle")
    _draw_clock(drawing, y - 2, axis)
    return y + 14


def _draw_clock(drawing: Drawing, y: float, axis: Axis) -> None:
    step = 1 if axis.hours <= 12 else 2 if axis.hours <= 24 else 6
    for hour in range(0, axis.hours + 1, step):
        anchor = "start" if hour == 0 else "end" if hour == axis.hours else "middle"
        form = "%H:%M" if axis.hours <= 6 else "%H"
        drawing.text(
            axis.x(axis.start_ms + hour * HOUR_MS), y + 12, axis.label(hour, form), "small", anchor
        )


def _draw_hours(drawing: Drawing, top: float, axis: Axis, hours: list[dict]) -> float:
    """Draw the rate of the single jerks of each hour by its countable time.

    An hour that was not wholly countable is paler; where hardly anything was, stands a dash.
    """
    rates = [_rate(row) for row in hours]
    height, base = 64, top + LABEL + 16 + 64
    steps = round_steps(max([rate for rate in rates if rate is not None], default=0), 3)
    drawing.text(LEFT, top + 10, _("Single jerks an hour"), "lane")
    if not all(row["whole"] for row in hours):
        note = _("( ): of a part of it")
        drawing.text(drawing.width - RIGHT, top + 10, note, "small", "end")
    for value in steps[1:]:
        at = base - value * height / steps[-1]
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid")
    drawing.line(LEFT, base, drawing.width - RIGHT, base, "axis")
    for row, rate in zip(hours, rates, strict=True):
        x0 = max(axis.x(row["start_ms"]), LEFT)
        x1 = min(axis.x(row["start_ms"] + HOUR_MS), drawing.width - RIGHT)
        when = axis.label(round((row["start_ms"] - axis.start_ms) / HOUR_MS))
        tall = 0 if rate is None else rate * height / steps[-1]
        kind = "jerk" + ("" if row["whole"] else " short")
        drawing.rect(x0 + 2, base - tall, x1 - x0 - 4, tall, kind, _title_of_hour(when, row), 2)
        figure = "-" if rate is None else number_text(rate, 1 if rate < 9.95 else 0)
        if rate is not None and not row["whole"]:
            figure = f"({figure})"
        drawing.text((x0 + x1) / 2, base - tall - 4, figure, "count", "middle")
    for value in steps[1:]:
        scale_text(drawing, base - value * height / steps[-1] - 2, number(value))
    return base + BETWEEN + 4


def _rate(row: dict) -> float | None:
    rate = row["per_countable_h"]
    return None if isinstance(rate, dict) else rate


def _title_of_hour(when: str, row: dict) -> str:
    if _rate(row) is None:
        return _("{when}: hardly anything could be counted").format(when=when)
    text = n_(
        "{when}: {rate} an hour ({n} single jerk in {minutes} min)",
        "{when}: {rate} an hour ({n} single jerks in {minutes} min)",
        row["events"],
    )
    return text.format(
        when=when,
        rate=number_text(_rate(row), 1),
        n=row["events"],
        minutes=round(row["countable_h"] * 60),
    )


def _strength(mg: int) -> float:
    level = math.log(max(mg, MIN_MG) / MIN_MG) / math.log(MAX_MG / MIN_MG)
    return min(level, 1.0)


def _draw_jerks(drawing: Drawing, y: float, axis: Axis, jerks: list[dict]) -> float:
    height = 84
    y = lane(drawing, y, height, axis, _("Each jerk"), _("taller: stronger"))
    base = y + height
    scale = {mg: base - 4 - _strength(mg) * (height - 12) for mg in (10, 100, 1000)}
    for at in scale.values():
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid")
    for event in sorted(jerks, key=lambda event: event["left_out"] is None):  # counted on top
        x = axis.x(event["start_ms"])
        tip = base - 4 - _strength(event["peak_mg"]) * (height - 12)
        kind, wide = ("jerk", 2.5) if event["left_out"] is None else ("passive", 1.5)
        drawing.line(x, base - 4, x, tip, kind, wide, title_of(event, axis.zone), event["no"])
    for mg, at in scale.items():
        scale_text(drawing, at - 3, f"{mg} mg")
    return base + BETWEEN


def title_of(event: dict, zone: str | None) -> str:
    """Return one event in a line; zone: None where its night has no clock."""
    when = when_text(event["start_ms"], zone, "%H:%M:%S")
    lasts = number_text(event["duration_s"], 2)
    text = f"{when} {kind_text(event['kind'])}, {event['peak_mg']} mg, {lasts} s"
    if event["rhythm_hz"]:
        beats = n_("{hz} Hz, {n} beat", "{hz} Hz, {n} beats", event["beats"])
        text += ", " + beats.format(hz=number_text(event["rhythm_hz"], 1), n=event["beats"])
    if event["left_out"] is not None:
        text += _(", not counted: {why}").format(why=_(WORDS[event["left_out"]]))
    return text


def kind_text(kind: str) -> str:
    """Return how a kind of event is called."""
    return _KINDS[kind]() if kind in _KINDS else kind


_KINDS = {
    "jerk": lambda: _("jerk"),
    "lm": lambda: _("limb movement"),
    "rhythm": lambda: _("rhythm"),
    "posture": lambda: _("turn"),
    "awake": lambda: _("awake"),
    "not_worn": lambda: _("not worn"),
    "gap": lambda: _("gap"),
}


def _draw_lane(
    drawing: Drawing, y: float, axis: Axis, events: list[dict], kind: str, label: Written | str
) -> float:
    height = 20
    y = lane(drawing, y, height, axis, label)
    for event in events:
        if event["kind"] == kind:
            x = axis.x(event["start_ms"])
            wide = max(axis.x(event["end_ms"]) - x, 2)
            shade = kind if event["left_out"] is None else "passive"
            title = title_of(event, axis.zone)
            drawing.rect(x, y + 3, wide, height - 6, shade, title, no=event["no"])
    return y + height + BETWEEN


def _draw_posture(drawing: Drawing, y: float, axis: Axis, events: list[dict]) -> float:
    height = 18
    y = lane(drawing, y, height, axis, _("Turning over"))
    for event in events:
        if event["kind"] == "posture":
            title = title_of(event, axis.zone)
            at = axis.x(event["start_ms"]), y + height / 2
            drawing.diamond(*at, "posture", title, event["no"])
    return y + height + BETWEEN


def _draw_activity(drawing: Drawing, y: float, axis: Axis, minutes: list[dict]) -> float:
    height = 40
    y = lane(drawing, y, height, axis, _("Movement"), _("mean of a minute"))
    most = max((minute["activity_mg"] for minute in minutes), default=0) or 1
    base, d, at = y + height, "", None
    for minute in minutes:
        x0, x1 = axis.x(minute["start_ms"]), axis.x(minute["end_ms"])
        tip = base - math.sqrt(minute["activity_mg"] / most) * (height - 4)
        if at is None or x0 - at > 1:  # behind a gap
            d += ("" if at is None else f"V{base}z") + f"M{x0:.1f} {base}"
        d += f"V{tip:.1f}H{x1:.1f}"
        at = x1
    if d:
        drawing.path(d + f"V{base}z", "activity", y, base)
    return base + BETWEEN


def _draw_asleep(drawing: Drawing, y: float, axis: Axis, spans: list[list[int]]) -> float:
    height = 10
    y = lane(drawing, y, height, axis, _("Asleep"), _("estimated from stillness"))
    for start, end in spans:
        x = axis.x(start)
        drawing.rect(x, y, axis.x(end) - x, height, "asleep")
    return y + height + BETWEEN


def _draw_quality(drawing: Drawing, y: float, axis: Axis, view: dict) -> float:
    """Draw what the record is worth: counted in, out of bed, awake, not worn, nothing at all."""
    height = 14
    y = lane(drawing, y, height, axis, _("Record"))
    spans = view["spans"]
    lanes = (
        (spans["countable"], "worn", _("counted in")),
        (without(spans["recorded"], [view["in_bed"]]), "passive", _("out of bed")),
        (spans["not_worn"], "away", _("not worn")),
        (spans["awake"], "awake", _("awake: nothing is counted here")),
        (spans["gaps"], "gap", None),
    )
    reasons = {gap["start_utc_ms"]: gap["reason"] for gap in view["gaps"]}
    for found, kind, title in lanes:
        for start, end in found:
            x = axis.x(start)
            why = title
            if why is None:
                reason = reasons.get(start)
                why = _("no samples") + ("" if reason is None else f" ({_(reason)})")
            drawing.rect(x, y, max(axis.x(end) - x, 2 if kind == "gap" else 1), height, kind, why)
    return y + height + BETWEEN
