"""The fifth stranger: its mechanics can be trusted, and what was reached on its nights is held.

Whole nights of it (`python tests/strangers/hinge_nights.py`, 44 h of seeds 101 and 102) gave, of a
crisp ankle (E) and a soft wrist under a noisier chip (F): jerks found 0.95 and 0.83, PPV 0.92 and
0.94, macro-F1 0.93 and 0.89. What is missed is below 8 mg, and in F below 20; what is false is
most often the stroke or the release of a limb that is held and hardly leans.
"""

from functools import cache

import hinge_nights
import hinges
import numpy as np
import pytest
import score

SEEDS, HOURS = (7,), 0.4
# set: jerks found, PPV, macro-F1, false an hour
REACHED = {"E": (0.925, 0.912, 0.945, 4.7), "F": (0.785, 0.985, 0.895, 0.6)}
BAND_FOUND = {
    "E": {(8, 20): 0.86, (20, 60): 0.96, (60, 200): 0.98, (200, 1e9): 0.94},
    "F": {(8, 20): 0.63, (20, 60): 0.98, (60, 200): 0.95, (200, 1e9): 0.98},
}
UP_MG = np.array([0.0, 0.0, 1000.0])


@cache
def whole(name):
    return hinge_nights.scored(name, SEEDS, HOURS)[1]


def still(name="E", hours=0.1, seed=1):
    made = hinges.Night(hinge_nights.SETS[name], hours, seed)
    made.plan_turns([])
    return made


@pytest.mark.parametrize("peak_mg", [6, 60, 900])
@pytest.mark.parametrize("name", sorted(hinge_nights.SETS))
def test_a_jerk_has_the_peak_that_was_asked_for_and_swings_back(name, peak_mg):
    made = still(name)
    felt = made.limb.felt(hinges.burst(made.rng, 0.08, 400), 400, peak_mg, UP_MG)
    assert np.linalg.norm(felt, axis=1).max() == pytest.approx(peak_mg, rel=0.15)
    assert np.linalg.norm(felt[-1]) < 0.03 * peak_mg


def test_a_limb_that_is_held_leans_and_one_let_go_lies_as_before():
    """Nothing is accelerated while it is held: gravity, as long as ever, points elsewhere."""
    made = still(seed=3)
    felt = made.limb.felt(np.r_[np.ones(2000), np.zeros(1200)], 400, 100, UP_MG, limb_hz=1)
    assert np.linalg.norm(felt[1900] + UP_MG) == pytest.approx(1000, abs=1)
    assert np.linalg.norm(felt[1900]) > 20
    assert np.linalg.norm(felt[-1]) < 1


def test_gravity_turns_as_far_as_was_asked_and_keeps_its_length():
    made = still()
    made.plan_turns([(60, 4, 70), (200, 5, 120)])
    odr = made.model.odr_hz
    before, between, after = (made.gravity[int(at_s * odr)] for at_s in (50, 150, 350))
    for one, other, degrees in ((before, between, 70), (between, after, 120)):
        assert np.linalg.norm(other) == pytest.approx(1000, abs=1e-6)
        cosine = one @ other / 1e6
        assert np.degrees(np.arccos(cosine)) == pytest.approx(degrees, abs=8)


def test_no_name_of_the_truth_is_an_opinion():
    """A jerk is seen for less than half a second, and an LM (AASM) for half a second or more."""
    for name in hinge_nights.SETS:
        truth = hinge_nights.night(name, "mixed", 2, 0.5).truth
        jerks = [row["duration_s"] for row in truth if row["kind"] == "jerk"]
        moves = [row["duration_s"] for row in truth if row["kind"] == "lm"]
        assert len(jerks) > 20 and max(jerks) < 0.5
        assert len(moves) > 5 and 0.5 < min(moves) and max(moves) < 10


def test_the_same_words_give_the_same_night_and_another_seed_another():
    one, again, other = (hinge_nights.night("F", "jerks", seed, 0.1) for seed in (4, 4, 5))
    assert (one.acc == again.acc).all() and one.truth == again.truth
    assert one.truth != other.truth


@pytest.mark.parametrize("name", sorted(REACHED))
def test_what_was_reached_is_held(name):
    found, ppv, macro_f1, false_per_hour = REACHED[name]
    tally = whole(name)
    each = {kind: round(tally.f1(kind), 3) for kind in score.KINDS}
    assert tally.found() >= found
    assert tally.ppv() >= ppv, tally.taken_for
    assert tally.macro_f1() >= macro_f1, each
    assert tally.false_per_hour() <= false_per_hour, tally.taken_for


@pytest.mark.parametrize("name", sorted(BAND_FOUND))
def test_jerks_are_found_at_every_size(name):
    for band, share in BAND_FOUND[name].items():
        assert whole(name).band(band) >= share, band
