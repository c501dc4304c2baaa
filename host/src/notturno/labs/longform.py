"""Long tables, Parquet or CSV: which rows belong to which night, found without holding them all.

    movements   person, night, onset_s, duration_s, side [, kind, morphology]
    stages      person, night, onset_s, stage

`kind`, where there is one, tells movements (lm, or empty) from resp, arousal and gap; other kinds
are not read. Columns may stand in any order, in any letter case, among others; rows in any order.
Person and night may be said by the folders instead, person=7/night=2/part.parquet.
Touches the files, and a scratch folder where the rows of a night lie scattered. Needs pyarrow.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from notturno.labs import inorder
from notturno.labs.longcolumns import KEYS
from notturno.labs.longplan import NO_SEGMENTS, ROWS_AT_ONCE, Plan, codes_of, texts
from notturno.labs.longtables import batches_of, group_of, rows_in

LARGEST_GROUP = 4_000_000  # rows of a row group that a process reads whole
MOST_STRETCHES = 2_000_000
FEW_NIGHTS = 1000  # below it, stretches of rows are few whatever their order
SCATTERED = 4  # more stretches of rows a night than this: the rows are put in order first


def plan_of(tables: list, scratch: Path, progress: Callable = lambda done, total: None) -> Plan:
    """Return the Plan of some Tables: reads the columns person and night (and kind) alone.

    scratch: a folder for rows put in order; made where it is needed. progress: called with
    (rows seen, rows in all).
    """
    ids, runs, kinds = {}, [], set()
    scattered, stretches, seen = False, 0, 0
    rows_in_all = sum(rows_in(table) for table in tables)
    empty = []
    for number, table in enumerate(tables):
        before = seen
        for group, start, batch in batches_of(table, (*KEYS, "kind"), ROWS_AT_ONCE):
            if "kind" in table.columns:
                kinds |= {text.strip().lower() for text in texts(batch["kind"].unique())}
            codes = codes_of(batch, ids)
            seen += len(codes)
            progress(seen, rows_in_all)
            if not len(codes):
                continue
            edges = np.flatnonzero(np.diff(codes)) + 1
            stretches += len(edges) + 1
            # Many short stretches are not kept: they would need more room than the rows.
            scattered = scattered or start > LARGEST_GROUP or stretches > MOST_STRETCHES
            scattered = scattered or bool(table.delimiter)
            if scattered:
                runs = []
                continue
            starts = np.concatenate(([0], edges)).astype(np.int64)
            stops = np.concatenate((edges, [len(codes)])).astype(np.int64)
            whose, where = np.full(len(starts), number), np.full(len(starts), group)
            runs.append(
                np.column_stack((whose, where, start + starts, start + stops, codes[starts]))
            )
        if seen == before:
            empty.append(table.name)
    nights = sorted(ids)
    place = np.empty(len(ids), dtype=np.int64)
    for at, key in enumerate(nights):
        place[ids[key]] = at
    told = (bool(kinds & {"resp"}), bool(kinds & {"arousal"}), tuple(empty))
    if scattered or stretches > SCATTERED * len(tables) * max(len(nights), FEW_NIGHTS):
        return inorder.copied(Plan(tables, nights, NO_SEGMENTS, *told), ids, place, scratch)
    segments = np.concatenate(runs) if runs else NO_SEGMENTS.copy()
    segments[:, 4] = place[segments[:, 4]]
    order = np.argsort(segments[:, 4], kind="stable")  # as they were read, within a night
    return Plan(tables, nights, segments[order], *told)


def rows_of(plan: Plan, first: int, after: int) -> Iterator[tuple[Any, Any, np.ndarray, dict]]:
    """Yield (name, stages or not, place of each row's night, {column: array}).

    Of the nights first to after; one for each table that has rows of them. The arrays are
    pyarrow's, without the keys.
    """
    low, high = np.searchsorted(plan.segments[:, 4], (first, after))
    mine = plan.segments[low:high]
    import pyarrow

    for number in np.unique(mine[:, 0]).tolist():
        table, of_table = plan.tables[number], mine[mine[:, 0] == number]
        wanted = [name for name in table.columns if name not in KEYS]
        parts, nights = [], []
        for group in np.unique(of_table[:, 1]).tolist():
            rows = group_of(table, group, wanted)
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
