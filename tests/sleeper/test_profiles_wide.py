"""The wide profiles hold what they say: paces, lengths, sizes, and a truth without strangers."""

from functools import cache

import numpy as np
import pytest
from notturno.sleeper import models, night_world
from notturno.sleeper.nuisances import pulse
from whole import whole_or

HOURS = 2.0
LIMBS = (None, models.TUNING[2], models.HELD_OUT[3])
NAMES = ["none", "calf_a", "wrist_d"]


@cache
def planned(profile, model):
    """A night that several tests look at and none changes."""
    return night_world(profile, 3, HOURS, model)


def rows(night, kind):
    return [row for row in night.truth if row["kind"] == kind]


@pytest.fixture(params=LIMBS, ids=NAMES)
def model(request):
    return request.param


@pytest.mark.parametrize(
    "profile, gaps_s, lasts_s",
    [("plm_short", (5, 15), (0.6, 4.5)), ("plm_long", (14, 60), (4, 10))],
)
def test_series_have_the_intervals_and_lengths_that_are_said(profile, gaps_s, lasts_s, model):
    lm = rows(planned(profile, model), "lm")
    onsets, lengths = ([row[field] for row in lm] for field in ("onset_s", "duration_s"))
    gaps = np.diff(onsets)
    assert len(lm) > 80
    assert gaps.min() >= gaps_s[0] - 1e-6
    assert np.mean(gaps <= gaps_s[1] + 1e-6) > 0.9
    assert lasts_s[0] <= min(lengths) and max(lengths) <= lasts_s[1]


def test_isolated_movements_are_far_apart_and_some_last_beyond_ten_seconds(model):
    lm = [r for seed in (3, 4) for r in rows(night_world("isolated_lm", seed, HOURS, model), "lm")]
    onsets = [row["onset_s"] for row in lm]
    assert min(abs(a - b) for a, b in zip(onsets, onsets[1:], strict=False)) > 90
    longer = [row for row in lm if row["duration_s"] > 10]
    assert 0 < len(longer) < len(lm) / 2


def test_long_rhythms_last_and_beat_as_is_said(model):
    night = planned("long_rhythms", model)
    found = rows(night, "rhythm")
    assert len(found) >= 4
    for row in found:
        assert 18 <= row["duration_s"] <= 160 and 0.9 <= row["rhythm_hz"] <= 8.4


@pytest.mark.parametrize("profile, kind", [("tone_on", "tone"), ("noise_on", "noise")])
def test_what_is_switched_on_is_heard_there_and_nowhere_else(profile, kind, model):
    night = planned(profile, model)
    silent = night_world(profile, 3, HOURS, model)
    silent.textures = []
    assert {row["kind"] for row in night.others} == {kind}
    for row in night.others:
        low, high = (2, 10) if kind == "tone" else (1, 5)
        assert low <= row["peak_mg"] <= high
        assert row["duration_s"] >= 1200 or row["onset_s"] + row["duration_s"] == HOURS * 3600
        before, during = (
            (night.accel_mg(at, 0.004, 2000) - silent.accel_mg(at, 0.004, 2000))
            for at in (row["onset_s"] - 30, row["onset_s"] + 30)
        )
        assert not before.any()
        if kind == "noise":
            assert during.std() == pytest.approx(row["peak_mg"], rel=0.3)
        else:
            assert np.linalg.norm(during, axis=1).max() == pytest.approx(row["peak_mg"], rel=0.1)
    strong = [r for r in rows(night, "jerk") if r["peak_mg"] >= 60]
    on = [(r["onset_s"], r["onset_s"] + r["duration_s"]) for r in night.others]
    assert sum(any(a < r["onset_s"] < b for a, b in on) for r in strong) >= 5


def test_snoring_comes_with_each_breath_for_tens_of_minutes(model):
    night = planned("snore", model)
    snores = night.others
    gaps = np.diff([row["onset_s"] for row in snores])
    breaths = gaps[gaps < 6]
    assert len(snores) > 300 and 3 <= breaths.min() and np.median(breaths) <= 5
    assert all(3.99 <= row["peak_mg"] <= 15.01 for row in snores)
    assert all(1.3 <= row["duration_s"] <= 2.5 for row in snores)  # with the mattress's tail
    assert rows(night, "jerk")


