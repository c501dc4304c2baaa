"""Date-times as loggers write them, to seconds. Pure, numpy."""

import re
import warnings
from datetime import datetime

import numpy as np

from notturno.errors import UserError

_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_COLON_MS = re.compile(r"^(.*\d\d:\d\d:\d\d):(\d+)$")  # GENEActiv: 22:00:00:500


def date_times(
    cells: list[str], name: str, is_utc: bool = False
) -> tuple[np.ndarray | np.ndarray, bool]:
    """Return (seconds since 1970 as (n,) float, nan where there is none; whether they are UTC).

    cells: 2026-01-27 22:00:00.000, with a T, a zone's offset or a Z if any. Without either they
    are what a clock on the wall showed, or UTC where `is_utc`. Raises UserError where most are
    written in another way.
    """
    sample = next((cell for cell in cells if cell), "")
    zoned = bool(_ZONE.search(sample)) and ":" in sample
    seconds = None if zoned else _plain(cells)
    if seconds is None:
        seconds = np.array([_one(cell, zoned) for cell in cells], np.float64)
    if np.isnan(seconds).sum() * 2 > len(seconds):
        raise UserError(
            "{name}: the time {sample} is not understood; write it as 2026-01-27 22:00:00.000.",
            name=name,
            sample=sample[:40],
        )
    return seconds, is_utc or zoned


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
