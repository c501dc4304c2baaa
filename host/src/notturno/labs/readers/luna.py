"""Luna's .annot (a table of intervals) and .eannot (one label an epoch).

Times as zzz.bwh.harvard.edu/luna/vignettes/times says: elapsed seconds, clock times (24 h, or 12 h
with am or pm), 0+hh:mm:ss elapsed, e:N for the Nth epoch; a stop may also be +seconds, or "..."
for the start of the next. Clock times count from the first one in the file, since the EDF's start
is not in it; a file that mixes them with elapsed times cannot be placed and is refused.
"""

import re
from collections.abc import Iterator

from notturno.errors import UserError
from notturno.labs.readers.parts import Part, put_events, put_stages
from notturno.nights.spans import to_us
from notturno.scoring.movements.stage_names import has_prefix, stage_name
from notturno.times import DAY_US

FORMAT = "luna"
EPOCH_US = 30_000_000
STAGES = ("sleepstage", "stage", "stages")  # a class whose instance is the stage
COLUMNS = ("class", "instance", "channel", "start", "stop", "meta")
CLOCK = re.compile(
    r"(?:\d+[-/]\w+[-/]\d+[ -])?(\d{1,2})[:.](\d{2})[:.](\d{2}(?:\.\d+)?)\s*([ap]m)?$", re.I
)
ELAPSED = re.compile(r"0\+(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$")


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
    part.clock_us, starts = _starts(rows, name)
    for onset, end, text, channel, is_stage in _placed(rows, name, part.clock_us, starts):
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
        if cells[0].lower() == "class":
            columns = tuple(cell.lower() for cell in cells)
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


def _starts(rows: list[tuple[int, dict[str, str]]], name: str) -> tuple[int | None, list[int]]:
    """Return (time of day of the first row or None where times are elapsed, each row's start)."""
    starts, clocks = [], 0
    for number, row in rows:
        at, clock = _time(row["start"], name, number)
        starts.append(at)
        clocks += clock
    if clocks and clocks != len(rows):
        raise UserError(
            "{name} mixes clock times with elapsed ones; write all of them in one way.", name=name
        )
    return starts[0] if clocks else None, starts


def _placed(
    rows: list[tuple[int, dict[str, str]]], name: str, clock_us: int | None, starts: list[int]
) -> Iterator[tuple[int, int, str, str, bool]]:
    """Yield (onset_us, end_us, text, channel, whether it is a stage, known or not); clock times
    count from the first."""
    clocks, first = clock_us is not None, clock_us or 0
    days, before = 0, None
    for place, (number, row) in enumerate(rows):
        if clocks:
            if before is not None and starts[place] < before - DAY_US // 2:
                days += 1
            before = starts[place]
        onset = starts[place] - first + days * DAY_US
        stop = row["stop"]
        if stop == "...":
            following = starts[place + 1] if place + 1 < len(rows) else starts[place]
            end = onset + (following - starts[place]) % DAY_US
        elif stop[:1] == "+":
            end = onset + _us(stop[1:], name, number)
        else:
            at, clock = _time(stop, name, number)
            end = onset + (at - starts[place]) % DAY_US if clock else at
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


def _time(text: str, name: str, line: int) -> tuple[int, bool]:
    """Return (microseconds, whether they are of the clock)."""
    clock = CLOCK.fullmatch(text)
    if clock:
        hour = int(clock[1])
        if clock[4]:
            hour = hour % 12 + (12 if clock[4].lower() == "pm" else 0)
        return (hour * 3600 + int(clock[2]) * 60) * 1_000_000 + to_us(clock[3]), True
    elapsed = ELAPSED.fullmatch(text)
    if elapsed:
        return (int(elapsed[1]) * 3600 + int(elapsed[2]) * 60) * 1_000_000 + to_us(
            elapsed[3] or "0"
        ), False
    if text[:2] == "e:":
        return (int(_us(text[2:], name, line) // 1_000_000) - 1) * EPOCH_US, False
    return _us(text, name, line), False


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
