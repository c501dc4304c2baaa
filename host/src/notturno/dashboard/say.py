"""How pages say things: words, figures, dates and reasons, in the language that is spoken.

One place between the templates and `notturno.words`. Pure.
"""

from datetime import date

from notturno.nights.calendar import clock_text, local_text
from notturno.words import LANGUAGES, _, n_, said, speaking
from notturno.words.numbers import date_text, number_text

DASH = "\N{EN DASH}"


def num(value: float | None, digits: int = 1) -> str:
    """Return a figure; a dash where there is none, or where it is a refusal."""
    if value is None or isinstance(value, dict):
        return DASH
    return number_text(value, digits if isinstance(value, float) else 0)


def reason(value) -> str:
    """Return why a figure is not given; "" for one that is."""
    return said(value) if isinstance(value, dict) and "refused" in value else ""


def night_text(row_or_name: str) -> str:
    """Return a night's name for people: its date, or what it is called without one."""
    name = row_or_name if isinstance(row_or_name, str) else row_or_name["night"]
    day, nap, more = name.partition("-nap")
    try:
        date.fromisoformat(day)
    except ValueError:
        return name
    text = date_text(day)
    return _("{night}, nap {n}").format(night=text, n=more.strip("-")) if nap else text


def time_of(event: dict, zone: str | None) -> str:
    """Return an event's time of day, or the minutes since the start where no clock is known."""
    if zone is None:
        return f"+{num(event['start_ms'] / 60000, 1)} min"
    return clock_text(event["start_ms"], zone, "%H:%M:%S")


def moment(utc_ms: int | None, zone: str) -> str:
    """Return a moment's date and time; a dash for None."""
    return DASH if utc_ms is None else local_text(utc_ms, zone)


__all__ = [
    "LANGUAGES",
    "_",
    "date_text",
    "moment",
    "n_",
    "night_text",
    "num",
    "reason",
    "said",
    "speaking",
    "time_of",
]
