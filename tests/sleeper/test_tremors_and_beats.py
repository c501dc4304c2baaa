"""A tremor has the pace and the size that were asked for and swells; beats are even."""

import numpy as np
import pytest
from notturno.sleeper import disturbances, models
from notturno.sleeper.body import RENDER_HZ

DOWN = np.array([0.0, 0.0, 1.0])


class Bare:
    """Takes what is added to a night, and nothing else."""

    def __init__(self):
        self.added, self.noted = [], []

    def add(self, kind, at_s, wave):
        self.added.append((at_s, wave))

    def note(self, *what):
        self.noted.append(what)

    def gravity_at(self, at_s):
        return DOWN

    def laid_at(self, at_s):
        return 0.0, 0.0, DOWN


def tremor(hz, seconds=400, seed=1):
    """Return the tremor's acceleration along its own axis, (n,) mg."""
    night = Bare()

    def still(rng, length_s, peak_mg, gravity):
        return np.zeros((4, 3))

    rng = np.random.default_rng(seed)
    disturbances.awake(night, rng, 100.0, seconds, hz, still)
    assert night.noted == [("awake", 100.0, seconds, 0)]
    at_s, wave = night.added[-1]
    assert at_s == 100.0 and len(wave) == seconds * RENDER_HZ
    axis = wave[np.linalg.norm(wave, axis=1).argmax()]
    return wave @ (axis / np.linalg.norm(axis))


@pytest.mark.parametrize("hz", [4.0, 6.0])
def test_a_tremor_wanders_around_its_pace_by_some_tenths(hz):
    wave = tremor(hz)
    moves = wave[np.abs(wave) > 1e-9]  # it rests at times
    turns = np.count_nonzero(np.diff(np.signbit(moves).astype(int)) > 0)
    assert turns / (len(moves) / RENDER_HZ) == pytest.approx(hz, abs=0.25)
    power = np.abs(np.fft.rfft(wave)) ** 2
    at_hz = np.fft.rfftfreq(len(wave), 1 / RENDER_HZ)
    near = (at_hz > hz - 1.5) & (at_hz < hz + 1.5)
    assert power[near].sum() > 0.9 * power.sum()
    exact = (at_hz > hz - 0.05) & (at_hz < hz + 0.05)
    assert power[exact].sum() < 0.5 * power.sum()  # a tone would lie there all


def test_a_tremor_swells_from_nothing_to_some_hundred_mg_and_never_turns_over():
    wave = np.concatenate([tremor(5.0, seed=k) for k in range(3)])
    second = wave[: len(wave) // 400 * 400].reshape(-1, 400)
    tops = np.abs(second).max(axis=1)
    assert tops.min() < 5 and 100 < tops.max() < 60 * 5
    assert np.median(tops) == pytest.approx(60, rel=0.25)


def test_without_a_tremor_there_is_none():
    night = Bare()
    disturbances.awake(night, np.random.default_rng(1), 0.0, 60.0, 0.0)
    assert all(len(wave) < 30 * RENDER_HZ for _, wave in night.added) and len(night.added) > 8
    assert all(0 <= at_s < 57 for at_s, _ in night.added)
    peaks = [np.linalg.norm(wave, axis=1).max() for _, wave in night.added]
    assert 55 < min(peaks) and max(peaks) < 1300


def test_what_wanders_turns_every_five_seconds_about_zero_by_about_one():
    wave = disturbances._wander(np.random.default_rng(3), int(5000 * RENDER_HZ))
    assert abs(wave.mean()) < 0.1 and 0.7 < wave.std() < 1.0  # of a straight line between knots
    bends = np.flatnonzero(np.abs(np.diff(wave, 2)) > 1e-6)
    apart = np.diff(bends)
    assert np.median(apart[apart > 1]) == pytest.approx(5 * RENDER_HZ, rel=0.01)
    assert len(disturbances._wander(np.random.default_rng(3), 10)) == 10


def test_a_place_is_clear_four_seconds_from_what_is_taken():
    taken = [(10.0, 20.0), (50.0, 60.0)]
    at = (5.9, 6.0, 6.1, 15.0, 23.9, 24.0, 40.0, 46.1)
    found = [disturbances._clear(t, taken) for t in at]
    assert found == [True, True, False, False, False, True, True, False]
    assert not disturbances._clear(0.5, taken, 10) and disturbances._clear(0, taken, 10)


@pytest.mark.parametrize("model", [models.TUNING[0], models.HELD_OUT[-1]], ids=lambda m: m.name)
@pytest.mark.parametrize(("hz", "count"), [(0.5, 12), (2.0, 30)])
def test_beats_have_their_number_their_pace_and_their_size(model, hz, count):
    wave, seconds, true_hz = model.limb.beats(np.random.default_rng(5), hz, count, 80.0, DOWN)
    size = np.linalg.norm(wave, axis=1)
    assert size.max() == pytest.approx(80.0)
    assert true_hz == pytest.approx(hz, rel=0.1)
    assert seconds == pytest.approx((count - 1) / true_hz, abs=0.6 + 0.01)
    assert len(wave) / RENDER_HZ == pytest.approx(seconds + 1.2, abs=0.01)
    assert size[-1] == pytest.approx(0, abs=1e-9)


def test_the_gaps_of_beats_differ_by_some_percent_and_wander():
    limb, gaps = models.TUNING[0].limb, []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        _, _, true_hz = limb.beats(rng, 1.0, 3, 50.0, DOWN)
        gaps.append(1 / true_hz)
    assert np.mean(gaps) == pytest.approx(1.0, abs=0.03)
    # of the mean of two gaps: 5 % by chance each, and 3 % (peak) that both share
    assert 0.02 < np.std(gaps) < 0.07


@pytest.mark.parametrize("hours", [0.05, 0.1, 1.0])
@pytest.mark.parametrize(
    ("bound", "pause_s", "hz", "mg"), [(0, 240, 11, 1), (1, 1200, 45, 8)], ids=["least", "most"]
)
def test_a_pump_runs_every_other_four_to_twenty_minutes(hours, bound, pause_s, hz, mg):
    class AtBound:
        normal = np.random.default_rng(1).normal

        def uniform(self, low, high, n=None):
            drawn = (low, high)[bound]
            return drawn if n is None else np.full(n, drawn)

    night = Bare()
    night.textures, night.turns = [], []
    disturbances.pump(night, AtBound(), hours)
    t = np.arange(0, hours * 3600, 0.013)
    wave = np.linalg.norm(night.textures[0](t, None), axis=1)
    swell = 1 + 0.3 * np.sin(2 * np.pi * t / 31)
    ramp = np.minimum(1, (pause_s - t % pause_s) / 0.6)  # it is on at once, and runs out
    tone = mg * np.abs(np.sin(2 * np.pi * hz * t))
    assert wave == pytest.approx((t // pause_s % 2) * ramp * swell * tone, abs=1e-9)
