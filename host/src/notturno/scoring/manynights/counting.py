"""What many nights give by plain counting: intervals, sums by reason, nights above a line.

Takes counts, hours, and nights of `levels`; no verdict on a night is made here. Pure; scipy is
imported inside. Rates are events an hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from notturno.refusals import Refusal, is_refusal
from notturno.scoring.manynights.usable import too_few_nights

if TYPE_CHECKING:
    from notturno.scoring.manynights.levels import NightCount

LEVEL = 0.95


def poisson_interval(count: int, hours: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval (Garwood 1936) of the rate behind a count in some hours (> 0).

    It holds what chance alone does to one night's count, and nothing of what changes by night.
    """
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low / hours, float(gammaincinv(count + 1, 1 - tail)) / hours


def above(nights: list[NightCount], limit: float) -> dict:
    """Return how many of some nights of `levels` lie above a limit: `limit`, `above`, `nights`."""
    return {
        "limit": limit,
        "above": sum(night.figure > limit for night in nights),
        "nights": len(nights),
    }


def by_reason(rows: Iterable[dict], key: str) -> dict[str, int]:
    """Return {reason: events} summed over rows with a column of that form, most first."""
    sums: dict[str, int] = {}
    for row in rows:
        for reason, count in (row[key] or {}).items():
            sums[reason] = sums.get(reason, 0) + count
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def by_code(left_out: dict[str, Refusal]) -> dict[str, int]:
    """Return {code of a refusal: nights} of nights that are left out, most first."""
    return by_reason(({"code": {refusal.code: 1}} for refusal in left_out.values()), "code")


def total(rows: Iterable[dict], key: str) -> float | Refusal:
    """Return the sum of a column over the rows that give it; a Refusal where none does."""
    values = [row[key] for row in rows if row[key] is not None]
    return sum(values) if values else too_few_nights(0, 1, "a sum")


def against_chance(rows: Iterable[dict], level: float = LEVEL) -> dict:
    """Return possible sleep starts over the nights that give them, and how many chance would give.

    Keys: `nights`, `counted`, `low`, `high` (Garwood's interval of the count), `by_chance` (sum of
    each night's own expectation, itself an estimate). Refusals where no night gives them.
    """
    given = [
        row
        for row in rows
        if row["sleep_starts"] is not None and row["sleep_starts_by_chance"] is not None
    ]
    found = {"nights": len(given), "level": level}
    keys = ("counted", "low", "high", "by_chance")
    if not given:
        return found | dict.fromkeys(keys, too_few_nights(0, 1, "a sum of sleep starts"))
    counted = sum(row["sleep_starts"] for row in given)
    low, high = poisson_interval(counted, 1.0, level)
    chance = sum(row["sleep_starts_by_chance"] for row in given)
    return found | dict(zip(keys, (counted, low, high, chance), strict=True))


def wrong_per_h(rate: float | Refusal, share: dict) -> dict | Refusal:
    """Return the events an hour that are not the person's own: `wrong`, `low`, `high`.

    share: of `ppv.share`; the rate is taken as known. A Refusal where either is one.
    """
    for value in (rate, share["ppv"]):
        if is_refusal(value):
            return value
    return {
        "wrong": rate * (1 - share["ppv"]),
        "low": rate * (1 - share["ppv_high"]),
        "high": rate * (1 - share["ppv_low"]),
    }
