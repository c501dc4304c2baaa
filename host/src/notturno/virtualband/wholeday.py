"""One whole day of a band that is not charged: a night on the limb, the rest of it on a table.

Touches nothing. Seconds since the band's first power-on, mg, mV, as in world.py.
"""

import numpy as np

from notturno.virtualband.world import DAY_S, Source, StillSource

NIGHT_S = 9 * 3600.0
BEGIN_S = 60.0  # the first evening's switching on is over; from here on the day is counted
HELD_S = 2.0  # the button in the morning, for the radio
PRESSED_S = 0.3  # and in the evening, for the next night
TAKEN_OFF_S = 120.0  # after the night: fetched, then laid down
LIMB_C, TABLE_C = 31.0, 22.0
CELL_MV = 3900


class WholeDay:
    """From the first minute of a night to the first minute of the next, which a press begins.

    source: the night's movement. fetched: in the morning the button is held, for the radio; else
    the band is laid down without a word, and finds by itself that it is not worn.
    """

    def __init__(self, source: Source, fetched: bool = True, night_s: float = NIGHT_S) -> None:
        self._source = source
        self._table = StillSource((0.0, 0.0, 1000.0))
        self.morning_s = BEGIN_S + night_s
        self.spans_s = [(0.0, self.morning_s + TAKEN_OFF_S)]
        self.end_s = BEGIN_S + DAY_S
        held = [(self.morning_s, self.morning_s + HELD_S)] if fetched else []
        self._presses_s = [*held, (DAY_S, DAY_S + PRESSED_S)]

    def night_at(self, t_s: float) -> int | None:
        """Return 0 while it is worn, else None."""
        return 0 if 0 <= t_s % DAY_S < self.spans_s[0][1] else None

    def accel_mg(self, first_s: float, step_s: float, n: int) -> np.ndarray:
        """See world.Source; a piece that begins worn is felt as worn to its end."""
        source = self._table if self.night_at(first_s) is None else self._source
        return source.accel_mg(first_s % DAY_S, step_s, n)

    def temperature_c(self, t_s: float) -> float:
        """Warm on the limb, cool on the table."""
        return TABLE_C if self.night_at(t_s) is None else LIMB_C

    def docked(self, t_s: float) -> bool:
        """Never: there is no charger in this day."""
        return False

    def button(self, t_s: float) -> bool:
        """Say whether the button is down."""
        return any(begin <= t_s < end for begin, end in self._presses_s)

    def battery_mv(self, t_s: float) -> int:
        """The cell's voltage, the same all day."""
        return CELL_MV

    def next_change_s(self, t_s: float) -> float:
        """Return the next instant at which the button changes (inf: never)."""
        edges_s = (edge for press in self._presses_s for edge in press)
        return min((edge for edge in edges_s if edge > t_s), default=float("inf"))
