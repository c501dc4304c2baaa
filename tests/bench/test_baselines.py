"""Each baseline finds what it was published for, and misses what it is known to miss."""

import numpy as np
import pytest
from notturno.bench.baselines import BASELINES, spans

HZ = 104.0


def still(seconds, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, (int(seconds * HZ), 3)) + [0.0, 0.0, 1000.0]


def sway(acc, onset_s, seconds, hz, peak_mg, axis=0):
    t = np.arange(int(seconds * HZ)) / HZ
    first = int(onset_s * HZ)
    acc[first : first + len(t), axis] += peak_mg * np.sin(2 * np.pi * hz * t)
    return acc


@pytest.mark.parametrize("name", BASELINES)
def test_nothing_is_found_where_nothing_moves(name):
    assert BASELINES[name](still(300), HZ) == []


@pytest.mark.parametrize("name", ["PAM-RL", "Actiwatch-like", "adaptive PLM"])
def test_a_strong_movement_of_two_seconds_is_one_lm(name):
    events = BASELINES[name](sway(still(300), 150, 2.0, 4.0, 600), HZ)
    assert [event["kind"] for event in events] == ["lm"]
    assert events[0]["onset_s"] == pytest.approx(150, abs=0.4)
    assert 1.5 < events[0]["duration_s"] < 3.5  # filters and envelopes ring on


def test_pam_rl_joins_across_less_than_a_second_and_not_across_more():
    near = sway(sway(still(100), 50, 1, 4, 400), 51.8, 1, 4, 400)
    far = sway(sway(still(100), 50, 1, 4, 400), 52.6, 1, 4, 400)
    assert len(BASELINES["PAM-RL"](near, HZ)) == 1
    assert len(BASELINES["PAM-RL"](far, HZ)) == 2


def test_pam_rl_misses_what_stays_below_200_mg():
    assert BASELINES["PAM-RL"](sway(still(100), 50, 2, 4, 180), HZ) == []


def test_the_high_corner_of_the_actiwatch_misses_a_slow_movement_the_floor_rule_finds():
    slow = sway(still(300), 150, 3.0, 0.8, 150)
    assert [event["kind"] for event in BASELINES["adaptive PLM"](slow, HZ)] == ["lm"]
    assert [e for e in BASELINES["Actiwatch-like"](slow, HZ) if e["duration_s"] >= 0.5] == []


def test_the_floor_rule_asks_more_where_the_floor_is_high():
    quiet = sway(still(240), 150, 2.0, 3.0, 60)
    loud = sway(sway(still(240), 0, 240, 5.0, 12), 150, 2.0, 3.0, 60)
    assert len(BASELINES["adaptive PLM"](quiet, HZ)) == 1
    assert BASELINES["adaptive PLM"](loud, HZ) == []


def test_a_sharp_ring_is_a_jerk_by_its_threshold():
    acc = still(100)
    t = np.arange(40) / HZ
    acc[5200:5240, 0] += 100 * np.exp(-t / 0.06) * np.sin(2 * np.pi * 8 * t)
    events = BASELINES["jerk threshold"](acc, HZ)
    assert [event["kind"] for event in events] == ["jerk"]
    assert events[0]["onset_s"] == pytest.approx(50, abs=0.05)


@pytest.mark.parametrize("hz, found", [(5.0, True), (1.2, False), (10.0, False)])
def test_the_power_ratio_finds_rhythms_of_its_band_alone(hz, found):
    acc = sway(still(120), 40, 30, hz, 250, axis=2)
    events = BASELINES["3-8 Hz ratio"](acc, HZ)
    assert [event["kind"] for event in events] == ["rhythm"] * found
    if found:
        assert events[0]["rhythm_hz"] == pytest.approx(hz, abs=0.3)
        assert events[0]["peak_mg"] == 0.0  # of a size it says nothing


def test_spans_open_above_one_threshold_and_end_below_another():
    size = np.array([0, 1, 3, 9, 4, 1, 1, 4, 0, 0, 0, 0, 4, 0], float)
    assert spans.spans(size, 8, 3.5, 3) == [(3, 7)]
    assert spans.spans(size, 8, 3.5, 1) == [(3, 4)]
    assert spans.spans(size, 20, 3.5, 3) == []
    assert spans.spans(np.zeros(5), 8, 3, 3) == []
