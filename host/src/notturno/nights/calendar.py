"""Zones, dates and how people write a time: the one file that knows the calendar.

Touches nothing but the time zone database. Speaks UTC in ms, ISO dates and IANA zone names.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path


def local_text(utc_ms: int, zone: str, form: str = "%Y-%m-%d %H:%M") -> str:
    """Return a moment as people in that zone would write it."""
    return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone_info(zone)).strftime(form)


def parse_date(text: str) -> str:
    """Return the ISO date; raises ValueError where it is none."""
    return date.fromisoformat(text).isoformat()


def zone_info(zone: str):
    """Return the ZoneInfo of a name; UTC for a name that this machine does not know."""
    # Imported here: it reads the build's configuration, which a table of nights need not wait for.
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return ZoneInfo("UTC")


def local_zone_name(
    environment=os.environ, localtime=Path("/etc/localtime"), timezone=Path("/etc/timezone")
) -> str:
    """Return the IANA name of this machine's zone: TZ, /etc/timezone, /etc/localtime, in turn."""
    names = [environment.get("TZ", "").removeprefix(":")]
    try:
        names.append(timezone.read_text().strip())
    except OSError:
        pass  # not a Debian
    names.append(str(localtime.resolve()).rpartition("zoneinfo/")[2])
    for name in names:
        if name and zone_info(name).key == name:
            return name
    offset = datetime.now(UTC).astimezone().utcoffset() or timedelta(0)
    hours = round(offset.total_seconds() / 3600)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"  # POSIX counts west of Greenwich as plus


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
