"""Long tables in Parquet: which rows belong to which night, found without holding them all.

    movements   person, night, onset_s, duration_s, side [, kind, morphology]
    stages      person, night, onset_s, stage

`kind`, where there is one, tells movements (lm, or empty) from resp, arousal and gap; other kinds
are not read. Columns may stand in any order, in any letter case, among others; rows in any order.
Touches the files, and a scratch folder where the rows of a night lie scattered. Needs pyarrow.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from notturno.errors import UserError

KEYS = ("person", "night")
MOVEMENTS = ("onset_s", "duration_s", "side")
STAGES = ("onset_s", "stage")
OPTIONAL = ("kind", "morphology")
ROWS_AT_ONCE = 1_000_000
LARGEST_GROUP = 4_000_000  # rows of a row group that a process reads whole
MOST_STRETCHES = 2_000_000
FEW_NIGHTS = 1000  # below it, stretches of rows are few whatever their order
NO_SEGMENTS = np.empty((0, 5), dtype=np.int64)
SCATTERED = 4  # more stretches of rows a night than this: the rows are put in order first


class Table(NamedTuple):
    """One file. name: what it is called in tables; columns: {our name: its name in the file}."""

    path: str
    name: str
    stages: bool
    columns: dict


class Segment(NamedTuple):
    """Rows start to stop of one row group (or of a scratch file, group -1) that are of one night.

    night: its place in the order of all nights.
    """

    table: int
    group: int
    start: int
    stop: int
    night: int


class Plan(NamedTuple):
    """tables: the files; nights: [(person, night)] sorted; segments: an array (n, 5) of Segments
    sorted by night; resp, arousals: whether any row of the tables is of that kind."""

    tables: list
    nights: list
    segments: np.ndarray
    resp: bool
    arousals: bool


def table_of(path: Path, name: str) -> Table:
    """Return the Table of a Parquet file; raises UserError for one of another form."""
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path) as file:
            found = {name.lower(): name for name in file.schema_arrow.names}
            types = {field.name: field.type for field in file.schema_arrow}
            empty = _with_nulls(file.metadata)
    except (ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    for stages, wanted in ((False, MOVEMENTS), (True, STAGES)):
        if all(name in found for name in (*KEYS, *wanted)):
            names = (*KEYS, *wanted, *(() if stages else OPTIONAL))
            columns = {n: found[n] for n in names if n in found}
            _check(name, columns, types, empty)
            return Table(str(path), name, stages, columns)
    raise UserError(
        "{path} has neither the columns {movements} nor {stages}; rename its columns.",
        path=name,
        movements=", ".join((*KEYS, *MOVEMENTS)),
        stages=", ".join((*KEYS, *STAGES)),
    )


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
        if column in ("onset_s", "duration_s") and not is_number(kind):
            raise UserError(
                "{path}: {column} holds {kind}; give seconds from the night's begin, as numbers.",
                path=name,
                column=column,
                kind=kind,
            )
        if of.is_nested(kind) and not of.is_dictionary(kind):
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


def plan_of(tables: list, scratch: Path, progress: Callable = lambda done, total: None) -> Plan:
    """Return the Plan of some Tables: reads the columns person and night (and kind) alone.

    scratch: a folder for rows put in order; made where it is needed. progress: called with
    (rows seen, rows in all).
    """
    ids, runs, kinds = {}, [], set()
    scattered, stretches, seen = False, 0, 0
    rows_in_all = sum(_rows(table) for table in tables)
    for number, table in enumerate(tables):
        for group, start, batch in batches_of(table, (*KEYS, "kind"), ROWS_AT_ONCE):
            if "kind" in table.columns:
                kinds |= {text.strip().lower() for text in _texts(batch["kind"].unique())}
            codes = codes_of(batch, ids)
            seen += len(codes)
            progress(seen, rows_in_all)
            if not len(codes):
                continue
            edges = np.flatnonzero(np.diff(codes)) + 1
            stretches += len(edges) + 1
            # Many short stretches are not kept: they would need more room than the rows.
            scattered = scattered or start > LARGEST_GROUP or stretches > MOST_STRETCHES
            if scattered:
                runs = []
                continue
            starts = np.concatenate(([0], edges)).astype(np.int64)
            stops = np.concatenate((edges, [len(codes)])).astype(np.int64)
            whose, where = np.full(len(starts), number), np.full(len(starts), group)
            runs.append(
                np.column_stack((whose, where, start + starts, start + stops, codes[starts]))
            )
    nights = sorted(ids)
    place = np.empty(len(ids), dtype=np.int64)
    for at, key in enumerate(nights):
        place[ids[key]] = at
    told = (bool(kinds & {"resp"}), bool(kinds & {"arousal"}))
    if scattered or stretches > SCATTERED * len(tables) * max(len(nights), FEW_NIGHTS):
        from notturno.labs import inorder

        return inorder.copied(Plan(tables, nights, NO_SEGMENTS, *told), ids, place, scratch)
    segments = np.concatenate(runs) if runs else NO_SEGMENTS.copy()
    segments[:, 4] = place[segments[:, 4]]
    order = np.lexsort((segments[:, 2], segments[:, 1], segments[:, 0], segments[:, 4]))
    return Plan(tables, nights, segments[order], *told)


def rows_of(plan: Plan, first: int, after: int) -> Iterator[tuple[Any, Any, np.ndarray, dict]]:
    """Yield (name, stages or not, place of each row's night, {column: array}).

    Of the nights first to after; one for each table that has rows of them. The arrays are
    pyarrow's, without the keys.
    """
    low, high = np.searchsorted(plan.segments[:, 4], (first, after))
    mine = plan.segments[low:high]
    for number, table in enumerate(plan.tables):
        of_table = mine[mine[:, 0] == number]
        if not len(of_table):
            continue
        import pyarrow

        wanted = [name for name in table.columns if name not in KEYS]
        parts, nights = [], []
        for group in np.unique(of_table[:, 1]).tolist():
            rows = _group(table, group, wanted)
            segments = of_table[of_table[:, 1] == group]
            starts, stops, places = segments[:, 2], segments[:, 3], segments[:, 4]
            lengths = stops - starts
            if (starts[1:] == stops[:-1]).all():
                parts.append(rows.slice(int(starts[0]), int(stops[-1] - starts[0])))
            else:
                within = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
                parts.append(rows.take(pyarrow.array(np.repeat(starts, lengths) + within)))
            nights.append(np.repeat(places, lengths))
        joined = pyarrow.concat_tables(parts)
        columns = {name: joined[name] for name in wanted}
        yield table.name, table.stages, np.concatenate(nights), columns


def _damaged(path: Path | str, error) -> UserError:
    return UserError(
        "{path} cannot be read as Parquet ({error}); write it again.",
        path=path,
        error=str(error).partition("\n")[0],
    )


def _rows(table: Table) -> int:
    from pyarrow import parquet

    with parquet.ParquetFile(table.path) as file:
        return file.metadata.num_rows


def batches_of(
    table: Table, names: tuple[str, ...], rows: int
) -> Iterator[tuple[int, Any | int, dict]]:
    """Yield (row group, its first row here, {our name: array}) of some columns."""
    from pyarrow import ArrowException, parquet

    here = [name for name in names if name in table.columns]
    theirs = [table.columns[name] for name in here]
    try:
        with parquet.ParquetFile(table.path, read_dictionary=theirs) as file:
            for group in range(file.num_row_groups):
                start = 0
                for batch in file.iter_batches(rows, row_groups=[group], columns=theirs):
                    found = {name: batch.column(table.columns[name]) for name in here}
                    yield group, start, found
                    start += batch.num_rows
    except (ArrowException, OSError) as error:
        raise _damaged(table.name, error) from None


def _group(table: Table, group: int, wanted: list[str]):
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


def codes_of(batch: dict, ids: dict) -> np.ndarray:
    """Return the code of each row's (person, night) in `ids`; new ones are put into it."""
    pairs, dictionaries = [], []
    for name in KEYS:
        column = batch[name]
        if not hasattr(column, "indices"):
            column = column.dictionary_encode()
        if column.null_count:
            raise UserError(
                "A table holds rows without a {name}; give each row its own.", name=name
            )
        pairs.append(column.indices.to_numpy(zero_copy_only=False).astype(np.int64))
        dictionaries.append(_texts(column.dictionary))
    both = pairs[0] * max(len(dictionaries[1]), 1) + pairs[1]
    edges = np.concatenate(([0], np.flatnonzero(np.diff(both)) + 1))
    if not len(both):
        return both
    distinct, back = np.unique(both[edges], return_inverse=True)
    codes = np.empty(len(distinct), dtype=np.int64)
    width = max(len(dictionaries[1]), 1)
    for at, value in enumerate(distinct.tolist()):
        key = (dictionaries[0][value // width], dictionaries[1][value % width])
        codes[at] = ids.setdefault(key, len(ids))
    lengths = np.diff(np.concatenate((edges, [len(both)])))
    return np.repeat(codes[back], lengths)


def _texts(array) -> list[str]:
    """Return the values of an array as texts: 7 is "7", a date ISO; nothing is empty."""
    return ["" if value is None else str(value) for value in array.to_pylist()]
