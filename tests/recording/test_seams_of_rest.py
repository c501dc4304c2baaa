"""Seams are found at every place where a limb at rest lies another way, whatever is around it."""

import numpy as np
import pytest
from notturno.detect import recording_seams

HZ = 25.0
SIDE = 25  # samples of a second


def at_each_place(acc, mg_per_lsb):
    """Return the seams by their meaning: each place is looked at, each side as a whole."""
    found, mg = [], acc * mg_per_lsb
    for at in range(SIDE, len(mg) - SIDE + 1):
        before, after = mg[at - SIDE : at], mg[at : at + SIDE]
        still = max(np.ptp(before, axis=0).max(), np.ptp(after, axis=0).max()) <= 100
        if still and np.linalg.norm(after.mean(axis=0) - before.mean(axis=0)) > 250:
            found.append(at)
    return found


@pytest.mark.parametrize("at_once", [1, 7, 1 << 15])
@pytest.mark.parametrize("seed", range(4))
def test_they_are_those_of_a_look_at_every_place(monkeypatch, seed, at_once):
    monkeypatch.setattr(recording_seams, "_AT_ONCE", at_once)
    rng, mg_per_lsb = np.random.default_rng(seed), 0.488
    ways = rng.normal(0, 500, (150, 3)) * rng.choice([0.2, 1.0], (150, 1))
    lasts = rng.choice([3, 20, 24, 25, 26, 60, 90], 150)  # some too short for a side
    noises = rng.choice([1, 14, 60], 150)
    ends = [0, 1, -2, -1]  # a seam as near to each end as there can be one
    ways[ends], lasts[ends], noises[ends] = np.diag([900, 0, 900]).T[[0, 1, 0, 1]], SIDE, 1
    mg = np.repeat(ways, lasts, axis=0)
    mg += rng.normal(0, 1, mg.shape) * np.repeat(noises, lasts)[:, None]
    one_off = rng.integers(2 * SIDE, len(mg) - 2 * SIDE, 30)
    mg[one_off] += rng.choice([0.0, 110.0], (30, 3))  # one sample alone says that it moves
    acc = np.round(mg / mg_per_lsb).astype(np.int16)
    expected = at_each_place(acc, mg_per_lsb)
    assert len(expected) > 3 and (expected[0], expected[-1]) == (SIDE, len(acc) - SIDE)
    assert recording_seams.seams_of(acc, mg_per_lsb, HZ) == expected


@pytest.mark.parametrize(
    ("swings_mg", "steps_mg", "found"),
    [(100.0, 400.0, True), (100.5, 400.0, False), (0.0, 250.0, False), (0.0, 250.5, True)],
)
@pytest.mark.parametrize("side", [slice(0, SIDE), slice(SIDE, None)])
def test_the_bounds_of_stillness_and_of_a_step(swings_mg, steps_mg, found, side):
    mg = np.zeros((2 * SIDE, 3))
    mg[SIDE:, 1] = steps_mg
    mg[side, 2] = np.arange(SIDE) % 2 * swings_mg  # of each side alone: the other lies still
    acc = np.round(mg / 0.25).astype(np.int16)
    assert recording_seams.seams_of(acc, 0.25, HZ) == [SIDE] * found
