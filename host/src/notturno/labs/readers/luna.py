"""Luna's .annot (a table of intervals) and .eannot (one label an epoch).

Times as zzz.bwh.harvard.edu/luna/vignettes/times says: elapsed seconds, clock times (24 h, or 12 h
with am or pm, with a date or without), 0+hh:mm:ss elapsed, e:N for the Nth epoch, as a stop its
end; a stop may also be +seconds, or "..." for the start of the next. Clock times count from the
earliest in the file, since the EDF's start is not in it; a file that mixes them with elapsed times
cannot be placed and is refused.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from notturno.errors import UserError
from notturno.labs.readers.parts import Part, put_events, put_stages
from notturno.nights.spans import past_midnight, to_us
from notturno.scoring.movements.stage_names import has_prefix, stage_name
from notturno.times import DAY_US

FORMAT = "luna"
EPOCH_US = 30_000_000
STAGES = ("sleepstage", "stage", "stages")  # a class whose instance is the stage
COLUMNS = ("class", "instance", "channel", "start", "stop", "meta")
ALIASES = {"annot": "class", "annotation": "class", "inst": "instance", "ch": "channel"}
CLOCK = re.compile(
    r"(?:(\d+[-/](?:\d+|[a-z]{3})[-/]\d+)[- T])?"
    r"(\d{1,2})[:.](\d{2})[:.](\d{2}(?:\.\d+)?)\s*([ap]m)?$",
    re.IGNORECASE,
)
ELAPSED = re.compile(r"0\+(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$")
EPOCH = re.compile(r"e:(?:(\d+(?:\.\d+)?):)?(?:(\d+(?:\.\d+)?):)?(\d+)$")
DATES = ("%d-%m-%y", "%d-%m-%Y", "%Y-%m-%d", "%d-%b-%y", "%d-%b-%Y")


class Time(NamedTuple):
    """at_us, end_us: where a cell begins and ends (an epoch lasts, else they are one); of_day:
    whether it is of the clock; day: its date's number, None without."""

    at_us: int
    end_us: int
    of_day: bool = False
    day: int | None = None


def read(text: str, name: str, epochs: bool) -> Part:
    """Return the Part of an .annot file, or of an .eannot file (epochs). Raises UserError."""
    lines = [line.rstrip("\r") for line in text.splitlines()]
    part = Part(FORMAT)
    if epochs:
        labels = [line.strip() for line in lines if line.strip() and line[:1] != "#"]
        put_stages(part, [(i * EPOCH_US, EPOCH_US, each) for i, each in enumerate(labels)])
        return part
    rows = _rows(lines, name)
    stages, events = [], []
    starts, first = _starts(rows, name)
    if first is not None and first.day is not None:
        begin = datetime.fromordinal(first.day) + timedelta(microseconds=first.at_us)
        part.starts = [begin]
    elif first is not None:
        part.clock_us = first.at_us
    for onset, end, text, channel, is_stage in _placed(rows, name, starts):
        if is_stage:
            stages.append((onset, end - onset, text))
        else:
            events.append((onset, end, text, channel))
    put_stages(part, sorted(stages))
    put_events(part, events)
    if part.stages is None and part.rows is None:
        raise UserError("{name} holds neither stages nor movements.", name=name)
    return part


def _rows(lines: list[str], name: str) -> list[tuple[int, dict[str, str]]]:
    """Return [(line number, {column: cell})]."""
    columns, rows = COLUMNS, []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip()[:1] == "#":
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) == 1:
            cells = line.split()
        named = [ALIASES.get(cell.lower(), cell.lower()) for cell in cells]
        if named[0] == "class":
            columns = tuple(named)
            continue
        if columns == COLUMNS and len(cells) == 3:  # class, start, stop
            cells = [cells[0], ".", ".", *cells[1:]]
        if columns == COLUMNS and len(cells) == 4:  # class, instance, start, stop
            cells = [*cells[:2], ".", *cells[2:]]
        found = dict(zip(columns, cells, strict=False))
        if "start" not in found or "stop" not in found:
            raise UserError(
                "{name}, line {line}: no start and stop; a line names class, instance, channel, "
                "start and stop.",
                name=name,
                line=number,
            )
        rows.append((number, found))
    return rows


