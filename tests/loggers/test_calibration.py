"""Gain and offset of a sensor told from its rest, and left alone where rest cannot tell them."""

import numpy as np
import pytest
from notturno.loggers import calibration

GAIN, OFFSET_MG = np.array([1.03, 0.98, 1.01]), np.array([30.0, -20.0, 15.0])


def ways(count, seed=3):
    """Return unit vectors spread over all directions."""
    found = np.random.default_rng(seed).normal(size=(count, 3))
    return found / np.linalg.norm(found, axis=1)[:, None]


def resting_mg(true, seconds, noise_mg=1.0):
    """Return what such a sensor shows of so many seconds of each way, mg (n, 3)."""
    true_mg = np.repeat(1000 * true, seconds, axis=0)
    true_mg = true_mg + np.random.default_rng(5).normal(0, noise_mg, true_mg.shape)
    return (true_mg - OFFSET_MG) / GAIN


@pytest.mark.parametrize("count", [12, 20, 60])
def test_gain_and_offset_of_each_axis_are_found(count):
    found = calibration.fit(resting_mg(ways(count), 40))
    assert found.gain == pytest.approx(GAIN, abs=0.002)
    assert found.offset_mg == pytest.approx(OFFSET_MG, abs=2)
    assert found.after_mg < 2 < 10 < found.before_mg


def test_a_way_held_all_night_does_not_outweigh_the_others():
    rest_mg = np.concatenate([resting_mg(ways(1, 9), 20000, 4), resting_mg(ways(20), 400)])
    found = calibration.fit(rest_mg)
    assert found.gain == pytest.approx(GAIN, abs=0.004)
    assert found.offset_mg == pytest.approx(OFFSET_MG, abs=4)


def test_a_few_ways_on_both_sides_of_each_axis_tell_too_little():
    """Within the published bound, and yet many gains and offsets lay them on the sphere."""
    few = np.array([[1, 1, 1], [-1, -1, 1], [1, -1, -1], [-1, 1, -1.0]]) / np.sqrt(3)
    rest_mg = resting_mg(few, 100)
    assert (np.abs(rest_mg) > calibration.SPREAD_MG).all()
    found = calibration.fit(rest_mg)
    assert found.gain is None and found.few_ways
    assert "too few directions" in calibration.note_of(found).reason


@pytest.mark.parametrize(("upright", "enough"), [(1.0, True), (0.9, False)])
def test_a_second_each_way_is_just_enough_where_it_lies_along_its_axis(upright, enough):
    """Two ways of a second: each weighs a tenth, the least told of all 0.2, or 0.2 x 0.9 ** 4."""
    flat = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0.0]])
    tilted = np.array([[np.sqrt(1 - upright**2), 0, upright]])
    rest_mg = [resting_mg(flat, 30, 0), resting_mg(tilted, 1, 0), resting_mg(-tilted, 1, 0)]
    found = calibration.fit(np.concatenate(rest_mg))
    assert found.few_ways != enough
    assert (found.gain is not None) == enough


def test_rest_on_one_side_of_an_axis_tells_too_little():
    one_side = ways(200)
    found = calibration.fit(resting_mg(one_side[one_side[:, 2] > -0.25], 20))
    assert found.gain is None and found.few_ways


def test_what_is_no_gain_and_offset_is_left_alone_and_said():
    """A third of the ways show another length, as a sensor that drifts or clips does."""
    true = ways(60)
    true[::3] *= 0.6
    found = calibration.fit(resting_mg(true, 20) * 1.2)
    assert found.gain is None and not found.few_ways
    assert "no gain and offset" in calibration.note_of(found).reason


def test_little_is_left_as_it_is_and_not_said():
    rest_mg = 1000 * np.repeat(ways(60), 20, axis=0) + 5
    found = calibration.fit(rest_mg)
    assert found.gain is None and found.before_mg < calibration.WORTH_MG
    assert calibration.note_of(found) is None
    assert calibration.fit(rest_mg[: calibration.LEAST_REST - 1]) is None
