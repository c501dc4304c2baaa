"""Mechanics of a limb on a mattress, told by torques: nothing here knows how a detector works.

Touches numpy. A movement is an electromyogram, the twitch of its muscle, and a pendulum of two
segments with friction and a mattress that pushes only upwards. Many movements are stepped at once.
Speaks mg, s, Hz, rad; arrays are (movements, samples) or (movements, samples, 3).
"""

from dataclasses import dataclass

import numpy as np

MG_PER_MS2 = 1000 / 9.80665
LONG_S = 15.0  # movements longer than this are stepped more coarsely
STEP_HZ, LONG_STEP_HZ = 400, 200
VISIBLE = 0.1  # a movement lasts while it shows more than this share of its peak
MOST_AT_ONCE = 2_000_000  # steps times movements: 64 MB of what they do
RING_S = 1.0  # a limb is followed so long after its muscle falls silent


@dataclass(frozen=True)
class Body:
    """Ranges (low, high) that one foreign set draws its movements from."""

    limb_hz: tuple  # natural frequency of the segment that carries the band
    decay_per_s: tuple  # of its free swing: tissue and bedding damp, so it hardly hangs on Hz
    proximal_ratio: tuple  # frequency of the segment above, as a share
    coupling: tuple  # how much of the upper segment's swing the lower one follows
    friction: tuple  # of sheet and joint, share of the largest torque
    mattress: tuple  # stiffness of a limb that presses down, as a multiple of its own
    twitch_s: tuple  # time constant of a muscle
    arm_m: tuple  # from joint to band


@dataclass(frozen=True)
class Movement:
    """One thing a muscle does; times from the recording's start."""

    kind: str  # jerk, lm, posture, rhythm, wake or partner
    onset_s: float
    active_s: float  # length of the electromyogram
    peak_mg: float  # of what the band feels beyond gravity
    limb_hz: float | None = None  # None: drawn from the body
    rhythm_hz: float = 0.0


