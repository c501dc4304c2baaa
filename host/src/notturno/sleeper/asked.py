"""A limb that is awake: it lies still, and moves when its person is asked to.

Touches nothing; numpy only. Speaks mg, and seconds of one time axis without end. What answers a
request is a short kick of a joint, as a person makes who is told "now"; reaction time, length and
strength are drawn by the seed. All of it is this model's choice: nobody measured such kicks here.
"""

from typing import Any

import numpy as np

from notturno.sleeper import body
from notturno.sleeper.planner import Planner

REACTION_S = (0.25, 0.6)  # from hearing to moving
LASTS_S = (0.5, 1.0)
PEAK_MG = (150.0, 800.0)
REST_H = 1.0  # breath and pulse of one hour, again and again


class AskedLimb:
    """`accel_mg` as of world.Night; `move(t_s)` adds one kick after t_s and returns when."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng((seed, 77))
        self._rest = Planner(seed, REST_H).night.finish()
        self._kicks: list = []  # (onset_s, (n, 3) mg at body.RENDER_HZ)
        self._ready = self._drawn()  # before it is asked for: a reaction time is short

    def move(self, t_s: float) -> float:
        """Kick once, a reaction time after t_s; return the onset, s."""
        reaction_s, wave = self._ready
        onset_s = t_s + reaction_s
        self._kicks.append((onset_s, wave))
        self._ready = self._drawn()
        return onset_s

    def _drawn(self) -> tuple[float, np.ndarray]:
        """Return the next kick's reaction time and wave: the first takes seconds to draw."""
        rng = self._rng
        reaction_s = rng.uniform(*REACTION_S)
        peak_mg = np.exp(rng.uniform(*np.log(PEAK_MG)))
        gravity = self._rest.gravity_at(0.0)
        return reaction_s, body.joint_movement(rng, rng.uniform(*LASTS_S), peak_mg, gravity)

    def accel_mg(self, first_s: Any, step_s: float, n: int) -> np.ndarray:
        """Specific force in sensor axes at n instants from `first_s`: float (n, 3), mg."""
        t = first_s + step_s * np.arange(n)
        if not n:
            return np.empty((0, 3))
        out = self._resting(t)
        for onset_s, wave in list(self._kicks):
            at = np.arange(len(wave)) / body.RENDER_HZ
            for axis in range(3):
                out[:, axis] += np.interp(t - onset_s, at, wave[:, axis], left=0.0, right=0.0)
        return out

    def _resting(self, t: np.ndarray) -> np.ndarray:
        """Breath and pulse of the hour, its end left out so that no reading runs over it."""
        hour_s = REST_H * 3600 - 60
        within = t % hour_s
        jump = np.flatnonzero(np.diff(within) < 0)
        step_s = t[1] - t[0] if len(t) > 1 else 1.0
        edges = [0, *(jump + 1), len(t)]
        parts = [
            self._rest.accel_mg(float(within[a]), step_s, b - a)
            for a, b in zip(edges, edges[1:], strict=False)
        ]
        return np.concatenate(parts)
