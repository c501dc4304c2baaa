"""Muscles, limb and strap: from motor units' pulses to the acceleration that a sensor sees.

A muscle sums its units' twitches, each t/T * exp(1 - t/T) with a contraction time T of 30 to
100 ms (Milner-Brown 1973). Its torque moves a limb that lies on a mattress: a spring that can only
push up to the limb's own weight, or hold sideways up to friction. A strap on skin carries the
sensor as a damped mass on a spring of 15 to 40 Hz. The limb's tilt
turns gravity in the sensor's frame.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import signal
from worn import across, bilinear, direction, peak_of

RATE_HZ = 500.0
LEAD_S = 0.3
GRAVITY_M_S2 = 9.80665
MOST_TURN_RAD = 0.8  # of a joint in bed
MOST_AT_ONCE = 2_000_000  # steps times works: 64 MB of what they do


@dataclass(frozen=True)
class Burst:
    """Units that fire from `at_s` for `length_s`; `sign` -1 is the antagonist's.

    `ramp_s` is how long recruiting takes, `settle` the share of force that is left at its end.
    """

    at_s: float
    length_s: float
    force: float = 1.0
    sign: float = 1.0
    ramp_s: float = 0.0
    settle: float = 1.0


@dataclass(frozen=True)
class Joint:
    """How a limb can move: lever to the sensor, the mattress under it, and its own looseness."""

    lever_m: float = 0.35
    mattress_hz: float = 5.0
    mattress_damping: float = 0.3
    slip_m_s2: float = 3.0  # acceleration at which the mattress gives up holding
    lifts: bool = True  # from the mattress, else along it
    passive_hz: float = 0.7
    passive_damping: float = 0.4
    strap_hz: float = 25.0
    strap_damping: float = 0.3


@dataclass(frozen=True)
class Work:
    """One joint's muscles at work, `peak_mg` strong at the sensor."""

    bursts: list[Burst]
    peak_mg: float
    joint: Joint = field(default_factory=Joint)
    twitch_s: float = 0.05
    units: int = 14
    unit_hz: float = 22.0
    tail_s: float = 3.0  # after the muscles' work, for the limb to come to rest

    @property
    def length_s(self) -> float:
        """Return from the first pulse to the last."""
        return max(b.at_s + b.length_s for b in self.bursts)

    @property
    def steps(self) -> int:
        """Return how many steps show it whole."""
        return int((LEAD_S + self.length_s + self.tail_s) * RATE_HZ)


