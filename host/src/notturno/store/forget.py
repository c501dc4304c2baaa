"""Ways out of the store: a band, one of its logs, or what some syncs brought.

Touches one open transaction of the database. What follows from the rest is made again.
"""

import sqlite3

from notturno.errors import UserError
from notturno.store import logs
from notturno.store.bands import device_of
from notturno.store.removing import remove_syncs


def forget_band(db: sqlite3.Connection, said: str) -> dict:
    """Take a band (see bands.device_of) out, with its name and where it was worn.

    Returns device_id and records, how many went. Raises UserError where none is meant.
    """
    device_id = device_of(db, said)
    records = _count(db, device_id)
    for log in _logs(db, device_id):
        logs.remove_log(db, log["log_key"])
    for table in ("bands", "placements", "strap_checks"):
        db.execute(f"delete from {table} where device_id = ?", (device_id,))
    return {"device_id": device_id, "records": records}


def forget_log(db: sqlite3.Connection, said: str, log_id: int) -> dict:
    """Take one log of a band out; the rest of the band stays. Returns as `forget_band`.

    Raises UserError where the band has no such log, and says which it has.
    """
    device_id = device_of(db, said)
    known = {log["log_id"]: log["log_key"] for log in _logs(db, device_id)}
    if log_id not in known:
        words = ", ".join(f"{number:08x}" for number in sorted(known)) or "none"
        raise UserError(
            "The band {device_id} has no log {log_id:08x}; it has: {words}.",
            device_id=device_id,
            log_id=log_id,
            words=words,
        )
    before = _count(db, device_id)
    logs.remove_log(db, known[log_id])
    return {"device_id": device_id, "records": before - _count(db, device_id)}


def forget_since(db: sqlite3.Connection, said: str, since_utc_ms: int) -> dict:
    """Take out what syncs with a band since a moment brought. Returns as `forget_band`."""
    device_id = device_of(db, said)
    records = sum(remove_syncs(db, log["log_key"], since_utc_ms) for log in _logs(db, device_id))
    return {"device_id": device_id, "records": records}


def logs_of(db: sqlite3.Connection, device_id: str) -> list[dict]:
    """Return the logs of a band: log_id, records, other_ids (also given out under), aside."""
    found = []
    for log in _logs(db, device_id):
        key = (log["log_key"],)
        others = db.execute("select log_id from log_aliases where log_key = ?", key).fetchall()
        (aside,) = db.execute("select count(*) from quarantine where log_key = ?", key).fetchone()
        found.append(
            {
                "log_id": log["log_id"],
                "records": log["records"],
                "other_ids": [row["log_id"] for row in others],
                "aside": aside,
            }
        )
    return found


def _logs(db: sqlite3.Connection, device_id: str) -> list[sqlite3.Row]:
    return db.execute(
        "select log_key, log_id, records from logs where device_id = ? order by log_key",
        (device_id,),
    ).fetchall()


def _count(db: sqlite3.Connection, device_id: str) -> int:
    return db.execute(
        "select coalesce(sum(records), 0) from logs where device_id = ?", (device_id,)
    ).fetchone()[0]
