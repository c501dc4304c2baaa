"""When a tracker says that the person slept: the files of common ones, as spans of UTC.

Pure. Each reader takes a file's text or object and the zone in which bare local times are meant,
and returns Sleeps: what it understood, and of the rest one sentence each. Layouts as their makers'
exports have them: Sleep as Android (sleep-export.csv), Fitbit (CSV, and JSON of a takeout), Oura
(JSON), Garmin (sleepData.json), Withings (sleep.csv), and any CSV with bed,wake[,zone].
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from notturno.errors import Phrase
from notturno.nights.calendar import zone_info

LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=10)
FIRST = datetime(2010, 1, 1, tzinfo=UTC)
ANDROID = "sleep-as-android"
FITBIT, OURA, PLAIN, HEALTH_CONNECT = "fitbit", "oura", "csv", "health-connect"
GARMIN, WITHINGS, APPLE = "garmin", "withings", "apple-health"
NO_SLEEP = ("deleted", "rest")  # types of Oura's: taken back by the person; lying awake


class Sleeps(NamedTuple):
    """found: [{source, zone, start_utc_ms, end_utc_ms}]; refused: [sentence]."""

    source: str
    found: list
    refused: list


# Where in the file, start, end (None where it cannot be read), zone.
Span = tuple[str, datetime | None, datetime | None, str]


class OfDevice(NamedTuple):
    """A sleep as one of several devices or programs saw it; rank: the higher is believed.

    start, end: datetimes, None where they cannot be read.
    """

    device: str
    rank: int
    where: str
    start: Any
    end: Any
    zone: str


def of_devices(source: str, spans: Iterable[OfDevice]) -> Sleeps:
    """Return the sleeps of several devices, of one at a time: of the highest rank, then longest.

    Two watches at one night are two words on one sleep: to join them would make it longer than
    either of them saw.
    """
    whole: list[Whole] = []
    broken: list[OfDevice] = []
    kept: list[OfDevice] = []
    for one in spans:
        if one.start is None or one.end is None:
            broken.append(one)
        else:
            whole.append((one.start, one.end, one))
    left_out = 0
    for together in _overlapping(whole):
        lengths: dict[tuple[int, str], timedelta] = {}
        for start, end, one in together:
            key = one.rank, one.device
            lengths[key] = lengths.get(key, timedelta()) + (end - start)
        best = max(lengths, key=lambda key: (key[0], lengths[key], key[1]))
        mine = [one for _, _, one in together if (one.rank, one.device) == best]
        kept += mine
        left_out += len(together) - len(mine)
    found = _gathered(source, ((s.where, s.start, s.end, s.zone) for s in kept + broken))
    if left_out:
        note = Phrase("{n} more of other devices at the same times", n=left_out)
        found.refused.append(note)
    return found


Whole = tuple[datetime, datetime, OfDevice]


def _overlapping(spans: list[Whole]) -> Iterator[list[Whole]]:
    """Yield the spans that overlap each other, directly or through others, together."""
    together: list[Whole] = []
    until = None
    for one in sorted(spans, key=lambda span: span[0]):
        start, end, _ = one
        if until is not None and start >= until:
            yield together
            together, until = [], None
        together.append(one)
        until = end if until is None else max(until, end)
    if together:
        yield together


def joined(parts: Iterable[Sleeps | None]) -> Sleeps | None:
    """Return the sleeps of several files of one maker as one, each once; None for no sleeps.

    Of several makers in one zip the first.
    """
    whole = [part for part in parts if part is not None]
    if not whole:
        return None
    mine = [part for part in whole if part.source == whole[0].source]
    found = {(s["start_utc_ms"], s["end_utc_ms"]): s for part in mine for s in part.found}
    return Sleeps(
        mine[0].source, list(found.values()), [why for part in mine for why in part.refused]
    )


def of_text(text: str, zone: str) -> Sleeps | None:
    """Return the sleeps of a CSV file whose first lines are those of a tracker, else None."""
    text = text.removeprefix("\ufeff")
    lines = text.splitlines()
    head = lines[0] if lines else ""
    if re.match(r'"?Id"?[,;]"?Tz"?[,;]"?From"?[,;]"?To"?', head):
        return _android(text)
    for at, line in enumerate(lines[:3]):
        if re.match(r'"?Start Time"?,"?End Time"?,"?Minutes Asleep"?', line):
            return _fitbit_csv(lines[at:], at, zone)
    if re.match(r'"?from"?,"?to"?,"?light \(s\)"?', head):
        return _withings(text, zone)
    names = [name.strip(' "').lower() for name in re.split("[,;\t]", head)]
    if "bed" in names and "wake" in names:
        return _plain(text, zone)
    return None


def of_json(value: Any, zone: str) -> Sleeps | None:
    """Return the sleeps of a tracker's JSON, else None."""
    rows = value
    if isinstance(value, dict):
        rows = next((value[key] for key in ("sleep", "data") if key in value), None)
        if isinstance(value.get("dailySleepDTO"), dict):
            rows = [value["dailySleepDTO"]]
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return None
    if "bedtime_start" in rows[0]:
        kept = [row for row in rows if not _is_no_sleep(row)]
        return _gathered(OURA, _pairs(kept, "bedtime_start", "bedtime_end", zone))
    if any(isinstance(row, dict) and "sleepStartTimestampGMT" in row for row in rows):
        return _gathered(GARMIN, _garmin(rows, zone))
    if "startTime" in rows[0] and "endTime" in rows[0]:
        return _gathered(FITBIT, _pairs(rows, "startTime", "endTime", zone))
    return None


