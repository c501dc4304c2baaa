"""What the events of a report's nights were: sleep starts, sides, what was left out, the diary.

Takes `chosen.Chosen`; every figure is of `scoring.manynights`. Gives plain dicts that may hold
Refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.scoring.manynights import counting, diary, diary_sums, figures, usable

if TYPE_CHECKING:
    from notturno.report.chosen import Chosen

SIDE_MEASURES = ("jerks_per_h", "plms_per_h_wasm2016")
HOURS = ("recorded_h", "countable_h", "asleep_h", "awake_h", "not_worn_h", "gap_h")
LEFT_OUT = ("jerks_left_out", "lms_left_out", "rhythms_left_out")
COUNTS = (
    *("jerks", "lms", "rhythms", "rhythms_leg", "rhythms_clonic"),
    *("plm_wasm2016", "plms_wasm2016", "plm_aasm3", "plms_aasm3"),
)


def counts(chosen: Chosen) -> dict:
    """Return sums over the nights that may be read: `counts`, `hours`, `left_out` by reason."""
    rows = [row for row in chosen.rows if usable.night_refusal(row) is None]
    return {
        "counts": {key: counting.total(rows, key) for key in COUNTS},
        "hours": {key: counting.total(rows, key) for key in HOURS},
        "left_out": {
            key.removesuffix("_left_out"): counting.by_reason(rows, key) for key in LEFT_OUT
        },
    }


def sleep_starts(chosen: Chosen) -> dict:
    """Return possible sleep starts of the readable nights: as `counting.against_chance`."""
    rows = [row for row in chosen.rows if usable.night_refusal(row) is None]
    return counting.against_chance(rows)


def sides(chosen: Chosen) -> list[dict]:
    """Return one row a band, and one of both legs: where it was worn, its nights and rates."""
    rows = []
    for section in chosen.sections:
        found = figures.of_band(section, (), None, SIDE_MEASURES, changes=False)
        rows.append(
            {
                "band": found["band"],
                "side": found["person_side"],
                "nights": found["nights"],
                "usable_nights": found["usable_nights"],
                "typical": {key: found["measures"][key]["typical"] for key in SIDE_MEASURES},
            }
        )
    return rows


def diary_rows(chosen: Chosen) -> dict:
    """Return `entries` by what was noted, and `associations` with the rate of single jerks."""
    nights = usable.usable(chosen.rows, "jerks_per_h")[0] if chosen.rows else []
    return {
        "entries": diary_sums.by_what(chosen.diary),
        "associations": diary.associations(nights, diary_sums.as_values(chosen.diary)),
    }
