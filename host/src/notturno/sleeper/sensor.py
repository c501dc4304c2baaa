"""What a motion sensor on the sleeping limb gives: raw counts, with a real part's errors.

Touches numpy. In: a Night (mg); out: int16 counts. The part is an LSM6DSOX at 104 Hz and +-4 g:
scale and noise from its data sheet (DS12140), rate error up to 2 % as its users measure. One seed
is one part, and the counts are the same however the night is read.
"""

import numpy as np

NOMINAL_HZ = 104.0
MG_PER_LSB = 0.122
NOISE_UG_PER_SQRT_HZ = 75.0
RATE_ERROR = 0.02
OFFSET_MG = 20.0
_BLOCK = 4096  # samples that share a noise generator


class Sensor:
    """One part under one night: `odr_hz` is its true rate, `len(sensor)` its samples."""

    def __init__(self, night, seed: int):
        rng = np.random.default_rng((seed, 104))
        self.night = night
        self.seed = seed
        self.odr_hz = NOMINAL_HZ * (1 + rng.uniform(-RATE_ERROR, RATE_ERROR))
        self.offset_mg = rng.uniform(-OFFSET_MG, OFFSET_MG, 3)
        self.noise_mg = NOISE_UG_PER_SQRT_HZ / 1000 * np.sqrt(self.odr_hz / 2)

    def __len__(self):
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

    def _block(self, number):
        step_s = 1 / self.odr_hz
        true_mg = self.night.accel_mg(number * _BLOCK * step_s, step_s, _BLOCK)
        noise = np.random.default_rng((self.seed, 105, number)).normal(size=(_BLOCK, 3))
        counts = np.round((true_mg + self.offset_mg + self.noise_mg * noise) / MG_PER_LSB)
        return np.clip(counts, -32768, 32767).astype(np.int16)


def record(night, seed: int, progress=None):
    """Return (int16 (n, 3) of the whole night, true rate in Hz).

    progress: called with the fraction that is done.
    """
    sensor = Sensor(night, seed)
    out = np.empty((len(sensor), 3), np.int16)
    for first in range(0, len(out), 16 * _BLOCK):
        part = sensor.read(first, 16 * _BLOCK)
        out[first : first + len(part)] = part
        if progress:
            progress((first + len(part)) / len(out))
    return out, sensor.odr_hz
