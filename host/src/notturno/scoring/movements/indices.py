"""Indices of one night: periodicity, log-IMI, histograms, hours and halves of the night.

I work on the movements and Runs of one rule set and know neither its bounds nor its breaks.
A figure that cannot be given is a Refusal. Units: microseconds inside, seconds (`_s`) outside.
Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.nights.spans import US_PER_H
from notturno.refusals import Refusal
from notturno.scoring.movements.series import IMI_MAX_US

if TYPE_CHECKING:
    from notturno.scoring.movements.legs import Movement

# Both ends belong to the range of log-IMI (Skeba 2016) and of WASM 2016; the lower end of the
# periodicity index is a convention.
INDEX_IMI_MIN_US = 10_000_000
# Intervals in a row that the periodicity index asks for (Ferri 2006): those of 4 movements.
PERIODIC_RUN = 3
IMI_BIN_US = 2_000_000  # histogram bins of SOMAS: 2 s, and 0.1 in ln(s) from 0 to 4.5
LOG_BINS_PER_E, LOG_BINS = 10, 45


def periodicity_of_intervals(
    intervals: list[tuple[int, int, int]], lower_inclusive: bool
) -> Refusal | float:
    """Return the periodicity index by intervals (Ferri 2006), 0 to 1, or a Refusal.

    `intervals`: (earlier, later, imi_us) in order. An interval qualifies from 10 s (excluded
    unless `lower_inclusive`) to 90 s (included); it counts in a row of 3 or more that follow one
    another without a break.
    """
    if not intervals:
        return Refusal("No interval between movements was measured.", refusals.TOO_FEW_INTERVALS)
    lowest = INDEX_IMI_MIN_US if lower_inclusive else INDEX_IMI_MIN_US + 1
    kept, row, last_later = 0, 0, None
    for earlier, later, imi_us in intervals:
        if row and earlier != last_later:
            kept += row if row >= PERIODIC_RUN else 0
            row = 0
        if lowest <= imi_us <= IMI_MAX_US:
            row += 1
        else:
            kept += row if row >= PERIODIC_RUN else 0
            row = 0
        last_later = later
    kept += row if row >= PERIODIC_RUN else 0
    return kept / len(intervals)


def log_imi(
    imis_us: list[int], base: str = "ln", sd_form: str = "sample"
) -> tuple[float | refusals.Refusal, float | refusals.Refusal]:
    """Return (mean, sd) of the logarithm of the intervals in seconds that lie in 10-90 s.

    Either is a Refusal where there are too few: 1 interval for the mean, 2 for the SD.
    """
    log = math.log if base == "ln" else math.log10
    values = [log(imi / 1e6) for imi in imis_us if INDEX_IMI_MIN_US <= imi <= IMI_MAX_US]
    n = len(values)
    if n == 0:
        none = Refusal("No interval of 10 to 90 s was measured.", refusals.TOO_FEW_INTERVALS)
        return none, none
    mean = math.fsum(values) / n
    if n == 1:
        return mean, Refusal(
            "A spread needs two intervals of 10 to 90 s; there is one.",
            refusals.TOO_FEW_INTERVALS,
        )
    squares = math.fsum([(value - mean) ** 2 for value in values])
    return mean, math.sqrt(squares / (n - 1 if sd_form == "sample" else n))


def imi_histogram(imis_us: list[int]) -> dict[str, Any]:
    """Return counts of intervals in bins of 2 s from 0 to 90 s (the last holds 90 s)."""
    last = IMI_MAX_US // IMI_BIN_US - 1
    counts, above = [0] * (last + 1), 0
    for imi in imis_us:
        if imi > IMI_MAX_US:
            above += 1
        else:
            counts[min(imi // IMI_BIN_US, last)] += 1
    return {"bin_s": 2.0, "first_s": 0.0, "counts": counts, "above": above}


def log_imi_histogram(imis_us: list[int]) -> dict[str, Any]:
    """Return counts of ln(interval in s) in bins of 0.1 from 0 to 4.5."""
    counts, below, above = [0] * LOG_BINS, 0, 0
    for imi in imis_us:
        index = math.floor(math.log(imi / 1e6) * LOG_BINS_PER_E)
        if index < 0:
            below += 1
        elif index >= LOG_BINS:
            above += 1
        else:
            counts[index] += 1
    return {"bin_ln_s": 0.1, "first_ln_s": 0.0, "counts": counts, "below": below, "above": above}


def mean_duration_s(movements: list[Movement], indices: Sequence[int]) -> Refusal | float:
    """Return the mean duration of some movements in seconds, or a Refusal without any."""
    if not indices:
        return Refusal("There is no movement of this kind.", refusals.TOO_FEW_MOVEMENTS)
    return sum([movements[i].end_us - movements[i].onset_us for i in indices]) / len(indices) / 1e6


def by_hour(
    movements: list[Movement], candidate: list[bool], periodic: set[int], origin_us: int
) -> list | list[dict[str, int]]:
    """Return one dict an hour from `origin_us` to the last movement: hour, lm, clm, plm.

    Hours without a movement stand there with zeros; a movement before the origin has a negative
    hour.
    """
    if not movements:
        return []
    hours = [(movement.onset_us - origin_us) // US_PER_H for movement in movements]
    first = min(0, hours[0])
    rows = [
        {"hour": hour, "lm": 0, "clm": 0, "plm": 0} for hour in range(first, max(0, hours[-1]) + 1)
    ]
    for i, hour in enumerate(hours):
        row = rows[hour - first]
        row["lm"] += 1
        row["clm"] += candidate[i]
        row["plm"] += i in periodic
    return rows


def by_half(
    movements: list[Movement], periodic: set[int], span_us: tuple[int, int]
) -> dict[str, Any]:
    """Return the counts of lm and plm in both halves of a span, and the instant between."""
    start_us, end_us = span_us
    middle_us = (start_us + end_us) // 2
    halves = [{"lm": 0, "plm": 0}, {"lm": 0, "plm": 0}]
    for i, movement in enumerate(movements):
        if start_us <= movement.onset_us < end_us:
            half = halves[movement.onset_us >= middle_us]
            half["lm"] += 1
            half["plm"] += i in periodic
    return {
        "start_s": start_us / 1e6,
        "middle_s": middle_us / 1e6,
        "end_s": end_us / 1e6,
        "first": halves[0],
        "second": halves[1],
    }
