"""A raw recording as CSV: a header that names time and axes with their unit, and numbers.

Touches numpy and the file. Speaks mg, Hz, UTC seconds. Time is numbers or date-times; a comma may
be the decimal mark where columns are parted by something else. Lines without numbers are samples
that were lost. ActiLife's raw export (a preamble, no unit, often no time) is known too.
"""

import re
from pathlib import Path

import numpy as np

from notturno.detect.recording_actilife import read_actilife
from notturno.detect.recording_header import CSV_HELP, columns_of, no_time_unit
from notturno.detect.recording_layouts import Layout, layout_of
from notturno.detect.recording_stamps import date_times
from notturno.detect.recording_table import numbers_of, recording_fields
from notturno.errors import UserError
from notturno.texts import decoded

WARM_UP_S = 3.0  # the detector's filters and floors settle in two; an event needs one more
_ABOVE = re.compile(r'(?:#.*|"?sep=.?"?)?$')  # what may stand above a header


def read_csv(path: Path) -> tuple:
    """Return the fields of a Recording that a CSV file holds. Raises UserError.

    Keys: acc, mg_per_lsb, odr_hz, start_utc_s, breaks, notes, and start_local_s.
    """
    before, delimiter, lines = _csv_text(path)
    if lines[0].startswith("---") and "Data File Created" in lines[0]:
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
