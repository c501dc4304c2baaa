"""What shakes a bed reaches a limb along one line, until the limb is laid anew."""

import numpy as np
import pytest
from notturno.sleeper import disturbances, models, nuisances
from notturno.sleeper.world import Night, Way

UP, ASIDE, AHEAD = np.eye(3)[::-1]


def night_of(*turns):
    night = Night(1, 1.0, {})
    night.turns[0] = (0.0, 0.0, UP)
    for turn in turns:
        night.turn(*turn)
    return night


def test_a_limb_lies_as_its_last_turn_left_it_in_whatever_order_turns_were_planned():
    night = night_of((2000.0, 10.0, AHEAD), (1000.0, 10.0, ASIDE))
    at = {t: night.gravity_at(t).tolist() for t in (0.0, 1004.9, 1005.0, 2004.9, 2005.0, 3000.0)}
    up, aside, ahead = UP.tolist(), ASIDE.tolist(), AHEAD.tolist()
    assert list(at.values()) == [up, up, aside, aside, ahead, ahead]


BED, LIMB = models.Bed(3.0, 2, 0.6), models.TUNING[0].limb
ON = [(0.0, 1800.0)]
BESIDE = {
    "snore": lambda night, rng: nuisances.snore(night, rng, BED, 60.0, 1800.0, []),
    "phone": lambda night, rng: nuisances.phone(night, rng, 60, []),
    "partner": lambda night, rng: nuisances.partner(night, rng, LIMB, BED, 60, []),
    "first partner": lambda night, rng: disturbances.partner(night, rng, 1.0, []),
    "lorry": lambda night, rng: disturbances.lorries(night, rng, 4.0),
    "tone": lambda night, rng: nuisances.tone(night, rng, ON, 5.0, 6.0, 5.0, 6.0),
    "pump": lambda night, rng: disturbances.pump(night, rng, 1.0),
}  # fmt: skip


def lines_of(source):
    """Return the lines (unit vectors) of the most of what came before a turn, and after it."""
    night = night_of((900.0, 10.0, ASIDE))
    BESIDE[source](night, np.random.default_rng(8))
    t = np.arange(0, 1800, 0.011)
    waves = night.waves + [(0.0, texture(t, None)[t < 900]) for texture in night.textures]
    waves += [(906.0, texture(t, None)[t > 906]) for texture in night.textures]
    tops = [(at, np.linalg.svd(wave, full_matrices=False)[2][0]) for at, wave in waves]
    before = np.array([line for at, line in tops if at < 900])
    after = np.array([line for at, line in tops if 906 <= at < 1800])
    assert len(before) and len(after)
    return before, after


@pytest.mark.parametrize("source", BESIDE)
def test_it_comes_along_one_line_until_the_limb_is_laid_anew(source):
    before, after = lines_of(source)
    for lines in (before, after):  # 0.15 of a wave stays as it was: 9 degrees at most
        assert np.abs(lines @ lines[0]).min() > np.cos(np.radians(18))
    assert abs(before[0] @ after[0]) < np.cos(np.radians(18))


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_as_much_of_it_as_is_said_is_up_and_down_however_the_limb_lies(share):
    night = night_of((1000.0, 10.0, AHEAD))
    way = Way(night, np.random.default_rng(4), share)
    for at_s, gravity in ((0.0, UP), (999.0, UP), (2000.0, AHEAD)):
        line = way.at(at_s)
        assert np.linalg.norm(line) == pytest.approx(1) and line @ gravity == pytest.approx(share)


def test_many_instants_have_the_lines_that_each_has_whoever_asks_first():
    turns = ((500.0, 10.0, ASIDE), (700.0, 20.0, AHEAD), (710.0, 10.0, UP))
    one, other = (Way(night_of(*turns), np.random.default_rng(5)) for _ in range(2))
    t = np.array([800.0, 500.0, 0.0, 712.0])
    each = [one.at(at) for at in t]
    order = t.argsort()
    assert np.array_equal(other.over(t[order]), np.array(each)[order])
    assert len({tuple(line) for line in each}) == 4 - 1  # 0 and 500 s are before the first's half
