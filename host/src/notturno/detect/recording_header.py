"""What the header of a table says: which column is time, which are the axes, in which units.

Pure. For CSV and Parquet alike. Units are known in the spellings that loggers and phones write.
"""

import re
from typing import NamedTuple

from notturno.errors import UserError
from notturno.times import DAY_S

CSV_HELP = "write the header as time_s,x_mg,y_mg,z_mg (or x_g, or x_ms2 for m/s2)"
SAID = 40  # letters of a cell that a sentence repeats
_MS2_MG = 1000 / 9.80665
# By spelling without blanks, dots and carets, powers as plain digits.
_UNIT_MG = {
    **dict.fromkeys(("mg", "millig"), 1.0),
    **dict.fromkeys(("g", "gs", "gravity"), 1000.0),
    **dict.fromkeys(("ms2", "m/s2", "ms-2", "m/s/s", "m/sec2", "mps2"), _MS2_MG),
    "1/64g": 1000 / 64,
}
_TIME_UNIT_S = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "unix"), 1.0),
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "µs", "μs", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
    "days": float(DAY_S),
}
_AXIS = re.compile(
    r"(?:a|acc|accel|acceleration|accelerometer|beschleunigung|accelerazione|accélération)?"
    r"[ _-]*([xyz])(?:[ _-]*axis)?"
    r"(?:[ _\[(-]+([^\])]+?)[ \])]*)?"
)
_TIME = re.compile(
    r"(t|time|times|timestamp|time stamp|date ?time|date|utc|header timestamp|zeit|tempo|temps"
    r"|elapsed(?: time)?|seconds[ _]elapsed|epoch?|(?:unix|epoch)(?:[ _]time(?:stamp)?)?)"
    r"(?:[ _\[(-]+([^\])]+?)[ \])]*)?"
)


class Columns(NamedTuple):
    """time: the place of time's column; time_unit_s: its unit, None where the header names none
    and only date-times will do; is_utc; axes: three places; axes_mg: their units, mg."""

    time: int
    time_unit_s: float | None
    is_utc: bool
    axes: tuple
    axes_mg: tuple


def columns_of(header: list[str], name: str) -> Columns:
    """Return the Columns of a header; raises UserError for what it leaves open.

    header: the columns' names; name: the file's, for the sentence.
    """
    names = [each.strip().strip('"').strip().lower() for each in header]
    time, unit_s, is_utc = _time_column(names, name)
    axes = [_axis_column(names, axis, name) for axis in "xyz"]
    return Columns(time, unit_s, is_utc, tuple(c for c, _ in axes), tuple(mg for _, mg in axes))


def _time_column(header: list[str], name: str) -> tuple[int, float | None, bool]:
    for column, each in enumerate(header):
        found = _TIME.fullmatch(each)
        if not found:
            continue
        unit = (found[2] or "").replace("utc", "").strip(" _-()[]")
        if unit and unit not in _TIME_UNIT_S:
            continue
        is_utc = "utc" in each or each.startswith(("unix", "epoc"))
        return column, _TIME_UNIT_S.get(unit), is_utc
    raise UserError(
        "{name}: the header names no time; {csv_help_said}.", name=name, csv_help_said=CSV_HELP
    )


def no_time_unit(header: list[str], column: int, name: str) -> UserError:
    """Return the error of a time of numbers whose unit nobody named."""
    return UserError(
        "{name}: the column {column} names no unit; {csv_help_said}.",
        name=name,
        column=header[column].strip().strip('"').lower()[:SAID],
        csv_help_said=CSV_HELP,
    )


def _axis_column(header: list[str], axis: str, name: str) -> tuple[int, float]:
    for column, each in enumerate(header):
        found = _AXIS.fullmatch(each)
        if not found or found[1] != axis:
            continue
        if found[2] is None:
            raise UserError(
                "{name}: the column {column} names no unit; {csv_help_said}.",
                name=name,
                column=each[:SAID],
                csv_help_said=CSV_HELP,
            )
        unit = re.sub(r"[ .·*^]", "", found[2]).replace("²", "2").replace("⁻", "-")
        if unit not in _UNIT_MG:
            raise UserError(
                "{name}: the unit {found} is not known; {csv_help_said}.",
                name=name,
                found=found[2].strip()[:SAID],
                csv_help_said=CSV_HELP,
            )
        return column, _UNIT_MG[unit]
    raise UserError(
        "{name}: the header names no {axis} axis; {csv_help_said}.",
        name=name,
        axis=axis,
        csv_help_said=CSV_HELP,
    )
