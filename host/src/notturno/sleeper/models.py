"""Models: which limb, heart, mattress and sensor a night is made of, each by its parameters.

Touches nothing. TUNING models are for choosing a detector's constants, HELD_OUT ones for judging
them: no range of a limb's frequency and damping, of pulse, breathing or mattress is in both, nor
any shape of a muscle's or a heart's pulse. Every number is a choice, within 2-14 Hz for limbs,
0-15 mg for a pulse, 0.3-5 mg for breathing, 0.7-4 mg rms for a sensor's noise; none was fitted to
a recording.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from notturno.errors import UserError
from notturno.sleeper import body
from notturno.sleeper.limbs import Limb

# mg of one count by full scale, g: data sheet DS12140 of the LSM6DSOX
MG_PER_COUNT = {2: 0.061, 4: 0.122, 8: 0.244}


@dataclass(frozen=True)
class Rest:
    """What moves a limb at rest: pulse and breathing, ranges in mg and per minute.

    pulse: shapes.HEARTS; unsteady: spread of the time between beats, as a share.
    """

    pulse: str
    pulse_mg: tuple
    pulse_per_min: tuple
    unsteady: float
    breath_mg: tuple
    breath_per_min: tuple


@dataclass(frozen=True)
class Bed:
    """A mattress: low-pass of `order` poles at corner_hz; along_gravity: 1 shakes up and down."""

    corner_hz: float
    order: int
    along_gravity: float

    def carry(self, wave: np.ndarray, way: np.ndarray, peak_mg: float) -> np.ndarray:
        """Return what arrives along a way (3,), with its largest vector `peak_mg` long."""
        tail = np.zeros((int(0.6 * body.RENDER_HZ), 3))
        soft = body.low_pass(np.concatenate([wave, tail]), self.corner_hz, self.order)
        return body.scaled(body.along(soft, way), peak_mg)


@dataclass(frozen=True)
class Part:
    """A sensor as set: nominal rate, full scale, noise rms of an axis at that rate.

    noise_corner_hz: below it noise grows as 1/f (0: white); averages: the chip averages over a
    sample's time instead of sampling an instant.
    """

    nominal_hz: float = 104.0
    range_g: int = 4
    noise_mg: float = 0.075 * float(np.sqrt(52))  # 75 ug/sqrt(Hz): data sheet DS12140
    noise_corner_hz: float = 0.0
    averages: bool = False

    @property
    def mg_per_lsb(self) -> float:
        """mg of one count."""
        return MG_PER_COUNT[self.range_g]


@dataclass(frozen=True)
class Model:
    """One kind of night; jerk_mg: median of the jerks' peaks, spread (ln), least and most."""

    name: str
    limb: Limb
    rest: Rest
    bed: Bed
    part: Part
    jerk_mg: tuple = (70.0, 1.1, 4.0, 1500.0)

    def on(self, part: Part) -> Self:
        """Return the model with another sensor."""
        return replace(self, part=part)


DEFAULT_PART = Part()


def peak_mg(rng: np.random.Generator, jerk_mg: tuple[float, ...]) -> float:
    """Return a random peak, mg, as of Model.jerk_mg."""
    median, spread, least, most = jerk_mg
    while True:
        peak = float(median * np.exp(spread * rng.normal()))
        if least <= peak <= most:
            return peak


TUNING = (
    Model(
        "wrist_a",
        Limb("wrist", (6.0, 11.0), (0.2, 0.4), "raised_cosine", "minimum_jerk"),
        Rest("ring", (1.0, 3.0), (55, 70), 0.03, (1.0, 3.0), (12, 16)),
        Bed(3.0, 2, 0.9),
        Part(noise_mg=0.75),
    ),
    Model(
        "ankle_a",
        Limb("ankle", (3.6, 6.0), (0.25, 0.5), "half_sine", "random_torque"),
        Rest("ijk", (0.4, 1.8), (48, 62), 0.05, (0.3, 1.2), (10, 15)),
        Bed(2.0, 3, 0.95),
        Part(noise_mg=0.7, noise_corner_hz=1.0),
    ),
    Model(
        "calf_a",
        Limb("calf", (2.2, 3.5), (0.32, 0.6), "raised_cosine", "minimum_jerk", tilt=0.2),
        Rest("ijk", (1.5, 4.0), (60, 80), 0.04, (0.6, 2.0), (13, 18)),
        Bed(5.0, 2, 0.6),
        Part(range_g=2, noise_mg=0.9),
    ),
    Model(
        "wrist_b",
        Limb("wrist", (9.0, 14.0), (0.15, 0.3), "half_sine", "random_torque", tilt=0.05),
        Rest("ring", (0.0, 1.0), (70, 90), 0.02, (2.0, 5.0), (14, 19)),
        Bed(1.6, 2, 0.9),
        Part(nominal_hz=208.0, noise_mg=1.0),
    ),
    Model(
        "ankle_b",
        Limb("ankle", (4.5, 8.0), (0.17, 0.35), "raised_cosine", "random_torque"),
        Rest("ring", (0.5, 2.5), (62, 75), 0.06, (0.4, 1.5), (11, 14)),
        Bed(4.0, 3, 0.3),
        Part(nominal_hz=52.0, noise_mg=0.8, averages=True),
    ),
    Model(
        "calf_b",
        Limb("calf", (5.0, 9.0), (0.36, 0.58), "half_sine", "minimum_jerk", radius_m=(0.1, 0.25)),
        Rest("ijk", (0.2, 1.2), (52, 66), 0.03, (0.5, 3.0), (12, 17)),
        Bed(2.5, 2, 0.85),
        Part(range_g=8, noise_mg=1.2),
    ),
)

