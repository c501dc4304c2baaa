"""The third stranger: its mechanics can be trusted, and what was reached on its nights is held.

Whole nights of it (`python tests/strangers/lever_nights.py`, 36 h that nothing was chosen on) gave
jerks found 0.925 with a PPV of 0.988, 0.94 of those above 200 mg, macro-F1 0.96. Not all goals of
A and B are met: jerks in a limb that is held up and trembles, or amid a snore, are taken
for long movements, and so are strong ones of slow limbs, which ring for 0.7 s and more.
"""

from functools import cache

import lever_nights
import levers
import numpy as np
import pytest
import score

SEEDS, HOURS = (11, 12, 13), 0.5
FOUND, PPV, MACRO_F1, FALSE_PER_HOUR = 0.90, 0.97, 0.90, 0.9
BAND_FOUND = {(8, 20): 0.92, (20, 60): 0.90, (60, 200): 0.91, (200, 1e9): 0.90}
SHAPES = ("sine", "least jerk", "triangle", "twitch")


@cache
def whole():
    return lever_nights.scored(SEEDS, HOURS)[1]


def still(seed=1, hours=0.1, **changed):
    chip = dict(odr_hz=100.0, mg_per_lsb=0.061, noise_mg=0.0, pulse_mg=0.0) | changed
    return levers.Room(np.random.default_rng(seed), hours, (4, 5), 0.3, **chip)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_muscle_pulls_one_way_and_lets_go(shape):
    force = levers.contraction(np.random.default_rng(1), 0.1, shape)
    assert force.min() >= 0 and force.max() > 0.3 and force[-1] == 0
    swing = levers.swings(np.concatenate([force, levers.silent(2)]), 5, 0.4)
    assert abs(swing[-1]) < 0.01 * np.abs(swing).max()


@pytest.mark.parametrize("peak_mg", [6, 60, 900])
def test_a_jerk_has_the_peak_that_was_asked_for(peak_mg):
    room = still()
    force = levers.contraction(room.rng, 0.1)
    room.move("jerk", 60, 0.1, force, peak_mg)
    felt = np.linalg.norm(room.added, axis=1)
    assert felt.max() == pytest.approx(peak_mg, rel=0.1)
    assert room.truth[0]["peak_mg"] == pytest.approx(peak_mg, rel=0.02)
    assert np.argmax(felt) / room.true_hz == pytest.approx(60.15, abs=0.15)


def test_a_wrong_clock_is_in_the_rows_as_it_is_in_the_counts():
    rooms = [still(seed) for seed in range(8)]
    for room in rooms:
        room.move("jerk", 300, 0.05, levers.contraction(room.rng, 0.05), 400)
        at_s = np.argmax(np.linalg.norm(room.added, axis=1)) / room.odr_hz
        assert at_s == pytest.approx(room.truth[0]["onset_s"] + 0.1, abs=0.12)
    assert max(abs(room.truth[0]["onset_s"] - 300) for room in rooms) > 3


def test_turns_keep_gravitys_length_and_turn_it_as_far_as_was_asked():
    room = still()
    room.turn(60, 4, 70, 100)
    room.turn(200, 5, 120, 100)
    before, between, after = (
        room.added[int(at_s * room.true_hz)] + 1000 * room.way for at_s in (50, 100, 300)
    )
    for one, other, degrees in ((before, between, 70), (between, after, 120)):
        assert np.linalg.norm(other) == pytest.approx(1000, abs=1)
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert np.degrees(np.arccos(cosine)) == pytest.approx(degrees, abs=5)


def test_the_same_words_give_the_same_night_and_another_seed_another():
    one, again, other = (lever_nights.night("forces", seed, 0.2) for seed in (4, 4, 5))
    assert (one.acc == again.acc).all() and one.truth == again.truth
    assert one.truth != other.truth


def test_jerks_are_found_and_what_counts_as_one_is_one():
    assert whole().found() >= FOUND
    assert whole().ppv() >= PPV, whole().taken_for
    assert whole().false_per_hour() <= FALSE_PER_HOUR, whole().taken_for


def test_all_four_kinds_are_told_apart():
    each = {kind: round(whole().f1(kind), 3) for kind in score.KINDS}
    assert whole().macro_f1() >= MACRO_F1, each


@pytest.mark.parametrize("band", BAND_FOUND, ids=lambda band: f"from {band[0]} mg")
def test_jerks_are_found_at_every_size(band):
    assert whole().band(band) >= BAND_FOUND[band], whole().band_truths[band]
