"""The nightly table, as it is read: one row a night and band, and one a night of both sides.

Touches one database connection, reading only. The columns are those of `nights.columns`.
"""

import json
import sqlite3

from notturno.store.bands import bands_as_named
from notturno.store.strap import last_before

UNTIL_UNDATED = "9999"  # every date lies before it, and `undated-...` behind it
DATED, UNDATED = ("", UNTIL_UNDATED), (UNTIL_UNDATED, "\U0010ffff")  # names lie between these
NAP_KEYS = ("night", "start_utc_ms", "end_utc_ms", "recorded_h", "countable_h", "jerks", "lms")


def nights(
    db: sqlite3.Connection,
    last: int | None,
    since: str | None,
    until: str | None,
    device_id: str | None,
    night: str | None,
    now_ms: int,
) -> list[dict]:
    """Return the rows of the nightly table (`nights.columns.COLUMNS`), oldest first.

    Undated nights stand in front; `last` counts nights, not rows, from the newest; night: this
    one alone, also a nap; now_ms: the moment from which the age of the newest record is told.
    """
    whose = "(?1 is null or device_id = ?1)"
    if night is not None:
        rows = _night_rows(db, f"night = ?2 and {whose} order by device_id", (device_id, night))
        return _with_naps_and_age(db, rows, now_ms)
    # Dated keys are in the order of the primary key, so that ten years need no sorting.
    dated = f"night = of_night and night between ?2 and ?3 and {whose}"
    given = (device_id, since or "", until or UNTIL_UNDATED)
    if last is not None:
        newest = db.execute(
            "select min(night) as first, count(*) as n from (select distinct night from nights"
            f" where {dated} order by night desc limit ?4)",
            (*given, last),
        ).fetchone()
        given = (device_id, newest["first"] or UNTIL_UNDATED, until or UNTIL_UNDATED)
        last -= newest["n"]
    rows = _night_rows(db, f"{dated} order by night, device_id", given)
    if since is None and until is None and last != 0:
        undated = (
            "night in (select distinct night from nights where night = of_night"
            f" and night > '{UNTIL_UNDATED}' and {whose} order by night desc limit ?2) and {whose}"
        )
        limit = -1 if last is None else last
        rows = _night_rows(db, f"{undated} order by night, device_id", (device_id, limit)) + rows
    return _with_naps_and_age(db, rows, now_ms)


def night_names(db: sqlite3.Connection) -> list[str]:
    """Return the names of all nights and naps, each once, in the order of `nights`."""
    cursor = db.cursor()
    cursor.row_factory = None
    # All that is asked for stands in the index by time: the rows with their figures, megabytes of
    # ten years, stay unread. A night without a date is one without a time.
    rows = cursor.execute(
        "select distinct night, start_utc_ms is null as undated from nights"
        " indexed by nights_by_time order by undated desc, night"
    )
    return [name for name, _ in rows]


def newest_name(db: sqlite3.Connection) -> str | None:
    """Return the last of `night_names` that is no nap; None where there is no night."""
    return _nearest(db, "max", *DATED, naps=False) or _nearest(db, "max", *UNDATED, naps=False)


def names_beside(db: sqlite3.Connection, night: str, naps: bool) -> tuple[str | None, str | None]:
    """Return the names before and after a night's in `night_names`; naps: whether they count.

    A few steps in the primary key, however many nights there are.
    """
    first, last = DATED if night < UNTIL_UNDATED else UNDATED
    before = _nearest(db, "max", first, night, naps)
    after = _nearest(db, "min", night, last, naps)
    if before is None and night < UNTIL_UNDATED:
        before = _nearest(db, "max", *UNDATED, naps)
    if after is None and night > UNTIL_UNDATED:
        after = _nearest(db, "min", *DATED, naps)
    return before, after


def _nearest(db: sqlite3.Connection, which: str, above: str, below: str, naps: bool) -> str | None:
    """Return the "min" or "max" of the names between two, both left out."""
    question = f"select {which}(night) from nights where night > ? and night < ?"
    question += "" if naps else " and night = of_night"
    return db.execute(question, (above, below)).fetchone()[0]


def is_stored(db: sqlite3.Connection, night: str) -> bool:
    """Say whether a night or nap of that name is stored."""
    return (
        db.execute("select 1 from nights where night = ? limit 1", (night,)).fetchone() is not None
    )


def person_nights(db: sqlite3.Connection, nights: list[str], now_ms: int) -> list[dict]:
    """Return the rows of the nights named in which both sides were worn, by night."""
    if not nights:
        return []
    wanted = set(nights)
    rows = db.execute(
        "select night, figures from person_nights where night between ? and ? order by night",
        (min(nights), max(nights)),
    )
    found = [json.loads(row["figures"]) for row in rows if row["night"] in wanted]
    for row in found:
        row["age_of_newest_s"] = _age_s(row, now_ms)
    return found


def _age_s(row: dict, now_ms: int) -> int | None:
    end_ms = row["end_utc_ms"]
    return None if end_ms is None else round((now_ms - end_ms) / 1000)


def _with_naps_and_age(db: sqlite3.Connection, rows: list[dict], now_ms: int) -> list[dict]:
    naps = _naps(db, rows)
    worn_as, checked = bands_as_named(db), last_before(db)
    for row in rows:
        row |= worn_as(row["device_id"], row["start_utc_ms"])
        row["naps"] = naps.get((row["night"], row["device_id"]), [])
        row["age_of_newest_s"] = _age_s(row, now_ms)
        end_ms = row["end_utc_ms"]
        row["strap_check"] = None if end_ms is None else checked(row["device_id"], end_ms)
    return rows


def _night_rows(db: sqlite3.Connection, condition: str, given: tuple) -> list[dict]:
    cursor = db.cursor()
    cursor.row_factory = None
    found = cursor.execute(f"select figures from nights where {condition}", given)
    return [json.loads(figures) for (figures,) in found]


def _naps(db: sqlite3.Connection, rows: list[dict]) -> dict:
    """Return {(night, device_id): [what is told of each nap]} for some rows."""
    found: dict = {}
    if not rows:
        return found
    names = sorted(row["night"] for row in rows)
    for row in db.execute(
        "select of_night, device_id, figures from nights where night <> of_night"
        " and of_night between ? and ? order by start_utc_ms",
        (names[0], names[-1]),
    ):
        nap = json.loads(row["figures"])
        told = {key: nap[key] for key in NAP_KEYS}
        found.setdefault((row["of_night"], row["device_id"]), []).append(told)
    return found
