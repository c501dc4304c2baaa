"""Raw streams that try a detector: the extremes of int16, and the plainest nights.

numpy only; each entry of STREAMS is a function (generator, samples) -> int16 (n, 3).
"""

import numpy as np
from hand_made import add_jerk, add_movement, add_sway, counts, still

RATES_HZ = (25, 52, 104, 208)


def full_scale_noise(rng, n):
    return rng.integers(-32768, 32768, (n, 3)).astype(np.int16)


def full_scale_alternation(rng, n):
    """Every axis jumps between the ends of the range, sample by sample."""
    a = np.where(np.arange(n) % 2, 32767, -32768).astype(np.int16)
    return np.stack([a, np.roll(a, 1), a], axis=1)


def steps(rng, n):
    """Long holds at extreme levels."""
    levels = np.array([-32768, -32767, -1, 0, 1, 16384, 32767])
    holds = rng.integers(1, 400, n)
    marks = np.repeat(np.arange(n), holds)[:n]
    return np.stack([levels[rng.integers(0, 7, n)][marks] for _ in range(3)], 1).astype(np.int16)


def square_waves(rng, n):
    """Full-scale squares of many half periods, one after the other, on axes out of step."""
    axis = []
    for shift in range(3):
        parts, total, half = [], 0, 1 + shift
        while total < n:
            part = np.where(np.arange(16 * half) // half % 2, 32767, -32768)
            parts.append(part)
            total += len(part)
            half = half % 97 + 1
        axis.append(np.concatenate(parts)[:n])
    return np.stack(axis, 1).astype(np.int16)


def lowest(rng, n):
    return np.full((n, 3), -32768, np.int16)


def zeros(rng, n):
    return np.zeros((n, 3), np.int16)


def one_axis_dead(rng, n):
    a = rng.normal(0, 300, (n, 3)) + [0, 0, 8196]
    a[:, 1] = 0
    return np.clip(a, -32768, 32767).astype(np.int16)


def clipped_swings(rng, n):
    t = np.arange(n)[:, None] / rng.uniform(3, 60, 3)
    return np.clip(90000 * np.sin(t) * rng.random((n, 1)), -32768, 32767).astype(np.int16)


def sparse_jerks(rng, n):
    a = rng.normal(0, 4, (n, 3)) + [0, 0, 8196]
    for at in rng.integers(0, max(1, n - 30), max(1, n // 150)):
        k = np.arange(min(30, n - at))
        ring = np.exp(-k / 8) * np.sin(k / rng.uniform(1, 5)) * 10 ** rng.uniform(1.5, 4.4)
        a[at : at + len(k), rng.integers(0, 3)] += ring
    return np.clip(a, -32768, 32767).astype(np.int16)


def quiet(rng, n):
    return (rng.normal(0, 4.4, (n, 3)) + [0, 0, 8196]).astype(np.int16)


STREAMS = (
    full_scale_noise,
    full_scale_alternation,
    steps,
    square_waves,
    lowest,
    zeros,
    one_axis_dead,
    clipped_swings,
    sparse_jerks,
    quiet,
)


def eventful(odr_hz=104, minutes=8, seed=5):
    """Minutes with jerks, movements, rhythms of both classes, a turn and restlessness, in turn."""
    rng = np.random.default_rng(seed)
    length_s = minutes * 60
    a = still(length_s, seed=seed, odr_hz=odr_hz)
    for i in range(minutes):
        start = 60 * i + 3
        for k in range(4):
            add_jerk(a, start + 2.5 * k, float(rng.uniform(8, 400)), seed=k + i, odr_hz=odr_hz)
        add_movement(a, start + 14, float(rng.uniform(0.6, 5)), 150, seed=i, odr_hz=odr_hz)
        add_sway(a, start + 24, 5, float(rng.uniform(0.8, 7)), 60, odr_hz=odr_hz)
        if i % 3 == 1:
            turned = int((start + 35) * odr_hz)
            add_movement(a, start + 34, 3, 400, seed=i + 9, odr_hz=odr_hz)
            a[turned:] = a[turned:][:, [1, 2, 0]]
        if i == minutes - 2:
            add_movement(a, start + 40, 55, 500, seed=3, odr_hz=odr_hz)
    return counts(a)


def words_of(raw):
    """The stream as the detector takes it: uint16, x y z interleaved."""
    return memoryview(np.ascontiguousarray(raw).view(np.uint16).tobytes()).cast("H")
