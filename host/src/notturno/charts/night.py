"""One night, hour by hour: how many jerks, when and how strong, and how good the record is. Pure.

Takes the `NightAxis` of one night of one band. Without a clock the axis is hours since the
recording began.
"""

import math
from datetime import UTC, datetime

from notturno.charts.svg import number, round_steps
from notturno.nights.calendar import clock_text, zone_info
from notturno.nights.counts import WORDS
from notturno.nights.spans import without
from notturno.words import _, counted, figure

LEFT, RIGHT = 138, 24
HOUR_MS = 3_600_000
LAST_BIT_MS = 120_000  # a night that ends just behind the full hour needs no further one
MIN_MG, MAX_MG = 10, 4000  # the axis of strength, logarithmic


class Axis:
    """From a moment (UTC ms, or ms since the start where the clock is unknown) to x."""

    def __init__(self, drawing, start_ms, end_ms, zone):
        self.zone = zone
        if zone is None:
            self.start_ms = 0
        else:
            self.start_ms = _hour_before(start_ms, zone)
        hours = max(1, math.ceil((end_ms - self.start_ms - LAST_BIT_MS) / HOUR_MS))
        self.hours = hours
        self._scale = (drawing.width - LEFT - RIGHT) / (hours * HOUR_MS)

    def x(self, ms):
        """Return the x of a moment."""
        return LEFT + (ms - self.start_ms) * self._scale

    def label(self, hour):
        """Return the text below the beginning of the n-th hour."""
        if self.zone is None:
            return f"+{hour} h"
        return clock_text(self.start_ms + hour * HOUR_MS, self.zone)


def _hour_before(ms, zone):
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone_info(zone))
    return ms - (local.minute * 60 + local.second) * 1000 - ms % 1000


def draw(drawing, top, night: dict, night_axis, gaps, marks) -> float:
    """Draw one night below `top`; return the y below the panel.

    night_axis: its NightAxis; gaps, marks: the rows of the store.
    """
    dated = night_axis.origin_utc_ms is not None
    origin_ms = night_axis.origin_utc_ms if dated else 0

    def ms_of(instant_us):
        return origin_ms + instant_us / 1000

    end_ms = ms_of(night_axis.span_us[1])
    axis = Axis(drawing, origin_ms, end_ms, night["zone"] if dated else None)
    placed = [(ms_of(event["onset_us"]), event) for event in night_axis.events]
    countable = [tuple(map(ms_of, span)) for span in night_axis.countable]
    y = _draw_hours(drawing, top, axis, placed, countable)
    raster_top = y
    y = _draw_jerks(drawing, y, axis, placed)
    y = _draw_lane(drawing, y, axis, placed, "lm", _("Limb movements"), "lm")
    y = _draw_lane(drawing, y, axis, placed, "rhythm", _("Rhythms"), "rhythm")
    y = _draw_posture(drawing, y, axis, placed)
    y = _draw_activity(drawing, y, axis, night_axis.minutes, ms_of)
    y = _draw_quality(drawing, y, axis, night_axis, gaps, ms_of)
    for mark in marks:
        if mark["utc_ms"] is not None:
            x = axis.x(mark["utc_ms"])
            drawing.line(x, raster_top, x, y - 8, "axis", title=_("the button was pressed"))
            drawing.text(x + 3, raster_top + 9, _("button"), "small")
    for hour in range(axis.hours + 1):
        x = axis.x(axis.start_ms + hour * HOUR_MS)
        if axis.hours <= 14 or hour % 2 == 0:
            drawing.text(x, y + 12, axis.label(hour), "small", "middle")
    return y + 24


