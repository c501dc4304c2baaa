"""A third stranger's limb: torques on a joint, told by spectra, at a sensor that is at fault.

Touches numpy. What A and B do not have: a muscle's force as people write it (half a sine, least
jerk, a triangle, a twitch), jerks of several parts, lapses of a posture that is held and trembles,
turns of four shapes, a chip whose rate is wrong, that loses samples, mixes its axes and wanders
with its temperature. Speaks mg, s, Hz, rad; waves are (samples, 3) at HZ.
"""

import numpy as np

HZ = 500.0  # of a wave; the sensor takes its samples from it
G_MS2 = 9.80665


def unit(rng):
    """A direction at random."""
    way = rng.standard_normal(3)
    return way / np.linalg.norm(way)


def least_jerk(share):
    """How far a reach of least jerk has gone at a share of its time."""
    share = np.clip(share, 0, 1)
    return share**3 * (10 - 15 * share + 6 * share**2)


def silent(seconds):
    """No force for so long."""
    return np.zeros(int(seconds * HZ))


def contraction(rng, seconds, shape=None):
    """Force of one short contraction, and the silence in which a muscle lets go."""
    steps = max(int(seconds * HZ), 8)
    share = (np.arange(steps) + 0.5) / steps
    shape = shape or rng.choice(["sine", "least jerk", "triangle", "twitch"])
    if shape == "sine":
        force = np.sin(np.pi * share)
    elif shape == "least jerk":
        force = 16 * (share * (1 - share)) ** 2
    elif shape == "triangle":
        force = 1 - np.abs(2 * share - 1)
    else:  # a pool of motor units: 25 to 80 ms to a twitch's peak
        peak_s = rng.uniform(0.025, 0.08)
        t = np.arange(int(8 * peak_s * HZ)) / HZ / peak_s
        force = np.convolve(np.ones(steps), t * np.exp(1 - t)) / np.sum(t * np.exp(1 - t))
    return np.concatenate([force, silent(0.5)])


def add(force, more, at_s):
    """Add a force to another from a moment on, as far as there is room."""
    first = int(at_s * HZ)
    part = more[: max(len(force) - first, 0)]
    force[first : first + len(part)] += part


def trembling(rng, steps, low_hz, high_hz, rate_hz=HZ):
    """Noise of a band, at 1 rms."""
    hz = np.fft.rfftfreq(steps, 1 / rate_hz)
    spectrum = np.fft.rfft(rng.standard_normal(steps)) * ((hz > low_hz) & (hz < high_hz))
    wave = np.fft.irfft(spectrum, steps)
    return wave / max(wave.std(), 1e-9)


def swings(force, hz, zeta):
    """Angle of a joint of that frequency and damping, without unit."""
    turning = 2j * np.pi * np.fft.rfftfreq(2 * len(force), 1 / HZ)
    own = 2 * np.pi * hz
    answer = own**2 / (turning**2 + 2 * zeta * own * turning + own**2)
    return np.fft.irfft(np.fft.rfft(force, 2 * len(force)) * answer)[: len(force)]


def at_the_band(rng, angle, way, arm_m, peak_mg):
    """Return (wave, mg that it reaches): tangential, centripetal and turned gravity.

    way: of gravity, in the sensor's frame. The limb gives in a second, quicker way as well.
    """
    axis = unit(rng)
    arm = np.cross(axis, unit(rng))
    arm /= np.linalg.norm(arm)
    speed = np.gradient(angle) * HZ
    aside = swings(angle, rng.uniform(6, 14), rng.uniform(0.25, 0.7)) * rng.uniform(0, 0.45)
    pulls = [np.gradient(np.gradient(one)) * HZ**2 for one in (angle, aside)]
    along = pulls[0][:, None] * np.cross(axis, arm) + pulls[1][:, None] * unit(rng)
    still, across = axis * (axis @ way), way - axis * (axis @ way)

    def wave(size):
        turned = (size * angle)[:, None]
        gravity = still + across * np.cos(turned) - np.cross(axis, way) * np.sin(turned)
        pull = size * along - (size * speed)[:, None] ** 2 * arm
        return 1000 * (arm_m / G_MS2 * pull + gravity - way)

    size, most = 1e-3, 1.2 / np.abs(angle).max()
    for _ in range(12):
        reached = np.linalg.norm(wave(size), axis=1).max()
        size = min(size * (peak_mg / reached) ** 0.9, most)
    return wave(size), float(np.linalg.norm(wave(size), axis=1).max())


