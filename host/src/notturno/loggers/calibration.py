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
_ROUNDS, _ENOUGH = 200, 1e-5


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
    gain, offset_mg = np.ones(3), np.zeros(3)
    for _ in range(_ROUNDS):
        now = resting_mg * gain + offset_mg
        nearest = now * (1000 / np.maximum(np.linalg.norm(now, axis=1), 1e-9))[:, None]
        moved = 0.0
        for axis in range(3):
            slope, shift = _line(now[:, axis], nearest[:, axis])
            gain[axis] *= slope
            offset_mg[axis] = offset_mg[axis] * slope + shift
            moved = max(moved, abs(slope - 1), abs(shift) / 1000)
        if moved < _ENOUGH:
            break
    now = resting_mg * gain + offset_mg
    after_mg = float(np.abs(np.linalg.norm(now, axis=1) - 1000).mean())
    if not after_mg < before_mg or not (np.abs(gain - 1) < 0.15).all():
        return Fit(None, None, before_mg, before_mg)
    return Fit(gain, offset_mg, before_mg, after_mg)


def _line(x, y):
    """Return slope and shift of the straight line nearest to y over x."""
    from_mean = x - x.mean()
    slope = float(from_mean @ y / max(from_mean @ from_mean, 1e-9))
    return slope, float(y.mean() - slope * x.mean())


def applied(acc: np.ndarray, mg_per_lsb: float, found: Fit) -> np.ndarray:
    """Return the counts as calibrated; full scale, which means that it clipped, stays."""
    out = np.empty_like(acc)
    every = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float64)
    for axis in range(3):  # each count once, and then looked up
        value = every * found.gain[axis] + found.offset_mg[axis] / mg_per_lsb
        table = np.clip(np.round(value), -32768, 32767).astype(np.int16)
        table[[32767, 32768]] = 32767, -32768
        out[:, axis] = table[acc[:, axis].view(np.uint16)]
    return out


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
