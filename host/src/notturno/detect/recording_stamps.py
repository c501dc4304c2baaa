"""Date-times as loggers write them, to seconds. Pure, numpy."""

import re
import warnings
from datetime import datetime
from typing import NamedTuple

import numpy as np

from notturno.detect.recording_time import Note
from notturno.errors import Phrase, UserError
from notturno.nights import moments

_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_COLON_MS = re.compile(r"^(.*\d\d:\d\d:\d\d):(\d+)$")  # GENEActiv: 22:00:00:500


class Stamps(NamedTuple):
    """seconds: since 1970, (n,) float, nan where there is none; is_utc; is_dated: whether they
    have a date at all, or are a clock's alone; notes: what is to be known of them."""

    seconds: np.ndarray
    is_utc: bool = False
    is_dated: bool = True
    notes: tuple[Note, ...] = ()


def date_times(cells: list[str], name: str, is_utc: bool = False) -> Stamps:
    """Return the Stamps of a column of texts.

    cells: 2026-01-27 22:00:00.000, with a T, a zone's offset or a Z if any, or as `nights.moments`
    knows them (27.01.2026, 1/27/2026 10:00 PM, 22:00:00). Without a zone they are what a clock on
    the wall showed, or UTC where `is_utc`. Raises UserError where most are written in another way.
    """
    sample = next((cell for cell in cells if cell), "")
    zoned = bool(_ZONE.search(sample)) and ":" in sample
    seconds = None if zoned else _plain(cells)
    if seconds is None:
        seconds = np.array([_one(cell, zoned) for cell in cells], np.float64)
    if np.isnan(seconds).sum() * 2 > len(seconds):
        found = _in_another_form(cells)
        if found is not None:
            return found._replace(is_utc=is_utc)
        raise UserError(
            "{name}: the time {sample} is not understood; write it as 2026-01-27 22:00:00.000.",
            name=name,
            sample=sample[:40],
        )
    return Stamps(seconds, is_utc or zoned)


def _in_another_form(cells: list[str]) -> Stamps | None:
    """Return the Stamps of the forms that people write; None of others."""
    try:
        found = moments.moments_of(cells, 10**6, False, lambda _place, why: ValueError(why))
    except ValueError:
        return None
    seconds = np.array([np.nan if at is None else at / 1e6 for at in found.at_us], np.float64)
    if not found.starts:
        return Stamps(seconds + (found.clock_us or 0) / 1e6, is_dated=False)
    start, *others = found.starts
    notes = []
    if others:
        reason = Phrase(
            "Its date is taken as {day}, which may be {other} as well.",
            day=f"{start:%Y-%m-%d}",
            other=f"{others[0]:%Y-%m-%d}",
        )
        notes.append(Note("date_in_doubt", 1, reason))
    return Stamps(seconds + (start - datetime(1970, 1, 1)).total_seconds(), notes=tuple(notes))


def _plain(cells: list[str]) -> np.ndarray | None:
    """Return the seconds by numpy; None where a cell is written in another way."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a zone, which numpy would leave out
            stamps = np.array(cells, dtype="datetime64[us]")
    except (ValueError, UserWarning, DeprecationWarning):
        return None
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)


def _one(cell: str, zoned: bool) -> float:
    colon = _COLON_MS.match(cell)
    text = f"{colon[1]}.{colon[2]}" if colon else cell
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return np.nan
    if zoned != (stamp.tzinfo is not None):
        return np.nan
    if zoned:
        return stamp.timestamp()
    return (stamp - datetime(1970, 1, 1)).total_seconds()
