"""From recordings to sleeps: which belong together, which is the night, and what it is called.

Pure. Speaks the recordings of one band as `Part`s (UTC in ms, IANA zone) and gives `Sleep`s.

Recordings less than three hours apart are one sleep. A sleep is named by the date of its evening:
the day, from six to six in the evening, that holds its middle. The middle of a day sleep falls
where two evenings are equally near, so from noon to nine it takes the neighbouring date where that
one follows the sleep before it: a shift worker's sleeps have names in a row. A short sleep by day
is a nap and goes with the night of its day, else with the one before; of several sleeps of one
date the quietest is the night, and the others are naps. All bounds are ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from notturno.nights.calendar import zone_info
from notturno.times import HOUR_MS

JOIN_MS = 3 * HOUR_MS  # a longer pause ends a sleep
SHORTER_JOINS_MS = (90 * 60_000, 45 * 60_000, 10 * 60_000, 0)
LONGEST_MS = 20 * HOUR_MS  # a longer row of recordings is a band worn day and night
MAIN_MS = 3 * HOUR_MS  # a shorter sleep takes no part in naming the one after it
NAP_FROM_H, NAP_TO_H = 9, 21  # ... and with its middle between them it is a nap
EVENING_H = 18
NOON_H, LATE_H = 12, 21  # a middle between them may take the neighbouring date
LOCAL_REACH_MS = 72 * HOUR_MS  # what lies further off has no say in a sleep's name

BY_EVENING = "the evening before its middle (evenings begin at 18:00)"
AFTER_THE_LAST = "the date after the sleep before it (its middle lies between 12:00 and 21:00)"
BY_DAY = "the day of its middle (a short sleep by day)"
BY_START = "the start of the band, whose clock was not set"


@dataclass(frozen=True)
class Part:
    """One recording. key: whatever names it; quiet_min: minutes in which the limb lay still.

    start_ms, end_ms: UTC where `zone` is given, else ticks of the start `boot` of the band. log:
    which of the band's logs; each counts its starts anew.
    """

    key: object
    start_ms: int
    end_ms: int
    zone: str | None
    boot: str = ""
    log: int = 0
    quiet_min: int = 0


@dataclass(frozen=True)
class Sleep:
    """Recordings that are one sleep. kind: "night" or "nap"; of_night: the night it goes with."""

    parts: tuple
    date: str | None
    night: str
    of_night: str
    kind: str
    name_rule: str

    @property
    def start_ms(self) -> int:
        """When its first recording begins: UTC, or a tick where it has no zone."""
        return self.parts[0].start_ms

    @property
    def end_ms(self) -> int:
        """When its last recording ends: UTC, or a tick where it has no zone."""
        return max(part.end_ms for part in self.parts)

    @property
    def quiet_min(self) -> int:
        """Minutes of it in which the band did not turn."""
        return sum(part.quiet_min for part in self.parts)


def sleeps_of(parts: Iterable[Part], before: tuple[str, int] | None = None) -> list[Sleep]:
    """Return the sleeps of one band, oldest first, undated ones in front.

    before: (date, end in UTC ms) of the sleep before all of them, where there is one.
    """
    parts = list(parts)
    dated = _dated([part for part in parts if part.zone is not None], before)
    return _undated([part for part in parts if part.zone is None]) + dated


def joined(parts: list[Part], join_ms: int = JOIN_MS) -> list[tuple[Part, ...]]:
    """Return the parts in groups: a pause of `join_ms` or more begins a new one.

    A group longer than 20 h is parted at its longest pauses until none is.
    """
    groups: list[list[Part]] = []
    end_ms = 0
    for part in sorted(parts, key=lambda part: (part.start_ms, part.end_ms, str(part.key))):
        if groups and part.start_ms - end_ms < join_ms:
            groups[-1].append(part)
        else:
            groups.append([part])
            end_ms = part.end_ms
        end_ms = max(end_ms, part.end_ms)
    shorter = next((value for value in SHORTER_JOINS_MS if value < join_ms), None)
    found = []
    for group in groups:
        long = max(part.end_ms for part in group) - group[0].start_ms > LONGEST_MS
        if long and len(group) > 1 and shorter is not None:
            found += joined(group, shorter)
        else:
            found.append(tuple(group))
    return found


def _dated(parts: list[Part], before: tuple[str, int] | None) -> list[Sleep]:
    found = []
    last_date, last_end_ms = before or (None, 0)
    for group in joined(parts):
        end_ms = max(part.end_ms for part in group)
        start_ms, main = group[0].start_ms, end_ms - group[0].start_ms >= MAIN_MS
        near = main and start_ms - last_end_ms < LOCAL_REACH_MS
        zone = group[0].zone
        assert zone is not None  # `sleeps` asks for those with a zone
        wall = _wall_clock((start_ms + end_ms) // 2, zone)
        name, rule = _date_of(wall, last_date if near else None)
        if main:
            last_date, last_end_ms = name, end_ms
        elif NAP_FROM_H <= wall.hour < NAP_TO_H:
            name, rule = wall.date().isoformat(), BY_DAY
        found.append(Sleep(group, name, name, name, "night", rule))
    return _naps_apart(found)


def _wall_clock(utc_ms: int, zone: str) -> datetime:
    """Return the naive local time: six is six, also on the days when clocks are put forward."""
    local = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone_info(zone))
    return local.replace(tzinfo=None)


def _date_of(wall: datetime, last_date: str | None) -> tuple[str, str]:
    """Return (ISO date, the rule by which) of a sleep with this middle by the clock."""
    evening = (wall - timedelta(hours=EVENING_H)).date()
    if last_date is not None and NOON_H <= wall.hour < LATE_H:
        other = evening + timedelta(days=1 if wall.hour < EVENING_H else -1)
        following = date.fromisoformat(last_date) + timedelta(days=1)
        if other == following and evening != following:
            return other.isoformat(), AFTER_THE_LAST
    return evening.isoformat(), BY_EVENING


def _naps_apart(found: list[Sleep]) -> list[Sleep]:
    """Name the naps: of the sleeps of one date the quietest is the night (else the longest)."""
    by_date: dict = {}
    dates = {sleep.date for sleep in found if sleep.name_rule is not BY_DAY}
    for i, sleep in enumerate(found):
        assert sleep.date is not None  # undated ones have no naps
        before = (date.fromisoformat(sleep.date) - timedelta(days=1)).isoformat()
        nap = sleep.name_rule is BY_DAY
        if nap and sleep.date not in dates and before in dates:
            found[i] = sleep = replace(sleep, date=before, night=before, of_night=before)
        if not (nap and sleep.date in dates):
            by_date.setdefault(sleep.date, []).append(sleep)
    nights = {
        key: max(rows, key=lambda s: (s.quiet_min, s.end_ms - s.start_ms, -s.start_ms))
        for key, rows in by_date.items()
    }
    named, naps = [], {}
    for sleep in found:
        if nights[sleep.date] is sleep:
            named.append(sleep)
            continue
        naps[sleep.date] = naps.get(sleep.date, 0) + 1
        key = f"{sleep.date}-nap{naps[sleep.date]}"
        named.append(replace(sleep, night=key, kind="nap"))
    return named


def _undated(parts: list[Part]) -> list[Sleep]:
    found = []
    by_start: dict = {}
    for part in parts:
        by_start.setdefault((part.boot, part.log), []).append(part)
    numbers: dict = {}
    for (boot, _), rows in sorted(by_start.items()):
        for group in joined(rows):
            number = numbers[boot] = numbers.get(boot, 0) + 1
            key = f"undated-{boot}" + (f"-{number}" if number > 1 else "")
            found.append(Sleep(group, None, key, key, "night", BY_START))
    return found
