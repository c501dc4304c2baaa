"""What is said of one measure: of all nights and of the cleaned ones, side by side.

Takes people's nights (`levels.Person`); gives dicts with Refusals where a figure would mislead.
`typical`, `variability` and percentiles are those of `scoring.manynights`. Pure.
"""

from collections import Counter
from math import sqrt
from statistics import NormalDist, mean, median, quantiles
from typing import Any

from notturno.cohort import levels, mixed, paired
from notturno.nights.columns import BY_KEY
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.manynights import usable
from notturno.scoring.manynights.levels import from_level, is_counted, typical
from notturno.scoring.manynights.profile import MIN_NIGHTS as MIN_OF_AN_HOUR
from notturno.scoring.manynights.profile import PERCENTILES
from notturno.scoring.manynights.trends import variability

NIGHTS_IN_A_ROW = (1, 2, 3, 5, 7, 10, 14, 21, 28)
WANTED = (0.7, 0.8, 0.9)
BOTH = ("full", "cleaned")
OF_FIT = (
    *("typical", "typical_low", "typical_high", "people_low", "people_high", "between_sd"),
    *("within_sd", "counting_share", "icc", "icc_low", "icc_high", "tails", "lag1"),
    *("lag1_used", "reliability", "nights_needed"),
)


def of_people(people: list[levels.Person], key: str) -> dict:
    """Return the figures of one measure over people.

    Where there are too few, `OF_FIT` are None and `refusal` says why.

    typical: of a typical person's typical night, with its interval; people_low, people_high: eight
    of ten people's typical nights lie between. between_sd, within_sd: of the levels (`scale`);
    counting_share: which part of the variance within is of counting alone (None: no count).
    """
    counted = all(is_counted(person.nights) for person in people) and bool(people)
    found = {
        "people": len(people),
        "nights": sum(len(person.nights) for person in people),
        "unit": levels.unit_of(key, counted),
        "scale": "ln(1/h + 0.0625)" if counted else BY_KEY[key].unit,
    }
    fit = mixed.fit(
        [[night.level for night in person.nights] for person in people],
        [[night.day for night in person.nights] for person in people],
    )
    refused = is_refusal(fit)
    found |= {"refusal": fit if refused else None}
    found |= dict.fromkeys(OF_FIT) if refused else _of_fit(fit, people, counted)
    return found | {"night_to_night": _night_to_night(people)}


def _of_fit(fit: mixed.Fit, people: list[levels.Person], counted: bool) -> dict:
    reach, wide = mixed.reach(fit), NormalDist().inv_cdf(0.5 + paired.OF_TEN / 2)
    sides = (-1, 1)
    lag1 = fit.believed_lag1
    of_mean = [from_level(fit.mean + sign * reach, counted) for sign in sides]
    of_eight = [from_level(fit.mean + sign * wide * sqrt(fit.between), counted) for sign in sides]
    found: dict = {"typical": from_level(fit.mean, counted)}
    found |= dict(zip(("typical_low", "typical_high"), of_mean, strict=True))
    found |= dict(zip(("people_low", "people_high"), of_eight, strict=True))
    found |= {"between_sd": sqrt(fit.between), "within_sd": sqrt(fit.within)}
    found["counting_share"] = None
    if counted:
        chance = mean(night.counting_variance for person in people for night in person.nights)
        found["counting_share"] = min(1.0, chance / fit.within)
    of_k = [_reliability(fit, k) for k in NIGHTS_IN_A_ROW]
    found |= {"icc": of_k[0]["value"], "icc_low": of_k[0]["low"], "icc_high": of_k[0]["high"]}
    found["tails"] = fit.tails
    found["lag1"] = fit.lag1
    found["lag1_used"] = lag1
    found["reliability"] = of_k
    found["nights_needed"] = [
        {
            "reliability": wanted,
            "nights": mixed.nights_needed(fit.ratio, wanted, lag1),
            "nights_to_be_sure": mixed.nights_needed(fit.ratio_low, wanted, lag1),
        }
        for wanted in WANTED
    ]
    return found


def _reliability(fit: mixed.Fit, nights: int) -> dict[str, float]:
    ratios = {"value": fit.ratio, "low": fit.ratio_low, "high": fit.ratio_high}
    said = {
        name: mixed.reliability(ratio, nights, fit.believed_lag1) for name, ratio in ratios.items()
    }
    return {"nights": nights} | said


