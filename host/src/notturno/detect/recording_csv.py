"""A raw recording as CSV: a header that names time and axes with their unit, and numbers.

Touches numpy and the file. Speaks mg, Hz, UTC seconds.
"""

import re
from pathlib import Path

import numpy as np

from notturno.errors import UserError

WARM_UP_S = 3.0  # the detector's filters and floors settle in two; an event needs one more
CSV_HELP = "write the header as time_s,x_mg,y_mg,z_mg (or x_g, or x_ms2 for m/s2)"
CSV_MG_PER_LSB = 0.122  # a chip of +-4 g; a CSV with larger values gets a coarser count
IMPLAUSIBLE_MG = 50_000.0  # no sensor of this kind reaches it
_UNIT_MG = {"mg": 1.0, "g": 1000.0, "ms2": 1000 / 9.80665, "m/s2": 1000 / 9.80665}
_TIME_UNIT_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_AXIS = re.compile(r"(?:a|acc|accel|acceleration)?[ _]*([xyz])(?:[ _\[(]+([a-z/0-9]+)[\])]?)?")
_TIME = re.compile(r"(t|time|utc)(?:[ _\[(]+([a-z]+)[\])]?)?")


def read_csv(path: Path) -> tuple:
    """Return (acc int16 (n, 3), mg_per_lsb, odr_hz, start_utc_s or None). Raises UserError."""
    header, delimiter, lines = _csv_text(path)
    time_column, time_unit_s, is_utc = _time_column(header, path)
    axes = [_axis_column(header, axis, path) for axis in "xyz"]
    columns = [time_column, *(column for column, _ in axes)]
    table = _csv_numbers(lines, delimiter, columns, path)
    seconds = table[:, 0] * time_unit_s
    odr_hz = _rate(seconds, path)
    acc_mg = table[:, 1:] * [unit_mg for _, unit_mg in axes]
    if np.median(np.linalg.norm(acc_mg, axis=1)) > IMPLAUSIBLE_MG:
        raise UserError(
            "{name}: most samples are above {implausible_g:g} g, which no "
            "limb stands; check the unit in the header.",
            name=path.name,
            implausible_g=IMPLAUSIBLE_MG / 1000,
        )
    # full scale stays free, for it means that a chip clipped
    mg_per_lsb = max(CSV_MG_PER_LSB, np.ceil(np.abs(acc_mg).max() / 32000 * 1000) / 1000)
    acc = np.round(acc_mg / mg_per_lsb).astype(np.int16)
    return acc, float(mg_per_lsb), odr_hz, float(seconds[0]) if is_utc else None


def _csv_text(path: Path) -> tuple[list[str], str, list[str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "{name} is neither npz nor text; give an npz or CSV file.", name=path.name
        ) from None
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise UserError(
            "{name} is empty; {csv_help_said}.", name=path.name, csv_help_said=CSV_HELP
        )
    delimiter = next((mark for mark in ",;\t" if mark in lines[0]), ",")
    return (
        [name.strip().strip('"').lower() for name in lines[0].split(delimiter)],
        delimiter,
        lines,
    )


def _time_column(header: list[str], path: Path) -> tuple[int, float, bool]:
    for column, name in enumerate(header):
        found = _TIME.fullmatch(name)
        if found:
            if found[2] not in _TIME_UNIT_S and found[2] != "utc":
                raise UserError(
                    "{name}: the column {column} names no unit; {csv_help_said}.",
                    name=path.name,
                    column=name,
                    csv_help_said=CSV_HELP,
                )
            return column, _TIME_UNIT_S.get(found[2], 1.0), "utc" in name
    raise UserError(
        "{name}: the header names no time; {csv_help_said}.",
        name=path.name,
        csv_help_said=CSV_HELP,
    )


def _axis_column(header: list[str], axis: str, path: Path) -> tuple[int, float]:
    for column, name in enumerate(header):
        found = _AXIS.fullmatch(name)
        if found and found[1] == axis:
            if found[2] is None:
                raise UserError(
                    "{name}: the column {column} names no unit; {csv_help_said}.",
                    name=path.name,
                    column=name,
                    csv_help_said=CSV_HELP,
                )
            if found[2] not in _UNIT_MG:
                raise UserError(
                    "{name}: the unit {found} is not known; {csv_help_said}.",
                    name=path.name,
                    found=found[2],
                    csv_help_said=CSV_HELP,
                )
            return column, _UNIT_MG[found[2]]
    raise UserError(
        "{name}: the header names no {axis} axis; {csv_help_said}.",
        name=path.name,
        axis=axis,
        csv_help_said=CSV_HELP,
    )


def _csv_numbers(lines: list[str], delimiter: str, columns: list[int], path: Path) -> np.ndarray:
    """Return (n, 4) finite numbers; the error names the first line that has none."""
    if len(lines) < 3:
        raise UserError(
            "{name} holds fewer than two samples; give {warm_up_s:g} s or more.",
            name=path.name,
            warm_up_s=WARM_UP_S,
        )
    try:
        table = np.loadtxt(lines[1:], delimiter=delimiter, usecols=columns, ndmin=2)
    except ValueError:
        raise _first_bad_line(lines, delimiter, columns, path) from None
    if len(table) != len(lines) - 1 or not np.isfinite(table).all():
        raise _first_bad_line(lines, delimiter, columns, path)
    return table


def _first_bad_line(lines: list[str], delimiter: str, columns: list[int], path: Path) -> UserError:
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split(delimiter)
        for column in columns:
            try:
                good = np.isfinite(float(cells[column]))
            except (ValueError, IndexError):
                good = False
            if not good:
                what = cells[column].strip() if column < len(cells) else ""
                return UserError(
                    "{name}, line {number}: {what} stands where a number should be; fill the gap, "
                    "or cut the recording there."
                    if what
                    else "{name}, line {number}: nothing stands where a number should be; fill "
                    "the gap, or cut the recording there.",
                    name=path.name,
                    number=number,
                    what=what,
                )
    return UserError(
        "{name} cannot be read as a table; {csv_help_said}.",
        name=path.name,
        csv_help_said=CSV_HELP,
    )


def _rate(seconds: np.ndarray, path: Path) -> float:
    """Return samples per second of evenly spaced times; half a step of jitter is forgiven."""
    span_s = seconds[-1] - seconds[0]
    if not span_s > 0:
        raise UserError("{name}: time does not go forward; sort the rows by time.", name=path.name)
    step_s = span_s / (len(seconds) - 1)
    steps_s = np.diff(seconds)
    # against the median too: one long gap would shift the mean and hide itself
    usual_s = np.median(steps_s)
    bad = np.flatnonzero((steps_s < 0.25 * usual_s) | (steps_s > 1.75 * usual_s))
    if len(bad) or abs(step_s - usual_s) > 0.5 * usual_s:
        row = int(bad[0]) if len(bad) else 0
        raise UserError(
            "{name}, line {row}: {steps_s:.4g} s after the line before, where "
            "{usual_s:.4g} s are usual; give evenly spaced samples, or cut the "
            "recording at gaps.",
            name=path.name,
            row=row + 3,
            steps_s=steps_s[row],
            usual_s=usual_s,
        )
    return float(1 / step_s)