def _starts(rows: list[tuple[int, dict[str, str]]], name: str) -> tuple[list[int], Time | None]:
    """Return (each row's begin from time 0, the time of the clock that is time 0).

    The second is None where times are elapsed.
    """
    times = [_time(row["start"], name, number) for number, row in rows]
    if any(time.of_day for time in times) and len({time.of_day for time in times}) > 1:
        raise UserError(
            "{name} mixes clock times with elapsed ones; write all of them in one way.", name=name
        )
    if not times or not times[0].of_day:
        return [time.at_us for time in times], None
    if len({time.day is None for time in times}) > 1:
        raise UserError(
            "{name} has a date in some rows and none in others; write all of them in one way.",
            name=name,
        )
    if times[0].day is None:
        at_us = past_midnight([time.at_us for time in times], DAY_US)
    else:
        at_us = [(time.day or 0) * DAY_US + time.at_us for time in times]
    first_us = min(at_us)
    day, of_day_us = divmod(first_us, DAY_US)
    first = Time(of_day_us, of_day_us, True, None if times[0].day is None else day)
    return [at - first_us for at in at_us], first


def _placed(
    rows: list[tuple[int, dict[str, str]]], name: str, starts: list[int]
) -> Iterator[tuple[int, int, str, str, bool]]:
    """Yield (onset_us, end_us, text, channel, whether it is a stage, known or not)."""
    lasting = 0  # of the last row that lasts until the next
    for place, (number, row) in enumerate(rows):
        onset = starts[place]
        stop = row["stop"]
        if stop == "...":
            # The last one's next is the first of another list, or none: as long as those before.
            following = starts[place + 1] if place + 1 < len(rows) else onset
            lasting = following - onset if following > onset else lasting
            end = onset + lasting
        elif stop[:1] == "+":
            end = onset + _us(stop[1:], name, number)
        else:
            time = _time(stop, name, number)
            end = time.end_us
            if time.of_day:
                begin = _time(row["start"], name, number)
                days = 0
                if time.day is not None and begin.day is not None:
                    days = time.day - begin.day
                end = onset + time.at_us - begin.at_us + days * DAY_US
                if time.day is None and end < onset:
                    end += DAY_US
        if end < onset:
            raise UserError(
                "{name}, line {line}: it ends before it begins; correct it.",
                name=name,
                line=number,
            )
        instance = row.get("instance", ".")
        text = (
            row["class"] if instance in (".", "", row["class"]) else f"{row['class']} {instance}"
        )
        is_stage = stage_name(row["class"]) is not None or has_prefix(row["class"])
        if is_stage:
            text = row["class"]
        if row["class"].lower() in STAGES and instance not in (".", ""):
            is_stage, text = True, instance
        channel = row.get("channel", "")
        yield onset, end, text, "" if channel == "." else channel, is_stage


def _time(text: str, name: str, line: int) -> Time:
    """Return the Time that a cell says."""
    clock = CLOCK.fullmatch(text)
    if clock:
        hour = int(clock[2])
        if clock[5]:
            hour = hour % 12 + (12 if clock[5].lower() == "pm" else 0)
        at = (hour * 3600 + int(clock[3]) * 60) * 1_000_000 + to_us(clock[4])
        return Time(at, at, True, _day(clock[1], name, line))
    elapsed = ELAPSED.fullmatch(text)
    if elapsed:
        minutes = int(elapsed[1]) * 60 + int(elapsed[2])
        at = minutes * 60_000_000 + to_us(elapsed[3] or "0")
        return Time(at, at)
    epoch = EPOCH.fullmatch(text)
    if epoch:  # e:5, e:30:5 (seconds an epoch), e:30:15:5 (and between their begins)
        length_us = to_us(epoch[1] or "30")
        step_us = to_us(epoch[2]) if epoch[2] else length_us
        at = (int(epoch[3]) - 1) * step_us
        return Time(at, at + length_us)
    at = _us(text, name, line)
    return Time(at, at)


def _day(text: str | None, name: str, line: int) -> int | None:
    """Return a date's number; None without one. Raises UserError where there is no such date."""
    if text is None:
        return None
    for form in DATES:
        try:
            return datetime.strptime(text.replace("/", "-"), form).toordinal()
        except ValueError:
            continue
    raise UserError(
        "{name}, line {line}: {text!r} is no date; write day-month-year.",
        name=name,
        line=line,
        text=text,
    )


def _us(text: str, name: str, line: int) -> int:
    try:
        return to_us(text)
    except ValueError:
        raise UserError(
            "{name}, line {line}: {text!r} is no time; write seconds or hh:mm:ss.",
            name=name,
            line=line,
            text=text,
        ) from None
