"""The fifth stranger's mechanics: muscles that twitch, limbs on hinges, and a sensor in a strap.

Touches numpy alone. A limb is a hinge with a spring and a damper. Its muscle answers a drive as a
critically damped second order, the hinge turns, and the sensor feels three things: the tangential
acceleration through the strap, the pull to the hinge, and gravity, turned by the true rotation.
What another bed, street or phone does comes as acceleration, without a hinge. Times are those of
the counts: sample / odr_hz.
"""

from dataclasses import dataclass

import numpy as np

FINE = 4  # the mechanics runs at so many times the sensor's rate
G = 9.81
VISIBLE = 0.1  # of its peak, from where on a movement can be seen
SEEN_MG = 2.0
LONGEST_JERK_S = 0.45


@dataclass(frozen=True)
class Model:
    """What sets of nights differ in; pairs are drawn from once a night or once a movement."""

    odr_hz: float
    mg_per_lsb: float
    noise_mg: tuple = (0.6, 1.2)
    drift_mg: float = 2.0
    twitch_s: tuple = (0.02, 0.04)  # the muscle's time to its peak
    limb_hz: tuple = (3.0, 8.0)
    limb_damping: tuple = (0.35, 0.9)
    whole_hz: tuple = (0.8, 2.5)  # of the whole limb, in a movement that is no jerk
    arm_m: tuple = (0.25, 0.4)  # from the hinge to the sensor
    strap_hz: tuple = (18.0, 35.0)
    strap_damping: tuple = (0.4, 0.8)
    mattress_hz: tuple = (4.0, 8.0)
    pulse_mg: tuple = (0.3, 1.5)
    breath_mg: tuple = (1.0, 4.0)
    bed_gain: float = 1.0  # how much of what others do comes through


def second_order(hz, at_hz, damping):
    """Return the answer of mass, spring and damper at the frequencies hz; 1 at rest."""
    ratio = hz / at_hz
    return 1 / (1 - ratio**2 + 2j * damping * ratio)


def turned(vector, axis, angle_rad):
    """Return vector turned about the unit axis, for each angle: (n, 3)."""
    angle = np.asarray(angle_rad)[:, None]
    along = axis * (axis @ vector)
    return along + (vector - along) * np.cos(angle) + np.cross(axis, vector) * np.sin(angle)


def burst(rng, length_s, rate_hz, ragged=0.3):
    """Return a drive of length_s: on at once, off at once, uneven between."""
    n = max(int(length_s * rate_hz), 2)
    knots = np.arange(0, n + 20, 20)
    return 1 + ragged * np.interp(np.arange(n), knots, rng.uniform(-1, 1, len(knots)))


def held(rng, length_s, rate_hz, hold, rise_s):
    """Return a drive with a stroke at first, a hold at a part of it, and a release."""
    n = int(length_s * rate_hz)
    t = np.arange(n) / rate_hz
    rise = np.clip(t / rise_s, 0, 1)
    fall_s = rng.uniform(0.03, 0.25)
    stroke = hold + (1 - hold) * np.exp(-np.maximum(t - rise_s, 0) / rng.uniform(0.1, 0.4))
    shiver = 1 + rng.uniform(0.02, 0.12) * np.cumsum(rng.normal(0, 1, n)) / np.sqrt(rate_hz)
    tremor = rng.uniform(0, 0.02) * np.sin(2 * np.pi * rng.uniform(6, 11) * t)
    return rise * stroke * shiver * np.clip((length_s - t) / fall_s, 0, 1) + tremor * rise


def beats(rng, length_s, rate_hz, beat_hz, duty, wobble):
    """Return a drive of even strokes, beat_hz a second, each as strong as the last or nearly."""
    n = int(length_s * rate_hz)
    t = np.arange(n) / rate_hz
    drive, at = np.zeros(n), 0.0
    while at < length_s - 0.5 / beat_hz:
        on = (t >= at) & (t < at + duty / beat_hz)
        drive[on] = 1 + wobble * rng.normal()
        at += (1 + 0.4 * wobble * rng.normal()) / beat_hz
    return drive


