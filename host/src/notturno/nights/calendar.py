"""Zones, dates and how people write a time: the one file that knows the calendar.

Touches nothing but the time zone database and this machine's own zone. Speaks UTC in ms, ISO dates
and names of zones: IANA's, or a fixed offset like UTC+05:30.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from notturno.errors import Phrase

BLOCK_S = 900  # no zone has changed its clock but at the beginning of one, since 1972
_UNTIL = {"%H:%M": False, "%H:%M:%S": True}  # the forms that a page asks for by the thousand
SECOND_PASS = " (2nd)"  # behind a time of the hour that autumn repeats
FIXED = re.compile(r"UTC([+-])([01]\d|2[0-3]):([0-5]\d)")
# Which of the zones that never differ gets named, where a machine names none: places that many
# people know. The choice changes no time, only the name.
WELL_KNOWN = (
    *("UTC", "Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Moscow"),
    *("Europe/Istanbul", "Atlantic/Azores"),
    *("Africa/Lagos", "Africa/Johannesburg", "Africa/Nairobi", "Africa/Cairo", "Africa/Abidjan"),
    *("Asia/Dubai", "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Shanghai"),
    *("Asia/Tokyo", "Asia/Jerusalem", "Asia/Tehran", "Asia/Kabul", "Asia/Kathmandu"),
    *("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"),
    *("Pacific/Auckland", "Pacific/Honolulu", "America/New_York", "America/Chicago"),
    *("America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage"),
    *("America/Halifax", "America/St_Johns", "America/Bogota", "America/Caracas"),
    *("America/Sao_Paulo", "America/Mexico_City", "America/Santiago"),
)


def local_text(utc_ms: float, zone: str, form: str = "%Y-%m-%d %H:%M") -> str:
    """Return a moment as people in that zone would write it."""
    return _local(utc_ms, zone).strftime(form)


def clock_text(utc_ms: int, zone: str, form: str = "%H:%M") -> str:
    """Return a moment's time of day; the second pass of autumn's repeated hour is marked."""
    seconds = _UNTIL.get(form)
    if seconds is None:
        local = _local(utc_ms, zone)
        return local.strftime(form) + (SECOND_PASS if local.fold else "")
    block, into_s = divmod(int(utc_ms // 1000), BLOCK_S)
    since_midnight_s, mark = _block(block, zone)
    minute, second = divmod(since_midnight_s + into_s, 60)
    hour, minute = divmod(minute, 60)
    return f"{hour % 24:02d}:{minute:02d}" + (f":{second:02d}" if seconds else "") + mark


@lru_cache
def _block(number: int, zone: str) -> tuple[int, str]:
    """Return a block's start in seconds since local midnight, and the mark behind its times."""
    local = _local(number * BLOCK_S * 1000, zone)
    since_s = local.hour * 3600 + local.minute * 60 + local.second
    return since_s, SECOND_PASS if local.fold else ""


def nearest_local_ms(hhmm: str, near_utc_ms: int, zone: str) -> int:
    """Return the UTC in ms of a local time of day (HH:MM), on the day that brings it nearest."""
    hour, minute = (int(part) for part in hhmm.split(":"))
    info = zone_info(zone)
    near = datetime.fromtimestamp(near_utc_ms / 1000, UTC).astimezone(info)
    candidates = []
    for days in (-1, 0, 1):
        wall = datetime.combine(near.date() + timedelta(days=days), datetime.min.time())
        at = wall.replace(hour=hour, minute=minute, tzinfo=info)
        candidates.append(round(at.timestamp() * 1000))
    return min(candidates, key=lambda at_ms: abs(at_ms - near_utc_ms))


def parse_date(text: str) -> str:
    """Return the ISO date; raises ValueError where it is none."""
    return date.fromisoformat(text).isoformat()


def zone_info(zone: str) -> tzinfo:
    """Return the zone of a name; UTC for a name that this machine does not know (`zone_note`)."""
    return _known(zone) or UTC


