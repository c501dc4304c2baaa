"""How a limb lay through a night: spans in which gravity kept its direction, and how far turned.

Takes the minutes of a `NightAxis`; gives spans in microseconds and degrees. Pure.

The band does not know which of its axes lies along the limb, so a direction is told by its angle
to the one that the limb held longest: 0 degrees is as it lay most of the night, near 180 turned
over. Which way it turned, and whether the body lay on its back or side, is not known.
"""

import math
from typing import NamedTuple

from notturno_core import names, plausible

from notturno.times import HOUR_MS

STEADY_DEG = dict((name, value) for name, value, _ in names.RULES)["posture_deg"]


class Lying(NamedTuple):
    """A span (start_us, end_us) in which the limb lay one way; turned_deg: from the longest."""

    start_us: int
    end_us: int
    turned_deg: float


def lying(minutes: list[dict]) -> list[Lying]:
    """Return the spans in which the limb lay one way, in order; [] where no minute tells.

    minutes: each with start_us, end_us, gravity_mg (x, y, z), flag_names, by time. A new span
    begins where gravity has turned by STEADY_DEG from where the span began, and behind a minute
    that tells nothing: not worn, without a direction, or not of 1 g.
    """
    spans = []  # [start_us, end_us, the first direction, the sum of directions]
    for minute in minutes:
        towards = _direction(minute)
        if towards is None:
            spans.append(None)
            continue
        last = spans[-1] if spans else None
        if (
            last is None
            or minute["start_us"] > last[1]
            or angle_deg(last[2], towards) > STEADY_DEG
        ):
            spans.append([minute["start_us"], minute["end_us"], towards, towards])
            continue
        last[1] = minute["end_us"]
        last[3] = tuple(a + b for a, b in zip(last[3], towards, strict=True))
    told = [(start, end, _unit(total)) for start, end, _, total in filter(None, spans)]
    if not told:
        return []
    held = _held_longest(told)
    if held is None:
        return []
    return [Lying(start, end, angle_deg(held, towards)) for start, end, towards in told]


def _held_longest(spans: list[tuple]) -> tuple:
    """Return the direction near which (STEADY_DEG) the limb lay longest, of at least one span."""

    def held_us(towards: tuple) -> int:
        return sum(
            end - start for start, end, other in spans if angle_deg(towards, other) <= STEADY_DEG
        )

    return max((towards for _, _, towards in spans), key=held_us)


def _direction(minute: dict) -> tuple | None:
    """Return the unit vector of gravity of a minute; None where it tells none."""
    if "not_worn" in minute["flag_names"] or plausible.gravity_fault(*minute["gravity_mg"]):
        return None
    return _unit(minute["gravity_mg"])


def _unit(vector: tuple | list) -> tuple:
    length = math.hypot(*vector)
    return tuple(value / length for value in vector)


def angle_deg(a: tuple, b: tuple) -> float:
    """Return the angle between two unit vectors, 0 to 180 degrees."""
    dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return math.degrees(math.acos(max(-1.0, min(1.0, dot))))


def hours_turned(spans: list[dict], bounds_deg: tuple[float, ...]) -> list[float]:
    """Return the hours below the first bound, between each two, and from the last one on.

    spans: as dicts of start_ms, end_ms, turned_deg.
    """
    found = [0.0] * (len(bounds_deg) + 1)
    for span in spans:
        place = sum(span["turned_deg"] >= bound for bound in bounds_deg)
        found[place] += (span["end_ms"] - span["start_ms"]) / HOUR_MS
    return found