class Limb:
    """A night's limb and strap: the ranges of a model, drawn."""

    def __init__(self, model, rng):
        self.model, self.rng = model, rng
        self.arm_m = rng.uniform(*model.arm_m)
        self.strap_hz = rng.uniform(*model.strap_hz)
        self.strap_damping = rng.uniform(*model.strap_damping)
        along = rng.normal(0, 1, 3)
        self.along = along / np.linalg.norm(along)

    def across(self, spread=0.4):
        """Return the way in which the sensor is moved: much the same all night."""
        way = np.cross(self.along, [0.3, -0.5, 0.8]) + self.rng.normal(0, spread, 3)
        way -= self.along * (way @ self.along)
        return way / np.linalg.norm(way)

    def felt(self, drive, rate_hz, peak_mg, gravity_mg, limb_hz=None):
        """Return what the sensor feels more than gravity_mg while drive pulls: (n, 3) mg.

        As long as it takes to swing out. Its peak over its own slow part is peak_mg.
        """
        rng, model = self.rng, self.model
        limb_hz = limb_hz or np.exp(rng.uniform(*np.log(model.limb_hz)))
        damping = rng.uniform(*model.limb_damping)
        rest_s = 4 / (2 * np.pi * limb_hz * damping) + 0.5
        n = len(drive) + int(rest_s * rate_hz)
        hz = np.fft.rfftfreq(2 * n, 1 / rate_hz)
        twitch = (1 + 2j * np.pi * hz * rng.uniform(*model.twitch_s)) ** -2
        spectrum = np.fft.rfft(drive, 2 * n) * twitch * second_order(hz, limb_hz, damping)
        strap = second_order(hz, self.strap_hz, self.strap_damping)

        def back(part):
            return np.fft.irfft(spectrum * part, 2 * n)[:n]

        turn, speed = back(1), back(2j * np.pi * hz)
        pull = back(-((2 * np.pi * hz) ** 2) * strap) * self.arm_m / G * 1000
        way = self.across()
        axis = np.cross(self.along, way)
        scale = peak_mg / np.abs(pull).max()
        for _ in range(4):
            out = turned(gravity_mg, axis, scale * turn) - gravity_mg
            out += scale * pull[:, None] * way
            out -= ((scale * speed) ** 2 * self.arm_m / G * 1000)[:, None] * self.along
            scale *= peak_mg / quick(out, rate_hz).max()
        return out


