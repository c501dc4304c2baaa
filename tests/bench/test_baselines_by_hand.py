"""The published rules at their published numbers: just above is found, just below is not."""

import numpy as np
import pytest
from notturno.bench.baselines import (
    actiwatch,
    adaptive_plm,
    jerk_threshold,
    pam_rl,
    power_ratio,
    spans,
)
from test_baselines import HZ, still, sway


def lasting(first, last, size=None):
    size = np.arange(1000.0) if size is None else size
    return spans.events([(first, last)], size, 100.0)


@pytest.mark.parametrize(("n", "kind"), [(1, "jerk"), (49, "jerk"), (50, "lm"), (51, "lm")])
def test_half_a_second_parts_a_jerk_from_a_movement(n, kind):
    (event,) = lasting(200, 200 + n - 1)
    assert (event["kind"], event["onset_s"], event["duration_s"]) == (kind, 2.0, n / 100)
    assert event["peak_mg"] == 200 + n - 1 and event["rhythm_hz"] is None


def test_what_is_shorter_than_asked_for_is_none():
    found = spans.events([(0, 9), (100, 110)], np.zeros(200), 100.0, least_s=0.11)
    assert [event["onset_s"] for event in found] == [1.0]


def detected(detect, peak_mg, hz=5.0, seconds=3.0):
    acc = sway(still(120), 60, seconds, hz, peak_mg)
    return len(detect(acc, HZ))


@pytest.mark.parametrize(
    ("detect", "below_mg", "above_mg"), [(pam_rl.detect, 180, 210), (actiwatch.detect, 45, 62)]
)
def test_a_fixed_threshold_is_where_it_was_published(detect, below_mg, above_mg):
    assert detected(detect, below_mg) == 0 and detected(detect, above_mg) == 1


@pytest.mark.parametrize(("weaker_mg", "found"), [(90, 2), (130, 1)])
def test_pam_rl_goes_on_at_half_of_what_begins_it(weaker_mg, found):
    acc = sway(sway(still(120), 60, 1.0, 5.0, 400), 61.0, 2.0, 5.0, weaker_mg)
    assert len(pam_rl.detect(sway(acc, 63.0, 1.0, 5.0, 400), HZ)) == found


@pytest.mark.parametrize(("hz", "found"), [(2.0, 0), (6.0, 1)])
def test_an_actiwatch_hears_little_below_three_hz(hz, found):
    assert detected(actiwatch.detect, 100, hz=hz, seconds=4.0) == found


@pytest.mark.parametrize(("mg_per_s", "found"), [(480, 0), (560, 1)])
def test_a_jerk_rule_asks_for_five_hundred_mg_a_second(mg_per_s, found):
    acc = np.zeros((1000, 3)) + [0, 0, 1000.0]
    acc[500:, 0] += mg_per_s / HZ  # one step
    assert len(jerk_threshold.detect(acc, HZ)) == found
    assert len(jerk_threshold.detect(acc, HZ, mg_per_s * 0.9)) == 1


@pytest.mark.parametrize(("apart_s", "found"), [(0.22, 1), (0.3, 2)])
def test_a_jerk_rule_joins_across_a_quarter_of_a_second(apart_s, found):
    acc = np.zeros((1000, 3)) + [0, 0, 1000.0]
    acc[500:, 0] += 10.0
    acc[500 + round(apart_s * HZ) :, 0] += 10.0
    assert len(jerk_threshold.detect(acc, HZ)) == found


def test_the_adaptive_floor_is_the_median_of_what_is_not_four_times_its_quarter():
    """By hand: a quarter of the window lies at 1, so that 4 is in and 4.1 is not."""
    part = np.concatenate([np.full(30, 1.0), np.full(40, 4.0), np.full(30, 4.1)])
    floor = adaptive_plm._floor(np.tile(part, 24), 20.0)
    assert (floor == 4.0).all()
    two = np.concatenate([np.full(2400, 2.0), np.full(100, 7.0)])
    assert adaptive_plm._floor(two, 20.0)[[0, 2399, 2400]].tolist() == [2.0, 2.0, 7.0]


def test_the_envelope_is_the_root_of_the_mean_around_each_sample():
    square = np.array([0.0, 0, 16, 0, 0, 0])
    wanted = [0.0, 2.0, 2.0, 2.0, 2.0, 0.0]
    found = adaptive_plm._rms(square, 4)
    assert found[1:5].tolist() == wanted[1:5]
    assert adaptive_plm._rms(np.full(50, 9.0), 7) == pytest.approx(3.0)


@pytest.mark.parametrize(("peak_mg", "found"), [(24, 0), (40, 1)])
def test_the_adaptive_rule_asks_for_twenty_mg_of_the_envelope_at_least(peak_mg, found):
    """The root of the mean of a sine is its peak over the root of two: 28 mg."""
    assert detected(adaptive_plm.detect, peak_mg, hz=3.0) == found


@pytest.mark.parametrize(
    ("tones", "found_hz"),
    [
        # 25 bins of a fifth of a hertz: a mean power of 100 000 is a tone of 25.3 mg
        ({5.0: 25}, []),
        ({5.0: 26}, [5.0]),
        ({5.0: 100, 0.2: 86}, [5.0]),  # 57 % of the power, without what stands
        ({5.0: 100, 0.2: 88}, []),
        ({5.0: 100, 12.0: 88}, []),
        ({3.0: 100}, [3.0]),
        ({2.8: 100}, []),
        ({7.8: 100}, [7.8]),
        ({8.0: 100}, []),
        ({4.0: 60, 6.0: 80}, [6.0]),
        ({}, []),
    ],
)
def test_a_power_ratio_asks_for_most_of_the_power_and_a_least_of_it(monkeypatch, tones, found_hz):
    t = np.arange(251) / 50.0
    size = 500 + sum((mg * np.sin(2 * np.pi * hz * t) for hz, mg in tones.items()), 0 * t)
    monkeypatch.setattr(power_ratio, "filtered", lambda acc, *corners: acc)
    found = power_ratio.detect(size[:, None] * [0.6, 0.8, 0], 50.0)
    assert [row["rhythm_hz"] for row in found] == pytest.approx(found_hz)
    assert all((row["onset_s"], row["duration_s"]) == (0.0, 5.0) for row in found)
