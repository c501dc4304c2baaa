"""What the band on the limb meets: nights, days on the dock, the button, the battery.

Touches nothing. Speaks mg (true specific force in the sensor's axes), degC, mV, and seconds of
virtual time since the band's first power-on (`t_s`); a night's source counts from its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from notturno.times import DAY_S

BUTTON_PRESS_S = 0.3
FULL_MV, EMPTY_MV = 4100, 3500


class Source(Protocol):
    """Where a night's movement comes from."""

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """Return (n, 3) true specific force in mg at first_s, first_s + step_s, ..."""
        ...


class Felt(Source, Protocol):
    """What a chip feels; some also have `foreseen_s(t_s)`: how long what comes is settled."""

    def temperature_c(self, t_s: float) -> float:
        """Return how warm the sensor is, in degrees Celsius."""
        ...


class World(Felt, Protocol):
    """What a whole band lives in; some also have `asked(what, t_s)`, see evening.py."""

    @property
    def spans_s(self) -> list[tuple[float, float]]:
        """The nights, (start, end)."""
        ...

    @property
    def end_s(self) -> float:
        """The end of the last night."""
        ...

    def docked(self, t_s: float) -> bool:
        """Say whether the charger's voltage is there."""
        ...

    def button(self, t_s: float) -> bool:
        """Say whether the button is down."""
        ...

    def battery_mv(self, t_s: float) -> int:
        """Return the cell's voltage."""
        ...

    def next_change_s(self, t_s: float) -> float:
        """Return the next instant after t_s at which dock or button changes (inf: never)."""
        ...


class StillSource:
    """A band on a table: gravity and nothing else."""

    def __init__(self, gravity_mg: Sequence[float] = (0.0, 0.0, 1000.0)) -> None:
        self._gravity_mg = np.asarray(gravity_mg, dtype=float)

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """See Source."""
        return np.broadcast_to(self._gravity_mg, (n, 3)).copy()


class RecordingSource:
    """A raw recording felt again, by straight lines between its samples.

    `recording` has `acc` (n, 3) integer counts, `mg_per_lsb` and `odr_hz`. Where it is over the
    limb lies as at its end; with `to_and_fro` it is played backwards, then forwards again, so that
    a short recording fills a night without a seam.
    """

    def __init__(self, recording: Any, to_and_fro: bool = False) -> None:
        self._acc = recording.acc
        self._mg_per_lsb = float(recording.mg_per_lsb)
        self._odr_hz = float(recording.odr_hz)
        self._to_and_fro = to_and_fro

    @property
    def hours(self) -> float:
        """Length of the recording."""
        return len(self._acc) / self._odr_hz / 3600

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """See Source."""
        last = len(self._acc) - 1
        at = (first_s + step_s * np.arange(n)) * self._odr_hz
        if self._to_and_fro and last > 0:
            at = last - np.abs(last - at % (2 * last))
        at = np.clip(at, 0, last)
        low = np.minimum(at.astype(np.int64), max(0, last - 1))
        part = (at - low)[:, None]
        high = np.minimum(low + 1, last)
        return (self._acc[low] * (1 - part) + self._acc[high] * part) * self._mg_per_lsb


class Timeline:
    """Nights off the dock, days on it; after the last night the band stays on the dock.

    Night k begins at k days and lasts `hours`; `hours` may be one figure or one a night.
    `presses_s`: instants at which the person presses the button.
    """

    def __init__(
        self,
        nights: Sequence[Source],
        hours: float | Sequence[float] = 8.0,
        presses_s: Sequence[float] = (),
    ) -> None:
        self.nights = list(nights)
        lengths = [hours] * len(self.nights) if isinstance(hours, (int, float)) else list(hours)
        if not self.nights or len(lengths) != len(self.nights):
            raise ValueError("a timeline needs one night or more, and one length for each")
        if not all(0 < h < 23.9 for h in lengths):
            raise ValueError("a night lasts more than 0 and less than 23.9 hours")
        self.spans_s = [(k * DAY_S, k * DAY_S + h * 3600) for k, h in enumerate(lengths)]
        self._dock = StillSource()
        self._presses_s = sorted(presses_s)
        edges = [edge for span in self.spans_s for edge in span if edge > 0]
        edges += [p + d for p in self._presses_s for d in (0.0, BUTTON_PRESS_S)]
        self._changes_s = sorted(set(edges))

    @property
    def end_s(self) -> float:
        """The end of the last night."""
        return self.spans_s[-1][1]

    def night_at(self, t_s: float) -> int | None:
        """Return the number of the night that t_s lies in, or None on the dock."""
        k = int(t_s // DAY_S)
        if 0 <= k < len(self.spans_s) and self.spans_s[k][0] <= t_s < self.spans_s[k][1]:
            return k
        return None

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """See Source; instants on the dock are still."""
        last_s = first_s + step_s * (n - 1)
        night = self.night_at(first_s)
        if night is not None and last_s < self.spans_s[night][1]:
            return self.nights[night].accel_mg(first_s - self.spans_s[night][0], step_s, n)
        if night is None and self.night_at(last_s) is None:
            return self._dock.accel_mg(first_s, step_s, n)
        parts = [self._one(first_s + i * step_s) for i in range(n)]
        return np.concatenate(parts) if parts else np.empty((0, 3))

    def _one(self, t_s: float) -> np.ndarray:
        night = self.night_at(t_s)
        if night is None:
            return self._dock.accel_mg(t_s, 1.0, 1)
        return self.nights[night].accel_mg(t_s - self.spans_s[night][0], 1.0, 1)

    def temperature_c(self, t_s: float) -> float:
        """Skin-warmed on the limb, room-warm on the dock."""
        return 25.0 if self.docked(t_s) else 31.0

    def docked(self, t_s: float) -> bool:
        """Say whether the band is on its charger."""
        return self.night_at(t_s) is None

    def button(self, t_s: float) -> bool:
        """Say whether the button is down."""
        return any(p <= t_s < p + BUTTON_PRESS_S for p in self._presses_s)

    def battery_mv(self, t_s: float) -> int:
        """A cell that would last ten nights of this length, full again on the dock."""
        night = self.night_at(t_s)
        if night is None:
            return FULL_MV
        start_s, end_s = self.spans_s[night]
        return int(FULL_MV - (FULL_MV - EMPTY_MV) * (t_s - start_s) / (10 * (end_s - start_s)))

    def next_change_s(self, t_s: float) -> float:
        """Return the next instant after t_s at which dock or button changes (inf: never)."""
        return next((edge for edge in self._changes_s if edge > t_s), float("inf"))
