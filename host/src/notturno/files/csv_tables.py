"""An export as CSV: a folder with a file a table, the data dictionary, and a page that explains.

RFC 4180 but for the line ends (one LF): UTF-8 without a mark, commas, a point in numbers whatever
the locale, an empty cell for what is not known. Writes into a folder that somebody else made.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from notturno.files.chosen import Chosen
from notturno.files.columns import BOOL, TABLES
from notturno.files.tables import rows_of

if TYPE_CHECKING:
    from notturno.store import Store

README = """# An export of notturno

One CSV file a table; `DICTIONARY.csv` says what each column is. UTF-8, commas, a point in numbers.
An empty cell: not known, or (a figure of `nights.csv`) refused; the reason stands in `refusals`.
Local times are ISO 8601 with their offset from UTC; `..._utc_ms` are ms since 1970-01-01 UTC.
An event is known by device_id, log_id and seq, also after the rules have changed.

Not a diagnosis, and nothing here was compared with a sleep laboratory. Rows of virtual bands say
`simulated`.
"""


def write(folder: Path, store: Store, which: Chosen) -> dict[str, int]:
    """Write all tables; return {table: rows}."""
    written = {}
    for name, fields in TABLES.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([field.name for field in fields])
            rows = 0
            for row in rows_of(store, which, name):
                writer.writerow([_text(row[field.name], field.type) for field in fields])
                rows += 1
        written[name] = rows
    with open(folder / "DICTIONARY.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "column", "type", "unit", "meaning"])
        for name, fields in TABLES.items():
            writer.writerows([[name, *field] for field in fields])
    (folder / "README.md").write_text(README, encoding="utf-8")
    return written


def _text(value: float | str | None, kind: str) -> str:
    if value is None:
        return ""
    if kind == BOOL:
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, float) else str(value)
