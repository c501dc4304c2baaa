"""Calibration against gravity: wherever the limb rests, the vector should be 1 g long.

Pure, numpy. By van Hees 2014 (J Appl Physiol 117:738): gain and offset of each axis such that
resting vectors come to lie on the unit sphere. It needs rest on both sides of every axis; a night
alone seldom has it. Few ways of lying can be laid on the sphere by many gains and offsets, none of
them the sensor's: so it is also asked how surely the ways tell all six.
"""

from typing import NamedTuple

import numpy as np

from notturno.detect.recording_time import Note
from notturno.errors import Phrase

SPREAD_MG = 300.0  # rest is needed beyond this on both sides of every axis (van Hees 2014)
WORTH_MG = 10.0  # a mean error below is left as it is, and one that stays above (van Hees 2014)
LEAST_REST = 60  # seconds at rest
FITTED = 500  # of them, spread over the recording, say enough
MOST_GAIN = 1.15  # what asks for more is no calibration (at_rest refuses it before)
WAYS_A_G = 4  # ways of lying are told apart by quarters of the unit vector; ours
TOLD_S = 10  # a way counts by no more seconds: lying all night one way tells no more; ours
# Least weight of the worst told of all mixtures of gains and offsets: where each way tells 1 g to
# 2 mg it is then known to 5 mg, (2 / 5) ** 2; ours.
LEAST_SURE = 0.16
_ROUNDS, _ENOUGH = 20, 1e-6
_ROWS = 1 << 13  # at a time: they stay in the processor's cache


class Fit(NamedTuple):
    """gain, offset_mg: of each axis, calibrated = gain * mg + offset_mg; before_mg, after_mg: mean
    distance from 1 g of the seconds at rest. gain is None where nothing was to be done, or where
    `few_ways` or no fit stood against it."""

    gain: np.ndarray | None
    offset_mg: np.ndarray | None
    before_mg: float
    after_mg: float
    few_ways: bool = False


def fit(resting_mg: np.ndarray) -> Fit | None:
    """Return the Fit of seconds at rest, mg (n, 3); None where there are too few to say."""
    if len(resting_mg) < LEAST_REST:
        return None
    before_mg = _off_mg(resting_mg)
    left = Fit(None, None, before_mg, before_mg)
    if before_mg < WORTH_MG:
        return left
    both = (resting_mg.min(axis=0) < -SPREAD_MG) & (resting_mg.max(axis=0) > SPREAD_MG)
    if not both.all():
        return left._replace(few_ways=True)
    some_g = resting_mg[:: max(1, len(resting_mg) // FITTED)] / 1000
    weight = _weights(some_g)
    gain, offset = np.ones(3), np.zeros(3)
    for _ in range(_ROUNDS):
        now = some_g * gain + offset
        length = np.sqrt(np.add.reduce(now * now, axis=1))
        along = now / np.maximum(length, 1e-9)[:, None]
        slopes = np.concatenate([along * some_g, along], axis=1)
        weighted = slopes * weight[:, None]
        # summed, not multiplied as matrices: that would wake a linear algebra's threads
        square = np.einsum("ni,nj->ij", weighted, slopes)
        if np.linalg.eigvalsh(square)[0] < LEAST_SURE:
            return left._replace(few_ways=True)
        step = np.linalg.solve(square, np.add.reduce(weighted * (1 - length)[:, None], axis=0))
        gain, offset = gain + step[:3], offset + step[3:]
        if np.abs(step).max() < _ENOUGH:
            break
    else:
        return left
    after_mg = _off_mg(resting_mg * gain + offset * 1000)
    if not after_mg < WORTH_MG or not (np.abs(gain - 1) < MOST_GAIN - 1).all():
        return left
    return Fit(gain, offset * 1000, before_mg, after_mg)


def _off_mg(resting_mg: np.ndarray) -> float:
    """Return the mean distance from 1 g."""
    return float(np.abs(np.linalg.norm(resting_mg, axis=1) - 1000).mean())


def _weights(some_g: np.ndarray) -> np.ndarray:
    """Return how much each second counts, so that a way of lying counts 1 at the most."""
    unit = some_g / np.maximum(np.linalg.norm(some_g, axis=1), 1e-9)[:, None]
    _, way, seconds = np.unique(
        np.rint(unit * WAYS_A_G), axis=0, return_inverse=True, return_counts=True
    )
    return (np.minimum(seconds, TOLD_S) / (seconds * TOLD_S))[way.ravel()]


def applied(acc: np.ndarray, mg_per_lsb: float, found: Fit) -> np.ndarray:
    """Return the counts as calibrated; full scale, which means that it clipped, stays."""
    assert found.gain is not None and found.offset_mg is not None
    flat = np.ravel(acc)
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
    return out.reshape(acc.shape)


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
    if found.before_mg < WORTH_MG:
        return None
    reason = Phrase(
        "Rest is {before_mg:.0f} mg off 1 g, and lies in too few directions to calibrate by."
        if found.few_ways
        else "Rest is {before_mg:.0f} mg off 1 g, and no gain and offset bring it there: left so.",
        before_mg=found.before_mg,
    )
    return Note("not_calibrated", 1, reason)
