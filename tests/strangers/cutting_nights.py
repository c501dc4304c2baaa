"""Nights put together from pieces of real recordings: a stranger with real noise and real forms.

A jerk is a real quick stroke, a limb movement a real movement, a turn a real turn, a minute awake
a real minute; each is scaled in time and strength and laid into hours of real rest. `hours` sets
how long a night is; what happens keeps its rates an hour. Deterministic by seed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cuttings
import numpy as np
from cuttings import RATE_HZ, Piece
from notturno.recordings import ASLEEP, ASLEEP_FROM_S
from scipy import signal
from sleeper_stage import Stage
from twitch_nights import size
from worn import Chip, WornNight, peak_of, through_bed


class Collage(Stage):
    """A night made of pieces."""

    def pick(self, pieces: list) -> Any:
        """Return one of them."""
        return pieces[int(self.rng.integers(len(pieces)))]

    def anyhow(self) -> np.ndarray:
        """Return a random rotation, (3, 3)."""
        q, r = np.linalg.qr(self.rng.normal(size=(3, 3)))
        return q * np.sign(np.diag(r))

    def lay(
        self, piece: Piece, at_s: float, factor: float, peak_mg: float, kind: str, what: str
    ) -> None:
        """Lay a piece's stroke, its time stretched by `factor`, scaled to `peak_mg`."""
        stroke = cuttings.resampled(piece.stroke_mg, factor * self.true_hz / RATE_HZ)
        stroke = stroke @ self.anyhow()
        stroke *= peak_mg / peak_of(stroke, self.true_hz)
        margin_s = 0.03 if len(piece.mg) < 62 else 0.15
        self.add(at_s - margin_s * factor, stroke)
        length_s = (len(piece.mg) / RATE_HZ - 2 * margin_s) * factor
        self.tell(kind, what, at_s, length_s, peak_mg)

    def jerk(self, at_s: float, peak_mg: float, low_s: float = 0.1, high_s: float = 0.4) -> None:
        """Lay a quick stroke that is `low_s` to `high_s` long from calm to calm."""
        piece = self.pick(cuttings.strokes())
        length_s = float(self.rng.uniform(low_s, high_s))
        self.lay(piece, at_s, length_s / (len(piece.mg) / RATE_HZ), peak_mg, "jerk", "stroke")

    def whole(self, piece: Piece, at_s: float, kind: str, what: str) -> float:
        """Lay a piece as it is, gravity and all; gravity afterwards is where it ends."""
        own = cuttings.resampled(piece.mg, self.true_hz / RATE_HZ)
        first = int(at_s * self.true_hz)
        last = min(self.n, first + len(own))
        own = own[: last - first]
        begin, end = own[:8].mean(axis=0), own[-8:].mean(axis=0)
        sizes = np.linspace(np.linalg.norm(begin), np.linalg.norm(end), len(own))
        onto = _onto(begin, self.gravity[first]).T
        self.gravity[first:last] = own @ onto * (1000 / sizes)[:, None]
        self.gravity[last:] = end @ onto * (1000 / sizes[-1])
        top_mg = peak_of(self.gravity[first:last], self.true_hz)
        self.tell(kind, what, at_s, len(own) / self.true_hz, top_mg)
        return at_s + len(own) / self.true_hz

    def finished(self, noise_mg: float = 0.8) -> WornNight:
        """Return the night, its noise one chip's real rests one after another."""
        step, n = int(1.5 * self.true_hz), int(2 * self.true_hz)
        windows = [cuttings.resampled(rest, n / 200) for rest in self.pick(cuttings.rests())]
        rise = np.sin(np.linspace(0, np.pi / 2, n - step))
        fade = np.concatenate([rise, np.ones(2 * step - n), rise[::-1]])
        noise = np.zeros((self.n + n, 3))
        for first in range(0, self.n, step):
            own = windows[int(self.rng.integers(len(windows)))]
            noise[first : first + len(own)] += (own @ self.anyhow()) * fade[: len(own), None]
        self.path += noise_mg * noise[: self.n]
        return self.done()


