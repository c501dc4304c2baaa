"""From record frames to tables: read once (`decoded`), and keep what follows from it true.

Touches one open transaction of the database. Speaks the layouts of `notturno_core.wire`.
"""

import sqlite3

from notturno_core import wire

from notturno.errors import Phrase
from notturno.nights import anchors
from notturno.store import holding, logs
from notturno.store.added import Added, why_unread
from notturno.store.decoded import SESSION_TABLES, SETTING, Part, decode, record_in
from notturno.store.derive import refresh, refresh_all
from notturno.store.placing import reach


def add_frames(
    db: sqlite3.Connection,
    log_key: int,
    sync_id: int,
    zone: str,
    frames: list[bytes],
    utc_ms: int,
    touched_by_log: dict[int, set[int]] | None = None,
) -> Added:
    """Store whole frames (bytes), in any order.

    A record already there is left as it is; one that says otherwise under its number is kept
    aside. A new log whose records stand in an older one of the same band is that one (see `logs`).
    touched_by_log: where the recordings touched are noted ({log key: numbers of sessions}) by a
    caller that hands them to `derive.refresh_all` when all is in; None: what follows is made at
    once. Raises wire.WireError for bytes that are no frame, or that are a provisional row: it is
    no record.
    """
    at_once: dict[int, set[int]] = {}
    noted = at_once if touched_by_log is None else touched_by_log
    added = _as_the_log_it_is(db, log_key, sync_id, zone, frames, utc_ms, noted)
    refresh_all(db, at_once)
    return added


def _as_the_log_it_is(
    db: sqlite3.Connection,
    log_key: int,
    sync_id: int,
    zone: str,
    frames: list[bytes],
    utc_ms: int,
    noted: dict[int, set[int]],
) -> Added:
    """Store frames in their log, or in the older one that it turns out to be."""
    records = [record_in(frame) for frame in frames]
    young = logs.stored_records(db, log_key) if _is_young(db, log_key) else None
    if young is not None:
        other = logs.known_as(db, log_key, [*young, *records])
        if other is not None:
            refresh_all(db, noted)  # what goes on from here finds a store that is whole
            noted.clear()
            logs.become(db, log_key, other, utc_ms)
            return _add(db, other, sync_id, zone, [*young, *records], utc_ms, noted)
    return _add(db, log_key, sync_id, zone, records, utc_ms, noted)


def _is_young(db: sqlite3.Connection, log_key: int) -> int:
    """Say whether a log may yet turn out to be another one of its band."""
    return db.execute(
        "select records <= ?2 and exists (select 1 from logs o where o.device_id = l.device_id"
        " and o.log_key <> l.log_key and o.records > 0) from logs l where log_key = ?1",
        (log_key, logs.YOUNG_RECORDS),
    ).fetchone()[0]


def _add(
    db: sqlite3.Connection,
    log_key: int,
    sync_id: int,
    zone: str,
    records: list[tuple[int, int, bytes]],
    utc_ms: int,
    noted: dict[int, set[int]],
) -> Added:
    new_records = new_events = 0
    quarantined, unread = [], []
    touched = set()  # session seq
    retimed = {}  # boot_id: anchors
    late = []  # (number, kind, payload) of records that came behind later ones
    newest = _newest_seq(db, log_key)
    gone = holding.forgotten(db, log_key)
    part = None
    for seq, kind, payload in records:
        if kind != wire.REC_TIME and any(first <= seq <= last for first, last in gone):
            continue  # a person wanted it gone for good (see erase)
        added = db.execute(
            "insert or ignore into records values (?, ?, ?, ?, ?)",
            (log_key, seq, kind, payload, sync_id),
        ).rowcount
        if not added:
            why = _put_aside(db, log_key, seq, kind, payload, sync_id, utc_ms)
            if why:
                quarantined.append((seq, why))
            continue
        new_records += 1
        new_events += kind == wire.REC_EVENT
        if why := why_unread(kind, payload):
            unread.append((seq, why))
        if seq < newest:
            late.append((seq, kind, payload))
            continue
        newest = seq
        part = part or _part_before(db, log_key, seq)
        touched.add(part.session_seq)  # also by what lies behind it: its state may be another
        part = decode(db, log_key, seq, kind, payload, part, zone, retimed)
        touched.add(part.session_seq)
    db.execute("update logs set records = records + ? where log_key = ?", (new_records, log_key))
    for session_seq in _around(db, log_key, late, zone, retimed):
        _read_again(db, log_key, session_seq, zone, retimed)
        touched.add(session_seq)
    for boot_id, new in retimed.items():
        touched |= _sessions_timed_by(db, log_key, boot_id, new)
    noted.setdefault(log_key, set()).update(touched - {None})
    return Added(new_records, new_events, quarantined, unread)


