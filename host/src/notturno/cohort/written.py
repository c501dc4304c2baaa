"""The tables of a cohort as Parquet: every night with what stays out, the cleaned ones, people.

Takes the nights as they were asked and what was found of them; writes into a folder that somebody
else made. Columns are chosen one by one: what is not named here is in no table.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from notturno.cohort import hidden, queries

PLAIN = (  # of a night, as it is
    *("state", "sleep_rule", "simulated", "firmware", "detector_version"),
    *("names_version", "settings_sha256", "rules_version"),
)
IDENTIFYING = ("night", "date", "band", "zone", "start_utc_ms", "end_utc_ms")
SIDES = ("L", "R", "LR")
NIGHTS_FULL, NIGHTS_CLEANED = "nights_full", "nights_cleaned"


def nights(table: Any, dates: list, also: dict, names: hidden.Names) -> Any:
    """Return the full table of nights (pyarrow): whose, which day, every number, what stays out.

    dates: of the rows, None where unknown; also: `left_out` and `events` of the rows. Rows are in
    the order of what people are called.
    """
    import pyarrow

    people = _said(table, "person")
    columns = {
        "person": [names.person(person) for person in people],
        "day": pyarrow.array(hidden.days(people, dates), pyarrow.int64()),
        "left_out": pyarrow.array(also["left_out"], pyarrow.string()),
        "events": pyarrow.array(also["events"], pyarrow.int64()),
        "band_id": [names.band(device) for device in _said(table, "device_id")],
        "person_side": [side if side in SIDES else "" for side in _said(table, "person_side")],
        "limb": [names.limb(limb) for limb in _said(table, "limb")],
    }
    columns |= {name: table.column(name) for name in (*PLAIN, *queries.NUMBERED)}
    if names.identified:
        columns |= {name: table.column(name) for name in IDENTIFYING}
    made = pyarrow.table(columns)
    by = [(name, "ascending") for name in ("person", "day", "band_id")]
    return made.sort_by(by)


def _said(table: Any, name: str) -> list[str]:
    return table.column(name).to_pylist()


def write(folder: Path, full: Any, document: dict) -> dict[str, int]:
    """Write nights_full, nights_cleaned, qc, people, hours, cohort.json; return {table: rows}."""
    import pyarrow
    from pyarrow import compute as _compute
    from pyarrow import parquet

    compute: Any = _compute  # its functions are made as it is loaded
    tables = {
        NIGHTS_FULL: full,
        NIGHTS_CLEANED: full.filter(compute.is_null(full["left_out"])).drop_columns("left_out"),
        "qc": pyarrow.Table.from_pylist(_qc(full), _QC(pyarrow)),
        "people": pyarrow.Table.from_pylist(_people(document)),
    }
    hours = [
        {"of": of, "kind": kind} | {name: row[name] for name in row if name != "refusal"}
        for of, kinds in document["hours"].items()
        for kind, rows in kinds.items()
        for row in rows
    ]
    if hours:
        tables["hours"] = pyarrow.Table.from_pylist(hours)
    for name, table in tables.items():
        parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / "cohort.json").write_text(text + "\n", encoding="utf-8")
    return {name: table.num_rows for name, table in tables.items()}


def _QC(pyarrow: ModuleType) -> Any:
    return pyarrow.schema(
        [("person", pyarrow.string()), ("left_out", pyarrow.string()), ("nights", pyarrow.int64())]
    )


def _qc(full: Any) -> list[dict]:
    """Return how many nights of each person stay out, by reason; left_out "": none."""
    found: dict = {}
    for person, code in zip(full["person"].to_pylist(), full["left_out"].to_pylist(), strict=True):
        key = person, code or ""
        found[key] = found.get(key, 0) + 1
    return [
        {"person": person, "left_out": code, "nights": number}
        for (person, code), number in sorted(found.items())
    ]


def _people(document: dict) -> list[dict]:
    rows = []
    for person in document["people"]:
        row = {name: person[name] for name in ("person", "nights", "cleaned")}
        for key, of in person["measures"].items():
            row |= {f"{key}_nights": of["nights"], f"{key}_typical": of["typical"]}
        rows.append(row)
    return rows
