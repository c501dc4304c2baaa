"""Tables of loggers and phones that are known by their shape: what their columns are, and units.

Pure. Each is told by words or by an order of columns that only its maker writes; a table that
merely names no unit stays refused. The check of gravity at rest stands behind all of them. From
the makers' descriptions and public examples.
"""

import re
from typing import NamedTuple

from notturno.detect.recording_time import Note
from notturno.errors import Phrase
from notturno.times import DAY_S

NUMBER = re.compile(r"\s*-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?\s*")
DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
UNIX_S = (1e9, 4e9)
# Days since 1900 (spreadsheets) and since the year 0 (MATLAB), and what 1970 is in them.
DAYS = (((3e4, 7e4), 25569), ((7e5, 8e5), 719529))
E4_COUNTS_A_G = 64
_SHIMMER = re.compile(r"shimmer\w*_accel_(?:ln|wr)_([xyz])_cal", re.IGNORECASE)


class Layout(NamedTuple):
    """header: its columns as our own header would name them; body: place of the first line of
    numbers; before_1970_s: what its times are ahead of 1970; is_dated: whether they are a date's,
    by the clock on the wall; rate_hz, start_s: where it has no column of time; notes: what is
    taken for granted."""

    header: list[str]
    body: int
    before_1970_s: float = 0.0
    is_dated: bool = False
    rate_hz: float | None = None
    start_s: float | None = None
    notes: tuple[Note, ...] = ()


def layout_of(lines: list[str], delimiter: str) -> Layout | None:
    """Return the Layout of a table that is known by its shape; None for another."""
    first = _cells(lines[0], delimiter)
    for known in (_empatica, _geneactiv, _shimmer, _named, _axivity):
        found = known(lines, first, delimiter)
        if found is not None:
            return found
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.split(delimiter)]


def _empatica(lines: list[str], first: list[str], delimiter: str) -> Layout | None:
    """E4's ACC.csv: the start three times, the rate three times, counts of 1/64 g."""
    if len(first) != 3 or len(set(first)) != 1 or not NUMBER.fullmatch(first[0]):
        return None
    rates = _cells(lines[1], delimiter) if len(lines) > 1 else []
    start_s = float(first[0])
    if not UNIX_S[0] < start_s < UNIX_S[1] or len(rates) != 3 or len(set(rates)) != 1:
        return None
    if not NUMBER.fullmatch(rates[0]) or float(rates[0]) <= 0:
        return None
    unit = f"1/{E4_COUNTS_A_G} g"
    header = [f"{axis} [{unit}]" for axis in "xyz"]
    return Layout(header, 2, rate_hz=float(rates[0]), start_s=start_s)


def _geneactiv(lines: list[str], first: list[str], delimiter: str) -> Layout | None:
    """GENEActiv's CSV: a hundred lines about the device, then time, x, y, z in g and others."""
    if "geneactiv" not in lines[0].lower():
        return None
    for at, line in enumerate(lines[:200]):
        cells = _cells(line, delimiter)
        if len(cells) >= 4 and DATE.match(cells[0]) and all(map(NUMBER.fullmatch, cells[1:4])):
            rest = [f"other {k}" for k in range(len(cells) - 4)]
            return Layout(["time", "x_g", "y_g", "z_g", *rest], at)
    return None


def _shimmer(lines: list[str], first: list[str], delimiter: str) -> Layout | None:
    """Shimmer's: names in one line, units in the next."""
    if len(lines) < 2 or not any(_SHIMMER.fullmatch(cell) for cell in first):
        return None
    units = _cells(lines[1], delimiter)
    header = []
    for name, unit in zip(first, units, strict=False):
        axis, plain = _SHIMMER.fullmatch(name), unit.replace("(", "").replace(")", "")
        if axis:
            header.append(f"{axis[1].lower()} [{plain}]")
        elif "timestamp" in name.lower():
            header.append(f"{'unix' if 'unix' in name.lower() else 'time'} [{plain}]")
        else:
            header.append(f"other {name}")
    return Layout(header, 2)


def _named(lines: list[str], first: list[str], _delimiter: str) -> Layout | None:
    """Programs whose header names no unit, which their makers do: known by all their columns."""
    names = [cell.lower() for cell in first]
    for wanted, units in PROGRAMS:
        if wanted <= set(names):
            return Layout([units.get(name, f"other {name}") for name in names], 1)
    return None


def _axes(*names: str, unit: str) -> dict[str, str]:
    return {name: f"{axis} [{unit}]" for name, axis in zip(names, "xyz", strict=True)}


# Columns that tell the program, and what each is.
PROGRAMS: tuple[tuple[set[str], dict[str, str]], ...] = (
    # Sensor Logger, Total Acceleration
    (
        {"time", "seconds_elapsed", "x", "y", "z"},
        {"time": "unix [ns]", **_axes("x", "y", "z", unit="m/s2")},
    ),
    # Physics Toolbox: g-force meter, and accelerometer
    ({"time", "gfx", "gfy", "gfz"}, {"time": "time [s]", **_axes("gfx", "gfy", "gfz", unit="g")}),
    (
        {"time", "ax", "ay", "az", "at"},
        {"time": "time [s]", **_axes("ax", "ay", "az", unit="m/s2")},
    ),
    # Axivity with a header
    (
        {"time", "accel-x", "accel-y", "accel-z"},
        {"time": "time", **_axes("accel-x", "accel-y", "accel-z", unit="g")},
    ),
    # SensorLog
    (
        {"accelerometertimestamp_sincereboot(s)", "accelerometeraccelerationx(g)"},
        {
            "accelerometertimestamp_sincereboot(s)": "time [s]",
            **_axes(*(f"accelerometeracceleration{axis}(g)" for axis in "xyz"), unit="g"),
        },
    ),
)


def _axivity(lines: list[str], first: list[str], delimiter: str) -> Layout | None:
    """Axivity's export: no header; time in one of five ways, then x, y, z in g."""
    if len(first) < 4 or len(lines) < 3 or not all(map(NUMBER.fullmatch, first[1:4])):
        return None
    axes = ["x_g", "y_g", "z_g", *(f"other {k}" for k in range(len(first) - 4))]
    reason = Phrase("It has no header; its columns are taken as time, x, y and z in g.")
    notes = (Note("no_header", 1, reason),)
    if DATE.match(first[0]):
        return Layout(["time", *axes], 0, notes=notes)
    if not NUMBER.fullmatch(first[0]):
        return None
    time, last = float(first[0]), _cells(lines[-1], delimiter)[0]
    if UNIX_S[0] < time < UNIX_S[1]:
        # of the logger's clock, which is one on a wall
        return Layout(["time_s", *axes], 0, is_dated=True, notes=notes)
    spread = float(last) - time if NUMBER.fullmatch(last) else 0.0
    for (low, high), of_1970 in DAYS:
        if low < time < high and 0 < spread < len(lines) / DAY_S:  # a second a line or less
            return Layout(["time [days]", *axes], 0, float(of_1970 * DAY_S), True, notes=notes)
    return Layout(["time_s", *axes], 0, notes=notes) if 0 <= time < UNIX_S[0] else None
