"""The rows of the tables of what people said: tags, diary, labels, corrections, lists of a lab.

Reads a store that somebody else opened; touches nothing. Each function is a table of `columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from notturno.files.chosen import Chosen, times, zones_of

if TYPE_CHECKING:
    from notturno.store import Store


def tags(store: Store, *_: object) -> list[dict]:
    """Rows: tags with their spans of nights."""
    return store.tags()


def diary(store: Store, which: Chosen, _: dict) -> Iterable:
    """Rows: what was written into the diary."""
    wanted = None if which.whole else set(which.nights)
    return (row for row in store.diary() if wanted is None or row["night"] in wanted)


def _of_record(store: Store, which: Chosen, table: str) -> Iterator[dict]:
    wanted = set(which.nights)
    for piece in store.said(table):
        if which.whole or piece["night"] in wanted:
            if which.device_id in (None, piece["device_id"]):
                yield piece


def labels(store: Store, which: Chosen, _: dict) -> Iterable:
    """Rows: what a person said of an event."""
    return _of_record(store, which, "labels")


def edits(store: Store, which: Chosen, _: dict) -> Iterable:
    """Rows: corrections of nights."""
    return _of_record(store, which, "edits")


def stimuli(store: Store, which: Chosen, _: dict) -> Iterator[dict]:
    """Rows: sounds and touches that were given."""
    zones = {night: zone for (night, _), zone in zones_of(store, which).items()}
    for night in which.nights:
        for row in store.stimuli(night):
            at = times(row, zones.get(night, "UTC"), at="utc_ms")
            yield row | at | {"onset_s": row["onset_us"] / 1_000_000}


def bands(store: Store, which: Chosen, _: dict) -> Iterable:
    """Rows: the bands, with their names and sides."""
    return (row for row in store.bands() if which.device_id in (None, row["device_id"]))


def sleeps(store: Store, *_: object) -> Iterator[dict]:
    """Rows: sleep times from elsewhere."""
    for row in store.imported_sleeps():
        yield row | times(row, row["zone"], start="start_utc_ms", end="end_utc_ms")


def lab(store: Store, which: Chosen, _: dict) -> Iterator[dict]:
    """Rows: a laboratory's lists, one row an entry."""
    for night in which.nights:
        for kept in store.lab_lists(night):
            for onset_s, *rest in kept["rows"]:
                duration_s, text, where = rest if len(rest) == 3 else (None, rest[0], None)
                found = {"onset_s": onset_s, "duration_s": duration_s, "text": text}
                yield kept | found | {"location": where or None}
