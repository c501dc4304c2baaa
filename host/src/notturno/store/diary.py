"""The diary: what a person took, drank, felt or noted, by night. Touches one database connection.

An entry: night (ISO date of the evening), what, amount (a number, or None), unit, at (HH:MM of the
local clock, or ""), note.
"""

import math
import sqlite3
from collections import Counter

from notturno.errors import UserError
from notturno.store import csv_lines
from notturno.store.dates import clock_time, night_date

COLUMNS = ("night", "what", "amount", "unit", "at", "note")
NEEDED = ("night", "what")


def checked(
    night: str,
    what: str,
    amount: str | None = None,
    unit: str | None = None,
    at: str | None = None,
    note: str | None = None,
) -> dict:
    """Return an entry made of texts; raises UserError where one is wrong."""
    what = (what or "").strip()
    if not what:
        raise UserError("An entry needs to say what, for example: --what caffeine.")
    return {
        "night": night_date((night or "").strip()),
        "what": what,
        "amount": _amount(amount),
        "unit": (unit or "").strip(),
        "at": clock_time(at) if at and at.strip() else "",
        "note": (note or "").strip(),
    }


def _amount(given: str | None) -> float | None:
    if given is None or str(given).strip() == "":
        return None
    try:
        amount = float(str(given).strip().replace(",", "."))
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount):
        raise UserError("{given} is no amount; write a number, for example 0.5.", given=given)
    return amount


def entries(db: sqlite3.Connection) -> list[dict]:
    """Return all entries by night and time, with their number `entry_id` and made_utc_ms."""
    return [
        dict(row)
        for row in db.execute(
            "select entry_id, night, what, amount, unit, at, note, made_utc_ms from diary"
            # Hours after midnight belong to the same night, behind those of its evening.
            " order by night, at = '', at < '12:00', at, entry_id"
        )
    ]


def add(db: sqlite3.Connection, entry: dict, utc_ms: int) -> int | None:
    """Keep a `checked` entry and return its number."""
    return db.execute(
        f"insert into diary ({', '.join(COLUMNS)}, made_utc_ms) values (?, ?, ?, ?, ?, ?, ?)",
        (*(entry[name] for name in COLUMNS), utc_ms),
    ).lastrowid


def remove(db: sqlite3.Connection, entry_id: int) -> None:
    """Remove the entry of a number; raises UserError where there is none."""
    if not db.execute("delete from diary where entry_id = ?", (entry_id,)).rowcount:
        raise UserError(
            "There is no diary entry {entry_id}; see notturno diary list.", entry_id=entry_id
        )


def add_missing(db: sqlite3.Connection, wanted: list[dict], utc_ms: int) -> int:
    """Keep those of a list that are not there yet; return how many were added.

    Two equal entries of the list (two coffees) are two: as often as it stands in the list it
    stands in the diary afterwards, or more often if it did before.
    """
    stored = Counter(_identity(entry) for entry in entries(db))
    added = 0
    for entry in wanted:
        if stored[_identity(entry)] > 0:
            stored[_identity(entry)] -= 1
            continue
        add(db, entry, utc_ms)
        added += 1
    return added


def _identity(entry: dict) -> tuple:
    return tuple(entry[name] for name in COLUMNS)


def read_csv(text: str) -> list[dict]:
    """Return the entries of a CSV file (see `csv_lines`); raises UserError that names the line."""
    found = []
    for line, row in csv_lines.lines(text, COLUMNS, NEEDED):
        try:
            found.append(checked(**row))
        except UserError as error:
            raise UserError("Line {line}: {why_said}", line=line, why_said=error) from None
    return found
