"""Patterns of the jerks of one night: rhythms, clusters, strength, intervals, hours.

Takes a `NightAxis` and the onsets or rows of its single jerks; gives dicts of figures, with a
Refusal wherever a number would not be one. Units: seconds, hours, mg, Hz. Pure.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.nights.spans import overlap_us
from notturno.refusals import Refusal
from notturno.scoring.onenight import hours

if TYPE_CHECKING:
    from notturno.nights.axis import NightAxis

# Ours: a cluster is 3 single jerks or more, none more than 10 s after the one before.
CLUSTER_MIN, CLUSTER_GAP_US = 3, 10_000_000
MIN_FOR_SHARES = 5  # below this many, quartiles describe the accident and not the night
RHYTHM_BANDS = (("leg_0.3_4_hz", False), ("clonic_3_8_hz", True))


def rhythms(axis: NightAxis, countable_h: float | refusals.Refusal) -> dict[str, dict]:
    """Return the rhythmic runs of 0.3-4 Hz and of 3-8 Hz that count, apart."""
    runs = axis.counted("rhythm")
    found = {}
    for name, clonic in RHYTHM_BANDS:
        of_band = [run for run in runs if ("clonic_band" in run["flag_names"]) == clonic]
        lengths = [(run["end_us"] - run["onset_us"]) / 1e6 for run in of_band]
        hz = [run["rhythm_hz"] for run in of_band if run["rhythm_hz"]]
        none = Refusal("There is no such run.", refusals.TOO_FEW_MOVEMENTS)
        found[name] = {
            "runs": len(of_band),
            "runs_per_countable_h": refusals.per_h(len(of_band), countable_h),
            "beats": sum(run["beats"] or 0 for run in of_band),
            "length_s": _range(lengths) if lengths else none,
            "length_total_s": sum(lengths),
            "frequency_hz": _range(hz) if hz else none,
        }
    return found


def _range(values: list[float]) -> dict[str, float]:
    return {"min": min(values), "median": median(values), "max": max(values)}


def clusters(onsets: list[int], axis: NightAxis) -> dict[str, Any]:
    """Return groups of single jerks that follow one another closely, none across a gap."""
    groups = []
    for i, onset in enumerate(onsets):
        joined = (
            groups
            and onset - onsets[i - 1] <= CLUSTER_GAP_US
            and not overlap_us([(onsets[i - 1], onset)], axis.uncountable)
        )
        if joined:
            groups[-1].append(onset)
        else:
            groups.append([onset])
    found = [group for group in groups if len(group) >= CLUSTER_MIN]
    return {
        "clusters": len(found),
        "jerks_in_clusters": sum(map(len, found)),
        "largest": max(map(len, found), default=0),
        "spans": [{"start_s": g[0] / 1e6, "end_s": g[-1] / 1e6, "jerks": len(g)} for g in found],
    }


def _quantiles(values: list[float]) -> dict[str, float]:
    """Return the 5th, 25th, 50th, 75th and 95th percentile (linear between values)."""
    cuts = quantiles(values, n=20, method="inclusive")
    return {name: cuts[i] for name, i in (("p5", 0), ("p25", 4), ("p50", 9), ("p75", 14))} | {
        "p95": cuts[18]
    }


def _too_few(n: int, what: str) -> refusals.Refusal:
    return Refusal(
        "{n} {what_said} are too few for a distribution; it needs {min_for_shares}.",
        refusals.TOO_FEW_MOVEMENTS,
        n=n,
        what_said=what,
        min_for_shares=MIN_FOR_SHARES,
    )


def _octaves(values: list[float], unit: int) -> list[dict[str, int]]:
    """Return [(from, to, count)] in bins that double, from 1 `unit`; smaller ones are in it."""
    counts = {}
    for value in values:
        exponent = max(0, math.floor(math.log2(value / unit))) if value > 0 else 0
        counts[exponent] = counts.get(exponent, 0) + 1
    return [
        {"from": unit * 2**k if k else 0, "to": unit * 2 ** (k + 1), "count": counts[k]}
        for k in sorted(counts)
    ]


def strength(singles: list[dict]) -> Refusal | dict[str, Any]:
    """Return how strong the single jerks are: percentiles and bins of their peaks."""
    peaks = [event["peak_mg"] for event in singles]
    if len(peaks) < MIN_FOR_SHARES:
        return _too_few(len(peaks), "single jerks")
    clipped = sum("clipped" in event["flag_names"] for event in singles)
    return {
        "peak_mg": _quantiles(peaks) | {"min": min(peaks), "max": max(peaks)},
        "histogram_mg": _octaves(peaks, 1),
        "clipped": clipped,
        "note": "peaks of clipped jerks are lower bounds" if clipped else "no peak was clipped",
    }


def intervals(onsets: list[int], axis: NightAxis) -> Refusal | dict[str, Any]:
    """Return intervals from onset to onset; none across time in which nothing counts."""
    holes = axis.uncountable
    measured = [(b - a) / 1e6 for a, b in pairwise(onsets) if not overlap_us([(a, b)], holes)]
    if len(measured) < MIN_FOR_SHARES:
        return Refusal(
            "{n_measured} intervals are too few for a distribution; it needs {min_for_shares}.",
            refusals.TOO_FEW_INTERVALS,
            n_measured=len(measured),
            min_for_shares=MIN_FOR_SHARES,
        )
    return {
        "measured": len(measured),
        "across_uncountable": len(onsets) - 1 - len(measured),
        "interval_s": _quantiles(measured),
        "histogram_s": _octaves(measured, 1),
    }


def by_hour(axis: NightAxis, onsets: list[int]) -> list[dict[str, Any]]:
    """Return counts and rates of every hour from the start of the recording."""
    return [
        {
            "hour": row["hour"],
            "countable_min": row["countable_h"] * 60,
            "single_jerks": row["events"],
            "per_countable_h": row["per_countable_h"],
        }
        for row in hours.by_hour(axis, onsets, first_hour=1)
    ]
