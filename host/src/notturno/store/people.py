"""What people say, as the store's methods: bands, edits, tags, diary, stimuli, labels.

The SQL and the rules stand in the room of each. Times UTC in ms, from this computer's clock.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from notturno.store import bands as of_bands
from notturno.store import diary as of_diary
from notturno.store import edits as of_edits
from notturno.store import forget as of_forget
from notturno.store import labels as of_labels
from notturno.store import stimuli as of_stimuli
from notturno.store import strap as of_strap
from notturno.store import tags as of_tags
from notturno.store.door import said_plainly
from notturno.store.opened import Opened
from notturno.store.said import effective_edits


def reads(function: Callable) -> Callable[..., Any]:
    """Return a method that asks `function(db, ...)`."""

    @wraps(function)
    def method(self: Opened, *arguments: Any, **named: Any) -> Any:
        with said_plainly(self.path):
            return function(self._db, *arguments, **named)

    return method


def writes(function: Callable) -> Callable[..., Any]:
    """Return a method that lets `function(db, ...)` write in one transaction, or not at all."""

    @wraps(function)
    def method(self: Opened, *arguments: Any, **named: Any) -> Any:
        with self._transaction() as db:
            return function(db, *arguments, **named)

    return method


class People(Opened):
    """The part of the store that holds what people say."""

    bands = reads(of_bands.all_bands)
    band_id = reads(of_bands.device_of)
    logs_of = reads(of_forget.logs_of)
    forget_band = writes(of_forget.forget_band)
    forget_log = writes(of_forget.forget_log)
    forget_since = writes(of_forget.forget_since)

    tags = reads(of_tags.all_tags)
    add_tag = writes(of_tags.add)
    end_tag = writes(of_tags.end)
    remove_tag = writes(of_tags.remove)

    edits = reads(of_edits.edits)
    edits_in_force = reads(of_edits.in_force)
    night_of_edit = reads(of_edits.night_of)
    effective_edits = reads(effective_edits)

    diary = reads(of_diary.entries)
    remove_diary = writes(of_diary.remove)

    stimuli = reads(of_stimuli.stimuli)

    labels = reads(of_labels.labels)
    labelled_events = reads(of_labels.labelled_events)

    strap_checks = reads(of_strap.checks)
    zone = reads(of_strap.zone)

    def add_strap_check(self, found: dict) -> int | None:
        """Keep the figures of a strap check (strap.session.check); return its number.

        The recordings that it lies in are made again: until its end their person was up.
        """
        from notturno.store.derive import refresh_all  # all of scoring: only keeping needs it

        with self._transaction() as db:
            check_id = of_strap.add(db, found, of_bands.now_utc_ms())
            refresh_all(db, of_strap.recordings_around(db, found))
        return check_id

    def keep_zone(self, name: str | None) -> None:
        """Tell times in this zone from now on; None: in this machine's own."""
        with self._transaction() as db:
            of_strap.keep_zone(db, name, of_bands.now_utc_ms())

    def label(self, device_id: str, log_id: int, seq: int, said: str | None) -> None:
        """Keep what a person says of an event (of `labels.LABELS`); None takes it back."""
        with self._transaction() as db:
            of_labels.label(db, device_id, log_id, seq, said, of_bands.now_utc_ms())

    def name_band(self, *arguments: Any, **named: int | str) -> str:
        """Name a band and say where it is worn (see bands.name_band); return its device id."""
        from notturno.store.night_rows import refresh_persons

        with self._transaction() as db:
            device_id = of_bands.name_band(db, *arguments, **named)
            refresh_persons(db, device_id)
            return device_id

    def edit(self, night: str | None, device_id: str | None, said: dict) -> str:
        """Keep what a person says of a night (None: of all its bands); return its name after it.

        said: some of edits.FIELDS, checked.
        """
        with self._transaction() as db:
            return of_edits.add(db, night, device_id, said, of_bands.now_utc_ms())

    def undo_edit(self, night: str | None, device_id: str | None) -> dict:
        """Take the last standing edit of a night (None: of all its bands) back, and return it."""
        with self._transaction() as db:
            return of_edits.take_back(db, night, device_id, of_bands.now_utc_ms())

    def add_diary(self, entry: dict) -> int | None:
        """Keep an entry that `diary.checked` made; return its number."""
        with self._transaction() as db:
            return of_diary.add(db, entry, of_bands.now_utc_ms())

    def import_diary(self, entries: list[dict]) -> int:
        """Keep those entries that are not there yet, all or none; return how many were new."""
        with self._transaction() as db:
            return of_diary.add_missing(db, entries, of_bands.now_utc_ms())

    def keep_stimuli(self, night: str, source: str, rows: list[dict]) -> None:
        """Keep the stimuli of a file, instead of what the same file gave this night before."""
        with self._transaction() as db:
            of_stimuli.replace(db, night, source, rows, of_bands.now_utc_ms())
