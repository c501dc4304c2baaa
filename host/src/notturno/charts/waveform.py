"""The raw samples around one event: three axes and their norm, on one scale. Pure; gives SVG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from notturno.charts.svg import UNITS, Drawing
from notturno.words import _
from notturno.words.written import signs

if TYPE_CHECKING:
    from notturno.nights.waveform import Waveform

LEFT, RIGHT = 4, 4
PANEL, BETWEEN = 90, 12
STEP_S = 0.5  # between the lines of time: a snippet lasts 1 to 4 s


def limits_mg(curves: dict[str, list]) -> dict[str, tuple[float, float]]:
    """Return (low, high) of the panel of each curve: as high for all, each around its middle."""
    held = {name: [v for v in values if v is not None] for name, values in curves.items()}
    span = max(1.0, *(max(values) - min(values) for values in held.values())) * 1.04
    return {
        name: ((max(v) + min(v) - span) / 2, (max(v) + min(v) + span) / 2)
        for name, v in held.items()
    }


def picture(
    waveform: Waveform, onset_sample: int, end_sample: int, title: str, description: str
) -> str:
    """Return the SVG of a `nights.waveform.Waveform`; time runs from the event's onset."""
    drawing = Drawing()
    drawing.text(LEFT, 30, title, "title")
    drawing.text(LEFT, 50, description, "soft")
    bottom = _draw(drawing, 62, waveform, onset_sample, end_sample)
    return drawing.svg(bottom, title, description)


def figure(
    waveform: Waveform, onset_sample: int, end_sample: int, title: str, name: str = "waveform"
) -> str:
    """Return the same for a page that has the style, without its words."""
    drawing = Drawing()
    return drawing.inline(_draw(drawing, 0, waveform, onset_sample, end_sample), title, name)


def _draw(
    drawing: Drawing, top: int, waveform: Waveform, onset_sample: int, end_sample: int
) -> int:
    """Draw the curves below `top`; return the y below them."""
    times_s = waveform.times_s(onset_sample)
    first_s, last_s = times_s[0], times_s[-1]
    scale = (UNITS - LEFT - RIGHT) / max(last_s - first_s, 1 / waveform.rate_hz)

    def x_of(at_s: float) -> float:
        return LEFT + (min(max(at_s, first_s), last_s) - first_s) * scale

    curves = waveform.curves_mg()
    limits = limits_mg(curves)
    height = len(curves) * (PANEL + BETWEEN) - BETWEEN
    event = x_of(0.0), x_of((end_sample - onset_sample) / waveform.rate_hz)
    drawing.rect(LEFT, top, UNITS - LEFT - RIGHT, height, "plate")
    drawing.rect(event[0], top, max(1.0, event[1] - event[0]), height, "worn", _("the event"))
    for at_s in _seconds(first_s, last_s):
        drawing.line(x_of(at_s), top, x_of(at_s), top + height, "grid")
        anchor = "start" if x_of(at_s) < 30 else "end" if x_of(at_s) > UNITS - 30 else "middle"
        drawing.text(x_of(at_s), top + height + 14, signs(f"{at_s:g} s"), "small", anchor)
    for name, values in curves.items():
        low, high = limits[name]
        _panel(drawing, top, name, values, [x_of(at_s) for at_s in times_s], low, high)
        top += PANEL + BETWEEN
    return top + 10


def _panel(
    drawing: Drawing,
    top: int,
    name: str,
    values: list[float],
    xs: list[float],
    low: float,
    high: float,
) -> None:
    def y_of(mg: float) -> float:
        return top + (high - mg) / (high - low) * PANEL

    drawing.text(LEFT, top + 12, name, "lane", dx=4)
    drawing.text(UNITS - RIGHT, top + 12, f"{high:.0f} mg", "small", "end", -4)
    drawing.text(UNITS - RIGHT, top + PANEL - 2, f"{low:.0f} mg", "small", "end", -4)
    run = []
    for x, mg in zip([*xs, 0], [*values, None], strict=True):
        if mg is not None:
            run.append((x, y_of(mg)))
        elif run:
            drawing.curve(run, "curve")
            run = []


def _seconds(first_s: float, last_s: float) -> list[float]:
    """Return the multiples of STEP_S between two times."""
    steps = range(math.ceil(first_s / STEP_S), math.floor(last_s / STEP_S) + 1)
    return [step * STEP_S for step in steps]
