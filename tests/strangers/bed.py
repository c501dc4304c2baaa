"""What surrounds a limb at night: posture, sensor, mattress, and all that shakes it.

Touches numpy, limbs and resting. A Bed gathers turns, movements and disturbances on a time axis
and renders them to counts with the truth beside them. Speaks s, mg, Hz.
"""

from dataclasses import dataclass, field, replace

import limbs
import numpy as np
import resting
from limbs import Movement, unit

FULL_SCALE_MG = 4000.0
LONGEST_JERK_S, SHORTEST_LM_S = 0.65, 0.7  # as they show: between both, names are an opinion
TOLD = ("jerk", "lm", "posture", "rhythm")  # kinds whose truth is what the band feels


@dataclass(frozen=True)
class Foreign:
    """One foreign set: a body, a mattress, a sensor and how they vary from night to night."""

    name: str
    body: limbs.Body
    odr_hz: float
    mg_per_lsb: float
    noise_mg: tuple  # rms an axis
    pulse_mg: tuple  # peak
    pulse_hz: tuple  # of its ringing
    breath_mg: tuple
    mattress_hz: tuple
    mattress_zeta: tuple
    jerk_s: tuple  # length of a jerk's electromyogram
    lm_s: tuple  # mean and sd


@dataclass
class Night:
    """A recording and what happened in it."""

    acc: np.ndarray
    mg_per_lsb: float
    odr_hz: float
    truth: list
    others: list = field(default_factory=list)  # what is not the sleeper's, same fields

    @property
    def hours(self) -> float:
        """Length in hours."""
        return len(self.acc) / self.odr_hz / 3600


