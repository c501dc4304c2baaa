"""The store as a whole: out of it, into it, a copy of it, parts of it gone for good.

The methods that the room `files` uses; the SQL stands in `carry`, `carry_in`, `erase`,
`elsewhere`. Times UTC in ms, from this computer's clock.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from notturno.store import bands, carry, elsewhere
from notturno.store.door import ADVICE, Damaged, said_plainly
from notturno.store.opened import Opened


class Whole(Opened):
    """The part of the store that deals with all of it."""

    def pieces(self, nights: list[str] | None = None) -> Iterator[dict]:
        """Yield what cannot be made again, of some nights or all: see carry.pieces."""
        with said_plainly(self.path):
            yield from carry.pieces(self._db, nights)

    def said(self, table: str) -> list[dict]:
        """Return what people said, of one of carry.TABLES by its name, in the order of making."""
        with said_plainly(self.path):
            return carry.rows(self._db, next(each for each in carry.TABLES if each.name == table))

    def raw_settings(self) -> dict[tuple, bytes]:
        """Return the detector's settings as the band wrote them, by (device, log, session seq)."""
        with said_plainly(self.path):
            rows = self._db.execute(
                "select device_id, log_id, seq, settings from sessions join logs using (log_key)"
            )
            return {(row[0], row[1], row[2]): row[3] for row in rows}

    def hashes(self) -> dict[str, str]:
        """Return {name: SHA-256} of what cannot be made again: see carry.hashes."""
        with said_plainly(self.path):
            return carry.hashes(self._db)

    def counts(self) -> dict[str, int]:
        """Return {name: how many} of records, nights and what people said."""
        with said_plainly(self.path):
            return carry.counts(self._db)

    def form(self) -> int:
        """Return the database's form: how many migrations it went through."""
        with said_plainly(self.path):
            return self._db.execute("pragma user_version").fetchone()[0]

    def take(self, pieces: Iterable[dict]) -> tuple[dict, list[str]]:
        """Take pieces in, all or none; return ({table: new rows}, what was refused and why)."""
        from notturno.store.carry_in import take

        with self._transaction() as db:
            added, refused = take(db, pieces, bands.now_utc_ms())
        return dict(added), refused

    def copy_to(self, path: Path) -> None:
        """Write a whole copy of the database to a new file; a writer meanwhile does no harm."""
        with said_plainly(path), contextlib.closing(sqlite3.connect(path)) as copy:
            self._db.backup(copy)
            copy.execute("pragma journal_mode = delete")

    def make_all_again(self) -> None:
        """Make all that is derived again from the records: see rebuild.make_all_again."""
        from notturno.store import rebuild

        with self._transaction() as db:
            rebuild.make_all_again(db)

    def sound(self) -> bool:
        """Say whether SQLite finds the file whole, page by page and key by key."""
        with said_plainly(self.path):
            rows = self._db.execute("pragma integrity_check").fetchall()
            return [row[0] for row in rows] == ["ok"]

    def must_be_sound(self) -> None:
        """Raise the UserError of a damaged file, also for pages that no other call reads."""
        if not self.sound():
            advice = ADVICE[sqlite3.SQLITE_CORRUPT]
            raise Damaged(
                "The data file {path} {advice_said}.", path=self.path, advice_said=advice
            )

    def erase_night(self, night: str, device_id: str | None = None) -> dict:
        """Delete a night for good: see erase.erase_night. `shrink` comes behind it."""
        from notturno.store import erase

        with said_plainly(self.path):
            self._db.execute("pragma secure_delete = on")
        with self._transaction() as db:
            return erase.erase_night(db, night, device_id, bands.now_utc_ms())

    def erase_band(self, said: str) -> dict:
        """Delete a band, its name and its nights for good: see erase.erase_band."""
        from notturno.store import erase

        with said_plainly(self.path):
            self._db.execute("pragma secure_delete = on")
        with self._transaction() as db:
            return erase.erase_band(db, said)

    def shrink(self) -> None:
        """Write the file anew without what was deleted."""
        from notturno.store import erase

        with said_plainly(self.path):
            erase.shrink(self._db)

    def add_sleeps(self, sleeps: list[dict]) -> list[dict]:
        """Keep a tracker's hours of sleep; return those that are new: see elsewhere."""
        with self._transaction() as db:
            return elsewhere.add_sleeps(db, sleeps, bands.now_utc_ms())

    def imported_sleeps(
        self, from_utc_ms: int | None = None, to_utc_ms: int | None = None
    ) -> list[dict]:
        """Return the trackers' hours of sleep that touch a span (all for None), by start."""
        with said_plainly(self.path):
            return elsewhere.sleeps(self._db, from_utc_ms, to_utc_ms)

    def add_lab_list(self, night: str, found: dict) -> bool:
        """Keep a laboratory's list with a night; return whether it is new: see elsewhere."""
        with self._transaction() as db:
            return elsewhere.add_lab_list(db, night, found, bands.now_utc_ms())

    def lab_lists(self, night: str | None = None, kind: str | None = None) -> list[dict]:
        """Return the laboratory's lists of a night: see elsewhere.lab_lists."""
        with said_plainly(self.path):
            return elsewhere.lab_lists(self._db, night, kind)
