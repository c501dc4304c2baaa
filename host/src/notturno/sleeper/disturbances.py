"""What shakes a band and is no jerk of its limb, and the limb that is awake.

Touches nothing. Speaks mg, Hz, seconds. Reaches the sensor through a mattress (low-pass near
3 Hz), a floor (a damped ring near 30 Hz) or a strap; none of it is in the truth but `awake`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from notturno.sleeper import body
from notturno.sleeper.body import RENDER_HZ
from notturno.sleeper.world import Way

if TYPE_CHECKING:
    from notturno.sleeper.world import Night


def _clear(t: float, taken: list[tuple[float, float]], apart_s: int = 4) -> bool:
    return not any(a - apart_s < t < b + apart_s for a, b in taken)


def awake(
    night: Night,
    rng: np.random.Generator,
    start_s: float,
    seconds: float,
    tremor_hz: float,
    movement: Callable = body.joint_movement,
) -> None:
    """Voluntary movement with pauses, and tremor on top where asked for."""
    t = start_s
    while t < start_s + seconds - 3:
        length = rng.uniform(0.5, 2.5)
        peak = np.exp(rng.uniform(np.log(60), np.log(1200)))
        night.add(None, t, movement(rng, length, peak, night.gravity_at(t)))
        t += length + rng.exponential(1.5)
    if tremor_hz:
        n = int(seconds * RENDER_HZ)
        phase = 2 * np.pi * np.cumsum(tremor_hz + 0.3 * _wander(rng, n)) / RENDER_HZ
        swell = np.clip(60 * (1 + _wander(rng, n)), 0, None)
        wave = (swell * np.sin(phase))[:, None] * body.unit(rng)
        night.add(None, start_s, wave)
    night.note("awake", start_s, seconds, 0)


def _wander(rng: np.random.Generator, n: int) -> np.ndarray:
    """A slow random curve around 0, of size about 1."""
    knots = max(4, int(n / RENDER_HZ / 5))
    return np.interp(np.linspace(0, knots - 1, n), np.arange(knots), rng.normal(size=knots))


def partner(
    night: Night, rng: np.random.Generator, hours: float, taken: list[tuple[float, float]]
) -> None:
    """Another body's movements, turns and jerks through the mattress."""
    way = Way(night, rng)
    for t in np.sort(rng.uniform(60, hours * 3600 - 60, rng.poisson(15 * hours))):
        if not _clear(t, taken):
            continue
        what = rng.random()
        high_mg = 25
        if what < 0.3:
            wave, _ = body.jerk(rng, 1.0)
            high_mg = 8  # a jerk's spectrum lies above what a mattress carries: it loses most
        else:
            seconds = rng.uniform(0.6, 2.5) if what < 0.8 else rng.uniform(4, 12)
            wave = body.joint_movement(rng, seconds, 1.0, night.gravity_at(t))
        wave = np.concatenate([wave, np.zeros((150, 3))])
        peak_mg = np.exp(rng.uniform(np.log(2), np.log(high_mg)))
        soft = body.along(body.low_pass(wave, 3.0), way.at(t))
        night.shake("partner", float(t), body.scaled(soft, peak_mg))


def pump(night: Night, rng: np.random.Generator, hours: float) -> None:
    """A pump or fan on the bed: a tone of 11-45 Hz that swells, switched on and off."""
    hz = rng.uniform(11, 45)
    size_mg = rng.uniform(1, 8)
    way = Way(night, rng)
    edges = np.cumsum(rng.uniform(240, 1200, int(hours * 3600 / 240) + 2))

    def texture(t: np.ndarray, _: np.random.Generator) -> np.ndarray:
        on = np.searchsorted(edges, t) % 2
        ramp = np.minimum(1, np.abs(t - edges[np.searchsorted(edges, t)]) / 0.6)
        swell = 1 + 0.3 * np.sin(2 * np.pi * t / 31)
        wave = size_mg * on * ramp * swell * np.sin(2 * np.pi * hz * t)
        return wave[:, None] * way.over(t)

    night.textures.append(texture)


def lorries(night: Night, rng: np.random.Generator, hours: float) -> None:
    """Traffic through the floor: noise of 8-25 Hz that comes and goes within some ten seconds."""
    way = Way(night, rng)
    for t in rng.uniform(60, hours * 3600 - 60, rng.poisson(12 * hours)):
        n = int(rng.uniform(5, 12) * RENDER_HZ)
        noise = rng.normal(size=(n, 3))
        band = body.low_pass(noise, 20, 2) - body.low_pass(noise, 8, 2)
        swell = np.sin(np.pi * np.arange(n) / n) ** 2
        night.shake(
            "lorry",
            float(t),
            body.scaled(body.along(band, way.at(t)) * swell[:, None], rng.uniform(2, 10)),
        )


def footsteps(night: Night, rng: np.random.Generator, hours: float) -> None:
    """Somebody walks past the table, or sets a cup on it: short rings near 30 Hz."""
    for t in rng.uniform(60, hours * 3600 - 60, rng.poisson(2 * hours)):
        steps = int(rng.integers(1, 9))
        size = rng.uniform(2, 15)
        for k in range(steps):
            n = int(0.3 * RENDER_HZ)
            at = np.arange(n) / RENDER_HZ
            ring = np.exp(-at / 0.04) * np.sin(2 * np.pi * rng.uniform(20, 45) * at)
            wave = body.scaled(
                ring[:, None] * np.array([0.1, 0.2, 1.0]), size * rng.uniform(0.5, 1)
            )
            night.add(None, float(t) + 0.55 * k, wave)


def rattle(night: Night, rng: np.random.Generator) -> None:
    """A loose strap: after each movement of the limb the sensor rings on, and knocks."""
    for onset, wave in list(night.waves):
        top = np.linalg.norm(wave, axis=1)
        drive = np.concatenate([np.gradient(top), np.zeros(int(0.4 * RENDER_HZ))])
        ring = body.second_order(drive, rng.uniform(8, 18), 0.08)
        size = 0.4 * top.max()
        night.add(None, onset, body.scaled(ring[:, None] * body.unit(rng), size))


def cat(
    night: Night, rng: np.random.Generator, hours: float, taken: list[tuple[float, float]]
) -> None:
    """A cat jumps on the bed, walks, turns round and purrs."""
    for t in rng.uniform(300, max(301, hours * 3600 - 300), rng.poisson(3 * hours)):
        if not _clear(t, taken, 10):
            continue
        bump = np.concatenate([body.burst(0.12), np.zeros(int(0.6 * RENDER_HZ))])
        landing = body.low_pass(body.second_order(bump, 4, 0.4)[:, None] * body.unit(rng), 4)
        night.add(None, float(t), body.scaled(landing, rng.uniform(15, 60)))
        at = float(t) + 0.8
        for _ in range(int(rng.integers(6, 20))):
            step = np.concatenate([body.burst(0.1), np.zeros(int(0.5 * RENDER_HZ))])
            wave = body.low_pass(body.second_order(step, 4, 0.5)[:, None] * body.unit(rng), 4)
            night.add(None, at, body.scaled(wave, rng.uniform(3, 12)))
            at += rng.uniform(0.25, 0.5)
        n = int(60 * RENDER_HZ)
        tone = np.sin(2 * np.pi * 25 * np.arange(n) / RENDER_HZ) * rng.uniform(0.3, 1)
        night.add(None, at, tone[:, None] * body.unit(rng))
