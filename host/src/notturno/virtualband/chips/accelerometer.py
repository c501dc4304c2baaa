"""From what the world does to what the converter says: filter, offset, noise, counts.

Touches the world given. Speaks mg in, int16 counts out. What a part's figures are, its model says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from notturno.virtualband.world import Felt

SENSITIVITY = 0.003  # standard deviation from part to part, relative; estimated
OVERSAMPLE = 4  # instants of the world averaged into one sample: the chip's own low-pass


class Converter:
    """The analogue side of one part: its offset and sensitivity are drawn from `rng`, once.

    spread_mg: standard deviation of the offset from part to part, one figure or one an axis.
    """

    def __init__(
        self,
        world: Felt,
        rng: np.random.Generator,
        spread_mg: float | tuple[float, ...],
        offset_mg: Sequence[float] | None = None,
    ) -> None:
        self._world = world
        self._rng = rng
        (self._aside_rng,) = rng.spawn(1)  # reading an output register changes no later sample
        drawn_mg = rng.normal(0.0, spread_mg, 3)
        self.offset_mg = drawn_mg if offset_mg is None else np.asarray(offset_mg, float)
        self.sensitivity = 1.0 + rng.normal(0.0, SENSITIVITY, 3)

    def counts_now(
        self, t_s: float, rate_hz: float, ug_per_lsb: float, noise_mg: float
    ) -> np.ndarray:
        """Return the sample (1, 3) that the output registers show at t_s."""
        sequence, self._rng = self._rng, self._aside_rng
        try:
            return self.counts(t_s - 1 / rate_hz, 1 / rate_hz, 1, 1, ug_per_lsb, noise_mg)
        finally:
            self._rng = sequence

    def counts(
        self, first_s: float, step_s: float, n: int, every: int, ug_per_lsb: float, noise_mg: float
    ) -> np.ndarray:
        """Return n samples (n, 3) after first_s, step_s apart: filtered, noisy, clipped counts.

        Each sample is the last of `every` conversions. noise_mg: rms of one.
        """
        sub = OVERSAMPLE
        fine_s = step_s / (sub * every)
        # The mean over one conversion's period: the filter of ODR/2, roughly.
        world_mg = self._world.accel_mg(first_s + fine_s, fine_s, n * every * sub)
        true_mg = np.asarray(world_mg, float).reshape(n, every * sub, 3)[:, -sub:].mean(axis=1)
        noisy_mg = (
            true_mg * self.sensitivity
            + self.offset_mg
            + noise_mg * self._rng.standard_normal((n, 3))
        )
        return np.clip(np.rint(noisy_mg * (1000.0 / ug_per_lsb)), -32768, 32767)
