"""Hand-made signals for the behaviour tests: numpy only, mg, no formula of the detector.

Not the synthetic sleeper: each signal here is the plainest thing that a rule is about.
"""

import numpy as np
from notturno_core import detector, wire

ODR_HZ = 104
MG_PER_LSB = 0.122
UG_PER_LSB = 122
NOISE_MG = 0.54  # 75 ug/sqrt(Hz) over 52 Hz


def still(seconds, seed=1, gravity_mg=(0, 0, 1000), odr_hz=ODR_HZ):
    """Sensor noise on gravity: float (n, 3) mg."""
    n = int(seconds * odr_hz)
    return np.random.default_rng(seed).normal(0, NOISE_MG, (n, 3)) + np.array(gravity_mg, float)


def add_jerk(a, onset_s, peak_mg, seed=0, ring_hz=7.0, decay_s=0.1, odr_hz=ODR_HZ):
    """A decaying ring in a random direction whose largest sample is `peak_mg`."""
    rng = np.random.default_rng(seed)
    t = np.arange(odr_hz) / odr_hz
    ring = np.exp(-t / decay_s) * np.sin(2 * np.pi * ring_hz * t)
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    i = int(onset_s * odr_hz)
    a[i : i + odr_hz] += (ring / np.abs(ring).max() * peak_mg)[:, None] * direction


def add_movement(a, onset_s, duration_s, peak_mg, seed=0, odr_hz=ODR_HZ):
    """A limb movement: irregular sway of 0.7 to 5 Hz on three axes, gently begun and ended."""
    rng = np.random.default_rng(seed)
    n = int(duration_s * odr_hz)
    t = np.arange(n) / odr_hz
    sway = np.zeros((n, 3))
    for axis in range(3):
        for hz in np.linspace(0.7, 5, 9):
            sway[:, axis] += rng.normal() * np.sin(2 * np.pi * (hz * t + rng.random()))
    sway *= np.minimum(1, np.minimum(t, duration_s - t) / 0.15)[:, None]
    sway *= peak_mg / np.linalg.norm(sway, axis=1).max()
    i = int(onset_s * odr_hz)
    a[i : i + n] += sway


def add_sway(a, onset_s, duration_s, hz, peak_mg, odr_hz=ODR_HZ):
    """A sine on the first axis."""
    i = int(onset_s * odr_hz)
    t = np.arange(int(duration_s * odr_hz)) / odr_hz
    a[i : i + len(t), 0] += peak_mg * np.sin(2 * np.pi * hz * t)


def counts(a):
    """mg to raw int16 counts, clipped as the chip clips."""
    return np.clip(np.round(a / MG_PER_LSB), -32768, 32767).astype(np.int16)


def run(raw, odr_hz=ODR_HZ, ug_per_lsb=UG_PER_LSB, chunk=64, **settings):
    """Run the detector over int16 (n, 3); return (events, minutes) with seconds added."""
    made = detector.Detector(int(odr_hz * 1000), ug_per_lsb, **settings)
    words = memoryview(np.ascontiguousarray(raw).view(np.uint16).tobytes()).cast("H")
    events, minutes = [], []

    def take(told):
        for what, event, _ in told:
            if what == detector.MINUTE:
                minutes.append(event)
            elif what == detector.FINAL:
                wire.pack(wire.EVENT_FIELDS, event)  # every value must fit its field
                event["name"] = wire.EVENT_NAMES[event["kind"]]
                event["onset_s"] = event["onset_sample"] / odr_hz
                event["duration_s"] = event["duration_samples"] / odr_hz
                events.append(event)

    for i in range(0, len(raw), chunk):
        n = min(chunk, len(raw) - i)
        take(made.process(words[i * 3 : (i + n) * 3], n))
    take(made.finish())
    return sorted(events, key=lambda event: event["onset_sample"]), minutes
