"""Many nights: is the figure rising or falling, how sure is that, and how much do nights differ?

Takes nights of `levels` of one band; gives dicts, Refusals below three nights. The trend is a
straight line through the levels (ln(rate), or the value) over the calendar; its interval knows
that neighbouring nights are alike (see `neighbours`). Pure; numpy and scipy are imported inside.
"""

from math import expm1
from statistics import fmean, mean, median, quantiles, stdev
from typing import Any

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights import neighbours
from notturno.scoring.manynights.levels import Nights, is_counted
from notturno.scoring.manynights.usable import MIN_NIGHTS, too_few_nights

LEVEL = 0.95
WEEK_DAYS = 7
KEYS = ("trend_per_week", "trend_low", "trend_high")
PERCENT_A_WEEK = "percent a week"
RISING, FALLING, UNCLEAR = "rising", "falling", "no clear trend"
METHOD = (
    "straight line through ln(events/h + 0.0625), or the value, on the date; generalised least "
    "squares, first-order autoregression over the calendar, every lag1 weighted by its restricted "
    "likelihood; never narrower than counting allows"
)


def trend(nights: Nights, level: float = LEVEL) -> dict:
    """Return `trend_per_week`, `trend_low`, `trend_high`, `p`, `lag1`, `direction`, `days`.

    The first three in percent a week for rates, else in the unit of the value a week. Refusals
    where none can be given.
    """
    found = {"nights": len(nights), "level": level, "method": METHOD}
    refusal = _refused(nights)
    if refusal is not None:
        return found | dict.fromkeys((*KEYS, "p", "lag1"), refusal)
    belief, believed = believed_slope(nights)
    slopes = [belief.quantile(share) for share in (0.5, 0.5 - level / 2, 0.5 + level / 2)]
    counted = is_counted(nights)
    figures = [_a_week(slope, counted) for slope in slopes]
    return found | {
        "days": nights[-1].day - nights[0].day + 1,
        **dict(zip(KEYS, figures, strict=True)),
        "unit": PERCENT_A_WEEK if counted else "a week",
        "direction": _direction(*slopes[1:]),
        "p": belief.p(),
        "lag1": neighbours.lag1_of(believed),
    }


def _refused(nights: Nights) -> refusals.Refusal | None:
    days = len({night.day for night in nights})
    if days < MIN_NIGHTS:
        return too_few_nights(days, MIN_NIGHTS, "a trend")
    if is_counted(nights):
        if not any(night.count for night in nights):
            return Refusal("No event in any night.", refusals.TOO_FEW_MOVEMENTS)
    elif len({night.value for night in nights}) == 1:
        return Refusal("Every night has the same value.", refusals.NO_SPREAD)
    return None


def _direction(low: float, high: float) -> str:
    if low > 0:
        return RISING
    return FALLING if high < 0 else UNCLEAR


def _a_week(slope: float, counted: bool) -> float:
    # A wild interval from three nights must not overflow.
    return 100 * expm1(min(slope * WEEK_DAYS, 50.0)) if counted else slope * WEEK_DAYS


def believed_slope(nights: Nights) -> tuple[neighbours.Belief, Any]:
    """Return (Belief of the slope of the level a day, belief by lag1)."""
    import numpy as np

    days = np.array([night.day for night in nights], float)
    days -= days.mean()
    found = neighbours.fit(nights, np.column_stack([np.ones(len(days)), days]))
    believed = neighbours.weights(found.log_likelihood)
    # Three nights on a line by luck prove nothing: never narrower than counting allows.
    least = fmean(night.counting_variance for night in nights) / (days**2).sum()
    errors = np.sqrt(np.maximum(found.variance * found.unit_errors[:, 1] ** 2, least))
    degrees = np.full(len(believed), float(found.degrees))
    return neighbours.Belief(believed, found.coefficients[:, 1], errors, degrees), believed


def variability(nights: Nights) -> Refusal | dict[str, Any]:
    """Return how the nights' figures differ from one another, or a Refusal."""
    n = len(nights)
    if n < MIN_NIGHTS:
        return too_few_nights(n, MIN_NIGHTS, "the spread between nights")
    figures = [night.figure for night in nights]
    cuts = quantiles(figures, n=4, method="inclusive")
    centre = mean(figures)
    return {
        "nights": n,
        "median": median(figures),
        "quartiles": [cuts[0], cuts[2]],
        "range": [min(figures), max(figures)],
        "coefficient_of_variation": stdev(figures) / centre
        if centre > 0
        else Refusal("The mean of the nights is not above zero.", refusals.TOO_FEW_MOVEMENTS),
        "times_more_than_chance": _excess(nights),
        "note": "times_more_than_chance: variance between nights over that of a constant rate "
        "(1: nights differ by chance alone)",
    }


def _excess(nights: Nights) -> float | refusals.Refusal:
    """Return the variance of counts over that of one constant rate (Pearson's chi2 / df).

    nights: two or more, each with hours above zero; 1 is what chance alone gives.
    """
    if not is_counted(nights):
        return Refusal("It is no count: chance has no spread of its own.", refusals.NOT_IN_RULES)
    events, hours = sum(night.count for night in nights), sum(night.hours for night in nights)
    if not events:
        return Refusal("No event in any night.", refusals.TOO_FEW_MOVEMENTS)
    expected = [events / hours * night.hours for night in nights]
    return sum(
        (night.count - due) ** 2 / due for night, due in zip(nights, expected, strict=True)
    ) / (len(nights) - 1)
