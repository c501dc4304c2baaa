"""A limb at rest: gravity in a turning sensor, breath and pulse. In mg, on a Bed's time axis."""

import limbs
import numpy as np


def gravity(bed):
    """Gravity alone, (samples, 3) mg."""
    acc = np.zeros((bed.samples, 3), np.float32)
    way = bed.first_way
    acc[:] = 1000 * way
    for onset_s, length_s, axis, angle in bed.rotations():
        first, n = int(onset_s * bed.odr_hz), max(int(length_s * bed.odr_hz), 1)
        share = np.linspace(0, 1, n)
        share = share**3 * (10 - 15 * share + 6 * share**2)  # a reach of least jerk
        turning = limbs.turned(limbs.quaternion(axis[None], share * angle), way)
        room = acc[first : first + n]
        room[:] = 1000 * turning[: len(room)]
        way = turning[-1]
        acc[first + n :] = 1000 * way
    return acc


def breathe(bed, acc, alive):
    """Add breath to the first `alive` samples of acc (samples, 3) mg."""
    slow = bed.wander(alive)
    phase = 2 * np.pi * np.cumsum(bed.rng.uniform(0.2, 0.3) * (1 + 0.08 * slow)) / bed.odr_hz
    wave = np.sin(phase) + 0.3 * np.sin(2 * phase + 1)
    acc[:alive] += (bed.breath_mg * wave[:, None] * bed.upwards(0, 0.8)).astype(np.float32)


def beat(bed, acc, alive):
    """A pulse wave at each beat: a push that rings, a smaller one behind it."""
    rng = bed.rng
    count = int(bed.seconds * 2)
    breath = 0.04 * np.sin(np.arange(count) * 1.4)
    lengths = rng.uniform(0.85, 1.15) * (1 + breath + 0.02 * rng.standard_normal(count))
    at = np.cumsum(lengths)
    at = (at[at < alive / bed.odr_hz] * bed.odr_hz).astype(int)
    beats = np.zeros(alive)
    beats[at[at < alive]] = 1 + 0.12 * rng.standard_normal(len(at[at < alive]))
    t = np.arange(int(0.6 * bed.odr_hz)) / bed.odr_hz
    hz = rng.uniform(*bed.foreign.pulse_hz)
    push = np.exp(-t / 0.09) * np.sin(2 * np.pi * hz * t)
    late = int(0.28 * bed.odr_hz)
    push[late:] += 0.4 * push[: len(push) - late].copy()
    wave = np.convolve(beats, bed.pulse_mg * push / np.abs(push).max())[:alive]
    acc[:alive] += (wave[:, None] * bed.upwards(0, 1.0)).astype(np.float32)
