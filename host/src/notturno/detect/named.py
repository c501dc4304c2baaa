"""Which events of a replay count: notturno.nights.counts for events with named kind and flags.

Pure. An event is a dict as engines.run gives it; a truth of the bench is one without flags.
"""

from notturno_core import wire

from notturno.nights import counts

_NUMBERS = {name: kind for kind, name in wire.EVENT_NAMES.items()}


def left_out_as(event: dict) -> str | None:
    """Return why an event does not count; None where it does."""
    return counts.left_out_as(_NUMBERS[event["kind"]], counts.flags_of(event.get("flags", ())))


def of_kind(events: list[dict], kind: str) -> list[dict]:
    """Return the events of one kind that count."""
    return [event for event in events if event["kind"] == kind and left_out_as(event) is None]


def left_out(events: list[dict]) -> dict[str, dict[str, int]]:
    """Return {kind: {reason: how many}} of the events that do not count."""
    found = {}
    for event in events:
        reason = left_out_as(event)
        if reason:
            reasons = found.setdefault(event["kind"], {})
            reasons[reason] = reasons.get(reason, 0) + 1
    return found