def zone_note(zone: str) -> str | None:
    """Return one sentence where times in `zone` are not the local ones all year; else None."""
    found = _known(zone)
    if found is None:
        return Phrase(
            "This machine has no data of the time zone {zone}, so "
            "times are given in UTC; install tzdata (pip install "
            "tzdata).",
            zone=zone,
        )
    if isinstance(found, timezone) and found != UTC:
        return Phrase(
            "This machine does not name its time zone, so {zone} holds "
            "all year, also when clocks are changed; install tzdata "
            "(pip install tzdata), or set TZ to a name such as "
            "Europe/Rome.",
            zone=zone,
        )
    return None


def local_zone_name(
    environment: Mapping[str, str] = os.environ,
    localtime: Path = Path("/etc/localtime"),
    timezone: Path = Path("/etc/timezone"),
) -> str:
    """Return the name of this machine's zone: IANA's where there is one, else a fixed offset.

    TZ stands above /etc/timezone, and that above the link /etc/localtime. Where none of them is a
    name (Windows; TZ=<+0330>-3:30), the zone is found whose offsets are this machine's own; where
    there is none, today's offset stands for the year, and `zone_note` says so.
    """
    # What TZ says is what the machine's clock shows, also where it is no name.
    if "TZ" in environment:
        names = [environment["TZ"].removeprefix(":").rpartition("zoneinfo/")[2]]
    else:
        names = [str(localtime.resolve()).rpartition("zoneinfo/")[2]]
        try:
            names.insert(0, timezone.read_text().strip())
        except (OSError, UnicodeError):
            pass  # not a Debian
    for name in names:
        if name and _known(name):
            return name
    return _zone_like(lambda moment: moment.astimezone().utcoffset())


def _local(utc_ms: float, zone: str) -> datetime:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone_info(zone))


@cache
def _known(zone: str) -> tzinfo | None:
    """Return the tzinfo of a name, or None. UTC and fixed offsets need no data of zones."""
    if zone == "UTC":
        return UTC
    if fixed := FIXED.fullmatch(zone):
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-offset if fixed[1] == "-" else offset, zone)
    # Imported here: it reads the build's configuration, which a table of nights need not wait for.
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None


def _zone_like(offset_at: Callable, now: datetime | None = None) -> str:
    """Return the name of the zone with these offsets for a year to both sides of `now`.

    offset_at: callable(aware datetime) -> timedelta. Of equal zones the best known is taken.
    """
    from zoneinfo import available_timezones

    now = now or datetime.now(UTC)
    # A coarse sieve first: each step asks the machine once, and every zone that is left.
    moments = {step: [now + timedelta(days=k) for k in range(-365, 366, step)] for step in (30, 1)}
    moments[0] = [m for a, b in _changes(moments[1], offset_at) for m in _around(a, b, offset_at)]
    names = [n for n in available_timezones() if "/" in n and not n.startswith("Etc/")]
    left = {name: zone for name in [*names, "UTC"] if (zone := _known(name)) is not None}
    for step in (30, 1, 0):
        for moment in moments[step]:
            offset = offset_at(moment)
            left = {n: z for n, z in left.items() if moment.astimezone(z).utcoffset() == offset}
    if left:
        rank = {name: k for k, name in enumerate(WELL_KNOWN)}
        return min(left, key=lambda name: (rank.get(name, len(rank)), name))
    return fixed_zone_name(round(offset_at(now).total_seconds() / 60))


def fixed_zone_name(minutes: int) -> str:
    """Return how a zone is called that is always so far from UTC, by less than a day."""
    return str(timezone(timedelta(minutes=minutes)))


def _changes(moments: list[datetime], offset_at: Callable) -> list[tuple[datetime, datetime]]:
    """Return the pairs of neighbours between which the offset changes."""
    return [(a, b) for a, b in pairwise(moments) if offset_at(a) != offset_at(b)]


def _around(before: datetime, after: datetime, offset_at: Callable) -> tuple[datetime, datetime]:
    """Return the moments a second apart between which the offset changes."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if offset_at(middle) == offset_at(after):
            after = middle
        else:
            before = middle
    return before, after
