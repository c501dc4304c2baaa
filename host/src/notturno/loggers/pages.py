"""Pages that are numbered: where each belongs, though others of the file are lost or damaged.

Pure, numpy. A logger writes pages of one size, counts them and stamps each. So every page says
its place twice, and its neighbours say it too: what two of them agree upon is believed. The count
tells how many samples are lost where pages are, and a rate needs no stretch that is whole.
"""

from typing import NamedTuple

import numpy as np

NEIGHBOURS = 10  # on each side say where a page should be
LEAST_OFF_S = 0.02  # a stamp further off its neighbours' line is wrong; ours
OFF_TIMES_USUAL = 6.0  # or so often the usual distance, where stamps are coarse
NOMINAL_OFF = 0.05  # a logger's clock is nearer to its word than that (2.3 % were seen)


class Placed(NamedTuple):
    """keep: of each page, whether it is believed; numbers, stamps_s: as mended, nan for a stamp
    that is not believed; page_s: how long a page lasts."""

    keep: np.ndarray
    numbers: np.ndarray
    stamps_s: np.ndarray
    page_s: float


def placed(numbers: np.ndarray, stamps_s: np.ndarray, nominal_s: float) -> Placed:
    """Return the Placed of pages in the order of the file.

    numbers, stamps_s: float, nan where a page's cannot be read; nominal_s: of a page, by the
    file's own word.
    """
    page_s = _page_s(numbers, stamps_s, nominal_s)
    late_s = stamps_s - numbers * page_s
    usual_s = _around(late_s)
    off_s = np.abs(late_s - usual_s)
    spread_s = np.nanmedian(off_s) if np.isfinite(off_s).any() else 0.0
    most_s = min(max(LEAST_OFF_S, OFF_TIMES_USUAL * spread_s), page_s / 2)
    good = off_s <= most_s  # nan is not
    counted = (stamps_s - usual_s) / page_s  # the number that a stamp says
    keep, numbers, stamps_s = good.copy(), numbers.copy(), np.where(good, stamps_s, np.nan)
    sure = np.flatnonzero(good)
    for at in np.flatnonzero(~good).tolist():
        here = int(np.searchsorted(sure, at))
        before = int(sure[here - 1]) if here else None
        after = int(sure[here]) if here < len(sure) else None
        number = _number(at, before, after, numbers, counted[at], most_s / page_s)
        if number is not None:
            keep[at], numbers[at] = True, number
    return Placed(keep, numbers, stamps_s, page_s)


def lost_before(numbers: np.ndarray, stamps_s: np.ndarray, page_s: float) -> np.ndarray:
    """Return how many pages are lost before each, int (n,).

    numbers: of the pages that are there. Where a count begins anew, or jumps and the stamps (s,
    nan where unknown) do not, it says nothing, and the stamps alone tell of a gap.
    """
    lost = np.zeros(len(numbers), np.int64)
    if len(numbers) < 2:
        return lost
    steps = np.diff(np.asarray(numbers, np.float64))
    taken_s = np.diff(stamps_s)
    fits = np.abs(taken_s - steps * page_s) <= np.maximum(page_s, NOMINAL_OFF * steps * page_s)
    fits |= np.isnan(taken_s)
    lost[1:] = np.where((steps > 1) & fits, steps - 1, 0).astype(np.int64)
    return lost


def _page_s(numbers: np.ndarray, stamps_s: np.ndarray, nominal_s: float) -> float:
    """Return how long a page lasts, by neighbours in the file; else by its word."""
    taken_s, steps = np.diff(stamps_s), np.diff(numbers)
    each_s = taken_s[steps == 1]
    each_s = each_s[np.abs(each_s / nominal_s - 1) < NOMINAL_OFF]
    if not len(each_s):
        return nominal_s
    if len(each_s) < NEIGHBOURS:
        return float(np.median(each_s))
    # stamps are cut to a unit: the mean of most is finer than their median
    low, high = np.quantile(each_s, (0.1, 0.9))
    return float(each_s[(each_s >= low) & (each_s <= high)].mean())


def _around(late_s: np.ndarray) -> np.ndarray:
    """Return the median of each page and its NEIGHBOURS, nan where none says anything."""
    wide = np.concatenate([np.full(NEIGHBOURS, np.nan), late_s, np.full(NEIGHBOURS, np.nan)])
    rows = np.lib.stride_tricks.sliding_window_view(wide, 2 * NEIGHBOURS + 1)
    rows = np.sort(rows, axis=1)  # nan goes last
    known = np.isfinite(rows).sum(axis=1)
    middle = rows[np.arange(len(rows)), np.maximum(known - 1, 0) // 2]
    return np.where(known > 0, middle, np.nan)


def _number(
    at: int,
    before: int | None,
    after: int | None,
    numbers: np.ndarray,
    counted: float,
    most_off: float,
) -> float | None:
    """Return the number of a page whose count and stamp do not agree; None where nobody knows."""
    least = -np.inf if before is None else numbers[before] + (at - before)
    most = np.inf if after is None else numbers[after] - (after - at)
    if least == most:  # no page is lost around it: its place in the file says where it belongs
        return float(least)
    # at the ends a count is believed that goes on with the neighbours'
    if before is None:
        least = most
    if after is None:
        most = least
    said = numbers[at]
    by_count = bool(least <= said <= most)
    by_stamp = float(np.round(counted))  # nan fits nowhere
    stamp_fits = abs(counted - by_stamp) <= most_off and bool(least <= by_stamp <= most)
    if by_count and stamp_fits:
        return None  # both could be, and they differ
    if by_count:
        return float(said)
    return by_stamp if stamp_fits else None
