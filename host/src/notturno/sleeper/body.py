"""How a limb answers: waveforms of single movements, noise-free, at the sensor.

Touches nothing. Speaks mg, seconds, radians, metres; waveforms are float arrays (n, 3) sampled at
RENDER_HZ. A mechanical model: muscle bursts drive a damped limb, joints turn the sensor against
gravity. It shares no formula with the detector and never imports it.
"""

from typing import Any

import numpy as np

RENDER_HZ = 250.0
MG_PER_MS2 = 1000.0 / 9.80665


def unit(rng: np.random.Generator) -> np.ndarray:
    """A random direction."""
    v = rng.normal(size=3)
    return v / np.linalg.norm(v)


def minimum_jerk(n: int) -> np.ndarray:
    """A smooth step from 0 to 1 in n samples (Flash and Hogan 1985)."""
    t = np.linspace(0, 1, n)
    return t**3 * (10 - 15 * t + 6 * t**2)


def second_order(force: np.ndarray, natural_hz: float, damping: float) -> np.ndarray:
    """Acceleration of a mass on a damped spring under `force` (n,), in the force's own unit.

    Integrated with small steps (semi-implicit Euler); the result has the force's length.
    """
    w = 2 * np.pi * natural_hz
    dt = 1 / RENDER_HZ / 4
    drag, pull = 2 * damping * w, w * w
    a = x = v = 0.0
    out = np.empty(len(force))
    for i, f in enumerate(np.asarray(force, float).tolist()):
        v += (f - drag * v - pull * x) * dt  # written out: a loop of four takes half as long again
        x += v * dt
        v += (f - drag * v - pull * x) * dt
        x += v * dt
        v += (f - drag * v - pull * x) * dt
        x += v * dt
        a = f - drag * v - pull * x
        v += a * dt
        x += v * dt
        out[i] = a
    return out


def low_pass(signal: np.ndarray, corner_hz: float, order: int = 2) -> np.ndarray:
    """Run one-pole low-passes one after another over axis 0: a mattress, a blanket."""
    from scipy.signal import lfilter  # here: half a second to load, and not every night needs it

    alpha = float(1 - np.exp(-2 * np.pi * corner_hz / RENDER_HZ))
    signal = np.asarray(signal, float)
    for _ in range(order):
        signal = np.asarray(lfilter([alpha], [1.0, alpha - 1.0], signal, axis=0))
    return signal


def scaled(wave: np.ndarray, peak_mg: float) -> np.ndarray:
    """The waveform with its largest vector made `peak_mg` long."""
    top = np.linalg.norm(wave, axis=1).max()
    return wave * (peak_mg / top)


def along(wave: np.ndarray, way: np.ndarray) -> np.ndarray:
    """The most of a waveform (n, 3) turned along a way (3,), and a little of it as it was."""
    first = np.linalg.svd(wave, full_matrices=False)[2][0]  # the direction of most of it
    return (wave @ first)[:, None] * way + 0.15 * wave


def burst(seconds: float) -> np.ndarray:
    """A muscle burst: a raised cosine of force."""
    n = max(3, int(round(seconds * RENDER_HZ)))
    return np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2


def jerk(rng: np.random.Generator, peak_mg: float, muscle_s=None) -> tuple[Any, Any]:
    """Return (mg at RENDER_HZ, n x 3; s that the muscle pulls) of one brief jerk.

    A burst of 20-250 ms seen through the limb's inertia and its rebound.
    """
    muscle_s = muscle_s or rng.uniform(0.02, 0.25)
    force = np.concatenate([burst(muscle_s), np.zeros(int(0.8 * RENDER_HZ))])
    # a shorter burst moves a smaller, quicker part of the limb
    natural_hz = rng.uniform(4, 8) if muscle_s > 0.12 else rng.uniform(5, 14)
    answer = second_order(force, natural_hz, rng.uniform(0.2, 0.5))
    swing = second_order(force, natural_hz * rng.uniform(0.8, 1.2), rng.uniform(0.2, 0.5))
    first, second = unit(rng), unit(rng)
    return scaled(answer[:, None] * first + 0.3 * swing[:, None] * second, peak_mg), muscle_s


def joint_movement(
    rng: np.random.Generator,
    seconds: float,
    peak_mg: float,
    gravity: np.ndarray,
    returns: bool = True,
) -> np.ndarray:
    """A limb movement: sub-movements of a joint that turn the sensor and swing it.

    `gravity` is the unit vector at rest. Specific force changes by the turn against gravity and by
    the tangential acceleration r x angle''. Returns the change (n, 3) from rest, mg.
    """
    n = max(8, int(round(seconds * RENDER_HZ)))
    angle = np.zeros(n)
    at, level = 0, 0.0
    while n - at > 0.2 * RENDER_HZ:
        length = min(n - at, int(rng.uniform(0.25, 0.8) * RENDER_HZ))
        last = n - at - length < 0.25 * RENDER_HZ
        if last:
            length = n - at
        target = (
            0.0 if (last and returns) else level + rng.uniform(0.4, 1) * (-1 if level > 0.5 else 1)
        )
        angle[at : at + length] = level + (target - level) * minimum_jerk(length)
        at, level = at + length, target
        if last and not angle.any():
            angle[:] = np.sin(np.pi * np.linspace(0, 1, n)) ** 2  # there and back in one go
        hold = int(rng.uniform(0, 0.12) * RENDER_HZ)
        if not last and hold < n - at:
            angle[at : at + hold] = level
            at += hold
    angle[at:] = level
    axis = np.cross(gravity, unit(rng))
    axis /= np.linalg.norm(axis)
    radius_m = rng.uniform(0.08, 0.3)
    rate = np.gradient(np.gradient(angle)) * RENDER_HZ**2
    tangent = np.cross(axis, gravity)
    tremble = np.abs(np.gradient(angle)) * RENDER_HZ
    rough = low_pass(rng.normal(size=(n, 3)), 8) * (tremble / (tremble.max() or 1))[:, None]
    shape = angle[:, None] * 1000 * tangent + (rate * radius_m * MG_PER_MS2)[:, None] * tangent
    shape = shape + 0.1 * np.linalg.norm(shape, axis=1).max() * rough / (np.abs(rough).max() or 1)
    return scaled(shape, peak_mg)


def beats(
    rng: np.random.Generator, hz: float, count: int, peak_mg: float, gravity: np.ndarray
) -> tuple[Any, Any, Any]:
    """A rhythmic run: bursts at an even pace, each through the limb; interval jitter 6 %.

    Returns the waveform and the time between the first and the last beat, seconds.
    """
    gaps = (1 / hz) * (1 + 0.06 * rng.normal(size=count - 1))
    times = np.concatenate([[0], np.cumsum(gaps)])
    seconds = min(0.7, max(0.05, rng.uniform(0.3, 0.6) / hz))
    n = int((times[-1] + seconds + 0.8) * RENDER_HZ)
    force = np.zeros(n)
    for t in times:
        b = burst(seconds) * (1 + 0.15 * rng.normal())
        i = int(t * RENDER_HZ)
        force[i : i + len(b)] += b
    answer = second_order(force, max(3.0, 1.6 * hz), rng.uniform(0.3, 0.6))
    return scaled(answer[:, None] * unit(rng), peak_mg), times[-1] + seconds, 1 / np.mean(gaps)
