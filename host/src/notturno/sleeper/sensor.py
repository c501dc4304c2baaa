"""What a motion sensor on the sleeping limb gives: raw counts, with a real part's errors.

Touches numpy. In: a Night (mg); out: int16 counts. The part is an LSM6DSOX at 104 Hz and +-4 g,
or a model's (models.Part); rate error up to 2 % as its users measure. One seed is one part, and
the counts are the same however the night is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from notturno.sleeper import shapes
from notturno.sleeper.body import RENDER_HZ
from notturno.sleeper.models import DEFAULT_PART, Model

if TYPE_CHECKING:
    from notturno.sleeper.world import Night

NOMINAL_HZ = DEFAULT_PART.nominal_hz
MG_PER_LSB = DEFAULT_PART.mg_per_lsb
RATE_ERROR = 0.02
OFFSET_MG = 20.0
_BLOCK = 4096  # samples that share a noise generator


class Sensor:
    """One part under one night: `odr_hz` is its true rate, `len(sensor)` its samples.

    model: a models.Model, whose part this is; without one the part is DEFAULT_PART.
    `mg_per_lsb`: mg of one count.
    """

    def __init__(self, night: Night, seed: int, model: Model | None = None) -> None:
        rng = np.random.default_rng((seed, 104))
        self.night = night
        self.seed = seed
        self.part = part = model.part if model else DEFAULT_PART
        self.mg_per_lsb = part.mg_per_lsb
        self.odr_hz = part.nominal_hz * (1 + rng.uniform(-RATE_ERROR, RATE_ERROR))
        self.offset_mg = rng.uniform(-OFFSET_MG, OFFSET_MG, 3)
        self.noise_mg = part.noise_mg * np.sqrt(self.odr_hz / part.nominal_hz)

    def __len__(self) -> int:
        return int(self.night.hours * 3600 * self.odr_hz)

    def read(self, first: int, n: int) -> np.ndarray:
        """Return samples first .. first + n - 1 as int16 (n, 3); past the end, those there are."""
        last = min(first + n, len(self))
        if last <= first:
            return np.empty((0, 3), np.int16)
        numbers = range(first // _BLOCK, (last - 1) // _BLOCK + 1)
        counts = np.concatenate([self._block(k) for k in numbers])
        begin = first - numbers[0] * _BLOCK
        return counts[begin : begin + last - first]

    def _block(self, number: int) -> np.ndarray:
        true_mg = self._seen(number * _BLOCK)
        noise = self._noise(number)
        counts = np.round((true_mg + self.offset_mg + self.noise_mg * noise) / self.mg_per_lsb)
        return np.clip(counts, -32768, 32767).astype(np.int16)

    def _seen(self, first: int) -> np.ndarray:
        """True acceleration of _BLOCK samples: at an instant, or the mean of a sample's time."""
        step_s = 1 / self.odr_hz
        if not self.part.averages:
            return self.night.accel_mg(first * step_s, step_s, _BLOCK)
        fine = int(np.ceil(RENDER_HZ * step_s))
        many = self.night.accel_mg(first * step_s, step_s / fine, _BLOCK * fine)
        return many.reshape(_BLOCK, fine, 3).mean(axis=1)

    def _noise(self, number: int) -> np.ndarray:
        """Noise of rms 1; a coloured one fades from block to block, so that it has no steps."""
        if not self.part.noise_corner_hz:
            return np.random.default_rng((self.seed, 105, number)).normal(size=(_BLOCK, 3))
        fade = np.sin(np.pi / 2 * (np.arange(_BLOCK) + 0.5) / _BLOCK)[:, None]
        parts = []
        for k in (number, number + 1):
            white = np.random.default_rng((self.seed, 105, k)).normal(size=(2 * _BLOCK, 3))
            parts.append(shapes.coloured(white, self.odr_hz, self.part.noise_corner_hz))
        return parts[0][_BLOCK:] * fade[::-1] + parts[1][:_BLOCK] * fade


def record(
    night: Night, seed: int, progress: Callable | None = None, model: Model | None = None
) -> tuple[np.ndarray, float]:
    """Return (int16 (n, 3) of the whole night, true rate in Hz).

    progress: called with the fraction that is done. model: as of Sensor.
    """
    sensor = Sensor(night, seed, model)
    out = np.empty((len(sensor), 3), np.int16)
    for first in range(0, len(out), 16 * _BLOCK):
        part = sensor.read(first, 16 * _BLOCK)
        out[first : first + len(part)] = part
        if progress:
            progress((first + len(part)) / len(out))
    return out, sensor.odr_hz
