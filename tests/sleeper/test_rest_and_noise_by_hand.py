"""What a body at rest does and what is switched on beside it: sizes, paces and spans as asked."""

import numpy as np
import pytest
from notturno.sleeper import models, nuisances


class Bare:
    def __init__(self):
        self.textures, self.noted = [], []

    def note_other(self, *what):
        self.noted.append(what)


ON = [(10.0, 20.0), (30.0, 31.0)]


@pytest.mark.parametrize(
    ("at_s", "level"),
    [(9.9, 0), (10, 0), (10.05, 0.5), (10.1, 1), (15, 1), (19.95, 0.5), (20, 0), (25, 0),
     (30.5, 1), (30.98, 0.2), (40, 0)],
)  # fmt: skip
def test_what_is_switched_rises_and_falls_within_a_tenth_of_a_second(at_s, level):
    assert nuisances._switched(np.array([at_s]), ON)[0] == pytest.approx(level)


def spectrum(wave, step_s):
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    return np.fft.rfftfreq(len(wave), step_s), power


def test_a_tone_is_of_one_pitch_and_size_and_only_while_it_is_on():
    night = Bare()
    nuisances.tone(night, np.random.default_rng(3), [(0.0, 100.0)], 12.0, 12.5, 4.0, 4.5)
    t = np.arange(1, 99, 0.002)
    wave = night.textures[0](t, None)
    size_mg = np.linalg.norm(wave, axis=1).max()
    hz, power = spectrum(wave[:, 0], 0.002)
    assert 12.0 <= hz[power.argmax()] <= 12.5 and 4.0 <= size_mg <= 4.5
    assert not night.textures[0](np.array([-1.0, 101.0]), None).any()
    assert night.noted == [("tone", 0.0, 100.0, pytest.approx(size_mg, rel=1e-3))]


def test_noise_is_as_strong_as_it_is_noted_and_only_while_it_is_on():
    night = Bare()
    nuisances.noise(night, np.random.default_rng(4), ON, 3.0, 3.5)
    rng = np.random.default_rng(5)
    wave = night.textures[0](np.linspace(11, 19, 50_000), rng)
    size_mg = night.noted[0][3]
    # A line between two instants of white noise keeps 2/3 of its power; it is made up for.
    assert wave.std(axis=0) * np.sqrt(2 / 3) == pytest.approx([size_mg] * 3, rel=0.03)
    assert 3.0 <= size_mg <= 3.5
    assert not night.textures[0](np.linspace(21, 29, 100), rng).any()
    assert [row[:3] for row in night.noted] == [("noise", 10.0, 10.0), ("noise", 30.0, 1.0)]


def test_spans_are_as_long_and_as_far_apart_as_asked_and_end_with_the_night():
    rng = np.random.default_rng(6)
    found = nuisances.spans(rng, 2.0, (100, 200), (60, 90), (300, 400))
    assert 100 <= found[0][0] <= 200
    assert all(60 <= end - begin <= 90 for begin, end in found[:-1])
    assert all(300 <= b[0] - a[1] <= 400 for a, b in zip(found, found[1:], strict=False))
    assert found[-1][1] <= 7200 and 7200 - found[-1][1] < 500


REST = models.Rest("ring", (3.0, 3.5), (60, 62), 0.0, (1.0, 1.5), (12, 15))


def test_breathing_has_the_pace_and_the_size_of_its_model():
    for seed in range(4):
        living = nuisances.breathing(np.random.default_rng(seed), REST)
        wave = living(np.arange(0, 970, 0.05))  # ten times the 97 s in which its phase swings
        size_mg = np.linalg.norm(wave, axis=1)
        assert 0.7 <= size_mg.max() <= 1.52
        axis = wave[size_mg.argmax()] / size_mg.max()
        along = wave @ axis
        assert np.abs(wave - along[:, None] * axis).max() < 1e-9
        breaths = np.count_nonzero(np.diff(np.sign(along)) > 0)
        assert 12 / 60 * 970 - 2 <= breaths <= 15 / 60 * 970 + 2


def test_the_pulse_beats_at_the_pace_of_its_model_along_one_axis():
    for seed in range(3):
        wave = nuisances.pulse(np.random.default_rng(seed), 0.2, REST, (3.0, 3.5))(
            np.arange(0, 700, 0.01)
        )
        size_mg = np.linalg.norm(wave, axis=1)
        axis = wave[size_mg.argmax()] / size_mg.max()
        along = wave @ axis
        assert np.abs(wave - along[:, None] * axis).max() < 1e-9
        beat = along - along.mean()
        like = np.fft.irfft(np.abs(np.fft.rfft(beat, 2 * len(beat))) ** 2)[: len(beat)]
        again_s = (50 + like[50:150].argmax()) / 100
        assert 60 / 62 - 0.03 <= again_s <= 60 / 60 + 0.03
        assert 2.0 <= np.percentile(size_mg, 99.9) <= 3.5 * 1.6


def test_beats_go_on_to_the_end_of_the_night():
    living = nuisances.pulse(np.random.default_rng(1), 0.1, REST, (3.0, 3.5))
    assert np.abs(living(np.arange(355, 360, 0.01))).max() > 1
