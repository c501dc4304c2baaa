"""Records out of a log, and what follows from the others made again.

Touches one open transaction of the database.
"""

import sqlite3

from notturno.store.logs import make_again, nights_of


def remove_syncs(db: sqlite3.Connection, log_key: int, since_utc_ms: int) -> int:
    """Take the records that syncs since a moment brought out of a log; return how many.

    What follows from the others is made again from them.
    """
    from notturno.store.ingest import read_log_again

    (device_id,) = db.execute(
        "select device_id from logs where log_key = ?", (log_key,)
    ).fetchone()
    nights = nights_of(db, log_key)
    span = (log_key, since_utc_ms)
    of_them = "sync_id in (select sync_id from syncs where log_key = ?1 and started_utc_ms >= ?2)"
    removed = db.execute(f"delete from records where log_key = ?1 and {of_them}", span).rowcount
    db.execute(f"delete from quarantine where log_key = ?1 and {of_them}", span)
    db.execute("delete from absent where log_key = ?", (log_key,))
    db.execute("update logs set records = records - ? where log_key = ?", (removed, log_key))
    read_log_again(db, log_key)
    make_again(db, device_id, nights)
    return removed


def remove_spans(
    db: sqlite3.Connection, log_key: int, spans: list[tuple[int, int]], but_kind: int, utc_ms: int
) -> int:
    """Take records out of a log for good, but those of one kind; return how many went.

    spans: numbers (first, last); they are remembered, so that nothing brings them back.
    """
    from notturno.store.ingest import read_log_again

    (device_id,) = db.execute(
        "select device_id from logs where log_key = ?", (log_key,)
    ).fetchone()
    nights = nights_of(db, log_key)
    removed = 0
    for first, last in spans:
        span = (log_key, first, last)
        where = "where log_key = ? and seq between ? and ?"
        removed += db.execute(
            f"delete from records {where} and kind <> ?", (*span, but_kind)
        ).rowcount
        db.execute(f"delete from quarantine {where}", span)
        db.execute("insert or ignore into forgotten values (?, ?, ?, ?)", (*span, utc_ms))
    db.execute("update logs set records = records - ? where log_key = ?", (removed, log_key))
    read_log_again(db, log_key)
    make_again(db, device_id, nights)
    return removed
