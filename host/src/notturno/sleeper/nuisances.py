"""What moves a limb at rest, and what shakes a band, by the parameters of a model.

Touches nothing. Speaks mg, Hz, seconds. Pulse and breathing are functions of time that a night
adds where a body is in the strap; the rest is written into the night's `others`, never its truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from notturno.sleeper import body, shapes
from notturno.sleeper.body import RENDER_HZ
from notturno.sleeper.world import Way

if TYPE_CHECKING:
    from notturno.sleeper.limbs import Limb
    from notturno.sleeper.models import Bed, Rest
    from notturno.sleeper.world import Night

INTERPOLATED = np.sqrt(2 / 3)  # what of white noise is left between the instants it is made for


def pulse(
    rng: np.random.Generator, hours: float, rest: Rest, pulse_mg: tuple[float, float]
) -> Callable[..., Any]:
    """Return the heartbeat at the limb as a function (t array) -> (n, 3) mg.

    Beats vary in pace by chance (`rest.unsteady`) and with the breath, in size by 15 %.
    """
    per_s = rng.uniform(*rest.pulse_per_min) / 60
    size_mg, axis = rng.uniform(*pulse_mg), body.unit(rng)
    count = int(hours * 3600 * per_s * 1.5) + 60
    drift = np.zeros(count)
    steps = rng.normal(size=count) * np.sqrt(1 - 0.9**2)
    for k in range(1, count):
        drift[k] = 0.9 * drift[k - 1] + steps[k]
    breath = 0.02 * np.sin(2 * np.pi * np.arange(count) * 0.25 / per_s)
    gaps = np.clip(1 + rest.unsteady * drift + breath, 0.6, 1.7) / per_s
    beats = np.cumsum(gaps) - gaps[0]
    sizes = size_mg * (1 + 0.15 * rng.normal(size=count))

    def living(t: np.ndarray) -> np.ndarray:
        last = np.clip(np.searchsorted(beats, t, side="right") - 1, 0, count - 1)
        return (sizes[last] * shapes.heartbeat(rest.pulse, t - beats[last]))[:, None] * axis

    return living


def breathing(rng: np.random.Generator, rest: Rest) -> Callable[..., Any]:
    """Return breathing at the limb as a function (t array) -> (n, 3) mg."""
    size_mg, axis = rng.uniform(*rest.breath_mg), body.unit(rng)
    hz = rng.uniform(*rest.breath_per_min) / 60
    sharp, phase = rng.uniform(0, 0.3), rng.uniform(0, 6)

    def living(t: np.ndarray) -> np.ndarray:
        at = 2 * np.pi * hz * t + 2 * np.sin(2 * np.pi * t / 97) + phase
        wave = (np.sin(at) + sharp * np.sin(2 * at + 1)) / (1 + sharp)
        return (size_mg * wave)[:, None] * axis

    return living


def spans(
    rng: np.random.Generator,
    hours: float,
    first_s: tuple[int, int],
    on_s: tuple[int, int],
    off_s: tuple[int, int],
) -> list[tuple[float, float]]:
    """Return spans (begin, end), s, in which something is switched on; pairs are ranges."""
    out, t = [], rng.uniform(*first_s)
    while t < hours * 3600 - 60:
        end = t + rng.uniform(*on_s)
        out.append((t, min(end, hours * 3600)))
        t = end + rng.uniform(*off_s)
    return out


def tone(
    night: Night,
    rng: np.random.Generator,
    on: list[tuple[float, float]],
    low_hz: float = 5.0,
    high_hz: float = 45.0,
    low_mg: float = 2.0,
    high_mg: float = 10.0,
) -> None:
    """A steady tone, switched on and off within a tenth of a second; on: spans, s."""
    hz = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz)))
    size_mg, way = rng.uniform(low_mg, high_mg), Way(night, rng)

    def texture(t: np.ndarray, _: np.random.Generator) -> np.ndarray:
        wave = size_mg * _switched(t, on) * np.sin(2 * np.pi * hz * t)
        return wave[:, None] * way.over(t)

    night.textures.append(texture)
    for begin, end in on:
        night.note_other("tone", begin, end - begin, size_mg)


def noise(
    night: Night,
    rng: np.random.Generator,
    on: list[tuple[float, float]],
    low_mg: float = 1.0,
    high_mg: float = 5.0,
) -> None:
    """White noise on every axis, switched on and off; on: spans, s."""
    size_mg = rng.uniform(low_mg, high_mg)

    def texture(t: np.ndarray, block_rng: np.random.Generator) -> np.ndarray:
        white = block_rng.normal(size=(len(t), 3)) / INTERPOLATED
        return size_mg * _switched(t, on)[:, None] * white

    night.textures.append(texture)
    for begin, end in on:
        night.note_other("noise", begin, end - begin, size_mg)


def _switched(t: np.ndarray, on: list[tuple[float, float]], ramp_s: float = 0.1) -> np.ndarray:
    level = np.zeros(len(t))
    for begin, end in on:
        level += np.clip(np.minimum(t - begin, end - t) / ramp_s, 0, 1)
    return level


def snore(
    night: Night,
    rng: np.random.Generator,
    bed: Bed,
    start_s: float,
    end_s: float,
    taken: list[tuple[float, float]],
) -> None:
    """Snoring through the mattress: a rumble of 5-9 Hz with each breath, 3-5 s apart."""
    hz, size_mg = rng.uniform(5, 9), np.exp(rng.uniform(np.log(4), np.log(15)))
    every_s, lasts_s, t = rng.uniform(3.2, 4.8), rng.uniform(0.9, 1.7), start_s
    stiff = replace(bed, corner_hz=12.0, order=1)  # sizes here are of what arrives
    way = Way(night, rng, bed.along_gravity)
    while t < end_s:
        n = int(np.clip(lasts_s * (1 + 0.1 * rng.normal()), 0.8, 1.8) * RENDER_HZ)
        at = np.arange(n) / n
        swell = np.sin(np.pi * at) ** rng.uniform(0.5, 1.5)
        rough = 1 + 0.3 * shapes.band_noise(rng, max(n, 500), 0.5, 4)[:n]
        turns = 2 * np.pi * np.cumsum(hz * (1 + 0.05 * rng.normal()) * np.ones(n)) / RENDER_HZ
        wave = (swell * rough * (np.sin(turns) + 0.3 * np.sin(2 * turns)))[:, None]
        peak_mg = np.clip(size_mg * (1 + 0.15 * rng.normal()), 4, 15)
        if not any(a - 1 < t < b + 1 for a, b in taken):
            line = way.at(t)
            night.shake("snore", t, stiff.carry(wave * line, line, peak_mg))
        t += float(np.clip(every_s * (1 + 0.06 * rng.normal()), 3, 5))


PHONE_PATTERNS = ((0.5,), (0.5, 0.5), (0.2, 0.2, 0.2), (1.0, 1.0, 1.0, 1.0), (0.5, 0.15, 0.15))


def phone(
    night: Night, rng: np.random.Generator, per_hour: int, taken: list[tuple[float, float]]
) -> None:
    """A phone on the mattress: 35-45 Hz in pulses, mostly of half a second."""
    hz, way = rng.uniform(35, 45), Way(night, rng)
    for t in np.sort(
        rng.uniform(60, night.hours * 3600 - 60, rng.poisson(per_hour * night.hours))
    ):
        if any(a - 4 < t < b + 4 for a, b in taken):
            continue
        peak_mg = np.exp(rng.uniform(np.log(5), np.log(40)))
        usual = rng.random() < 0.7
        pattern = PHONE_PATTERNS[0 if usual else int(rng.integers(len(PHONE_PATTERNS)))]
        at = float(t)
        for lasts_s in pattern:
            n = int(lasts_s * RENDER_HZ)
            seconds = np.arange(n) / RENDER_HZ
            swell = np.minimum(1, np.minimum(seconds, seconds[::-1]) / 0.04)
            wave = (swell * np.sin(2 * np.pi * hz * seconds))[:, None] * way.at(t)
            night.shake("phone", at, body.scaled(wave, peak_mg))
            at += lasts_s + 0.25


def partner(
    night: Night,
    rng: np.random.Generator,
    limb: ModuleType | Limb,
    bed: Bed,
    per_hour: int,
    taken: list[tuple[float, float]],
    start_s: float = 60.0,
    end_s: float | None = None,
) -> None:
    """Another body's turns, movements and jerks through a mattress, 2 to 30 mg."""
    end_s = end_s or night.hours * 3600 - 60
    count = rng.poisson(per_hour * max(0.0, end_s - start_s) / 3600)
    way = Way(night, rng, bed.along_gravity)
    for t in np.sort(rng.uniform(start_s, max(start_s, end_s), count)):
        if any(a - 4 < t < b + 4 for a, b in taken):
            continue
        gravity, what = night.gravity_at(t), rng.random()
        if what < 0.35:
            wave, _ = limb.jerk(rng, 1.0)
        else:
            seconds = rng.uniform(0.6, 3) if what < 0.75 else rng.uniform(4, 12)
            wave = limb.joint_movement(rng, seconds, 1.0, gravity)
        peak_mg = np.exp(rng.uniform(np.log(2), np.log(30)))
        night.shake("partner", float(t), bed.carry(wave, way.at(t), peak_mg))
