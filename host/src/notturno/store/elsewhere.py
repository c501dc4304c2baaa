"""What other programs say of a night: a tracker's hours of sleep, a laboratory's lists.

Touches one database connection. Times UTC in ms; `start_local` is an ISO time without a zone.
"""

import json
import sqlite3


def add_sleeps(db: sqlite3.Connection, sleeps: list[dict], utc_ms: int) -> list[dict]:
    """Keep hours of sleep that are not there yet; return the new ones.

    Each: source, file, zone, start_utc_ms, end_utc_ms. The same from one source twice is one.
    """
    return [
        sleep
        for sleep in sleeps
        if db.execute(
            "insert or ignore into imported_sleeps (source, file, zone, start_utc_ms, end_utc_ms,"
            " made_utc_ms) values (?, ?, ?, ?, ?, ?)",
            (
                *(sleep[key] for key in ("source", "file", "zone", "start_utc_ms", "end_utc_ms")),
                utc_ms,
            ),
        ).rowcount
    ]


def sleeps(
    db: sqlite3.Connection, from_utc_ms: int | None = None, to_utc_ms: int | None = None
) -> list[dict]:
    """Return the imported hours of sleep that touch a span (all for None), by start."""
    return [
        dict(row)
        for row in db.execute(
            "select source, file, zone, start_utc_ms, end_utc_ms, made_utc_ms"
            " from imported_sleeps where (?1 is null or end_utc_ms > ?1)"
            " and (?2 is null or start_utc_ms < ?2) order by start_utc_ms, sleep_id",
            (from_utc_ms, to_utc_ms),
        )
    ]


def add_lab_list(db: sqlite3.Connection, night: str, found: dict, utc_ms: int) -> bool:
    """Keep a laboratory's list with a night; return whether it is new.

    found: kind ("stages" or "events"), source, format, sha256, start_local, rows (for JSON).
    """
    return bool(
        db.execute(
            "insert or ignore into lab_lists (night, kind, source, format, sha256, start_local,"
            " rows, made_utc_ms) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                night,
                *(found[key] for key in ("kind", "source", "format", "sha256", "start_local")),
                json.dumps(found["rows"], ensure_ascii=False),
                utc_ms,
            ),
        ).rowcount
    )


def lab_lists(
    db: sqlite3.Connection, night: str | None = None, kind: str | None = None
) -> list[dict]:
    """Return the laboratory's lists of a night (all for None), in the order in which they came.

    Keys: night, kind, source, format, sha256, start_local and rows.
    """
    return [
        dict(row) | {"rows": json.loads(row["rows"])}
        for row in db.execute(
            "select night, kind, source, format, sha256, start_local, rows from lab_lists"
            " where (?1 is null or night = ?1) and (?2 is null or kind = ?2) order by list_id",
            (night, kind),
        )
    ]
