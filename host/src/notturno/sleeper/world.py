"""A night as a function of time: specific force at the sensor, mg, at any instants.

Touches nothing. Renders minutes at RENDER_HZ when they are asked for; the same seed gives the same
night however it is asked for. What the truth says is what the limb did.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np

from notturno.sleeper.body import RENDER_HZ, unit

if TYPE_CHECKING:
    from notturno.sleeper.models import Model

BLOCK_S = 60.0


class Night:
    """One night of one limb: `accel_mg`, `temperature_c`, `truth`, `others`, `hours`, `model`.

    truth: list of dicts kind, onset_s, duration_s, peak_mg, rhythm_hz (None unless a rhythm).
    others: rows of the same form for what shook the band and was not its limb (kind: what it was).
    model: the models.Model it was made of, None for the first one.
    """

    def __init__(self, seed: int, hours: float, quiet: dict, model: Model | None = None) -> None:
        self.seed = seed
        self.hours = hours
        self.model = model
        self.quiet = quiet  # dict: breath_mg, breath_hz, heart_mg, heart_hz
        self.truth = []
        self.others = []
        self.waves = []  # (onset_s, (n, 3) mg) added to what is there
        self.turns = [(0.0, 0.0, np.array([0.0, 0.0, 1.0]))]  # (start_s, seconds, gravity after)
        self.still = []  # (start_s, end_s) where no body is in the strap
        self.living = []  # functions (t array) -> (n, 3) mg, where a body is in the strap
        self.textures = []  # functions (t array, rng of the block) -> (n, 3) mg
        self._block = lru_cache(maxsize=8)(self._render)

    def add(
        self,
        kind: str | None,
        onset_s: float,
        wave: np.ndarray,
        duration_s: float | None = None,
        rhythm_hz: float | None = None,
    ) -> None:
        """Add a waveform, and its row of truth where `kind` is given."""
        self.waves.append((onset_s, np.asarray(wave, np.float32)))
        if kind:
            assert duration_s is not None  # of what has a row
            self.note(kind, onset_s, duration_s, np.linalg.norm(wave, axis=1).max(), rhythm_hz)

    def note(
        self,
        kind: str,
        onset_s: float,
        duration_s: float,
        peak_mg: float = 0.0,
        rhythm_hz: float | None = None,
    ) -> None:
        """Add a row of truth alone."""
        self.truth.append(_row(kind, onset_s, duration_s, peak_mg, rhythm_hz))

    def shake(self, kind: str, onset_s: float, wave: np.ndarray) -> None:
        """Add a waveform that is not of this limb, with its row of `others`."""
        self.add(None, onset_s, wave)
        self.note_other(kind, onset_s, len(wave) / RENDER_HZ, np.linalg.norm(wave, axis=1).max())

    def note_other(self, kind: str, onset_s: float, duration_s: float, peak_mg: float) -> None:
        """Add a row of `others` alone."""
        self.others.append(_row(kind, onset_s, duration_s, peak_mg))

    def turn(self, start_s: float, seconds: float, gravity: np.ndarray) -> None:
        """Let gravity move to a new direction, smoothly."""
        self.turns.append((start_s, seconds, np.asarray(gravity, float)))

    def finish(self) -> Self:
        """Sort what was planned; to be called once, before the night is asked for."""
        self.truth.sort(key=lambda row: row["onset_s"])
        self.others.sort(key=lambda row: row["onset_s"])
        self.turns.sort(key=lambda turn: turn[0])
        self.waves.sort(key=lambda wave: wave[0])
        return self

    def gravity_at(self, t_s: float) -> np.ndarray:
        """Unit vector of gravity at rest at one instant."""
        return self.laid_at(t_s)[2]

    def laid_at(self, t_s: float) -> tuple[float, float, np.ndarray]:
        """Return the last turn before an instant, in whatever order turns were planned."""
        done = [turn for turn in self.turns if turn[0] + turn[1] / 2 <= t_s]
        return max(done, key=lambda turn: turn[0], default=self.turns[0])

    def _gravity(self, t: np.ndarray) -> np.ndarray:
        g = np.tile(self.turns[0][2], (len(t), 1))
        for start, seconds, after in self.turns[1:]:
            if start > t[-1]:
                break
            s = np.clip((t - start) / max(seconds, 1e-3), 0, 1)[:, None]
            s = s**3 * (10 - 15 * s + 6 * s**2)
            g = g * (1 - s) + after * s
        return 1000 * g / np.linalg.norm(g, axis=1, keepdims=True)

    def _render(self, index: int) -> np.ndarray:
        start_s = index * BLOCK_S
        n = int(BLOCK_S * RENDER_HZ) + 2
        t = start_s + np.arange(n) / RENDER_HZ
        force = self._gravity(t)
        worn = np.ones(n)
        for begin, end in self.still:
            worn[(t >= begin) & (t < end)] = 0
        q = self.quiet
        breath = np.sin(2 * np.pi * q["breath_hz"] * t + 2 * np.sin(2 * np.pi * t / 97))
        heart_phase = (q["heart_hz"] * t + 0.6 * np.sin(2 * np.pi * t / 41)) % 1 / q["heart_hz"]
        heart = np.exp(-heart_phase / 0.09) * np.sin(2 * np.pi * 5.5 * heart_phase)
        body = q["breath_mg"] * breath[:, None] * q["breath_axis"]
        force += (body + q["heart_mg"] * heart[:, None] * q["heart_axis"]) * worn[:, None]
        for part in self.living:
            force += part(t) * worn[:, None]
        for onset, wave in self.waves:
            if onset >= t[-1]:
                break
            if onset + len(wave) / RENDER_HZ <= start_s:
                continue
            at = np.arange(len(wave)) / RENDER_HZ
            first, last = np.searchsorted(t, (onset, onset + at[-1]))
            near = slice(max(0, first - 1), last + 1)
            for axis in range(3):
                force[near, axis] += np.interp(
                    t[near] - onset, at, wave[:, axis], left=0, right=wave[-1, axis] * 0
                )
        rng = np.random.default_rng((self.seed, 7, index))
        for texture in self.textures:
            force += texture(t, rng)
        return force.astype(np.float32)

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """Specific force in sensor axes at n instants from `first_s`: float (n, 3), mg."""
        t = first_s + step_s * np.arange(n)
        out = np.empty((n, 3))
        index = np.floor(t / BLOCK_S).astype(int)
        for block in np.unique(index):
            chosen = index == block
            at = (t[chosen] - block * BLOCK_S) * RENDER_HZ
            low = at.astype(int)
            part = (at - low)[:, None]
            rendered = self._block(int(block))
            out[chosen] = rendered[low] * (1 - part) + rendered[low + 1] * part
        return out

    def temperature_c(self, t_s: float):
        """Skin temperature under the strap, or the room's where no body is in it."""
        for begin, end in self.still:
            if begin <= t_s < end:
                return 21.0
        return 33.0 - 1.5 * np.exp(-t_s / 1800)


