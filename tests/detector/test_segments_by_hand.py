"""Floors, rest and facts of the detector's first half, number by number.

A count is 250 ug here, so that a quarter of a squared norm's root is a mg, at 100 Hz: four
samples make a sum, 6000 a minute.
"""

import pytest
from notturno_core import segments as s

ODR_MHZ, UG = 100_000, 250
MOST = 0xFFFFFF


# --- floors --------------------------------------------------------------------------------------


def floored(floor_q6, largest, warm=0, noise=1000, least=(0, 0, 0, 0), slow=(6400, 24)):
    """Return the state behind a block: quick floor and its largest norm, and the slow ones."""
    state = s.blank(s.STATE_WORDS)
    for word in range(s.STATE_WORDS):
        state[word] = 0
    state[s._FLOOR], state[s._BMAX] = floor_q6, largest
    state[s._MFLOOR], state[s._MBMAX] = slow
    state[s._WARM], state[s._NOISE] = warm, noise
    for n, (low, multiple_q4) in enumerate(zip(least, (38, 19, 23, 41), strict=True)):
        state[s._J_LOW + n], state[s._J_LOW_FLOOR + n] = low, multiple_q4
    assert s.floor_stage(state, 0, None, None) == 0
    return state


@pytest.mark.parametrize(
    ("floor_q6", "largest", "warm", "then_q6"),
    [
        (6400, 101, 0, 6400 + 200 + 1),  # above 100: a thirty-second up
        (6400, 100, 0, 6400 - 400 - 1),  # else a sixteenth down
        (6400, 25, 0, 6400 - 400 - 1),
        (6400, 24, 0, 6400 - 800),  # below a quarter: an eighth
        (6400, 50, 3, 3200),  # at first the least of the blocks
        (6400, 100, 3, 6400),
        (6400, 500, 3, 6400),
        (64, 0, 0, 64),
        (64, 0, 3, 64),
        ((MOST - 1) << 6, MOST + 9, 0, MOST << 6),
        (MOST << 6, MOST + 9, 0, (MOST << 6) - (MOST << 2) - 1),  # a norm is cut there, too
    ],
)
def test_a_floor_moves_by_unequal_shares_of_itself(floor_q6, largest, warm, then_q6):
    state = floored(floor_q6, largest, warm)
    assert (state[s._FLOOR], state[s._BMAX]) == (then_q6, 0)
    other = floored(6400, 100, warm, slow=(floor_q6, largest))
    assert (other[s._MFLOOR], other[s._MBMAX]) == (then_q6, 0)


def thresholds(state):
    return [state[word] for word in (s._LOW, s._MLOW, s._ON, s._MON)]


def test_thresholds_are_multiples_of_their_floors_and_never_below_their_least():
    """Floors of 6601 and 5600 / 64, by 38, 19, 23 and 41 / 16."""
    assert thresholds(floored(6400, 101)) == [244, 103, 148, 224]
    assert thresholds(floored(6400, 101, least=(245, 103, 149, 224))) == [245, 103, 149, 224]
    high = floored(4_456_449, 0)  # an eighth less is 3 899 393
    assert thresholds(high)[0] == 3_899_393 * 38 >> 10
    higher = floored(0x500000, 0x500000 >> 6)  # a sixteenth less: 0x4AFFFF
    assert thresholds(higher)[0] == (0x4AFF * 38) >> 2


