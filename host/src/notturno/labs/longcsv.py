"""Long tables as CSV: columns person and night, as of Parquet; read a block at a time, as text.

Its rows go into a scratch copy before they are read by night (`longform.plan_of`). Touches the
file. Needs pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notturno.errors import UserError, why
from notturno.labs.longcolumns import KEYS, Table, of_columns
from notturno.scoring.movements import lists

SUFFIXES = (".csv", ".tsv", ".txt")
HEAD_BYTES = 8192


def table_of(path: Path, name: str) -> Table | None:
    """Return the Table of a CSV of many nights; None for another kind of file.

    Raises UserError where it names persons and nights, and not what else a long table has.
    """
    if path.suffix.lower() not in SUFFIXES:
        return None
    try:
        with open(path, "rb") as stream:
            head = lists.head_of(stream.read(HEAD_BYTES).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError):
        return None  # told by who reads it as a list
    if not set(KEYS) <= set(head.cells):
        return None
    table = of_columns(path, name, head.cells)
    places = {cell: str(at) for at, cell in reversed(list(enumerate(head.cells)))}
    columns = {ours: places[theirs] for ours, theirs in table.columns.items()}
    return table._replace(columns=columns, delimiter=head.delimiter)


def batches_of(table: Table, columns: list[str]) -> Iterator[Any]:
    """Yield the record batches of some columns, all of them text."""
    import pyarrow
    from pyarrow import csv

    with open(table.path, "rb") as stream:
        head = lists.head_of(stream.read(HEAD_BYTES).decode("utf-8-sig"))
    names = [str(at) for at in range(len(head.cells))]
    times = {table.columns[n] for n in ("onset_s", "duration_s") if n in table.columns}
    keys = {table.columns[key]: key for key in KEYS if key in table.columns}
    comma = table.delimiter != ","
    try:
        with csv.open_csv(
            table.path,
            csv.ReadOptions(skip_rows=head.before + 1, column_names=names),
            csv.ParseOptions(delimiter=table.delimiter, newlines_in_values=True),
            csv.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(names, pyarrow.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        ) as reader:
            for batch in reader:
                found = [
                    _stripped(batch.column(name), comma and name in times) for name in columns
                ]
                for name, column in zip(columns, found, strict=True):
                    if column.null_count and name in keys:
                        raise UserError(
                            "{path} holds rows without a {column}; give each row its own.",
                            path=table.name,
                            column=keys[name],
                        )
                yield pyarrow.record_batch(found, names=columns)
    except pyarrow.ArrowException as error:
        raise UserError(
            "{path} cannot be read as a table ({error}); correct it.",
            path=table.name,
            error=why(error),
        ) from None


def _stripped(column: Any, comma: bool) -> Any:
    """Return texts without spaces around them, decimal commas as points."""
    from pyarrow import compute

    column = compute.call_function("utf8_trim_whitespace", [column])
    if not comma:
        return column
    options = compute.ReplaceSubstringOptions(",", ".")
    return compute.call_function("replace_substring", [column], options)
