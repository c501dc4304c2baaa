"""Which log of which band: its key here, its other names, and the way of one out of the store.

Touches one open transaction of the database.

A band that has lost both copies of its meta file gives its old segments out under a new log_id. It
is known by its records: a new log of a known band is an old one where TELLING of its records, of
kinds that no two nights make alike (what was measured, or a moment of UTC), stand in the old log
byte for byte under the same numbers, and less than a tenth as many stand there otherwise. Two logs
of a band that was wiped begin alike in a few records of settings, and no further.
"""

import sqlite3

from notturno_core import wire

TELLING = 3
TELLING_KINDS = (wire.REC_TIME, wire.REC_EVENT, wire.REC_MINUTE, wire.REC_SNIPPET)
YOUNG_RECORDS = 400  # a log that has grown beyond that unrecognised is one of its own
TABLES = (
    "quarantine",
    "absent",
    "forgotten",
    "log_aliases",
    "snippets",
    "faults",
    "marks",
    "minutes",
    "events",
    "segments",
    "anchors",
    "sessions",
    "records",
    "syncs",
    "logs",
)
SAID = ("edits", "labels")  # by people, of a log's nights and events


def log_key_of(db: sqlite3.Connection, device_id: str, log_id: int) -> int | None:
    """Return the key of a log, by its number or another name of it; None for an unknown one."""
    row = db.execute(
        "select log_key from logs where device_id = ?1 and log_id = ?2 union all"
        " select log_key from log_aliases where device_id = ?1 and log_id = ?2",
        (device_id, log_id),
    ).fetchone()
    return None if row is None else row["log_key"]


def made_log_key(db: sqlite3.Connection, device_id: str, log_id: int) -> int:
    """Return the key of a log, which is made if it is not known."""
    key = log_key_of(db, device_id, log_id)
    if key is None:
        db.execute("insert into logs (device_id, log_id) values (?, ?)", (device_id, log_id))
        key = log_key_of(db, device_id, log_id)
        assert key is not None  # it was made just now
    return key


def known_as(
    db: sqlite3.Connection, log_key: int, records: list[tuple[int, int, bytes]]
) -> int | None:
    """Return the key of the older log of the same band that these records stand in; None: none.

    records: (number, kind, payload) of the new log, those stored so far and those that come.
    """
    row = db.execute("select device_id, records from logs where log_key = ?", (log_key,))
    device_id, stored = row.fetchone()
    if stored > YOUNG_RECORDS:
        return None
    others = db.execute(
        "select log_key from logs where device_id = ? and log_key <> ? and records > 0"
        " order by log_key desc",
        (device_id, log_key),
    ).fetchall()
    for (other,) in others:
        same = otherwise = 0
        for seq, kind, payload in records:
            found = db.execute(
                "select kind, payload from records where log_key = ? and seq = ?", (other, seq)
            ).fetchone()
            if found is None:
                continue
            if tuple(found) != (kind, payload):
                otherwise += 1
            elif kind in TELLING_KINDS:
                same += 1
        if same >= TELLING and otherwise * 10 < same:
            return other
    return None


def stored_records(db: sqlite3.Connection, log_key: int) -> list[tuple[int, int, bytes]]:
    """Return (number, kind, payload) of the records of a log, ascending."""
    rows = db.execute(
        "select seq, kind, payload from records where log_key = ? order by seq", (log_key,)
    )
    return [tuple(row) for row in rows]


def become(db: sqlite3.Connection, log_key: int, other: int, utc_ms: int) -> None:
    """Let a young log be another name of an older one; its records are to be added there again."""
    device_id, log_id = db.execute(
        "select device_id, log_id from logs where log_key = ?", (log_key,)
    ).fetchone()
    remove_log(db, log_key, keep_syncs_for=other)
    db.execute("insert into log_aliases values (?, ?, ?, ?)", (device_id, log_id, other, utc_ms))


def remove_log(db: sqlite3.Connection, log_key: int, keep_syncs_for: int | None = None) -> None:
    """Take a log and all that follows from it out of the store.

    keep_syncs_for: a log that its syncs go over to, and what people said of its nights and events.
    """
    (device_id,) = db.execute(
        "select device_id from logs where log_key = ?", (log_key,)
    ).fetchone()
    nights = nights_of(db, log_key)
    if keep_syncs_for is not None:
        for table in ("syncs", *SAID):
            db.execute(
                f"update or ignore {table} set log_key = ? where log_key = ?",
                (keep_syncs_for, log_key),
            )
    for table in (*SAID, *TABLES):  # keys are given out again: what was said may not outlive one
        db.execute(f"delete from {table} where log_key = ?", (log_key,))
    make_again(db, device_id, nights)


def nights_of(db: sqlite3.Connection, log_key: int) -> set[str]:
    """Return the nights that recordings of a log lie in, now."""
    rows = db.execute("select distinct night from sessions where log_key = ?", (log_key,))
    return {row["night"] for row in rows} - {None}


def make_again(db: sqlite3.Connection, device_id: str, nights: set[str]) -> None:
    """Group what is left of a band, and make these nights and those that it touches again."""
    from notturno.store.derive import group_all  # the rules: reading a table needs none
    from notturno.store.night_rows import derive_nights

    nights |= group_all(db, device_id)
    derive_nights(db, [(night, device_id) for night in nights])
