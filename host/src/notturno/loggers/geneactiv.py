"""GENEActiv, .bin: text; pages of 300 samples in hexadecimal digits, each with its own time.

Pure, numpy. By Activinsights' operating instructions ("Decoding .bin files") as wadpac/GGIRread's
src/GENEActivReader.cpp follows them. The clock is one on the wall. There is no checksum: a page is
believed where its number, its time and its neighbours agree (`pages`), and read up to where its
digits are none. A digit that became another one cannot be seen.
"""

import re
from collections import Counter
from itertools import groupby
from typing import NamedTuple

import numpy as np

from notturno.detect.recording_stamps import date_times
from notturno.detect.recording_time import Note
from notturno.errors import Phrase, UserError
from notturno.loggers import pages
from notturno.loggers.raw import Raw, signed_12

MARK = b"Device Identity"
SAMPLES = 300  # of a page
_NUMBER, _TIME, _RATE = b"Sequence Number:", b"Page Time:", b"Measurement Frequency:"
_DIGITS = 12  # a sample: three axes of 12 bits; light, button and a bit that is not used
_STEPS = 4  # of our counts in one of the logger's, so that its calibration is kept
_PAGES = re.compile(rb"Number of Pages:\s*(\d+)")
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_LEAST_PAGES = 3  # on end of another rate: fewer are a digit that became another one
_SAME = 3  # samples of one digit on end are no movement: something was written over them


class _Page(NamedTuple):
    """digits: of its whole samples; number, when: as they stand there."""

    digits: bytes
    number: float
    when: str


def is_geneactiv(start: bytes) -> bool:
    """Say whether a file that begins so is one."""
    return start.lstrip(b"\xef\xbb\xbf").startswith(MARK)


