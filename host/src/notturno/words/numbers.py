"""Numbers and dates as a person of the language spoken writes them.

By babel where it is installed (extra `words`); without it numbers keep the language's signs and
dates are ISO. For people only: files and JSON stay in the C locale.
"""

from datetime import date
from types import ModuleType

from notturno.words.languages import KNOWN
from notturno.words.spoken import ENGLISH, language
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
