"""The synthetic sleeper: the same night however it is asked for, and a truth that is true."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.errors import UserError
from notturno.sleeper import night_world, profile_names, sensor
from whole import whole_or

HOURS = 0.5
PROFILES = profile_names()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_and_seed_are_one_night(profile):
    one, two, other = (night_world(profile, seed, HOURS) for seed in (5, 5, 6))
    assert one.truth == two.truth
    a, b, c = (night.accel_mg(700, 0.01, 3000) for night in (one, two, other))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, 20000), min_size=1, max_size=6))
def test_the_sensor_gives_the_same_counts_however_the_night_is_cut(cuts):
    whole = sensor.Sensor(night_world("fragmentary", 3, 0.1), 3).read(0, sum(cuts))
    fresh = sensor.Sensor(night_world("fragmentary", 3, 0.1), 3)
    parts, at = [], 0
    for n in cuts:
        parts.append(fresh.read(at, n))
        at += n
    assert np.array_equal(np.concatenate(parts), whole)


def test_record_gives_what_read_gives_and_tells_how_far_it_is():
    night = night_world("quiet", 4, 0.2)
    told = []
    acc, odr_hz = sensor.record(night, 4, told.append)
    part = sensor.Sensor(night, 4)
    assert odr_hz == part.odr_hz and len(acc) == len(part) == int(0.2 * 3600 * odr_hz)
    assert np.array_equal(acc[5000:7000], part.read(5000, 2000))
    assert told == sorted(told) and told[-1] == 1.0


def test_parts_differ_in_rate_by_up_to_two_percent_and_in_offset():
    night = night_world("table", 1, 0.1)
    parts = [sensor.Sensor(night, seed) for seed in range(60)]
    errors = np.array([part.odr_hz / sensor.NOMINAL_HZ - 1 for part in parts])
    assert np.abs(errors).max() <= sensor.RATE_ERROR and errors.std() > 0.005
    assert np.abs([part.offset_mg for part in parts]).max() <= sensor.OFFSET_MG


def test_noise_of_a_still_sensor_is_that_of_its_data_sheet():
    acc, odr_hz = sensor.record(night_world("table", 2, 0.1), 2)
    # neighbouring differences see noise alone: sqrt(2) of it, and the rounding of a count
    deviation_mg = np.diff(acc[:6000].astype(float), axis=0).std() / np.sqrt(2) * 0.122
    expected_mg = np.hypot(0.075 * np.sqrt(odr_hz / 2), 0.122 / np.sqrt(12))
    assert deviation_mg == pytest.approx(expected_mg, rel=0.05)


def test_full_scale_is_clipped_and_never_wraps():
    class Storm:
        hours = 0.01

        def accel_mg(self, first_s, step_s, n):
            return np.tile([9000.0, -9000.0, 0.0], (n, 1))

    acc = sensor.Sensor(Storm(), 1).read(0, 100)
    assert (acc[:, 0] == 32767).all() and (acc[:, 1] == -32768).all()


@pytest.mark.parametrize("profile", ["quiet", "fragmentary", "plm", "foot_tremor", "restless"])
def test_truth_tells_the_noise_free_peak_at_the_place_where_it_is(profile):
    night = night_world(profile, 8, 1.0)
    without = night_world(profile, 8, 1.0)
    rows = [row for row in night.truth if row["kind"] in ("jerk", "lm", "rhythm")]
    without.waves = []  # the same night in which the limb does not move
    ends = [row["onset_s"] for row in night.truth[1:]] + [3600]
    alone = [
        row
        for row, end in zip(night.truth, ends, strict=True)
        if row in rows and end - row["onset_s"] > row["duration_s"] + 1.2
    ]
    assert len(alone) >= 3
    for row in alone[:25]:
        n = int((row["duration_s"] + 1.2) * 250)
        moved = night.accel_mg(row["onset_s"] - 0.1, 1 / 250, n)
        still = without.accel_mg(row["onset_s"] - 0.1, 1 / 250, n)
        size = np.linalg.norm(moved - still, axis=1)
        # instants fall between those the wave was made of: a burst of 20 ms loses up to a tenth
        assert 0.88 * row["peak_mg"] <= size.max() <= 1.02 * row["peak_mg"]
        assert size[:20].max() < 0.05 * row["peak_mg"] + 0.01  # nothing yet before the onset


def test_the_frequency_of_a_rhythm_is_the_pace_of_its_beats():
    night = night_world("foot_tremor", 2, 2.0)
    still = night_world("foot_tremor", 2, 2.0)
    still.waves = []
    for row in [row for row in night.truth if row["kind"] == "rhythm"]:
        n = int(row["duration_s"] * 250)
        wave = night.accel_mg(row["onset_s"], 1 / 250, n) - still.accel_mg(
            row["onset_s"], 1 / 250, n
        )
        axis = wave[:, np.abs(wave).max(axis=0).argmax()]
        spectrum = np.abs(np.fft.rfft(axis, 16 * n)) ** 2
        hz = np.fft.rfftfreq(16 * n, 1 / 250)
        # beats ring at more than their own pace: it is a peak near the pace that must be there
        near = np.abs(hz - row["rhythm_hz"]) < 0.25 * row["rhythm_hz"]
        low = (hz > 0.1) & (hz < 0.6 * row["rhythm_hz"])
        assert spectrum[near].max() > spectrum[low].max()


@pytest.mark.parametrize("profile", PROFILES)
def test_truth_is_in_order_inside_the_night_and_in_known_words(profile):
    rows = night_world(profile, 3, 2.0).truth
    onsets = [row["onset_s"] for row in rows]
    assert onsets == sorted(onsets)
    for row in rows:
        assert row["kind"] in ("jerk", "lm", "posture", "rhythm", "awake", "not_worn")
        assert 0 <= row["onset_s"] < 7200 and row["duration_s"] > 0
        assert (row["rhythm_hz"] is not None) == (row["kind"] == "rhythm")
        assert row["peak_mg"] > 0 or row["kind"] in ("awake", "not_worn")


def test_what_shakes_the_bed_is_not_in_the_truth():
    for profile in ("partner", "pump", "lorry", "cat"):
        night = night_world(profile, 4, 1.0)
        assert night.truth == night_world("quiet", 4, 1.0).truth
        assert {row["kind"] for row in night.others} <= {profile}
    assert [row["kind"] for row in night_world("table", 4, 1.0).truth] == ["not_worn"]


def test_every_profile_makes_a_night_of_any_length_that_can_be_asked_for():
    for profile in PROFILES:
        for hours in whole_or((0.1, 0.4, 1.0), (0.1, 0.4)):
            assert np.isfinite(night_world(profile, 1, hours).accel_mg(60, 0.01, 200)).all()


def test_an_unknown_profile_is_refused_with_the_names_there_are():
    with pytest.raises(UserError, match="quiet.*plm"):
        night_world("insomniac", 1, 1.0)


def test_the_sleeper_knows_nothing_of_the_detector():
    program = (
        "import sys; from notturno.sleeper import night_world, sensor; "
        "sensor.record(night_world('plm', 1, 0.1), 1); "
        "print([m for m in sys.modules if m.startswith(('notturno_core', 'notturno.detect'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
