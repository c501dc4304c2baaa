"""Onsets of long tables: seconds from the night's begin, or moments with a date.

Moments are columns of timestamps, or ISO 8601 as text. The earliest of a night, over all tables
that hold rows of it, is its time 0. Needs numpy and pyarrow; touches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from notturno.errors import Phrase
from notturno.nights.spans import to_us

NEVER_US = np.iinfo(np.int64).min
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOOKED_AT = 100  # cells that tell how a column of text writes its times


class Moments(NamedTuple):
    """at_us: microseconds since 1970, by the clock where no zone is told; NEVER_US for none.
    of_clock: whether that is the clock on the wall."""

    at_us: np.ndarray
    of_clock: bool


def moments_of(column: Any) -> Moments | None:
    """Return the Moments of a column; None where it holds numbers of seconds."""
    import pyarrow
    from pyarrow import types

    if types.is_timestamp(column.type):
        told = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
        at_us = told.cast(pyarrow.int64()).fill_null(NEVER_US).to_numpy()
        return Moments(at_us, column.type.tz is None)
    if not (types.is_string(column.type) or types.is_large_string(column.type)):
        return None
    if not any(":" in (text or "") for text in column.slice(0, LOOKED_AT).to_pylist()):
        return None
    found = [_moment(text) for text in column.to_pylist()]
    aware = any(at is not None and at.tzinfo is not None for at in found)
    # Without a zone beside others that have one a time means nothing.
    found = [None if at is None or (aware and at.tzinfo is None) else at for at in found]
    begin = EPOCH if aware else EPOCH.replace(tzinfo=None)
    at_us = [NEVER_US if at is None else (at - begin) // timedelta(microseconds=1) for at in found]
    return Moments(np.array(at_us, dtype=np.int64), not aware)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None


def numbers_of(column: Any) -> np.ndarray:
    """Return a column as floats; text is read as a decimal number, what is none becomes NaN."""
    import pyarrow

    if isinstance(column, np.ndarray):
        return column
    if pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type):
        return np.array([_number(text) for text in column.to_pylist()], dtype=float)
    if pyarrow.types.is_duration(column.type):
        return column.cast(pyarrow.duration("us")).cast(pyarrow.int64()).to_numpy() / 1e6
    return column.cast(pyarrow.float64()).to_numpy().astype(float)


def _number(text: str | None) -> float:
    try:
        return float("nan") if text is None else to_us(text) / 1e6
    except ValueError:
        return float("nan")


def from_the_begin(read: Sequence[tuple], nights: list, first: int) -> tuple[list, dict]:
    """Return (`read` with onsets in seconds from each night's begin, {place: why it is refused}).

    read: as `longform.rows_of` yields it; nights: LabNights, whose start_local is set where the
    moments are of the clock.
    """
    dated = [moments_of(columns["onset_s"]) for *_, columns in read]
    begin = np.full(len(nights), np.iinfo(np.int64).max)
    kinds = np.zeros((len(nights), 2), dtype=bool)  # whether some row is a number, a moment
    for (_, _, places, _), moments in zip(read, dated, strict=True):
        kinds[places - first, 0 if moments is None else 1] = True
        if moments is not None:
            there = moments.at_us != NEVER_US
            np.minimum.at(begin, places[there] - first, moments.at_us[there])
    refused = {
        int(place): Phrase(
            "Some of its tables hold dates as onset_s and others seconds; write all in one way."
        )
        for place in np.flatnonzero(kinds.all(axis=1))
    }
    placed = []
    for (table, stages, places, columns), moments in zip(read, dated, strict=True):
        if moments is not None:
            since_us = moments.at_us - begin[places - first]
            onset_s = np.where(moments.at_us == NEVER_US, np.nan, since_us / 1e6)
            columns = columns | {"onset_s": onset_s}
            for place in np.unique(places - first).tolist() if moments.of_clock else ():
                if begin[place] != np.iinfo(np.int64).max:
                    at = EPOCH + timedelta(microseconds=int(begin[place]))
                    nights[place].start_local = at.replace(tzinfo=None).isoformat()
        placed.append((table, stages, places, columns))
    return placed, refused
