"""The strangers themselves: their mechanics, their truth and the matching can be trusted."""

import bed
import limbs
import nights
import numpy as np
import pytest
import score
from limbs import Movement


@pytest.fixture(scope="module")
def felt():
    """Sixteen jerks, four sizes by four limbs: (movement, first sample, mg)."""
    rng = np.random.default_rng(1)
    each = [(peak, hz) for peak in (5, 60, 400, 1400) for hz in (2, 4, 8, 13)]
    movements = [Movement("jerk", 5.0 + i, 0.08, *both) for i, both in enumerate(each)]
    gravity_mg = np.array([0.0, 600, 800])
    groups = limbs.drawn_by_length(movements, lambda _: gravity_mg, nights.A.body, 104, rng)
    return limbs.pieces_of([groups])[0]


def test_a_movement_has_the_peak_and_the_onset_that_were_asked_for(felt):
    for movement, first, acc in felt:
        onset_s, _, peak_mg = limbs.seen(acc, first, 104)
        assert peak_mg == pytest.approx(movement.peak_mg, rel=0.01)
        assert 0 <= onset_s - movement.onset_s < 0.15


def test_a_movement_ends_where_it_began(felt):
    for movement, _, acc in felt:
        assert np.linalg.norm(acc[-1]) < 0.01 * movement.peak_mg


def test_a_slow_limb_swings_slowly():
    """The mean frequency of many, for one of them hangs on its own friction and mattress."""

    def mean_hz(limb_hz):
        movements = [Movement("jerk", 1.0, 0.08, 60, limb_hz)] * 40
        gravity_mg = np.tile([0.0, 0, 1000], (40, 1))
        rng = np.random.default_rng(2)
        (pieces,) = limbs.felt([limbs.drawn(movements, gravity_mg, nights.B.body, 104, rng)])
        power = sum((np.abs(np.fft.rfft(acc, 512, axis=0)) ** 2).sum(axis=1) for _, acc in pieces)
        return power @ np.fft.rfftfreq(512, 1 / 104) / power.sum()

    assert mean_hz(2) < mean_hz(4) < mean_hz(8) < mean_hz(13)


def test_gravity_keeps_its_length_and_turns_as_far_as_was_asked():
    silent = dict(noise_mg=(0, 0), pulse_mg=(0, 0), breath_mg=(0, 0))
    room = bed.Bed(nights.A, 120, 3, **silent)
    room.rotate(60, 4, 70)
    room.rotate(20, 4, 120)  # given later, though it comes before
    acc = room.night().acc * nights.A.mg_per_lsb
    before, between, after = acc[1000], acc[40 * 104], acc[80 * 104]
    for way in (before, between, after):
        assert np.linalg.norm(way) == pytest.approx(1000, abs=15 * np.sqrt(3) + 1)
    for one, other, degrees in ((before, between, 120), (between, after, 70)):
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert np.degrees(np.arccos(cosine)) == pytest.approx(degrees, abs=4)


@pytest.mark.parametrize("foreign", sorted(nights.FOREIGN))
def test_no_name_of_the_truth_is_an_opinion(foreign):
    truth = [
        t
        for profile in ("myoclonus", "plm", "restless")
        for t in nights.night(profile, 2, 1, foreign).truth
    ]
    jerks = [t["duration_s"] for t in truth if t["kind"] == "jerk"]
    moves = [t["duration_s"] for t in truth if t["kind"] == "lm"]
    assert len(jerks) > 50 and len(moves) > 50
    assert max(jerks) <= bed.LONGEST_JERK_S < bed.SHORTEST_LM_S <= min(moves)


def test_the_same_words_give_the_same_night_and_another_seed_another():
    one, again, other = (nights.night("mixed", seed, 0.5, "B") for seed in (4, 4, 5))
    assert (one.acc == again.acc).all() and one.truth == again.truth
    assert one.truth != other.truth


def rows(*onsets):
    return [dict(kind="jerk", onset_s=at, duration_s=0.2) for at in onsets]


def test_matching_is_one_to_one_and_takes_the_nearest():
    assert score.pairs(rows(10, 20), rows(10.3, 10.1, 25), "jerk") == {0: 1}
    assert score.pairs(rows(10, 10.4), rows(10.1), "jerk") == {0: 0}


def test_a_long_row_is_matched_by_its_share_and_not_by_touching():
    truth = [dict(kind="rhythm", onset_s=100, duration_s=60)]
    assert score.pairs(truth, [dict(onset_s=110, duration_s=45)], "rhythm") == {0: 0}
    assert score.pairs(truth, [dict(onset_s=140, duration_s=45)], "rhythm") == {}


def event(kind, onset_s, duration_s, *flags):
    return dict(kind=kind, onset_s=onset_s, duration_s=duration_s, flags=list(flags))


@pytest.mark.parametrize(
    ("events", "false"),
    [
        ([event("lm", 80, 3), event("jerk", 90, 0.2)], {"jerk": 1}),
        ([event("lm", 80, 3), event("jerk", 90, 0.2, "in_awake")], {}),
        ([event("lm", 80, 3), event("jerk", 90, 0.2), event("awake", 70, 100)], {}),
        ([event("lm", 300, 3), event("awake", 290, 30)], {}),  # nothing counts there
        ([event("lm", 300, 3), event("awake", 310, 30)], {"lm": 1}),
    ],
)
def test_in_a_spell_of_will_a_jerk_is_false_unless_the_detector_knew(events, false):
    told = dict(kind="awake", onset_s=60, duration_s=120, peak_mg=0, rhythm_hz=0)
    night = bed.Night(np.zeros((36000, 3), np.int16), 1.0, 100.0, [told])
    tally = score.Tally()
    tally.add(night, events)
    assert {kind: n for (_, kind), n in tally.taken_for.items()} == false
