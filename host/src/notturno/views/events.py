"""The events of a night, numbered as everywhere, with their waveforms. Reads the logbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError
from notturno.nights.waveform import by_event

if TYPE_CHECKING:
    from notturno.store import Store


def numbered(store: Store, night: str | None, device_id: str | None = None) -> list[dict]:
    """Return the events of a night, each with `no` and `waveform` (its snippet, or None).

    An event has the same number whatever is asked for, so that it can be named by it.
    """
    events = store.events(night)
    snippets = by_event(events, store.waveforms(night))
    return [
        {"no": no, **event, "waveform": snippet}
        for no, (event, snippet) in enumerate(zip(events, snippets, strict=True), 1)
        if device_id in (None, event["device_id"])
    ]


def one(events: list[dict], no: int) -> dict:
    """Return event number `no` of `numbered`; raises UserError where it is not there."""
    event = next((event for event in events if event["no"] == no), None)
    if event is None:
        have = Phrase("there is none")
        if events:
            have = Phrase(
                "they go from {first} to {last}", first=events[0]["no"], last=events[-1]["no"]
            )
        raise UserError(
            "There is no event {no} among those asked for; {have_said}.", no=no, have_said=have
        )
    return event
