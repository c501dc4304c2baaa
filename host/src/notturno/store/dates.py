"""Which dates and clock times people may write of a night. Touches nothing."""

import re
from datetime import UTC, date, datetime, timedelta

from notturno.errors import UserError
from notturno.nights.calendar import parse_date

FIRST_NIGHT = "2015-01-01"  # ours: no band of this kind is older
AHEAD = timedelta(days=366)
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def night_date(text: str, today: date | None = None) -> str:
    """Return the ISO date of an evening; raises UserError for one that no night can have."""
    try:
        found = parse_date(text)
    except (TypeError, ValueError):
        raise UserError(f"{text} is no date; write it as 2026-01-31.") from None
    last = ((today or datetime.now(UTC).astimezone().date()) + AHEAD).isoformat()
    if not FIRST_NIGHT <= found <= last:
        raise UserError(f"{text} is the date of no night: they lie from {FIRST_NIGHT} to {last}.")
    return found


def clock_time(text: str) -> str:
    """Return a time of day as HH:MM; raises UserError for anything else."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise UserError(f"{text} is no time of day; write it as 22:40.")
    return f"{int(found[1]):02}:{found[2]}"
