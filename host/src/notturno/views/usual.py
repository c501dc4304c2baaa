"""What was usual before a night, for the measures that stand first. Reads the logbook."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from notturno.nights.columns import DEFAULT_MEASURES
from notturno.refusals import Refusal, to_json
from notturno.scoring.manynights import usual
from notturno.scoring.manynights.makers import MADE_BY
from notturno.scoring.manynights.usable import usable

if TYPE_CHECKING:
    from notturno.store import Store

LOOKED_AT = 90  # nights before; of them the usable ones that were made alike


def of_night(store: Store, row: dict, measures: tuple[str, ...] = DEFAULT_MEASURES) -> dict:
    """Return {measure: `usual.usual` in JSON form} of the nights before a night's row.

    Only nights of the same band are taken, made by the same detector, settings, rules and at the
    same place as this one. A night without a date has none before it.
    """
    before = _day_before(row)
    earlier = (
        store.nights(last=LOOKED_AT, until=before, device_id=row["device_id"]) if before else []
    )
    return _against(earlier, row, measures)


def of_person(store: Store, row: dict, measures: tuple[str, ...] = DEFAULT_MEASURES) -> dict:
    """Return the same of a row of both legs, against the nights of both legs before it."""
    before = _day_before(row)
    rows = store.nights(last=LOOKED_AT, until=before) if before else []
    names = list(dict.fromkeys(one["night"] for one in rows))
    return _against(store.person_nights(names), row, measures)


def _day_before(row: dict) -> str | None:
    if row["date"] is None:
        return None
    return (date.fromisoformat(row["date"]) - timedelta(days=1)).isoformat()


def _against(rows: list[dict], row: dict, measures: tuple[str, ...]) -> dict:
    alike = [one for one in rows if one["date"] and all(one[k] == row[k] for k in MADE_BY)]
    return {key: to_json(_usual(alike, row, key)) for key in measures}


def _usual(earlier: list[dict], row: dict, key: str) -> dict | Refusal:
    nights, _ = usable(earlier, key)
    tonight, _ = usable([row], key)
    return usual.usual(nights, tonight[0] if tonight else None)
