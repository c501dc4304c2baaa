"""All that cannot be made again, out of a store: frames as the bands wrote them, what people said.

Touches one database connection, reading only. What is derived is not in it: whoever takes it in
makes it again. The other way is `carry_in`. Times UTC in ms.
"""

import base64
import hashlib
import json
import sqlite3
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from notturno_core import wire

from notturno.store.bands import SAID

FRAMES_A_PIECE = 2000
SYNC = ("started_utc_ms", "zone", "firmware")
LAST_WORD = (*SAID, "firmware", "seen_utc_ms")


class Table(NamedTuple):
    """A table of what people said.

    loose: columns that may differ in two equal rows; of_record: the column that holds the number
    of the record that a row belongs to (of a session, of an event) in its log; of_night: a row
    belongs to a night's name.
    """

    name: str
    columns: tuple
    loose: tuple = ()
    of_record: str = ""
    of_night: bool = False


TABLES = (
    Table("bands", ("device_id", "name", "note", "made_utc_ms"), ("made_utc_ms",)),
    Table(
        "placements",
        ("device_id", "from_utc_ms", "limb", "side", "made_utc_ms", "removed_utc_ms"),
        ("removed_utc_ms",),
    ),
    Table("tags", ("name", "first_night", "last_night")),
    Table(
        "diary",
        ("night", "what", "amount", "unit", "at", "note", "made_utc_ms"),
        ("made_utc_ms",),
        of_night=True,
    ),
    Table(
        "stimuli",
        ("night", "kind", "source", "utc_ms", "onset_us", "made_utc_ms"),
        ("made_utc_ms",),
        of_night=True,
    ),
    Table(
        "edits",
        ("night", "zone", "bed", "wake", "exclude", "made_utc_ms", "removed_utc_ms"),
        ("removed_utc_ms",),
        of_record="session_seq",
    ),
    Table(
        "strap_checks",
        (
            *("device_id", "begun_utc_ms", "ended_utc_ms", "limb", "side", "cues", "found"),
            *("found_low", "found_high", "false_rows", "still_s", "latency_median_s"),
            *("latency_p95_s", "peak_low_mg", "peak_high_mg", "firmware", "version", "figures"),
            "made_utc_ms",
        ),
        ("made_utc_ms",),
    ),
    Table("home", ("key", "value", "made_utc_ms"), ("made_utc_ms",)),
    Table("labels", ("night", "said", "made_utc_ms"), ("made_utc_ms",), of_record="seq"),
    Table(
        "imported_sleeps",
        ("source", "file", "zone", "start_utc_ms", "end_utc_ms", "made_utc_ms"),
        ("file", "zone", "made_utc_ms"),
    ),
    Table(
        "lab_lists",
        ("night", "kind", "source", "format", "sha256", "start_local", "rows", "made_utc_ms"),
        ("source", "made_utc_ms"),
        of_night=True,
    ),
)


def pieces(db: sqlite3.Connection, nights: list[str] | None = None) -> Iterator[dict]:
    """Yield what `carry_in.take` takes, of these nights and naps, or (None) all.

    {"log": ...} before the {"frames": ...} of it, then {"row": ...} of what people said. Of a part
    the settings of the clocks and the bands' names come along whole: nights are dated by them.
    """
    for log in db.execute("select * from logs order by log_key").fetchall():
        yield from _log_pieces(db, log, nights)
    for table in TABLES:
        for row in rows(db, table):
            if nights is None or "night" not in row or row["night"] in nights:
                yield {"row": {"of": table.name} | row}


def _log_pieces(
    db: sqlite3.Connection, log: sqlite3.Row, nights: list[str] | None
) -> Iterator[dict]:
    key = log["log_key"]
    whose = {"device_id": log["device_id"], "log_id": log["log_id"]}
    spans = None if nights is None else _spans(db, key, nights)
    if spans == []:
        return
    lists = {
        "also_as": "select log_id, seen_utc_ms from log_aliases where log_key = ?",
        "absent": "select first_seq, last_seq, times, seen_utc_ms from absent where log_key = ?",
        "forgotten": "select first_seq, last_seq, made_utc_ms from forgotten where log_key = ?",
    }
    found = {
        name: [list(row) for row in db.execute(question, (key,)).fetchall()]
        for name, question in lists.items()
    }
    yield {"log": whose | {"said": {name: log[name] for name in LAST_WORD}} | found}
    for table in ("records", "quarantine"):
        for sync, frames in _by_sync(db, table, key, spans):
            brought = whose | dict(zip(SYNC, sync, strict=True))
            data = base64.b64encode(b"".join(frames)).decode()
            yield {"frames": brought | {"records": len(frames), "data": data}}


