"""What the detector says of the plainest signals: each test is one sentence of its promise."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hand_made import add_jerk, add_movement, add_sway, counts, run, still
from notturno.nights import counts as counts_of
from notturno_core import segments, wire


def names(events):
    """Return what counts, and the contexts; the rest is there too, and flagged."""
    return [e["name"] for e in events if counts_of.left_out_as(e["kind"], e["flags"]) is None]


def counted(events, name):
    return [e for e in events if e["name"] == name and names([e])]


def test_thirty_minutes_of_sensor_noise_give_no_event_but_not_worn():
    events, minutes = run(counts(still(1800)))
    assert names(events) == ["not_worn"]
    assert len(minutes) == 30
    assert all(m["flags"] & wire.MINUTE_STILL for m in minutes)


@pytest.mark.parametrize("peak_mg", [10, 20, 60, 300])
def test_jerks_are_found_with_their_onset_and_peak(peak_mg):
    a = still(300)
    onsets = [20 + 13.7 * i for i in range(20)]
    for i, onset in enumerate(onsets):
        add_jerk(a, onset, peak_mg, seed=i)
    events, _ = run(counts(a))
    assert names(events) == ["jerk"] * 20
    errors_ms = [abs(e["onset_s"] - t) * 1000 for e, t in zip(events, onsets, strict=True)]
    assert np.median(errors_ms) <= 20
    assert np.median([e["peak_mg"] for e in events]) == pytest.approx(peak_mg, rel=0.15, abs=1)
    assert all(e["duration_s"] < 0.6 for e in events)


def test_a_movement_is_an_lm_and_not_a_handful_of_jerks():
    a = still(400)
    truth = [(20 + 25 * i, 1.0 + 0.25 * i) for i in range(14)]
    for i, (onset, duration) in enumerate(truth):
        add_movement(a, onset, duration, 80 + 20 * i, seed=i)
    events, _ = run(counts(a))
    assert names(events) == ["lm"] * 14
    events = counted(events, "lm")
    assert (
        np.median([abs(e["onset_s"] - t) for e, (t, _) in zip(events, truth, strict=True)]) < 0.05
    )
    errors = [abs(e["duration_s"] - d) for e, (_, d) in zip(events, truth, strict=True)]
    assert np.median(errors) < 0.15


@pytest.mark.parametrize("odr_hz", [26, 52, 104, 208])
@pytest.mark.parametrize(("lasts_s", "later_pct"), [(0.75, 33), (1.0, 50), (2.0, 75)])
def test_what_swings_evenly_has_the_share_of_its_energy_that_is_its_share_of_time(
    odr_hz, lasts_s, later_pct
):
    a = still(60, odr_hz=odr_hz)
    add_sway(a, 40, lasts_s, 3, 300, odr_hz=odr_hz)
    (event,) = counted(run(counts(a), odr_hz=odr_hz)[0], "lm")
    assert event["later_pct"] == pytest.approx(later_pct, abs=12)  # a sum is 40 ms


def test_a_slow_limb_that_is_kicked_rings_for_long_and_is_a_jerk_all_the_same():
    a = still(300)
    for i in range(10):
        add_jerk(a, 20 + 25 * i, 600, seed=i, ring_hz=2.4, decay_s=0.18)
    events, _ = run(counts(a))
    assert names(events) == ["jerk"] * 10
    for event in counted(events, "jerk"):
        assert event["move_samples"] >= 0.5 * 104  # as the shortest LM
        assert event["later_pct"] <= 2  # exp(-2 * 0.5 / 0.18) is 0.4 %


def test_a_sum_that_was_full_is_no_ringing():
    """It takes no more then, and what came is not known to be little."""
    assert [segments._later_pct(whole, whole) for whole in (0, 1000, 0x1FFFFFFF)] == [0, 0, 0]
    assert [segments._later_pct(whole, whole) for whole in (0x20000000, 0x3FFFFFFF)] == [100, 100]
    assert segments._later_pct(1000, 960) == 4
    assert segments._later_pct(1000, 0) == 100


@pytest.mark.parametrize(("hz", "clonic"), [(1.2, False), (3.5, True), (5.0, True), (7.5, True)])
def test_an_even_sway_is_a_rhythm_with_its_frequency(hz, clonic):
    a = still(120)
    add_sway(a, 40, 8, hz, 60)
    events, _ = run(counts(a))
    assert names(events) == ["rhythm"]
    (event,) = counted(events, "rhythm")
    pace_hz = hz if hz >= 2 else 2 * hz  # a slow even sway shows two lobes a cycle, and no rest
    assert event["rhythm_mhz"] / 1000 == pytest.approx(pace_hz, abs=0.1)
    assert bool(event["flags"] & wire.FLAG_CLONIC_BAND) == clonic
    assert event["beats"] == pytest.approx(8 * pace_hz, abs=2)


def test_even_jerks_are_a_leg_rhythm_and_its_members_are_kept_and_marked():
    a = still(120)
    for i in range(10):
        add_jerk(a, 40 + 1.9 * i, 40, seed=i)
    events, _ = run(counts(a))
    members = [e for e in events if e["name"] == "jerk"]
    assert len(members) == 10
    assert all(e["flags"] & wire.FLAG_IN_RHYTHM for e in members)
    (rhythm,) = [e for e in events if e["name"] == "rhythm"]
    assert rhythm["beats"] == 10
    assert rhythm["rhythm_mhz"] == pytest.approx(526, abs=20)


def test_three_even_jerks_are_not_a_rhythm():
    a = still(120)
    for i in range(3):
        add_jerk(a, 40 + 1.9 * i, 40, seed=i)
    assert names(run(counts(a))[0]) == ["jerk"] * 3


def test_a_turn_of_gravity_is_a_posture_change_and_no_jerk():
    a = still(120)
    t = np.arange(len(a)) / 104
    angle = np.clip((t - 50) / 4, 0, 1) * np.pi / 2
    a[:, 2] += 1000 * (np.cos(angle) - 1)
    a[:, 1] += 1000 * np.sin(angle)
    add_movement(a, 50, 4, 80, seed=5)
    events, _ = run(counts(a))
    assert names(events) == ["posture"]
    (event,) = counted(events, "posture")
    assert event["flags"] & wire.FLAG_LARGE
    assert event["posture_before_q7"] == (0, 0, 127)
    assert event["posture_after_q7"][1] > 120


def test_turning_and_irregular_movement_is_awake_and_all_of_it_stays_a_row():
    a = still(1500)
    rng = np.random.default_rng(5)
    t, turned = 300.0, 0
    while t < 700:
        lasts = float(rng.uniform(1, 6))
        add_movement(a, t, lasts, 300, seed=int(t))
        if t - 300 > 40 * turned:
            turned += 1
            a[int((t + lasts / 2) * 104) :] = a[int((t + lasts / 2) * 104) :, [1, 2, 0]]
        t += lasts + float(rng.exponential(3)) + 0.6
    events, minutes = run(counts(a))
    (awake,) = [e for e in events if e["name"] == "awake"]
    assert awake["onset_s"] == pytest.approx(300, abs=60)
    assert awake["onset_s"] + awake["duration_s"] == pytest.approx(700, abs=60)
    assert sum(e["name"] in ("lm", "posture") for e in events) > 30, "nothing is deleted"
    assert any(m["flags"] & wire.MINUTE_AWAKE for m in minutes)


def test_a_series_of_movements_is_not_awake_however_dense_it_is():
    a = still(1500)
    for i in range(150):
        add_movement(a, 200 + 8 * i, 2.5, 150, seed=i)
    events, _ = run(counts(a))
    assert not [e for e in events if e["name"] == "awake"]
    assert len(counted(events, "lm")) >= 147


def test_a_night_of_zeros_says_that_its_axes_are_dead():
    events, minutes = run(np.zeros((104 * 180, 3), np.int16))
    assert events == []
    assert all(m["flags"] & wire.MINUTE_AXIS_DEAD for m in minutes)


def test_one_dead_axis_is_said_and_jerks_on_the_others_are_still_found():
    a = still(200)
    add_jerk(a, 100, 80, seed=3)
    raw = counts(a)
    raw[:, 0] = 0
    events, minutes = run(raw)
    assert names(events) == ["jerk"]
    assert all(m["flags"] & wire.MINUTE_AXIS_DEAD for m in minutes)


def test_full_scale_noise_does_not_crash_and_says_clipped():
    raw = np.random.default_rng(0).choice([-32768, 32767, 0], (104 * 180, 3)).astype(np.int16)
    events, minutes = run(raw)
    assert not any(e["name"] == "jerk" and not e["flags"] for e in events)
    assert all(m["flags"] & wire.MINUTE_CLIPPED for m in minutes)


@pytest.mark.parametrize("odr_hz", [25, 26, 52, 100, 104, 208])
def test_every_rate_from_25_to_208_hz_finds_the_same_clear_jerks(odr_hz):
    a = still(200, odr_hz=odr_hz)
    for i in range(8):
        add_jerk(a, 20 + 20 * i, 80, seed=i, ring_hz=5, decay_s=0.12, odr_hz=odr_hz)
    assert names(run(counts(a), odr_hz=odr_hz)[0]) == ["jerk"] * 8


@pytest.mark.parametrize("odr_hz", [23.9, 214])
def test_a_rate_outside_the_range_is_refused(odr_hz):
    with pytest.raises(ValueError, match="25 to 208 Hz"):
        segments.new_state(int(odr_hz * 1000), 122)


def test_an_unknown_setting_is_refused_with_the_list():
    with pytest.raises(ValueError, match="jerk_on_ug"):
        segments.new_state(104000, 122, jerk_on_mg=4)


@pytest.mark.parametrize("chunk", [1, 7, 63])
def test_how_the_samples_are_cut_into_chunks_changes_nothing(chunk):
    a = still(150)
    for i in range(6):
        add_jerk(a, 20 + 9.3 * i, 40, seed=i)
    add_movement(a, 90, 3, 100, seed=1)
    raw = counts(a)
    assert run(raw, chunk=chunk) == run(raw, chunk=64)


def test_no_two_words_of_the_state_share_a_place():
    source = Path(segments.__file__).read_text()
    block = source[source.index("# --- state: settings") : source.index("STATE_WORDS =")]
    places = re.findall(r"^(\w+) = const\((\d+)\)", block, re.MULTILINE)
    lengths = {"_CYC": 16, "_BEATS": 6, "_J": 28, "_M": 28, "_SLOW": 64 * 10}
    spans = sorted(
        (int(place), int(place) + lengths.get(name, 1))
        for name, place in places
        if not name.endswith(("_LEN", "_WORDS"))
    )
    assert len(spans) > 90
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert spans[-1][1] == segments.STATE_WORDS


@pytest.mark.parametrize("breathing_mg", [0, 3])
@pytest.mark.parametrize("shape", ["half-sine", "to and fro"])
def test_other_shapes_of_a_jerk_are_found_on_a_limb_that_hardly_breathes(shape, breathing_mg):
    a = still(3600)
    t = np.arange(len(a)) / 104
    a[:, 0] += breathing_mg * np.sin(2 * np.pi * 0.25 * t)
    onsets = np.arange(60, 3500, 311)
    for k, onset in enumerate(onsets):
        length_s = 0.06 + 0.19 * k / len(onsets)
        at = t[int(onset * 104) :][: int(length_s * 104)] - onset
        wave = np.sin((np.pi if shape == "half-sine" else 2 * np.pi) * at / length_s)
        i = int(onset * 104)
        a[i : i + len(wave), 1] += 60 * wave
    events, _ = run(counts(a))
    assert names(events).count("jerk") == len(onsets)


def test_knocks_on_a_band_that_nobody_wears_are_no_jerks():
    a = still(3600)
    t = np.arange(104) / 104
    for onset in np.arange(1200, 3500, 311):
        i = int(onset * 104)
        a[i : i + 104, 2] += 12 * np.exp(-t / 0.03) * np.sin(2 * np.pi * 33 * t)
    assert names(run(counts(a))[0]) == ["not_worn"]


def test_a_limb_that_lies_as_still_as_a_table_is_worn_while_it_jerks():
    """Nothing counts while a band is not worn: each of these was lost to the figures."""
    a = still(3600)
    onsets = range(500, 3500, 500)
    for i, onset_s in enumerate(onsets):
        add_jerk(a, onset_s, 80, seed=i)
    events, minutes = run(counts(a))
    assert names(events) == ["jerk"] * len(onsets)
    assert sum(m["flags"] & wire.MINUTE_STILL > 0 for m in minutes) > 50


@pytest.mark.parametrize("rest_s", [300, 20])
def test_not_worn_ends_where_the_limb_is_back_also_at_the_end_of_a_recording(rest_s):
    """And what brought it back is an event, with all that comes after."""
    a = still(1260 + rest_s)
    add_movement(a, 1200, 3, 150, seed=2)
    add_jerk(a, 1210, 80, seed=4)
    events, _ = run(counts(a))
    assert sorted(names(events)) == ["jerk", "lm", "not_worn"]
    off = next(e for e in events if e["name"] == "not_worn")
    back = next(e for e in events if e["name"] == "lm")
    assert off["onset_s"] == pytest.approx(0, abs=2)
    assert off["onset_sample"] + off["duration_samples"] == back["onset_sample"]


def test_two_moved_minutes_without_an_event_end_not_worn_before_the_first_of_them():
    a = still(1800)
    t = np.arange(len(a)) / 104
    for first in (1201, 1381):
        a[:, 1] += np.where((t > first) & (t < first + 58), 3 * np.sin(np.pi * t / 2), 0)
    events, minutes = run(counts(a))
    assert [m["sample"] for m in minutes if not m["flags"] & wire.MINUTE_STILL] == [
        minutes[20]["sample"],
        minutes[23]["sample"],
    ]
    (off,) = [e for e in events if e["name"] == "not_worn"]
    assert off["onset_s"] + off["duration_s"] == pytest.approx(1200, abs=2)
