"""The reference: what it finds on plain signals, and that it beats every rule on tuning nights."""

import numpy as np
import pytest
from notturno.bench.baselines import reference
from notturno.bench.baselines.reference import signal, tones
from test_baselines import HZ, still, sway


def ring(acc, onset_s, peak_mg, hz=7.0, axis=0):
    t = np.arange(int(0.6 * HZ)) / HZ
    first = int(onset_s * HZ)
    wave = np.exp(-t / 0.08) * np.sin(2 * np.pi * hz * t)
    acc[first : first + len(t), axis] += peak_mg * wave / np.abs(wave).max()
    return acc


def kinds(events, flagged=False):
    return [e["kind"] for e in events if flagged or not e["flags"]]


def breathing(acc):
    """A pulse and a breath, so that somebody wears it."""
    t = np.arange(len(acc)) / HZ
    acc[:, 2] += 2 * np.sin(2 * np.pi * 0.25 * t) + 1.5 * np.clip(np.sin(2 * np.pi * t), 0, 1) ** 8
    return acc


def test_nothing_is_found_where_nothing_moves_and_nobody_wears_it():
    assert kinds(reference.detect(still(900), HZ)) == ["not_worn"]
    assert kinds(reference.detect(breathing(still(900)), HZ)) == []


def test_a_ring_is_a_jerk_at_its_place_and_of_its_size():
    events = reference.detect(ring(breathing(still(300)), 150, 90), HZ)
    assert kinds(events) == ["jerk"]
    assert events[0]["onset_s"] == pytest.approx(150, abs=0.05)
    assert events[0]["peak_mg"] == pytest.approx(90, rel=0.15)


def test_a_movement_of_two_seconds_is_an_lm_and_a_turn_a_posture():
    acc = sway(breathing(still(400)), 150, 2.0, 1.3, 300)
    acc[int(304 * HZ) :] = acc[int(304 * HZ) :][:, [2, 0, 1]]
    part = slice(int(300 * HZ), int(304 * HZ))
    share = np.linspace(0, 1, part.stop - part.start)[:, None]
    share = share**3 * (10 - 15 * share + 6 * share**2)
    acc[part] = (1 - share) * [0.0, 0.0, 1000.0] + share * [1000.0, 0.0, 0.0]
    assert kinds(reference.detect(acc, HZ)) == ["lm", "posture"]


@pytest.mark.parametrize("hz", [1.2, 2.5, 5.0, 7.0])
def test_even_beats_are_one_rhythm_of_their_pace(hz):
    acc = breathing(still(300))
    for k in range(int(20 * hz)):
        ring(acc, 100 + k / hz, 60, hz=max(6.0, 2 * hz))
    events = [e for e in reference.detect(acc, HZ) if not e["flags"]]
    assert kinds(events) == ["rhythm"]
    assert events[0]["rhythm_hz"] == pytest.approx(hz, rel=0.06)
    assert events[0]["duration_s"] == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize(("beats", "kind"), [(6, "lm"), (9, "rhythm")])
def test_a_pace_a_little_slower_than_the_quick_ones_asks_for_as_many_beats_as_they(beats, kind):
    """2.6 Hz: which window finds it is chance, and a slow rhythm needs fewer beats."""
    acc = breathing(still(200))
    for k in range(beats):
        ring(acc, 100 + k / 2.6, 60)
    assert kinds(reference.detect(acc, HZ)) == [kind]


def test_a_tone_is_taken_off_and_jerks_on_it_stay_whole():
    acc = breathing(still(900))
    t = np.arange(len(acc)) / HZ
    acc[t > 200] += (8 * np.sin(2 * np.pi * 11.3 * t[t > 200]))[:, None] * [0.6, 0.8, 0.0]
    for onset_s in (400, 500, 600):
        ring(acc, onset_s, 60)
    clean = tones.taken_off(acc, HZ)
    quiet = signal.envelope(signal.banded(clean, HZ, 1.5, 22.0), HZ)[int(700 * HZ) :]
    assert np.median(quiet) < 1.2
    events = [e for e in reference.detect(acc, HZ) if e["kind"] == "jerk" and not e["flags"]]
    assert [round(e["onset_s"]) for e in events] == [400, 500, 600]


def test_snoring_is_found_and_left_out_and_a_jerk_between_counts():
    acc = breathing(still(600))
    for k in range(100):
        sway(acc, 100 + 4 * k, 1.1, 6.5, 9, axis=2)
    ring(acc, 302.6, 80)
    events = reference.detect(acc, HZ)
    assert kinds(events) == ["jerk"]
    assert sum("vibration" in e["flags"] for e in events) > 80


def test_a_spell_of_irregular_strong_movement_is_awake_and_a_series_is_not():
    rng = np.random.default_rng(3)
    acc, t = breathing(still(1200)), 300.0
    while t < 600:
        seconds = rng.uniform(0.5, 2.5)
        sway(acc, t, seconds, rng.uniform(0.8, 3), rng.uniform(100, 900), int(rng.integers(3)))
        t += seconds + rng.exponential(1.2)
    spells = [e for e in reference.detect(acc, HZ) if e["kind"] == "awake"]
    assert len(spells) == 1
    assert spells[0]["onset_s"] == pytest.approx(300, abs=60)
    assert spells[0]["duration_s"] == pytest.approx(300, abs=60)
    series = breathing(still(1200))
    for k in range(80):
        sway(series, 200 + 10 * k, 4.0, 1.1, 250)
    events = reference.detect(series, HZ)
    assert kinds(events) == ["lm"] * 80
