"""Raw recordings: what a motion sensor gave, as files and in memory.

Touches numpy and files. Speaks raw counts (int16), mg per count, Hz, UTC seconds. Two formats:
npz with `acc` int16 (n, 3), `mg_per_lsb`, `odr_hz` and, if known, `start_utc_s`; and CSV whose
header names time and axes with their unit. Everything else is refused in one sentence.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from notturno_core import segments

from notturno.detect import at_rest
from notturno.detect.recording_csv import WARM_UP_S, read_csv
from notturno.errors import UserError

MIN_HZ, MAX_HZ = segments.MIN_ODR_MHZ / 1000, segments.MAX_ODR_MHZ / 1000


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


def load(path: Path | str) -> Recording:
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
            "{path} cannot be read ({why_said}); give an npz or CSV file.",
            path=path,
            why_said=error.strerror,
        ) from None
    return check(_from_npz(path) if packed else Recording(*read_csv(path)), path.name)


def save(path: Path | str, recording: Recording) -> None:
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
        raise UserError(
            "{path} cannot be written ({why_said}); give another.",
            path=path,
            why_said=error.strerror,
        ) from None


def check(recording: Recording, name: str = "The recording") -> Recording:
    """Return the recording; raises UserError for what no detector could take (see `load`)."""
    acc = recording.acc
    if acc.dtype != np.int16:
        raise UserError(
            "{name}: acc is {dtype}; store raw counts as int16 and their scale in mg_per_lsb.",
            name=name,
            dtype=acc.dtype,
        )
    if acc.ndim != 2 or acc.shape[1] != 3:
        raise UserError(
            "{name}: acc has the shape {shape}; store it as (samples, 3), columns x, y, z.",
            name=name,
            shape=acc.shape,
        )
    if not MIN_HZ <= recording.odr_hz <= MAX_HZ:
        raise UserError(
            "{name}: the rate is {odr_hz:g} Hz; the detector takes 25 to 208 "
            "Hz, so resample the recording.",
            name=name,
            odr_hz=recording.odr_hz,
        )
    if not 0.001 <= recording.mg_per_lsb <= 65.535:
        raise UserError(
            "{name}: mg_per_lsb is {mg_per_lsb:g}; give the mg of one count, 0.001 to 65.535.",
            name=name,
            mg_per_lsb=recording.mg_per_lsb,
        )
    if len(acc) < WARM_UP_S * recording.odr_hz:
        raise UserError(
            "{name}: {length_s:.2f} s are shorter than the detector's warm-up; "
            "give {warm_up_s:g} s or more.",
            name=name,
            length_s=recording.length_s,
            warm_up_s=WARM_UP_S,
        )
    at_rest.check_gravity(acc, recording.mg_per_lsb, recording.odr_hz, name)
    return recording


def _from_npz(path: Path) -> Recording:
    try:
        with np.load(path, allow_pickle=False) as stored:
            fields = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            "{name} is no npz that can be read ({why_said}); write it with numpy.savez.",
            name=path.name,
            why_said=error,
        ) from None
    for key in ("acc", "mg_per_lsb", "odr_hz"):
        if key not in fields:
            raise UserError(
                "{name} has no {key}; store acc (int16, samples x 3), mg_per_lsb and odr_hz.",
                name=path.name,
                key=key,
            )
    start = fields.get("start_utc_s")
    return Recording(
        fields["acc"],
        _number(fields["mg_per_lsb"], "mg_per_lsb", path),
        _number(fields["odr_hz"], "odr_hz", path),
        None if start is None else _number(start, "start_utc_s", path),
    )


def _number(value: np.ndarray, key: str, path: Path) -> float:
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise UserError(
            "{name}: {key} is not one finite number; store it as one.", name=path.name, key=key
        )
    return float(value.reshape(-1)[0])
