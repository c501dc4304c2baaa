"""The nights of a report: each with its rate and interval, the typical ones, phases, the hours.

Takes `chosen.Chosen`; every figure is of `scoring.manynights`. Gives plain dicts that may hold
Refusals. Rates are events an hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.charts.svg import round_steps
from notturno.errors import UserError
from notturno.refusals import is_refusal
from notturno.report import bench_figures
from notturno.scoring.manynights import counting, detector_range, figures, usable
from notturno.views.many import hours_of_nights

if TYPE_CHECKING:
    from notturno.report.chosen import Chosen

RATES = (
    *("jerks_per_h", "lms_per_h", "plms_per_h_wasm2016", "plms_per_h_aasm3"),
    *("periodicity_index", "periodicity_index_aasm3", "log_imi_mean"),
)
RANGED = ("plms_per_h_wasm2016", "plms_per_h_aasm3")
CLASSES = ("jerks", "rhythms_leg", "rhythms_clonic")
COMPARED = ("jerks_per_h", "plms_per_h_wasm2016")
# PLMS per hour of sleep of adults, above which the laboratory rule (ICSD-3, of EMG) asks for a
# clinical judgement; given as a line to read by, never as a verdict.
LAB_LIMIT_PER_H = 15
DRAWN = "jerks_per_h"
MOST_HOURS = 90  # ours: three months say what the night is like now; each has to be read whole
HEAD = (
    *("nights", "usable_nights", "first_night", "last_night", "left_out", "short_h"),
    *("short_nights", "countable_h", "simulated"),
)


def overall(chosen: Chosen) -> dict:
    """Return the figures of all nights: `head`, `measures`, `classes`, `above_lab_limit`."""
    found = figures.of_band(chosen.rows, (), None, (*RATES, *CLASSES), changes=False)
    measures = found["measures"]
    bench = bench_figures.figures()["periodic"]
    for key in RANGED:
        measures[key]["detector_range"] = detector_range.range_of(
            measures[key]["typical"], bench["found"], bench["ppv"]
        )
    return {
        "head": {key: found[key] for key in HEAD}
        | {"left_out_by_code": counting.by_code(found["left_out"])},
        "measures": {key: measures[key] for key in RATES},
        "classes": {key: measures[key] for key in CLASSES},
        "above_lab_limit": {
            key: counting.above(usable.usable(chosen.rows, key)[0], LAB_LIMIT_PER_H)
            for key in RANGED
        },
        "provenance": found["provenance"],
    }


def nightly(chosen: Chosen) -> dict:
    """Return `nights`: one row each with its rate and Poisson interval, or its refusal; `axis`."""
    rows = []
    for row in chosen.rows:
        refusal = usable.night_refusal(row)
        entry = {
            "night": row["night"],
            "date": row["date"],
            "state": row["state"],
            "refusal": refusal,
            "events": row["jerks"],
            "countable_h": row["countable_h"],
            **{key: row[key] for key in (DRAWN, *RANGED)},
        }
        low, high = None, None
        if refusal is None and row[DRAWN] is not None:
            low, high = counting.poisson_interval(row["jerks"], row["countable_h"])
        rows.append(entry | {f"{DRAWN}_low": low, f"{DRAWN}_high": high})
    tops = [row[f"{DRAWN}_high"] for row in rows if row[f"{DRAWN}_high"] is not None]
    return {
        "measure": DRAWN,
        "level": counting.LEVEL,
        "nights": rows,
        "axis": round_steps(max(tops, default=1.0)),
    }


def hours(store, chosen: Chosen) -> dict:
    """Return the percentiles of the hours of the night of one band, and the `axis` of rates.

    Of its last MOST_HOURS nights that may be read; `left_for_length`: how many older there are.
    """
    usable_rows = [row for row in chosen.hours_rows if usable.night_refusal(row) is None]
    found = hours_of_nights(store, usable_rows[-MOST_HOURS:])
    tops = [row["p90"] for row in found["hours"] if not _refused(row["p90"])]
    for row in found["hours"]:
        row["clock"] = row["hour"] % 24
    return found | {
        "band": chosen.hours_rows[0]["band"] if chosen.hours_rows else None,
        "left_for_length": max(0, len(usable_rows) - MOST_HOURS),
        "axis": round_steps(max(tops, default=1.0)),
    }


def _refused(value: dict | float) -> bool:
    return is_refusal(value) or isinstance(value, dict)


def phases(chosen: Chosen) -> dict:
    """Return `groups`: each phase with its nights and levels, and against the first one.

    One phase alone is set against the nights before it, where there are any; `base` names what
    the others are compared with (None: nothing can be).
    """
    groups = figures.of_band(chosen.rows, chosen.tags, "phase", COMPARED, changes=False)["groups"]
    groups = [group for group in groups if group["nights"]]
    if len(groups) == 1:
        groups = _with_before(chosen, groups[0]["name"]) or groups
    kept = ("name", "nights", "usable_nights", "first_night", "last_night", "measures")
    return {
        "base": groups[0]["name"] if len(groups) > 1 else None,
        "measures": list(COMPARED),
        "groups": [{key: group[key] for key in kept} for group in groups],
    }


def _with_before(chosen: Chosen, name: str) -> list[dict] | None:
    """Return two groups, `before` and the one phase there is; None without nights before it."""
    try:
        two = usable.two_phases(chosen.rows, chosen.tags, usable.BEFORE, name)
    except UserError:
        return None
    if not two[0]:
        return None
    found = figures.compare_band(two, COMPARED)
    groups = []
    for i, (phase, title) in enumerate(zip(found["phases"], (usable.BEFORE, name), strict=True)):
        measures = {}
        for key, compared in found["measures"].items():
            measures[key] = {"words": compared["words"], "unit": compared["unit"]}
            measures[key] |= {"typical": compared["typical"][i]}
            if i:
                measures[key]["against_first"] = compared
        groups.append(phase | {"name": title, "measures": measures})
    return groups