def test_a_phone_buzzes_above_35_hz_and_is_in_no_truth(model):
    night = planned("phone", model)
    buzzes = [row for row in night.others if row["kind"] == "phone"]
    assert len(buzzes) > 60
    assert all(5 <= row["peak_mg"] <= 40.01 for row in buzzes)
    assert 0.4 < np.median([row["duration_s"] for row in buzzes]) < 0.6
    still = night_world("phone", 3, HOURS, model)
    still.waves = [w for w in still.waves if w[0] != buzzes[5]["onset_s"]]
    at = buzzes[5]["onset_s"]
    alone = night.accel_mg(at, 0.004, 100) - still.accel_mg(at, 0.004, 100)
    power = np.abs(np.fft.rfft(alone, axis=0)).sum(axis=1)
    assert 33 < np.fft.rfftfreq(100, 0.004)[power.argmax()] < 47


def test_a_strong_pulse_is_of_5_to_15_mg():
    for seed, model in enumerate(models.TUNING):
        night = night_world("pulse_strong", seed, 0.5, model)
        night.waves, night.turns = [], night.turns[:1]
        moved = night.accel_mg(30, 0.004, 7000)
        size = np.linalg.norm(moved - np.median(moved, axis=0), axis=1)
        breath = model.rest.breath_mg[1]
        assert 5 * 0.7 < size.max() < 15 * 1.6 + 2 * breath


def test_the_beats_of_a_pulse_vary_about_its_pace():
    for model in (*models.TUNING, *models.HELD_OUT):
        living = pulse(np.random.default_rng(1), 0.2, model.rest, (5.0, 5.0))
        size = np.linalg.norm(living(np.arange(0, 600, 0.004)), axis=1)
        # a beat begins after a stretch of stillness that its own wave never has
        loud = np.flatnonzero(size > 2.0) * 0.004
        starts = loud[np.diff(loud, prepend=-1) > 0.3]
        low, high = (k / 60 for k in model.rest.pulse_per_min)
        assert low * 0.9 < len(starts) / 600 < high * 1.1
        assert 0.01 < np.std(np.diff(starts)) / np.mean(np.diff(starts)) < 0.2


def test_a_partner_shakes_through_every_mattress_up_to_30_mg():
    bodies = (*models.TUNING, *models.HELD_OUT)
    for model in whole_or(bodies, bodies[::2]):
        night = night_world("partner", 3, HOURS, model)
        peaks = [row["peak_mg"] for row in night.others]
        assert 12 < len(peaks) < 70 and max(peaks) <= 30.01 and min(peaks) >= 1.99
        assert night.truth == night_world("quiet", 3, HOURS, model).truth


def test_a_mixed_night_has_every_kind_and_a_spell_awake_with_another_posture():
    kinds, turned = set(), 0
    for seed in range(4):
        night = night_world("mixed", seed, HOURS, models.HELD_OUT[seed])
        kinds |= {row["kind"] for row in night.truth}
        kinds |= {row["kind"] for row in night.others}
        for row in rows(night, "awake"):
            before, after = (night.gravity_at(row["onset_s"] + s) for s in (-1, row["duration_s"]))
            turned += before @ after < 0.9
    assert kinds >= {"jerk", "lm", "posture", "rhythm", "awake"}
    assert kinds >= {"partner", "phone", "snore", "tone"}
    assert turned >= 2


def test_a_models_jerks_reach_from_4_to_1500_mg():
    peaks = [
        row["peak_mg"]
        for seed in range(whole_or(4, 2))
        for model in models.TUNING
        for row in rows(night_world("noise_on", seed, HOURS, model), "jerk")
    ]
    assert 3.99 <= min(peaks) < 8 and 700 < max(peaks) <= 1500.01
    assert 50 < np.median(peaks) < 100


def test_no_two_movements_of_a_limb_fall_on_each_other(model):
    for profile in ("plm_short", "plm_long", "isolated_lm", "long_rhythms", "mixed"):
        night = planned(profile, model)
        spans = [(r["onset_s"], r["onset_s"] + r["duration_s"]) for r in night.truth]
        assert all(b <= c for (_, b), (c, _) in zip(spans, spans[1:], strict=False)), profile
