"""Axivity AX3 and AX6, .cwa: blocks of 512 bytes, each with a checksum and a stamp of its own.

Touches the file; numpy. By Open Movement's description of the format (openmovementproject/
openmovement, Docs/ax3/cwa.h). Some blocks at a time are read, summed and unpacked while they lie
in the processor's cache. Blocks whose checksum does not hold are left out; the numbers and stamps
of the others show the gap. The clock is one on the wall, without a zone.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from notturno.detect.recording_time import Note
from notturno.errors import Phrase, UserError
from notturno.loggers import pages
from notturno.loggers.raw import Raw
from notturno.times import DAY_S, HOUR_S

HEADER, BLOCK, PAYLOAD = 1024, 512, 480
MARK = b"MD\xfc\x03"  # of the header, with its length
_BLOCK_MARK = 0x5841  # "AX"
_LENGTH = 508
_BEGIN = b"AX\xfc\x01"  # both
_HEAD = 30  # bytes of a block before its samples
_PACKED, _PACKED_MG = 0x30, 1000 / 256  # three axes of ten bits
# Packing -> axes of 16 bits; of more than three the gyroscope's come first.
_AXES = {0x32: 3, 0x62: 6, 0x92: 9}
_AT_A_TIME = 512  # blocks: what they become stays in the processor's cache
_Parts = Callable[[], Iterator[tuple[int, np.ndarray]]]


class _Held(NamedTuple):
    """Of each block: heads, uint8 (n, _HEAD); good: whether it holds; acc, int16 (n, samples, 3):
    its samples by `packing`, None where no block holds or nobody described how it packs."""

    heads: np.ndarray
    good: np.ndarray
    packing: int | None
    acc: np.ndarray | None


def is_cwa(start: bytes) -> bool:
    """Say whether a file that begins so is one."""
    return start[:4] == MARK


def read(path: Path | str, name: str) -> Raw:
    """Return the Raw of a file; raises UserError where no block is whole, OSError as open does."""
    size = Path(path).stat().st_size
    count = max(0, size - HEADER) // BLOCK

    def parts() -> Iterator[tuple[int, np.ndarray]]:
        return _from_file(path, count)

    held = _held(parts, count)
    if not held.good.all():
        parts, held = _anywhere(np.fromfile(path, np.uint8), parts, held)
    heads, good, packing, acc = held
    notes, damaged = [], int(len(good) - good.sum())
    kinds = _column(heads, 24, ">u2")[good]
    if not len(kinds):
        raise UserError("{name} holds no whole block; copy it from the logger again.", name=name)
    kind = int(np.bincount(kinds).argmax())
    same = kinds == kind
    if damaged or not same.all():
        lost = damaged + int((~same).sum())
        reason = Phrase("{n} of {count} blocks are damaged and left out.", n=lost, count=len(good))
        notes.append(Note("blocks_lost", lost, reason))
    if size % BLOCK:  # the header is as long as two of them
        notes.append(Note("cut", 1, Phrase("The file ends within a block; the rest is lost.")))
    rate, usual = kind >> 8, kind & 0xFF
    if packing != usual:
        acc = _held(parts, len(good), usual).acc
    if acc is None:
        raise UserError(
            "{name}: its samples are packed in a way that is not known ({packing:#x}); convert it "
            "with Open Movement's own program.",
            name=name,
            packing=usual,
        )
    if not good.all() or not same.all():
        whole = np.flatnonzero(good)[same]
        heads, acc = heads[whole], acc[whole]
    samples = np.minimum(_column(heads, 28, "<u2"), acc.shape[1])
    if not (samples == acc.shape[1]).all():
        acc = acc[np.arange(acc.shape[1]) < samples[:, None]]
    of_old = rate == 0  # its rate stands where later ones have the offset; whole seconds alone
    nominal_hz = 3200 / (1 << (15 - (rate & 0x0F)))
    if of_old:
        nominal_hz = max(1.0, float(np.median(_column(heads, 26, "<i2"))))
    offset, stamps_s = _stamps(heads, nominal_hz)
    if of_old:
        offset[:] = 0
    size = int(np.bincount(samples).argmax())
    numbers = _column(heads, 10, "<u4")
    missing = size * pages.lost_before(numbers, stamps_s - offset / nominal_hz, size / nominal_hz)
    first = np.cumsum(samples, dtype=np.int64) - samples
    return Raw(
        acc.reshape(acc.size // 3, 3),
        _PACKED_MG if usual == _PACKED else 1000 / (1 << (8 + int(heads[0, 19] >> 5))),
        first + np.cumsum(missing) + offset,
        stamps_s,
        f"Axivity {'AX6' if usual >> 4 > 3 else 'AX3'} .cwa",
        None if of_old else float(16 >> (rate >> 6)),
        resolution_s=float(of_old),
        notes=tuple(notes),
        lost=tuple((int(first[k]), int(missing[k])) for k in np.flatnonzero(missing)),
    )


def _from_file(path: Path | str, count: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (number of the first, blocks) of a file, in one and the same piece of memory."""
    room = np.empty((min(count, _AT_A_TIME), BLOCK), np.uint8)
    with open(path, "rb") as file:
        file.seek(HEADER)
        for first in range(0, count, _AT_A_TIME):
            part = room[: count - first]
            yield first, part[: file.readinto(part.data) // BLOCK]


def _held(parts: _Parts, count: int, packing: int | None = None) -> _Held:
    """Return the _Held of blocks; packing: of the first that holds, where none is given."""
    heads, good, acc = np.zeros((count, _HEAD), np.uint8), np.zeros(count, bool), None
    for first, part in parts():
        here = slice(first, first + len(part))
        heads[here], good[here] = part[:, :_HEAD], _holds(part)
        if packing is None and good[here].any():
            packing = int(part[good[here].argmax(), 25])
        if packing == _PACKED or packing in _AXES:
            if acc is None:
                acc = np.empty((count, PAYLOAD // _bytes_of(packing), 3), np.int16)
            _unpack(part[:, _HEAD : _HEAD + PAYLOAD], packing, acc[here])
    return _Held(heads, good, packing, acc)


def _holds(blocks: np.ndarray) -> np.ndarray:
    """Say of each block whether it begins as one and its checksum holds."""
    words = blocks.view("<u2")
    good = (words[:, 0] == _BLOCK_MARK) & (words[:, 1] == _LENGTH)
    good &= np.add.reduce(words, axis=1, dtype=np.uint16) == 0
    return good


def _anywhere(data: np.ndarray, parts: _Parts, held: _Held) -> tuple[_Parts, _Held]:
    """Return (blocks by parts, their _Held): also those that bytes lost before them have moved."""
    whole = data.tobytes()
    places, at = [], whole.find(_BEGIN, HEADER)
    while at >= 0:
        if at + BLOCK <= len(data):
            places.append(at)
        at = whole.find(_BEGIN, at + len(_BEGIN))
    if not any(at % BLOCK for at in places):
        return parts, held
    blocks = np.stack([data[at : at + BLOCK] for at in places])

    def moved() -> Iterator[tuple[int, np.ndarray]]:
        return ((k, blocks[k : k + _AT_A_TIME]) for k in range(0, len(blocks), _AT_A_TIME))

    found = _held(moved, len(blocks))
    return (moved, found) if found.good.sum() > held.good.sum() else (parts, held)


def _bytes_of(packing: int) -> int:
    """Return how many bytes a sample takes."""
    return 4 if packing == _PACKED else 2 * _AXES[packing]


def _unpack(payload: np.ndarray, packing: int, out: np.ndarray) -> None:
    """Write the samples of some blocks to `out`, int16 (blocks, samples, 3).

    payload: uint8 (blocks, PAYLOAD).
    """
    if packing != _PACKED:
        axes = _AXES[packing]
        values = payload.view("<i2")[:, : out.shape[1] * axes].reshape(len(out), -1, axes)
        first = 0 if axes == 3 else 3
        out[:] = values[:, :, first : first + 3]
        return
    packed = np.ascontiguousarray(payload).view("<u4")
    for axis in range(3):  # to the top, then back with their sign
        out[:, :, axis] = (packed << (22 - 10 * axis)).view("<i4") >> 22
    if packed.max(initial=0) >> 30:
        out <<= (packed >> 30).astype(np.int16)[:, :, None]


def _column(heads: np.ndarray, at: int, kind: str) -> np.ndarray:
    """Return the number that stands at a byte of every head, as it is packed there."""
    width = np.dtype(kind).itemsize
    return np.ascontiguousarray(heads[:, at : at + width]).view(kind)[:, 0]


def _stamps(heads: np.ndarray, nominal_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (offset, stamps): which sample from its first, also outside of it, a block stamps."""
    packed = _column(heads, 14, "<u4").astype(np.int64)
    fraction = _column(heads, 4, "<u2").astype(np.int64)
    offset = _column(heads, 26, "<i2").astype(np.int64)
    # with the top bit set the offset was moved by the samples that the fraction takes
    fraction = np.where(fraction & 0x8000, (fraction & 0x7FFF) << 1, 0)
    offset += (fraction * int(nominal_hz)) >> 16
    month = np.clip((packed >> 22) & 0x0F, 1, 12) - 1
    months = ((packed >> 26) & 0x3F) * 12 + month + 30 * 12
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    seconds = (days + ((packed >> 17) & 0x1F) - 1) * DAY_S
    seconds += ((packed >> 12) & 0x1F) * HOUR_S + ((packed >> 6) & 0x3F) * 60 + (packed & 0x3F)
    stamps_s = np.where(packed == 0, np.nan, seconds + fraction / 65536)
    return offset, stamps_s
