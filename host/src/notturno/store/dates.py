"""Which dates, clock times and zones people may write. Touches the time zone database alone."""

import re
from datetime import UTC, date, datetime, timedelta

from notturno.errors import Phrase, UserError
from notturno.nights.calendar import parse_date, zone_info

FIRST_NIGHT = "2015-01-01"  # ours: no band of this kind is older
AHEAD = timedelta(days=366)
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def night_date(text: str, today: date | None = None) -> str:
    """Return the ISO date of an evening; raises UserError for one that no night can have."""
    try:
        found = parse_date(text)
    except (TypeError, ValueError):
        raise UserError("{text} is no date; write it as 2026-01-31.", text=text) from None
    last = ((today or datetime.now(UTC).astimezone().date()) + AHEAD).isoformat()
    if not FIRST_NIGHT <= found <= last:
        raise UserError(
            "{text} is the date of no night: they lie from {first_night} to {last}.",
            text=text,
            first_night=FIRST_NIGHT,
            last=last,
        )
    return found


def clock_time(text: str) -> str:
    """Return a time of day as HH:MM; raises UserError for anything else."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise UserError("{text} is no time of day; write it as 22:40.", text=text)
    return f"{int(found[1]):02}:{found[2]}"


def zone_name(text: str) -> str:
    """Return the name of a time zone that this machine knows; raises UserError with near names."""
    name = text.strip()
    if name == "UTC" or zone_info(name) is not UTC:  # which stands for any name not known
        return name
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    known = {zone.lower(): zone for zone in sorted(available_timezones())}
    cities = {zone.rpartition("/")[2]: zone for zone in known}
    said = name.lower().replace(" ", "_")
    near = [known[cities[city]] for city in get_close_matches(said, cities)]
    near += [known[zone] for zone in get_close_matches(said, known)]
    hint = (
        Phrase("; near it are: {names}", names=", ".join(list(dict.fromkeys(near))[:3]))
        if near
        else ""
    )
    raise UserError(
        "{text} is no time zone that this machine knows{hint_said}. Write it as Europe/Rome.",
        text=text,
        hint_said=hint,
    )