def unit(vectors):
    """Return vectors (..., 3) at length 1."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def quaternion(axis, angle):
    """Return quaternions (..., 4) of a turn by `angle` rad about unit `axis` (..., 3)."""
    half = np.asarray(angle)[..., None] / 2
    return np.concatenate([np.cos(half), np.sin(half) * axis], axis=-1)


def turned(q, vectors):
    """Return vectors (..., 3) turned by unit quaternions (..., 4)."""
    w, xyz = q[..., :1], q[..., 1:]
    once = 2 * np.cross(xyz, vectors)
    return vectors + w * once + np.cross(xyz, once)


def electromyogram(movement, steps, step_s, rng):
    """Return (steps,) of drive: rough, of either sign, silent after active_s."""
    t = np.arange(steps) * step_s
    rough = 0.6 + 0.4 * np.abs(rng.standard_normal(steps))
    if movement.rhythm_hz:
        return _beats(movement, t, rng) * rough
    if movement.kind == "jerk":
        rise = rng.uniform(0.1, 0.4) * movement.active_s
        drive = np.where(t < rise, t / rise, 1 - (t - rise) / (movement.active_s - rise))
        return np.clip(drive, 0, None) * rough
    return _ragged(movement, t, rng) * rough


def _ragged(movement, t, rng):
    """A longer contraction: bursts at random, some of the antagonist, over a tonic hold."""
    fades = np.interp(t, [0, 0.08 * movement.active_s, movement.active_s], [0.9, 1, 0.55])
    drive = rng.uniform(0.05, 0.25) * fades
    at = 0.0
    while at < movement.active_s:
        width = rng.uniform(0.06, 0.2)
        size = rng.uniform(0.6, 1.2) * (1 if rng.random() < 0.65 else -0.8)
        near = slice(*np.searchsorted(t, (at - 4 * width, at + 6 * width)))  # ten sigma
        shape = np.exp(-0.5 * ((t[near] - at - width) / (width / 2)) ** 2)
        drive[near] += size * fades[near] * shape
        at += width + rng.exponential(0.08)
    return drive * (t < movement.active_s)


def _beats(movement, t, rng):
    """Even contractions: 3 % of jitter, a slow drift, each a third of the period at most."""
    period = 1 / movement.rhythm_hz
    count = int(movement.active_s * movement.rhythm_hz) + 1
    lengths = period * (1 + 0.03 * rng.standard_normal(count))
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    starts = starts[starts < movement.active_s]
    sizes = rng.uniform(0.8, 1.2, len(starts)) * np.interp(starts, [0, 3 * period], [0.7, 1])
    width = min(period / 3, rng.uniform(0.15, 0.35))
    which = np.clip(np.searchsorted(starts, t, "right") - 1, 0, len(starts) - 1)
    phase = (t - starts[which]) / width
    return np.where(phase < 1, np.sin(np.pi * np.clip(phase, 0, 1)), 0.0) * sizes[which]


@dataclass(frozen=True)
class Group:
    """Movements of like length whose chances are drawn: all that is left is to step them."""

    movements: list
    odr_hz: float
    sub: int  # steps a sample
    torque: np.ndarray  # (steps, movements)
    constants: np.ndarray  # (10, movements), as `swing` names them
    gravity_mg: np.ndarray  # (movements, 3), in the sensor's frame
    axes: tuple  # as draw_axes gives them
    length_m: np.ndarray  # from joint to band


def drawn(movements, gravity_mg, body, odr_hz, rng):
    """Return the Group of some movements, which should be of like length."""
    count, longest = len(movements), max(m.active_s for m in movements)
    sub = int(np.ceil((LONG_STEP_HZ if longest > LONG_S else STEP_HZ) / odr_hz))
    step_s = 1 / (odr_hz * sub)
    samples = int((longest + RING_S) * odr_hz) + 2
    late = [int(round((m.onset_s * odr_hz) % 1 * sub)) for m in movements]
    drive = np.zeros((count, samples * sub))
    for row, movement in enumerate(movements):
        steps = min(int((movement.active_s + 0.2) / step_s), samples * sub - late[row])
        drive[row, late[row] : late[row] + steps] = electromyogram(movement, steps, step_s, rng)
    hz = np.array([m.limb_hz or rng.uniform(*body.limb_hz) for m in movements])
    draw = lambda pair: rng.uniform(*pair, count)  # noqa: E731
    lower, damp = (2 * np.pi * hz) ** 2, 2 * draw(body.decay_per_s)
    upper, upper_damp = lower * draw(body.proximal_ratio) ** 2, damp * 0.8
    follow, press, twitch = draw(body.coupling), draw(body.mattress), 1 / draw(body.twitch_s)
    most = np.abs(drive).max(axis=1)
    rub = draw(body.friction) * most
    crawl = 0.05 / np.sqrt(lower) * most  # below this speed friction is no longer full
    each = (lower, damp, upper, upper_damp, follow, press, step_s * twitch, rub, crawl)
    constants = np.array([*each, np.full(count, step_s)])
    axes = draw_axes(count, rng)
    length_m = rng.uniform(*body.arm_m, count)
    torque = np.ascontiguousarray(drive.T)
    return Group(movements, odr_hz, sub, torque, constants, gravity_mg, axes, length_m)


def swing(groups):
    """Step the pendulums of some Groups at once: a round costs the same for one and for many.

    Return of each group angle, speed, both segments' pulls: (4, steps, movements) rad, rad/s, and
    rad/s2 of the lower and the upper segment, at a scale of one unit of torque, which `felt` sets
    right.
    """
    steps = max(len(group.torque) for group in groups)
    torque = np.concatenate(
        [np.pad(each.torque, ((0, steps - len(each.torque)), (0, 0))) for each in groups], axis=1
    )
    constants = np.concatenate([group.constants for group in groups], axis=1)
    lower, damp, upper, upper_damp, follow, press, gain, rub, crawl, step_s = constants
    out = np.zeros((4, *torque.shape))
    calcium, force, q1, v1, q2, v2 = np.zeros((6, torque.shape[1]))
    for step in range(steps):
        calcium += gain * (torque[step] - calcium)
        force += gain * (calcium - force)
        a1 = 0.4 * force - upper * q1 - upper_damp * v1
        below = np.minimum(q2, 0.0)
        slip = v2 - follow * v1
        a2 = (
            force
            - lower * (q2 - follow * q1 + press * below)
            - damp * slip
            - rub * np.tanh(v2 / crawl)
        )
        v1 += step_s * a1
        v2 += step_s * a2
        q1 += step_s * v1
        q2 += step_s * v2
        out[0, step], out[1, step], out[2, step], out[3, step] = q2, v2, a2, a1
    ends = np.cumsum([len(group.movements) for group in groups])
    return [
        out[:, : len(group.torque), end - len(group.movements) : end]
        for group, end in zip(groups, ends.tolist(), strict=True)
    ]


def felt(groups):
    """Return of each Group what a band feels beyond its resting gravity.

    It is a list of (first sample, mg (n, 3)), one for each movement.
    """
    waiting = sorted(range(len(groups)), key=lambda number: len(groups[number].torque))
    found = {}
    while waiting:
        together = [waiting.pop()]  # the longest: to it the others are filled up
        steps = len(groups[together[0]].torque)
        count = len(groups[together[0]].movements)
        while waiting and steps * (count + len(groups[waiting[-1]].movements)) < MOST_AT_ONCE:
            if len(groups[waiting[-1]].torque) < steps / 2:
                break
            together.append(waiting.pop())
            count += len(groups[together[-1]].movements)
        moved = swing([groups[number] for number in together])
        found |= dict(zip(together, moved, strict=True))
        for number in together:
            found[number] = _felt(groups[number], found[number])
    return [found[number] for number in range(len(groups))]


def _felt(group, motion):
    motion = np.ascontiguousarray(motion)
    steps, count = motion.shape[1:]
    motion = motion.reshape(4, steps // group.sub, group.sub, count).mean(axis=2)  # a low-pass
    acc = _at_the_band(motion, group)
    return [
        _cut(acc[row], int(movement.onset_s * group.odr_hz), movement, group.odr_hz)
        for row, movement in enumerate(group.movements)
    ]


def draw_axes(count, rng):
    """Return (joint axis, arm, tangent, way of the upper segment), each unit (count, 3)."""
    axis = unit(rng.standard_normal((count, 3)) * [1.0, 0.4, 0.4])
    arm = unit(np.cross(axis, unit(rng.standard_normal((count, 3)))))
    tangent = np.cross(axis, arm)
    return axis, arm, tangent, unit(tangent + 0.6 * rng.standard_normal((count, 3)))


def _at_the_band(motion, group):
    """(movements, samples, 3) mg: tangential, centripetal, upper segment and turned gravity."""
    peaks = np.array([m.peak_mg for m in group.movements])
    axis, arm, tangent, upward = (a[:, None, :] for a in group.axes)
    angle, speed, pull, above = (m.T[..., None] for m in motion)
    length_m = group.length_m[:, None, None]
    still = group.gravity_mg[:, None, :]
    along = MG_PER_MS2 * length_m * (pull * tangent + 0.5 * above * upward)
    inward = -MG_PER_MS2 * length_m * speed**2 * arm
    size = peaks / np.linalg.norm(along, axis=2).max(axis=1)
    for _ in range(6):
        scale = size[:, None, None]
        tilt = turned(quaternion(-axis, (scale * angle)[..., 0]), still) - still
        acc = scale * along + scale**2 * inward + tilt
        size = size * peaks / np.linalg.norm(acc, axis=2).max(axis=1)
    return acc


def _cut(acc, first, movement, odr_hz):
    """Let what is left at the end fade, so that no step stays."""
    length = min(len(acc), int((movement.active_s + RING_S) * odr_hz) + 2)
    acc = acc[:length].copy()
    fade = int(0.5 * RING_S * odr_hz)
    acc[-fade:] *= np.linspace(1, 0, fade)[:, None]
    return first, acc


def seen(acc, first, odr_hz):
    """Return (onset_s, duration_s, peak_mg) of what shows in acc (n, 3), starting at `first`."""
    size = np.linalg.norm(acc, axis=1)
    shown = np.flatnonzero(size > VISIBLE * size.max())
    return (
        (first + int(shown[0])) / odr_hz,
        (int(shown[-1] - shown[0]) + 1) / odr_hz,
        float(size.max()),
    )


def drawn_by_length(movements, gravity_of, body, odr_hz, rng):
    """Return Groups of movements of any length; gravity_of: function second -> mg (3,)."""
    bounds = [0, 0.5, 3, 8, LONG_S, 50, 1e9]
    groups = []
    for low, high in zip(bounds, bounds[1:], strict=False):
        alike = [m for m in movements if low < m.active_s <= high]
        for at in range(0, len(alike), 150):
            part = alike[at : at + 150]
            still = np.array([gravity_of(m.onset_s) for m in part])
            groups.append(drawn(part, still, body, odr_hz, rng))
    return groups


def pieces_of(nights):
    """Return [(movement, first sample, mg (n, 3))] of each night's Groups; all step together."""
    flat = iter(felt([group for groups in nights for group in groups]))
    return [
        [
            (movement, *piece)
            for group in groups
            for movement, piece in zip(group.movements, next(flat), strict=True)
        ]
        for groups in nights
    ]