def _draw_hours(drawing, top, axis, placed, countable):
    """Draw the single jerks of each hour; an hour in which none could be counted has a dash."""
    counts = [0] * axis.hours
    for ms, event in placed:
        hour = int((ms - axis.start_ms) // HOUR_MS)
        if event["kind"] == "jerk" and event["left_out"] is None and 0 <= hour < axis.hours:
            counts[hour] += 1
    height, base = 72, top + 92
    steps = round_steps(max(counts) or 1, 3)
    drawing.text(LEFT - 12, top + 34, _("Single jerks"), "lane", "end")
    drawing.text(LEFT - 12, top + 50, _("in each hour"), "small", "end")
    for value in steps[1:]:
        at = base - value * height / steps[-1]
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid")
        drawing.text(drawing.width - RIGHT + 4, at + 4, number(value), "small")
    drawing.line(LEFT, base, drawing.width - RIGHT, base, "axis")
    for hour, count in enumerate(counts):
        from_ms = axis.start_ms + hour * HOUR_MS
        x0, x1 = axis.x(from_ms), axis.x(from_ms + HOUR_MS)
        tall = count * height / steps[-1]
        label = f"{axis.label(hour)}: {counted(count, 'single jerk')}"
        if not any(a < from_ms + HOUR_MS and b > from_ms for a, b in countable):
            label, count = (
                _("{label}: nothing could be counted").format(label=axis.label(hour)),
                "-",
            )
        drawing.rect(x0 + 2, base - tall, x1 - x0 - 4, tall, "jerk", label, 2)
        drawing.text((x0 + x1) / 2, base - tall - 5, count, "count", "middle")
    return base + 18


def _lane(drawing, y, height, axis, label, note=""):
    drawing.rect(LEFT, y, drawing.width - LEFT - RIGHT, height, "plate")
    for hour in range(axis.hours + 1):
        x = axis.x(axis.start_ms + hour * HOUR_MS)
        drawing.line(x, y, x, y + height, "grid")
    middle = y + height / 2
    drawing.text(LEFT - 12, middle + (4 if not note else -2), label, "lane", "end")
    if note:
        drawing.text(LEFT - 12, middle + 13, note, "small", "end")


def _strength(mg):
    level = math.log(max(mg, MIN_MG) / MIN_MG) / math.log(MAX_MG / MIN_MG)
    return min(level, 1.0)


def _draw_jerks(drawing, y, axis, placed):
    height = 88
    _lane(drawing, y, height, axis, _("Each jerk"), _("taller: stronger"))
    base = y + height
    for mg in (10, 100, 1000):
        at = base - 4 - _strength(mg) * (height - 12)
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid")
        drawing.text(drawing.width - RIGHT - 4, at - 3, f"{mg} mg", "small", "end")
    jerks = [(ms, event) for ms, event in placed if event["kind"] == "jerk"]
    for ms, event in sorted(
        jerks, key=lambda item: item[1]["left_out"] is None
    ):  # counted ones on top
        x = axis.x(ms)
        tip = base - 4 - _strength(event["peak_mg"]) * (height - 12)
        kind = "jerk" if event["left_out"] is None else "passive"
        drawing.line(x, base - 4, x, tip, kind, 1.2 if event["left_out"] is None else 0.8)
        drawing.dot(
            x, tip, 2.2 if event["left_out"] is None else 1.4, kind, _title(axis, ms, event)
        )
    return base + 6


def _title(axis, ms, event):
    when = (
        figure("+{:.1f} min", ms / 60000)
        if axis.zone is None
        else clock_text(ms, axis.zone, "%H:%M:%S")
    )
    lasts = figure("{:.2f} s", event["duration_s"])
    text = f"{when} {_(event['kind'])}, {event['peak_mg']} mg, {lasts}"
    if event["rhythm_hz"]:
        text += _(", {rhythm_hz:.1f} Hz, {beats} beats").format(
            rhythm_hz=event["rhythm_hz"], beats=event["beats"]
        )
    if event["left_out"] is not None:
        text += _(", not counted: {words}").format(words=_(WORDS[event["left_out"]]))
    return text


def _draw_lane(drawing, y, axis, placed, kind, label, style):
    height = 24
    _lane(drawing, y, height, axis, label)
    for ms, event in placed:
        if event["kind"] == kind:
            x = axis.x(ms)
            wide = max(axis.x(ms + event["duration_s"] * 1000) - x, 0.9)
            shade = style if event["left_out"] is None else "passive"
            drawing.rect(x, y + 4, wide, height - 8, shade, _title(axis, ms, event))
    return y + height + 6


def _draw_posture(drawing, y, axis, placed):
    height = 24
    _lane(drawing, y, height, axis, _("Turning over"))
    for ms, event in placed:
        if event["kind"] == "posture":
            x, middle = axis.x(ms), y + height / 2
            points = [(x, middle - 7), (x + 5, middle), (x, middle + 7), (x - 5, middle)]
            drawing.shape(points, "posture", _title(axis, ms, event))
    return y + height + 6


def _draw_activity(drawing, y, axis, minutes, ms_of):
    height = 44
    _lane(drawing, y, height, axis, _("Movement"), _("mean of a minute"))
    most = max((minute["activity_mg"] for minute in minutes), default=0) or 1
    for minute in minutes:
        x0, x1 = axis.x(ms_of(minute["start_us"])), axis.x(ms_of(minute["end_us"]))
        tall = math.sqrt(minute["activity_mg"] / most) * (height - 4)
        drawing.rect(x0, y + height - tall, max(x1 - x0, 0.8) + 0.2, tall, "activity")
    return y + height + 6


def _draw_quality(drawing, y, axis, night_axis, gaps, ms_of):
    """Draw what the record is worth: counted in, out of bed, awake, not worn, nothing at all."""
    height = 16
    drawing.text(LEFT - 12, y + 12, _("Record"), "lane", "end")
    spans = (
        (night_axis.countable, "worn", _("counted in")),
        (without(night_axis.recorded, [night_axis.in_bed_us]), "passive", _("out of bed")),
        (night_axis.not_worn, "away", _("not worn")),
        (night_axis.awake, "awake", _("awake: nothing is counted here")),
        (night_axis.gaps, "gap", None),
    )
    reasons = {gap["start_utc_ms"]: gap["reason"] for gap in gaps}
    for found, kind, title in spans:
        for start_us, end_us in found:
            x = axis.x(ms_of(start_us))
            wide = max(axis.x(ms_of(end_us)) - x, 2 if kind == "gap" else 1)
            why = title
            if why is None:
                reason = reasons.get(ms_of(start_us))
                why = _("no samples") + ("" if reason is None else f" ({_(reason)})")
            drawing.rect(x, y, wide, height, kind, why)
    return y + height + 10