def _by_sync(
    db: sqlite3.Connection, table: str, log_key: int, spans: list[tuple[int, int]] | None
) -> Iterator[tuple[tuple, list[bytes]]]:
    """Yield (what is told of a sync, some of the frames that it brought), in the log's order."""
    buf = bytearray(wire.MAX_FRAME_LEN)
    syncs = {
        row["sync_id"]: tuple(row[name] for name in SYNC)
        for row in db.execute("select * from syncs where log_key = ?", (log_key,)).fetchall()
    }
    found = db.execute(
        f"select seq, kind, payload, sync_id from {table} where log_key = ? order by seq",
        (log_key,),
    )
    found.row_factory = None
    frames, of, left = [], None, deque(sorted(spans or ()))
    for seq, kind, payload, sync_id in found:
        while left and left[0][1] < seq:
            left.popleft()
        if spans is not None and kind != wire.REC_TIME and not (left and left[0][0] <= seq):
            continue
        if frames and (sync_id != of or len(frames) == FRAMES_A_PIECE):
            yield syncs[of], frames
            frames = []
        of = sync_id
        frames.append(bytes(buf[: wire.pack_frame_into(buf, 0, seq, kind, payload)]))
    if frames:
        yield syncs[of], frames


def _spans(db: sqlite3.Connection, log_key: int, nights: list[str]) -> list[tuple[int, int]]:
    """Return the numbers [(first, last)] of the records of some nights in a log."""
    return [span for night in nights for span in spans_of(db, log_key, night)]


def spans_of(db: sqlite3.Connection, log_key: int, night: str) -> list[tuple[int, int]]:
    """Return the numbers (first, last) of the records of each recording of a night in a log."""
    found = db.execute(
        "select s.seq, (select min(o.seq) from sessions o where o.log_key = s.log_key"
        " and o.seq > s.seq) as next_seq, (select max(r.seq) from records r"
        " where r.log_key = s.log_key) as newest from sessions s"
        " where s.log_key = ? and s.night = ? order by s.seq",
        (log_key, night),
    )
    return [
        (seq, newest if following is None else following - 1) for seq, following, newest in found
    ]


def rows(db: sqlite3.Connection, table: Table) -> list[dict]:
    """Return the rows of a table in the order in which they were made."""
    names = ", ".join(f"t.{name}" for name in table.columns)
    if not table.of_record:
        order = "order by 1, 2" if table.name in ("bands", "tags", "home") else "order by t.rowid"
        found = db.execute(f"select {names} from {table.name} t {order}")
    else:
        # A night may have got another name since: the one of today goes along.
        names = names.replace("t.night", "s.night")
        number = table.of_record
        found = db.execute(
            f"select l.device_id, l.log_id, t.{number}, {names} from {table.name} t"
            " join logs l on l.log_key = t.log_key left join sessions s"
            " on s.log_key = t.log_key and s.seq = (select max(seq) from sessions"
            f" where log_key = t.log_key and seq <= t.{number}) order by t.made_utc_ms, 1, 2, 3"
        )
    return [dict(row) for row in found]


def hashes(db: sqlite3.Connection) -> dict[str, str]:
    """Return {name: SHA-256} of what cannot be made again, whatever the numbers of its rows.

    `records`: device, log, number, kind and content of each; the others: the rows of TABLES.
    """
    records = hashlib.sha256()
    for row in db.execute(
        "select l.device_id, l.log_id, r.seq, r.kind, r.payload from records r"
        " join logs l using (log_key) order by l.device_id, l.log_id, r.seq"
    ):
        records.update(f"{row[0]} {row[1]} {row[2]} {row[3]} {row[4].hex()}\n".encode())
    found = {"records": records.hexdigest()}
    for table in TABLES:
        texts = sorted(json.dumps(row, sort_keys=True) for row in rows(db, table))
        found[table.name] = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return found


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Return {name: how many} of records, nights and the rows of TABLES."""
    names = ("records", "nights", *(table.name for table in TABLES))
    return {name: db.execute(f"select count(*) from {name}").fetchone()[0] for name in names}
