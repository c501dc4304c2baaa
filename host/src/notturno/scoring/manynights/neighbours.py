"""Neighbouring nights are alike: how much, and what that does to an error.

A night's level is taken as a mean (or a line) plus a first-order autoregression over the calendar:
nights d days apart correlate by lag1 ** d, so that a missing night needs no filling. Few nights
say little of lag1; so no single estimate of it is used: every lag1 of a grid is fitted
(generalised least squares), weighted by its restricted likelihood (Harville 1974) and by PRIOR,
and Student's distributions of all fits are mixed. Pure; numpy and scipy are imported inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from notturno.scoring.manynights.levels import Nights

if TYPE_CHECKING:
    import numpy as np


LAGS = tuple(round(0.05 * i - 0.4, 2) for i in range(28))  # -0.4 to 0.95
# Ours, chosen by measured coverage of intervals (NIGHTS.md): the straight line 1 - lag1.
PRIOR = tuple(1 - lag for lag in LAGS)
TINY = 1e-12  # a sum of squares of nothing: all levels equal


class Fits(NamedTuple):
    """Least squares for every lag1 of LAGS: arrays over it.

    coefficients, unit_errors: lags x columns (an error is unit_error * sqrt(variance)); variance:
    of one night around the fit; degrees: of freedom; log_likelihood: restricted.
    """

    coefficients: np.ndarray
    unit_errors: np.ndarray
    variance: np.ndarray
    degrees: int
    log_likelihood: np.ndarray


def fit(nights: Nights, columns: np.ndarray) -> Fits:
    """Return the Fits of the nights' levels (by day) to columns (n x p, n > p)."""
    import numpy as np

    levels = np.array([night.level for night in nights])
    n, p = columns.shape
    table, log_det = _whitened(np.column_stack([levels, columns]), steps(nights))
    y, x = table[:, :, 0], table[:, :, 1:]
    normal = np.einsum("gni,gnj->gij", x, x)
    moments = np.einsum("gni,gn->gi", x, y)
    inverse = np.linalg.inv(normal)
    coefficients = np.einsum("gij,gj->gi", inverse, moments)
    left = y - np.einsum("gni,gi->gn", x, coefficients)
    squares = np.maximum((left * left).sum(axis=1), TINY)
    return Fits(
        coefficients,
        np.sqrt(np.einsum("gii->gi", inverse)),
        squares / (n - p),
        n - p,
        -0.5 * (log_det + np.linalg.slogdet(normal)[1] + (n - p) * np.log(squares)),
    )


def steps(nights: Nights) -> np.ndarray:
    """Return the days from each night to the next; two nights of one day count as neighbours."""
    import numpy as np

    return np.maximum(np.diff([night.day for night in nights]), 1)


def _whitened(table: np.ndarray, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (lags x n x p of independent rows of equal variance, ln of the determinant)."""
    import numpy as np

    alike = np.array(LAGS)[:, None] ** gaps[None, :]
    rest = np.concatenate([np.ones((len(LAGS), 1)), 1 - alike**2], axis=1)
    white = np.repeat(table[None], len(LAGS), axis=0)
    white[:, 1:] -= alike[:, :, None] * table[None, :-1]
    return white / np.sqrt(rest)[:, :, None], np.log(rest).sum(axis=1)


def mean_variance(gaps: np.ndarray) -> np.ndarray:
    """Return, by lag1, the variance of a plain mean over nights, in variances of one night."""
    import numpy as np

    alike = np.array(LAGS)
    n = len(gaps) + 1
    total, with_earlier = np.full(len(alike), float(n)), np.zeros(len(alike))
    for gap in gaps:
        with_earlier = alike**gap * (1 + with_earlier)
        total += 2 * with_earlier
    return total / n**2


def weights(*log_likelihoods: np.ndarray) -> np.ndarray:
    """Return how far to believe each lag1, from the likelihoods of independent stretches."""
    import numpy as np

    total = np.sum(log_likelihoods, axis=0)
    believed = np.exp(total - total.max()) * np.array(PRIOR)
    return believed / believed.sum()


def lag1_of(believed: np.ndarray) -> float:
    """Return the mean of the believed lag1."""
    return float((believed * LAGS).sum())


class Belief(NamedTuple):
    """A mixture of Student's distributions: arrays weights, centres, errors, degrees."""

    weights: np.ndarray
    centres: np.ndarray
    errors: np.ndarray
    degrees: np.ndarray | float

    def below(self, value: float) -> float:
        """Return the belief that the truth lies below a value."""
        return self._distribution()(value)

    def _distribution(self) -> Callable[[float], float]:
        """Return `below`, for whoever asks a hundred times."""
        from scipy.special import stdtr

        weights, centres, errors, degrees = self

        def below(value: float) -> float:
            return float((weights * stdtr(degrees, (value - centres) / errors)).sum())

        return below

    def quantile(self, share: float) -> float:
        """Return the value below which the truth lies with this belief."""
        from scipy.optimize import brentq

        below = self._distribution()
        widest = reach = float(self.errors.max())
        low = high = float(self.centres[0])
        while not below(low) < share < below(high):
            reach *= 8
            low, high = self.centres.min() - reach, self.centres.max() + reach
        root: Any = brentq(lambda value: below(value) - share, low, high, xtol=1e-7 * widest)
        return float(root)

    def p(self) -> float:
        """Return the two-sided p of zero: under 0.05 just where the 95 % interval excludes it."""
        below = self.below(0.0)
        return 2 * min(below, 1 - below)
