"""Seams: places where samples are missing and nothing in the file says so.

Pure, numpy. A limb that turns takes a fifth of a second at the least; one that lies still, and in
the very next sample lies still another way, was not recorded in between. And a sensor that gives
zeros on all axes was silent. A detector that meets either unwarned counts a jerk that nobody made.
"""

from typing import Any

import numpy as np

from notturno.detect import at_rest
from notturno.detect.recording_time import Break

STEP_MG = 250.0  # least step: 15 degrees
STILL_MG = 100.0  # from the least to the largest value of each side, a second at rest
SIDE_S = 1.0
_LOOKS = 8  # samples of a side that are looked at before all of them are
_AT_ONCE = 1 << 15  # places looked at together: some MB


def seams_of(acc: np.ndarray, mg_per_lsb: float, odr_hz: float) -> list[int]:
    """Return the samples before which a limb at rest lies another way at once.

    acc: int16 (n, 3) counts.
    """
    n = max(3, round(SIDE_S * odr_hz))
    least = STEP_MG / mg_per_lsb
    flat = np.ravel(acc)
    step = flat[3:] - flat[:-3]  # may wrap; a step of just the whole range is none
    # a seam moves any axis by its share of the step
    moved = np.flatnonzero((step > least / 2) | (step < -least / 2)) // 3
    at, looked_at = np.unique(moved) + 1, np.linspace(0, n - 1, _LOOKS, dtype=int)
    found = []
    for first in range(0, len(at), _AT_ONCE):
        some = at[first : first + _AT_ONCE]
        some = some[(some >= n) & (some <= len(acc) - n)]
        for side in (-n, 0):  # a limb that moves is mostly told by some samples of a side
            looks = acc[some[:, None] + side + looked_at] * mg_per_lsb
            some = some[np.ptp(looks, axis=1).max(axis=1, initial=0.0) <= STILL_MG]
        for seam in some.tolist():
            before, after = acc[seam - n : seam] * mg_per_lsb, acc[seam : seam + n] * mg_per_lsb
            if max(np.ptp(before, axis=0).max(), np.ptp(after, axis=0).max()) > STILL_MG:
                continue
            if np.linalg.norm(after.mean(axis=0) - before.mean(axis=0)) > STEP_MG:
                found.append(seam)
    return found


def without_nothing(
    acc: np.ndarray, breaks: tuple[Break, ...], odr_hz: float
) -> tuple[np.ndarray, tuple[Break, ...], int]:
    """Return (acc, breaks, samples left out) without runs of vectors of zeros, which are gaps."""
    runs = at_rest.silent_runs(acc)
    if not runs:
        return acc, tuple(breaks), 0
    return without(acc, breaks, runs, odr_hz)


def without(acc: np.ndarray, breaks, runs, odr_hz: float) -> tuple[Any, tuple[Break, ...], int]:
    """Return (acc, breaks, samples left out) without some runs (first, end), which become gaps."""
    keep = np.ones(len(acc), bool)
    missing = {}
    for first, end in runs:
        keep[first:end] = False
        missing[end] = missing.get(end, 0.0) + (end - first) / odr_hz
    for sample, missing_s in breaks:
        missing[sample] = missing.get(sample, 0.0) + missing_s
    place = np.concatenate([[0], np.cumsum(keep)])
    joined = {}
    for sample in sorted(missing):
        at = int(place[sample])
        joined[at] = joined.get(at, 0.0) + missing[sample]
    kept = acc[keep]
    out = tuple(Break(at, s) for at, s in joined.items() if 0 < at < len(kept))
    return kept, out, int(len(acc) - len(kept))
