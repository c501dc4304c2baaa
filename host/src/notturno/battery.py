"""The battery as people read it: percent and nights left, both estimated from its voltage.

Pure; imports the standard library and the band's own curve alone (`notturno_core.charge`, which
says what it is worth): a band's beacon says the same percent.
"""

import itertools
import math
from collections.abc import Sequence

from notturno_core import charge
from notturno_core.charge import STOP_MV as STOP_MV

from notturno.errors import Phrase

# hardware/POWER.md's day of the reference board: a night of 9 h, the radio on for its sync, idle
# in deep sleep; and a cell of 250 mAh of which four fifths can be used. A test holds both to the
# budget's formulas.
DAY_MAH = 27.37
USABLE_MAH = 200.0
MIN_DROPS = 2  # nights whose fall tells more than the budget (ours)


def battery_pct(mv: int | None) -> int | None:
    """Return the charge in percent; None for None, 0 (not measured) and what no cell has."""
    return charge.battery_pct(mv)


def nights_left(history_mv: Sequence[int | None]) -> int | None:
    """Return how many more nights the battery lasts; None where its charge is unknown.

    history_mv: the voltage at the end of each night of one band, the latest last. What a night
    takes (with the day after it) is the median fall between nights; before two of them have
    fallen, the power budget of the reference board.
    """
    import statistics  # takes as long as all else that a table of nights needs

    charges = [battery_pct(mv) for mv in history_mv]
    if not charges or charges[-1] is None:
        return None
    pairs = itertools.pairwise(charges)
    falls = [a - b for a, b in pairs if a is not None and b is not None and a > b]
    enough = len(falls) >= MIN_DROPS
    night_pct = statistics.median(falls) if enough else 100 * DAY_MAH / USABLE_MAH
    return math.floor(charges[-1] / night_pct)


def battery_text(mv: int | None, nights: int | None = None) -> str:
    """Return the battery as text, marked as an estimate (~); a dash where it is unknown."""
    charge = battery_pct(mv)
    if charge is None:
        return "-"
    if nights is None:
        return f"~{charge} %"
    if nights == 1:
        return Phrase("~{charge} %, 1 night left", charge=charge)
    return Phrase("~{charge} %, {nights} nights left", charge=charge, nights=nights)
