"""A recording through the detector: events as `replay` prints them, and the minutes beside them.

Pure but for the engine. What a logger held flat is judged here (`idle`): the detector's own rule
of not worn is not asked there, and spans of an hour and a half are not worn.
"""

from typing import Any, NamedTuple

from notturno_core import wire

from notturno.detect import engines


class Replayed(NamedTuple):
    """events: dicts of engines.run; minutes: dicts of wire.MINUTE_FIELDS with `end_s`."""

    events: list
    minutes: list


def replayed(loaded: Any, engine: str = "native", settings: dict | None = None) -> Replayed:
    """Return what the detector finds in a recording; raises UserError as engines.run does."""
    whole, minutes = loaded.recording, []
    chosen = {**loaded.settings, **(settings or {})}
    at_s = engines.seconds(whole)
    found = engines.named(whole, engine, chosen, minutes)
    events = [engines.event_dict(*each, at_s) for each in found]
    for first_s, end_s in loaded.not_worn or ():
        events.append(_not_worn(first_s, end_s))
    width_s = 1 / whole.odr_hz
    timed = [each | {"end_s": at_s(each["sample"] - 1) + width_s} for each in minutes]
    return Replayed(events, timed)


def _not_worn(first_s: float, end_s: float) -> dict:
    name = wire.EVENT_NAMES[wire.EVENT_NOT_WORN]
    return {
        "kind": name,
        "onset_s": round(first_s, 4),
        "duration_s": round(end_s - first_s, 4),
        "peak_mg": 0,
        "peak_jerk_mg_per_s": 0,
        "rhythm_hz": None,
        "beats": None,
        "confidence": 0.5,
        "flags": [],
        "number": 0,
        "provisional_s": round(end_s, 3),
        "provisional_kind": name,
        "final_s": round(end_s, 3),
    } | dict.fromkeys(engines.FACTS, 0)
