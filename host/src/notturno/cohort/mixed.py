"""How people differ and how one person's nights differ: a random intercept for every person.

y(i, j) = mean + person(i) + night(i, j), of `levels` (logarithms of rates, or values), with any
number of nights a person. Takes arrays, touches nothing; numpy and scipy are imported inside.

- Variances: restricted maximum likelihood (Patterson, Thompson 1971), over their ratio alone.
- Interval of the ratio, and with it of the reliability: Wald (1940), exact for unequal numbers of
  nights where people and nights are normal and nights independent; it needs no large cohort.
  Where people have longer tails, their means count for fewer degrees of freedom: as many as the
  kurtosis says (as in Burch 2011), or as leaving out one person after another says (the jackknife
  of the logarithm of their spread, Miller 1968), whichever is less. Few people show their tails
  too seldom, and tails to one side make the upper end too low above all, so that it is moved
  further (FEW, ONE_SIDED: ours, chosen on simulated people). Wider than Wald's, and not exact.
- Reliability of the mean of k nights: Spearman, Brown (1910).
- Nights that follow one another are alike: where that is beyond chance (lag1), every mean counts
  for fewer nights than it has (first-order autoregression over the calendar), the reliability of
  k nights is that of k nights in a row, and the intervals are no longer exact.

Of these sources the abstract of Burch (Improved large-sample confidence intervals for ratios of
variance components in nonnormal distributions) was read; Wald, Patterson and Thompson, Spearman
and Brown stand so in others' lists, unread; Miller (Jackknifing variances) is from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from notturno import refusals
from notturno.refusals import Refusal

if TYPE_CHECKING:
    import numpy as np

LEVEL = 0.95
MIN_PEOPLE = 3  # two people say nothing of how people differ
TOO_FEW_PEOPLE = "too_few_people"
MIN_OF_TAILS = 4  # people; three have no kurtosis
MOST_RATIO = 1e6  # of variances; beyond, nights do not differ
MOST_LAG1 = 0.95
FEW, ONE_SIDED = (
    2.0,
    3.0,
)  # by how much the upper end's variance grows: / sqrt(n); x skewness^2 / n
LEAST_DEGREES = 0.5
CHANCE = 1.96  # standard errors within which a likeness of neighbours is none
METHOD = (
    "random intercept for each person, restricted maximum likelihood; interval of the ratio of "
    "variances by Wald (1940), wider where people have long tails (kurtosis, skewness, "
    "jackknife); reliability of the mean of k nights in a row by Spearman-Brown, with first-order "
    "autoregression where neighbouring nights are alike beyond chance"
)


class Fit(NamedTuple):
    """What nights of many people say.

    mean: of people; mean_error: its standard error. between, within: variances of the level,
    between people and between one person's nights. ratio, ratio_low, ratio_high: between / within
    with its interval; tails: excess kurtosis of people that it reckons with. lag1: likeness of
    neighbouring nights as it was found, or None without neighbours; believed_lag1: as it was used
    (0: within chance).
    """

    people: int
    nights: int
    mean: float
    mean_error: float
    between: float
    within: float
    ratio: float
    ratio_low: float
    ratio_high: float
    tails: float
    lag1: float | None
    believed_lag1: float
    level: float


def fit(levels: Sequence, days: Sequence | None = None, level: float = LEVEL) -> Fit | Refusal:
    """Return the Fit of every person's levels (one array each), or a Refusal.

    days: of each person the day numbers of these nights, rising; without them nights are taken as
    independent. level: of the interval.
    """
    import numpy as np

    people = [np.asarray(one, float) for one in levels if len(one)]
    if len(people) < MIN_PEOPLE:
        return Refusal(
            "People with such nights: {n}; how people differ needs {needed}.",
            TOO_FEW_PEOPLE,
            n=len(people),
            needed=MIN_PEOPLE,
        )
    counts = np.array([len(one) for one in people])
    nights = int(counts.sum())
    if nights == len(people):
        return Refusal(
            "No person has two such nights; how nights differ needs them.",
            refusals.TOO_FEW_NIGHTS,
        )
    means = np.array([one.mean() for one in people])
    squares = float(sum(((one - m) ** 2).sum() for one, m in zip(people, means, strict=True)))
    if squares <= 1e-12 * max(1.0, float((means**2).sum())):
        return Refusal(
            "No person's nights differ from one another: no spread to compare with.",
            refusals.NO_SPREAD,
        )
    lag1, believed, grown = None, 0.0, np.ones(len(people))
    if days is not None:
        kept = [np.asarray(one) for one in days if len(one)]
        lag1, believed = _likeness(people, means, kept, squares)
        if believed:
            grown = np.array([mean_growth(one, believed) for one in kept])
    parts = _Parts(counts / grown, means, squares, float((counts - grown).sum()))
    ratio = parts.likeliest()
    variance = (squares + parts.spread(ratio)) / (parts.degrees + len(people) - 1)
    tails = parts.tails(ratio)
    low, high = parts.interval(level, parts.degrees_of_ends(ratio, tails))
    return Fit(
        people=len(people),
        nights=nights,
        mean=parts.mean(ratio),
        mean_error=float(np.sqrt(variance / parts.weights(ratio).sum())),
        between=ratio * variance,
        within=variance,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        tails=tails,
        lag1=lag1,
        believed_lag1=believed,
        level=level,
    )


class _Parts:
    """The sufficient statistics: worth of each mean in nights, means, squares within, degrees."""

    def __init__(
        self, worth: np.ndarray, means: np.ndarray, squares: float, degrees: float
    ) -> None:
        self.worth, self.means, self.squares, self.degrees = worth, means, squares, degrees

    def weights(self, ratio: float) -> np.ndarray:
        return self.worth / (1 + self.worth * ratio)

    def mean(self, ratio: float) -> float:
        return self._mean(self.weights(ratio))

    def _mean(self, weights: np.ndarray) -> float:
        return float((weights * self.means).sum() / weights.sum())

    def spread(self, ratio: float) -> float:
        """Weighted squares of the means; falls with the ratio."""
        weights = self.weights(ratio)  # once: a fit asks for a hundred spreads
        return float((weights * (self.means - self._mean(weights)) ** 2).sum())

    def likeliest(self) -> float:
        """Return the ratio of variances of the largest restricted likelihood."""
        import numpy as np
        from scipy.optimize import minimize_scalar

        degrees = self.degrees + len(self.means) - 1

        def cost(logarithm: float) -> float:
            ratio = np.exp(logarithm)
            return (
                degrees * np.log(self.squares + self.spread(ratio))
                + np.log1p(self.worth * ratio).sum()
                + np.log(self.weights(ratio).sum())
            )

        bounds = (np.log(1e-8), np.log(MOST_RATIO))
        found = minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-9})
        ratio = float(np.exp(found.x))
        return ratio if ratio > 1e-7 else 0.0

    def tails(self, ratio: float) -> float:
        """Return the excess kurtosis of people (unbiased for normal ones); never below 0."""
        n = len(self.means)
        if n < MIN_OF_TAILS:
            return 0.0
        scaled = self._scaled(ratio)
        square = float((scaled**2).mean())
        if square == 0:
            return 0.0
        excess = float((scaled**4).mean()) / square**2 - 3
        return max(0.0, ((n + 1) * excess + 6) * (n - 1) / ((n - 2) * (n - 3)))

    def _scaled(self, ratio: float) -> np.ndarray:
        """Return the means about their mean, of one variance where the ratio is right."""
        import numpy as np

        scaled = np.sqrt(self.weights(ratio)) * (self.means - self.mean(ratio))
        return scaled - scaled.mean()

    def degrees_of_ends(self, ratio: float, tails: float) -> tuple[float, float]:
        """Return for how many degrees of freedom the means count, at the low and the high end."""
        import numpy as np

        n = len(self.means)
        normal = 2 / (n - 1)  # the variance of the logarithm of a spread
        squares = self._scaled(ratio) ** 2
        total = float(squares.sum())
        if n < MIN_OF_TAILS or total == 0:
            return n - 1, n - 1
        without = np.maximum(total - squares * n / (n - 1), 1e-9 * total) / (n - 2)
        left_out = n * np.log(total / (n - 1)) - (n - 1) * np.log(without)
        jackknife = float(left_out.var(ddof=1)) / n
        skewness = float((self._scaled(ratio) ** 3).mean()) / (total / n) ** 1.5
        low = max(jackknife, normal + tails / n)
        high = max(jackknife * (1 + FEW / np.sqrt(n)) + ONE_SIDED * skewness**2 / n, normal)
        return max(LEAST_DEGREES, 2 / low), max(LEAST_DEGREES, 2 / high)

    def interval(self, level: float, degrees: tuple[float, float]) -> tuple[float, float]:
        """Return the lowest and the highest ratio that the means do not contradict.

        degrees: for how many the means count at either end; people - 1 is Wald's own interval.
        """
        from scipy.special import fdtri

        people, second = len(self.means), self.degrees
        ends = [
            float(fdtri(first, second, 0.5 + sign * level / 2))
            for first, sign in zip(degrees, (1, -1), strict=True)
        ]
        low, high = (self._where(end * self.squares / second * (people - 1)) for end in ends)
        return low, high

    def _where(self, wanted: float) -> float:
        """Return the ratio at which the spread is so large; 0 where it never is."""
        from scipy.optimize import root_scalar

        if self.spread(0.0) <= wanted:
            return 0.0
        if self.spread(MOST_RATIO) >= wanted:
            return MOST_RATIO
        bracket = (0.0, MOST_RATIO)
        found = root_scalar(lambda ratio: self.spread(ratio) - wanted, bracket=bracket, xtol=1e-10)
        return float(found.root)


def _likeness(
    people: list[np.ndarray], means: np.ndarray, days: list[np.ndarray], squares: float
) -> Any:
    """Return (lag1 as found or None, lag1 to be used)."""
    import numpy as np

    variance = squares / sum(len(one) - 1 for one in people)
    products, pairs = 0.0, 0
    for levels, mean, when in zip(people, means, days, strict=True):
        near = np.diff(when) == 1
        rest = levels - mean
        # About its own mean a person's nights are unlike by 1 / n without any likeness.
        products += float((rest[:-1] * rest[1:])[near].sum()) + near.sum() * variance / len(levels)
        pairs += int(near.sum())
    if not pairs:
        return None, 0.0
    lag1 = products / pairs / variance
    if lag1 < CHANCE / np.sqrt(pairs):
        return lag1, 0.0
    return lag1, min(lag1, MOST_LAG1)


def mean_growth(days: Any, lag1: float) -> float:
    """Return by how much the variance of the mean of these nights is above that of strangers."""
    import numpy as np

    days = np.asarray(days)
    return float((lag1 ** np.abs(days[:, None] - days[None, :])).sum() / len(days))


def reliability(ratio: float, nights: int, lag1: float = 0.0) -> float:
    """Return which part of the variance of the mean of so many nights in a row is of people.

    ratio: of variances, between / within (a Fit's). The intraclass correlation for one night.
    """
    worth = nights / mean_growth(range(nights), lag1) if lag1 else nights
    return ratio * worth / (1 + ratio * worth)


def nights_needed(ratio: float, wanted: float, lag1: float = 0.0, most: int = 366) -> int | None:
    """Return the fewest nights in a row whose mean is so reliable; None above `most`."""
    low, high = 0, most
    if ratio <= 0 or reliability(ratio, most, lag1) < wanted:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reliability(ratio, middle, lag1) >= wanted else (middle, high)
    return high


def reach(found: Fit) -> float:
    """Return how far the interval of a Fit's mean reaches on both sides (Student's)."""
    from scipy.special import stdtrit

    return float(stdtrit(found.people - 1, 0.5 + found.level / 2)) * found.mean_error
