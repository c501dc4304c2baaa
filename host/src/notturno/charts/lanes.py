"""The axis of one night and the lanes along it: what all parts of a night's picture share. Pure.

Without a clock the axis is hours since the recording began.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from notturno.charts.svg import Drawing
from notturno.nights.calendar import clock_text, zone_info
from notturno.times import HOUR_MS

if TYPE_CHECKING:
    from notturno.words.written import Written

LEFT, RIGHT = 4, 4
LABEL = 17  # px above each lane, for its name
BETWEEN = 8
LAST_BIT_MS = 120_000  # a night that ends just behind the full hour needs no further one


class Axis:
    """From a moment (UTC ms, or ms since the start where the clock is unknown) to x."""

    def __init__(self, drawing: Drawing, start_ms: int, end_ms: int, zone: str | None) -> None:
        self.zone = zone
        self.start_ms = 0 if zone is None else _hour_before(start_ms, zone)
        hours = max(1, math.ceil((end_ms - self.start_ms - LAST_BIT_MS) / HOUR_MS))
        self.hours = hours
        self._scale = (drawing.width - LEFT - RIGHT) / (hours * HOUR_MS)

    def x(self, ms: float) -> float:
        """Return the x of a moment."""
        return LEFT + (ms - self.start_ms) * self._scale

    def label(self, hour: int, form: str = "%H:%M") -> str:
        """Return the text below the beginning of the n-th hour."""
        if self.zone is None:
            return f"+{hour} h"
        return clock_text(round(self.start_ms + hour * HOUR_MS), self.zone, form)


def _hour_before(ms: float, zone: str) -> float:
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone_info(zone))
    return ms - (local.minute * 60 + local.second) * 1000 - ms % 1000


def lane(
    drawing: Drawing,
    y: float,
    height: int,
    axis: Axis,
    label: Written | str,
    note: Written | str = "",
) -> float:
    """Draw an empty lane below its name; return the y of its top."""
    drawing.text(LEFT, y + 11, label, "lane")
    if note:
        drawing.text(drawing.width - RIGHT, y + 11, note, "small", "end")
    y += LABEL
    drawing.rect(LEFT, y, drawing.width - LEFT - RIGHT, height, "plate")
    for hour in range(axis.hours + 1):
        x = axis.x(axis.start_ms + hour * HOUR_MS)
        drawing.line(x, y, x, y + height, "grid")
    return y


def scale_text(drawing: Drawing, y: float, words: str) -> None:
    """Write a number of a scale at the right; after what is drawn, which may reach so far."""
    drawing.text(drawing.width - RIGHT, y, words, "scale", "end", -2)


def when_text(ms: int, zone: str | None, form: str) -> str:
    """Return a moment's time of day; minutes since the start where no clock is known (zone)."""
    return f"+{ms / 60000:.1f} min" if zone is None else clock_text(ms, zone, form)
