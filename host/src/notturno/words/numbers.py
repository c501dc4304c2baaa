"""Numbers, dates and times as a person of the language spoken writes them.

By babel where it is installed (extra `words`); without it numbers keep the language's signs and
dates are ISO. For people only: files and JSON stay in the C locale.
"""

from datetime import date
from types import ModuleType

from notturno.words.catalogue import ENGLISH, language
from notturno.words.languages import KNOWN
from notturno.words.written import signs


def _babel(part: str) -> ModuleType | None:
    from importlib import import_module

    try:
        return import_module("babel." + part)
    except ImportError:
        return None


def number_text(value: float | dict | None, digits: int = 0) -> str:
    """Return a number with so many decimals and signs between thousands; a dash for None."""
    if value is None:
        return "-"
    text = f"{value:,.{digits}f}"
    return text if language() == ENGLISH else signs(text)


def percent_text(share: float | None, digits: int = 0) -> str:
    """Return a share of 0 to 1 as a percentage; a dash for None."""
    return "-" if share is None else number_text(share * 100, digits) + " %"


def date_text(iso: str | None, form: str = "long") -> str:
    """Return an ISO date in words; form: of babel (short, medium, long, full) or a pattern.

    Other names of nights (undated-...) come back as they are; a dash for None.
    """
    if iso is None:
        return "-"
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    dates = _babel("dates")
    return iso if dates is None else dates.format_date(day, form, KNOWN[language()].locale)


def day_text(day: date) -> str:
    """Return a day and its month for an axis, without the year."""
    dates = None if language() == ENGLISH else _babel("dates")
    if dates is None:
        return f"{day.day} {day:%b}"
    return dates.format_date(day, "d MMM", KNOWN[language()].locale)


def time_text(utc_ms: int | None, zone: str, seconds: bool = False) -> str:
    """Return the time of day of a moment (UTC ms) in a zone; a dash for None."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    if utc_ms is None:
        return "-"
    local = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return local.strftime("%H:%M:%S" if seconds else "%H:%M")  # alike in all our languages
