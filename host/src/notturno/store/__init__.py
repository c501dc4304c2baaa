"""The logbook of one data folder: the only room that imports sqlite3.

Touches `notturno.sqlite3` in the data folder. All times UTC in ms; what the rows of each query
hold is said at the query. One instance belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from notturno_core import wire

from notturno.store import (
    bands,
    door,
    health,
    holding,
    logs,
    nightly_table,
    queries,
    snippets,
    staleness,
)
from notturno.store import faults as of_faults
from notturno.store.added import Added
from notturno.store.door import said_plainly
from notturno.store.of_night import OfNight
from notturno.store.people import People, reads
from notturno.store.whole import Whole

if TYPE_CHECKING:
    from notturno.nights.settings import Judgement

# Whose log it is (device, number), the number of the sync, the zone.
Pen = tuple[tuple[str, int], int, str]
FILE_NAME = "notturno.sqlite3"


class Store(People, Whole, OfNight):
    """What bands have recorded, and what follows from it. Use `Store.open(folder)`."""

    @classmethod
    def open(cls, folder: Path, create: bool = True, progress: Callable | None = None) -> Store:
        """Open the logbook of a folder for writing, made if missing; for reading without `create`.

        Reading writes nothing anywhere, and a missing logbook reads as an empty one. Nights made
        by older rules are made again, for reading in memory alone; progress: called with (done,
        of how many). Raises UserError where the file is locked, damaged, not ours, or from a
        newer notturno.
        """
        path = Path(folder) / FILE_NAME
        with said_plainly(path):
            db = door.for_writing(path) if create else door.for_reading(path)
            try:
                if staleness.stale(db):
                    from notturno.store.rebuild import bring_up_to_date

                    db = db if create else door.in_memory(db)
                    db.execute("begin immediate")
                    bring_up_to_date(db, progress)
                    db.execute("commit")
                    if not create:
                        db.execute("pragma query_only = on")
            except BaseException:
                db.close()
                raise
            return cls(db, path)

    # --- writing -------------------------------------------------------------------------------

    def begin_sync(
        self, device_id: str, log_id: int, zone: str, firmware: str, utc_ms: int | None = None
    ) -> Pen:
        """Note that a sync begins; return the pen that `add` wants."""
        started = bands.now_utc_ms() if utc_ms is None else utc_ms
        with self._transaction() as db:
            log_key = logs.made_log_key(db, device_id, log_id)
            (sync_id,) = db.execute(
                "insert into syncs (log_key, started_utc_ms, zone, firmware) values (?, ?, ?, ?)"
                " returning sync_id",
                (log_key, started, zone, firmware),
            ).fetchone()
        return (device_id, log_id), sync_id, zone

    def note_band(
        self, device_id: str, log_id: int, band: dict, firmware: str, utc_ms: int | None = None
    ) -> None:
        """Keep what a band says of itself (fields of wire.INFO_FIELDS), also with nothing new."""
        seen = bands.now_utc_ms() if utc_ms is None else utc_ms
        with self._transaction() as db:
            from notturno.store.derive import refresh_last

            log_key = logs.made_log_key(db, device_id, log_id)
            bands.note(db, log_key, band, firmware, seen)
            refresh_last(db, log_key)

    def next_seq(self, device_id: str, log_id: int) -> int:
        """Return the number after the last stored record of a log; 0 where there is none."""
        with said_plainly(self.path):
            row = self._db.execute(
                "select max(seq) + 1 as next from records where log_key = ?",
                (self._log_key(device_id, log_id),),
            ).fetchone()
        return row["next"] or 0

    def missing(
        self, device_id: str, log_id: int, first_seq: int, next_seq: int, again: bool = False
    ) -> list[tuple[int, int]]:
        """Return what to ask a band for that holds these numbers: see holding.missing."""
        with said_plainly(self.path):
            key = self._log_key(device_id, log_id)
            now_ms = bands.now_utc_ms()
            return holding.missing(self._db, key, first_seq, next_seq, again, now_ms)

    def note_absent(self, device_id: str, log_id: int, ranges: list[tuple[int, int]]) -> None:
        """Remember numbers that the band was asked for and does not have."""
        if ranges:
            with self._transaction() as db:
                key = logs.made_log_key(db, device_id, log_id)
                holding.note_absent(db, key, ranges, bands.now_utc_ms())

    def add(self, pen: Pen, frames: list[bytes]) -> Added:
        """Store whole frames in one transaction, safe on the disk when this returns.

        What is there already stays as it is.
        """
        from notturno.store.ingest import add_frames  # the rules: reading a table needs none

        (device_id, log_id), sync_id, zone = pen
        with self._transaction() as db:
            log_key = logs.made_log_key(db, device_id, log_id)
            return add_frames(db, log_key, sync_id, zone, frames, bands.now_utc_ms())

    def frames(
        self, device_id: str, log_id: int, from_seq: int, through_seq: int
    ) -> Iterator[bytes]:
        """Yield the stored frames of a range, ends included, byte for byte as on the band."""
        buf = bytearray(wire.MAX_FRAME_LEN)
        with said_plainly(self.path):
            rows = self._db.execute(
                "select seq, kind, payload from records"
                " where log_key = ? and seq between ? and ? order by seq",
                (self._log_key(device_id, log_id), from_seq, through_seq),
            )
            for seq, kind, payload in rows:
                yield bytes(buf[: wire.pack_frame_into(buf, 0, seq, kind, payload)])

    def boot_id_before(self, device_id: str, log_id: int, seq: int) -> int:
        """Return the highest boot named by a stored record below `seq`; 0 where none is."""
        with said_plainly(self.path):
            return queries.boot_id_before(self._db, self._log_key(device_id, log_id), seq)

    def last_anchor(self, device_id: str, log_id: int, boot_id: int) -> dict | None:
        """Return tick_ms, utc_ms, error_ms and host_id of the latest setting of a boot's clock."""
        settings = self._settings(device_id, log_id, boot_id)
        return settings[-1] if settings else None

    def judge_clock(
        self, device_id: str, log_id: int, boot_id: int, tick_ms: int, utc_ms: int
    ) -> Judgement | None:
        """Hold a clock against the settings of a boot; see nights.settings.judge."""
        from notturno.nights.anchors import Anchor
        from notturno.nights.settings import judge

        known = [Anchor(**row) for row in self._settings(device_id, log_id, boot_id)]
        return judge(known, tick_ms, utc_ms)

    def _settings(self, device_id: str, log_id: int, boot_id: int) -> list[dict[str, int]]:
        with said_plainly(self.path):
            rows = self._db.execute(
                "select tick_ms, utc_ms, error_ms, host_id from anchors"
                " where log_key = ? and boot_id = ? order by seq desc limit 64",
                (self._log_key(device_id, log_id), boot_id),
            )
            return [dict(row) for row in rows][::-1]

    def nights_since_seq(self, device_id: str, log_id: int, seq: int) -> list[str]:
        """Return the nights that hold records from number `seq` on."""
        with said_plainly(self.path):
            key = self._log_key(device_id, log_id)
            rows = self._db.execute(
                "select night from sessions where log_key = :key and seq in ("
                "select seq from sessions where log_key = :key and seq >= :seq"
                " union select session_seq from minutes where log_key = :key and seq >= :seq"
                " union select session_seq from events where log_key = :key and seq >= :seq)"
                " order by seq",
                {"key": key, "seq": seq},
            )
            return list(dict.fromkeys(row["night"] for row in rows))

    def _log_key(self, device_id: str, log_id: int) -> int | None:
        return logs.log_key_of(self._db, device_id, log_id)

    def count_records(self, device_id: str | None = None) -> int:
        """Return the number of stored records, of one band or of all."""
        with said_plainly(self.path):
            return self._db.execute(
                "select coalesce(sum(records), 0) from logs where ?1 is null or device_id = ?1",
                (device_id,),
            ).fetchone()[0]

    # --- reading: see queries.py ---------------------------------------------------------------

    def nights(
        self,
        last: int | None = None,
        since: str | None = None,
        until: str | None = None,
        device_id: str | None = None,
        night: str | None = None,
        now_ms: int | None = None,
    ) -> list[dict]:
        """Return the row of each night of each band (nights.columns), oldest first.

        Undated ones stand in front; `last` counts nights. night: this one alone, also a nap.
        """
        now_ms = bands.now_utc_ms() if now_ms is None else now_ms
        with said_plainly(self.path):
            return nightly_table.nights(self._db, last, since, until, device_id, night, now_ms)

    def night_names(self) -> list[str]:
        """Return the names of all nights and naps, undated ones in front."""
        with said_plainly(self.path):
            return nightly_table.night_names(self._db)

    def person_nights(self, nights: list[str], now_ms: int | None = None) -> list[dict]:
        """Return the rows of some nights in which both sides were worn, by night."""
        now_ms = bands.now_utc_ms() if now_ms is None else now_ms
        with said_plainly(self.path):
            return nightly_table.person_nights(self._db, nights, now_ms)

    def events(
        self,
        night: str | None = None,
        device_id: str | None = None,
        kinds: Iterable[str] | None = None,
    ) -> list[dict]:
        """Return events by onset; `kinds` are names of wire.EVENT_NAMES."""
        with said_plainly(self.path):
            return queries.events(self._db, night, device_id, kinds)

    def minutes(self, night: str | None = None, device_id: str | None = None) -> list[dict]:
        """Return the summaries of the minutes, in order."""
        with said_plainly(self.path):
            return queries.minutes(self._db, night, device_id)

    def sessions(self, night: str | None = None, device_id: str | None = None) -> list[dict]:
        """Return the recordings: what recorded, with which settings, from when to when."""
        with said_plainly(self.path):
            return queries.sessions(self._db, night, device_id)

    def gaps(self, night: str | None = None, device_id: str | None = None) -> list[dict]:
        """Return where a night has no samples, and why."""
        with said_plainly(self.path):
            return queries.gaps(self._db, night, device_id)

    def marks(self, night: str | None = None, device_id: str | None = None) -> list[dict]:
        """Return when the person pressed the button."""
        with said_plainly(self.path):
            return queries.marks(self._db, night, device_id)

    waveforms = reads(snippets.waveforms)
    heard_devices = reads(health.devices)
    last_check = reads(health.last_check)
    complaints = reads(health.complaints)

    def faults(self, night: str | None = None, device_id: str | None = None) -> list[dict]:
        """Return what went wrong on a band, also before any session (night None)."""
        with said_plainly(self.path):
            return of_faults.faults(self._db, night, device_id)