HELD_OUT = (
    Model(
        "wrist_c",
        Limb("wrist", (7.0, 12.5), (0.22, 0.45), "triangular", "torque_pulses"),
        Rest("gabor", (0.8, 2.8), (57, 72), 0.045, (1.2, 4.0), (13, 15)),
        Bed(3.4, 2, 0.8),
        Part(noise_mg=0.8, noise_corner_hz=2.0),
    ),
    Model(
        "ankle_c",
        Limb(
            "ankle",
            (3.1, 4.6),
            (0.28, 0.55),
            "gaussian_doublet",
            "torque_pulses",
            joint_hz=(2.0, 4.0),
            tilt=0.15,
        ),
        Rest("two_thumps", (0.3, 1.5), (45, 60), 0.07, (0.35, 1.0), (9, 13)),
        Bed(2.2, 2, 0.97),
        Part(noise_mg=1.1),
    ),
    Model(
        "calf_c",
        Limb(
            "calf",
            (2.0, 2.9),
            (0.35, 0.56),
            "triangular",
            "random_torque",
            torque_hz=(0.6, 2.5),
            tilt=0.25,
        ),
        Rest("gabor", (1.2, 3.6), (64, 84), 0.035, (0.7, 2.4), (14, 17)),
        Bed(5.6, 2, 0.5),
        Part(range_g=2, noise_mg=0.7),
    ),
    Model(
        "wrist_d",
        Limb("wrist", (10.5, 13.5), (0.18, 0.33), "gaussian_doublet", "random_torque", tilt=0.02),
        Rest("two_thumps", (0.1, 0.9), (75, 95), 0.025, (1.6, 4.6), (15, 20)),
        Bed(1.8, 3, 0.88),
        Part(nominal_hz=208.0, noise_mg=0.9),
    ),
    Model(
        "ankle_d",
        Limb("ankle", (4.8, 7.2), (0.16, 0.38), "triangular", "torque_pulses", tilt=0.12),
        Rest("two_thumps", (0.6, 2.2), (66, 78), 0.055, (0.5, 1.8), (10, 12)),
        Bed(4.5, 2, 0.2),
        Part(nominal_hz=52.0, noise_mg=0.85, averages=True),
    ),
    Model(
        "calf_d",
        Limb(
            "calf",
            (5.4, 8.4),
            (0.4, 0.54),
            "gaussian_doublet",
            "torque_pulses",
            radius_m=(0.12, 0.22),
            tilt=0.08,
        ),
        Rest("gabor", (0.25, 1.4), (54, 68), 0.028, (0.55, 2.8), (11, 16)),
        Bed(2.7, 3, 0.75),
        Part(range_g=8, noise_mg=1.3),
    ),
)

SETS = {"tuning": TUNING, "held-out": HELD_OUT}
SLOW_PARTS = (
    Part(nominal_hz=25.0, noise_mg=0.7, averages=True),
    Part(nominal_hz=25.0, range_g=8, noise_mg=1.0),
)
NOISY_PARTS = tuple(
    Part(noise_mg=mg, range_g=g) for mg, g in ((0.7, 4), (1.5, 2), (2.5, 8), (4.0, 4))
)


def named(name: str) -> Model:
    """Return the model of this name; raises UserError with the names there are."""
    models = {model.name: model for model in (*TUNING, *HELD_OUT)}
    if name not in models:
        raise UserError(
            "No model is called {name}; there are: {models}.", name=name, models=", ".join(models)
        )
    return models[name]
