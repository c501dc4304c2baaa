"""What people correct of a night: its zone, when they lay down and rose, whether it counts.

Touches one database connection. An edit belongs to the identity of the night's first session
(log_key, session seq), so that it stays with the night when that gets another name; it is never
deleted, only taken back. What is said stands above what was estimated. Times UTC in ms; `bed` and
`wake` are clock times HH:MM in the night's zone, as the person said them.
"""

import sqlite3

from notturno.errors import UserError
from notturno.store.said import FIELDS, effective_edits

INCLUDED = ""  # `exclude` of an edit that takes an exclusion back


def add(
    db: sqlite3.Connection, night: str | None, device_id: str | None, said: dict, utc_ms: int
) -> str:
    """Keep an edit of a night; return the night's name, which a zone may change.

    device_id: of this band alone; None: of every band that recorded it. said: some of FIELDS,
    already checked. Raises UserError where the night is not stored, or where a time is given for
    one whose clock is not known.
    """
    sessions = _sessions(db, night, device_id)
    if not sessions:
        raise UserError("The night {night} is not stored; see notturno nights.", night=night)
    first = {session["device_id"]: session for session in reversed(sessions)}
    times = said.get("bed") or said.get("wake")
    if times and any(session["start_utc_ms"] is None for session in first.values()):
        raise UserError(
            "The clock of the night {night} is not known, so a bed or wake "
            "time has no place in it; give --exclude alone.",
            night=night,
        )
    keys = [(session["log_key"], session["seq"]) for session in first.values()]
    db.executemany(
        "insert into edits (log_key, session_seq, night, zone, bed, wake, exclude, made_utc_ms)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*key, night, *(said.get(name) for name in FIELDS), utc_ms) for key in keys],
    )
    _derive_again(db, sessions)
    row = db.execute("select night from sessions where log_key = ? and seq = ?", keys[0])
    return row.fetchone()["night"]


def take_back(
    db: sqlite3.Connection, night: str | None, device_id: str | None, utc_ms: int
) -> dict:
    """Take the last standing edit of a night back and return it; raises UserError without one.

    device_id: of this band alone; None: of every band for which it was made.
    """
    sessions = _sessions(db, night, device_id)
    standing = [edit for edit in _of_sessions(db, sessions) if edit["removed_utc_ms"] is None]
    if not standing:
        raise UserError(
            "Nothing of the night {night} was edited, so nothing can be taken back.", night=night
        )
    last = standing[-1]
    alike = ("made_utc_ms", *FIELDS)  # of each band, said at once
    together = [edit for edit in standing if all(edit[name] == last[name] for name in alike)]
    db.executemany(
        "update edits set removed_utc_ms = ? where edit_id = ?",
        [(utc_ms, edit["edit_id"]) for edit in together],
    )
    _derive_again(db, sessions)
    return last


def edits(
    db: sqlite3.Connection, night: str | None = None, device_id: str | None = None
) -> list[dict]:
    """Return the edits of a night (all for None), oldest first, those taken back too.

    Keys: edit_id, night (its name today), device_id, FIELDS, made_utc_ms, removed_utc_ms.
    """
    return _of_sessions(db, _sessions(db, night, device_id))


def in_force(db: sqlite3.Connection, night: str, device_id: str | None) -> dict:
    """Return what holds for a night of a band, as `effective_edits` does."""
    keys = [(row["log_key"], row["seq"]) for row in _sessions(db, night, device_id)]
    return effective_edits(db, keys)


def night_of(db: sqlite3.Connection, edit_id: int) -> str:
    """Return today's name of the night that an edit belongs to."""
    return db.execute(
        "select s.night from edits e join sessions s"
        " on s.log_key = e.log_key and s.seq = e.session_seq where edit_id = ?",
        (edit_id,),
    ).fetchone()["night"]


def _of_sessions(db: sqlite3.Connection, sessions: list[sqlite3.Row]) -> list[dict]:
    found = []
    for session in sessions:
        rows = db.execute(
            "select * from edits where log_key = ? and session_seq = ?",
            (session["log_key"], session["seq"]),
        )
        for row in rows:
            edit = dict(row) | {"night": session["night"], "device_id": session["device_id"]}
            del edit["log_key"], edit["session_seq"]
            found.append(edit)
    return sorted(found, key=lambda edit: edit["edit_id"])


def _sessions(
    db: sqlite3.Connection, night: str | None, device_id: str | None
) -> list[sqlite3.Row]:
    conditions = [("s.night = ?", night), ("l.device_id = ?", device_id)]
    given = [pair for pair in conditions if pair[1] is not None]
    return db.execute(
        "select s.log_key, s.seq, s.night, s.start_utc_ms, l.device_id from sessions s"
        " join logs l using (log_key)"
        f" where {' and '.join(text for text, _ in given) or '1'}"
        " order by s.start_utc_ms, s.log_key, s.seq",
        [value for _, value in given],
    ).fetchall()


def _derive_again(db: sqlite3.Connection, sessions: list[sqlite3.Row]) -> None:
    from notturno.store.derive import refresh  # all of scoring: reading what was said needs none

    by_log = {}
    for session in sessions:
        by_log.setdefault(session["log_key"], []).append(session["seq"])
    for log_key, seqs in by_log.items():
        refresh(db, log_key, seqs)
