"""Worlds for driver and recorder tests: known accelerations. Touches nothing; speaks mg and s."""

import numpy as np


class StillWorld:
    """Gravity along z, 30 degC, on a limb, battery full."""

    def __init__(self, gravity_mg=(0.0, 0.0, 1000.0), temperature=30.0):
        self.gravity_mg = np.array(gravity_mg)
        self.temperature = temperature
        self.docked_spans = []

    def accel_mg(self, first_s, step_s, n):
        return np.tile(self.gravity_mg, (n, 1))

    def temperature_c(self, t_s):
        return self.temperature

    def docked(self, t_s):
        return any(low <= t_s < high for low, high in self.docked_spans)

    def button(self, t_s):
        return False

    def battery_mv(self, t_s):
        return 3900


class SineWorld(StillWorld):
    """A sine of known amplitude and frequency on x, on top of gravity."""

    def __init__(self, amplitude_mg, frequency_hz, **kwargs):
        super().__init__(**kwargs)
        self.amplitude_mg = amplitude_mg
        self.frequency_hz = frequency_hz

    def accel_mg(self, first_s, step_s, n):
        out = super().accel_mg(first_s, step_s, n)
        t_s = first_s + step_s * np.arange(n)
        out[:, 0] += self.amplitude_mg * np.sin(2 * np.pi * self.frequency_hz * t_s)
        return out


class RampWorld(StillWorld):
    """x grows by `mg_per_s`: every sample tells when it was taken."""

    def __init__(self, mg_per_s=1.0, **kwargs):
        super().__init__(**kwargs)
        self.mg_per_s = mg_per_s

    def accel_mg(self, first_s, step_s, n):
        out = super().accel_mg(first_s, step_s, n)
        out[:, 0] += self.mg_per_s * (first_s + step_s * np.arange(n))
        return out


class JerkWorld(StillWorld):
    """A brief burst every `every_s` seconds: half a sine of `width_s`, `peak_mg` along x."""

    def __init__(self, every_s=20.0, width_s=0.12, peak_mg=120.0, **kwargs):
        super().__init__(**kwargs)
        self.every_s, self.width_s, self.peak_mg = every_s, width_s, peak_mg

    def accel_mg(self, first_s, step_s, n):
        out = super().accel_mg(first_s, step_s, n)
        phase_s = (first_s + step_s * np.arange(n)) % self.every_s
        inside = phase_s < self.width_s
        out[:, 0] += np.where(
            inside, self.peak_mg * np.sin(2 * np.pi * phase_s / self.width_s), 0.0
        )
        return out
