"""One file of a long table, Parquet or CSV: which of its columns are ours, and reading them.

Columns may stand in any order, in any letter case, among others. Person and night may be said by
the folders instead, person=7/night=2/part.parquet. Touches the files. Needs pyarrow.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from notturno.errors import UserError
from notturno.labs import longcsv
from notturno.labs.longcolumns import KEYS, Table, of_columns


def table_of(path: Path, name: str) -> Table:
    """Return the Table of a Parquet file; raises UserError for one of another form."""
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            types = {field.name: field.type for field in file.schema_arrow}
            empty = _with_nulls(file.metadata)
    except (ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    table = of_columns(path, name, names)
    _check(name, table.columns, types, empty)
    return table


def _with_nulls(metadata: Any) -> set[str]:
    """Return the columns of which the file says that a row holds nothing."""
    found = set()
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            column = metadata.row_group(group).column(at)
            said = column.statistics
            if said is not None and said.has_null_count and said.null_count:
                found.add(column.path_in_schema)
    return found


def _check(name: str, columns: dict[str, str], types: dict, empty: set[str]) -> None:
    """Raise UserError where a column is of a type that cannot be what it is called."""
    from pyarrow import types as of

    def is_number(kind: Any) -> bool:
        text = of.is_string(kind) or of.is_large_string(kind)
        number = of.is_integer(kind) or of.is_floating(kind) or of.is_decimal(kind)
        return text or number or of.is_duration(kind) or of.is_null(kind)

    for column, theirs in columns.items():
        kind = types[theirs]
        is_time = is_number(kind) or (column == "onset_s" and of.is_timestamp(kind))
        if column in ("onset_s", "duration_s") and not is_time:
            raise UserError(
                "{path}: {column} holds {kind}; give seconds, as numbers (an onset may be a time "
                "with its date).",
                path=name,
                column=column,
                kind=kind,
            )
        if of.is_nested(kind):
            raise UserError(
                "{path}: {column} holds {kind}; give one value a row.",
                path=name,
                column=column,
                kind=kind,
            )
        if column in KEYS and (theirs in empty or of.is_null(kind)):
            raise UserError(
                "{path} holds rows without a {column}; give each row its own.",
                path=name,
                column=column,
            )


def _damaged(path: Path | str, error) -> UserError:
    return UserError(
        "{path} cannot be read as Parquet ({error}); write it again.",
        path=path,
        error=str(error).partition("\n")[0],
    )


def rows_in(table: Table) -> int:
    """Return how many rows a file holds; 0 for a CSV."""
    if table.delimiter:
        return 0  # not known until it is read
    from pyarrow import parquet

    with parquet.ParquetFile(table.path) as file:
        return file.metadata.num_rows


def batches_of(
    table: Table, names: tuple[str, ...], rows: int
) -> Iterator[tuple[int, Any | int, dict]]:
    """Yield (row group, its first row here, {our name: array}) of some columns; of a CSV 0, 0."""
    from pyarrow import ArrowException, parquet

    here = [name for name in names if name in table.columns]
    theirs = [table.columns[name] for name in here]
    if table.delimiter:
        for batch in longcsv.batches_of(table, theirs):
            found = dict(zip(here, batch.columns, strict=True))
            yield 0, 0, _with_fixed(table, names, found, batch.num_rows)
        return
    try:
        with parquet.ParquetFile(table.path, read_dictionary=theirs) as file:
            for group in range(file.num_row_groups):
                start = 0
                for batch in file.iter_batches(rows, row_groups=[group], columns=theirs):
                    found = {name: batch.column(table.columns[name]) for name in here}
                    yield group, start, _with_fixed(table, names, found, batch.num_rows)
                    start += batch.num_rows
    except (ArrowException, OSError) as error:
        raise _damaged(table.name, error) from None


def _with_fixed(table: Table, names: tuple[str, ...], found: dict, rows: int) -> dict:
    """Return columns with those that the folders say, the same in each row."""
    import pyarrow

    for name in names:
        if name in table.fixed:
            indices = pyarrow.array(np.zeros(rows, np.int32))
            found[name] = pyarrow.DictionaryArray.from_arrays(indices, [table.fixed[name]])
    return found


def group_of(table: Table, group: int, wanted: list[str]):
    """Return the columns `wanted` of a row group (-1: of a scratch file), as a pyarrow table."""
    from pyarrow import ArrowException, feather, parquet

    if group < 0:
        return feather.read_table(table.path)
    texts = [table.columns[n] for n in wanted if n in ("side", "stage", "kind")]
    theirs = [table.columns[name] for name in wanted]
    try:
        with parquet.ParquetFile(table.path, read_dictionary=texts) as file:
            rows = file.read_row_group(group, columns=theirs)
    except (ArrowException, OSError) as error:
        raise _damaged(table.name, error) from None
    return rows.select(theirs).rename_columns(wanted)