def _is_no_sleep(row: Any) -> bool:
    return isinstance(row, dict) and row.get("type") in NO_SLEEP


def _garmin(rows: list, zone: str) -> Iterator[Span]:
    """Yield Garmin's sleeps: UTC without a sign, or ms; a day without a sleep has no times."""
    for number, row in enumerate(rows, 1):
        row = row if isinstance(row, dict) else {}
        said = [row.get(f"sleep{end}TimestampGMT") for end in ("Start", "End")]
        if said == [None, None]:
            continue
        begun, ended = (moment(at) if isinstance(at, int) else _iso(at, "UTC") for at in said)
        yield Phrase("entry {number}", number=number), begun, ended, zone


def moment(utc_ms: Any) -> datetime | None:
    """Return the moment of ms since 1970 UTC; None for what is none."""
    try:
        return datetime.fromtimestamp(utc_ms / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _pairs(rows: list[dict | int], start: str, end: str, zone: str) -> Iterator[Span]:
    for number, row in enumerate(rows, 1):
        row = row if isinstance(row, dict) else {}
        begun, ended = (_iso(row.get(key), zone) for key in (start, end))
        yield Phrase("entry {number}", number=number), begun, ended, zone


def _gathered(source: str, spans: Iterable[Any]) -> Sleeps:
    """Keep what can be a sleep, once each."""
    found, refused, seen = [], [], set()
    for where, start, end, zone in spans:
        why = None
        if start is None or end is None:
            why = Phrase("its times cannot be read")
        elif end <= start:
            why = Phrase("it ends before it begins")
        elif not SHORTEST <= end - start <= LONGEST:
            lasts_h = (end - start).total_seconds() / 3600
            why = Phrase("it lasts {lasts_h:.1f} h, which is no sleep", lasts_h=lasts_h)
        elif start < FIRST or end > datetime.now(UTC) + timedelta(days=1):
            day = start.date().isoformat()
            why = Phrase("it lies at {day}, where no night of yours can be", day=day)
        if why:
            refused.append(Phrase("{where_said}: {why_said}", where_said=where, why_said=why))
            continue
        assert start is not None  # or there were a why
        assert end is not None
        span = (round(start.timestamp() * 1000), round(end.timestamp() * 1000))
        if span not in seen:
            seen.add(span)
            found.append(
                {"source": source, "zone": zone, "start_utc_ms": span[0], "end_utc_ms": span[1]}
            )
    return Sleeps(source, found, refused)


def _line(number: int) -> Phrase:
    return Phrase("line {number}", number=number)


def _iso(said: Any, zone: str) -> datetime | None:
    """Return the moment of an ISO time; one without an offset is meant in the zone."""
    try:
        at = datetime.fromisoformat(str(said).strip())
    except ValueError:
        return None
    if len(str(said).strip()) <= 10:
        return None  # a date is no time
    return at if at.tzinfo else at.replace(tzinfo=zone_info(zone))


def _local(said: str, zone: str, *forms: str) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(said.strip(), form).replace(tzinfo=zone_info(zone))
        except ValueError:
            continue
    return None


def _android(text: str) -> Sleeps:
    def spans() -> Iterator[Span]:
        head = None
        reader = csv.reader(io.StringIO(text))
        for row in reader:
            if row[:2] == ["Id", "Tz"]:
                head = row  # every record has its own, and lines without a head behind it
            elif head and len(row) > 3 and row[0].strip().isdigit():
                named = dict(zip(head, row, strict=False))
                zone = named["Tz"]
                forms = ("%d. %m. %Y %H:%M", "%d.%m.%Y %H:%M")
                begun, ended = (_local(named[key], zone, *forms) for key in ("From", "To"))
                yield _line(reader.line_num), begun, ended, zone

    return _gathered(ANDROID, spans())


def _fitbit_csv(lines: list[str], skipped: int, zone: str) -> Sleeps:
    def spans() -> Iterator[Span]:
        reader = csv.DictReader(lines)
        for row in reader:
            if not row["End Time"]:
                break  # the next part of a file with several
            forms = ("%Y-%m-%d %I:%M%p", "%m-%d-%Y %I:%M%p", "%d-%m-%Y %I:%M%p", "%Y-%m-%d %H:%M")
            keys = ("Start Time", "End Time")
            begun, ended = (_local(row[key] or "", zone, *forms) for key in keys)
            yield _line(reader.line_num + skipped), begun, ended, zone

    return _gathered(FITBIT, spans())


def _withings(text: str, zone: str) -> Sleeps:
    def spans() -> Iterator[Span]:
        reader = csv.DictReader(io.StringIO(text))
        for row in reader:
            begun, ended = (_iso(row.get(key), zone) for key in ("from", "to"))
            yield _line(reader.line_num), begun, ended, zone

    return _gathered(WITHINGS, spans())


def _plain(text: str, zone: str) -> Sleeps:
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]

    def spans() -> Iterator[Span]:
        for row in reader:
            own = (row.get("zone") or "").strip() or zone
            begun, ended = (_iso(row.get(key), own) for key in ("bed", "wake"))
            yield _line(reader.line_num), begun, ended, own

    return _gathered(PLAIN, spans())


def loaded(data: bytes) -> list[dict | float] | dict | None:
    """Return the object of a JSON file, None where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