def quick(acc, rate_hz):
    """Return the length of acc over its mean of a second about: (n,) mg."""
    width = int(rate_hz) | 1
    padded = np.pad(acc, ((width // 2 + 1, width // 2), (0, 0)), mode="edge")
    total = np.cumsum(padded, axis=0)
    return np.linalg.norm(acc - (total[width:] - total[:-width]) / width, axis=1)


def band_noise(rng, n, rate_hz, low_hz, high_hz):
    """Return noise of those frequencies, rms 1: (n,)."""
    hz = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum = np.fft.rfft(rng.normal(0, 1, n))
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    out = np.fft.irfft(spectrum, n)
    return out / max(out.std(), 1e-9)


class Night:
    """A night in the making. Whoever moves it says so in truth or, if not the limb, in others."""

    def __init__(self, model, hours, seed):
        self.model = model
        self.rng = rng = np.random.default_rng(seed)
        self.limb = Limb(model, rng)
        self.rate_hz = model.odr_hz * (1 + rng.uniform(-0.015, 0.015))  # its clock is off
        self.n = int(hours * 3600 * model.odr_hz)
        self.added = np.zeros((self.n, 3))
        self.truth, self.others = [], []
        self.off = []  # spans without a limb in the strap
        first = rng.normal(0, 1, 3)
        self.first_mg = 1000 * first / np.linalg.norm(first)

    @property
    def fine_hz(self):
        """The rate of the mechanics."""
        return self.rate_hz * FINE

    def plan_turns(self, turns):
        """Lay gravity's way for the night: turns are (at_s, length_s, degrees), in order."""
        rng, odr = self.rng, self.model.odr_hz
        way = self.first_mg
        self.gravity = np.tile(way, (self.n, 1))
        for at_s, length_s, degrees in turns:
            axis = rng.normal(0, 1, 3)
            axis -= way * (axis @ way) / (way @ way)  # so that it turns as far as was asked
            axis /= np.linalg.norm(axis)
            first = int(at_s * odr)
            t = np.arange(self.n - first) / odr / length_s
            s = np.clip(t, 0, 1)
            swing = s**3 * (10 - 15 * s + 6 * s * s)  # the least jerk
            sag = 0.04 * rng.normal() * (1 - np.exp(-np.maximum(t - 1, 0) * length_s / 40))
            self.gravity[first:] = turned(way, axis, np.radians(degrees) * swing + sag)
            way = self.gravity[-1].copy()

    def gravity_at(self, at_s):
        """Return gravity in mg at a second."""
        return self.gravity[min(int(at_s * self.model.odr_hz), self.n - 1)]

    def put(self, at_s, fine):
        """Add fine acceleration, as the sensor's filter and rate let it through."""
        n = len(fine) // FINE
        first = int(at_s * self.model.odr_hz)
        coarse = fine[: n * FINE].reshape(n, FINE, 3).mean(axis=1)[: self.n - first]
        self.added[first : first + len(coarse)] += coarse

    def tell(self, kind, at_s, length_s, peak_mg=0.0, rhythm_hz=0.0):
        """Write a row of the truth."""
        row = dict(kind=kind, onset_s=at_s, duration_s=length_s, peak_mg=peak_mg)
        self.truth.append(row | dict(rhythm_hz=rhythm_hz))

    def blame(self, kind, at_s, length_s):
        """Write a row of what was not the limb."""
        self.others.append(dict(kind=kind, onset_s=at_s, duration_s=length_s))

    def move(self, kind, at_s, drive, peak_mg, limb_hz=None, rhythm_hz=0.0):
        """Pull the limb; kind None tells nothing. Its row begins where it can be seen.

        A jerk's row ends where it is no longer seen, and one that swings longer than a jerk may
        is pulled by another limb; the others end where the muscle lets go.
        """
        for _ in range(30):
            fine = self.limb.felt(drive, self.fine_hz, peak_mg, self.gravity_at(at_s), limb_hz)
            swing = quick(fine, self.fine_hz)
            seen = np.flatnonzero(swing > max(VISIBLE * swing.max(), SEEN_MG))
            first, last = seen[0] / self.fine_hz, seen[-1] / self.fine_hz
            if kind != "jerk" or last - first <= LONGEST_JERK_S:
                break
            drive = drive[: max(int(len(drive) * 0.9), 4)]
        self.put(at_s, fine)
        if kind is None:
            return
        if kind != "jerk":
            last = max(len(drive) / self.fine_hz, first + 0.01)
        slow = self.rate_hz / self.model.odr_hz  # the counts' seconds are not quite true ones
        row = at_s + slow * first, slow * (last - first), float(swing.max()), rhythm_hz
        self.tell(kind, *map(float, row))

    def heave(self, at_s, length_s, peak_mg, low_hz=0.4, high_hz=4.0):
        """A body that lifts itself: uneven acceleration, more in the middle."""
        n = int(length_s * self.fine_hz)
        noise = [band_noise(self.rng, n, self.fine_hz, low_hz, high_hz) for _ in range(3)]
        out = np.stack(noise, 1) * np.sin(np.pi * np.arange(n) / n)[:, None] ** 0.5
        self.put(at_s, out * (peak_mg / np.linalg.norm(out, axis=1).max()))

    def shake(self, kind, at_s, wave, peak_mg, way=None):
        """Shake the bed with a wave (n,) at the fine rate, through nothing but the strap."""
        way = self.rng.normal(0, 1, 3) if way is None else way
        out = np.outer(wave / max(np.abs(wave).max(), 1e-9), way / np.linalg.norm(way))
        self.put(at_s, out * peak_mg * self.model.bed_gain)
        self.blame(kind, at_s, len(wave) / self.fine_hz)

    def through_mattress(self, drive, damping=0.25):
        """Return a drive as it comes through the mattress: (n,)."""
        n = len(drive) + int(1.0 * self.fine_hz)
        hz = np.fft.rfftfreq(2 * n, 1 / self.fine_hz)
        own_hz = self.rng.uniform(*self.model.mattress_hz)
        answer = second_order(hz, own_hz, damping) * (2j * np.pi * hz)
        answer = answer * (1 + 2j * np.pi * hz * 0.03) ** -2
        return np.fft.irfft(np.fft.rfft(drive, 2 * n) * answer, 2 * n)[:n]

    def counts(self):
        """Return int16 counts of the whole night: body, sensor and all that was added."""
        rng, model, n = self.rng, self.model, self.n
        t = np.arange(n) / self.rate_hz
        worn = np.ones(n)
        for begin_s, end_s in self.off:
            worn[int(begin_s * model.odr_hz) : int(end_s * model.odr_hz)] = 0
        ways = rng.normal(0, 1, (2, 3))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        out = self.gravity + self.added
        out += np.outer(worn * self._breath(t), ways[0])
        out += np.outer(worn * self._pulse(t), ways[1])
        warmth = np.interp(t, np.linspace(0, t[-1], 9), np.cumsum(rng.normal(0, 0.4, 9)))
        out += np.outer(warmth, rng.normal(0, 1, 3)) * model.drift_mg
        out = out * (1 + rng.normal(0, 0.01, 3)) + rng.uniform(-30, 30, 3)
        out += rng.normal(0, rng.uniform(*model.noise_mg), (n, 3))
        return np.clip(np.rint(out / model.mg_per_lsb), -32768, 32767).astype(np.int16)

    def _breath(self, t):
        rate = np.interp(t, np.linspace(0, t[-1], 60), self.rng.uniform(0.2, 0.3, 60))
        phase = 2 * np.pi * np.cumsum(rate) / self.rate_hz
        return self.rng.uniform(*self.model.breath_mg) * (np.sin(phase) + 0.2 * np.sin(2 * phase))

    def _pulse(self, t):
        rate = np.interp(t, np.linspace(0, t[-1], 40), self.rng.uniform(0.85, 1.15, 40))
        phase = np.cumsum(rate * self.rng.uniform(0.85, 1.2)) / self.rate_hz % 1
        kick = np.exp(-phase / 0.08) * np.sin(2 * np.pi * phase / 0.13)
        return self.rng.uniform(*self.model.pulse_mg) * kick / 0.55
