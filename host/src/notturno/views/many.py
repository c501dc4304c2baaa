"""Many nights, ready to be shown: the profile of the hours, PPV by kind and by size.

Reads the logbook; every figure is of `scoring.manynights`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.refusals import to_json
from notturno.scoring.manynights import ppv, profile
from notturno.scoring.manynights.usable import night_refusal
from notturno.store.labels import ME
from notturno.views.night import clock_hours

if TYPE_CHECKING:
    from notturno.store import Store

KINDS = ("jerk", "lm", "rhythm")
SIZES_MG = ((0, 20), (20, 60), (60, 200), (200, None))  # peaks: as the detector's own bench


def hours_of_nights(store: Store, rows: list[dict], kind: str = "jerk") -> dict:
    """Return `hours` (profile.profile), `nights` (used), `kind` and `note` of one band's rows.

    rows: of the nightly table; those that may not be read as a rate, and those without a date,
    are left out, as everywhere.
    """
    used = [row for row in rows if night_refusal(row) is None]
    of_each = [hours_of_night(store, row, kind) for row in used]
    return {
        "kind": kind,
        "nights": len(used),
        "hours": to_json(profile.profile(of_each)),
        "note": profile.NOTE,
    }


def hours_of_night(store: Store, row: dict, kind: str = "jerk") -> list[dict]:
    """Return the rows of `clock_hours` of one night, of its row of the nightly table."""
    axis = store.night_on_axis_of(row["night"], row["device_id"], kind)
    return clock_hours(axis, row["zone"], kind)


def ppv_of_labels(store: Store, since: str | None = None, until: str | None = None) -> dict:
    """Return `all`, `by_kind` and `by_size` of ppv.share (JSON form), and `labels` by word.

    Of the counted events that bear a label; a night is that of one band. since, until: dates of
    evenings, both included; by_size: of the single jerks, by their peak in mg.
    """
    events = [
        event
        for event in store.labelled_events()
        if (since is None or event["night"] >= since)
        and (until is None or event["night"] <= until)
    ]
    counted = [e for e in events if e["left_out"] is None and e["kind"] in KINDS]
    jerks = [e for e in counted if e["kind"] == "jerk"]
    said: dict[str, int] = {}
    for event in events:
        said[event["label"]] = said.get(event["label"], 0) + 1
    return {
        "labels": said,
        "not_counted": len(events) - len(counted),
        "all": _share(counted),
        "by_kind": {kind: _share([e for e in counted if e["kind"] == kind]) for kind in KINDS},
        "by_size": [
            {"from_mg": low, "to_mg": high}
            | _share([e for e in jerks if low <= e["peak_mg"] < (high or float("inf"))])
            for low, high in SIZES_MG
        ],
        "note": ppv.NOTE,
    }


def _share(events: list[dict]) -> dict:
    nights: dict = {}
    for event in events:
        night = nights.setdefault((event["night"], event["device_id"]), [0, 0])
        night[0] += event["label"] == ME
        night[1] += 1
    return to_json(ppv.share([tuple(night) for night in nights.values()]))
