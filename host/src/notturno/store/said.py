"""What of a person's edits is in force for a night. Touches one database connection, reading.

`bed` and `wake` are clock times HH:MM in the night's zone, as the person said them.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

FIELDS = ("zone", "bed", "wake", "exclude")


def effective_edits(db: sqlite3.Connection, session_keys: list[tuple[int, int]]) -> dict:
    """Return {zone, bed, wake, exclude} in force for a night of these (log_key, session seq).

    Of each field the latest that was not taken back; None where nobody said anything. bed, wake:
    "HH:MM" in the night's zone (see `moments`); exclude: the reason.
    """
    rows = []
    for key in session_keys:
        rows += db.execute(
            "select * from edits where log_key = ? and session_seq = ? and removed_utc_ms is null",
            tuple(key),
        ).fetchall()
    found = dict.fromkeys(FIELDS)
    for row in sorted(rows, key=lambda row: row["edit_id"]):
        found |= {name: row[name] for name in FIELDS if row[name] is not None}
    found["exclude"] = found["exclude"] or None
    return found


def moments(
    bed: str | None, wake: str | None, zone: tzinfo, start_utc_ms: int, end_utc_ms: int
) -> tuple[int | None, int | None]:
    """Return (bed_utc_ms, wake_utc_ms) of clock times HH:MM, each None where it is None.

    The bed time is the one nearest to the start of the recording, the wake time the first after
    it (without a bed time: the one nearest to the recording's end). `zone`: a tzinfo. Of an hour
    that comes twice in autumn the first is meant.
    """
    lay_down = None if bed is None else _nearest(bed, zone, start_utc_ms)
    rose = None if wake is None else _nearest(wake, zone, end_utc_ms)
    if lay_down is not None and wake is not None:
        rose = min(
            moment for moment in _around(wake, zone, lay_down, range(-1, 3)) if moment > lay_down
        )
    return lay_down, rose


def _around(text: str, zone: tzinfo, utc_ms: int, days: range) -> Iterator[int]:
    hour, minute = map(int, text.split(":"))
    date = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone).date()
    for day in days:
        at = datetime.combine(date + timedelta(day), datetime.min.time(), zone)
        yield round(at.replace(hour=hour, minute=minute).timestamp() * 1000)


def _nearest(text: str, zone: tzinfo, utc_ms: int) -> int:
    return min(_around(text, zone, utc_ms, range(-1, 2)), key=lambda at: abs(at - utc_ms))
