"""What a replay holds besides the recording itself."""

import tracemalloc

import numpy as np
import pytest
from notturno.bench import machine
from notturno.detect import at_rest

HZ, MG_PER_LSB = 104.0, 0.122


def test_a_night_is_held_against_gravity_without_a_copy_of_it_in_floating_point():
    acc = np.zeros((int(2 * 3600 * HZ), 3), np.int16)
    acc[:, 2] = round(1000 / MG_PER_LSB)
    tracemalloc.start()
    try:
        at_rest.check_gravity(at_rest.seconds_of(acc, MG_PER_LSB, HZ), "night")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * acc.nbytes, "a copy in floating point is four times as large"


@pytest.mark.parametrize("seconds", [59.5, 300, 300.5, 601])
def test_the_seconds_of_a_recording_are_those_of_all_at_once(seconds):
    rng = np.random.default_rng(3)
    acc = rng.integers(-9000, 9000, (int(seconds * HZ), 3)).astype(np.int16)
    mean_mg, still = at_rest.seconds_of(acc, MG_PER_LSB, HZ)
    whole = acc[: len(acc) // 104 * 104].reshape(-1, 104, 3) * MG_PER_LSB
    assert np.allclose(mean_mg, whole.mean(axis=1), rtol=0, atol=0.001)
    assert len(still) == len(mean_mg) and not still.any()


def test_the_memory_of_a_replay_is_not_that_of_the_bench_that_started_it():
    ballast = np.ones(500_000_000 // 8)
    assert machine._peak_mb(machine.typical(0.02, 1)) < ballast.nbytes / 2**20
