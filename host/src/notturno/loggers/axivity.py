"""Axivity AX3 and AX6, .cwa: blocks of 512 bytes, each with a checksum and a stamp of its own.

Pure, numpy. By Open Movement's description of the format (openmovementproject/openmovement,
Docs/ax3/cwa.h). Blocks whose checksum does not hold are left out; the numbers and stamps of the
others show the gap. The clock is one on the wall, without a zone.
"""

from typing import Any

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
_PACKED_MG = 1000 / 256
_AT_A_TIME = 512  # blocks: what they become stays in the processor's cache


def is_cwa(start: bytes) -> bool:
    """Say whether a file that begins so is one."""
    return start[:4] == MARK


def read(data: np.ndarray, name: str) -> Raw:
    """Return the Raw of a file's bytes (uint8); raises UserError where no block is whole."""
    count = max(0, len(data) - HEADER) // BLOCK
    blocks = data[HEADER : HEADER + count * BLOCK].reshape(count, BLOCK)
    good = _holds(blocks)
    if not good.all():
        blocks, good = _anywhere(data, blocks, good)
        count = len(blocks)
    notes, damaged = [], int(count - good.sum())
    kinds = (blocks[:, 24].astype(np.uint16) * 256 + blocks[:, 25])[good]
    if not len(kinds):
        raise UserError("{name} holds no whole block; copy it from the logger again.", name=name)
    kind = np.bincount(kinds).argmax()
    same = kinds == kind
    if damaged or not same.all():
        lost = damaged + int((~same).sum())
        reason = Phrase("{n} of {count} blocks are damaged and left out.", n=lost, count=count)
        notes.append(Note("blocks_lost", lost, reason))
    if (len(data) - HEADER) % BLOCK:
        notes.append(Note("cut", 1, Phrase("The file ends within a block; the rest is lost.")))
    if not good.all() or not same.all():
        blocks = blocks[np.flatnonzero(good)[same]]
    rate, packing = int(kind >> 8), int(kind & 0xFF)
    samples = np.minimum(blocks[:, 28:30].copy().view("<u2")[:, 0], _most(packing, name))
    acc, mg_per_lsb = _samples(blocks, packing, samples)
    nominal_hz = 3200 / (1 << (15 - (rate & 0x0F)))
    offset, stamps_s = _stamps(blocks, nominal_hz)
    size = int(np.bincount(samples).argmax())
    numbers = np.ascontiguousarray(blocks[:, 10:14]).view("<u4")[:, 0]
    missing = size * pages.lost_before(numbers, stamps_s - offset / nominal_hz, size / nominal_hz)
    first = np.cumsum(samples, dtype=np.int64) - samples
    lost = [(int(first[k]), int(missing[k])) for k in np.flatnonzero(missing)]
    model = "AX6" if packing >> 4 > 3 else "AX3"
    return Raw(
        acc,
        mg_per_lsb,
        first + np.cumsum(missing) + offset,
        stamps_s,
        f"Axivity {model} .cwa",
        float(16 >> (rate >> 6)),
        notes=tuple(notes),
        lost=tuple(lost),
    )


def _holds(blocks: np.ndarray) -> np.ndarray:
    """Say of each block whether it begins as one and its checksum holds."""
    words = blocks.view("<u2")
    good = (words[:, 0] == _BLOCK_MARK) & (words[:, 1] == _LENGTH)
    good &= np.add.reduce(words, axis=1, dtype=np.uint16) == 0
    return good


def _anywhere(
    data: np.ndarray, blocks: np.ndarray, good: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (blocks, whether each holds): also those that bytes lost before them have moved."""
    whole = data.tobytes()
    places, at = [], whole.find(_BEGIN, HEADER)
    while at >= 0:
        if at + BLOCK <= len(data):
            places.append(at)
        at = whole.find(_BEGIN, at + len(_BEGIN))
    if not any((at - HEADER) % BLOCK for at in places):
        return blocks, good
    moved = np.stack([data[at : at + BLOCK] for at in places])
    found = _holds(moved)
    return (moved, found) if found.sum() > good.sum() else (blocks, good)


def _most(packing: int, name: str) -> int:
    """Return how many samples a block holds; raises UserError for a packing nobody described."""
    axes, form = packing >> 4, packing & 0x0F
    if form == 0 and axes == 3:
        return PAYLOAD // 4
    if form == 2 and axes in (3, 6, 9):
        return PAYLOAD // (2 * axes)
    raise UserError(
        "{name}: its samples are packed in a way that is not known ({packing:#x}); convert it "
        "with Open Movement's own program.",
        name=name,
        packing=packing,
    )


def _samples(blocks: np.ndarray, packing: int, samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Return (acc int16 (n, 3), mg per count)."""
    axes, form = packing >> 4, packing & 0x0F
    if form == 0:
        acc: Any = _unpacked(blocks)
        mg_per_lsb = _PACKED_MG
    else:
        whole: Any = blocks[:, 30 : 30 + PAYLOAD].view("<i2")[:, : PAYLOAD // (2 * axes) * axes]
        whole = whole.reshape(len(blocks), -1, axes)
        first = 0 if axes == 3 else 3  # the gyroscope's axes come first
        acc = whole[:, :, first : first + 3]
        mg_per_lsb = 1000 / (1 << (8 + int(blocks[0, 19] >> 5)))
    most = acc.shape[1]
    if (samples == most).all():
        return np.ascontiguousarray(acc.reshape(-1, 3)), mg_per_lsb
    return acc[np.arange(most) < samples[:, None]], mg_per_lsb


def _unpacked(blocks: np.ndarray) -> np.ndarray:
    """Return three times ten bits and what they are shifted by as int16 (blocks, samples, 3)."""
    acc = np.empty((len(blocks), PAYLOAD // 4, 3), np.int16)
    for first in range(0, len(blocks), _AT_A_TIME):
        part = blocks[first : first + _AT_A_TIME, 30 : 30 + PAYLOAD]
        packed = np.ascontiguousarray(part).view("<u4")
        here = acc[first : first + _AT_A_TIME]
        for axis in range(3):  # to the top, then back with their sign
            here[:, :, axis] = (packed << (22 - 10 * axis)).view("<i4") >> 22
        if packed.max() >> 30:
            here <<= (packed >> 30).astype(np.int16)[:, :, None]
    return acc


def _stamps(blocks: np.ndarray, nominal_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (offset, stamps): which sample from its first, also outside of it, a block stamps."""
    packed = np.ascontiguousarray(blocks[:, 14:18]).view("<u4")[:, 0].astype(np.int64)
    fraction = np.ascontiguousarray(blocks[:, 4:6]).view("<u2")[:, 0].astype(np.int64)
    offset = np.ascontiguousarray(blocks[:, 26:28]).view("<i2")[:, 0].astype(np.int64)
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
