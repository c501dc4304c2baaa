"""The figures of many nights of one band or person, of two phases of them, and of a plain list.

I put the rooms for many nights together; no rule stands here. Takes rows of the logbook by
`nights.columns`, or nights of a list. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from notturno import __version__, refusals
from notturno.nights.columns import BY_KEY, DEFAULT_MEASURES
from notturno.nights.summary import makers_in
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.manynights import change_points, makers, phases, trends, usable
from notturno.scoring.manynights.levels import NightCount, Nights, is_counted, typical

STATS_SCHEMA, COMPARE_SCHEMA = "stats-1", "compare-1"
METHODS = {"trends": "trends-2", "phases": "phases-2", "change_points": "change_points-2"}
MADE = ("firmware", "detector_version", "names_version", "settings_sha256", "rules_version")


def sections(rows: list[dict]) -> list[list]:
    """Return the rows of each band, and of each person, apart; by their id."""
    ids = sorted({row["device_id"] for row in rows})
    return [[row for row in rows if row["device_id"] == device] for device in ids]


def of_band(
    rows: list[dict],
    tags: Sequence[dict] = (),
    by: str | None = None,
    measures: tuple[str, ...] = DEFAULT_MEASURES,
    changes: bool = True,
) -> dict:
    """Return the figures of one band's nights (rows, any order).

    by: None, "tag", "phase" (tags, each also compared with the first) or "month". changes: also
    where the level changed, which takes longest.
    """
    found = _head(rows) | {"table": _table(rows, measures)}
    found["measures"] = {key: _over_nights(rows, key, changes) for key in measures}
    if by is not None:
        found["groups"] = _groups(rows, tags, by, measures)
    return found | {"provenance": _provenance(rows)}


def compare_band(
    two_phases: tuple[list[dict], list[dict]], measures: Any = DEFAULT_MEASURES
) -> dict:
    """Return what one band's nights say of two phases (two lists of rows)."""
    every = [row for phase in two_phases for row in phase]
    head = _head(every)
    found = {key: head[key] for key in ("device_id", "band", "person_side", "simulated")}
    found["phases"] = [_head(phase) | {"table": _table(phase, measures)} for phase in two_phases]
    found["measures"] = {key: _compared(two_phases, key) for key in measures}
    return found | {"provenance": _provenance(every)}


def of_list(nights: list[NightCount]) -> dict:
    """Return typical rate, spread, trend and change points of a list's nights (by day).

    All keys of `trends.trend` and `change_points.change_points` stand side by side.
    """
    changes = change_points.change_points(nights)
    return {
        "units": {"typical_per_h": "1/h", "trend_per_week": trends.PERCENT_A_WEEK},
        "typical_per_h": typical(nights),
        "variability": trends.variability(nights),
        **trends.trend(nights),
        "change_points": changes["change_points"],
        "segments": changes["segments"],
        "change_points_method": changes["method"],
        "change_points_note": changes["note"],
    }


def _head(rows: list[dict]) -> dict:
    first = rows[0] if rows else {}
    reasons = {row["night"]: usable.night_refusal(row) for row in rows}
    kept = [row for row in rows if reasons[row["night"]] is None]
    dates = sorted(row["date"] for row in rows if row["date"])
    return {
        "device_id": first.get("device_id"),
        "band": first.get("band"),
        "person_side": first.get("person_side"),
        "simulated": any(row["simulated"] for row in rows),
        "nights": len(rows),
        "usable_nights": len(kept),
        "first_night": dates[0] if dates else None,
        "last_night": dates[-1] if dates else None,
        "left_out": {night: reason for night, reason in reasons.items() if reason is not None},
        "short_h": usable.SHORT_H,
        "short_nights": [row["night"] for row in kept if row["countable_h"] < usable.SHORT_H],
        "countable_h": sum(row["countable_h"] for row in kept),
    }


