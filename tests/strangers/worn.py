"""A night as a worn sensor saw it, with what truly happened: what the generators here share.

Nothing here knows a detector. Times are true seconds from the night's start; accelerations are mg.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import signal


@dataclass(frozen=True)
class Happening:
    """What happened: `kind` by its physics, `what` by its physiology, and how strong it came.

    `kind` is jerk (muscles worked under 0.4 s), border (0.4 to 0.6 s), lm (longer), rhythm, turn,
    awake, twitch (of a muscle that moves no limb) or bed (nothing of the wearer's own).
    `duration_s` is that of the muscles' work. `peak_mg` is the strongest acceleration at the
    sensor, gravity's share included, above 0.5 Hz.
    """

    kind: str
    what: str
    onset_s: float
    duration_s: float
    peak_mg: float


@dataclass(frozen=True)
class Chip:
    """A sensor's faults: white noise, step, range, errors of gain, offset and warmth, and rate."""

    noise_mg: float = 0.75
    step_mg: float = 0.122
    range_mg: float = 4000.0
    gain_sd: float = 0.01
    offset_sd_mg: float = 15.0
    drift_mg: float = 2.0  # over the night, as the band warms
    odr_hz: float = 104.0
    rate_error: float = 0.0  # of its oscillator: true rate = odr_hz * (1 + rate_error)


@dataclass(frozen=True)
class WornNight:
    """A night: int16 counts (n, 3), mg a count, its nominal and its true rate, and the truth."""

    counts: np.ndarray
    step_mg: float
    odr_hz: float
    true_hz: float
    truth: list[Happening] = field(default_factory=list)

    @property
    def hours(self) -> float:
        """Return how long it is."""
        return len(self.counts) / self.true_hz / 3600


def quaternion(axis: np.ndarray, angle_rad: np.ndarray) -> np.ndarray:
    """Return rotations about `axis` (unit, (3,)) as matrices, (n, 3, 3)."""
    angle_rad = np.atleast_1d(angle_rad)
    cross = np.array(
        [[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]], dtype=float
    )
    sine, rest = np.sin(angle_rad)[:, None, None], (1 - np.cos(angle_rad))[:, None, None]
    return np.eye(3) + sine * cross + rest * (cross @ cross)


def direction(rng: np.random.Generator) -> np.ndarray:
    """Return a random unit vector."""
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)


def across(vector: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a random unit vector at a right angle to `vector`."""
    other = np.cross(vector, rng.normal(size=3))
    return other / np.linalg.norm(other)


def smooth(share: np.ndarray) -> np.ndarray:
    """Return the path of least jerk from 0 to 1 (Flash and Hogan 1985)."""
    share = np.clip(share, 0.0, 1.0)
    return share**3 * (10 - 15 * share + 6 * share**2)


def bilinear(top: list[float], bottom: list[float], rate_hz: float) -> tuple[list, list]:
    """Return a second-order filter's coefficients (s2, s1, s0) in steps of `rate_hz` (Tustin)."""
    k = 2 * rate_hz
    steps = [
        [c2 * k * k + c1 * k + c0, 2 * (c0 - c2 * k * k), c2 * k * k - c1 * k + c0]
        for c2, c1, c0 in (top, bottom)
    ]
    return [c / steps[1][0] for c in steps[0]], [c / steps[1][0] for c in steps[1]]


def peak_of(path_mg: np.ndarray, rate_hz: float) -> float:
    """Return the strongest acceleration above 0.5 Hz in a path of (n, 3)."""
    if len(path_mg) < 16:
        return float(np.linalg.norm(path_mg, axis=1).max())
    keep = 1 / (1 + np.pi / rate_hz)
    high = signal.lfilter([keep, -keep], [1, -keep], path_mg - path_mg[0], axis=0)
    return float(np.linalg.norm(high, axis=1).max())


def through_bed(
    force: np.ndarray, rate_hz: float, natural_hz: float, damping: float, peak_mg: float
) -> np.ndarray:
    """Return what a mass on a mattress does when pushed, scaled to `peak_mg` at its strongest."""
    omega = 2 * np.pi * natural_hz
    b, a = bilinear([1, 0, 0], [1, 2 * damping * omega, omega**2], rate_hz)
    soft = 3 * omega  # what pushes is soft too
    b2, a2 = bilinear([0, 0, soft**2], [1, 1.4 * soft, soft**2], rate_hz)
    moved = signal.lfilter(b2, a2, signal.lfilter(b, a, force, axis=0), axis=0)
    top = np.linalg.norm(np.atleast_2d(moved.T).T, axis=-1).max()
    return moved * (peak_mg / top) if top > 0 else moved


def sensed(
    path_mg: np.ndarray, chip: Chip, rng: np.random.Generator, noise: np.ndarray | None = None
) -> np.ndarray:
    """Return the counts of `path_mg` (n, 3) in the limb's frame, by a chip mounted anyhow.

    `noise` is a real chip's, in place of white noise.
    """
    n = len(path_mg)
    mount = quaternion(direction(rng), rng.uniform(0, 2 * np.pi))[0]
    gains = 1 + rng.normal(0, chip.gain_sd, 3)
    warm = 1 - np.exp(-np.arange(n) / (0.3 * n))
    seen = path_mg @ mount.T * gains + rng.normal(0, chip.offset_sd_mg, 3)
    seen += warm[:, None] * rng.normal(0, chip.drift_mg, 3)
    seen += rng.normal(0, chip.noise_mg, (n, 3)) if noise is None else noise
    np.clip(seen, -chip.range_mg, chip.range_mg, out=seen)
    return np.clip(np.round(seen / chip.step_mg), -32768, 32767).astype(np.int16)
