"""Any logger's file, or one of ours, to a Recording: told by its bytes, not by its name.

Touches files. What a damaged file does to a reader ends in one sentence, never in a traceback.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from notturno.detect import engines, recording
from notturno.detect.recording_time import GAPS, Break, Clock, Note, clock_of, notes_of
from notturno.errors import Phrase, UserError, why
from notturno.loggers import (
    actigraph,
    axivity,
    calibration,
    geneactiv,
    idle,
    matrix,
    movisens,
    parquet,
)

if TYPE_CHECKING:
    from notturno.loggers.raw import Raw

SUFFIXES = (".cwa", ".gt3x", ".bin", ".npz", ".csv", ".txt", ".tsv", ".parquet", ".pq", ".xml")
START = 1024  # bytes that tell a format
RANGE_LEAST_G = 4.0  # the band's own; below it strong movements clip
COARSE_MG = 2.5  # of a count: the detector's least threshold (jerk_on_ug)
# What a reader may stumble over in a file that somebody's disk or finger has changed.
_STUMBLES = (ValueError, IndexError, KeyError, OverflowError, MemoryError, EOFError, LookupError)


class Loaded(NamedTuple):
    """recording: with breaks and notes; format: for people; flat: spans (s) held flat; not_worn:
    those of them that nobody wore, None where the detector's own rule holds; settings: what the
    detector must be told for this recording."""

    recording: recording.Recording
    format: str
    flat: tuple = ()
    not_worn: tuple | None = None
    settings: dict = {}


def load(path: Path | str) -> Loaded:
    """Return what a file or a Movisens folder holds; raises UserError as recording.load does."""
    path = Path(path)
    try:
        return _finished(*_read(path), path.name)
    except _STUMBLES as error:
        raise UserError(
            "{name} is damaged so that it cannot be read ({why_said}); copy it again.",
            name=path.name,
            why_said=why(error, named=True),
        ) from None


def _read(path: Path) -> tuple[recording.Recording | Raw, str]:
    """Return (Raw or Recording, format)."""
    folder = movisens.folder_of(path)
    if folder is not None:
        raw = movisens.read(folder, path.name)
        return raw, raw.format
    try:
        with open(path, "rb") as file:
            start = file.read(START)
    except OSError as error:
        raise UserError(
            "{path} cannot be read ({why_said}); give a recording, or a folder of them.",
            path=path,
            why_said=error.strerror,
        ) from None
    name = path.name
    if axivity.is_cwa(start):
        raw = axivity.read(path, name)
    elif matrix.is_matrix(start):
        raw = matrix.read(path.read_bytes(), name)
    elif geneactiv.is_geneactiv(start):
        raw = geneactiv.read(path.read_bytes(), name)
    elif start[:2] == b"PK" and _is_gt3x(path):
        raw = actigraph.read(path.read_bytes(), name)
    elif start[:4] == parquet.MARK:
        return recording.Recording(*parquet.read(path, name)), "Parquet"
    elif start[:2] == b"\x1f\x8b":
        raise UserError("{name} is packed by gzip; unpack it first (gunzip).", name=name)
    elif path.suffix.lower() in (".cwa", ".gt3x", ".bin"):
        raise UserError(
            "{name} does not begin as an Axivity, ActiGraph, GENEActiv or Matrix file does; copy "
            "it from the logger again.",
            name=name,
        )
    else:
        return recording.load(path), "npz" if start[:2] == b"PK" else "CSV"
    return raw, raw.format


def _is_gt3x(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return actigraph.is_gt3x(archive.namelist())
    except actigraph.ZIP_ERRORS:
        return path.suffix.lower() == ".gt3x"


def _finished(read: recording.Recording | Raw, format_said: str, name: str) -> Loaded:
    """Return the Loaded of a Raw or a Recording: its clock, its marks, its rest."""
    range_g, runs = None, ()
    if isinstance(read, recording.Recording):
        whole = read
        if format_said == "Parquet":
            whole = recording.ready(whole, name)
    else:
        range_g, runs = read.range_g, read.idle
        whole = _of_raw(read, name)
    notes = [*whole.notes, *_marks(whole, range_g)]
    found = calibration.fit(whole.seconds.resting_mg)
    acc = whole.acc
    if found is not None and found.gain is not None:
        acc = calibration.applied(acc, whole.mg_per_lsb, found)
    note = calibration.note_of(found)
    notes += [note] if note else []
    runs = runs or idle.flat_runs(acc, whole.odr_hz)
    at_s = engines.seconds(whole)
    flat, off, note = idle.judged(runs, at_s)
    notes += [note] if note else []
    coarse = whole.mg_per_lsb > COARSE_MG
    if coarse and not note:
        off = idle.still_spans(acc, whole.mg_per_lsb, whole.odr_hz, at_s)
    whole = recording.Recording(
        acc,
        whole.mg_per_lsb,
        whole.odr_hz,
        whole.start_utc_s,
        whole.breaks,
        tuple(notes),
        whole.start_local_s,
    )
    if note is None and not coarse:
        return Loaded(whole, format_said)
    return Loaded(whole, format_said, tuple(flat), tuple(off), idle.DETECTOR_NEVER)


def _of_raw(raw: Raw, name: str) -> recording.Recording:
    """Return the checked Recording of a Raw, its time by its stamps."""
    try:
        clock = clock_of(raw.index, raw.stamps_s, raw.resolution_s, raw.guarded_hz)
    except ValueError:
        raise UserError(
            "{name}: its stamps do not go forward; copy it from the logger again.", name=name
        ) from None
    breaks, notes = _breaks(raw, clock)
    start_s = clock.start_s if raw.is_dated else None
    return recording.ready(
        recording.Recording(
            raw.acc,
            raw.mg_per_lsb,
            clock.odr_hz,
            start_s if raw.is_utc else None,
            tuple(breaks),
            (*raw.notes, *notes),
            None if raw.is_utc else start_s,
        ),
        name,
        stamped=len(raw.index) > 2,
    )


def _breaks(raw: Raw, clock: Clock) -> tuple[list[Break], list[Note]]:
    """Return (breaks, notes) of what the stamps tell and what the file counts as lost."""
    told = [each for each in clock.breaks if 0 < each.sample]
    if not raw.lost:
        return [each for each in told if each.sample < len(raw.acc)], list(clock.notes)
    at, n = np.array(raw.lost, np.int64).T
    begin = at + np.cumsum(n) - n  # of each hole, lost samples counted
    missing_s: dict[int, float] = {}
    for sample, count in raw.lost:
        missing_s[sample] = missing_s.get(sample, 0.0) + count / clock.odr_hz
    for sample, more_s in told:
        k = int(np.searchsorted(begin, sample, "right")) - 1
        here = sample if k < 0 else max(int(at[k]), sample - int(n[: k + 1].sum()))
        missing_s[here] = missing_s.get(here, 0.0) + more_s
    breaks = [Break(k, s) for k, s in sorted(missing_s.items()) if 0 < k < len(raw.acc)]
    others = [note for note in clock.notes if note.code != GAPS]
    return breaks, [*notes_of(breaks), *others]


def _marks(whole: recording.Recording, range_g: float | None) -> list[Note]:
    """Return the notes on a range or a count that the detector was not made for."""
    notes = []
    if range_g is not None and range_g < RANGE_LEAST_G:
        reason = Phrase(
            "The range is {range_g:g} g; stronger movements are cut off, and the detector was "
            "made for 4 g.",
            range_g=range_g,
        )
        notes.append(Note("range", 1, reason))
    if whole.mg_per_lsb > COARSE_MG:
        reason = Phrase(
            "One count is {mg:.1f} mg; jerks of one or two counts and the breath are not seen.",
            mg=whole.mg_per_lsb,
        )
        notes.append(Note("coarse", 1, reason))
    return notes
