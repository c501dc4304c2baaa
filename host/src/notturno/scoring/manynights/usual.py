"""What is usual for this person, and is this night unusual?

Takes nights of `levels` before the one in question; gives a dict or a Refusal. The range is a
prediction interval: where one more night like the earlier ones would lie in RANGE of all cases.
Of a value it is Student's. Of a rate it is made of counts: nights' rates differ on the scale of
logarithms (Student's, less what counting alone makes them differ), and a night's count differs by
chance around its rate (Poisson), the more the shorter the night. Pure; scipy is imported inside.
"""

from collections.abc import Callable
from math import sqrt
from statistics import mean, stdev
from typing import Any

from notturno.refusals import TOO_FEW_NIGHTS, Refusal
from notturno.scoring.manynights.levels import (
    ADDED_PER_H,
    NightCount,
    Nights,
    is_counted,
    typical,
)
from notturno.scoring.manynights.usable import MIN_NIGHTS

RANGE = 0.80  # ours: one night in five is called quiet or restless by chance
LAST_NIGHTS = 30  # ours: a person changes; what was usual a year ago is not
LOW, WITHIN, HIGH = "low", "within", "high"
_STEPS = 200  # of the rates that a night may have, each as likely


def usual(earlier: Nights, tonight: Any = None) -> dict | Refusal:
    """Return `typical`, `low`, `high`, `nights`, `range` of earlier nights, and `tonight`.

    earlier: nights of `levels`, any order, the latest LAST_NIGHTS are used. tonight: a night of
    the same kind; then `tonight` says LOW, WITHIN or HIGH (else None), and low and high are for a
    night of its hours. A Refusal below MIN_NIGHTS earlier nights.
    """
    nights = sorted(earlier, key=lambda night: night.day)[-LAST_NIGHTS:]
    if len(nights) < MIN_NIGHTS:
        return Refusal(
            "Nights before this one that can be compared: {n}; what is usual takes {needed}.",
            TOO_FEW_NIGHTS,
            n=len(nights),
            needed=MIN_NIGHTS,
        )
    if is_counted(nights):
        hours = mean(night.hours for night in nights) if tonight is None else tonight.hours
        low, high = _range_of_rates(nights, hours)
    else:
        low, high = _range_of_values(nights)
    place = None
    if tonight is not None:
        place = LOW if tonight.figure < low else HIGH if tonight.figure > high else WITHIN
    return {
        "typical": typical(nights),
        "low": low,
        "high": high,
        "nights": len(nights),
        "range": RANGE,
        "tonight": place,
    }


def _range_of_values(nights: Any) -> tuple[float, float]:
    from scipy.special import stdtrit

    levels = [night.level for night in nights]
    n = len(levels)
    reach = float(stdtrit(n - 1, 0.5 + RANGE / 2)) * stdev(levels) * sqrt(1 + 1 / n)
    return mean(levels) - reach, mean(levels) + reach


def _range_of_rates(nights: list[NightCount], hours: float) -> tuple[float, float]:
    """Return the lowest and the highest rate of a night of so many hours that is not unusual."""
    import numpy as np
    from scipy.special import pdtr, stdtrit

    levels = [night.level for night in nights]
    n = len(levels)
    counting = mean(night.counting_variance for night in nights)
    variance = stdev(levels) ** 2
    between = max(0.0, variance - counting)
    spread = sqrt(between + variance / n)  # of one night's rate, its centre known from n nights
    shares = (np.arange(_STEPS) + 0.5) / _STEPS
    logs = np.minimum(mean(levels) + stdtrit(n - 1, shares) * spread, 700.0)
    due = np.maximum(np.exp(logs) - ADDED_PER_H, 0) * hours
    tail = (1 - RANGE) / 2

    def not_above(count: int) -> float:
        return float(np.mean(pdtr(count, due)))

    low = _first(lambda count: not_above(count) >= tail)
    high = _first(lambda count: not_above(count) > 1 - tail)
    return low / hours, high / hours


def _first(holds: Callable) -> int:
    """Return the least whole number from 0 on at which `holds` is true.

    holds(n): false below some number and true from it on; asked some 2 log2 of it times.
    """
    step = 1
    while not holds(step):
        step *= 2
    low, high = -1, step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
