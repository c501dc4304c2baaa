"""What `carry.pieces` gave, into a store: what is there already stays, and twice adds nothing.

Touches one open transaction of the database. Times UTC in ms.
"""

import base64
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from notturno_core import wire

from notturno.errors import Phrase
from notturno.store import holding, logs
from notturno.store.carry import LAST_WORD, SYNC, TABLES, Table

BY_NAME = {table.name: table for table in TABLES}


class Taking:
    """Takes pieces in, one after the other; `finish` when there are no more.

    added: Counter of new rows by table, `records` among them; refused: sentences on what stayed
    out. zone: of a sync that is not known to be in one.
    """

    def __init__(self, db: sqlite3.Connection, utc_ms: int) -> None:
        self._db = db
        self._utc_ms = utc_ms
        self.added = Counter()
        self.refused = []
        self._stored = {}
        self._touched = {}  # {log_key: session seqs} of new records and edits
        self._edited = False
        self._placed = set()  # device ids

    def take(self, piece: dict) -> None:
        """Take one piece in. Raises KeyError, ValueError, TypeError for what is none."""
        ((kind, said),) = piece.items()
        {"log": self._log, "frames": self._frames, "row": self._row}[kind](said)

    # --- what bands wrote ------------------------------------------------------------------------

    def _log(self, said: dict) -> None:
        db = self._db
        key = logs.made_log_key(db, said["device_id"], said["log_id"])
        known = db.execute("select seen_utc_ms from logs where log_key = ?", (key,)).fetchone()[0]
        last = said["said"]
        if last.get("seen_utc_ms") is not None and (known or 0) < last["seen_utc_ms"]:
            db.execute(
                f"update logs set {', '.join(f'{name} = ?' for name in LAST_WORD)}"
                " where log_key = ?",
                (*(last.get(name) for name in LAST_WORD), key),
            )
        for log_id, seen_utc_ms in said["also_as"]:
            if logs.log_key_of(db, said["device_id"], log_id) is None:
                db.execute(
                    "insert into log_aliases values (?, ?, ?, ?)",
                    (said["device_id"], log_id, key, seen_utc_ms),
                )
        for name, marks in (("absent", "?, ?, ?, ?, ?"), ("forgotten", "?, ?, ?, ?")):
            db.executemany(
                f"insert or ignore into {name} values ({marks})",
                [(key, *row) for row in said[name]],
            )

    def _frames(self, said: dict) -> None:
        from notturno.store.ingest import add_frames

        db = self._db
        key = logs.made_log_key(db, said["device_id"], said["log_id"])
        of_sync = tuple(said[name] for name in SYNC)
        row = db.execute(
            "select sync_id from syncs where log_key = ? and started_utc_ms = ? and zone = ?"
            " and firmware = ?",
            (key, *of_sync),
        ).fetchone()
        if row is None:
            row = db.execute(
                "insert into syncs (log_key, started_utc_ms, zone, firmware) values (?, ?, ?, ?)"
                " returning sync_id",
                (key, *of_sync),
            ).fetchone()
        sync_id = row[0]
        frames = frames_in(said["data"])
        added = add_frames(db, key, sync_id, said["zone"], frames, self._utc_ms, self._touched)
        self.added["records"] += added.new_records
        if added.quarantined:
            self.added["quarantine"] += len(added.quarantined)
            self.refused.append(
                Phrase(
                    "{number} records of {device_id} differ from what is stored under their "
                    "numbers; the stored ones stay, these are kept aside.",
                    number=len(added.quarantined),
                    device_id=said["device_id"],
                )
            )

    # --- what people said ------------------------------------------------------------------------

    def _row(self, said: dict) -> None:
        table = BY_NAME[said["of"]]
        row = {name: said[name] for name in table.columns}
        keys = {}
        if table.of_record:
            key = logs.log_key_of(self._db, said["device_id"], said["log_id"])
            if key is None:
                self.refused.append(
                    Phrase(
                        "{table} of {night}: no such log of {device_id} is here.",
                        table=table.name,
                        night=row["night"],
                        device_id=said["device_id"],
                    )
                )
                return
            number = said[table.of_record]
            if any(first <= number <= last for first, last in holding.forgotten(self._db, key)):
                why = "{table} of {night}: that night was forgotten."
                self.refused.append(Phrase(why, table=table.name, night=row["night"]))
                return
            keys = {"log_key": key, table.of_record: number}
            if table.name == "labels":
                del row["night"]  # by the event's own recording
        stored = self._rows_of(table)
        identity = self._identity(table, keys | row)
        if stored[identity] > 0:
            stored[identity] -= 1
            self._taken_back(table, keys | row)
            return
        if why := self._contradicts(table, keys | row):
            self.refused.append(why)
            return
        named = keys | row
        self._db.execute(
            f"insert into {table.name} ({', '.join(named)}) values"
            f" ({', '.join('?' * len(named))})",
            tuple(named.values()),
        )
        self.added[table.name] += 1
        if table.name == "edits":
            self._note_edit(keys)
        if table.name in ("placements", "bands"):
            self._placed.add(row["device_id"])

    def _rows_of(self, table: Table) -> Counter:
        """Return Counter of the identities of the rows that were there before.

        Each is met once by an equal row of the file: two coffees are two.
        """
        if table.name not in self._stored:
            names = list(table.columns)
            if table.of_record:
                names = ["log_key", table.of_record, *names]
                names.remove("night")
            found = self._db.execute(f"select {', '.join(names)} from {table.name}").fetchall()
            self._stored[table.name] = Counter(self._identity(table, dict(row)) for row in found)
        return self._stored[table.name]

    @staticmethod
    def _identity(table: Table, row: dict) -> tuple:
        # An edit's night may have got another name; the session that it belongs to has not.
        loose = (*table.loose, "night") if table.of_record else table.loose
        return tuple(value for name, value in sorted(row.items()) if name not in loose)

    def _taken_back(self, table: Table, row: dict) -> None:
        """Take a row back that stands here and was taken back where the file comes from."""
        if row.get("removed_utc_ms") is None:
            return
        strict = [name for name in row if name not in (*table.loose, "night")]
        done = self._db.execute(
            f"update {table.name} set removed_utc_ms = ? where removed_utc_ms is null and "
            + " and ".join(f"{name} is ?" for name in strict),
            (row["removed_utc_ms"], *(row[name] for name in strict)),
        ).rowcount
        if done and table.name == "edits":
            self._note_edit(row)
        if done and table.name == "placements":
            self._placed.add(row["device_id"])

    def _note_edit(self, of: dict) -> None:
        self._touched.setdefault(of["log_key"], set()).add(of["session_seq"])
        self._edited = True

    def _contradicts(self, table: Table, row: dict) -> Phrase | None:
        """Return why a row cannot stand beside what is here; None where it can."""
        db = self._db
        if table.name == "bands":
            if db.execute(
                "select 1 from bands where device_id = ?", (row["device_id"],)
            ).fetchone():
                return Phrase(
                    "bands: {device_id} has another name or note here, which stays.",
                    device_id=row["device_id"],
                )
            if db.execute("select 1 from bands where name = ?", (row["name"],)).fetchone():
                return Phrase(
                    "bands: {name} is the name of another band here, which stays.",
                    name=row["name"],
                )
        if table.name == "tags":
            key = (row["name"], row["first_night"])
            if db.execute("select 1 from tags where name = ? and first_night = ?", key).fetchone():
                return Phrase(
                    "tags: {name} from {first_night} on ends another night here, which stays.",
                    name=row["name"],
                    first_night=row["first_night"],
                )
        if table.name == "labels":
            key = (row["log_key"], row["seq"])
            if db.execute("select 1 from labels where log_key = ? and seq = ?", key).fetchone():
                return Phrase(
                    "labels: event {seq} bears another label here, which stays.", seq=row["seq"]
                )
        return None

    # --- what follows ----------------------------------------------------------------------------

    def finish(self) -> None:
        """Make again what follows from what was taken in, each night once."""
        from notturno.store.derive import refresh_all

        db = self._db
        if self._edited:
            _in_order_of_making(db)
        refresh_all(db, self._touched, self._nights_of_placed())

    def _nights_of_placed(self) -> Iterator[tuple[str, str]]:
        """Yield (night, device id) of the nights whose place on the body may be another."""
        for device_id in sorted(self._placed):
            nights = self._db.execute("select night from nights where device_id = ?", (device_id,))
            yield from ((row["night"], device_id) for row in nights.fetchall())


