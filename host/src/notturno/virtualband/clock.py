"""Virtual time: when it jumps, when it walks, when it stands.

Touches no hardware and the wall clock only through the function given. Speaks microseconds of
virtual time since the band's first power-on.

Free: a wait ends at once, at its deadline; computing costs no time. Paced: virtual time walks with
the wall clock, because somebody outside lives in it (a host, a person at the prompt). Held: free
time that has reached its limit stands until the limit moves.
"""

import threading
import time
from collections.abc import Callable

FOREVER = float("inf")


class Clock:
    """The one clock of a virtual band; every method may be called from any thread.

    `changed` is the condition that all who wait for time or for events share.
    """

    def __init__(self, wall_s: Callable[[], float] = time.monotonic, start_us: float = 0) -> None:
        self.changed = threading.Condition()
        self._wall_s = wall_s
        self._anchor_us = start_us
        self._anchor_wall_s = wall_s()
        self._reasons: set[str] = set()
        self.hold_us = FOREVER
        self.held = False

    @property
    def paced(self) -> bool:
        """Say whether time walks with the wall clock."""
        return bool(self._reasons)

    def now_us(self) -> float:
        """Return the virtual time."""
        # Free time is one number: whoever only reads it, a million times a day, waits for nobody.
        if not self._reasons:
            return self._anchor_us
        with self.changed:
            if not self._reasons:
                return self._anchor_us
            return self._anchor_us + (self._wall_s() - self._anchor_wall_s) * 1e6

    def pace(self, reason: str, on: bool) -> None:
        """Add or take away a reason for walking with the wall clock."""
        with self.changed:
            if on == (reason in self._reasons):
                return
            self._anchor_us = self.now_us()
            self._anchor_wall_s = self._wall_s()
            (self._reasons.add if on else self._reasons.discard)(reason)
            self.changed.notify_all()

    def pass_us(self, duration_us: float) -> None:
        """Let something take its time; in paced time it takes the wall's."""
        with self.changed:
            if not self._reasons:
                self._anchor_us += duration_us

    def hold_at(self, limit_us: float) -> None:
        """Let free time run up to `limit_us` and no further."""
        with self.changed:
            self.hold_us = limit_us
            self.held = False
            self.changed.notify_all()

    def wait(
        self,
        deadline_us: float,
        woken: Callable[[], bool],
        next_change_us: Callable[[], float] = lambda: FOREVER,
        on_time: Callable[[], None] = lambda: None,
    ) -> None:
        """Let time pass until `deadline_us` (FOREVER: no deadline) or until `woken()`.

        `next_change_us()` names the next instant at which the world does something by itself;
        `on_time()` is called whenever time has moved. Both run with `changed` held.
        """
        with self.changed:
            while True:
                on_time()
                now_us = self.now_us()
                if now_us >= deadline_us or woken():
                    return
                target_us = min(deadline_us, next_change_us())
                if self._reasons:
                    left_s = (target_us - now_us) / 1e6
                    self.changed.wait(None if left_s == FOREVER else max(0.0, left_s))
                elif min(target_us, self.hold_us) > now_us and target_us != FOREVER:
                    self._anchor_us = min(target_us, self.hold_us)
                else:
                    # held, or nothing to wait for but events
                    self.held = now_us >= self.hold_us
                    self.changed.notify_all()
                    self.changed.wait()
                    self.held = False
