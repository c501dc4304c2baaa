"""Two bands on one clock: the 0.5 s rule, lags with their doubt, and what alternates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from night_rows import START_UTC_MS, event, minutes, session
from notturno import refusals
from notturno.nights.axis import night_axis
from notturno.refusals import is_refusal
from notturno.scoring.onenight import two_bands
from whole import whole_or


def axis(events, shift_ms=0, n_minutes=60, minute_rows=()):
    """Return an axis whose band started `shift_ms` later; events keep their own UTC."""
    one = session(n_minutes, start_utc_ms=START_UTC_MS + shift_ms)
    return night_axis(events, minute_rows, [one])


def legs(left, right, errors=(10, 10), shift_ms=0):
    return two_bands.figures(axis(left), axis(right, shift_ms), errors)


@pytest.mark.parametrize(
    ("right_s", "bilateral"),
    [(100.05, 1), (100.599, 1), (100.6, 0), (99.401, 1), (99.4, 0)],
)
def test_jerks_are_of_both_legs_under_half_a_second_from_end_to_onset(right_s, bilateral):
    found = legs([event(100)], [event(right_s)])["jerks"]
    assert found["bilateral"] == bilateral
    assert found["left_only"] == found["right_only"] == 1 - bilateral


@pytest.mark.parametrize(("right_s", "bilateral"), [(102.499, 1), (102.5, 0), (101.0, 1)])
def test_movements_are_of_both_legs_by_the_same_rule(right_s, bilateral):
    left, right = [event(100, "lm", 2.0)], [event(right_s, "lm", 2.0)]
    found = legs(left, right)["movements"]
    assert found == {
        "bilateral": bilateral,
        "left_only": 1 - bilateral,
        "right_only": 1 - bilateral,
    }


@pytest.mark.parametrize(
    ("lag_ms", "who"),
    [(21, "left_first"), (20, "synchronous_within_clocks"), (-21, "right_first")],
)
def test_which_leg_was_first_is_said_beyond_the_error_of_both_clocks(lag_ms, who):
    found = legs([event(100)], [event(100 + lag_ms / 1000)])["jerks"]
    told = ("left_first", "right_first", "synchronous_within_clocks")
    assert {name: found[name] for name in told} == {name: int(name == who) for name in told}


def test_half_of_all_lags_lies_between_its_quartiles():
    lags_s = (0.01, 0.02, 0.08, 0.1, 0.3)
    left = [event(100 * i) for i in range(1, 6)]
    right = [event(100 * i + lag_s) for i, lag_s in enumerate(lags_s, 1)]
    found = legs(left, right)["jerks"]["lag_ms"]
    assert (found["median"], found["quartiles"]) == (80, pytest.approx([20, 100]))


def test_a_lag_comes_with_its_uncertainty_and_from_five_pairs_on():
    left = [event(100 * i) for i in range(1, 6)]
    right = [event(100 * i + 0.08) for i in range(1, 6)]
    found = legs(left, right, errors=(15, 20))["jerks"]["lag_ms"]
    assert found["median"] == pytest.approx(80) and found["uncertainty"] == 35
    assert is_refusal(legs(left[:4], right[:4])["jerks"]["lag_ms"])


def test_bands_started_at_different_times_meet_on_one_clock():
    left, right = [event(1000), event(2000)], [event(1000.05), event(2500)]
    assert legs(left, right, shift_ms=300_000)["jerks"]["bilateral"] == 1


def test_a_clock_that_is_unknown_or_too_loose_refuses():
    undated = session(60, start_utc_ms=None, end_utc_ms=None)
    one = night_axis([event(100, onset_utc_ms=None)], [], [undated])
    assert two_bands.figures(one, axis([]), (10, 10)).code == refusals.CLOCK_UNKNOWN
    assert legs([], [], errors=(None, 10)).code == refusals.CLOCK_UNKNOWN
    found = legs([event(100)], [event(100)], errors=(250, 250))
    assert found["jerks"].code == found["movements"].code == refusals.CLOCK_UNKNOWN
    assert not is_refusal(legs([event(100)], [event(100)], errors=(250, 249))["jerks"])


def test_only_time_in_which_both_were_worn_counts():
    off = minutes(20) + minutes(40, 20, flags=["not_worn"])
    left = axis([event(600), event(2400)])
    right = axis([event(600)], minute_rows=off)
    found = two_bands.figures(left, right, (10, 10))
    assert found["both_worn_h"] == pytest.approx(1 / 3)
    assert (found["jerks"]["bilateral"], found["jerks"]["left_only"]) == (1, 0)
    never = axis([event(600)], minute_rows=minutes(60, flags=["not_worn"]))
    assert two_bands.figures(left, never, (10, 10)).code == refusals.TOO_SHORT


def test_a_movement_that_does_not_count_is_neither_sides():
    """Also what is part of more: the jerks of a rhythm alternate, its movements are no LM."""
    for flag in ("in_rhythm", "small", "posture_changed"):
        left = [event(100, "lm", 2.0), event(300, "lm", 2.0, [flag])]
        right = [event(100, "lm", 2.0), event(500, "lm", 2.0, [flag])]
        found = legs(left, right)["movements"]
        assert found == {"bilateral": 1, "left_only": 0, "right_only": 0}


def in_turn(step_s, n):
    left = [event(100 + step_s * i, flags=["in_rhythm"]) for i in range(0, n, 2)]
    right = [event(100 + step_s * i, flags=["in_rhythm"]) for i in range(1, n, 2)]
    return left, right


@pytest.mark.parametrize(
    ("step_s", "n", "runs"),
    [(0.5, 4, 1), (0.5, 3, 0), (0.334, 4, 1), (0.333, 4, 0), (2.0, 4, 1), (2.001, 4, 0)],
)
def test_alternating_needs_4_bursts_in_turn_at_half_to_3_hz(step_s, n, runs):
    found = legs(*in_turn(step_s, n))["alternating"]
    assert found["runs"] == runs
    if runs:
        assert found["spans"][0]["frequency_hz"] == pytest.approx(1 / step_s)
        assert found["spans"][0]["bursts"] == n


def test_two_bursts_of_one_leg_end_what_alternates():
    left = [event(100.0), event(101.0), event(101.5), event(102.5)]
    right = [event(100.5), event(102.0)]
    assert legs(left, right)["alternating"]["runs"] == 0


def test_clocks_too_loose_for_an_order_refuse_what_alternates():
    left, right = in_turn(0.5, 6)
    assert is_refusal(legs(left, right, errors=(200, 200))["alternating"])
    assert not is_refusal(legs(left, right, errors=(100, 200))["alternating"])


onsets = st.lists(st.integers(0, 60_000), max_size=25, unique=True).map(sorted)


@settings(max_examples=whole_or(150, 60), deadline=None)
@given(onsets, onsets)
def test_pairs_use_each_jerk_once_and_swap_with_the_legs(left_ms, right_ms):
    left = [(at * 1000, at * 1000 + 100_000) for at in left_ms]
    right = [(at * 1000, at * 1000 + 100_000) for at in right_ms]
    found = two_bands.pairs(left, right)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    near = [
        (i, j)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if max(a[0], b[0]) - min(a[1], b[1]) < 500_000
    ]
    assert set(found) <= set(near)
    used_left, used_right = {i for i, _ in found}, {j for _, j in found}
    assert all(i in used_left or j in used_right for i, j in near)  # nothing left to pair
    assert len(two_bands.pairs(right, left)) >= len(found) / 2


def test_legs_that_alternate_are_one_patients_series_across_two_clocks():
    left = [event(100 * i + 1, "lm", 2.0) for i in range(30)]
    right = [event(100 * i + 51, "lm", 2.0) for i in range(30)]
    awake = [event(75, "lm", 2.0, ["in_awake"])]
    found = legs(left, right + awake, shift_ms=10_000)["by_rules"]
    assert found["wasm2016"]["plm"] == found["aasm3"]["plm"] == 59
    assert found["left_out"] == {"left": 1, "right": 0}  # the right band began 10 s later
    assert found["clock_error_ms"] == 20
    stages = [(0, "N2"), (3_600_000_000, "END")]
    slept = two_bands.figures(axis(left), axis(right), (10, 10), stages)["by_rules"]
    assert slept["wasm2016"]["plms_per_h"] == pytest.approx(60)
    loose = legs(left, right, errors=(2500, 2500))["by_rules"]
    assert loose.code == refusals.CLOCK_UNKNOWN


def test_independent_legs_pair_about_as_often_as_chance_says():
    import random

    rng = random.Random(5)
    left = [event(rng.uniform(0, 3600), seq=i) for i in range(300)]
    right = [event(rng.uniform(0, 3600), seq=i) for i in range(300)]
    found = legs(left, right)["jerks"]
    assert 0.6 < found["bilateral"] / found["bilateral_by_chance"] < 1.2
