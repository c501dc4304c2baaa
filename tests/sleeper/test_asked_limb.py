"""A limb that is awake lies still, and kicks once for each request, never before it."""

import numpy as np
from notturno.sleeper import body
from notturno.sleeper.asked import LASTS_S, PEAK_MG, REACTION_S, AskedLimb
from notturno.virtualband.evening import FORESEEN_S

STEP_S = 0.01


def moved_mg(limb, first_s, seconds):
    """How far the force is from its mean: (n,) mg."""
    rest = limb.accel_mg(10.0, STEP_S, 3000).mean(axis=0)
    return np.linalg.norm(limb.accel_mg(first_s, STEP_S, int(seconds / STEP_S)) - rest, axis=1)


def test_unasked_it_only_breathes():
    limb = AskedLimb(3)
    assert moved_mg(limb, 0.0, 600).max() < 15
    assert limb.accel_mg(5.0, STEP_S, 0).shape == (0, 3)


def test_each_request_is_one_kick_after_a_reaction_and_within_bounds():
    limb = AskedLimb(5)
    for k in range(8):
        asked_s = 100.0 + 20 * k
        onset_s = limb.move(asked_s)
        assert REACTION_S[0] <= onset_s - asked_s <= REACTION_S[1]
        still = moved_mg(limb, asked_s - 5, 5 + REACTION_S[0] - STEP_S)
        assert still.max() < 15
        kick = moved_mg(limb, onset_s, 2.0)
        assert PEAK_MG[0] - 20 <= kick.max() <= PEAK_MG[1] + 20
        assert np.flatnonzero(kick > 20).max() * STEP_S <= LASTS_S[1] + 0.05


def test_it_never_moves_within_what_the_virtual_chip_has_foreseen():
    assert REACTION_S[0] > FORESEEN_S


def test_the_same_seed_is_the_same_person_and_hours_go_on_without_a_seam():
    one, other = AskedLimb(7), AskedLimb(7)
    assert one.move(4000.0) == other.move(4000.0)
    first_s = 3530.0  # across the end of the hour of breath
    whole = one.accel_mg(first_s, STEP_S, 4000)
    parts = [other.accel_mg(first_s + 10 * k, STEP_S, 1000) for k in range(4)]
    assert np.allclose(whole, np.concatenate(parts))


def test_a_single_instant_is_the_one_of_a_run():
    limb = AskedLimb(2)
    limb.move(20.0)
    assert np.allclose(limb.accel_mg(20.5, STEP_S, 1), limb.accel_mg(20.5, STEP_S, 9)[:1], atol=1)


def test_a_kick_is_there_before_another_is_drawn(monkeypatch):
    """To draw takes seconds, the first time: behind a reaction time the kick would be past."""
    limb, there = AskedLimb(5), []
    draw = body.joint_movement

    def drawn(*what):
        there.append(moved_mg(limb, 100.0, 3.0).max())
        return draw(*what)

    monkeypatch.setattr(body, "joint_movement", drawn)
    limb.move(100.0)
    assert len(there) == 1 and there[0] > PEAK_MG[0] / 2