def torque(work: Work, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return the muscles' summed twitches, 2 ms a step, 1 at the strongest."""
    pulses = np.zeros(steps)
    for burst in work.bursts:
        for unit in range(work.units):
            start_s = burst.ramp_s * unit / work.units + rng.exponential(0.004)
            at_s = start_s
            weight = 0.4 + 1.6 * unit / work.units  # small units first (Henneman 1957)
            while at_s <= max(start_s, burst.length_s):  # once at least
                step = int((LEAD_S + burst.at_s + at_s) * RATE_HZ)
                if step < steps:
                    fade = 1 - (1 - burst.settle) * min(1.0, at_s / max(burst.length_s, 1e-3))
                    pulses[step] += burst.sign * burst.force * weight * fade
                at_s += max(0.01, rng.normal(1, 0.18) / work.unit_hz)
    decay = np.exp(-1 / (work.twitch_s * RATE_HZ))
    force = signal.lfilter([0, decay], [1, -2 * decay, decay**2], pulses)
    return force / max(np.abs(force).max(), 1e-12)


def swing(
    pushes: np.ndarray, joints: list[Joint], strengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return angle, speed and angular acceleration (steps, works) of limbs that are pushed.

    `pushes` (steps, works) has 1 at its strongest; `strengths` are angular accelerations, rad/s2.
    """
    step_s = 1 / RATE_HZ
    mattress = np.array([2 * np.pi * j.mattress_hz for j in joints])
    hold = np.array([j.slip_m_s2 / j.lever_m for j in joints]) / mattress**2
    damp = np.array([2 * j.mattress_damping for j in joints]) * mattress
    passive = np.array([2 * np.pi * j.passive_hz for j in joints])
    loss = np.array([2 * j.passive_damping for j in joints]) * passive
    lifts = np.array([j.lifts for j in joints])
    lets_go, pulls_back, presses = -hold, passive**2, mattress**2  # the same at every step
    angle, speed, spring = (np.zeros(len(joints)) for _ in range(3))
    out = np.zeros((3, len(pushes), len(joints)))
    for i, push in enumerate(pushes * strengths):
        touching = np.where(lifts, angle < hold, np.abs(spring) < hold)
        held = np.where(lifts, np.minimum(angle, hold), spring)
        force = push - pulls_back * angle - loss * speed - presses * held - damp * speed * touching
        speed = speed + force * step_s
        angle = angle + speed * step_s
        spring = np.minimum(np.maximum(spring + speed * step_s, lets_go), hold)
        out[0, i], out[1, i], out[2, i] = angle, speed, force
    return out[0], out[1], out[2]


def strapped(path_mg: np.ndarray, joint: Joint) -> np.ndarray:
    """Return what the strap passes on of the bone's acceleration, (steps, 3)."""
    omega = 2 * np.pi * joint.strap_hz
    loss = 2 * joint.strap_damping * omega
    b, a = bilinear([0, loss, omega**2], [1, loss, omega**2], RATE_HZ)
    return signal.lfilter(b, a, path_mg, axis=0)


@dataclass(frozen=True)
class Drawn:
    """Works whose chances are drawn: all that is left is to step them.

    `gravities_mg` (works, 3) is gravity there before each; `pushes` (steps, works) are for
    `swing`.
    """

    works: list[Work]
    gravities_mg: np.ndarray
    pushes: np.ndarray
    frames: list[tuple[np.ndarray, np.ndarray]]


def drawn(works: list[Work], gravities_mg: np.ndarray, rng: np.random.Generator) -> Drawn:
    """Return what muscles do in some works, which should be of like length."""
    steps = max(w.steps for w in works)
    pushes = np.stack([torque(w, steps, rng) for w in works], axis=1)
    frames = [(along := direction(rng), across(along, rng)) for _ in works]
    return Drawn(works, gravities_mg, pushes, frames)


def moved(groups: list[Drawn]) -> list[list[np.ndarray]]:
    """Return of each group its works' paths, as `_moved` does.

    Groups are stepped together as far as their length and memory allow: a step costs the same for
    one limb and for many, and no limb knows of another.
    """
    waiting = sorted(range(len(groups)), key=lambda k: len(groups[k].pushes))
    found: dict[int, list[np.ndarray]] = {}
    while waiting:
        together = [waiting.pop()]  # the longest: to it the others are filled up
        steps, count = groups[together[0]].pushes.shape
        while waiting and 2 * len(groups[waiting[-1]].pushes) > steps:
            count += groups[waiting[-1]].pushes.shape[1]
            if steps * count > MOST_AT_ONCE:
                break
            together.append(waiting.pop())
        paths = iter(_moved([groups[k] for k in together]))
        found |= {k: [next(paths) for _ in groups[k].works] for k in together}
    return [found[k] for k in range(len(groups))]


def _moved(groups: list[Drawn]) -> list[np.ndarray]:
    """Return each work's acceleration in the limb's frame, mg, 2 ms a step, from LEAD_S before it.

    What gravity was is not in the answer; a limb that rests elsewhere in the end is there at the
    last step.
    """
    steps = max(len(g.pushes) for g in groups)
    filled = [np.pad(g.pushes, ((0, steps - len(g.pushes)), (0, 0))) for g in groups]
    pushes = np.concatenate(filled, axis=1)
    works = [w for g in groups for w in g.works]
    frames = [frame for g in groups for frame in g.frames]
    gravities_mg = np.concatenate([g.gravities_mg for g in groups])
    joints = [w.joint for w in works]
    wanted = np.array([w.peak_mg for w in works])
    strengths = wanted / 1000 * GRAVITY_M_S2 / np.array([j.lever_m for j in joints])
    best = [(np.inf, np.zeros((0, 3)))] * len(works)
    for _ in range(4):  # the mattress is not linear: again, by what came
        angles, speeds, accelerations = swing(pushes, joints, strengths)
        for k, work in enumerate(works):
            path = carried(
                work, frames[k], gravities_mg[k], angles[:, k], speeds[:, k], accelerations[:, k]
            )
            ratio = wanted[k] / max(peak_of(path, RATE_HZ), 1e-6)
            off = abs(np.log(ratio)) + 10 * (np.abs(angles[:, k]).max() > MOST_TURN_RAD)
            best[k] = min(best[k], (float(off), path), key=lambda pair: pair[0])
            strengths[k] *= np.clip(ratio**0.7, 0.5, 2.5) if off < 10 else 0.5
    return [path for _, path in best]


def carried(
    work: Work,
    frame: tuple[np.ndarray, np.ndarray],
    gravity_mg: np.ndarray,
    angle: np.ndarray,
    speed: np.ndarray,
    acceleration: np.ndarray,
) -> np.ndarray:
    """Return what the sensor of a swinging limb sees, (steps, 3): bone, strap, turned gravity."""
    last = work.steps
    along, round_ = frame
    scale = work.joint.lever_m / GRAVITY_M_S2 * 1000
    bone = scale * (acceleration[:last, None] * round_ - speed[:last, None] ** 2 * along)
    axis = np.cross(along, round_)
    sine, rest = np.sin(-angle[:last, None]), 1 - np.cos(angle[:last, None])
    turned = sine * np.cross(axis, gravity_mg) + rest * np.cross(axis, np.cross(axis, gravity_mg))
    return strapped(bone, work.joint) + turned


def sampled(path_mg: np.ndarray, first_s: float, true_hz: float) -> tuple[int, np.ndarray]:
    """Return the first sample's number and the samples of a path of 2 ms that begins at `first_s`.

    The chip's own filter cuts above 0.45 of its rate.
    """
    sos = signal.butter(2, 0.45 * true_hz, fs=RATE_HZ, output="sos")
    low = signal.sosfilt(sos, path_mg, axis=0)
    begin = int(np.ceil(first_s * true_hz))
    count = int((first_s + (len(path_mg) - 1) / RATE_HZ) * true_hz) - begin
    at = (np.arange(begin, begin + count) / true_hz - first_s) * RATE_HZ
    low_mg = np.stack([np.interp(at, np.arange(len(low)), low[:, i]) for i in range(3)], axis=1)
    return begin, low_mg
