"""Spans of time: joined, shared, taken off. Pure; integers in microseconds (`_us`).

Seconds become integer microseconds once, here, so that no rounding moves a bound.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from math import isfinite
from typing import Any, SupportsIndex

from notturno.errors import Phrase
from notturno.times import HOUR_US

US_PER_S = 1_000_000
US_PER_H = HOUR_US


def to_us(value: float | str | Decimal) -> int:
    """Return `value` seconds (text, Decimal, int or float) as integer microseconds.

    Text is read as a decimal number, so "0.5" is exactly 500000; a digit beyond the microsecond
    is rounded (half to even). Raises ValueError for what is not a finite number.
    """
    if not isinstance(value, (str, Decimal)):
        # A protocol is dear to ask for, and a night has thousands of floats.
        if not isinstance(value, float) and isinstance(value, SupportsIndex):
            return value.__index__() * US_PER_S
        value = float(value)
        if not isfinite(value):
            raise ValueError(Phrase("not a finite number"))
        return round(value * US_PER_S)
    try:
        number = value if isinstance(value, Decimal) else Decimal(value.strip())
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or abs(number) > 1_000_000_000:
        raise ValueError(Phrase("not a finite number of seconds"))
    return int((number * US_PER_S).to_integral_value(ROUND_HALF_EVEN))


def past_midnight(of_day: Sequence[Any], day: Any) -> list[Any]:
    """Return times of day as they follow each other, in the unit of `day`; None stays None.

    Half a day back is the next day's; half a day on again is the day before's, as where a list of
    stages ends in the morning and one of events begins in the evening.
    """
    found, days, before = [], 0, None
    for one in of_day:
        if one is None:
            found.append(None)
            continue
        if before is not None and one < before - day / 2:
            days += 1
        elif before is not None and days and one > before + day / 2:
            days -= 1
        before = one
        found.append(one + days * day)
    return found


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted spans (start, end) with overlapping ones joined."""
    out = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def overlap_us(spans: list[tuple[int, int]], others: Sequence[tuple[int, int]]) -> int:
    """Return the time that sorted disjoint `spans` share with `others` (any order)."""
    return sum(end - start for start, end in shared(spans, merged(others)))


def without(spans: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted disjoint `spans` less `holes` (any order), empty pieces left out."""
    out = []
    holes = merged(holes)
    for start, end in spans:
        for hole_start, hole_end in holes:
            if hole_end <= start or hole_start >= end:
                continue
            if hole_start > start:
                out.append((start, hole_start))
            start = max(start, hole_end)
        if start < end:
            out.append((start, end))
    return out


def shared(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts that two lists of sorted disjoint spans share, in order."""
    out, j = [], 0
    for start, end in spans:
        while j < len(others) and others[j][1] <= start:
            j += 1
        k = j
        while k < len(others) and others[k][0] < end:
            low, high = max(start, others[k][0]), min(end, others[k][1])
            if low < high:
                out.append((low, high))
            k += 1
    return out


def nearest_pairs(apart: Iterable[tuple[float, int, int]]) -> list[tuple[int, int]]:
    """Return (i, j) of (how far apart, i, j): the nearest first, each of both at most once.

    In the order of i; of two that are as near, the earlier.
    """
    taken_i, taken_j, pairs = set(), set(), []
    for _, i, j in sorted(apart):
        if i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
            pairs.append((i, j))
    return sorted(pairs)
