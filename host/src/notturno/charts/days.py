"""The calendar below many nights: which days bear a word, and where a year begins. Pure."""

from collections.abc import Callable
from datetime import date, timedelta

from notturno.words import _

# Days between two words, as many as fit: days, weeks; then whole months; then whole years.
STEPS_DAYS = (1, 2, 7, 14)
STEPS_MONTHS = (1, 2, 3, 6)
STEPS_YEARS = (1, 2, 5, 10, 20, 50)
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
    months = _months(first, last)
    for step in STEPS_MONTHS:
        found = [month for month in months if (month.month - 1) % step == 0]
        if len(found) <= MOST_WORDS:
            return _worded(found, month_text)
    years = [month for month in months if month.month == 1]
    by_step = ([year for year in years if year.year % step == 0] for step in STEPS_YEARS)
    found = next((chosen for chosen in by_step if len(chosen) <= MOST_WORDS), [])
    return [(day, str(day.year)) for day in found]


def _months(first: date, last: date) -> list[date]:
    """Return the first days of months from one day to another, both included."""
    years = range(first.year, last.year + 1)
    every = (date(year, month, 1) for year in years for month in range(1, 13))
    return [day for day in every if first <= day <= last]


def month_text(day: date) -> str:
    """Return a month's short name."""
    return str(_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")).split()[day.month - 1]


def _worded(found: list[date], words: Callable) -> list[tuple[date, str]]:
    named, year = [], None
    for day in found:
        named.append((day, words(day) + (f" {day.year}" if day.year != year else "")))
        year = day.year
    return named
