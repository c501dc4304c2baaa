"""What a person wants gone for good: a night with all that hangs on it, a band, everything.

Touches one open transaction of the database, and `shrink` the file itself. SQLite overwrites what
is deleted (secure_delete); `shrink` writes the file anew. What a disk keeps of old blocks beyond
the file system's view (copies, snapshots, flash cells) nobody can reach from here.
"""

import sqlite3

from notturno_core import wire

from notturno.errors import UserError
from notturno.store import carry
from notturno.store.bands import device_of
from notturno.store.forget import forget_band
from notturno.store.removing import remove_spans


def erase_night(db: sqlite3.Connection, night: str, device_id: str | None, utc_ms: int) -> dict:
    """Delete a night (of one band, or None: of all) and what was said of it; return what went.

    {"records": n, "night": name, TABLE: rows...}. The numbers of its records are kept, so that no
    sync brings them back; the settings of the band's clock stay, other nights are dated by them.
    Its naps are nights of their own. Raises UserError where it is not stored.
    """
    sessions = db.execute(
        "select s.log_key, s.seq, l.device_id from sessions s join logs l using (log_key)"
        " where s.night = ?1 and (?2 is null or l.device_id = ?2)",
        (night, device_id),
    ).fetchall()
    if not sessions:
        raise UserError("The night {night} is not stored; see notturno nights.", night=night)
    gone = {"night": night, "records": 0}
    for log_key in sorted({row["log_key"] for row in sessions}):
        spans = carry.spans_of(db, log_key, night)
        for table in carry.TABLES:
            if table.of_record:
                for first, last in spans:
                    removed = db.execute(
                        f"delete from {table.name} where log_key = ?"
                        f" and {table.of_record} between ? and ?",
                        (log_key, first, last),
                    ).rowcount
                    gone[table.name] = gone.get(table.name, 0) + removed
        gone["records"] += remove_spans(db, log_key, spans, wire.REC_TIME, utc_ms)
    left = db.execute("select 1 from sessions where night = ?", (night,)).fetchone()
    if not left:
        for table in carry.TABLES:
            if table.of_night:
                removed = db.execute(f"delete from {table.name} where night = ?", (night,))
                gone[table.name] = removed.rowcount
    return gone


def erase_band(db: sqlite3.Connection, said: str) -> dict:
    """Delete a band with its name, its nights and its corrections; return what went."""
    device_id = device_of(db, said)
    gone: dict = {"device_id": device_id}
    for table in carry.TABLES:
        if table.of_record:
            removed = db.execute(
                f"delete from {table.name} where log_key in"
                " (select log_key from logs where device_id = ?)",
                (device_id,),
            )
            gone[table.name] = removed.rowcount
    return gone | forget_band(db, device_id)


def shrink(db: sqlite3.Connection) -> None:
    """Write the database file anew without what was deleted. Outside of any transaction."""
    db.execute("pragma secure_delete = on")
    db.execute("vacuum")
