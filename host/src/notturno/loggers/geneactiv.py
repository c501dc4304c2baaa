"""GENEActiv, .bin: text; pages of 300 samples in hexadecimal digits, each with its own time.

Pure, numpy. By Activinsights' operating instructions ("Decoding .bin files") as wadpac/GGIRread's
src/GENEActivReader.cpp follows them. The clock is one on the wall.
"""

import re

import numpy as np

from notturno.detect.recording_stamps import date_times
from notturno.detect.recording_time import Note
from notturno.errors import Phrase, UserError
from notturno.loggers.raw import Raw, signed_12

MARK = b"Device Identity"
_PAGE = b"Recorded Data"
_DIGITS = 12  # a sample: three axes of 12 bits; light and button
_STEPS = 4  # of our counts in one of the logger's, so that its calibration is kept
_HEX = re.compile(rb"[0-9A-Fa-f]+")


def is_geneactiv(start: bytes) -> bool:
    """Say whether a file that begins so is one."""
    return start.lstrip(b"\xef\xbb\xbf").startswith(MARK)


def read(data: bytes, name: str) -> Raw:
    """Return the Raw of a file's bytes; raises UserError without calibration or a whole page."""
    head, *pages = data.split(_PAGE)
    gains, offsets = [], []
    for axis in (b"x", b"y", b"z"):
        gains.append(_number(head, axis + b" gain", name))
        offsets.append(_number(head, axis + b" offset", name))
    if not all(gains):
        raise UserError("{name}: a gain of 0 in its header; export it again.", name=name)
    digits, times, counts, lost = [], [], [], 0
    for page in pages:
        lines = page.split(b"\n")
        found = re.search(rb"Page Time:([^\r\n]*)", page)
        last = next((line.strip() for line in reversed(lines) if line.strip()), b"")
        whole = _HEX.match(last) if found else None
        text = whole[0] if whole else b""
        n = len(text) // _DIGITS
        if len(text) < len(last) or not n or len(last) % _DIGITS:
            lost += 1
        if n and found:
            digits.append(text[: n * _DIGITS])
            times.append(found[1].decode("ascii", "replace").strip())
            counts.append(n)
    if not counts:
        raise UserError("{name} holds no whole page; copy it from the logger again.", name=name)
    packed = np.frombuffer(bytes.fromhex(b"".join(digits).decode("ascii")), np.uint8)
    raw = signed_12(packed).reshape(-1, 4)
    mg_per_lsb = 100 / float(np.mean(np.abs(gains))) * 1000 / _STEPS
    acc = np.empty((len(raw), 3), np.int16)
    every = np.arange(-2048, 2048)
    for axis in range(3):
        g = (every * 100.0 - offsets[axis]) / gains[axis]
        table = np.clip(np.round(g * 1000 / mg_per_lsb), -32768, 32767).astype(np.int16)
        acc[:, axis] = table[raw[:, axis].astype(np.int32) + 2048]
    stamps_s, _ = date_times(times, name)
    notes = ()
    if lost:
        reason = Phrase(
            "{n} of {count} pages are damaged; what is left of them is read.",
            n=lost,
            count=len(pages),
        )
        notes = (Note("blocks_lost", lost, reason),)
    index = np.cumsum(counts) - np.array(counts)
    return Raw(acc, mg_per_lsb, index, stamps_s, "GENEActiv .bin", 8.0, notes=notes)


def _number(head: bytes, key: bytes, name: str) -> int:
    found = re.search(re.escape(key) + rb" *: *(-?\d+)", head)
    if not found:
        raise UserError(
            "{name}: its header holds no {key}; copy it from the logger again.",
            name=name,
            key=key.decode("ascii"),
        )
    return int(found[1])
