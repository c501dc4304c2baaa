"""Which events of a replay count: as notturno.nights has it, for events with named kind and flags.

Pure. An event is a dict as engines.run gives it; a truth of the bench is one without flags.
"""

from collections.abc import Sequence

from notturno_core import wire

from notturno.nights import counts, spans

_NUMBERS = {name: kind for kind, name in wire.EVENT_NAMES.items()}
_BY_TIME = ("not_worn", "awake")  # spans in which nothing counts: nights.counts.BY_TIME
_TIMED = ("jerk", "lm", "rhythm")
_ROUNDED_US = 150  # an onset and a length are each told to a tenth of a millisecond


def left_out_as(event: dict) -> str | None:
    """Return why an event does not count by its flags; None where they say nothing."""
    return counts.left_out_as(_NUMBERS[event["kind"]], counts.flags_of(event.get("flags", ())))


def reasons(events: Sequence[dict]) -> list[str | None]:
    """Return of each event why it does not count: by its flags, else by the span it begins in."""
    held = [
        (e["kind"], spans.to_us(e["onset_s"]), spans.to_us(e["onset_s"] + e["duration_s"]))
        for e in events
        if e["kind"] in _BY_TIME
    ]

    def by_time(event: dict) -> str | None:
        if event["kind"] not in _TIMED:
            return None
        at_us = spans.to_us(event["onset_s"])
        names = {
            name for name, begin_us, end_us in held if begin_us <= at_us < end_us - _ROUNDED_US
        }
        return next((name for name in _BY_TIME if name in names), None)

    return [left_out_as(event) or by_time(event) for event in events]


def of_kind(events: Sequence[dict], kind: str) -> list[dict]:
    """Return the events of one kind that count."""
    found = zip(events, reasons(events), strict=True)
    return [event for event, reason in found if event["kind"] == kind and reason is None]


def left_out(events: Sequence[dict]) -> dict[str, dict[str, int]]:
    """Return {kind: {reason: how many}} of the events that do not count."""
    found = {}
    for event, reason in zip(events, reasons(events), strict=True):
        if reason:
            mine = found.setdefault(event["kind"], {})
            mine[reason] = mine.get(reason, 0) + 1
    return found
