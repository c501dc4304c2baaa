"""The calendar below many nights: which days bear a word, and where a year begins. Pure."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from notturno.words import _

# Days between two words, as many as fit: days, weeks; then whole months; then whole years.
STEPS_DAYS = (1, 2, 7, 14)
STEPS_MONTHS = (1, 2, 3, 6)
STEPS_YEARS = (1, 2, 5, 10)
MOST_WORDS = 6  # on a phone's width


def ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Return (day, words) from one day to another, both included, MOST_WORDS at the most.

    The first one, and each one of a new year, bears its year.
    """
    days = (last - first).days + 1
    for step in STEPS_DAYS:
        if days <= step * MOST_WORDS:
            found = [first + timedelta(days=i) for i in range(0, days, step)]
            return _worded(found, lambda day: f"{day.day} {month_text(day)}")
    for step in STEPS_MONTHS:
        if days <= step * 30.4 * MOST_WORDS:
            found = [month for month in _months(first, last) if (month.month - 1) % step == 0]
            return _worded(found, month_text)
    step = next((s for s in STEPS_YEARS if days <= s * 365.25 * MOST_WORDS), STEPS_YEARS[-1])
    years = [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    return [(year, str(year.year)) for year in years if year >= first and year.year % step == 0]


def _months(first: date, last: date) -> Iterator[date]:
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        if date(year, month, 1) >= first:
            yield date(year, month, 1)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def month_text(day: date) -> str:
    """Return a month's short name."""
    return str(_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")).split()[day.month - 1]


def _worded(found: list[date], words: Callable) -> list[tuple[date, str]]:
    named, year = [], None
    for day in found:
        named.append((day, words(day) + (f" {day.year}" if day.year != year else "")))
        year = day.year
    return named
