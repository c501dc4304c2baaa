"""From what the world does to what the converter says: filter, offset, noise, counts.

Touches the world given. Speaks mg in, int16 counts out, range codes of the LSM6DSOX family.
Figures after DS12140; what is estimated says so.
"""

import numpy as np

UG_PER_LSB = {0: 61, 1: 488, 2: 122, 3: 244}  # by range code: 2, 16, 4, 8 g
HP_DENSITY_UG = {0: 70, 1: 110, 2: 75, 3: 80}  # per sqrt(Hz); estimated, not from ST's text
LP_NOISE_MG = {0: 1.8, 1: 3.0, 2: 2.0, 3: 2.4}  # rms, DS12140 p. 10
OFFSET_MG = 8.0  # standard deviation from part to part; estimated (20 mg is typical by ST's text)
SENSITIVITY = 0.003  # the same, relative; estimated
OVERSAMPLE = 4  # instants of the world averaged into one sample: the chip's own low-pass


class Converter:
    """The analogue side of one part: its offset and sensitivity are drawn from `rng`, once."""

    def __init__(self, world, rng, offset_mg=None):
        self._world = world
        self._rng = rng
        drawn_mg = rng.normal(0.0, OFFSET_MG, 3)
        self.offset_mg = drawn_mg if offset_mg is None else np.asarray(offset_mg, float)
        self.sensitivity = 1.0 + rng.normal(0.0, SENSITIVITY, 3)

    def counts(self, first_s, step_s, n, every, range_code, low_power):
        """Return n samples (n, 3) after first_s, step_s apart: filtered, noisy, clipped counts.

        Each sample is the last of `every` conversions.
        """
        sub = OVERSAMPLE
        fine_s = step_s / (sub * every)
        # The mean over one conversion's period: the filter of ODR/2, roughly.
        world_mg = self._world.accel_mg(first_s + fine_s, fine_s, n * every * sub)
        true_mg = np.asarray(world_mg, float).reshape(n, every * sub, 3)[:, -sub:].mean(axis=1)
        if low_power:  # no averaging inside, much noise
            noise_mg = LP_NOISE_MG[range_code]
        else:
            noise_mg = HP_DENSITY_UG[range_code] * np.sqrt(every / step_s / 2) / 1000.0
        noisy_mg = (
            true_mg * self.sensitivity
            + self.offset_mg
            + noise_mg * self._rng.standard_normal((n, 3))
        )
        return np.clip(np.rint(noisy_mg * (1000.0 / UG_PER_LSB[range_code])), -32768, 32767)