def _put_aside(
    db: sqlite3.Connection,
    log_key: int,
    seq: int,
    kind: int,
    payload: bytes,
    sync_id: int,
    utc_ms: int,
) -> Phrase | None:
    """Keep a record that is not what is stored under its number; return why, None for the same."""
    stored = db.execute(
        "select kind, payload from records where log_key = ? and seq = ?", (log_key, seq)
    ).fetchone()
    if tuple(stored) == (kind, payload):
        return None
    why = Phrase("it differs from the record that is stored under its number")
    new = db.execute(
        "insert or ignore into quarantine values (?, ?, ?, ?, ?, ?, ?)",
        (log_key, seq, kind, payload, sync_id, utc_ms, why),
    ).rowcount
    return why if new else None


def read_log_again(db: sqlite3.Connection, log_key: int) -> None:
    """Make all rows of a log again from its records, and all that follows from them."""
    refresh(db, log_key, read_again(db, log_key))


def read_again(db: sqlite3.Connection, log_key: int) -> set[int]:
    """Make all rows of a log again from its records; return its recordings, not placed in time."""
    zones = db.execute("select seq, zone from sessions where log_key = ?", (log_key,)).fetchall()
    zone_of = {row["seq"]: row["zone"] for row in zones}
    for table in ("sessions", "anchors", *SESSION_TABLES.values()):
        db.execute(f"delete from {table} where log_key = ?", (log_key,))
    (usual,) = db.execute(
        "select coalesce(max(zone), 'UTC') from syncs where log_key = ?", (log_key,)
    ).fetchone()
    part, retimed, touched = Part(None), {}, set()
    for seq, kind, payload in logs.stored_records(db, log_key):
        zone = zone_of.get(seq, usual)
        part = decode(db, log_key, seq, kind, payload, part, zone, retimed)
        touched.add(part.session_seq)
    return touched - {None}


def _newest_seq(db: sqlite3.Connection, log_key: int) -> int:
    return db.execute(
        "select coalesce(max(seq), -1) from records where log_key = ?", (log_key,)
    ).fetchone()[0]


def _part_before(db: sqlite3.Connection, log_key: int, seq: int) -> Part:
    session_seq = _session_before(db, log_key, seq)
    ended = (
        session_seq is not None
        and db.execute(
            "select exists (select 1 from records where log_key = ? and seq > ? and seq < ?"
            " and kind = ?)",
            (log_key, session_seq, seq, wire.REC_END),
        ).fetchone()[0]
    )
    return Part(session_seq, bool(ended))


def _session_before(db: sqlite3.Connection, log_key: int, seq: int) -> int | None:
    row = db.execute(
        "select max(seq) as seq from sessions where log_key = ? and seq < ?", (log_key, seq)
    ).fetchone()
    return row["seq"]


def _around(
    db: sqlite3.Connection,
    log_key: int,
    late: list[tuple[int, int, bytes]],
    zone: str,
    retimed: dict[int, set[anchors.Anchor]],
) -> list:
    """Decode late records that begin a recording or stand outside; return the recordings touched.

    late: (number, kind, payload) of each. A recording that begins late takes records from the one
    before it, so both are touched.
    """
    found = set()
    for seq, kind, payload in late:
        if kind == wire.REC_SESSION:
            decode(db, log_key, seq, kind, payload, Part(None), zone, retimed)
            found.add(_session_before(db, log_key, seq))
    for seq, kind, payload in late:
        session_seq = _session_before(db, log_key, seq + 1)
        found.add(session_seq)
        if session_seq is None:
            decode(db, log_key, seq, kind, payload, Part(None), zone, retimed)
    return sorted(found - {None})


def _read_again(
    db: sqlite3.Connection,
    log_key: int,
    session_seq: int,
    zone: str,
    retimed: dict[int, set[anchors.Anchor]],
) -> None:
    """Make the rows of one recording again from its records, as if they had come in order."""
    following = db.execute(
        "select min(seq) from sessions where log_key = ? and seq > ?", (log_key, session_seq)
    ).fetchone()[0]
    span = (log_key, session_seq, 1 << 62 if following is None else following)
    for table in SESSION_TABLES.values():
        db.execute(f"delete from {table} where log_key = ? and seq >= ? and seq < ?", span)
    db.execute(
        "update sessions set settings = x'', end_sample = null, end_tick_ms = null,"
        " end_reason = null, end_battery_mv = null, faults = null, overruns = null"
        " where log_key = ? and seq = ?",
        (log_key, session_seq),
    )
    part = Part(session_seq)
    for seq, kind, payload in db.execute(
        "select seq, kind, payload from records where log_key = ? and seq >= ? and seq < ?"
        " order by seq",
        span,
    ).fetchall():
        part = decode(db, log_key, seq, kind, payload, part, zone, retimed)


def _sessions_timed_by(
    db: sqlite3.Connection, log_key: int, boot_id: int, new: set[anchors.Anchor]
) -> set[int]:
    """Return the sessions whose place in time the new anchors (a set) can move."""
    boot = (log_key, boot_id)
    known = [
        anchors.Anchor(*row)
        for row in db.execute(
            f"select {', '.join(SETTING)} from anchors where log_key = ? and boot_id = ?", boot
        )
    ]
    sessions = db.execute(
        "select seq, tick_ms, end_tick_ms from sessions where log_key = ? and boot_id = ?", boot
    )
    return {row["seq"] for row in sessions if not new.isdisjoint(anchors.near(known, *reach(row)))}
