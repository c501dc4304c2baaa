"""A raw recording as CSV: a header that names time and axes with their unit, and numbers.

Touches numpy and the file. Speaks mg, Hz, UTC seconds. Time is numbers or date-times; a comma may
be the decimal mark where columns are parted by something else. Lines without numbers are samples
that were lost. ActiLife's raw export (a preamble, no unit, often no time) is known too.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

from notturno.detect import finer, recording_step
from notturno.detect.recording_header import CSV_HELP, SAID, columns_of, no_time_unit
from notturno.detect.recording_layouts import Layout, layout_of
from notturno.detect.recording_stamps import date_times
from notturno.detect.recording_time import Note, clock_of
from notturno.errors import Phrase, UserError
from notturno.texts import decoded

WARM_UP_S = 3.0  # the detector's filters and floors settle in two; an event needs one more
CSV_MG_PER_LSB = 0.122  # a chip of +-4 g; a CSV with larger values gets a coarser count
IMPLAUSIBLE_MG = 50_000.0  # no sensor of this kind reaches it
_ABOVE = re.compile(r'(?:#.*|"?sep=.?"?)?$')  # what may stand above a header
LOST_SHARE = 0.05  # of the lines may hold no numbers; beyond it is no recording; ours


def read_csv(path: Path) -> tuple:
    """Return the fields of a Recording that a CSV file holds. Raises UserError.

    Keys: acc, mg_per_lsb, odr_hz, start_utc_s, breaks, notes, and start_local_s.
    """
    before, delimiter, lines = _csv_text(path)
    if lines[0].startswith("---") and "Data File Created" in lines[0]:
        from notturno.detect.recording_actilife import read_actilife

        return read_actilife(path.name, lines)
    known = layout_of(lines, delimiter)
    layout = known or Layout(lines[0].split(delimiter), 1)
    if len(lines) < 3:
        raise UserError(
            "{name} holds fewer than two samples; give {warm_up_s:g} s or more.",
            name=path.name,
            warm_up_s=WARM_UP_S,
        )
    header, body, first_line = layout.header, lines[layout.body :], before + layout.body + 1
    if layout.rate_hz is not None:
        return _without_times(path.name, layout, body, delimiter, first_line)
    columns = columns_of(header, path.name)
    if delimiter != "," and "," in body[0]:
        body = [line.replace(",", ".") for line in body]
    is_date = _is_date(body, delimiter, columns.time)
    if not is_date and columns.time_unit_s is None:
        raise no_time_unit(header, columns.time, path.name)
    wanted = list(columns.axes) if is_date else [columns.time, *columns.axes]
    table = numbers_of(body, delimiter, wanted, path.name, first_line)
    zone_known, notes = columns.is_utc, layout.notes
    if is_date:
        cells = [_cell(line, delimiter, columns.time) for line in body]
        seconds, zone_known, is_date, more = date_times(cells, path.name, columns.is_utc)
        axes, notes = table, (*notes, *more)
    else:
        seconds, axes = table[:, 0] * columns.time_unit_s - layout.before_1970_s, table[:, 1:]
        is_date = layout.is_dated
    return recording_fields(path.name, seconds, axes * columns.axes_mg, zone_known, is_date, notes)


def _without_times(
    name: str, layout: Layout, body: list[str], delimiter: str, first_line: int
) -> tuple:
    """Return the fields of a table that says rate and start (UTC) above its rows."""
    axes_mg = columns_of(["time", *layout.header], name).axes_mg
    table = numbers_of(body, delimiter, [0, 1, 2], name, first_line)
    seconds = (layout.start_s or 0.0) + np.arange(len(table)) / (layout.rate_hz or 1.0)
    return recording_fields(name, seconds, table * axes_mg, True, True)


def recording_fields(
    name: str,
    seconds: np.ndarray,
    acc_mg: np.ndarray,
    is_utc: bool,
    is_date: bool,
    told: tuple[Note, ...] = (),
) -> tuple:
    """Return the fields of a Recording of a table: seconds (n,), acc_mg (n, 3); lost rows are nan.

    is_utc: whether seconds are UTC; is_date: whether they are a date's at all;
    told: what is known of it already. Raises UserError.
    """
    seconds, acc_mg = np.asarray(seconds, np.float64), np.asarray(acc_mg, np.float64)
    good = np.isfinite(acc_mg).all(axis=1) & np.isfinite(seconds)
    notes = list(told)
    if not good.all():
        lost = int(len(good) - good.sum())
        at = int(np.flatnonzero(~good)[0])
        reason = Phrase("{n} rows hold no numbers, the first is row {at}.", n=lost, at=at + 1)
        notes.append(Note("rows_lost", lost, reason))
        seconds, acc_mg = seconds[good], acc_mg[good]
    try:
        clock = clock_of(np.arange(len(seconds)), seconds)
    except ValueError:
        raise UserError(
            "{name}: time does not go forward; sort the rows by time.", name=name
        ) from None
    acc, mg_per_lsb = counts_of(acc_mg, name)
    start_utc_s = clock.start_s if is_utc else None
    start_local_s = clock.start_s if is_date and not is_utc else None
    notes += clock.notes
    return (acc, mg_per_lsb, clock.odr_hz, start_utc_s, clock.breaks, tuple(notes), start_local_s)


def counts_of(acc_mg: np.ndarray, name: str) -> tuple[np.ndarray, float]:
    """Return (counts int16 (n, 3), mg per count) of acceleration in mg; raises UserError."""
    if np.median(np.abs(acc_mg).max(axis=1)) > IMPLAUSIBLE_MG:
        raise UserError(
            "{name}: most samples are above {implausible_g:g} g, which no "
            "limb stands; check the unit in the header.",
            name=name,
            implausible_g=IMPLAUSIBLE_MG / 1000,
        )
    # full scale stays free, for it means that a chip clipped
    most_mg = min(float(np.abs(acc_mg).max()), IMPLAUSIBLE_MG)
    mg_per_lsb = max(CSV_MG_PER_LSB, float(np.ceil(most_mg / finer.MOST * 1000) / 1000))
    mg_per_lsb = recording_step.step_mg(acc_mg) or mg_per_lsb
    counts = np.clip(np.round(acc_mg / mg_per_lsb), -32768, 32767)
    return counts.astype(np.int16), mg_per_lsb


def _csv_text(path: Path) -> tuple[int, str, list[str]]:
    """Return (how many lines stand above the header, delimiter, lines from the header on)."""
    try:
        text = decoded(path.read_bytes())
    except OSError:
        text = None
    if text is None:
        raise UserError("{name} is neither npz nor text; give an npz or CSV file.", name=path.name)
    lines = text.split("\n")  # and not splitlines: other marks stand in no table
    if text.count("\r"):
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or all(_ABOVE.match(line.strip()) for line in lines):
        raise UserError(
            "{name} is empty; {csv_help_said}.", name=path.name, csv_help_said=CSV_HELP
        )
    before = next(at for at, line in enumerate(lines) if not _ABOVE.match(line.strip()))
    lines = lines[before:]
    delimiter = next((mark for mark in ";\t," if mark in lines[0]), ",")
    return before, delimiter, lines


def _cell(line: str, delimiter: str, column: int) -> str:
    cells = line.split(delimiter, column + 1)
    return cells[column].strip().strip('"') if column < len(cells) else ""


def _is_date(lines: list[str], delimiter: str, column: int) -> bool:
    """Say whether the first time that stands there is a date and no number."""
    for line in lines[:20]:
        cell = _cell(line, delimiter, column)
        if not cell:
            continue
        try:
            float(cell)
        except ValueError:
            if sum(mark.isdigit() for mark in cell) >= 8:
                return True
        else:
            return False
    return False


def numbers_of(
    lines: list[str], delimiter: str, columns: Any, name: str, first_line: int
) -> np.ndarray:
    """Return (n, columns) numbers, nan where a line has none; raises UserError for too many."""
    try:
        table = np.loadtxt(lines, delimiter=delimiter, usecols=columns, ndmin=2, comments=None)
        if len(table) == len(lines) and np.isfinite(table).all():
            return table
    except ValueError:
        pass
    table = np.full((len(lines), len(columns)), np.nan)
    first = (0, "")
    for row, line in enumerate(lines):
        cells = line.split(delimiter)
        for place, column in enumerate(columns):
            what = cells[column].strip().strip('"') if column < len(cells) else ""
            try:
                table[row, place] = float(what)
            except ValueError:
                pass
            if not first[0] and not np.isfinite(table[row, place]):
                first = (row + first_line, what)
    table[~np.isfinite(table)] = np.nan
    lost = np.isnan(table).any(axis=1).sum()
    if lost > LOST_SHARE * len(lines):
        raise UserError(
            "{name}, line {number}: {what} stands where a number should be, and so in {share:.0%} "
            "of the lines; write numbers there."
            if first[1]
            else "{name}, line {number}: nothing stands where a number should be, and so in "
            "{share:.0%} of the lines; write numbers there.",
            name=name,
            number=first[0],
            what=first[1][:SAID],
            share=lost / len(lines),
        )
    return table
