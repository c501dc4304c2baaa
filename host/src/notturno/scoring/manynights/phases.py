"""Two phases (before and after, with and without): how many times more events in an hour?

Takes `NightCount`s of one band for each phase. The rate ratio comes from a negative binomial model
with the recorded hours as offset; a permutation test, which believes in no model, stands beside
it. Units: events per recorded hour. Pure; numpy and scipy are imported inside.

Neither knows why the rate changed: whatever else changed with the phase changed it too.
"""

from itertools import combinations
from math import comb, exp

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights.countmodel import fit
from notturno.scoring.manynights.trends import LEVEL, t_quantile
from notturno.scoring.manynights.usable import MIN_NIGHTS, rate_of, too_few_nights

MIN_EVENTS = 5  # ours: below this many in a phase, a ratio is an accident
EXACT_UP_TO = 20_000  # all divisions of the nights are tried where they are no more than this
DRAWS = 10_000
SEED = 20160116
CAVEAT = (
    "A difference between phases is no proof of its cause: anything else that changed at the same "
    "time would show in the same way, and neighbouring nights may be alike."
)


def compare(first, second, level=LEVEL):
    """Return rates, the rate ratio second / first with its interval, and the permutation test."""
    found = {
        "nights": [len(first), len(second)],
        "events": [sum(n.count for n in first), sum(n.count for n in second)],
        "hours": [sum(n.hours for n in first), sum(n.hours for n in second)],
        "rates_per_recorded_h": [rate_of(first), rate_of(second)],
        "rate_ratio": rate_ratio(first, second, level),
        "permutation": permutation(first, second),
        "denominator": "recorded hours",
        "caveat": CAVEAT,
    }
    return found


def _refused(first, second, what):
    fewest = min(len(first), len(second))
    if fewest < MIN_NIGHTS:
        return too_few_nights(fewest, MIN_NIGHTS, f"{what} in each phase")
    return None


def rate_ratio(first, second, level=LEVEL):
    """Return {ratio, interval, level, overdispersion, model}, or a Refusal.

    The interval is Wald's on ln(ratio) with Student's quantile of nights - 2 degrees of freedom,
    since with few nights the normal one is too narrow.
    """
    refusal = _refused(first, second, "a rate ratio")
    if refusal is not None:
        return refusal
    fewest = min(sum(n.count for n in first), sum(n.count for n in second))
    if fewest < MIN_EVENTS:
        return Refusal(
            f"{fewest} events in a phase are too few for a ratio; it needs {MIN_EVENTS}.",
            refusals.TOO_FEW_MOVEMENTS,
        )
    nights = [*first, *second]
    columns = [[1.0, float(i >= len(first))] for i in range(len(nights))]
    try:
        model = fit([n.count for n in nights], columns, [n.hours for n in nights])
    except ArithmeticError:
        return Refusal("The model has no solution for these nights.", refusals.TOO_FEW_MOVEMENTS)
    error = float(model.covariance[1, 1]) ** 0.5
    reach = t_quantile(level, len(nights) - 2) * error
    beta = float(model.beta[1])
    return {
        "ratio": exp(beta),
        "interval": [exp(beta - reach), exp(beta + reach)],
        "level": level,
        "ln_ratio": beta,
        "ln_ratio_error": error,
        "overdispersion": model.alpha,
        "model": "negative binomial" if model.alpha else "Poisson (no over-dispersion found)",
    }


def permutation(first, second, draws=DRAWS, seed=SEED):
    """Return {p, difference, draws, exact}: nights dealt anew to the phases at random.

    The statistic is the difference of the mean ln(rate). p counts the divisions with a difference
    at least as large, the real one included; all divisions where there are few.
    """
    refusal = _refused(first, second, "a permutation test")
    if refusal is not None:
        return refusal
    p, difference, tried, exact = permuted(
        [n.log_rate for n in first], [n.log_rate for n in second], draws, seed
    )
    return {
        "p": p,
        "smallest_possible_p": 2 / tried if exact and len(first) == len(second) else 1 / tried,
        "mean_ln_difference": difference,
        "divisions_tried": tried,
        "exact": exact,
    }


def permuted(first, second, draws=DRAWS, seed=SEED):
    """Return (p, difference of means, divisions tried, whether all were) of two lists."""
    import numpy as np

    values = np.array([*first, *second], float)
    values = values - values.mean()
    n, k = len(values), len(second)
    total = values.sum()

    def differences(sums):
        return sums / k - (total - sums) / (n - k)

    real = float(differences(values[n - k :].sum()))
    slack = 1e-9 * (1 + np.abs(values).max())
    if comb(n, k) <= EXACT_UP_TO:
        chosen = np.array(list(combinations(range(n), k)))
        all_of = differences(values[chosen].sum(axis=1))
        return float((np.abs(all_of) >= abs(real) - slack).mean()), real, len(all_of), True
    rng = np.random.default_rng(seed)
    hits = 0
    for start in range(0, draws, 1000):
        many = min(1000, draws - start)
        dealt = rng.permuted(np.broadcast_to(values, (many, n)), axis=1)
        hits += int((np.abs(differences(dealt[:, :k].sum(axis=1))) >= abs(real) - slack).sum())
    return (1 + hits) / (1 + draws), real, 1 + draws, False
