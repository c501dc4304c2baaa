"""The watchdog of a virtual processor: what is not fed in time is reset.

Touches the clock that it is given. Virtual time in microseconds.
"""

from notturno.virtualband.clock import FOREVER, Clock


class Watchdog:
    """Off until it is fed for the first time, and after any reset."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timeout_us: float | None = None
        self._deadline_us = FOREVER

    @property
    def on(self) -> bool:
        """Say whether anybody has to feed it."""
        return self._timeout_us is not None

    @property
    def deadline_us(self) -> float:
        """When it bites; FOREVER while it is off."""
        return self._deadline_us

    @property
    def overdue(self) -> bool:
        """Say whether it bites now."""
        return self._clock.now_us() >= self._deadline_us

    def feed(self, timeout_ms: int) -> None:
        """Begin to count anew; timeout_ms: the new limit, or 0 for the one that it has."""
        if timeout_ms:
            self._timeout_us = timeout_ms * 1000.0
        if self._timeout_us is not None:
            self._deadline_us = self._clock.now_us() + self._timeout_us

    def off(self) -> None:
        """As after a reset."""
        self._timeout_us = None
        self._deadline_us = FOREVER
