"""The hours of one night: what was counted in each, and by how much countable time it is divided.

The one place that cuts a night into hours, from its start or by the clock. Takes a `NightAxis` and
the onsets of what is counted. Pure; microseconds inside, hours out.
"""

from bisect import bisect_left

from notturno import refusals
from notturno.nights.axis import MIN_RATE_US, NightAxis
from notturno.nights.spans import US_PER_H, overlap_us
from notturno.refusals import Refusal


def by_hour(
    axis: NightAxis, onsets: list[int], first_us: int | None = None, first_hour: int = 0
) -> list[dict]:
    """Return `hour`, `start_us`, `events`, `countable_h`, `per_countable_h`, `whole` of each hour.

    onsets: of what counts, sorted. first_us: where the first hour begins (None: with the night's
    span), at or before the span's start; first_hour: its number. `per_countable_h` is a Refusal
    where hardly anything was countable; `whole`: whether all of the hour was countable.
    """
    start, end = axis.span_us
    first = start if first_us is None else first_us
    hours = []
    for at in range(first, end, US_PER_H):
        # What lies at the last sample is of the last hour.
        last = at + US_PER_H >= end
        behind = len(onsets) if last else bisect_left(onsets, at + US_PER_H)
        count = behind - bisect_left(onsets, at)
        countable_us = overlap_us(axis.countable, [(at, at + US_PER_H)])
        per_h = Refusal("Hardly anything could be counted in this hour.", refusals.TOO_SHORT)
        if countable_us >= MIN_RATE_US:
            per_h = count * US_PER_H / countable_us
        hours.append(
            {
                "hour": first_hour + len(hours),
                "start_us": at,
                "events": count,
                "countable_h": countable_us / US_PER_H,
                "per_countable_h": per_h,
                "whole": countable_us == US_PER_H,
            }
        )
    return hours
