"""The lane of how a limb lay: degrees turned from the way that it lay longest. Pure.

Takes what `notturno.views.night` gives as `lying`: [{start_ms, end_ms, turned_deg}].
"""

from __future__ import annotations

from notturno.charts.lanes import BETWEEN, LEFT, RIGHT, Axis, lane, scale_text, when_text
from notturno.charts.svg import Drawing
from notturno.nights.lying import hours_turned
from notturno.words import _
from notturno.words.numbers import number_text

TURNED_DEG = (45, 135)  # between them the limb lies on another side; beyond them turned over
HEIGHT = 34


def draw(drawing: Drawing, y: float, axis: Axis, lying: list[dict]) -> float:
    """Draw how far the limb lay turned from the way that it lay longest, one block a span."""
    y = lane(
        drawing, y, HEIGHT, axis, _("How it lay"), _("degrees turned from how it lay longest")
    )
    base = y + HEIGHT
    for degrees in (90, 180):
        at = base - degrees * HEIGHT / 180
        drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid")
    for span in lying:
        x0, x1 = axis.x(span["start_ms"]), axis.x(span["end_ms"])
        tall = max(span["turned_deg"] * HEIGHT / 180, 2)
        title = _title_of(span, axis.zone)
        drawing.rect(x0, base - tall, max(x1 - x0, 1), tall, "turned", title)
    for degrees in (90, 180):  # above the blocks: the last may reach the margin
        at = base - degrees * HEIGHT / 180 + 10
        scale_text(drawing, at, f"{degrees}\N{DEGREE SIGN}")
    return base + BETWEEN


def _title_of(span: dict, zone: str | None) -> str:
    return _("{when}: turned by {degrees} degrees, for {minutes} min").format(
        when=when_text(span["start_ms"], zone, "%H:%M"),
        degrees=round(span["turned_deg"]),
        minutes=round((span["end_ms"] - span["start_ms"]) / 60_000),
    )


def lying_text(lying: list[dict]) -> str:
    """Return in a sentence how the limb lay, for those who cannot see it; "" where not known."""
    if not lying:
        return ""
    near, aside, over = (number_text(h, 1) for h in hours_turned(lying, TURNED_DEG))
    return _(
        "Of the night the limb lay {near} h as it lay longest (within {first} degrees), {aside} h "
        "turned by {first} to {second} degrees, {over} h by more."
    ).format(near=near, aside=aside, over=over, first=TURNED_DEG[0], second=TURNED_DEG[1])
