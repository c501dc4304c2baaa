"""Times in a column of somebody's table: seconds, h:mm:ss, the clock on a wall, dates.

One column is written in one way, so all its cells are looked at before one is read: 03/02 is
February or March by what stands beside it. Pure; microseconds.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from notturno.errors import Phrase, UserError
from notturno.nights.spans import past_midnight, to_us
from notturno.times import DAY_US

CELL = re.compile(
    r"(?:(?P<date>\d{1,4}([-/.])\d{1,2}\2\d{1,4})(?:[T ]+|,\s*))?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,:]\d+)?))?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
UNIX_S = (1e9, 4e9)  # 2001 to 2096: no night is so long, so a number like this is a date
NOON_H = 12


class Moments(NamedTuple):
    """at_us: of each cell, from the file's time 0, None where it is empty; starts: local datetimes
    at which that may be; clock_us: its time of day, where it is told without a date; elapsed:
    whether h:mm:ss was taken as elapsed, since nothing says that it is of the clock."""

    at_us: list
    starts: list[datetime]
    clock_us: int | None = None
    elapsed: bool = False


def moments_of(cells: Sequence[str], unit_us: int, comma: bool, wrong: Callable) -> Moments:
    """Return the Moments of a column.

    unit_us: of plain numbers; comma: whether decimals may have a comma; wrong(place, why): the
    error that says which cell cannot be read.
    """
    if not any(":" in cell for cell in cells):
        return _of_numbers(cells, unit_us, comma, wrong)
    found = []
    for place, cell in enumerate(cells):
        match = CELL.fullmatch(cell) if cell else None
        if cell and match is None:
            raise wrong(place, Phrase("no time as the others of its column"))
        if match and not (int(match["hour"]) < 100 and int(match["minute"]) < 60):
            raise wrong(place, Phrase("no time that there is"))
        found.append(match)
    dated = [match is not None and match["date"] is not None for match in found if match]
    if any(dated):
        if not all(dated):
            place = next(i for i, m in enumerate(found) if m and not m["date"])
            raise wrong(place, Phrase("a time without a date, where others have one"))
        zoned = [bool(match["zone"]) for match in found if match]
        if any(zoned) and not all(zoned):
            place = next(i for i, m in enumerate(found) if m and not m["zone"])
            raise wrong(place, Phrase("a time without a zone, where others have one"))
        return _of_dates(found, wrong)
    short = any(len(match["hour"]) == 1 and not match["half"] for match in found if match)
    return _of_clocks([None if match is None else _of_day_us(match) for match in found], short)


def length_of(cell: str, unit_us: int, comma: bool) -> int:
    """Return a duration in microseconds: a number, h:mm:ss.fff or m:ss.fff. Raises ValueError."""
    if ":" not in cell:
        return _number(cell, unit_us, comma)
    *minutes, seconds = cell.split(":")
    if len(minutes) > 2 or not all(part.isdecimal() for part in minutes):
        raise ValueError(Phrase("no duration; write seconds or h:mm:ss"))
    whole = 0
    for part in minutes:
        whole = whole * 60 + int(part)
    return whole * 60_000_000 + to_us(seconds.replace(",", "."))


def _number(cell: str, unit_us: int, comma: bool) -> int:
    if comma and "." not in cell:
        cell = cell.replace(",", ".")
    if unit_us == 10**6:
        return to_us(cell)
    to_us(cell)  # says what is wrong with it
    return int((Decimal(cell) * unit_us).to_integral_value())


def _of_numbers(cells: Sequence[str], unit_us: int, comma: bool, wrong: Callable) -> Moments:
    told = [cell for cell in cells if cell]
    first, scale = None, 1.0
    try:
        numbers = [float(cell) for cell in told] if told else [0.0]
        for per_s in (1.0, 1e3, 1e6, 1e9):
            if UNIX_S[0] * per_s <= min(numbers) and max(numbers) <= UNIX_S[1] * per_s:
                first, scale = min(numbers), per_s
                break
    except ValueError:
        pass  # said below, with its line
    at_us = []
    for place, cell in enumerate(cells):
        try:
            if not cell:
                at_us.append(None)
            elif first is None:
                at_us.append(_number(cell, unit_us, comma))
            else:
                at_us.append(round((float(cell) - first) / scale * 1e6))
        except ValueError as error:
            raise wrong(place, error) from None
    return Moments(at_us, [])


def _of_day_us(match: re.Match) -> int:
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    second = (match["second"] or "0").replace(",", ".").replace(":", ".")
    return (hour * 3600 + int(match["minute"]) * 60) * 10**6 + to_us(second)


def _of_clocks(days_us: list, short: bool) -> Moments:
    """Return the Moments of times of day, or elapsed ones.

    Elapsed are those that begin before noon and do not go past midnight. short: some have an hour
    of one digit, as no clock writes it; then no other file's clock makes one of them.
    """
    at_us = past_midnight(days_us, DAY_US)
    told = [at for at in at_us if at is not None]
    if not told or (max(told) < DAY_US and told[0] < NOON_H * 3600 * 10**6):
        return Moments(at_us, [], None if short else 0, bool(told))
    first = min(told)
    at_us = [None if at is None else at - first for at in at_us]
    return Moments(at_us, [], first % DAY_US)


def _of_dates(found: list, wrong: Callable) -> Moments:
    readings = []
    for form in _forms(found):
        try:
            readings.append([None if m is None else _moment(m, form) for m in found])
        except ValueError:
            continue
    if not readings:
        place = next(i for i, match in enumerate(found) if match)
        raise wrong(place, Phrase("a date of no form that is known; write 2024-03-01"))

    def length(reading: list) -> timedelta:
        told = [at for at in reading if at is not None]
        return max(told) - min(told)

    # 03/01 to 03/02 is a night in March, and not a month from January to February.
    shortest = min(length(reading) for reading in readings)
    readings = [reading for reading in readings if length(reading) == shortest]
    starts = [min(at for at in reading if at is not None) for reading in readings]
    taken, first = readings[0], starts[0]
    at_us = [None if at is None else round((at - first) / timedelta(microseconds=1))
             for at in taken]  # fmt: skip
    return Moments(at_us, list(dict.fromkeys(start.replace(tzinfo=None) for start in starts)))


def _forms(found: list) -> list[str]:
    date = next(match["date"] for match in found if match)
    mark = re.sub(r"\d", "", date)[0]
    parts = date.split(mark)
    if len(parts[0]) == 4:
        return [f"%Y{mark}%m{mark}%d"]
    year = "%Y" if len(parts[2]) == 4 else "%y"
    day_first, month_first = f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"
    return [day_first] if mark == "." else [day_first, month_first]


def _moment(match: re.Match, form: str) -> datetime:
    day = datetime.strptime(match["date"], form)
    at = day + timedelta(microseconds=_of_day_us(match))
    if not match["zone"]:
        return at
    zone = "+00:00" if match["zone"] in "Zz" else match["zone"]
    return at.replace(tzinfo=datetime.strptime(zone, "%z").tzinfo)


def unreadable(name: str, column: str, texts: Sequence[str], lines: Sequence[int]) -> Callable:
    """Return `wrong` of a column: texts and lines of its cells, in the same order."""

    def wrong(place: int, why: Exception | str) -> UserError:
        return UserError(
            "{name}, line {line}: {column} is {text!r}, {why_said}; correct it.",
            name=name,
            line=lines[place],
            column=column,
            text=texts[place],
            why_said=why,
        )

    return wrong
