"""All that a report says, as one dict: what `notturno report --json` prints, and nothing else.

The page is made from this dict alone, so that every number on it stands here. Reads the logbook;
every figure is of `scoring` and `views`. JSON form: a figure that cannot be given is its Refusal.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from notturno import __version__
from notturno.refusals import to_json
from notturno.report import anonymous, known, of_errors, of_events, of_nights
from notturno.report.chosen import choose

SCHEMA = "report-1"


def contents(
    store,
    since: str | None = None,
    until: str | None = None,
    band: str | None = None,
    name: str | None = None,
    made_on: str | None = None,
    without_names: bool = False,
) -> Any:
    """Return the contents of a report on the nights of a span.

    since, until: ISO dates of evenings, both included, None: open; band: a device id, this band
    alone; name: of the person, as it shall stand on the page; made_on: ISO date of the report;
    without_names: leave out names, ids, notes and dates (see `anonymous`). Raises UserError where
    the span makes no sense.
    """
    chosen = choose(store, since, until, band)
    found = {
        "schema": SCHEMA,
        "notturno": __version__,
        "made_on": made_on,
        "anonymous": False,
        "who": {"name": name, "code": None},
        "span": {"since": since, "until": until},
        "subject": _subject(chosen.rows),
        "simulated": any(row["simulated"] for row in chosen.rows),
    }
    overall = of_nights.overall(chosen)
    typical = overall["measures"]["jerks_per_h"]["typical"]
    found |= {
        "nights": {"head": overall.pop("head"), **of_nights.nightly(chosen)},
        "hours": of_nights.hours(store, chosen),
        **overall,
        "sums": of_events.counts(chosen),
        "sleep_starts": of_events.sleep_starts(chosen),
        "phases": of_nights.phases(chosen),
        "sides": of_events.sides(chosen),
        "diary": of_events.diary_rows(chosen),
        "labels": of_errors.of_labels(store, since, until, typical),
        "detector": of_errors.of_detector(chosen.rows),
        "placement": of_errors.placement(store, chosen),
        "knowledge": known.contents(),
    }
    found = _finite(to_json(found))
    if not without_names:
        return found
    return anonymous.anonymous(found, anonymous.code_of(_logs(store)), known.names())


def _finite(value):
    """Return the contents with null for what is no number: JSON has no other word for it."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _logs(store) -> list[tuple[str, int]]:
    """Return (device id, log id) of every band that recorded something."""
    return [(b["device_id"], b["log_id"]) for b in store.bands() if b["log_id"] is not None]


def _subject(rows: list[dict]) -> dict:
    first = rows[0] if rows else {}
    limbs = sorted({row["limb"] for row in rows if row["limb"]})
    return {
        "device_id": first.get("device_id"),
        "band": first.get("band"),
        "side": first.get("person_side") or "",
        "limbs": limbs,
    }


def as_text(found: dict) -> str:
    """Return the contents as `--json` prints them: one line of ASCII and its end."""
    return json.dumps(found, ensure_ascii=True, allow_nan=False) + "\n"


def sha256(found: dict) -> str:
    """Return the SHA-256 (hex) of `as_text`."""
    return hashlib.sha256(as_text(found).encode("ascii")).hexdigest()