def _onto(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the shortest rotation that brings direction `a` onto `b`, (3, 3)."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    v, c = np.cross(a, b), float(a @ b)
    if c < -0.999:
        return -np.eye(3) + 2 * np.outer(w := _side(a), w)
    cross = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.eye(3) + cross + cross @ cross / (1 + c)


def _side(a: np.ndarray) -> np.ndarray:
    side = np.cross(a, [1.0, 0, 0] if abs(a[0]) < 0.8 else [0, 1.0, 0])
    return side / np.linalg.norm(side)


def stage(
    hours: float, seed: int, turns: float = 2.0, waking: float = 0.0, **chip: float
) -> Collage:
    """Return a night with real turns an hour and minutes awake, in the order of time."""
    night = Collage(hours * 3600, Chip(**({"noise_mg": 0.4} | chip)), seed)  # ty: ignore
    plan = [(at, 0.0) for at in night.times(turns, 22, 15)]
    if waking:
        at_s = float(night.rng.uniform(0.2, 0.6)) * night.seconds
        while not night.free(at_s, at_s + waking * 60, 10):
            at_s = float(night.rng.uniform(5, night.seconds - waking * 60 - 10))
        plan.append((at_s, waking * 60))
        night.taken.append((at_s, at_s + waking * 60))
    for at_s, seconds in sorted(plan):
        if seconds:
            night.whole(Piece(cuttings.waking(night.rng, seconds), "e4"), at_s, "awake", "busy")
        else:
            night.whole(night.pick(cuttings.turns()), at_s, "turn", "turn")
    return night


def jerks(
    night: Collage,
    per_hour: float,
    low_mg: float,
    high_mg: float,
    low_s: float = 0.1,
    high_s: float = 0.4,
) -> None:
    """Lay quick strokes at random moments."""
    for at_s in night.times(per_hour, 1.0, 2.5):
        night.jerk(at_s, size(night, low_mg, high_mg), low_s, high_s)


def movements(night: Collage, per_hour: float, low_mg: float, high_mg: float) -> None:
    """Lay real movements at random moments."""
    for at_s in night.times(per_hour, 7, 3):
        piece = night.pick(cuttings.movements())
        night.lay(
            piece, at_s, night.rng.uniform(0.9, 1.2), size(night, low_mg, high_mg), "lm", "move"
        )


def strokes(hours: float, seed: int) -> WornNight:
    """Have strokes of all sizes."""
    night = stage(hours, seed)
    jerks(night, 50, 20, 600)
    return night.finished()


def weak_strokes(hours: float, seed: int) -> WornNight:
    """Have weak strokes at 52 Hz, in the noise of an older chip."""
    night = stage(hours, seed, odr_hz=52.0)
    jerks(night, 60, 10, 70)
    return night.finished(1.5)


def sharp_strokes(hours: float, seed: int) -> WornNight:
    """Have strokes of 80 to 150 ms from calm to calm."""
    night = stage(hours, seed)
    jerks(night, 50, 20, 500, 0.08, 0.15)
    return night.finished()


def lazy_strokes(hours: float, seed: int) -> WornNight:
    """Have strokes of 350 to 480 ms from calm to calm."""
    night = stage(hours, seed)
    jerks(night, 50, 25, 500, 0.35, 0.48)
    return night.finished()


def moves(hours: float, seed: int) -> WornNight:
    """Have single movements of 0.6 to 6 s."""
    night = stage(hours, seed)
    movements(night, 40, 30, 600)
    return night.finished()


def repeated_moves(hours: float, seed: int) -> WornNight:
    """Have one movement again and again, never twice alike, some 24 s apart."""
    night = stage(hours, seed, rate_error=0.02)
    begin_s = 60.0
    while begin_s < night.seconds - 200:
        piece = night.pick([p for p in cuttings.movements() if 90 < len(p.mg) < 400])
        level_mg, at_s = size(night, 40, 500), begin_s
        for _ in range(int(night.rng.integers(5, 12))):
            factor = night.rng.uniform(0.85, 1.25)
            if night.free(at_s, at_s + 6):
                night.lay(
                    piece, at_s, factor, level_mg * night.rng.lognormal(0, 0.25), "lm", "plm"
                )
            at_s += float(np.clip(night.rng.lognormal(np.log(24), 0.3), 11, 85))
        begin_s = at_s + float(night.rng.exponential(300))
    return night.finished()


def beats(hours: float, seed: int) -> WornNight:
    """Have one stroke repeated at 1 to 2 Hz or at 5 to 7, and single ones."""
    night = stage(hours, seed)
    for at_s in night.times(14, 22, 8):
        piece, peak_mg = night.pick(cuttings.strokes()), size(night, 30, 300)
        fast = night.rng.random() < 0.35
        rate_hz = night.rng.uniform(5, 7) if fast else night.rng.uniform(0.9, 2.0)
        length_s = night.rng.uniform(3, 8) if fast else night.rng.uniform(8, 20)
        stroke_s = 0.8 / rate_hz if fast else night.rng.uniform(0.25, 0.45)
        factor, beat_s, told = stroke_s / (len(piece.mg) / RATE_HZ), 0.0, len(night.truth)
        way = night.anyhow()
        night.anyhow = lambda way=way: way  # one limb beats one way
        while beat_s < length_s:
            each_mg = peak_mg * night.rng.uniform(0.7, 1.2)
            night.lay(piece, at_s + beat_s, factor, each_mg, "beat", "beat")
            beat_s += night.rng.normal(1, 0.07) / rate_hz
        del night.anyhow
        del night.truth[told:]
        night.tell("rhythm", "clonus" if fast else "foot tremor", at_s, length_s, peak_mg)
    jerks(night, 20, 40, 400)
    return night.finished()


def turning(hours: float, seed: int) -> WornNight:
    """Turn often, and jerk now and then."""
    night = stage(hours, seed, turns=16)
    jerks(night, 20, 40, 500)
    return night.finished()


def waking(hours: float, seed: int) -> WornNight:
    """Be awake and busy for a tenth of the night or more."""
    night = stage(hours, seed, waking=min(14.0, hours * 20))
    jerks(night, 25, 40, 500)
    return night.finished()


def beside(hours: float, seed: int) -> WornNight:
    """Lie beside somebody whose real movements come through the mattress."""
    night = stage(hours, seed)
    jerks(night, 20, 40, 500)
    for at_s in night.rng.uniform(20, night.seconds - 30, night.rng.poisson(30 * hours)):
        if not night.free(at_s, at_s + 6, 3):
            continue
        piece = night.pick(cuttings.movements())
        force = cuttings.resampled(piece.stroke_mg, night.true_hz / RATE_HZ)
        peak_mg = size(night, 2, 20)
        bed = through_bed(
            np.pad(force, ((0, 300), (0, 0))),
            night.true_hz,
            night.rng.uniform(2.5, 7),
            night.rng.uniform(0.1, 0.3),
            peak_mg,
        )
        night.add(at_s, bed)
        night.tell("bed", "partner", at_s, len(piece.mg) / RATE_HZ, peak_mg)
    return night.finished()


def coarse(hours: float, seed: int) -> WornNight:
    """Have strokes and movements on a chip of 3.9 mg a step at 50 Hz."""
    night = stage(hours, seed, odr_hz=50.0, step_mg=3.906, noise_mg=1.0)
    jerks(night, 25, 40, 500)
    movements(night, 15, 50, 500)
    return night.finished(1.5)


def sleeping_wrist(hours: float, seed: int) -> WornNight:
    """Lay strokes among what one real sleeping wrist did; what that was nobody knows.

    Its own movements are told as `unknown`.
    """
    with np.load(ASLEEP) as held:
        from_ = int((ASLEEP_FROM_S + 300) * 30)
        mg = held["acc"][from_ : from_ + int(min(hours, 1.4) * 3600 * 30)] * 0.244
    night = Collage(len(mg) / 30, Chip(noise_mg=0.75), seed)
    lively = cuttings.liveliness(at := cuttings.resampled(mg, RATE_HZ / 30))
    for first, last in cuttings.spans(lively, 8, 3.0):
        night.tell("unknown", "own", first / RATE_HZ - 0.5, (last - first) / RATE_HZ + 1, 0)
    night.gravity = cuttings.resampled(at, night.true_hz / RATE_HZ)[: night.n]
    night.n = len(night.gravity)
    night.path = night.path[: night.n]
    jerks(night, 50, 20, 500)
    return night.done()


def still(hours: float, seed: int) -> WornNight:
    """Do nothing."""
    return stage(hours, seed, turns=0.0).finished(1.0)


def mixed(hours: float, seed: int) -> WornNight:
    """Have some of all, as a night has."""
    night = stage(hours, seed, turns=4, waking=min(5.0, hours * 8), rate_error=-0.015)
    jerks(night, 25, 20, 500)
    movements(night, 25, 40, 500)
    b, a = signal.butter(1, 0.5, fs=night.true_hz)
    breath = signal.lfilter(b, a, np.sin(np.arange(night.n) * 2 * np.pi * 0.24 / night.true_hz))
    night.path += 3 * breath[:, None] * np.array([0.6, 0.64, 0.48])
    return night.finished(1.0)


NIGHTS: dict[str, Callable[[float, int], WornNight]] = {
    night.__name__: night
    for night in (
        strokes, weak_strokes, sharp_strokes, lazy_strokes, moves, repeated_moves, beats,
        turning, waking, beside, coarse, sleeping_wrist, still, mixed,
    )
}  # fmt: skip


def each_night(seeds: Iterable[int], hours: float) -> Iterator[tuple[str, WornNight]]:
    """Yield every profile's night of each seed, with its name."""
    for number, (name, night) in enumerate(NIGHTS.items()):
        for seed in seeds:
            yield name, night(hours, 1000 * seed + number)
