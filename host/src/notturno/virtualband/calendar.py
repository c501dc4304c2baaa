"""Which evening it is in the virtual world. Touches a small file beside the flash.

Each start of a band begins at an evening after all nights it has slept before, so that two runs on
one flash are two weeks of one life and not the same night twice.
"""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from notturno.errors import UserError

FIRST_EVENING = "2026-01-12 22:30"
FILE_NAME = "nights-slept"
YEARS = range(1970, 2136)  # the VM's clock has 32 bits of seconds from 2000 on: later it wraps
YEARS = range(1970, 2136)  # the VM's clock has 32 bits of seconds from 2000 on: later it wraps


def start_utc_s(start: str | None = None, zone: str | None = None, days: int = 0) -> float:
    """Return the UTC of a local wall time "YYYY-MM-DD HH:MM", `days` later.

    zone: a name of the IANA data base; None is this machine's. Raises UserError for what is no
    time or no zone, and for a year that a band's clock does not reach.
    """
    try:
        when = datetime.fromisoformat(start or FIRST_EVENING)
    except ValueError:
        raise UserError(
            '"{start}" is no time; write it like "{first_evening}".',
            start=start,
            first_evening=FIRST_EVENING,
        ) from None
    if when.year not in YEARS:
        raise UserError(
            "No band's clock goes to the year {year}; start it from {first} to {last}.",
            year=when.year,
            first=YEARS[0],
            last=YEARS[-1],
        )
    try:
        if when.tzinfo is None and zone:
            when = when.replace(tzinfo=ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        raise UserError(
            'No time zone is called "{zone}"; write, say, Europe/Berlin.', zone=zone
        ) from None
    return (when + timedelta(days=days)).timestamp()


def next_evening_utc_s(folder: Path, nights: int) -> float:
    """Return the UTC at which a band with `nights` to come starts; note that they are taken."""
    file = Path(folder) / FILE_NAME
    try:
        slept = int(file.read_text())
    except (FileNotFoundError, ValueError):
        slept = 0
    file.write_text(f"{slept + nights}\n")
    return start_utc_s(days=slept)
