"""What a virtual band has spent its time on: the input of the power budget.

Touches nothing. Speaks seconds of virtual time, and counts. Computing costs no virtual time, so
`awake_s` is waiting and talking to the bus alone: what samples cost to compute is the budget's.
Who books and who asks may be two threads.
"""

import threading

_AWAKE = "awake_s"
_SLEEPS = {"light": "light_sleep_s", "deep": "deep_sleep_s"}
_COUNTS = ("light_sleeps", "flash_writes", "starts")


class Ledger:
    """Seconds by what the processor, radio and sensor did; counts of what costs by the piece."""

    def __init__(self) -> None:
        self._at_us = 0.0
        self._spent_us: dict[str, float] = dict.fromkeys(
            (_AWAKE, *_SLEEPS.values(), "radio_idle_s", "radio_connected_s", "imu_on_s"), 0.0
        )
        self._counts: dict[str, int] = dict.fromkeys(_COUNTS, 0)
        self._lock = threading.Lock()

    @property
    def at_us(self) -> float:
        """Up to when everything is booked."""
        return self._at_us

    def spend(self, now_us: float, asleep: str, radio: str, imu_on: bool) -> None:
        """Book the time since the last call.

        asleep: "", "light" or "deep"; radio: "", "idle" or "connected", both as they were since.
        """
        with self._lock:
            spent_us = max(0.0, now_us - self._at_us)
            self._at_us = max(self._at_us, now_us)
            self._spent_us[_SLEEPS.get(asleep, _AWAKE)] += spent_us
            if radio:
                self._spent_us[f"radio_{radio}_s"] += spent_us
            if imu_on:
                self._spent_us["imu_on_s"] += spent_us

    def count(self, what: str) -> None:
        """Count one of light_sleeps, flash_writes, starts."""
        with self._lock:
            self._counts[what] += 1

    def rows(self) -> dict[str, float]:
        """Return {name: seconds or count} of everything so far, with `all_s`, the time in all."""
        with self._lock:
            seconds = {name: us / 1e6 for name, us in self._spent_us.items()}
            return {"all_s": self._at_us / 1e6, **seconds, **self._counts}
