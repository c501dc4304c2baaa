"""A person who is awake after the virtual nights, and does with the band what is asked of them.

Touches nothing. Speaks mg and seconds of virtual time, as world.py. A host asks over the virtual
radio (outside.WEARER_OPCODE); whoever uses a real band is asked by the screen.
"""

import threading
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from notturno.virtualband.world import Source, Timeline

FORESEEN_S = 0.2  # of a person who is awake: below any reaction time of a limb that is asked
PUT_ON, MOVE, TAKE_OFF = 1, 2, 3  # what a host may ask; the same in link/virtual.py


class Limb(Source, Protocol):
    """A source that can be asked to move; its time is the band's virtual time."""

    def move(self, t_s: float) -> float:
        """Move once, soon after t_s, but not within FORESEEN_S."""
        ...


class Evening(Timeline):
    """The nights of a Timeline, and then a person who puts the band on when asked."""

    def __init__(self, nights: Sequence[Source], limb: Limb, **how: Any) -> None:
        super().__init__(nights, **how)
        self._limb = limb
        self._worn: list[tuple[float, float]] = []  # spans on the limb; the last may be open
        self._lock = threading.Lock()

    def asked(self, what: int, t_s: float) -> bool:
        """Do what a host asks at t_s; False: asleep, or not possible as things are."""
        with self._lock:
            if t_s < self.end_s:
                return False
            worn = self._is_worn(t_s)
            if what == PUT_ON:
                if not worn:
                    self._worn.append((t_s, float("inf")))
                return True
            if what == MOVE and worn:
                self._limb.move(t_s)
                return True
            if what == TAKE_OFF and worn:
                self._worn[-1] = (self._worn[-1][0], t_s)
                return True
            return False

    def _is_worn(self, t_s: float) -> bool:
        return any(begin <= t_s < end for begin, end in self._worn)

    def foreseen_s(self, t_s: float) -> float:
        """Return how long what is felt at t_s and after it is settled, whatever is asked."""
        return float("inf") if t_s < self.end_s else FORESEEN_S

    def docked(self, t_s: float) -> bool:
        return super().docked(t_s) and not self._is_worn(t_s)

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """See Source; on the limb it is the limb's."""
        out = super().accel_mg(first_s, step_s, n)
        t_s = first_s + step_s * np.arange(n)
        worn = np.zeros(n, bool)
        for begin, end in list(self._worn):
            worn |= (t_s >= begin) & (t_s < end)
        if worn.any():
            out[worn] = self._limb.accel_mg(first_s, step_s, n)[worn]
        return out
