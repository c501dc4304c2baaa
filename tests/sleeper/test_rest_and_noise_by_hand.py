"""What a body at rest does and what is switched on beside it: sizes, paces and spans as asked."""

import math

import numpy as np
import pytest
from notturno.sleeper import models, nuisances, shapes


class Bare:
    def __init__(self):
        self.textures, self.noted = [], []
        self.turns = []

    def laid_at(self, at_s):
        return 0.0, 0.0, np.array([0.0, 0.0, 1.0])

    def note_other(self, *what):
        self.noted.append(what)


ON = [(10.0, 20.0), (30.0, 31.0)]
LATE_S = 0.3 + 1 / 18  # a quarter of a swing of the late thump; the first is at 1.28 of its own
LATE = math.exp(-LATE_S / 0.11) * math.sin(2 * math.pi * 3.6 * LATE_S)


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
    assert np.abs(living(np.arange(0, 0.4, 0.01))).max() > 1, "and begin with it"


@pytest.mark.parametrize(
    ("shape", "at"),
    [
        ("raised_cosine", {0.0: 0, 0.25: 0.5, 0.5: 1, 1.0: 0}),
        ("half_sine", {0.0: 0, 1 / 6: 0.5, 0.5: 1, 1.0: 0}),
        # two bells an eighth wide, at 0.28 and 0.72 (0.7 as large): e^-1 at a width from the top
        ("gaussian_doublet", {0.16: 0.3679, 0.28: 1, 0.72: 0.7, 0.84: 0.2575}),
        ("triangular", {0.175: 0.5, 0.35: 1, 0.675: 0.5, 1.0: 0}),
    ],
)
def test_how_the_force_of_a_muscle_rises_and_falls(shape, at):
    found = shapes.MUSCLES[shape](np.array(list(at)))
    assert found == pytest.approx(list(at.values()), abs=1e-4)


@pytest.mark.parametrize(
    ("shape", "at"),
    [
        # a ring of 5.5 Hz that falls to 1/e in 90 ms: its peaks half a swing apart
        (
            "ring",
            {0.0: 0, 1 / 22: math.exp(-(1 / 22) / 0.09), 3 / 22: -math.exp(-(3 / 22) / 0.09)},
        ),
        # bells at 0.10, 0.16, 0.23, 0.31 s of -0.6, 1, -0.7, 0.3; 30, 30, 35, 40 ms to 1/e
        ("ijk", {0.07: -0.2206, 0.10: -0.5817, 0.16: 0.9762, 0.19: 0.1782, 0.23: -0.6902}),
        ("ijk", {0.31: 0.2962, 0.35: 0.1104, 0.265: -0.1729}),
        # a swing of 7.5 Hz in a bell of 70 ms about 0.2 s
        ("gabor", {0.2: 1, 0.2 + 2 / 15: math.exp(-((2 / 15 / 0.07) ** 2))}),
        ("gabor", {0.2 - 1 / 15: -math.exp(-((1 / 15 / 0.07) ** 2)), 0.2 + 1 / 30: 0}),
        # 3.6 Hz that falls in 110 ms, and from 0.3 s on half of one of 4.5 Hz in 70 ms
        ("two_thumps", {0.0: 0, 5 / 72: math.exp(-(5 / 72) / 0.11)}),
        ("two_thumps", {0.25: math.exp(-0.25 / 0.11) * math.sin(1.8 * math.pi)}),
        ("two_thumps", {LATE_S: LATE + 0.5 * math.exp(-(1 / 18) / 0.07)}),
    ],
)
def test_the_waves_of_a_beat(shape, at):
    found = shapes.HEARTS[shape](np.array(list(at)))
    assert found == pytest.approx(list(at.values()), abs=1e-4)


def test_a_beat_is_of_size_one_and_over_when_it_is_over():
    for shape in shapes.HEARTS:
        wave = shapes.heartbeat(shape, np.arange(-0.1, 1.6, 1 / 2000))
        assert np.abs(wave).max() == pytest.approx(1, abs=1e-3)
        assert not wave[:200].any()
