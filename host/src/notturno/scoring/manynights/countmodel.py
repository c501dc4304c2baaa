"""A negative binomial model of counts with an offset, by maximum likelihood.

ln(mean) = offset + X beta; variance = mean + alpha mean^2 (the form called NB2, Cameron and
Trivedi 2013). Counts of jerks differ between nights by more than chance; a Poisson model would
give intervals far too narrow. Pure; numpy and scipy are imported inside.
"""

from typing import NamedTuple

ALPHA_MIN = 1e-8  # below, the counts are no more spread than chance: Poisson


class Fit(NamedTuple):
    """`beta`, `covariance` (arrays of p and p x p), `alpha` (0: Poisson), `log_likelihood`."""

    beta: object
    covariance: object
    alpha: float
    log_likelihood: float


def fit(counts, columns, hours):
    """Return the Fit for counts (n), columns (n x p, with the constant) and hours (n, > 0).

    Raises ArithmeticError where the likelihood has no maximum (e.g. a phase without any event).
    """
    import numpy as np
    from scipy.optimize import minimize

    y, x = np.asarray(counts, float), np.asarray(columns, float)
    offset = np.log(np.asarray(hours, float))
    start = np.zeros(x.shape[1])
    start[0] = np.log((y.sum() + 0.5) / np.exp(offset).sum())
    poisson = _poisson(y, x, offset, start)
    mean = np.exp(offset + x @ poisson)
    # The score of alpha at 0: where it is not positive, the maximum lies at alpha = 0.
    if ((y - mean) ** 2 - y).sum() <= 0:
        return _as_poisson(y, x, offset, poisson)
    alpha0 = max(((y - mean) ** 2 - mean).sum() / (mean**2).sum(), 1e-3)
    found = minimize(
        _loss,
        np.append(poisson, np.log(alpha0)),
        args=(y, x, offset),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-8, "maxiter": 500},
    )
    alpha = float(np.exp(found.x[-1]))
    if alpha < ALPHA_MIN:
        return _as_poisson(y, x, offset, poisson)
    if not np.isfinite(found.fun) or np.abs(found.jac).max() > 1e-3 * max(1.0, y.sum() ** 0.5):
        raise ArithmeticError("the model did not converge")
    covariance = np.linalg.inv(_curvature(found.x, y, x, offset))[:-1, :-1]
    return Fit(found.x[:-1], covariance, alpha, -float(found.fun))


def _loss(parameters, y, x, offset):
    """Return (minus log likelihood, its gradient) at (beta, ln alpha)."""
    import numpy as np
    from scipy.special import digamma, gammaln

    beta, size = parameters[:-1], np.exp(-parameters[-1])  # size = 1 / alpha
    eta = np.clip(offset + x @ beta, -50, 50)
    mean = np.exp(eta)
    log_total = np.log(size + mean)
    value = (
        gammaln(y + size)
        - gammaln(size)
        - gammaln(y + 1)
        + size * (np.log(size) - log_total)
        + y * (eta - log_total)
    )
    by_eta = size * (y - mean) / (size + mean)
    by_size = (
        digamma(y + size)
        - digamma(size)
        + np.log(size)
        + 1
        - log_total
        - (y + size) / (size + mean)
    )
    return -value.sum(), -np.append(x.T @ by_eta, -size * by_size.sum())


def _curvature(parameters, y, x, offset):
    """Return the observed information: central differences of the exact gradient."""
    import numpy as np

    rows = []
    for i in range(len(parameters)):
        step = np.zeros(len(parameters))
        step[i] = 1e-5 * max(1.0, abs(parameters[i]))
        above = _loss(parameters + step, y, x, offset)[1]
        below = _loss(parameters - step, y, x, offset)[1]
        rows.append((above - below) / (2 * step[i]))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _poisson(y, x, offset, beta):
    import numpy as np

    for _ in range(100):
        mean = np.exp(np.clip(offset + x @ beta, -50, 50))
        step = np.linalg.solve(x.T @ (x * mean[:, None]), x.T @ (y - mean))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            return beta
    raise ArithmeticError("the model did not converge")


def _as_poisson(y, x, offset, beta):
    import numpy as np
    from scipy.special import gammaln

    mean = np.exp(offset + x @ beta)
    value = (y * np.log(mean) - mean - gammaln(y + 1)).sum()
    return Fit(beta, np.linalg.inv(x.T @ (x * mean[:, None])), 0.0, float(value))
