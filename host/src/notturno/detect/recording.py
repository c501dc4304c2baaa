"""Raw recordings: what a motion sensor gave, as files and in memory.

Touches numpy and files. Speaks raw counts (int16), mg per count, Hz, UTC seconds. Two formats:
npz with `acc` int16 (n, 3), `mg_per_lsb`, `odr_hz` and, if known, `start_utc_s`; and CSV whose
header names time and axes with their unit. Everything else is refused in one sentence.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from notturno_core import segments

from notturno.detect import at_rest
from notturno.errors import UserError

WARM_UP_S = 3.0  # the detector's filters and floors settle in two; an event needs one more
MIN_HZ, MAX_HZ = segments.MIN_ODR_MHZ / 1000, segments.MAX_ODR_MHZ / 1000
CSV_HELP = "write the header as time_s,x_mg,y_mg,z_mg (or x_g, or x_ms2 for m/s2)"
CSV_MG_PER_LSB = 0.122  # a chip of +-4 g; a CSV with larger values gets a coarser count
IMPLAUSIBLE_MG = 50_000.0  # no sensor of this kind reaches it
_UNIT_MG = {"mg": 1.0, "g": 1000.0, "ms2": 1000 / 9.80665, "m/s2": 1000 / 9.80665}
_TIME_UNIT_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_AXIS = re.compile(r"(?:a|acc|accel|acceleration)?[ _]*([xyz])(?:[ _\[(]+([a-z/0-9]+)[\])]?)?")
_TIME = re.compile(r"(t|time|utc)(?:[ _\[(]+([a-z]+)[\])]?)?")


@dataclass(frozen=True)
class Recording:
    """Raw acceleration: acc int16 (n, 3) counts, mg_per_lsb, odr_hz, start_utc_s or None."""

    acc: np.ndarray
    mg_per_lsb: float
    odr_hz: float
    start_utc_s: float | None = None

    @property
    def length_s(self) -> float:
        """Seconds from the first sample to the end of the last."""
        return len(self.acc) / self.odr_hz


def load(path) -> Recording:
    """Return the recording in an npz or CSV file.

    Raises UserError, one sentence that says what to do, for a file that cannot be read, a missing
    key, a wrong dtype or shape, no or an unknown unit, a value that is no number (with its line),
    irregular time, a rate outside 25-208 Hz (2 % more for a clock's error), a recording
    shorter than the warm-up, and one whose rest does not show gravity.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            packed = file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); give an npz or CSV file."
        ) from None
    return check(_from_npz(path) if packed else _from_csv(path), path.name)


def save(path, recording: Recording) -> None:
    """Write a recording as compressed npz, under exactly this name.

    Raises UserError where nothing can be written.
    """
    fields = dict(
        acc=np.asarray(recording.acc, np.int16),
        mg_per_lsb=float(recording.mg_per_lsb),
        odr_hz=float(recording.odr_hz),
    )
    if recording.start_utc_s is not None:
        fields["start_utc_s"] = float(recording.start_utc_s)
    try:
        with open(path, "wb") as file:
            np.savez_compressed(file, **fields)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); give another.") from None


def check(recording: Recording, name: str = "The recording") -> Recording:
    """Return the recording; raises UserError for what no detector could take (see `load`)."""
    acc = recording.acc
    if acc.dtype != np.int16:
        raise UserError(
            f"{name}: acc is {acc.dtype}; store raw counts as int16 and their scale in mg_per_lsb."
        )
    if acc.ndim != 2 or acc.shape[1] != 3:
        raise UserError(
            f"{name}: acc has the shape {acc.shape}; store it as (samples, 3), columns x, y, z."
        )
    if not MIN_HZ <= recording.odr_hz <= MAX_HZ:
        raise UserError(
            f"{name}: the rate is {recording.odr_hz:g} Hz; the detector takes 25 to 208 Hz, "
            "so resample the recording."
        )
    if not 0.001 <= recording.mg_per_lsb <= 65.535:
        raise UserError(
            f"{name}: mg_per_lsb is {recording.mg_per_lsb:g}; give the mg of one count, "
            "0.001 to 65.535."
        )
    if len(acc) < WARM_UP_S * recording.odr_hz:
        raise UserError(
            f"{name}: {recording.length_s:.2f} s are shorter than the detector's warm-up; "
            f"give {WARM_UP_S:g} s or more."
        )
    at_rest.check_gravity(acc, recording.mg_per_lsb, recording.odr_hz, name)
    return recording