def read(data: bytes, name: str) -> Raw:
    """Return the Raw of a file's bytes; raises UserError without calibration or a whole page."""
    head = data.partition(b"Recorded Data")[0]
    gains, offsets = [], []
    for axis in (b"x", b"y", b"z"):
        gains.append(_number(head, axis + b" gain", name))
        offsets.append(_number(head, axis + b" offset", name))
    if not all(gains):
        raise UserError("{name}: a gain of 0 in its header; export it again.", name=name)
    found, rates = _pages(data)
    if not found:
        raise UserError("{name} holds no whole page; copy it from the logger again.", name=name)
    _check_rates(rates, name)
    numbers = np.array([page.number for page in found])
    stamps_s = date_times([page.when for page in found], name).seconds
    order, late = _order(found, numbers, stamps_s)
    found = [found[k] for k in order]
    numbers, stamps_s = numbers[order], stamps_s[order]
    packed = np.frombuffer(bytes.fromhex(b"".join(p.digits for p in found).decode()), np.uint8)
    raw = signed_12(packed).reshape(-1, 4)
    held = np.array([len(page.digits) // _DIGITS for page in found])
    counts = _whole(packed.reshape(-1, _DIGITS // 2), held)
    place, lost = _placed(numbers, stamps_s, rates, len(found))
    if not place.keep.any():
        raise UserError("{name} holds no whole page; copy it from the logger again.", name=name)
    damaged = (counts < SAMPLES) | ~place.keep | np.isnan(place.stamps_s)
    damaged[-1] &= not place.keep[-1] or counts[-1] < held[-1] or held[-1] == SAMPLES
    counts = np.where(place.keep, counts, 0)
    starts = np.cumsum(held) - held
    raw = raw[np.arange(len(raw)) - np.repeat(starts, held) < np.repeat(counts, held)]
    index, gaps = _index(counts[place.keep], lost)
    return Raw(
        *_calibrated(raw, gains, offsets),
        index,
        place.stamps_s[place.keep],
        "GENEActiv .bin",
        8.0,
        notes=(*late, *_notes(int(damaged.sum()), len(found)), *_early(head, numbers)),
        lost=gaps,
    )


def _check_rates(rates: list[float], name: str) -> None:
    """Raise UserError where pages on end are of another rate than most."""
    told = [rate for rate in rates if 0 < rate < 1000]  # nan is neither
    if not told:
        return
    usual = Counter(told).most_common(1)[0][0]
    for other, run in groupby(told):
        if abs(other / usual - 1) > pages.NOMINAL_OFF and len(list(run)) >= _LEAST_PAGES:
            raise UserError(
                "{name}: its rate changes, from {usual:g} to {other:g} samples a second or back; "
                "export what was recorded at each as a file of its own.",
                name=name,
                usual=usual,
                other=other,
            )


def _order(
    found: list[_Page], numbers: np.ndarray, stamps_s: np.ndarray
) -> tuple[list[int], tuple[Note, ...]]:
    """Return (which page comes when, the note of those that stood too late).

    Pages are moved only where all that is known agrees: put by their numbers, their stamps go
    forward as well. One that is there twice is taken once.
    """
    as_they_stand = list(range(len(found)))
    known = np.where(np.isnan(numbers), -np.inf, numbers)
    highest = np.maximum.accumulate(known)
    late = int((np.isfinite(known[1:]) & (known[1:] < highest[:-1])).sum())
    if not late:
        return as_they_stand, ()
    put = np.argsort(np.where(np.isnan(numbers), highest, numbers), kind="stable").tolist()
    keys, first = [(page.number, page.when) for page in found], {}
    for k in put:
        first.setdefault(keys[k], k)
    order = list(first.values())
    twice = any(found[k].digits != found[first[keys[k]]].digits for k in put)
    stamps_s = stamps_s[order]
    if twice or (np.diff(stamps_s[np.isfinite(stamps_s)]) <= 0).any():
        return as_they_stand, ()
    reason = Phrase("{n} pages stand behind later ones; they were put in their order.", n=late)
    return order, (Note("order", late, reason),)


def _early(head: bytes, numbers: np.ndarray) -> tuple[Note, ...]:
    """Return the note of a file that ends before the page that its header says is the last."""
    said = _PAGES.search(head)
    there = 1 + max((int(n) for n in numbers if np.isfinite(n)), default=-1)
    if said is None or there >= int(said[1]):
        return ()
    reason = Phrase(
        "{there} of {said} pages are there; the file was cut off, copy it from the logger again.",
        there=there,
        said=int(said[1]),
    )
    return (Note("ends_early", int(said[1]) - there, reason),)


def _pages(data: bytes) -> tuple[list[_Page], list[float]]:
    """Return the pages, and what the file says of its rate, Hz."""
    found, rates, number, when = [], [], np.nan, ""
    lines = data.split(b"\n")
    for line in lines:
        digits = _HEX.match(line) if len(line) >= _DIGITS else None
        if digits and digits.end() >= _DIGITS and b":" not in line[:32]:
            n = min(SAMPLES, digits.end() // _DIGITS)
            whole = digits.end() <= SAMPLES * _DIGITS and digits.end() % _DIGITS == 0
            if not whole and digits.end() == len(line.rstrip()) and line is not lines[-1]:
                n = 0  # digits are missing, or too many, and nobody knows where
            found.append(_Page(line[: n * _DIGITS], number, when))
            number, when = np.nan, ""
        elif line.startswith(_NUMBER):
            if when:  # a page whose samples cannot be told from others
                found.append(_Page(b"", number, when))
                when = ""
            number = _float(line[len(_NUMBER) :])
        elif line.startswith(_TIME):
            when = line[len(_TIME) :].decode("ascii", "replace").strip()
        elif line.startswith(_RATE):
            rates.append(
                _float(line[len(_RATE) :].split()[0]) if line[len(_RATE) :].split() else 0
            )
    return found, rates


def _float(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _whole(packed: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return how many samples of each page lie before what was written over, int (pages,).

    packed: uint8 (n, 6), a sample each; held: samples of each page.
    """
    digit = packed[:, :1] & 0x0F
    one = (packed == 0x11 * digit).all(axis=1)
    run = one.copy()
    for k in range(1, _SAME):
        run[:-k] &= one[k:]
        run[-k:] = False
    unused = (packed[:, 5] & 1).astype(bool)
    bad = run | unused if unused.mean() < 0.5 else run
    starts = np.cumsum(held) - held
    within = np.arange(len(packed)) - np.repeat(starts, held)
    of = np.repeat(np.arange(len(held)), held)
    counts = held.copy()
    np.minimum.at(counts, of[bad], np.maximum(within[bad] - 1, 0))
    return counts


def _placed(
    numbers: np.ndarray, stamps_s: np.ndarray, rates: list[float], count: int
) -> tuple[pages.Placed, np.ndarray]:
    """Return (where the pages belong, pages lost before each that is kept)."""
    told = [rate for rate in rates if 0 < rate < 1000]  # nan is neither
    nominal_s = SAMPLES / float(np.median(told)) if told else np.nan
    if np.isfinite(numbers).sum() * 2 <= count or not nominal_s > 0:
        keep = np.isfinite(stamps_s)  # an older program's file: times alone
        nothing = np.zeros(int(keep.sum()), np.int64)
        return pages.Placed(keep, numbers, stamps_s, nominal_s), nothing
    place = pages.placed(numbers, stamps_s, nominal_s)
    kept = place.keep
    return place, pages.lost_before(place.numbers[kept], place.stamps_s[kept], place.page_s)


def _index(counts: np.ndarray, lost: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Return (index of each page's first sample, lost ones counted; ((sample, lost), ...))."""
    first = np.cumsum(counts) - counts
    missing = lost * SAMPLES
    missing[1:] += SAMPLES - counts[:-1]
    index = first + np.cumsum(missing)
    begin = int(np.searchsorted(first, 0, "right"))  # what is lost before the first sample is none
    index -= int(missing[:begin].sum())
    holes = begin + np.flatnonzero(missing[begin:])
    return index, tuple((int(first[k]), int(missing[k])) for k in holes)


def _calibrated(raw: np.ndarray, gains: list[int], offsets: list[int]) -> tuple[np.ndarray, float]:
    """Return (acc int16 (n, 3), mg per count) by the file's own calibration."""
    mg_per_lsb = 100 / float(np.mean(np.abs(gains))) * 1000 / _STEPS
    acc = np.empty((len(raw), 3), np.int16)
    every = np.arange(-2048, 2048)
    for axis in range(3):
        g = (every * 100.0 - offsets[axis]) / gains[axis]
        table = np.clip(np.round(g * 1000 / mg_per_lsb), -32768, 32767).astype(np.int16)
        acc[:, axis] = table[raw[:, axis].astype(np.int32) + 2048]
    return acc, mg_per_lsb


def _notes(damaged: int, count: int) -> tuple[Note, ...]:
    if not damaged:
        return ()
    reason = Phrase(
        "{n} of {count} pages are damaged; what is left of them is read.", n=damaged, count=count
    )
    return (Note("blocks_lost", damaged, reason),)


def _number(head: bytes, key: bytes, name: str) -> int:
    found = re.search(re.escape(key) + rb" *: *(-?\d+)", head, re.IGNORECASE)
    if not found:
        raise UserError(
            "{name}: its header holds no {key}; copy it from the logger again.",
            name=name,
            key=key.decode("ascii"),
        )
    return int(found[1])
