"""What every reader gives: counts, the stamps that stand beside them, and what is to be known."""

from typing import NamedTuple

import numpy as np

from notturno.detect.recording_time import Note


class Raw(NamedTuple):
    """acc: int16 (n, 3) counts; mg_per_lsb; index, stamps_s: sample index[k] was taken at
    stamps_s[k], seconds since 1970 of the logger's clock, lost samples counted; format: for
    people; range_g: full scale or None; resolution_s: how coarse the stamps are; idle: (first,
    end) samples that the logger did not record but held; guarded_hz: the rate by the file's own
    word, where a checksum stands over each stamp, else None; is_utc: whether the clock is UTC,
    and not one on a wall; is_dated: whether the stamps are a date's at all; lost: ((sample of
    acc, how many are lost before it), ...) by the file's own count of its pages."""

    acc: np.ndarray
    mg_per_lsb: float
    index: np.ndarray  # pyright: ignore[reportIncompatibleMethodOverride]  a tuple's own
    stamps_s: np.ndarray
    format: str
    range_g: float | None = None
    resolution_s: float = 0.0
    guarded_hz: float | None = None
    notes: tuple[Note, ...] = ()
    idle: tuple = ()
    is_utc: bool = False
    is_dated: bool = True
    lost: tuple[tuple[int, int], ...] = ()


def signed_12(packed: np.ndarray) -> np.ndarray:
    """Return the 12-bit two's complement values that lie in bytes, big end first, as int16.

    packed: uint8, three a pair of values; two at the end are one value more, and what makes no
    value is left.
    """
    whole = len(packed) * 2 // 3
    if len(packed) % 3:
        packed = np.pad(packed, (0, -len(packed) % 3))
    threes = packed.reshape(len(packed) // 3, 3).astype(np.uint16)
    out = np.empty((len(threes), 2), np.uint16)
    out[:, 0] = (threes[:, 0] << 8) | (threes[:, 1] & 0xF0)
    out[:, 1] = (threes[:, 1] << 12) | (threes[:, 2] << 4)
    return out.ravel()[:whole].view(np.int16) >> 4
