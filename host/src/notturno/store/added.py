"""What frames brought to the store, and why a record says nothing to it. Touches nothing."""

from typing import NamedTuple

from notturno_core import wire

from notturno.errors import Phrase


class Added(NamedTuple):
    """New records and events; quarantined, unread: (number, why) of each such record."""

    new_records: int
    new_events: int
    quarantined: list
    unread: list


def why_unread(kind: int, payload: bytes) -> str | None:
    """Return why a record says nothing to this notturno; None where it is read."""
    if kind not in wire.REC_NAMES:
        return Phrase("it is of a kind that only newer firmware knows; update notturno")
    try:
        wire.unpack_record(kind, payload)
    except wire.WireError as error:
        return Phrase(
            "its layout is not that of a {kind} ({why_said})",
            kind=wire.REC_NAMES[kind],
            why_said=error,
        )
    return None