class Way:
    """How something reaches a limb through what it lies on: along one line, until it is laid anew.

    along_gravity: the share of it that is up and down; None: whatever line chance gives.
    """

    def __init__(
        self, night: Night, rng: np.random.Generator, along_gravity: float | None = None
    ) -> None:
        self._night, self._first, self._share = night, unit(rng), along_gravity

    def at(self, t_s: float) -> np.ndarray:
        """Return its unit vector in the sensor's axes, (3,), at one instant."""
        start_s, _, gravity = self._night.laid_at(t_s)
        line = self._first
        if start_s:  # of its own chance, so that it matters not who asks first
            seed = [int(1e6 * (1 + part)) for part in self._first]
            line = unit(np.random.default_rng([*seed, int(start_s * 1000)]))
        if self._share is None:
            return line
        across = line - (line @ gravity) * gravity
        across /= np.linalg.norm(across)
        return self._share * gravity + np.sqrt(1 - self._share**2) * across

    def over(self, t: np.ndarray) -> np.ndarray:
        """Return its unit vectors (n, 3) at instants in order."""
        turned = [start + seconds / 2 for start, seconds, _ in self._night.turns]
        edges = np.searchsorted(t, sorted({t[0], *(at for at in turned if t[0] < at <= t[-1])}))
        lengths = np.diff(edges, append=len(t))
        return np.repeat([self.at(float(t[edge])) for edge in edges], lengths, axis=0)


def _row(
    kind: str,
    onset_s: float,
    duration_s: float,
    peak_mg: float,
    rhythm_hz: float | None = None,
) -> dict:
    row: dict = dict(kind=kind, onset_s=float(onset_s), duration_s=float(duration_s))
    row.update(peak_mg=float(peak_mg), rhythm_hz=rhythm_hz and float(rhythm_hz))
    return row