def test_nothing_opens_while_the_floors_settle():
    never = 0x3FFFFFFF
    state = floored(6400, 101, warm=2)
    assert thresholds(state) == [never, 24 * 64 * 19 // 1024, never, never]
    assert state[s._WARM] == 1
    assert state[s._NSTEP] == 1000 // 16 + 1
    state = floored(6400, 101, warm=1)
    assert thresholds(state)[0] == 237 and state[s._WARM] == 0
    assert state[s._NSTEP] == 1000 // 64 + 1


@pytest.mark.parametrize(
    ("noise", "then"), [(0, 16), (16, 16), (17, 17), (MOST, MOST), (MOST + 1, MOST)]
)
def test_the_median_of_the_noise_stays_between_one_and_2_g(noise, then):
    state = floored(6400, 100, noise=noise)
    assert (state[s._NOISE], state[s._NOISE_WAS]) == (then, then)
    assert state[s._NSTEP] == (then >> 6) + 1


# --- rest ----------------------------------------------------------------------------------------


def rested(x, before=0, quick=0, gravity=0, quiet=1, warm=0, axis=0):
    """Return the state behind a block of which one axis' slow low-pass lies at x, counts q4."""
    state = s.blank(s.STATE_WORDS)
    for word in range(s.STATE_WORDS):
        state[word] = 0
    for other in range(3):  # the others rest at half of full scale
        state[s._MX + other] = state[s._NX + other] = state[s._LPX + other] = 0x8000 << 4
    state[s._MX + axis], state[s._NX + axis] = x, before
    state[s._LPX + axis], state[s._GX + axis] = quick, gravity
    state[s._QUIET], state[s._WARM] = quiet, warm
    assert s.rest_stage(state, 0, None, None) == 0
    return state


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_moves_is_alive_and_its_steps_are_summed_where_nothing_was_busy(axis):
    x = 0x8000 << 4
    state = rested(x, x - 40, x + 100, x - 30, axis=axis)
    assert state[s._ALIVE] == 1 << axis and state[s._NX + axis] == x
    assert state[s._NLOW] == 20 * 20 >> 2 and state[s._NHIGH] == 50 * 50 >> 2
    assert state[s._GX + axis] == x - 15
    assert (state[s._QUIETS], state[s._QUIET]) == (1, 1)
    busy = rested(x, x - 40, x + 100, quiet=0, axis=axis)
    assert (busy[s._NLOW], busy[s._NHIGH], busy[s._QUIETS], busy[s._QUIET]) == (0, 0, 0, 1)
    assert busy[s._ALIVE] == 1 << axis
    still = rested(x, x, x, axis=axis)
    assert (still[s._ALIVE], still[s._NLOW], still[s._NHIGH]) == (0, 0, 0)


def test_while_the_floors_settle_gravity_is_where_it_is():
    x = 0x8000 << 4
    state = rested(x, x - 40, x, x - 3000, warm=1)
    assert (state[s._GX], state[s._G5X]) == (x, x)
    assert (state[s._ALIVE], state[s._NLOW]) == (0, 0)


@pytest.mark.parametrize(
    ("step", "summed"),
    [(4094, 2047), (4096, 2047), (-4094, 2047), (-4098, 2047), (200_000, 2047), (4092, 2046)],
)
def test_a_step_is_cut_where_its_square_has_30_bits(step, summed):
    x = 0x8000 << 4
    assert rested(x, x - step, x)[s._NLOW] == summed * summed >> 2
    assert rested(x, x, x + step)[s._NHIGH] == summed * summed >> 2


@pytest.mark.parametrize(
    ("x", "clipped"),
    [(68 << 4, 0), ((68 << 4) - 1, 1), (65464 << 4, 0), ((65464 << 4) + 1, 1)],
)
def test_a_block_that_rests_near_full_scale_is_clipped(x, clipped):
    state = rested(x, x, x)
    assert (state[s._MCLIP], state[s._CLIP]) == (clipped, 0)


# --- facts ---------------------------------------------------------------------------------------


def row_of(**words):
    """Return (state, a row of `out`) with some words set, by their names."""
    out = s.blank(s.OUT_WORDS * 2)
    for word in range(len(out)):
        out[word] = 0
    for name, value in words.items():
        out[s.OUT_WORDS + getattr(s, "OUT_" + name)] = value
    return s.new_state(ODR_MHZ, UG), out


def facts(**words):
    return s.facts(*row_of(**words), 1)


BURST = dict(KIND=1, ONSET=100, END=119, CLOSED=163, RISE=100, PEAK=900, STEP=1600, STEPS=6000)
BURST |= dict(VX=300, VY=-400, G0Z=1000, FLOOR=3969, CYCLES=3, ENERGY=9000)


def test_a_burst_in_physical_units():
    found = facts(**BURST)
    assert found == {
        **{"row": 1, "onset_sample": 100, "end_sample": 119, "closed_sample": 163},
        **{"duration_samples": 20, "cut": 0, "clipped": 0, "cycles": 3},
        "peak_mg": 125,  # 500 counts from where it lay
        "quick_peak_mg": 30,
        "peak_jerk_mg_per_s": 4000,  # 40 mg in 10 ms
        "energy_mg2_s": 360,  # 36 000 mg2 over 100 Hz
        "effective_ms": 400,
        "direction_q7": (76, -102, 0),
        **{"posture_before_q7": (0, 0, 127), "posture_after_q7": (0, 0, 127)},
        "floor_q4_mg": 1000,  # of what is 63 a mg's sixteenth
        "centre_dhz": 65,
    }


def test_a_sensors_noise_is_taken_off_a_bursts_steps_and_energy():
    """A median of 2.4 variances, q4: of 24 the variance is 160 / 256; 64 samples of it."""
    plain, noisy = facts(**BURST), facts(**BURST, NOISE=24)
    assert plain["peak_jerk_mg_per_s"] == 4000 and noisy["peak_jerk_mg_per_s"] == 3900
    quieter = facts(**{**BURST, "STEP": 1595, "STEPS": 5760, "ENERGY": 8970})
    assert {**noisy, "closed_sample": 0} == {**quieter, "closed_sample": 0}
    least = facts(**BURST, NOISE=1 << 20)
    assert (least["peak_jerk_mg_per_s"], least["centre_dhz"]) == (0, 0)
    assert least["effective_ms"] == 10, "its peak is its energy"


MOVE = dict(KIND=3, ONSET=100, END=399, CLOSED=420, PEAK=900, ENERGY=2250, MORPH=9)
MOVE |= dict(VX=0, VY=0, VZ=-800, G0X=1000, G1Y=1000, FLOOR=3969, STEP=1600)


def test_a_movement_in_physical_units_without_what_the_filter_rings_on():
    found = facts(**MOVE)
    assert (found["duration_samples"], found["end_sample"]) == (300 - 11, 388)
    assert (found["peak_mg"], found["slow_peak_mg"], found["morph_ms"]) == (200, 30, 360)
    assert (found["energy_mg2_s"], found["effective_ms"]) == (360, 400)
    assert found["direction_q7"] == (0, 0, -127)
    assert found["posture_before_q7"] == (127, 0, 0) and found["posture_after_q7"] == (0, 127, 0)
    # what a sum alone showed above 2 Hz; its steps are not told
    assert (found["quick_peak_mg"], found["peak_jerk_mg_per_s"]) == (40, 0)
    assert facts(**{**MOVE, "STEP": 0})["quick_peak_mg"] == 0 and "cycles" not in found
    for flags, lasts, cut in ((2, 300, 2), (4, 300, 0), (1, 289, 0)):
        other = facts(**MOVE, FLAGS=flags)
        assert (other["duration_samples"], other["cut"]) == (lasts, cut)
        assert other["clipped"] == flags & 1
    assert facts(**{**MOVE, "END": 105})["duration_samples"] == 1


def test_what_is_beyond_sixteen_or_eight_bits_is_the_most_there_is():
    far = facts(**{**BURST, "VX": 10**6, "PEAK": 2**30, "CYCLES": 256, "FLOOR": 2**30})
    assert (far["peak_mg"], far["quick_peak_mg"], far["cycles"]) == (65_535, 32_768, 255)
    assert far["floor_q4_mg"] == 65_535
    assert facts(**{**BURST, "CYCLES": 255, "ONSET": -7})["cycles"] == 255
    assert facts(**{**BURST, "PEAK": 0})["effective_ms"] == 65_535
    assert facts(KIND=1)["direction_q7"] == (0, 0, 0)


def test_beats_and_an_onset_have_their_times_alone():
    state, out = row_of(KIND=4, FLAGS=8, ONSET=2, END=3, CLOSED=77)
    for n in range(5):
        out[s.OUT_WORDS + s.OUT_TIMES + n] = 10 * (n + 1)
    out[2 * s.OUT_WORDS - 1] = 81
    assert s.facts(state, out, 1) == {
        **{"row": 4, "closed_sample": 77, "cycles": [10, 20], "beats": [30, 40, 50]},
        **{"more": 8, "peak_mg": 9},
    }
    assert facts(KIND=2, ONSET=-5, CLOSED=3) == {"row": 2, "closed_sample": 3, "onset_sample": 0}


@pytest.mark.parametrize(
    ("hz", "share", "dhz"),
    [(2, 0.015771, 20), (5, 0.097887, 50), (10, 0.381966, 100), (25, 2.0, 248), (50, 4.0, 394)],
)
def test_the_centre_frequency_is_that_of_a_sine_with_such_steps(hz, share, dhz):
    """4 sin^2 (pi f / rate) of its energy; the arc sine's first terms are low near half."""
    energy = 10**6
    found = s._centre_dhz(round(share * energy), energy, ODR_MHZ)
    assert found == pytest.approx(dhz, abs=1) and abs(found - 10 * hz) <= 10 * hz * 0.22
    assert s._centre_dhz(10**9, energy, ODR_MHZ) == 394


def minute(**words):
    return s.minute_facts(*row_of(KIND=5, **words), 1)


def test_a_minute_in_physical_units():
    found = minute(
        **dict(ONSET=6000, END=12_000, CLOSED=12_000, ENERGY=1500, FLOOR=100, VX=400, TILT=15_625),
        **dict(G1X=4000, G1Y=-4000, G1Z=2, CYCLES=7, MOVED=40, LOW=11, HIGH=22),
    )
    assert found == {
        **{"row": 5, "onset_sample": 6000, "sample": 12_000, "closed_sample": 12_000},
        "activity_q4_mg": 16,  # 1500 sums of four in 6000 samples: a mg
        **{"floor_jerk_q4_mg": 160, "floor_move_q4_mg": 320},
        "gravity_mg": (1000, -1000, 0),
        "tilt_max_deg": 14,  # a chord of 250 mg
        **{"axis_dead": 0, "clipped": 7, "quiet_blocks": 40, "rest_low": 11, "rest_high": 22},
        "blocks": 6000 // 128,
    }


@pytest.mark.parametrize(
    ("tilt", "deg"), [(0, 0), (100, 1), (43 * 43, 5), (250_000, 57), (1_600**2, 180), (10**8, 180)]
)
def test_how_far_gravity_turned_is_a_chord_in_degrees(tilt, deg):
    assert minute(TILT=tilt)["tilt_max_deg"] == deg


def test_what_is_beyond_its_bits_in_a_minute_is_the_most_there_is():
    most = 2**30
    found = minute(FLOOR=most, VX=most, CYCLES=256, FLAGS=16, G1X=2**20, G1Y=-(2**20))
    assert (found["clipped"], found["axis_dead"]) == (255, 16)
    assert found["floor_jerk_q4_mg"] == found["floor_move_q4_mg"] == 65_535
    assert found["gravity_mg"] == (32_767, -32_768, 0)
    assert minute(CYCLES=255)["clipped"] == 255
