"""Calibration against gravity: wherever the limb rests, the vector should be 1 g long.

Pure, numpy. The method of van Hees 2014 (J Appl Physiol 117:738): offset and gain of each axis are
fitted so that resting vectors come to lie on the unit sphere, by going to the nearest point again
and again. It needs rest on both sides of every axis; a night alone seldom has it.
"""

from typing import NamedTuple

import numpy as np

from notturno.detect.recording_time import Note
from notturno.errors import Phrase

SPREAD_MG = 300.0  # rest is needed beyond this on both sides of every axis (van Hees 2014)
WORTH_MG = 10.0  # a mean error below is left as it is (van Hees 2014)
LEAST_REST = 60  # seconds at rest
FITTED = 500  # of them, spread over the recording, say enough
MOST_GAIN = 1.15  # what asks for more is no calibration (at_rest refuses it before)
_ROUNDS, _ENOUGH = 200, 1e-5
_ROWS = 1 << 13  # at a time: they stay in the processor's cache


class Fit(NamedTuple):
    """gain, offset_mg: of each axis, calibrated = gain * mg + offset_mg; before_mg, after_mg: mean
    distance from 1 g of the seconds at rest. gain is None where nothing was to be done."""

    gain: np.ndarray | None
    offset_mg: np.ndarray | None
    before_mg: float
    after_mg: float


def fit(resting_mg: np.ndarray) -> Fit | None:
    """Return the Fit of seconds at rest, mg (n, 3); None where there are too few to say."""
    if len(resting_mg) < LEAST_REST:
        return None
    length_mg = np.linalg.norm(resting_mg, axis=1)
    before_mg = float(np.abs(length_mg - 1000).mean())
    both = (resting_mg.min(axis=0) < -SPREAD_MG) & (resting_mg.max(axis=0) > SPREAD_MG)
    if not both.all() or before_mg < WORTH_MG:
        return Fit(None, None, before_mg, before_mg)
    some_mg = np.ascontiguousarray(resting_mg[:: max(1, len(resting_mg) // FITTED)].T)
    gain, offset_mg = np.ones(3), np.zeros(3)
    for _ in range(_ROUNDS):
        now = some_mg * gain[:, None] + offset_mg[:, None]
        square = now * now
        nearest = now * (1000 / np.maximum(np.sqrt(square[0] + square[1] + square[2]), 1e-9))
        slope, shift_mg = _lines(now, nearest)
        gain *= slope
        offset_mg = offset_mg * slope + shift_mg
        if max(np.abs(slope - 1).max(), np.abs(shift_mg).max() / 1000) < _ENOUGH:
            break
    now = resting_mg * gain + offset_mg
    after_mg = float(np.abs(np.linalg.norm(now, axis=1) - 1000).mean())
    if not after_mg < before_mg or not (np.abs(gain - 1) < MOST_GAIN - 1).all():
        return Fit(None, None, before_mg, before_mg)
    return Fit(gain, offset_mg, before_mg, after_mg)


def _lines(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes and shifts of the straight lines nearest to y over x, row by row."""
    along = np.add.reduce  # what `mean` and `sum` call, at a fifth of their own cost
    x_mean, y_mean = along(x, axis=1) / x.shape[1], along(y, axis=1) / x.shape[1]
    from_mean = x - x_mean[:, None]
    square = along(from_mean * from_mean, axis=1)
    slope = along(from_mean * y, axis=1) / np.maximum(square, 1e-9)
    return slope, y_mean - slope * x_mean


def applied(acc: np.ndarray, mg_per_lsb: float, found: Fit) -> np.ndarray:
    """Return the counts as calibrated; full scale, which means that it clipped, stays."""
    assert found.gain is not None and found.offset_mg is not None
    flat = np.ascontiguousarray(acc).reshape(-1)
    out = np.empty_like(flat)
    gain = np.tile(found.gain.astype(np.float32), _ROWS)
    offset = np.tile((found.offset_mg / mg_per_lsb).astype(np.float32), _ROWS)
    value = np.empty(3 * _ROWS, np.float32)
    reach = max(int(flat.max()), -int(flat.min())) * MOST_GAIN + float(np.abs(offset).max())
    for first in range(0, len(flat), 3 * _ROWS):
        part = flat[first : first + 3 * _ROWS]
        now = value[: len(part)]
        np.multiply(part, gain[: len(part)], out=now)
        now += offset[: len(part)]
        np.rint(now, out=now)
        if reach > 32767:
            np.clip(now, -32768, 32767, out=now)
        out[first : first + 3 * _ROWS] = now
    if reach > 32767:
        full = (flat == 32767) | (flat == -32768)
        out[full] = flat[full]
    return out.reshape(-1, 3)


def note_of(found: Fit | None) -> Note | None:
    """Return what is to be said of a calibration; None where nothing is."""
    if found is None:
        return None
    if found.gain is not None:
        reason = Phrase(
            "Calibrated against gravity: rest was {before_mg:.0f} mg off 1 g, now {after_mg:.0f}.",
            before_mg=found.before_mg,
            after_mg=found.after_mg,
        )
        return Note("calibrated", 1, reason)
    if found.before_mg >= WORTH_MG:
        reason = Phrase(
            "Rest is {before_mg:.0f} mg off 1 g, and lies in too few directions to calibrate by.",
            before_mg=found.before_mg,
        )
        return Note("not_calibrated", 1, reason)
    return None
