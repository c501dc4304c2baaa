"""The hours of the night over many nights: percentiles of each hour's rate, as glucose reports do.

Takes the hours of each night (`scoring.onenight.hours`); gives one row an hour, with Refusals
where a percentile would mislead. Units: events per countable hour. Pure.
"""

from statistics import quantiles

from notturno.refusals import is_refusal
from notturno.scoring.manynights.usable import too_few_nights

PERCENTILES = (10, 25, 50, 75, 90)
MIN_NIGHTS = 5  # ours: below, the outer percentiles are the smallest and the largest night
NOTE = (
    "Percentiles over the nights of the rate in that hour (events per countable hour of it); an "
    "hour of which hardly anything was countable is left out of that night."
)


def profile(nights: list[list[dict]]) -> list[dict]:
    """Return one row an hour: `hour`, `nights`, `events`, `countable_h`, `p10` ... `p90`.

    nights: of each night its rows of `hours.by_hour` (`hour`, `events`, `countable_h`,
    `per_countable_h`). `events` and `countable_h` are sums over the nights that have a rate in
    that hour; percentiles are linear between nights, a Refusal below MIN_NIGHTS.
    """
    of_hour: dict[int, list] = {}
    for rows in nights:
        for row in rows:
            of_hour.setdefault(row["hour"], [])
            if not is_refusal(row["per_countable_h"]):
                of_hour[row["hour"]].append(row)
    return [_row(hour, of_hour[hour]) for hour in sorted(of_hour)]


def _row(hour: int, rows: list[dict[str, float]]) -> dict:
    found = {
        "hour": hour,
        "nights": len(rows),
        "events": sum(row["events"] for row in rows),
        "countable_h": sum(row["countable_h"] for row in rows),
    }
    if len(rows) < MIN_NIGHTS:
        refusal = too_few_nights(len(rows), MIN_NIGHTS, "an hour's percentiles")
        return found | {f"p{p}": refusal for p in PERCENTILES}
    cuts = quantiles([row["per_countable_h"] for row in rows], n=100, method="inclusive")
    return found | {f"p{p}": cuts[p - 1] for p in PERCENTILES}
