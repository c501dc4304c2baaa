"""A bed with somebody in it, to be filled with what happens: for the generators of this folder.

Turns come first, for they say where gravity is; then what the limb does; then what the bed, the
breath and the heart add. Nothing here knows a detector.
"""

import numpy as np
import twitches
from scipy import signal
from worn import (
    Chip,
    Happening,
    WornNight,
    across,
    direction,
    peak_of,
    quaternion,
    sensed,
    smooth,
    through_bed,
)

RESTS_ELSEWHERE_MG = 260.0  # 15 degrees of gravity
AtWork = tuple[float, str, str, float, list[twitches.Work]]  # at s, kind, what, length s


class Stage:
    """A night of `seconds`, in the limb's frame, and the truth of it so far."""

    def __init__(self, seconds: float, chip: Chip, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.chip = chip
        self.true_hz = chip.odr_hz * (1 + chip.rate_error)
        self.seconds = seconds
        self.n = int(seconds * self.true_hz)
        self.gravity = np.tile(direction(self.rng) * 1000, (self.n, 1))
        self.path = np.zeros((self.n, 3))
        self.truth: list[Happening] = []
        self.taken: list[tuple[float, float]] = []
        self._works: list[AtWork] = []

    def free(self, begin_s: float, end_s: float, margin_s: float = 2.0) -> bool:
        """Return whether nothing of the wearer's own happens there."""
        inside = 1.0 <= begin_s and end_s <= self.seconds - 4
        return inside and all(
            end_s + margin_s <= b or e + margin_s <= begin_s for b, e in self.taken
        )

    def times(self, per_hour: float, length_s: float, margin_s: float = 2.0) -> list[float]:
        """Return random moments, free for `length_s`, of a Poisson process."""
        found = []
        for at_s in np.sort(self.rng.uniform(5, self.seconds - 5, self.rng.poisson(
            per_hour * self.seconds / 3600
        ))):  # fmt: skip
            if self.free(at_s, at_s + length_s, margin_s):
                found.append(float(at_s))
                self.taken.append((at_s, at_s + length_s))
        return found

    def add(self, first_s: float, path_mg: np.ndarray) -> None:
        """Add samples that begin at `first_s`; what is beyond the night is left out."""
        begin = int(round(first_s * self.true_hz))
        skip = max(0, -begin)
        part = path_mg[skip : max(skip, self.n - begin)]
        self.path[begin + skip : begin + skip + len(part)] += part

    def tell(self, kind: str, what: str, at_s: float, length_s: float, peak_mg: float) -> None:
        """Note what happened."""
        self.truth.append(Happening(kind, what, at_s, length_s, peak_mg))
        if kind != "bed":
            self.taken.append((at_s, at_s + length_s))

    def work(self, at_s: float, what: str, works: list[twitches.Work], kind: str = "") -> None:
        """Let muscles work at `at_s`, at one joint or several; `kind` follows their length."""
        length_s = max(w.length_s for w in works)
        by_length = "jerk" if length_s < 0.4 else "border" if length_s < 0.6 else "lm"
        self._works.append((at_s, kind or by_length, what, length_s, works))
        self.taken.append((at_s, at_s + length_s))

    def done(self) -> WornNight:
        """Return the night with all that was put into it."""
        return done_together([self])[0]

    def sensed(self) -> WornNight:
        """Return the night once its muscles have moved."""
        self.truth.sort(key=lambda h: h.onset_s)
        counts = sensed(self.gravity + self.path, self.chip, self.rng)
        return WornNight(
            counts, self.chip.step_mg, self.chip.odr_hz, self.true_hz, list(self.truth)
        )

    def batches(self) -> list[tuple[list[AtWork], twitches.Drawn]]:
        """Return the works put into the night with their chances drawn, some at a time."""
        found = []
        order = sorted(range(len(self._works)), key=lambda k: self._works[k][3])
        for first in range(0, len(order), 60):  # of alike length, for speed
            batch = [self._works[k] for k in order[first : first + 60]]
            flat = [(at_s, w) for at_s, _, _, _, works in batch for w in works]
            where = [min(self.n - 1, int(at_s * self.true_hz)) for at_s, _ in flat]
            works = [w for _, w in flat]
            found.append((batch, twitches.drawn(works, self.gravity[where], self.rng)))
        return found

    def moves(self, batches: list[tuple[list[AtWork], list[np.ndarray]]]) -> None:
        """Add the paths of works to the night, and tell what they were."""
        for batch, paths in batches:
            at = 0
            for at_s, kind, what, length_s, works in batch:
                mine = paths[at : at + len(works)]
                at += len(works)
                total = np.zeros((max(len(p) for p in mine), 3))
                for path in mine:
                    total += np.pad(path, ((0, len(total) - len(path)), (0, 0)), mode="edge")
                begin, samples = twitches.sampled(total, at_s - twitches.LEAD_S, self.true_hz)
                # Foam and skin creep back over half a minute, which no movement shows.
                creep = np.exp(-np.arange(int(100 * self.true_hz)) / (20 * self.true_hz))
                rest = creep[:, None] * samples[-1] if len(samples) else samples
                self.add(begin / self.true_hz, np.concatenate([samples, rest]))
                strongest = peak_of(samples, self.true_hz) if len(samples) else 0.0
                if len(samples) and np.linalg.norm(samples[-1]) > RESTS_ELSEWHERE_MG:
                    kind = "turn"  # whatever made it
                self.truth.append(Happening(kind, what, at_s, length_s, strongest))

    # What turns the limb.

    def turn(self, at_s: float, stages: int = 0, what: str = "turn") -> float:
        """Turn over in some stages with rests between; return when it is over."""
        stages = stages or int(self.rng.integers(1, 5))
        begin_s, top, before = at_s, 0.0, self.gravity[int(at_s * self.true_hz)].copy()
        for k in range(stages):
            length_s = float(self.rng.uniform(0.5, 2.5))
            angle = np.radians(self.rng.uniform(12, 110 if stages < 3 else 60))
            top = max(top, self._stage(at_s, length_s, angle))
            at_s = end_s = at_s + length_s
            rest_s = float(self.rng.exponential(0.8)) if self.rng.random() < 0.7 else 3.0
            if k == stages - 1 or rest_s > 2:  # who lay still so long turns anew
                after = self.gravity[-1]
                turned = before @ after < np.cos(np.radians(25)) * 1e6
                self.tell("turn" if turned else "border", what, begin_s, end_s - begin_s, top)
                begin_s, top, before = at_s + rest_s, 0.0, after.copy()
            at_s += rest_s
        return end_s

    def _stage(self, at_s: float, length_s: float, angle_rad: float, rough: float = 1.0) -> float:
        first, last = int(at_s * self.true_hz), int((at_s + length_s) * self.true_hz)
        last = min(last, self.n)
        if last - first < 8:
            return 0.0
        share = smooth(np.arange(last - first) / (last - first))
        old = self.gravity[first].copy()
        turns = quaternion(across(old / 1000, self.rng), angle_rad * share)
        self.gravity[first:last] = np.einsum("nij,j->ni", turns, old)
        self.gravity[last:] = self.gravity[last - 1]
        # The limb's way through the air, and its rubbing on sheet and mattress while it goes.
        reach_m = angle_rad * self.rng.uniform(0.15, 0.4)
        pull = np.gradient(np.gradient(share)) * self.true_hz**2 * reach_m / 9.80665 * 1000
        speed = np.gradient(share)
        rub = self.rng.normal(0, 1, (last - first, 3)) * (speed / speed.max())[:, None]
        b, a = signal.butter(2, [2, min(14, 0.4 * self.true_hz)], "band", fs=self.true_hz)
        rub = signal.lfilter(b, a, rub, axis=0)
        rub *= rough * self.rng.uniform(20, 120) / max(np.abs(rub).max(), 1e-9)
        air = pull[:, None] * direction(self.rng) + rub
        self.add(at_s, air)
        return peak_of(air + self.gravity[first:last], self.true_hz)

    def slips(self, turns: int) -> None:
        """Let the strap creep about the limb by 10 to 40 degrees, over minutes each time."""
        for _ in range(turns):
            at_s, length_s = self.rng.uniform(0, self.seconds - 400), self.rng.uniform(90, 300)
            first, last = int(at_s * self.true_hz), int((at_s + length_s) * self.true_hz)
            share = smooth(np.arange(last - first) / (last - first))
            angle = np.radians(self.rng.uniform(10, 40))
            axis = direction(self.rng)
            self.gravity[first:last] = np.einsum(
                "nij,nj->ni", quaternion(axis, angle * share), self.gravity[first:last]
            )
            self.gravity[last:] @= quaternion(axis, angle)[0].T

    # What the body and the room add.

    def breathes(self, size_mg: float, per_min: float = 14.0) -> None:
        """Breathe: the trunk tilts the limb a little, in faster than out, never twice alike."""
        beats = np.cumsum(
            60 / per_min * self.rng.normal(1, 0.08, int(self.seconds / 60 * per_min * 2))
        )
        phase = np.interp(np.arange(self.n) / self.true_hz, beats, np.arange(len(beats))) % 1
        wave = np.where(
            phase < 0.4, np.sin(np.pi * phase / 0.8), np.cos(np.pi * (phase - 0.4) / 1.2)
        )
        wave = signal.lfilter(*signal.butter(1, 1.5, fs=self.true_hz), np.maximum(wave, 0))
        self.path += size_mg * wave[:, None] * direction(self.rng)

    def beats(self, size_mg: float, per_min: float = 58.0) -> None:
        """Let the heart shake the bed at each beat, as a mass on a spring of some Hz."""
        gaps = 60 / per_min * self.rng.normal(1, 0.04, int(self.seconds / 60 * per_min * 1.3))
        at = (np.cumsum(gaps) * self.true_hz).astype(int)
        push = np.zeros(self.n)
        push[at[at < self.n - 8]] = 1
        push[at[at < self.n - 8] + 7] = -0.7
        shake = through_bed(push, self.true_hz, self.rng.uniform(5, 8), 0.25, size_mg)
        self.path += shake[:, None] * direction(self.rng)

    def hums(self, size_mg: float, hz: float, begin_s: float = 0.0, length_s: float = 1e9) -> None:
        """Add a fan, a pump, a fridge: an almost steady tone, seen as far as the chip lets it."""
        first, last = (
            int(begin_s * self.true_hz),
            min(self.n, int((begin_s + length_s) * self.true_hz)),
        )
        drift = np.cumsum(self.rng.normal(0, 0.002, last - first))
        tone = np.sin(2 * np.pi * hz * np.arange(last - first) / self.true_hz + drift)
        cut = 1 / np.sqrt(1 + (hz / (0.45 * self.true_hz)) ** 4)
        self.path[first:last] += size_mg * cut * tone[:, None] * direction(self.rng)

    def snores(
        self, size_mg: float, begin_s: float, length_s: float, per_min: float = 14.0
    ) -> None:
        """Snore: the rough tone of a palate, only while breathing in."""
        first, last = int(begin_s * self.true_hz), int((begin_s + length_s) * self.true_hz)
        at_s = np.arange(max(0, min(self.n, last) - first)) / self.true_hz
        gate = np.maximum(0, np.sin(2 * np.pi * at_s * per_min / 60)) ** 0.5
        rough = signal.lfilter(
            *signal.butter(1, 0.3), self.rng.normal(0, 1, (len(at_s), 3)), axis=0
        )
        rough *= size_mg / (3 * rough.std())
        self.path[first : first + len(at_s)] += rough * gate[:, None]
        self.tell("bed", "snore", begin_s, length_s, size_mg)

    def shoves(
        self, at_s: float, what: str, size_mg: float, pushes: list[tuple[float, float]]
    ) -> None:
        """Shake the bed by pushes (after s, strength): a partner, a cat, a door."""
        length_s = max(after for after, _ in pushes)
        n = int((length_s + 3) * self.true_hz)
        push = np.zeros((n, 3))
        for after_s, strength in pushes:
            push[int(after_s * self.true_hz)] += strength * (direction(self.rng) + [0, 0, 1])
        push = signal.lfilter(
            *signal.butter(1, min(6, 0.3 * self.true_hz), fs=self.true_hz), push, axis=0
        )
        bed = through_bed(
            push, self.true_hz, self.rng.uniform(2.5, 8), self.rng.uniform(0.08, 0.3), size_mg
        )
        self.add(at_s, bed @ quaternion(direction(self.rng), 1.0)[0].T)
        self.tell("bed", what, at_s, length_s, size_mg)

    def rumbles(self, at_s: float, length_s: float, size_mg: float) -> None:
        """Let a lorry pass: noise of 8 to 20 Hz that swells and fades."""
        n = int(length_s * self.true_hz)
        band = signal.butter(2, [8, min(20, 0.45 * self.true_hz)], "band", fs=self.true_hz)
        noise = signal.lfilter(*band, self.rng.normal(0, 1, (n, 3)), axis=0)
        noise *= (np.hanning(n) * size_mg / np.abs(noise).max())[:, None]
        self.add(at_s, noise)
        self.tell("bed", "lorry", at_s, length_s, size_mg)


def done_together(stages: list[Stage]) -> list[WornNight]:
    """Return the night of each, as `done`; what muscles do in all of them is stepped together."""
    drawn = [stage.batches() for stage in stages]
    paths = iter(twitches.moved([group for batches in drawn for _, group in batches]))
    for stage, batches in zip(stages, drawn, strict=True):
        stage.moves([(batch, next(paths)) for batch, _ in batches])
    return [stage.sensed() for stage in stages]
