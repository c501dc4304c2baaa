"""What could these nights show, and how many would a halving need?

Both figures are for 80 % power of the two-sided comparison of `phases` and follow from Student's
distribution; they are held against simulated nights in the tests. Pure; scipy is imported inside.
"""

from math import log

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights.usable import MIN_NIGHTS

POWER = 0.80
HALVING = log(2)
MOST_NIGHTS = 365  # more in each phase is no plan for one person


def smallest(belief, level: float) -> float:
    """Return the smallest true difference of levels (> 0) that would show with POWER.

    belief: of the difference that was found; only its width is used.
    """
    centre = float(belief.centres[0])
    return sum(belief.quantile(share) - centre for share in (0.5 + level / 2, POWER))


def nights_needed(variance: float, lag1: float, level: float):
    """Return the nights that each of two equal phases needs to show a halving, or a Refusal.

    variance: of one night's ln(rate) around its phase; the nights are taken as consecutive.
    """
    from scipy.special import stdtrit

    for nights in range(MIN_NIGHTS, MOST_NIGHTS + 1):
        degrees = 2 * (nights - 1)
        reach = float(stdtrit(degrees, 0.5 + level / 2) + stdtrit(degrees, POWER))
        if reach**2 * 2 * variance * _of_mean(nights, lag1) <= HALVING**2:
            return nights
    return Refusal(
        f"These nights differ so much that a halving would need over {MOST_NIGHTS} in each phase.",
        refusals.TOO_FEW_NIGHTS,
    )


def _of_mean(nights, lag1):
    """Return the variance of the mean of so many consecutive nights, in variances of one."""
    return (1 + 2 * sum((1 - d / nights) * lag1**d for d in range(1, nights))) / nights