def _table(rows: list[dict], measures: tuple[str, ...]) -> list[dict]:
    """Return one entry a night, the same figures as every other surface shows."""
    return [
        {
            "night": row["night"],
            "state": row["state"],
            "refusal": None if row["refusal"] is None else refusals.from_json(row["refusal"]),
            **{key: row[key] for key in measures},
        }
        for row in rows
    ]


def _kept(rows: list[dict], key: str) -> tuple[Nights, list[dict], dict[str, refusals.Refusal]]:
    """Return (nights, rows of these, {night: Refusal} that this measure alone leaves out)."""
    nights, left_out = usable.usable(rows, key)
    own = {
        row["night"]: left_out[row["night"]]
        for row in rows
        if row["night"] in left_out and usable.night_refusal(row) is None
    }
    return nights, [row for row in rows if row["night"] not in left_out], own


def _measured(key: str, nights: Nights, own: dict[str, refusals.Refusal]) -> dict:
    return {
        "words": BY_KEY[key].words,
        "unit": "1/h" if is_counted(nights) else BY_KEY[key].unit,
        "usable_nights": len(nights),
        "left_out": own,
    }


def _level(rows: list[dict], key: str) -> tuple[Nights, dict]:
    """Return typical figure and spread of the nights of one measure, Refusals where misleading."""
    nights, kept, own = _kept(rows, key)
    refusal = makers.different_makers(kept)
    found = _measured(key, nights, own)
    if refusal is None and not nights:
        refusal = usable.too_few_nights(0, 1, "a typical night")
    if refusal is not None:
        return nights, found | {"typical": refusal, "variability": refusal}
    return nights, found | {"typical": typical(nights), "variability": trends.variability(nights)}


def _over_nights(rows: list[dict], key: str, changes: bool) -> dict:
    nights, found = _level(rows, key)
    refusal = found["typical"]
    if is_refusal(refusal):
        none = dict.fromkeys((*trends.KEYS, "p", "lag1"), refusal)
        found |= {"trend": none}
        return found | ({"change_points": {"change_points": refusal}} if changes else {})
    found |= {"trend": trends.trend(nights)}
    return found | ({"change_points": change_points.change_points(nights)} if changes else {})


def _compared(
    two_phases: tuple[list[dict], list[dict]], key: str, refusal: refusals.Refusal | None = None
) -> dict:
    parts = [_kept(rows, key) for rows in two_phases]
    nights = [part[0] for part in parts]
    found = _measured(key, [*nights[0], *nights[1]], parts[0][2] | parts[1][2])
    if refusal is None:
        refusal = makers.different_makers([row for part in parts for row in part[1]])
    return found | phases.compare(*nights, refusal=refusal)


def _groups(
    rows: list[dict], tags: Sequence[dict], by: str, measures: tuple[str, ...]
) -> list[dict]:
    if by == "month":
        keys = sorted({row["date"][:7] for row in rows if row["date"]})
        groups = [(k, [n for n in rows if n["date"] and n["date"][:7] == k]) for k in keys]
    else:
        groups = [
            (name, [n for n in rows if usable.in_tag(tags, name, n)])
            for name in usable.phase_names(tags)
        ]
    found = []
    for name, of_group in groups:
        group = {"name": name} | _head(of_group)
        group["measures"] = {key: _level(of_group, key)[1] for key in measures}
        if by == "phase" and found:
            for key in measures:
                group["measures"][key]["against_first"] = _against(groups[0], of_group, key)
        found.append(group)
    return found


def _against(first: tuple[str, list[dict]], rows: list[dict], key: str) -> dict:
    """Return the comparison of a group with the first; refused where they share nights."""
    name, first_rows = first
    shared = {row["night"] for row in first_rows} & {row["night"] for row in rows}
    refusal = (
        Refusal("It shares nights with {name}.", refusals.SHARED_NIGHTS, name=name)
        if shared
        else None
    )
    return _compared((first_rows, rows), key, refusal)


def _provenance(rows: list[dict]) -> dict:
    """Return what made the rows, each value once."""
    made = {key: makers_in(row[key] for row in rows if row[key] is not None) for key in MADE}
    return made | {"methods": METHODS, "notturno": __version__}
