"""Parmay Matrix, .BIN: packets of about a minute, each with a CRC and two whole seconds.

Pure, numpy. By the description in wadpac/GGIRread, R/readParmayMatrix.R. The clock is taken for
one on the wall. Where a packet's CRC does not hold, it is a gap; the rate is that of the others.
"""

import struct
import zlib

import numpy as np

from notturno.detect.recording_time import Note
from notturno.errors import Phrase, UserError
from notturno.loggers.raw import Raw

MARK, MARK_AT = b"MDTC", 512
_PACKET = b"MDTCPACK"
_HEAD = struct.Struct("<8sIII4I")  # mark, CRC, first and last second, four numbers of samples
_BYTES = (6, 6, 4, 4)  # of a sample of acceleration, gyroscope, temperature, pulse


def is_matrix(start: bytes) -> bool:
    """Say whether a file that begins so (520 bytes) is one."""
    return start[MARK_AT : MARK_AT + 4] == MARK


def read(data: bytes, name: str) -> Raw:
    """Return the Raw of a file's bytes; raises UserError where no packet is whole."""
    (range_g,) = struct.unpack_from("<H", data, 520) if len(data) >= 522 else (0,)
    if not range_g:
        raise UserError(
            "{name}: its header names no range; copy it from the logger again.", name=name
        )
    pieces, index, stamps_s, at, taken, lost = [], [], [], 0, 0, 0
    while (at := data.find(_PACKET, at)) >= 0:
        head = data[at : at + _HEAD.size]
        if len(head) < _HEAD.size:
            lost += 1
            break
        _, crc, first_s, last_s, *counts = _HEAD.unpack(head)
        end = at + _HEAD.size + sum(n * size for n, size in zip(counts, _BYTES, strict=True))
        if end > len(data) or zlib.crc32(data[at + 12 : end]) != crc:
            lost += 1
            at += len(_PACKET)
            continue
        begin = at + _HEAD.size
        pieces.append(np.frombuffer(data, "<i2", 3 * counts[0], begin).reshape(counts[0], 3))
        if counts[0]:
            index += [taken, taken + counts[0]]
            stamps_s += [float(first_s), float(last_s)]
        taken += counts[0]
        at = end
    if not taken:
        raise UserError("{name} holds no whole packet; copy it from the logger again.", name=name)
    index, stamps_s = np.array(index), np.array(stamps_s)
    lasted_s = float((stamps_s[1::2] - stamps_s[::2]).sum())
    notes = ()
    if lost:
        reason = Phrase("{n} packets are damaged and left out.", n=lost)
        notes = (Note("blocks_lost", lost, reason),)
    return Raw(
        np.concatenate(pieces).astype(np.int16),
        range_g * 1000 / 32768,
        index,
        stamps_s,
        "Matrix .BIN",
        float(range_g),
        resolution_s=1.0,
        guarded_hz=taken / lasted_s if lasted_s > 0 else None,
        notes=notes,
    )
