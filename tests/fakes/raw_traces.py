"""Raw traces as the driver gives them, made up in counts, and as a band codes them.

Touches nothing. Speaks int16 counts, (n, 3).
"""

from array import array

import numpy as np
from notturno_core.rawring import Coder, Ring

ALONG_Z = (0, 0, 8197)  # 1 g at 122 ug a count


def noise(n, sd=6.0, seed=1):
    """A resting limb: gravity along z under white noise."""
    drawn = np.random.default_rng(seed).normal(0, sd, (n, 3)) + ALONG_Z
    return np.round(drawn).astype(np.int16)


def ringing(n, at, counts=3000, hz=8.0, rate_hz=104.0, seed=1):
    """A limb that rings at `hz` from sample `at` on, its strength in counts."""
    t_s = np.maximum(0, np.arange(n) - at) / rate_hz
    swing = counts * np.exp(-t_s / 0.2) * np.sin(2 * np.pi * hz * t_s)
    return noise(n, seed=seed) + np.round(swing[:, None] * (1, 0.5, -0.2)).astype(np.int16)


def words(trace):
    """A trace as the driver hands it over: array of 'H', x y z interleaved."""
    return array("H", np.ascontiguousarray(trace, dtype=np.int16).tobytes())


def payloads(trace, first_sample, number, why):
    """The payloads that a band writes of a whole trace, whose first sample has this number."""
    ring = Ring(len(trace))
    ring.end = first_sample
    ring.gap()
    feed(ring, trace)
    return [bytes(p) for p in Coder(ring).payloads(number, why, ring.first, ring.end)]


def feed(ring, trace, chunk=64):
    """Put a trace into a ring as the recorder does, a few samples at a time."""
    raw = words(trace)
    for first in range(0, len(trace), chunk):
        n = min(chunk, len(trace) - first)
        ring.extend(raw[3 * first : 3 * (first + n)], n)
