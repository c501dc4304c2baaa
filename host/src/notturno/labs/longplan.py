"""The plan of some long tables: which rows are of which night. Touches nothing; numpy."""

from typing import Any, NamedTuple

import numpy as np

from notturno.errors import UserError
from notturno.labs.longcolumns import KEYS

ROWS_AT_ONCE = 1_000_000
NO_SEGMENTS = np.empty((0, 5), dtype=np.int64)


class Segment(NamedTuple):
    """Rows start to stop of one row group (or of a scratch file, group -1) that are of one night.

    night: its place in the order of all nights.
    """

    table: int
    group: int
    start: int
    stop: int
    night: int


class Plan(NamedTuple):
    """tables: the files; nights: [(person, night)] sorted; segments: an array (n, 5) of Segments
    sorted by night; resp, arousals: whether any row of the tables is of that kind; empty: names of
    the tables without a row."""

    tables: list
    nights: list
    segments: np.ndarray
    resp: bool
    arousals: bool
    empty: tuple[str, ...] = ()


def codes_of(batch: dict, ids: dict) -> np.ndarray:
    """Return the code of each row's (person, night) in `ids`; new ones are put into it."""
    pairs, dictionaries = [], []
    for name in KEYS:
        column = batch[name]
        if not hasattr(column, "indices"):
            column = column.dictionary_encode()
        if column.null_count:
            raise UserError(
                "A table holds rows without a {name}; give each row its own.", name=name
            )
        pairs.append(column.indices.to_numpy(zero_copy_only=False).astype(np.int64))
        dictionaries.append(texts(column.dictionary))
    both = pairs[0] * max(len(dictionaries[1]), 1) + pairs[1]
    edges = np.concatenate(([0], np.flatnonzero(np.diff(both)) + 1))
    if not len(both):
        return both
    distinct, back = np.unique(both[edges], return_inverse=True)
    codes = np.empty(len(distinct), dtype=np.int64)
    width = max(len(dictionaries[1]), 1)
    for at, value in enumerate(distinct.tolist()):
        key = (dictionaries[0][value // width], dictionaries[1][value % width])
        codes[at] = ids.setdefault(key, len(ids))
    lengths = np.diff(np.concatenate((edges, [len(both)])))
    return np.repeat(codes[back], lengths)


def texts(array) -> list[str]:
    """Return the values of an array as texts: 7 and 7.0 are "7", a date ISO; nothing is empty."""
    return [_text(value) for value in array.to_pylist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