def _in_order_of_making(db: sqlite3.Connection) -> None:
    """Number the edits by when they were made: the latest one holds, from wherever it came."""
    rows = db.execute("select edit_id from edits order by made_utc_ms, edit_id").fetchall()
    ids = [row["edit_id"] for row in rows]
    pairs = [(new, old) for new, old in zip(sorted(ids), ids, strict=True) if new != old]
    db.executemany("update edits set edit_id = ? where edit_id = ?", [(-n, o) for n, o in pairs])
    db.execute("update edits set edit_id = -edit_id where edit_id < 0")


def frames_in(data: str) -> list[bytes]:
    """Return the frames of base64 text. Raises ValueError for what is cut or damaged."""
    joined = base64.b64decode(data, validate=True)
    frames, at = [], 0
    while at < len(joined):
        found = wire.frame_at(joined, at, len(joined))
        if found is None:
            raise ValueError(f"its record {len(frames) + 1} is damaged")
        _seq, _kind, _payload_start, frame_len = found
        frames.append(joined[at : at + frame_len])
        at += frame_len
    return frames


def take(db: sqlite3.Connection, pieces: Iterable[dict], utc_ms: int) -> tuple[Counter, list[str]]:
    """Take all pieces in; return (new rows by table, what was refused)."""
    taking = Taking(db, utc_ms)
    for piece in pieces:
        taking.take(piece)
    taking.finish()
    return taking.added, taking.refused