class Bed:
    """A night in the making; every method takes seconds from its start."""

    def __init__(self, foreign, seconds, seed, **changed):
        self.foreign = replace(foreign, **changed)
        self.rng = np.random.default_rng(seed)
        self.odr_hz = self.foreign.odr_hz
        self.samples = int(seconds * self.odr_hz)
        self.seconds = seconds
        draw = self.rng.uniform
        self.noise_mg = draw(*self.foreign.noise_mg)
        self.pulse_mg = draw(*self.foreign.pulse_mg)
        self.breath_mg = draw(*self.foreign.breath_mg)
        self.mattress_hz = draw(*self.foreign.mattress_hz)
        self.mattress_zeta = draw(*self.foreign.mattress_zeta)
        self.first_way = unit(self.rng.standard_normal(3))
        self.turns = []  # (onset_s, length_s, degrees, a vector that picks the axis)
        self._found = []  # of them, what `_ways` tells
        self.movements, self.others, self.truth = [], [], []
        self.added = np.zeros((self.samples, 3), np.float32)
        self.worn_until_s = seconds

    # --- the sleeper ------------------------------------------------------------------------
    def gravity_mg(self, at_s):
        """Return gravity (3,) in the sensor's frame after the last turn that began by at_s."""
        begun = [way for (onset_s, *_), way in self._ways() if onset_s <= at_s]
        return 1000 * (begun[-1] if begun else self.first_way)

    def rotations(self):
        """Return (onset_s, length_s, axis across gravity (3,), rad) in order of time."""
        return [rotation for rotation, _ in self._ways()]

    def _ways(self):
        """Return the rotations, each with the way of gravity after it; found once for each turn.

        Each movement of a night asks for its own.
        """
        if len(self._found) != len(self.turns):
            self._found, way = [], self.first_way
            for onset_s, length_s, degrees, picks in sorted(self.turns, key=lambda turn: turn[0]):
                axis, angle = unit(np.cross(way, picks)), np.radians(degrees)
                way = limbs.turned(limbs.quaternion(axis, angle), way)
                self._found.append(((onset_s, length_s, axis, angle), way))
        return self._found

    def rotate(self, onset_s, length_s, degrees):
        """Turn the limb by so many degrees about an axis across gravity."""
        self.turns.append((onset_s, length_s, degrees, self.rng.standard_normal(3)))

    def turn(self, onset_s, length_s, degrees, peak_mg):
        """A turn in bed: gravity wanders while muscles pull at random."""
        self.rotate(onset_s, length_s, degrees)
        self.move(Movement("posture", onset_s, length_s, peak_mg))

    def move(self, *movements):
        """Add movements of the sleeper."""
        self.movements += movements

    def awake(self, onset_s, length_s):
        """A spell of will: reaching, turning, scratching, with pauses below 8 s."""
        rng, at, end = self.rng, onset_s, onset_s + length_s
        while at < end - 2:
            lasts = min(float(rng.uniform(0.7, 9)), end - at)
            peak = float(np.exp(rng.normal(np.log(350), 0.8)))
            if rng.random() < 0.55:
                self.rotate(at, lasts, rng.uniform(15, 100))
            scratch = rng.uniform(3, 6) if rng.random() < 0.08 else 0.0
            self.move(Movement("wake", at, lasts, min(max(peak, 60), 2500), rhythm_hz=scratch))
            at += lasts + min(float(rng.exponential(2.5)), 8.0)
        self.tell("awake", onset_s, length_s, 0.0)

    def tell(self, kind, onset_s, duration_s, peak_mg, rhythm_hz=0.0, others=False):
        """Write down what happened."""
        (self.others if others else self.truth).append(
            dict(
                kind=kind,
                onset_s=float(onset_s),
                duration_s=float(duration_s),
                peak_mg=float(peak_mg),
                rhythm_hz=float(rhythm_hz),
            )
        )

    # --- what is not the sleeper -------------------------------------------------------------
    def upwards(self, at_s, spread=0.25):
        """Return a direction near the vertical in the sensor's frame."""
        return unit(unit(self.gravity_mg(at_s)) + spread * self.rng.standard_normal(3))

    def shake(self, onset_s, wave, way):
        """Add a wave (n,) mg along a direction, from onset_s on."""
        first = int(onset_s * self.odr_hz)
        wave = wave[: max(self.samples - first, 0)]
        self.added[first : first + len(wave)] += (wave[:, None] * way).astype(np.float32)

    def tone(self, onset_s, length_s, hz, peak_mg, kind="pump"):
        """A motor somewhere in the room: one tone that wanders by a percent."""
        n = min(int(length_s * self.odr_hz), self.samples - int(onset_s * self.odr_hz))
        slow = self.wander(n)
        phase = 2 * np.pi * np.cumsum(hz * (1 + 0.01 * slow)) / self.odr_hz
        edge = np.clip(np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.5 * self.odr_hz), 0, 1)
        self.shake(onset_s, peak_mg * edge * (1 + 0.05 * slow) * np.sin(phase), self.upwards(0))
        self.tell(kind, onset_s, length_s, peak_mg, hz, others=True)

    def wander(self, samples):
        """Return (samples,) in -1..1 that changes within some 10 s."""
        knots = int(samples / self.odr_hz / 6) + 3
        steps = np.clip(np.cumsum(0.1 * self.rng.standard_normal(knots)), -1, 1)
        return np.interp(np.arange(samples) / self.odr_hz / 6, np.arange(knots), steps)

    def kick(self, onset_s, hz, length_s, peak_mg):
        """A kick as smooth as can be: one swell of a sine, as a heavy leg's slow muscle gives."""
        t = np.arange(int(length_s * self.odr_hz)) / self.odr_hz
        carrier = np.cos(2 * np.pi * hz * (t - length_s / 2) + self.rng.uniform(-0.5, 0.5))
        wave = np.sin(np.pi * t / length_s) ** 2 * carrier
        self.shake(onset_s, peak_mg * wave / np.abs(wave).max(), self.upwards(onset_s, 1.0))
        self.tell("jerk", onset_s, length_s, peak_mg)

    def lorry(self, onset_s, length_s, peak_mg):
        """A rumble of 8 to 20 Hz that comes and goes."""
        t = np.arange(int(length_s * self.odr_hz)) / self.odr_hz
        wave = sum(
            np.sin(2 * np.pi * (hz * t + self.rng.random())) for hz in self.rng.uniform(8, 20, 6)
        )
        wave *= np.sin(np.pi * t / length_s) ** 2
        self.shake(onset_s, peak_mg * wave / np.abs(wave).max(), self.upwards(onset_s))
        self.tell("lorry", onset_s, length_s, peak_mg, others=True)

    def phone(self, onset_s, hz=40.0, peak_mg=20.0, length_s=0.5):
        """A phone that buzzes on the mattress."""
        t = np.arange(int(length_s * self.odr_hz)) / self.odr_hz
        edge = np.clip(np.minimum(t, length_s - t) / 0.03, 0, 1)
        wave = edge * np.sin(2 * np.pi * hz * t + self.rng.uniform(0, 6))
        self.shake(onset_s, peak_mg * wave, self.upwards(onset_s, 0.5))
        self.tell("phone", onset_s, length_s, peak_mg, hz, others=True)

    def snore(self, onset_s, length_s, hz=6.0, peak_mg=10.0):
        """A snore with every breath: a swell of a second or more, then silence."""
        at, way = onset_s, self.upwards(onset_s, 0.4)
        while at < onset_s + length_s:
            lasts = self.rng.uniform(0.9, 1.6)
            t = np.arange(int(lasts * self.odr_hz)) / self.odr_hz
            wave = np.sin(np.pi * t / lasts) ** 2 * np.sin(2 * np.pi * hz * t)
            self.shake(at, peak_mg * self.rng.uniform(0.7, 1.0) * wave, way)
            at += self.rng.normal(4.2, 0.3)
        self.tell("snore", onset_s, length_s, peak_mg, hz, others=True)

    def hiss(self, onset_s, rms_mg):
        """White noise on every axis from a moment on (a fan in the frame, a worse sensor)."""
        rest = self.added[int(onset_s * self.odr_hz) :]
        rest += rms_mg * self.rng.standard_normal(rest.shape, np.float32)

    def partner(self, movements):
        """Somebody else's muscles, through a mattress that rings and pushes up and down."""
        for movement in movements:
            steps = int((movement.active_s + 2) * self.odr_hz)
            drive = limbs.electromyogram(movement, steps, 1 / self.odr_hz, self.rng)
            turn = 2j * np.pi * np.fft.rfftfreq(2 * steps, 1 / self.odr_hz)
            own = 2 * np.pi * self.mattress_hz
            rings = turn**2 / (turn**2 + 2 * self.mattress_zeta * own * turn + own**2)
            soft = rings / (1 + 0.04 * turn) ** 2  # a muscle, and the foam above the springs
            wave = np.fft.irfft(np.fft.rfft(drive, 2 * steps) * soft)[:steps]
            wave *= movement.peak_mg / np.abs(wave).max()
            self.shake(movement.onset_s, wave, self.upwards(movement.onset_s))
            self.tell(
                "partner", movement.onset_s, movement.active_s, movement.peak_mg, others=True
            )

    # --- rendering ----------------------------------------------------------------------------
    def night(self) -> Night:
        """Render everything: counts, and the truth in order of onset."""
        return rendered([self])[0]

    def begun(self):
        """Return a limb at rest, mg (samples, 3), and the limbs.Groups of what it does."""
        acc = resting.gravity(self)
        alive = int(self.worn_until_s * self.odr_hz)
        resting.breathe(self, acc, alive)
        resting.beat(self, acc, alive)
        return acc, limbs.drawn_by_length(
            self.movements, self.gravity_mg, self.foreign.body, self.odr_hz, self.rng
        )

    def ended(self, acc, pieces) -> Night:
        """Return the Night of what has `begun`, with the pieces that its movements are."""
        for movement, first, felt in pieces:
            felt = felt[: max(self.samples - first, 0)]
            if not len(felt) or not self._undisputed(movement, felt):
                continue
            acc[first : first + len(felt)] += felt.astype(np.float32)
            if movement.kind in TOLD:
                onset_s, duration_s, peak_mg = limbs.seen(felt, first, self.odr_hz)
                if movement.kind == "posture":
                    onset_s, duration_s = movement.onset_s, movement.active_s
                self.tell(movement.kind, onset_s, duration_s, peak_mg, movement.rhythm_hz)
        acc += self.added
        acc += self.noise_mg * self.rng.standard_normal(acc.shape, np.float32)
        acc += self.rng.uniform(-15, 15, 3).astype(np.float32)  # a chip's offset
        limit = min(FULL_SCALE_MG / self.foreign.mg_per_lsb, 32767)
        counts = np.clip(np.round(acc / self.foreign.mg_per_lsb), -limit, limit)
        self.truth.sort(key=lambda event: event["onset_s"])
        return Night(
            counts.astype(np.int16), self.foreign.mg_per_lsb, self.odr_hz, self.truth, self.others
        )

    def _undisputed(self, movement, felt):
        """Whether muscle and mechanics give one name; else a movement is left undone."""
        shown_s = limbs.seen(felt, 0, self.odr_hz)[1]
        if movement.kind == "jerk":
            return shown_s <= LONGEST_JERK_S
        return movement.kind != "lm" or shown_s >= SHORTEST_LM_S


def rendered(rooms):
    """Return the Night of each Bed; the movements of all of them are stepped together."""
    begun = [room.begun() for room in rooms]
    pieces = limbs.pieces_of([groups for _, groups in begun])
    return [
        room.ended(acc, moved) for room, (acc, _), moved in zip(rooms, begun, pieces, strict=True)
    ]
