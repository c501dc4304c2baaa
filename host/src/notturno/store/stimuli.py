"""When something was done to the sleeper: sounds, lights, touches. Touches one connection.

A stimulus lies at onset_us from the night's start, and at utc_ms where the clock is known.
"""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from notturno.errors import Phrase, UserError
from notturno.nights.spans import to_us
from notturno.store import csv_lines

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

COLUMNS = ("utc", "local", "onset_s", "kind")
TIMES = COLUMNS[:3]
LOCAL = re.compile(r"(\d{1,2}):(\d\d):(\d\d)([.,]\d{1,6})?", re.ASCII)


def read_csv(text: str, zone: Any, start_utc_ms: int | None) -> list[dict]:
    """Return the stimuli of a CSV file: utc_ms, onset_us (from the night's start) and kind ("").

    One of the columns `utc` (ISO, or ms since 1970), `local` (HH:MM:SS[.mmm] by the clock of the
    night, a tzinfo, the first after the night's start), `onset_s`. utc_ms is None where the
    night's clock is not known. Raises UserError that names the line.
    """
    rows = csv_lines.lines(text, COLUMNS, ())
    given = [name for name in TIMES if rows and name in rows[0][1]]
    if rows and len(given) != 1:
        raise UserError("The file needs one column of times: utc, local or onset_s.")
    if rows and given[0] != "onset_s" and start_utc_ms is None:
        raise UserError(
            "The clock of this night is not known, so the column {given} has "
            "no place in it; give onset_s, seconds from the start of the "
            "recording.",
            given=given[0],
        )
    found = []
    for line, row in rows:
        said = row[given[0]].strip()
        try:
            onset_us = _READERS[given[0]](said, zone, start_utc_ms)
        except (ValueError, OverflowError, ArithmeticError):
            forms = {"utc": "2026-01-31T22:40:00Z", "local": "22:40:05.250", "onset_s": "12.5"}
            raise UserError(
                "Line {line}: {said} is no time of the column {given}; write it as {forms}.",
                line=line,
                said=said or "nothing",
                given=given[0],
                forms=forms[given[0]],
            ) from None
        utc_ms = None if start_utc_ms is None else start_utc_ms + round(onset_us / 1000)
        found.append({"utc_ms": utc_ms, "onset_us": onset_us, "kind": row.get("kind", "").strip()})
    return found


def _from_utc(said: str, _: ZoneInfo, start_utc_ms: int) -> int:
    if re.fullmatch(r"\d{12,14}", said, re.ASCII):
        return (int(said) - start_utc_ms) * 1000
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _moment(start_utc_ms)) // timedelta(microseconds=1)


def _from_local(said: str, zone: ZoneInfo, start_utc_ms: int) -> int:
    parts = LOCAL.fullmatch(said)
    if parts is None:
        raise ValueError(Phrase("no time of day"))
    start = _moment(start_utc_ms)
    date = start.astimezone(zone).date()
    for day in range(2):
        at = datetime.combine(date + timedelta(day), datetime.min.time(), zone)
        at = at.replace(hour=int(parts[1]), minute=int(parts[2]), second=int(parts[3]))
        after_us = (at.astimezone(UTC) - start) // timedelta(microseconds=1)
        after_us += to_us(Decimal("0" + (parts[4] or "").replace(",", ".")))
        if after_us >= 0:
            return after_us
    raise ValueError(Phrase("no time of day"))


def _from_onset(said: str, *_: object) -> int:
    return to_us(said.replace(",", "."))


_READERS = {"utc": _from_utc, "local": _from_local, "onset_s": _from_onset}


def _moment(utc_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=utc_ms)


def replace(
    db: sqlite3.Connection, night: str, source: str, stimuli: list[dict], utc_ms: int
) -> None:
    """Keep the stimuli of a file (as `read_csv` gives them), instead of what it gave before."""
    db.execute("delete from stimuli where night = ? and source = ?", (night, source))
    db.executemany(
        "insert into stimuli (night, kind, source, utc_ms, onset_us, made_utc_ms)"
        " values (?, ?, ?, ?, ?, ?)",
        [
            (night, each["kind"], source, each["utc_ms"], each["onset_us"], utc_ms)
            for each in stimuli
        ],
    )


def stimuli(db: sqlite3.Connection, night: str | None = None) -> list[dict]:
    """Return night, kind, source, utc_ms and onset_us of a night (all for None), in order."""
    return [
        dict(row)
        for row in db.execute(
            "select night, kind, source, utc_ms, onset_us from stimuli"
            " where ?1 is null or night = ?1 order by night, onset_us, stimulus_id",
            (night,),
        )
    ]
