"""Raw recordings: what a motion sensor gave, as files and in memory.

Touches numpy and files. Speaks raw counts (int16), mg per count, Hz, UTC seconds. Two formats:
npz with `acc` int16 (n, 3), `mg_per_lsb`, `odr_hz` and, if known, `start_utc_s` and `breaks`
(k, 2): before which sample how many seconds are missing; and CSV whose header names time and axes
with their unit. What other loggers write is read in notturno.loggers. Samples that are missing
are breaks, said or not (`recording_time`, `recording_seams`): no filter looks across one.
"""

import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from notturno_core import segments

from notturno.detect import at_rest, recording_seams, recording_time
from notturno.detect.recording_csv import WARM_UP_S, read_csv
from notturno.detect.recording_time import Break, Note
from notturno.errors import Phrase, UserError, unwritable, why

# What numpy and zipfile raise for an archive that is damaged.
_NPZ_ERRORS = (
    *(OSError, ValueError, EOFError, KeyError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)
MOST_UNPACKED_BYTES = 1 << 31  # of a zip: some kB of zeros may say that they are any number
MIN_HZ, MAX_HZ = segments.MIN_ODR_MHZ / 1000, segments.MAX_ODR_MHZ / 1000


@dataclass(frozen=True)
class Recording:
    """Raw acceleration: acc int16 (n, 3) counts, mg_per_lsb, odr_hz, start_utc_s or None.

    breaks: Breaks in order, each where samples are missing; notes: what is to be known of it;
    start_local_s: the start by a clock on the wall whose zone nobody said, s since 1970, or None.
    """

    acc: np.ndarray
    mg_per_lsb: float
    odr_hz: float
    start_utc_s: float | None = None
    breaks: tuple[Break, ...] = ()
    notes: tuple[Note, ...] = ()
    start_local_s: float | None = None

    @property
    def length_s(self) -> float:
        """Seconds from the first sample to the end of the last, gaps among them."""
        return len(self.acc) / self.odr_hz + sum(each.missing_s for each in self.breaks)

    @cached_property
    def seconds(self) -> at_rest.Seconds:
        """The means of its seconds, and which of them are at rest."""
        return at_rest.seconds_of(self.acc, self.mg_per_lsb, self.odr_hz)

    def gaps_s(self) -> list[tuple[float, float]]:
        """Return the spans (s from the first sample) that are not recorded."""
        out, missing_s = [], 0.0
        for sample, each_s in self.breaks:
            first_s = sample / self.odr_hz + missing_s
            missing_s += each_s
            if each_s > 0:
                out.append((first_s, first_s + each_s))
        return out


def load(path: Path | str) -> Recording:
    """Return the recording in an npz or CSV file.

    Raises UserError, one sentence that says what to do, for a file that cannot be read, a missing
    key, a wrong dtype or shape, no or an unknown unit, time that does not go forward, a rate
    outside 25-208 Hz (2 % more for a clock's error), a recording shorter than the warm-up, and
    one whose rest does not show gravity. Samples that are missing are breaks and told in notes.
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
    return ready(_from_npz(path) if packed else Recording(*read_csv(path)), path.name)


def ready(recording: Recording, name: str, stamped: bool = False) -> Recording:
    """Return the recording with a break at every seam, checked; raises UserError as `check`.

    stamped: stamps of its own blocks told of every gap, so that no seam is looked for.
    """
    acc, breaks, notes = recording.acc, recording.breaks, list(recording.notes)
    whole = acc.dtype == np.int16 and acc.ndim == 2 and acc.shape[1] == 3
    if whole and recording.odr_hz > 0 and recording.mg_per_lsb > 0:
        acc, breaks, lost = recording_seams.without_nothing(acc, breaks, recording.odr_hz)
        if lost:
            reason = Phrase(
                "{n} samples are zeros on all three axes: the sensor was silent.", n=lost
            )
            notes.append(Note("silent", lost, reason))
        known, found = {each.sample for each in breaks}, []
        if not stamped:
            found = recording_seams.seams_of(acc, recording.mg_per_lsb, recording.odr_hz)
        seams = [Break(at, 0.0) for at in found if at not in known]
        if seams:
            reason = Phrase(
                "The limb lies another way from one sample to the next, so often: {n}; samples "
                "are missing there, nobody knows how many.",
                n=len(seams),
            )
            notes.append(Note("seams", len(seams), reason))
            breaks = tuple(sorted((*breaks, *seams)))
    out = replace(recording, acc=acc, breaks=tuple(breaks), notes=tuple(notes))
    _check_form(out, name)  # where it holds, runs of nothing were taken out above
    at_rest.check_gravity(out.seconds, name)
    return out


def save(place: Path | str | BinaryIO, recording: Recording) -> None:
    """Write a recording as compressed npz, under exactly this name or into an open stream.

    Raises UserError where a file cannot be written; what a stream raises passes.
    """
    fields: dict[str, Any] = dict(
        acc=np.asarray(recording.acc, np.int16),
        mg_per_lsb=float(recording.mg_per_lsb),
        odr_hz=float(recording.odr_hz),
    )
    if recording.start_utc_s is not None:
        fields["start_utc_s"] = float(recording.start_utc_s)
    if recording.breaks:
        fields["breaks"] = np.array(recording.breaks, np.float64)
    if not isinstance(place, Path | str):
        np.savez_compressed(place, **fields)
        return
    try:
        with open(place, "wb") as file:
            np.savez_compressed(file, **fields)
    except OSError as error:
        raise unwritable(place, error) from None


def check(recording: Recording, name: str = "The recording") -> Recording:
    """Return the recording; raises UserError for what no detector could take (see `load`)."""
    _check_form(recording, name)
    at_rest.check_sound(recording.acc, recording.odr_hz, name)
    at_rest.check_gravity(recording.seconds, name)
    return recording


def _check_form(recording: Recording, name: str) -> None:
    """Raise UserError for a form, a rate, a scale or a length that no detector takes."""
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


def _from_npz(path: Path) -> Recording:
    try:
        with np.load(path, allow_pickle=False) as stored:
            packed = [each.file_size for each in stored.zip.infolist()]
            if sum(packed) > MOST_UNPACKED_BYTES:
                raise UserError(
                    "{name} says that it holds over 2 GB; cut it in parts.", name=path.name
                )
            fields = {name: stored[name] for name in stored.files}
    except _NPZ_ERRORS as error:
        raise UserError(
            "{name} is no npz that can be read ({why_said}); write it with numpy.savez.",
            name=path.name,
            why_said=why(error),
        ) from None
    for key in ("acc", "mg_per_lsb", "odr_hz"):
        if key not in fields:
            raise UserError(
                "{name} has no {key}; store acc (int16, samples x 3), mg_per_lsb and odr_hz.",
                name=path.name,
                key=key,
            )
    start = fields.get("start_utc_s")
    breaks = _breaks(fields["breaks"], len(fields["acc"]), path) if "breaks" in fields else ()
    return Recording(
        fields["acc"],
        _number(fields["mg_per_lsb"], "mg_per_lsb", path),
        _number(fields["odr_hz"], "odr_hz", path),
        None if start is None else _number(start, "start_utc_s", path),
        breaks,
        recording_time.notes_of(breaks),
    )


def _breaks(value, samples, path):
    good = value.ndim == 2 and value.shape[1] == 2 and value.dtype.kind in "iuf"
    if good and len(value):
        good = bool(np.isfinite(value).all() and (value[:, 1] >= 0).all())
        good = good and bool((np.diff(value[:, 0]) > 0).all())
        good = good and bool(value[0, 0] > 0 and value[-1, 0] < samples)
    if not good:
        raise UserError(
            "{name}: breaks is no table of samples, ascending, and the seconds missing before "
            "each; store it as (k, 2).",
            name=path.name,
        )
    return tuple(Break(int(at), float(missing_s)) for at, missing_s in value)


def _number(value: np.ndarray, key: str, path: Path) -> float:
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise UserError(
            "{name}: {key} is not one finite number; store it as one.", name=path.name, key=key
        )
    return float(value.item())
