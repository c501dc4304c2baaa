"""Models of the sleeper: each makes its own nights, and what is held out is held out."""

import dataclasses

import numpy as np
import pytest
from notturno.errors import UserError
from notturno.sleeper import body, limbs, models, night_world, sensor, shapes

ALL = (*models.TUNING, *models.HELD_OUT)
DOWN = np.array([0.0, 0.0, 1.0])


def numbers(model):
    """The parameters by which models differ, by name: pairs and numbers."""
    limb, rest, bed = model.limb, model.rest, model.bed
    return {
        "natural": limb.natural_hz,
        "damping": limb.damping,
        "pulse": rest.pulse_mg,
        "pace": rest.pulse_per_min,
        "unsteady": rest.unsteady,
        "breath": rest.breath_mg,
        "breaths": rest.breath_per_min,
        "corner": bed.corner_hz,
        "along": bed.along_gravity,
    }


def test_no_parameter_of_a_held_out_model_is_in_a_tuning_model():
    for held_out in models.HELD_OUT:
        for tuning in models.TUNING:
            for name, value in numbers(held_out).items():
                assert value != numbers(tuning)[name], (held_out.name, tuning.name, name)


def test_no_shape_of_a_held_out_model_is_in_a_tuning_model():
    for of in (lambda m: m.limb.muscle, lambda m: m.rest.pulse, lambda m: m.part.noise_mg):
        tuning, held_out = ({of(m) for m in group} for group in models.SETS.values())
        if not isinstance(next(iter(tuning)), float):
            assert not tuning & held_out
    tuned = {(m.limb.movement, m.limb.torque_hz) for m in models.TUNING}
    assert not tuned & {(m.limb.movement, m.limb.torque_hz) for m in models.HELD_OUT[:3]}


@pytest.mark.parametrize("group", models.SETS.values(), ids=models.SETS)
def test_a_set_spans_what_limbs_hearts_and_sensors_there_are(group):
    assert {m.limb.place for m in group} == {"wrist", "ankle", "calf"}
    assert min(m.limb.natural_hz[0] for m in group) < 2.5
    assert max(m.limb.natural_hz[1] for m in group) > 13
    assert {m.part.nominal_hz for m in group} == {52.0, 104.0, 208.0}
    assert {m.part.range_g for m in group} == {2, 4, 8}
    for m in group:
        assert 2 <= m.limb.natural_hz[0] < m.limb.natural_hz[1] <= 14
        assert 0.15 <= m.limb.damping[0] < m.limb.damping[1] <= 0.6
        assert 45 <= m.rest.pulse_per_min[0] < m.rest.pulse_per_min[1] <= 95
        assert 0.3 <= m.rest.breath_mg[0] < m.rest.breath_mg[1] <= 5
        assert 1.5 <= m.bed.corner_hz <= 6
        assert 0.7 <= m.part.noise_mg <= 4


def test_slow_and_noisy_parts_reach_25_hz_and_4_mg():
    assert {part.nominal_hz for part in models.SLOW_PARTS} == {25.0}
    noise = [part.noise_mg for part in models.NOISY_PARTS]
    assert (min(noise), max(noise)) == (0.7, 4.0)


@pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
def test_a_model_and_seed_are_one_night_and_no_other_models(model):
    one, two = (night_world("fragmentary", 5, 0.2, model) for _ in range(2))
    other = night_world("fragmentary", 5, 0.2, ALL[(ALL.index(model) + 1) % len(ALL)])
    assert one.truth == two.truth != other.truth
    assert one.model is model
    a, b = (sensor.record(night, 5, model=model) for night in (one, two))
    assert np.array_equal(a[0], b[0]) and a[1] == b[1]
    assert abs(a[1] / model.part.nominal_hz - 1) <= sensor.RATE_ERROR


@pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
def test_a_limb_moves_as_long_and_as_strongly_as_is_said(model):
    rng = np.random.default_rng(3)
    jerk, muscle_s = model.limb.jerk(rng, 80.0)
    assert 0.02 <= muscle_s <= 0.25
    assert np.linalg.norm(jerk, axis=1).max() == pytest.approx(80)
    assert np.linalg.norm(jerk[-3:], axis=1).max() < 2
    ends = []
    for _ in range(20):
        wave = model.limb.joint_movement(rng, 2.5, 150.0, DOWN)
        size = np.linalg.norm(wave, axis=1)
        assert size.max() == pytest.approx(150)
        ends.append(np.flatnonzero(size > 15)[-1] / body.RENDER_HZ)
    assert np.median(ends) == pytest.approx(2.5, abs=0.15)


@pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
def test_a_rhythm_has_the_pace_that_is_said(model):
    wave, seconds, hz = model.limb.beats(np.random.default_rng(4), 5.0, 100, 60.0, DOWN)
    assert hz == pytest.approx(5.0, abs=0.25) and seconds == pytest.approx(20, abs=1.2)
    axis = wave[:, np.abs(wave).max(axis=0).argmax()]
    power = np.abs(np.fft.rfft(axis, 1 << 15)) ** 2
    at_hz = np.fft.rfftfreq(1 << 15, 1 / body.RENDER_HZ)
    band = (at_hz > 2.5) & (at_hz < 7.5)
    assert at_hz[band][power[band].argmax()] == pytest.approx(hz, abs=0.35)


def test_shorter_and_stiffer_limbs_ring_faster():
    def centre_hz(limb):
        rng = np.random.default_rng(5)
        waves = [limb.jerk(rng, 50.0, 0.06)[0] for _ in range(20)]
        power = sum(np.abs(np.fft.rfft(w, 4096, axis=0)).sum(axis=1) ** 2 for w in waves)
        return (power * np.fft.rfftfreq(4096, 1 / body.RENDER_HZ)).sum() / power.sum()

    slow = limbs.Limb("calf", (2.2, 3.0), (0.4, 0.5), "half_sine", "minimum_jerk")
    quick = dataclasses.replace(slow, natural_hz=(11.0, 13.0))
    assert centre_hz(quick) > 1.3 * centre_hz(slow)


@pytest.mark.parametrize("shape", shapes.HEARTS)
def test_a_heartbeat_has_the_size_that_is_said_and_dies_away(shape):
    at = np.linspace(-0.2, 1.2, 2801)
    beat = shapes.heartbeat(shape, at)
    assert np.abs(beat).max() == pytest.approx(1, abs=1e-3)
    assert np.abs(beat[(at < 0) | (at > 0.65)]).max() < 0.03


@pytest.mark.parametrize("corner_hz", [0.0, 2.0])
def test_noise_of_a_part_is_of_its_rms_without_steps_and_the_same_however_read(corner_hz):
    class Nowhere:
        hours = 0.1

        def accel_mg(self, first_s, step_s, n):
            return np.zeros((n, 3))

    model = models.TUNING[0].on(models.Part(noise_mg=2.0, noise_corner_hz=corner_hz))
    part = sensor.Sensor(Nowhere(), 6, model)
    acc = part.read(0, 20000) * part.mg_per_lsb
    noise_mg = acc - part.offset_mg
    assert noise_mg.std() == pytest.approx(2.0, rel=0.06)
    around = [np.abs(noise_mg[k - 2 : k + 2]).max() for k in range(4096, 20000, 4096)]
    assert max(around) < 12
    slow = np.convolve(noise_mg[:, 0], np.ones(200) / 200, "valid").std()
    assert (slow > 0.35) == (corner_hz > 0)
    fresh = sensor.Sensor(Nowhere(), 6, model)
    parts = [fresh.read(at, 3000) for at in range(0, 18000, 3000)]
    assert np.array_equal(np.concatenate(parts), part.read(0, 18000))


def test_a_part_that_averages_passes_less_of_what_is_quicker_than_it():
    class Tone:
        hours = 0.1

        def accel_mg(self, first_s, step_s, n):
            t = first_s + step_s * np.arange(n)
            return np.tile(100 * np.sin(2 * np.pi * 40 * t), (3, 1)).T

    def passed_mg(averages):
        part = models.Part(nominal_hz=25.0, noise_mg=0.7, averages=averages)
        counts = sensor.Sensor(Tone(), 1, models.TUNING[0].on(part)).read(0, 4000)
        return (counts * part.mg_per_lsb).std()

    assert passed_mg(True) < 0.4 * passed_mg(False)


def test_a_mattress_carries_slow_movements_better_than_quick_ones_mostly_up_and_down():
    def carried(bed, hz):
        t = np.arange(1000) / body.RENDER_HZ
        wave = np.sin(2 * np.pi * hz * t)[:, None] * np.array([0.0, 1.0, 0.0])
        soft = body.low_pass(wave, bed.corner_hz, bed.order)
        return np.abs(soft[300:]).max()

    for model in ALL:
        assert carried(model.bed, 1.0) > 3 * carried(model.bed, 12.0)
    rng = np.random.default_rng(2)
    wave, _ = body.jerk(rng, 1.0)
    upright = models.Bed(3.0, 2, 0.95).carry(wave, DOWN, 20.0)
    assert np.linalg.norm(upright, axis=1).max() == pytest.approx(20)
    assert np.abs(upright[:, 2]).max() > 0.85 * 20


def test_an_unknown_model_is_refused_with_the_names_there_are():
    with pytest.raises(UserError, match="wrist_a.*calf_d"):
        night_world("quiet", 1, 0.2, "giant")
    assert models.named("ankle_c") is models.HELD_OUT[1]