def _night_to_night(people: list[levels.Person]) -> dict[str, dict]:
    """Return how nights of one person differ: percentiles over people of each one's own figure."""
    found = {}
    spreads = [variability(person.nights) for person in people]
    for name in ("coefficient_of_variation", "times_more_than_chance"):
        own = [spread[name] for spread in spreads if not isinstance(spread, Refusal)]
        found[name] = percentiles([value for value in own if not is_refusal(value)])
    return found


def percentiles(values: list[float]) -> dict:
    """Return `people` and `p10` ... `p90` over people, linear between them.

    Below five people the percentiles are None, and `refusal` says why.
    """
    found: dict = {"people": len(values), "refusal": None}
    if len(values) < MIN_OF_AN_HOUR:
        refusal = Refusal(
            "People with such nights: {n}; percentiles over people need {needed}.",
            mixed.TOO_FEW_PEOPLE,
            n=len(values),
            needed=MIN_OF_AN_HOUR,
        )
        return found | {"refusal": refusal} | {f"p{p}": None for p in PERCENTILES}
    cuts = quantiles(values, n=100, method="inclusive")
    return found | {f"p{p}": cuts[p - 1] for p in PERCENTILES}


def of_hours(table: Any) -> dict:
    """Return {kind: rows by hour} of an answer of `queries.hours`: percentiles over people.

    Of each person the median of the nights' rates in that hour; `nights`, `events`: sums.
    """
    of_hour: dict = {}
    for row in [] if table is None else table.to_pylist():
        of_hour.setdefault(row["kind"], {}).setdefault(row["hour"], []).append(row)
    return {
        kind: [
            {
                "hour": hour,
                "nights": sum(row["nights"] for row in rows),
                "events": sum(row["events"] for row in rows),
            }
            | percentiles([row["p50"] for row in rows])
            for hour, rows in sorted(hours.items())
        ]
        for kind, hours in sorted(of_hour.items())
    }


def of_sides(rows: list[dict], found: list, keep: list[bool]) -> dict:
    """Return what nights say in which left and right were worn both: left against right.

    found: the levels of the rows, or Refusals. `one_sided`: of how many people the own interval
    over at least three nights excludes that both sides are alike.
    """
    nights: dict = {}
    for i, (row, level) in enumerate(zip(rows, found, strict=True)):
        if row["person_side"] in ("L", "R") and keep[i] and not is_refusal(level):
            nights.setdefault(row["person"], {}).setdefault(row["date"], {})[
                row["person_side"]
            ] = level
    own, one_sided, counted, used = [], 0, True, 0
    for of_night in nights.values():
        pairs = [pair for pair in of_night.values() if len(pair) == 2]
        if not pairs:
            continue
        counted = counted and is_counted([level for pair in pairs for level in pair.values()])
        differences = [pair["L"].level - pair["R"].level for pair in pairs]
        own.append(mean(differences))
        used += len(pairs)
        one_sided += _excludes_none(differences)
    return paired.over_people(own, counted and bool(own)) | {
        "nights": used,
        "one_sided": one_sided,
    }


def _excludes_none(differences: list[float]) -> bool:
    if len(differences) < usable.MIN_NIGHTS:
        return False
    p = paired.over_people(differences, False)["p"]
    return p < 1 - paired.LEVEL


def of_phases(people: list[levels.Person], spans: dict) -> tuple[dict, dict]:
    """Return (second phase against the first over people, {why: how many people left out}).

    spans: {person: (nights of the first phase, of the second: sets of dates)} or, where the phases
    are not there, the reason's code.
    """
    own, left_out, counted, nights = [], Counter(), True, [0, 0]
    firsts, seconds = [], []
    for person in people:
        phases = spans[person.person]
        if isinstance(phases, str):
            left_out[phases] += 1
            continue
        parts = [[n for n in person.nights if n.date in dates] for dates in phases]
        if min(map(len, parts)) < usable.MIN_NIGHTS:
            left_out["too_few_nights"] += 1
            continue
        counted = counted and is_counted([*parts[0], *parts[1]])
        first, second = (mean(night.level for night in part) for part in parts)
        own.append(second - first)
        firsts.append(typical(parts[0]))
        seconds.append(typical(parts[1]))
        nights = [n + len(part) for n, part in zip(nights, parts, strict=True)]
    typicals = [median(values) if values else None for values in (firsts, seconds)]
    found = paired.over_people(own, counted and bool(own))
    return found | {"nights": nights, "median_of_typical": typicals}, dict(left_out)
