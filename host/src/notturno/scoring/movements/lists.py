"""Plain lists as text: movements, stages, and events with an onset and a duration.

I read CSV text that somebody else opened (comma, semicolon or tab; the first line names the
columns; more columns are welcome) and raise a UserError that names the line where something is
wrong. Times are decimal seconds from any common zero. Touches no file.
"""

import csv
import io

from notturno.errors import UserError
from notturno.nights.spans import to_us
from notturno.scoring.movements.legs import row_of
from notturno.scoring.staging import stage_name

MORPHOLOGY = {"1": True, "0": False, "": None}


def read_movements(text, name="the list of movements"):
    """Return Rows of `onset_s,duration_s,side` (L, R or empty) and optional `morphology` (0, 1).

    `name` is how the list is called in an error.
    """
    rows = []
    for line, cells in _lines(text, name, ("onset_s", "duration_s", "side")):
        try:
            morphology = cells.get("morphology", "")
            if morphology not in MORPHOLOGY:
                raise ValueError(f"morphology is {morphology!r}, not 0, 1 or empty")
            onset_us, duration_us = _us(cells, "onset_s"), _us(cells, "duration_s")
            row = row_of(onset_us, duration_us, cells["side"].upper(), MORPHOLOGY[morphology])
        except ValueError as error:
            raise UserError(f"{name}, line {line}: {error}; correct it.") from None
        rows.append(row)
    return rows


def read_spans(text, name="the list of events"):
    """Return [(onset_us, end_us)] of `onset_s,duration_s`: breathing, arousals, gaps."""
    spans = []
    for line, cells in _lines(text, name, ("onset_s", "duration_s")):
        try:
            onset_us, duration_us = _us(cells, "onset_s"), _us(cells, "duration_s")
            if duration_us < 0:
                raise ValueError("the duration is negative")
        except ValueError as error:
            raise UserError(f"{name}, line {line}: {error}; correct it.") from None
        spans.append((onset_us, onset_us + duration_us))
    return spans


def read_stages(text, name="the list of stages"):
    """Return [(onset_us, stage)] of `onset_s,stage`, onsets rising."""
    stages = []
    for line, cells in _lines(text, name, ("onset_s", "stage")):
        try:
            onset_us = _us(cells, "onset_s")
            stage = stage_name(cells["stage"])
            if stages and onset_us <= stages[-1][0]:
                raise ValueError("this stage does not start after the one before; sort the list")
        except ValueError as error:
            raise UserError(f"{name}, line {line}: {error}; correct it.") from None
        stages.append((onset_us, stage))
    if not stages:
        raise UserError(f"{name} holds no row; give at least one stage or leave the list out.")
    return stages


def _us(cells, column):
    try:
        return to_us(cells[column])
    except ValueError as error:
        raise ValueError(f"{column} is {cells[column]!r}, {error}") from None


def _lines(text, name, columns):
    """Yield (line number, {column: stripped cell}); blank lines are passed over."""
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    if not first.strip():
        raise UserError(f"{name} is empty; its first line must be: {','.join(columns)}.")
    delimiter = next((mark for mark in (",", ";", "\t") if mark in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = [cell.strip().lower() for cell in next(reader)]
    missing = [column for column in columns if column not in header]
    if missing:
        raise UserError(
            f"{name} has no column {missing[0]!r}; its first line must name: {','.join(columns)}."
        )
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise UserError(
                f"{name}, line {reader.line_num}: {len(cells)} cells where the first line names "
                f"{len(header)}; correct it."
            )
        yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
