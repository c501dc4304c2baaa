"""Nights of one patient, drawn: how often do the statistics over many nights err?

A night's true rate is a level times a factor of mean 1 with a given coefficient of variation
(log-normal, gamma, or log-normal with a night in ten without any), alike from night to night by
lag1; its events are a Poisson count of rate * hours. Shares no code with notturno.scoring.

Run as a program it prints the tables of NIGHTS.md (tables a cell as the argument; 1 000 take
some ten minutes on one core):
    python tests/scoring_nights/simulated_nights.py 1000
"""

import sys
from unittest.mock import patch

import numpy as np
from notturno.refusals import is_refusal
from notturno.scoring.manynights import change_points, phases, power, trends
from notturno.scoring.manynights.levels import NightCount
from scipy.special import gammaincinv, ndtr

MODELS = ("log-normal", "gamma", "zeros")
CVS = (0.3, 0.5, 0.7, 1.0)
RATES = (1.0, 30.0)  # an hour
LAGS = (0.0, 0.3, 0.6)
LENGTHS = (3, 6, 10, 15, 20, 30, 60)
SIZES = ((3, 3), (4, 4), (5, 5), (7, 7), (10, 10), (15, 15), (30, 30), (4, 10), (20, 8))


def factors(rng, days, cv, lag1, model):
    """Return a factor of mean 1 for each of some days (rising), alike by lag1 to the distance."""
    z = np.empty(days[-1] - days[0] + 1)
    z[0] = rng.normal()
    for i in range(1, len(z)):
        z[i] = lag1 * z[i - 1] + np.sqrt(1 - lag1**2) * rng.normal()
    z = z[np.asarray(days) - days[0]]
    if model == "gamma":
        return gammaincinv(1 / cv**2, np.clip(ndtr(z), 1e-12, 1 - 1e-12)) * cv**2
    sigma = np.sqrt(np.log(1 + cv**2))
    found = np.exp(sigma * z - sigma**2 / 2)
    return found * (rng.random(len(z)) >= 0.1) if model == "zeros" else found


def calendar(rng, n, missing=0.1):
    """Return n days, one in ten missing."""
    return np.flatnonzero(rng.random(3 * n + 20) >= missing)[:n]


def counted(rng, days, rate_per_h):
    """Return NightCounts of 4 to 9 h with Poisson counts; rate_per_h: one for each day."""
    hours = rng.uniform(4, 9, len(days))
    counts = rng.poisson(rate_per_h * hours)
    return [
        NightCount(f"n{day}", int(day), int(count), float(h))
        for day, count, h in zip(days, counts, hours, strict=True)
    ]


def _rate(rng, rates):
    """Return a rate between two, any order of size alike."""
    return np.exp(rng.uniform(*np.log(rates)))


def two_phases(rng, sizes, cv, lag1, model, ratio, apart=True, rates=RATES):
    """Return two phases of one calendar. apart: nights are alike inside a phase only."""
    days = calendar(rng, sum(sizes))
    cut = sizes[0]
    if apart:
        parts = [factors(rng, part, cv, lag1, model) for part in (days[:cut], days[cut:])]
        factor = np.concatenate(parts)
    else:
        factor = factors(rng, days, cv, lag1, model)
    rate = _rate(rng, rates) * np.where(np.arange(len(days)) < cut, 1, ratio)
    every = counted(rng, days, rate * factor)
    return every[:cut], every[cut:]


def series(rng, n, cv, lag1, model, step=1.0, rates=RATES):
    """Return n nights of one rate, from the middle on times step."""
    days = calendar(rng, n)
    rate = _rate(rng, rates) * np.where(np.arange(n) < n // 2, 1, step)
    return counted(rng, days, rate * factors(rng, days, cv, lag1, model))


def coverage(rng, tables, sizes, cvs, lag1, models, apart=True, ratios=(1.0, 0.5), rates=RATES):
    """Return (share of intervals that hold the true ratio, share that exclude 1).

    How many nights a halving would need is left out: a search, of which neither is told, and most
    of what a comparison costs.
    """
    held = shown = 0
    for _ in range(tables):
        ratio = rng.choice(ratios)
        cv, model = rng.choice(cvs), rng.choice(models)
        every = two_phases(rng, sizes, cv, lag1, model, ratio, apart, rates)
        with patch.object(power, "nights_needed", lambda *_: None):
            found = phases.compare(*every)
        if is_refusal(found["ratio"]):
            raise AssertionError(found["ratio"].reason)
        held += found["ratio_low"] <= ratio <= found["ratio_high"]
        shown += found["p"] < 0.05
    return held / tables, shown / tables


def claims(rng, tables, n, cvs, lag1, models, step=1.0):
    """Return (share of series with a trend, share with a change point)."""
    trend = change = 0
    for _ in range(tables):
        nights = series(rng, n, rng.choice(cvs), lag1, rng.choice(models), step)
        found = trends.trend(nights)
        # A refusal (three nights without an event) claims nothing.
        trend += not is_refusal(found["p"]) and found["p"] < 0.05
        change += bool(change_points.change_points(nights)["change_points"])
    return trend / tables, change / tables


def _row(name, values):
    print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |", flush=True)


def _program(tables):
    for apart in (True, False):
        print("phases", "apart" if apart else "on end", "by sizes", *SIZES)
        for lag1 in LAGS:
            rng = np.random.default_rng(1)
            _row(lag1, [coverage(rng, tables, s, CVS, lag1, MODELS, apart)[0] for s in SIZES])
    print("phases apart, all sizes, by CV", *CVS)
    for model in MODELS:
        for lag1 in LAGS:
            rng = np.random.default_rng(2)
            cells = [
                [coverage(rng, tables // 9, s, (cv,), lag1, (model,))[0] for s in SIZES]
                for cv in CVS
            ]
            _row(f"{model} {lag1}", [np.mean(cell) for cell in cells])
    print("power of a halving at CV 0.5, 0.7, 1.0 (log-normal, no lag) by nights in each phase")
    for n in (7, 10, 14, 20, 30):
        rng = np.random.default_rng(3)
        _row(
            n,
            [
                coverage(rng, tables // 2, (n, n), (cv,), 0.0, MODELS[:1], True, (0.5,))[1]
                for cv in CVS[1:]
            ],
        )
    for step in (1.0, 0.5):
        print(f"step {step}: share with a trend, with a change, by nights", *LENGTHS)
        for lag1 in LAGS:
            rng = np.random.default_rng(4)
            cvs = CVS if step == 1 else (0.5,)
            found = [claims(rng, tables // 2, n, cvs, lag1, MODELS[:2], step) for n in LENGTHS]
            _row(f"trend {lag1}", [trend for trend, _ in found])
            _row(f"change {lag1}", [change for _, change in found])


if __name__ == "__main__":
    _program(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