def turned_about(way, axis, angles):
    """A direction turned about a unit axis across it, (angles, 3)."""
    angles = np.asarray(angles)[:, None]
    return way * np.cos(angles) + np.cross(axis, way) * np.sin(angles)


class Room:
    """A night in the making; methods take seconds by the chip's true clock."""

    def __init__(self, rng, hours, limb_hz, arm_m, odr_hz, mg_per_lsb, noise_mg, pulse_mg):
        self.rng, self.seconds, self.arm_m, self.pulse_mg = rng, hours * 3600, arm_m, pulse_mg
        self.odr_hz, self.mg_per_lsb, self.noise_mg = odr_hz, mg_per_lsb, noise_mg
        self.true_hz = odr_hz * (1 + rng.uniform(-0.03, 0.03))
        self.limb_hz = rng.uniform(*limb_hz)
        self.decay_per_s = rng.uniform(4, 9)  # of a free swing, at least
        self.added = np.zeros((int(self.seconds * self.true_hz), 3))
        self.way = unit(rng)
        self.turns, self.taken, self.truth, self.others = [], [], [], []

    def free(self, onset_s, length_s, gap_s):
        """Take a span, or say that something lies there."""
        low, high = onset_s - gap_s, onset_s + length_s + gap_s
        if low < 20 or high > self.seconds - 10:
            return False
        if any(low < end and start < high for start, end in self.taken):
            return False
        self.taken.append((onset_s, onset_s + length_s))
        return True

    def tell(self, kind, onset_s, duration_s, peak_mg, rhythm_hz=0.0, others=False):
        """Write down what happened, in seconds as the chip counts them."""
        by_chip = self.true_hz / self.odr_hz
        row = dict(kind=kind, onset_s=onset_s * by_chip, duration_s=duration_s * by_chip)
        row |= dict(peak_mg=peak_mg, rhythm_hz=rhythm_hz / by_chip)
        (self.others if others else self.truth).append(row)

    def put(self, onset_s, wave):
        """Let the chip sample a wave."""
        first = int(np.ceil(onset_s * self.true_hz))
        last = min(int((onset_s + len(wave) / HZ) * self.true_hz), len(self.added))
        at_s = np.arange(first, last) / self.true_hz - onset_s
        for axis in range(3):
            felt = np.interp(at_s, np.arange(len(wave)) / HZ, wave[:, axis])
            self.added[first:last, axis] += felt

    def gravity(self, at_s):
        """The way of gravity in the sensor's frame after the last turn that began."""
        begun = [way for onset_s, _, way in self.turns if onset_s <= at_s]
        return begun[-1] if begun else self.way

    def move(self, kind, onset_s, duration_s, force, peak_mg, limb_hz=None, rhythm_hz=0.0):
        """A force on the joint, and its row."""
        rng = self.rng
        hz = limb_hz or float(np.clip(self.limb_hz * np.exp(rng.normal(0, 0.25)), 2, 14))
        zeta = min(max(rng.uniform(0.12, 0.7), self.decay_per_s / (2 * np.pi * hz)), 1.1)
        if kind != "jerk":
            zeta = max(zeta, 0.35)  # who moves for longer stiffens
        force = np.concatenate([silent(0.01), force, silent(2)])
        angle = swings(force, hz, zeta)
        wave, mg = at_the_band(rng, angle, self.gravity(onset_s), self.arm_m, peak_mg)
        self.put(onset_s, wave)
        self.tell(kind, onset_s + 0.01, duration_s, mg, rhythm_hz)

    def turn(self, onset_s, length_s, degrees, shake_mg):
        """A turn of gravity in one of four shapes; turns are given in order of time."""
        rng, way = self.rng, self.gravity(onset_s)
        axis = np.cross(way, unit(rng))
        axis /= np.linalg.norm(axis)
        steps = int(length_s * self.true_hz)
        share = np.arange(steps) / steps
        parts = sum(least_jerk((share - at) / 0.25) for at in np.sort(rng.uniform(0, 0.7, 3))) / 3
        gone = {
            "reach": least_jerk(share),
            "parts": parts,
            "over": least_jerk(2 * share) + 0.2 * np.exp(-(((share - 0.5) / 0.12) ** 2)),
            "roll": (1 - np.cos(np.pi * share)) / 2,
        }[rng.choice(["reach", "parts", "over", "roll"])]
        ways = turned_about(way, axis, np.radians(degrees) * gone)
        first = int(onset_s * self.true_hz)
        self.added[first : first + steps] += 1000 * (ways - way)
        self.added[first + steps :] += 1000 * (ways[-1] - way)
        self.turns.append((onset_s, length_s, ways[-1]))
        swell = np.sin(np.pi * share)[:, None] * rng.gamma(0.6, 1, (steps // 40 + 1, 1))[:1]
        rough = [trembling(rng, steps, 0.7, 6, self.true_hz) for _ in range(3)]
        rough = np.stack(rough, axis=1) * swell
        self.added[first : first + steps] += rough * shake_mg / np.abs(rough).max()
        self.tell("posture", onset_s, length_s, shake_mg)

    def shake(self, kind, onset_s, wave_mg):
        """Something that is not the limb, (samples,) at the chip's rate, mostly up and down."""
        first = int(onset_s * self.true_hz)
        way = self.gravity(onset_s) + 0.4 * unit(self.rng)
        part = wave_mg[: len(self.added) - first]
        self.added[first : first + len(part)] += part[:, None] * way / np.linalg.norm(way)
        length_s = len(wave_mg) / self.true_hz
        self.tell(kind, onset_s, length_s, float(np.abs(wave_mg).max()), others=True)

    def counts(self):
        """What the chip gives: all of it, its own faults, and some samples lost."""
        rng, samples = self.rng, len(self.added)
        t = np.arange(samples) / self.true_hz
        acc = self.added + 1000 * self.way
        beats = np.zeros(samples)
        at_s = np.cumsum(rng.uniform(0.75, 1.15) * (1 + 0.04 * rng.standard_normal(samples // 50)))
        beats[(at_s[at_s < t[-1]] * self.true_hz).astype(int)] = 1
        k = np.arange(int(0.4 * self.true_hz)) / self.true_hz
        recoil = np.sin(2 * np.pi * rng.uniform(3.5, 7) * k) * np.exp(-(((k - 0.11) / 0.07) ** 2))
        beats = np.convolve(beats, recoil / np.abs(recoil).max())[:samples]
        acc += self.pulse_mg * beats[:, None] * unit(rng)
        breath = rng.uniform(0.5, 6) * np.sin(2 * np.pi * rng.uniform(0.2, 0.3) * t)
        acc += breath[:, None] * np.cross(self.way, unit(rng))
        acc += (rng.uniform(-8, 8) * np.exp(-t / rng.uniform(900, 4000)))[:, None] * unit(rng)
        acc += self.noise_mg * rng.standard_normal(acc.shape)
        slow = np.cumsum(rng.standard_normal((samples // 50 + 2, 3)), axis=0) * 0.03
        acc += self.noise_mg * np.repeat(slow, 50, axis=0)[:samples]  # what wanders, as 1/f does
        acc = acc @ (np.eye(3) + rng.uniform(-0.02, 0.02, (3, 3))) + rng.uniform(-35, 35, 3)
        kept = np.ones(samples, bool)
        for at in rng.integers(1000, samples - 1000, 3):
            kept[at : at + rng.integers(1, 4)] = False
        counts = np.round(acc[kept] / self.mg_per_lsb)
        return np.clip(counts, -32768, 32767).astype(np.int16)
