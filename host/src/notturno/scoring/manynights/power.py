"""What could these nights show, and how many would a halving need?

Both figures are for 80 % power of the two-sided comparison of `phases` and follow from Student's
distribution, with a price for what it leaves out; the tests hold both against simulated nights.
Pure; scipy is imported inside.
"""

from __future__ import annotations

from functools import cache
from math import log
from typing import TYPE_CHECKING

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights import neighbours
from notturno.scoring.manynights.usable import MIN_NIGHTS

if TYPE_CHECKING:
    import numpy as np

POWER = 0.80
HALVING = log(2)
MOST_NIGHTS = 365  # more in each phase is no plan for one person
# Ours, measured: the reach of an interval differs from one set of nights to the next, so that the
# reach of these alone would promise too much (a change that shows in 0.70 to 0.74, not in 0.80).
REACH_VARIES = 1.1


def smallest(belief: neighbours.Belief, level: float) -> float:
    """Return the smallest true difference of levels (> 0) that would show with POWER.

    belief: of the difference that was found; only its width is used.
    """
    centre = float(belief.centres[0])
    shares = (0.5 + level / 2, POWER)
    return REACH_VARIES * sum(belief.quantile(share) - centre for share in shares)


def nights_needed(variance: float, lag1: float, level: float) -> int | Refusal:
    """Return the nights that each of two equal phases needs to show a halving, or a Refusal.

    variance: of one night's ln(rate) around its phase; the nights are taken as consecutive.
    """
    shows = smallest(_planned(MOST_NIGHTS, variance, lag1), level)
    if shows > HALVING:
        return Refusal(
            "These nights differ so much that a halving would need over "
            "{most_nights} in each phase.",
            refusals.TOO_FEW_NIGHTS,
            most_nights=MOST_NIGHTS,
        )
    low = MIN_NIGHTS - 1
    middle = high = MOST_NIGHTS
    while high - low > 1:
        # What shows shrinks about as the root of the nights grows: look where that says it is met.
        middle = min(max(round(middle * (shows / HALVING) ** 2), low + 1), high - 1)
        shows = smallest(_planned(middle, variance, lag1), level)
        if shows > HALVING:
            low = middle
        else:
            high = middle
    return high


def _planned(nights: int, variance: float, lag1: float) -> neighbours.Belief:
    """Return what will be believed of a difference after so many nights in each phase.

    The lag1 of so many nights is known to sqrt((1 - lag1**2) / nights) (Bartlett 1946), and what
    is not known of it makes the interval wider.
    """
    import numpy as np

    lags = np.array(neighbours.LAGS)
    known = np.exp(-((lags - lag1) ** 2) * nights / (1 - lag1**2))  # two phases of nights
    weights = known * neighbours.PRIOR
    weights /= weights.sum()
    errors = np.sqrt(2 * variance * _variance_of_consecutive(nights))
    return neighbours.Belief(weights, np.zeros(len(lags)), errors, 2.0 * (nights - 1))


@cache
def _variance_of_consecutive(nights: int) -> np.ndarray:
    """Return neighbours.mean_variance of so many nights in a row: each plan asks for the same."""
    import numpy as np

    return neighbours.mean_variance(np.ones(nights - 1, dtype=int))
