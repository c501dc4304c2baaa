"""Many nights: is the rate rising or falling, how sure is that, and how much do nights differ?

Takes `NightCount`s of one band; gives dicts, Refusals below three nights. The rate is per
recorded hour, its slope in percent a night and, over a week or more, in percent a week. Pure;
scipy is imported inside.

The trend is a straight line through ln(rate) over the calendar, by least squares with Student's
interval: with three nights that interval is honestly wide. Theil and Sen's slope stands beside it,
since it bears an odd night. Neither knows that neighbouring nights may be alike.
"""

from math import exp
from statistics import mean, median, quantiles, stdev

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights.usable import MIN_NIGHTS, rate_of, too_few_nights

LEVEL = 0.95
WEEK_DAYS = 7  # nights of fewer days say nothing of a week
MIN_EVENTS = 10  # ours: a trend through fewer is drawn by two or three of them


def trend(counts, level=LEVEL):
    """Return the change of the rate in percent with its interval, or a Refusal."""
    n = len(counts)
    if n < MIN_NIGHTS:
        return too_few_nights(n, MIN_NIGHTS, "a trend")
    days = [night.day for night in counts]
    if len(set(days)) < MIN_NIGHTS:
        return too_few_nights(len(set(days)), MIN_NIGHTS, "a trend")
    events = sum(night.count for night in counts)
    if events < MIN_EVENTS:
        return Refusal(
            f"{events} events in all nights together are too few; a trend needs {MIN_EVENTS}.",
            refusals.TOO_FEW_MOVEMENTS,
        )
    logs = [night.log_rate for night in counts]
    slope, error = _line(days, logs)
    error = max(error, _counting_error(days, counts))
    reach = t_quantile(level, n - 2) * error
    bounds = [slope - reach, slope + reach]
    span = days[-1] - days[0] + 1
    per_week = interval_per_week = Refusal(
        f"The nights span {span} days; a change by the week needs {WEEK_DAYS}.",
        refusals.TOO_FEW_NIGHTS,
    )
    if span >= WEEK_DAYS:
        per_week = _percent(slope * WEEK_DAYS)
        interval_per_week = [_percent(bound * WEEK_DAYS) for bound in bounds]
    return {
        "nights": n,
        "days": span,
        "percent_per_night": _percent(slope),
        "interval_per_night": [_percent(bound) for bound in bounds],
        "percent_per_week": per_week,
        "interval_per_week": interval_per_week,
        "level": level,
        "direction": "rising"
        if bounds[0] > 0
        else "falling"
        if bounds[1] < 0
        else "no clear trend",
        "theil_sen_percent_per_night": _percent(_theil_sen(days, logs)),
        "denominator": "recorded hours",
        "method": "least squares of ln((events + 0.5) / h) on the date, Student's interval, "
        "never narrower than counting allows; Theil-Sen beside it",
    }


def variability(counts):
    """Return how the nightly rates differ from one another, or a Refusal."""
    n = len(counts)
    if n < MIN_NIGHTS:
        return too_few_nights(n, MIN_NIGHTS, "the spread between nights")
    rates = [night.rate for night in counts]
    cuts = quantiles(rates, n=4, method="inclusive")
    pooled = rate_of(counts)
    spread = Refusal("No event in any night.", refusals.TOO_FEW_MOVEMENTS)
    excess = spread
    if pooled > 0:
        spread = stdev(rates) / mean(rates)
        expected = [pooled * night.hours for night in counts]
        excess = sum(
            (night.count - due) ** 2 / due for night, due in zip(counts, expected, strict=True)
        ) / (n - 1)
    return {
        "nights": n,
        "median_per_h": median(rates),
        "quartiles_per_h": [cuts[0], cuts[2]],
        "range_per_h": [min(rates), max(rates)],
        "coefficient_of_variation": spread,
        "times_more_than_chance": excess,
        "note": "times_more_than_chance: variance between nights over that of a constant rate "
        "(1: nights differ by chance alone)",
    }


def t_quantile(level, degrees):
    """Return Student's two-sided quantile for a level and degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))


def _percent(log_change):
    # A wild interval from three nights must not overflow.
    return 100 * (exp(min(log_change, 50.0)) - 1)


def _line(x, y):
    """Return (slope, its standard error) of a least-squares line."""
    mean_x, mean_y = mean(x), mean(y)
    sxx = sum((a - mean_x) ** 2 for a in x)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sxx
    left = sum((b - mean_y - slope * (a - mean_x)) ** 2 for a, b in zip(x, y, strict=True))
    return slope, (left / (len(x) - 2) / sxx) ** 0.5


def _counting_error(days, counts):
    """Return the slope's error from counting alone: three nights on a line by luck prove nothing.

    ln of a count has a variance of about 1 / count.
    """
    centre = mean(days)
    sxx = sum((day - centre) ** 2 for day in days)
    return (mean(1 / (night.count + 0.5) for night in counts) / sxx) ** 0.5


def _theil_sen(x, y):
    """Return the median of the slopes of all pairs of different days."""
    import numpy as np

    x, y = np.asarray(x, float), np.asarray(y, float)
    slopes = [
        (y[i + 1 :] - y[i])[x[i + 1 :] > x[i]] / (x[i + 1 :] - x[i])[x[i + 1 :] > x[i]]
        for i in range(len(x) - 1)
    ]
    return float(np.median(np.concatenate(slopes)))
