"""One night's figure as the statistics see it: a rate on the scale of logarithms, or a value.

Every method over many nights takes these and asks for `day`, `level` and `counting_variance`
alone, so that a rate and a value go through the same method. Pure.
"""

from collections.abc import Sequence
from math import exp, log
from statistics import fmean
from typing import Any, NamedTuple

# Ours: half an event in a night of eight hours, added to every rate, so that a night without an
# event has a logarithm too, and the same one whatever its hours. For counts by chance around a
# rate it also takes away most of the logarithm's own bias.
ADDED_PER_H = 0.5 / 8


class NightCount(NamedTuple):
    """One usable night of a count: its date or name, day number, events and hours (> 0)."""

    date: str
    day: int
    count: int  # pyright: ignore[reportIncompatibleMethodOverride]  a tuple's own
    hours: float

    @property
    def figure(self) -> float:
        """Events an hour."""
        return self.count / self.hours

    @property
    def level(self) -> float:
        """ln of (events an hour + ADDED_PER_H)."""
        return log(self.figure + ADDED_PER_H)

    @property
    def counting_variance(self) -> float:
        """Variance of `level` from counting alone: about 1 / count."""
        return 1 / (self.count + 0.5)


class NightValue(NamedTuple):
    """One usable night of a figure that is no rate (an index, hours): its date, day and value."""

    date: str
    day: int
    value: float

    @property
    def figure(self) -> float:
        """The value itself."""
        return self.value

    level = figure

    @property
    def counting_variance(self) -> float:
        """No part of a value's spread is known beforehand."""
        return 0.0


# NightCount all, or NightValue all: `is_counted` tells.
Nights = Sequence[Any]


def is_counted(nights: Nights) -> bool:
    """Tell nights of counts (compared by a ratio) from nights of values (by a difference)."""
    return all(isinstance(night, NightCount) for night in nights)


def from_level(level: float, counted: bool) -> float:
    """Return what people read for a mean level: events an hour, or the value."""
    return exp(min(level, 700.0)) if counted else level


def typical(nights: Nights) -> float:
    """Return the figure of a typical night: the geometric mean of rates, the mean of values."""
    return from_level(fmean(night.level for night in nights), is_counted(nights))
