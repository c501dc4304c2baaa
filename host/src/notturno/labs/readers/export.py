"""An export of ours (`notturno export --format csv` or parquet): many nights of one person.

Movements are the limb movements that count, by the band's onset in UTC; the time not recorded
between recordings, and the gaps inside them, are gaps. Sides are those on which
the bands are worn.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError, why
from notturno.labs.night import LabNight, Note

if TYPE_CHECKING:
    from notturno.labs.inputs import Unit

FORMAT = "notturno export"


def nights_of(unit: Unit) -> list[LabNight]:
    """Return the LabNights of an export's folder. Raises UserError where a table is damaged."""
    tables = {}
    for path, name in unit.files:
        tables[name.rpartition("/")[2].partition(".")[0]] = _rows(path, name)
    sides = {(row["night"], row["device_id"]): row["person_side"] for row in tables["nights"]}
    found = {}
    for row in tables["nights"]:
        found.setdefault(row["night"], LabNight(unit.person, row["night"], []))
    for name, night in found.items():
        night.source, night.format = unit.files[0][1].rpartition("/")[0], FORMAT
        _fill(
            night,
            [row for row in tables["sessions"] if row["night"] == name],
            [row for row in tables["events"] if row["night"] == name],
            sides,
        )
    return [found[name] for name in sorted(found)]


def _fill(
    night: LabNight,
    sessions: list[dict[str, str]],
    events: list[dict[str, str]],
    sides: dict[tuple[str, str], str],
) -> None:
    spans = [(s["start_utc_ms"], s["end_utc_ms"]) for s in sessions]
    if not spans or any(value in ("", None) for span in spans for value in span):
        night.notes.append(
            Note("clock_unknown", len(spans), Phrase("Its clock is not known: no time of day."))
        )
        first = None
        if len(sessions) == 1:
            night.recorded_us = (0, round(float(sessions[0]["recorded_s"]) * 1_000_000))
    else:
        spans = sorted((round(float(a) * 1000), round(float(b) * 1000)) for a, b in spans)
        first = spans[0][0]
        last = max(end for _, end in spans)
        night.recorded_us = (0, last - first)
        if len({s["device_id"] for s in sessions}) == 1:
            ends = [spans[0][1]]
            for start, end in spans[1:]:
                if start > ends[-1]:
                    night.gaps.append((ends[-1] - first, start - first))
                ends.append(max(ends[-1], end))
        night.start_local = str(sessions[0]["start_local"])
    if first is None and len(sessions) > 1:
        events = []
        night.notes.append(
            Note(
                "not_placed",
                len(sessions),
                Phrase("Its recordings cannot be set on one axis of time."),
            )
        )
    for event in events:
        if event["kind"] not in ("lm", "gap"):
            continue
        if first is None:
            onset = round(float(event["onset_s"]) * 1_000_000)
        else:
            onset = round(float(event["onset_utc_ms"]) * 1000) - first
        end = onset + round(float(event["duration_s"] or 0) * 1_000_000)
        if event["kind"] == "gap":
            night.gaps.append((onset, end))
        elif str(event["counts"]).lower() == "true":
            side = sides.get((event["night"], event["device_id"])) or ""
            words = str(event["flag_names"]).split()
            night.rows.append((onset, end, side, "no_morphology" not in words))


def _rows(path: str, name: str) -> list[dict[str, str]]:
    try:
        if path.endswith(".parquet"):
            from pyarrow import parquet

            rows = parquet.read_table(path).to_pylist()
        else:
            with open(path, encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.DictReader(stream))
    except Exception as error:  # whatever a damaged file makes its reader stumble over
        raise UserError(
            "{name} cannot be read ({error}); export again.",
            name=name,
            error=why(error),
        ) from None
    return [
        {k: v.isoformat() if isinstance(v, (date, datetime)) else v for k, v in row.items()}
        for row in rows
    ]
