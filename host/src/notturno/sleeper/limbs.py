"""Limbs of other models: the same three movements as in `body`, by parameters.

Touches nothing; numpy only. A limb answers to `jerk`, `joint_movement` and `beats` with what the
functions of that name in `body` give; that module is itself the first limb.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from notturno.sleeper import body, shapes
from notturno.sleeper.body import MG_PER_MS2, RENDER_HZ

LAG_S = 0.12  # by so much a joint goes on when its torque has ended
MOVEMENTS = ("minimum_jerk", "random_torque", "torque_pulses")


@dataclass(frozen=True)
class Limb:
    """A limb's parameters; pairs are ranges from which every movement draws.

    natural_hz, damping: of the limb on its soft tissue; muscle: shapes.MUSCLES; muscle_s: how
    long a jerk's contraction is (20-250 ms: Apartis 2016); movement: MOVEMENTS; torque_hz: band
    of a random torque; joint_hz: how stiffly the joint follows a torque; radius_m: joint to
    sensor; tilt: how much of a jerk is a turn against gravity.
    """

    place: str
    natural_hz: tuple
    damping: tuple
    muscle: str
    movement: str
    muscle_s: tuple = (0.02, 0.25)
    torque_hz: tuple = (0.4, 3.5)
    joint_hz: tuple = (1.5, 3.0)
    radius_m: tuple = (0.08, 0.3)
    tilt: float = 0.1

    def jerk(self, rng: np.random.Generator, peak_mg: float, muscle_s=None) -> tuple[Any, Any]:
        """One brief jerk: (waveform (n, 3) mg, seconds of the muscle)."""
        muscle_s = muscle_s or rng.uniform(*self.muscle_s)
        natural_hz, damping = rng.uniform(*self.natural_hz), rng.uniform(*self.damping)
        rest_s = np.clip(4 / (2 * np.pi * natural_hz * damping), 0.6, 2.5)
        force = np.concatenate(
            [shapes.muscle(self.muscle, muscle_s), np.zeros(int(rest_s * RENDER_HZ))]
        )
        answer = body.second_order(force, natural_hz, damping)
        swing = body.second_order(force, natural_hz * rng.uniform(0.75, 1.25), damping)
        turn = followed(force, natural_hz, damping)[0]
        turn *= np.abs(answer).max() / (np.abs(turn).max() or 1)
        wave = answer[:, None] * body.unit(rng) + 0.3 * swing[:, None] * body.unit(rng)
        wave = wave + self.tilt * turn[:, None] * body.unit(rng)
        return body.scaled(wave * _fade(len(wave)), peak_mg), muscle_s

    def joint_movement(
        self,
        rng: np.random.Generator,
        seconds: float,
        peak_mg: float,
        gravity: np.ndarray,
        returns: bool = True,
    ) -> np.ndarray:
        """A limb movement, as `body.joint_movement`: change (n, 3) from rest, mg."""
        if self.movement == "minimum_jerk":
            return body.joint_movement(rng, seconds, peak_mg, gravity, returns)
        n = max(24, int(round((seconds - LAG_S) * RENDER_HZ)))
        make = self._random_torque if self.movement == "random_torque" else self._torque_pulses
        wave = np.zeros((n + int(0.4 * RENDER_HZ), 3))
        for share in (1.0, rng.uniform(0.2, 0.6)):  # two joints, the second less
            torque = np.concatenate([make(rng, n), np.zeros(len(wave) - n)])
            angle, rate = followed(torque, rng.uniform(*self.joint_hz), rng.uniform(0.7, 1.0))
            tangent = np.cross(gravity, body.unit(rng))
            tangent /= np.linalg.norm(tangent)
            along = tangent + 0.5 * body.unit(rng)
            swing = rate * rng.uniform(*self.radius_m) * MG_PER_MS2
            part = 1000 * angle[:, None] * tangent + swing[:, None] * along
            wave += share * part / (np.abs(part).max() or 1)
        return body.scaled(wave * _fade(len(wave)), peak_mg)

    def _random_torque(self, rng: np.random.Generator, n: int) -> np.ndarray:
        edge = min(n // 3, int(rng.uniform(0.08, 0.25) * RENDER_HZ))
        at = np.arange(n) + 0.5
        swell = np.minimum(1, np.minimum(at, n - at) / edge)
        # falling: an even band would swing at its upper edge, as a rhythm does
        return shapes.band_noise(rng, max(n, 500), *self.torque_hz, fall=1)[:n] * swell

    def _torque_pulses(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Agonist and antagonist by turns, until the movement's end."""
        torque, at, sign = np.zeros(n), 0, 1.0
        while n - at > 0.1 * RENDER_HZ:
            length = min(n - at, int(rng.uniform(0.12, 0.4) * RENDER_HZ))
            if n - at - length < 0.15 * RENDER_HZ:
                length = n - at
            pulse = shapes.muscle(self.muscle, length / RENDER_HZ)
            torque[at : at + length] += sign * rng.uniform(0.4, 1) * pulse[:length]
            at += length + int(rng.uniform(0, 0.15) * RENDER_HZ)
            sign = -sign
        return torque

    def beats(
        self, rng: np.random.Generator, hz: float, count: int, peak_mg: float, gravity: np.ndarray
    ) -> tuple[Any, Any, Any]:
        """A rhythmic run, as `body.beats`; the pace also wanders by some percent."""
        wander = 0.03 * np.sin(2 * np.pi * (np.arange(count - 1) / 40 + rng.random()))
        gaps = (1 / hz) * (1 + wander + 0.05 * rng.normal(size=count - 1))
        times = np.concatenate([[0], np.cumsum(gaps)])
        seconds = min(0.6, max(0.03, rng.uniform(0.3, 0.6) / hz))
        natural_hz, damping = rng.uniform(*self.natural_hz), rng.uniform(*self.damping)
        force = np.zeros(int((times[-1] + seconds + 1.2) * RENDER_HZ))
        for t in times:
            pulse = shapes.muscle(self.muscle, seconds) * (1 + 0.2 * rng.normal())
            i = int(t * RENDER_HZ)
            force[i : i + len(pulse)] += pulse
        # whoever beats faster than the limb swings by itself moves less of it
        answer = body.second_order(force, max(natural_hz, 0.8 * hz), max(damping, 0.25))
        wave = answer[:, None] * body.unit(rng)
        wave = wave * _fade(len(wave))
        return body.scaled(wave, peak_mg), times[-1] + seconds, 1 / np.mean(gaps)


def followed(torque: np.ndarray, natural_hz: float, damping: float) -> tuple[np.ndarray, ...]:
    """Return (angle, angular acceleration) of a joint that follows a torque (n,), any unit."""
    pad = int(2 * RENDER_HZ)
    n = len(torque) + pad
    w = 2 * np.pi * np.fft.rfftfreq(n, 1 / RENDER_HZ)
    w0 = 2 * np.pi * natural_hz
    angle = np.fft.rfft(torque, n) / (w0**2 - w**2 + 2j * damping * w0 * w)
    return tuple(np.fft.irfft(x, n)[: len(torque)] for x in (angle, -(w**2) * angle))


def _fade(n: int) -> np.ndarray:
    """A column of ones that ends in 0.1 s to zero, so that no waveform breaks off."""
    fade = np.ones(n)
    k = min(n // 2, int(0.1 * RENDER_HZ))
    fade[n - k :] = np.linspace(1, 0, k)
    return fade[:, None]