def _from_npz(path):
    try:
        with np.load(path, allow_pickle=False) as stored:
            fields = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path.name} is no npz that can be read ({error}); write it with numpy.savez."
        ) from None
    for key in ("acc", "mg_per_lsb", "odr_hz"):
        if key not in fields:
            raise UserError(
                f"{path.name} has no {key}; store acc (int16, samples x 3), mg_per_lsb and odr_hz."
            )
    start = fields.get("start_utc_s")
    return Recording(
        fields["acc"],
        _number(fields["mg_per_lsb"], "mg_per_lsb", path),
        _number(fields["odr_hz"], "odr_hz", path),
        None if start is None else _number(start, "start_utc_s", path),
    )


def _number(value, key, path):
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise UserError(f"{path.name}: {key} is not one finite number; store it as one.")
    return float(value.reshape(-1)[0])


def _from_csv(path):
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
            f"{path.name}: most samples are above {IMPLAUSIBLE_MG / 1000:g} g, which no limb "
            "stands; check the unit in the header."
        )
    # full scale stays free, for it means that a chip clipped
    mg_per_lsb = max(CSV_MG_PER_LSB, np.ceil(np.abs(acc_mg).max() / 32000 * 1000) / 1000)
    acc = np.round(acc_mg / mg_per_lsb).astype(np.int16)
    return Recording(acc, float(mg_per_lsb), odr_hz, float(seconds[0]) if is_utc else None)


def _csv_text(path):
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path.name} is neither npz nor text; give an npz or CSV file.") from None
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise UserError(f"{path.name} is empty; {CSV_HELP}.")
    delimiter = next((mark for mark in ",;\t" if mark in lines[0]), ",")
    return (
        [name.strip().strip('"').lower() for name in lines[0].split(delimiter)],
        delimiter,
        lines,
    )


def _time_column(header, path):
    for column, name in enumerate(header):
        found = _TIME.fullmatch(name)
        if found:
            if found[2] not in _TIME_UNIT_S and found[2] != "utc":
                raise UserError(f"{path.name}: the column {name} names no unit; {CSV_HELP}.")
            return column, _TIME_UNIT_S.get(found[2], 1.0), "utc" in name
    raise UserError(f"{path.name}: the header names no time; {CSV_HELP}.")


def _axis_column(header, axis, path):
    for column, name in enumerate(header):
        found = _AXIS.fullmatch(name)
        if found and found[1] == axis:
            if found[2] is None:
                raise UserError(f"{path.name}: the column {name} names no unit; {CSV_HELP}.")
            if found[2] not in _UNIT_MG:
                raise UserError(f"{path.name}: the unit {found[2]} is not known; {CSV_HELP}.")
            return column, _UNIT_MG[found[2]]
    raise UserError(f"{path.name}: the header names no {axis} axis; {CSV_HELP}.")


def _csv_numbers(lines, delimiter, columns, path):
    """Return (n, 4) finite numbers; the error names the first line that has none."""
    if len(lines) < 3:
        raise UserError(f"{path.name} holds fewer than two samples; give {WARM_UP_S:g} s or more.")
    try:
        table = np.loadtxt(lines[1:], delimiter=delimiter, usecols=columns, ndmin=2)
    except ValueError:
        raise UserError(_first_bad_line(lines, delimiter, columns, path)) from None
    if len(table) != len(lines) - 1 or not np.isfinite(table).all():
        raise UserError(_first_bad_line(lines, delimiter, columns, path))
    return table


def _first_bad_line(lines, delimiter, columns, path):
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split(delimiter)
        for column in columns:
            try:
                good = np.isfinite(float(cells[column]))
            except (ValueError, IndexError):
                good = False
            if not good:
                what = cells[column].strip() if column < len(cells) else ""
                return (
                    f"{path.name}, line {number}: {what or 'nothing'} stands where a number "
                    "should be; fill the gap, or cut the recording there."
                )
    return f"{path.name} cannot be read as a table; {CSV_HELP}."


def _rate(seconds, path):
    """Return samples per second of evenly spaced times; half a step of jitter is forgiven."""
    span_s = seconds[-1] - seconds[0]
    if not span_s > 0:
        raise UserError(f"{path.name}: time does not go forward; sort the rows by time.")
    step_s = span_s / (len(seconds) - 1)
    steps_s = np.diff(seconds)
    # against the median too: one long gap would shift the mean and hide itself
    usual_s = np.median(steps_s)
    bad = np.flatnonzero((steps_s < 0.25 * usual_s) | (steps_s > 1.75 * usual_s))
    if len(bad) or abs(step_s - usual_s) > 0.5 * usual_s:
        row = int(bad[0]) if len(bad) else 0
        raise UserError(
            f"{path.name}, line {row + 3}: {steps_s[row]:.4g} s after the line before, where "
            f"{usual_s:.4g} s are usual; give evenly spaced samples, or cut the recording at gaps."
        )
    return float(1 / step_s)
