"""A plain list of nights from elsewhere, as text: `night,phase,events,hours`.

I read CSV text that somebody else opened and raise a UserError that names the line where something
is wrong. `night` is an ISO date, a whole number, or any name (then nights follow one another as
listed); `phase` may be missing or empty; events a whole number, hours above zero. Touches no file.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from notturno.errors import Phrase, UserError
from notturno.scoring.manynights.levels import NightCount
from notturno.scoring.movements import lists

COLUMNS = ("night", "events", "hours")
MAX_HOURS = 24.0


class ListedNight(NamedTuple):
    """One line: its number in the file, its phase ("" for none) and its night."""

    line: int
    phase: str
    night: NightCount


def read_nights(text: str, name: str = "the list of nights") -> list[ListedNight]:
    """Return the nights of a list in the order of their days; `name` is for errors."""
    rows, day_of = [], None
    for line, cells in lists.lines(text, name, COLUMNS):
        try:
            day_of = day_of or _reader_of(cells["night"])
            day = day_of(cells["night"], len(rows))
            count, hours = _events(cells["events"]), _hours(cells["hours"])
        except ValueError as error:
            raise lists.wrong_line(name, line, error) from None
        night = NightCount(cells["night"], day, count, hours)
        rows.append(ListedNight(line, cells.get("phase", ""), night))
    if not rows:
        raise UserError("{name} holds no night; give one line a night.", name=name)
    _once_in_a_phase(rows, name)
    return sorted(rows, key=lambda row: row.night.day)


def two_phases(
    rows: list[ListedNight], first: str, second: str, name: str = "the list of nights"
) -> tuple[*tuple[list, ...], dict]:
    """Return (nights of the first phase, nights of the second, {night: phase} left out)."""
    known = list(dict.fromkeys(row.phase for row in rows if row.phase))
    if first == second:
        raise UserError("Both phases are {first}; name two different ones.", first=first)
    for phase in (first, second):
        if phase not in known:
            there = Phrase("it names no phase")
            if known:
                there = Phrase("its phases are: {names}", names=", ".join(known))
            raise UserError(
                "{name} has no night of the phase {phase}; {there_said}.",
                name=name,
                phase=phase,
                there_said=there,
            )
    chosen = [[row.night for row in rows if row.phase == phase] for phase in (first, second)]
    left_out = {row.night.date: row.phase for row in rows if row.phase not in (first, second)}
    return *chosen, left_out


def one_series(rows: list[ListedNight], name: str = "the list of nights") -> list[NightCount]:
    """Return the nights of all phases as one series; raises UserError for one that is twice."""
    seen = {}
    for row in rows:
        if row.night.day in seen:
            raise UserError(
                "{name}, line {seen}: the night {date} stands twice; a trend "
                "needs each night once.",
                name=name,
                seen=max(row.line, seen[row.night.day]),
                date=row.night.date,
            )
        seen[row.night.day] = row.line
    return [row.night for row in rows]


def _once_in_a_phase(rows: list[ListedNight], name: str) -> None:
    seen = set()
    for row in rows:
        key = row.phase, row.night.date
        if key in seen:
            where = Phrase(" of the phase {phase}", phase=row.phase) if row.phase else ""
            raise UserError(
                "{name}, line {line}: the night {date}{where_said} stands twice; keep one line "
                "for it.",
                name=name,
                line=row.line,
                date=row.night.date,
                where_said=where,
            )
        seen.add(key)


def _reader_of(first: str) -> Callable:
    """Return function(text, lines before) -> day number, by how the first night is written."""
    for read in (_day_of_date, _day_of_number):
        try:
            read(first)
        except ValueError:
            continue
        return read
    return _day_of_order


def _day_of_date(text: str, *_: int) -> int:
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise ValueError(
            Phrase("night is {text!r}, not a date as 2026-01-31", text=text)
        ) from None


def _day_of_number(text: str, *_: int) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(
            Phrase("night is {text!r}, not a whole number as the first is", text=text)
        ) from None


def _day_of_order(text: str, before: int) -> int:
    if not text:
        raise ValueError(Phrase("night is empty"))
    return before


def _events(text: str) -> int:
    value = _number(text, "events")
    if value < 0 or value != int(value):
        raise ValueError(Phrase("events is {text!r}, not a whole number from 0 on", text=text))
    return int(value)


def _hours(text: str) -> float:
    value = _number(text, "hours")
    if not 0 < value <= MAX_HOURS:
        raise ValueError(
            Phrase(
                "hours is {text!r}, not above 0 and up to {max_hours:.0f}",
                text=text,
                max_hours=MAX_HOURS,
            )
        )
    return value


def _number(text: str, column: str) -> float:
    # A comma in a cell is a decimal one: where it separates columns it cannot be in a cell.
    plain = text.replace(",", ".") if "." not in text else text
    try:
        value = float(plain)
        if abs(value) < float("inf"):
            return value
    except ValueError:
        pass
    raise ValueError(f"{column} is {text!r}, not a number")
