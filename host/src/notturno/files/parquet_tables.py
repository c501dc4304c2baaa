"""An export as Parquet: a folder with a file a table, typed, compressed by zstd. Needs pyarrow.

Columns are those of `columns.TABLES`; unit and meaning stand in each column's metadata. Rows go
out in groups, so that ten years of minutes need no more memory than one group.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from notturno.errors import UserError
from notturno.files.chosen import Chosen
from notturno.files.columns import BOOL, INT, REAL, TABLES, TEXT
from notturno.files.tables import rows_of

if TYPE_CHECKING:
    from notturno.store import Store

ROWS_A_GROUP = 50_000


def write(
    folder: Path, store: Store, which: Chosen, names: tuple[str, ...] = tuple(TABLES)
) -> dict[str, int]:
    """Write the tables named; return {table: rows}. Raises UserError where pyarrow is missing."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow; install it: pip install 'notturno[files]'."
        ) from None
    types = {
        TEXT: pyarrow.string(),
        INT: pyarrow.int64(),
        REAL: pyarrow.float64(),
        BOOL: pyarrow.bool_(),
    }
    written = {}
    for name in names:
        fields = TABLES[name]
        schema = pyarrow.schema(
            [
                pyarrow.field(
                    f.name, types[f.type], metadata={"unit": f.unit, "meaning": f.meaning}
                )
                for f in fields
            ]
        )
        rows = rows_of(store, which, name)
        total = 0
        with parquet.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as file:
            while group := list(islice(rows, ROWS_A_GROUP)):
                file.write_table(pyarrow.Table.from_pylist(group, schema=schema))
                total += len(group)
        written[name] = total
    return written
