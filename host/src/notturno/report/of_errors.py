"""How far the figures of a report may be believed: labels, trials, placement, the band's checks.

Reads the logbook and the bench's last table. Gives plain dicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notturno_core import checks as codes

from notturno.checks import sentence
from notturno.refusals import Refusal, from_json
from notturno.report import bench_figures
from notturno.scoring.manynights import counting, usable
from notturno.views.many import ppv_of_labels

if TYPE_CHECKING:
    from notturno.report.chosen import Chosen


def of_detector(rows: list[dict]) -> dict:
    """Return the bench's figures, and whether these nights were made by the detector it tried."""
    bench = bench_figures.figures()
    versions = {str(row["detector_version"]) for row in rows}
    low, high = counting.poisson_interval(
        round(bench["still"]["false_jerks_per_h"] * bench["still"]["hours"]),
        bench["still"]["hours"],
    )
    return bench | {
        "still": bench["still"] | {"low": low, "high": high},
        "of_these_nights": versions <= {str(bench["detector_version"])},
    }


def of_labels(store, since: str | None, until: str | None, jerks_per_h: float | Refusal) -> dict:
    """Return what the person's own labels say of the counted events (views.many).

    jerks_per_h: a typical night's, a figure or its Refusal; `wrong_jerks_per_h` follows from it.
    """
    found = ppv_of_labels(store, since, until)
    share = {key: of_json(value) for key, value in found["by_kind"]["jerk"].items()}
    return found | {"wrong_jerks_per_h": counting.wrong_per_h(jerks_per_h, share)}


def of_json(value: dict | float | str) -> Any:
    """Return a figure, or the Refusal of its JSON form."""
    return from_json(value) if isinstance(value, dict) and "refused" in value else value


def placement(store, chosen: Chosen) -> dict:
    """Return `worn`: nights by limb and side; `warnings` of the nights; `bands`: their checks."""
    places: dict[tuple[str, str], int] = {}
    warnings: dict[str, int] = {}
    rows = [row for rows in chosen.sections if rows[0]["person_side"] != "LR" for row in rows]
    for row in rows:
        place = (row["limb"] or "", row["person_side"] or "")
        places[place] = places.get(place, 0) + 1
        for warning in row["warnings"] or ():
            warnings[warning] = warnings.get(warning, 0) + 1
    devices = sorted({row["device_id"] for row in rows})
    return {
        "worn": [
            {"limb": limb, "side": side, "nights": nights}
            for (limb, side), nights in sorted(places.items(), key=lambda item: -item[1])
        ],
        "nights": len(rows),
        "not_worn_nights": sum(
            (reason := usable.night_refusal(row)) is not None and reason.code == "not_worn"
            for row in rows
        ),
        "warned_nights": sum(bool(row["warnings"]) for row in rows),
        "warnings": [{"warning": text, "nights": nights} for text, nights in warnings.items()],
        "bands": [_check(store, device) for device in devices],
    }


def _check(store, device: str) -> dict:
    """Return the last test of itself of a band: `passed` (None: never tested) and `finding`."""
    test = store.last_check(device)
    names = {band["device_id"]: band["name"] or band["device_id"] for band in store.bands()}
    found = {"device_id": device, "band": names.get(device, device)}
    if test is None:
        return found | {"passed": None, "finding": None}
    passed = test["verdict"] == codes.PASS
    return found | {"passed": passed, "finding": sentence(test["verdict"])}
