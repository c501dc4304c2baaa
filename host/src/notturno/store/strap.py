"""The strap checks of each band, and the zone a person chose; what people say, never derived.

Touches one database connection. Times UTC in ms. A check belongs to the nights after it; and who
did one was not in bed yet: a recording that goes on behind it has its bed time at the check's end,
unless the person says another (see `up_until`).
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from notturno.store.placements import placement_at, placements
from notturno.store.queries import is_simulated

FIGURES = (
    *("cues", "found", "found_low", "found_high", "false_rows", "still_s"),
    *("latency_median_s", "latency_p95_s", "peak_low_mg", "peak_high_mg", "firmware", "version"),
)
WHEN = ("device_id", "begun_utc_ms", "ended_utc_ms")
TOLD = (*WHEN, "limb", "side", *FIGURES)
ZONE = "zone"


def add(db: sqlite3.Connection, found: dict, utc_ms: int) -> int | None:
    """Keep a check (of `strap.session.check`) with where the band is worn; return its number."""
    worn = placement_at(placements(db, found["device_id"]), found["begun_utc_ms"])
    values = {name: found[name] for name in (*WHEN, *FIGURES)} | worn
    values |= {"figures": json.dumps(found), "made_utc_ms": utc_ms}
    return db.execute(
        f"insert into strap_checks ({', '.join(values)}) values ({', '.join('?' * len(values))})",
        list(values.values()),
    ).lastrowid


def checks(db: sqlite3.Connection, device_id: str | None = None) -> list[dict]:
    """Return the checks of a band (None: of all), oldest first.

    Keys: check_id, TOLD, simulated, figures (all that `strap.matching.figures` gave).
    """
    rows = db.execute(
        "select * from strap_checks where ?1 is null or device_id = ?1"
        " order by begun_utc_ms, check_id",
        (device_id,),
    )
    return [_told(row) | {"figures": json.loads(row["figures"])} for row in rows]


def last_before(db: sqlite3.Connection) -> Callable[..., dict[str, Any | bool] | None]:
    """Return a function(device_id, utc_ms) to the last check that began before then, or None.

    utc_ms None: the latest of all. What it gives has the keys check_id, TOLD and simulated.
    """
    known: dict = {}
    for row in db.execute("select * from strap_checks order by begun_utc_ms, check_id"):
        known.setdefault(row["device_id"], []).append(row)

    def told(device_id: str, utc_ms: int | None = None) -> dict | None:
        of_band = known.get(device_id, [])
        before = [row for row in of_band if utc_ms is None or row["begun_utc_ms"] < utc_ms]
        return _told(before[-1]) if before else None

    return told


def up_until(
    db: sqlite3.Connection, device_id: str, start_utc_ms: int, end_utc_ms: int
) -> int | None:
    """Return the end of the last check within a recording: until then the person was up."""
    row = db.execute(
        "select max(ended_utc_ms) as until from strap_checks"
        " where device_id = ? and ended_utc_ms > ? and begun_utc_ms < ?",
        (device_id, start_utc_ms, end_utc_ms),
    ).fetchone()
    return row["until"]


def _told(row: sqlite3.Row) -> dict:
    told = {name: row[name] for name in ("check_id", *TOLD)}
    return told | {"simulated": is_simulated(row["device_id"])}


def recordings_around(db: sqlite3.Connection, found: dict) -> dict[int, list[int]]:
    """Return {log key: numbers of recordings} in which a check lies, of those stored already."""
    by_log: dict[int, list[int]] = {}
    for row in db.execute(
        "select s.log_key, s.seq from sessions s join logs l using (log_key) where l.device_id = ?"
        " and s.end_utc_ms > ? and s.start_utc_ms < ?",
        (found["device_id"], found["begun_utc_ms"], found["ended_utc_ms"]),
    ):
        by_log.setdefault(row["log_key"], []).append(row["seq"])
    return by_log


def zone(db: sqlite3.Connection) -> str | None:
    """Return the zone that the person chose; None: this machine's."""
    row = db.execute("select value from home where key = ?", (ZONE,)).fetchone()
    return row and row["value"]


def keep_zone(db: sqlite3.Connection, name: str | None, utc_ms: int) -> None:
    """Keep the zone that the person chose; None: this machine's holds again."""
    db.execute("delete from home where key = ?", (ZONE,))
    if name is not None:
        db.execute("insert into home values (?, ?, ?)", (ZONE, name, utc_ms))
