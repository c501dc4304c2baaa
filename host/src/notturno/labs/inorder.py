"""Rows of a night that lie scattered over a long table: copied once, so that they lie together.

First by the file of nights that they belong to, a batch at a time, then each file by itself: no
more is held than one of these. Touches a scratch folder. Needs pyarrow.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from notturno.labs.longcolumns import KEYS
from notturno.labs.longplan import NO_SEGMENTS, ROWS_AT_ONCE, Plan, codes_of
from notturno.labs.longtables import batches_of

PLACE = "_place"  # column: the place of a row's night in the order of all
NIGHTS_A_FILE = 1000


def copied(plan: Plan, ids: dict, place: np.ndarray, scratch: Path) -> Plan:
    """Return a Plan of the same rows, copied to files in which those of a night lie together.

    ids: {(person, night): code}; place: of each code the place of its night in the order of all.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    tables, segments = [], [NO_SEGMENTS]
    for number, table in enumerate(plan.tables):
        wanted = [name for name in table.columns if name not in KEYS]

        for path in _dealt(
            table, lambda batch: place[codes_of(batch, ids)], wanted, scratch / str(number)
        ):
            places = _sorted(path)
            edges = np.concatenate(([0], np.flatnonzero(np.diff(places)) + 1, [len(places)]))
            low, high = edges[:-1], edges[1:]
            whose = np.full(len(low), len(tables))
            no_group = np.full(len(low), -1)
            segments.append(np.column_stack((whose, no_group, low, high, places[low])))
            columns = {name: name for name in (*KEYS, *wanted)}
            tables.append(table._replace(path=str(path), columns=columns))
    joined = np.concatenate(segments)
    order = np.argsort(joined[:, 4], kind="stable")
    return plan._replace(tables=tables, segments=joined[order])


def _dealt(table: Any, places_of: Callable, wanted: list[str], folder: Path) -> list[Path]:
    """Write the rows of a table into files of NIGHTS_A_FILE nights; return the files in order.

    places_of: gives the places of the nights of a batch's rows.
    """
    import pyarrow
    from pyarrow import ipc

    folder.mkdir()
    writers, paths = {}, {}
    for _, _, batch in batches_of(table, (*KEYS, *wanted), ROWS_AT_ONCE):
        places = places_of(batch)
        size = len(places)
        if not size:
            continue
        order = np.argsort(places, kind="stable")
        rows = pyarrow.table({name: batch[name] for name in wanted}).take(pyarrow.array(order))
        rows = _plain(rows.append_column(PLACE, pyarrow.array(places[order])))
        files = places[order] // NIGHTS_A_FILE
        edges = np.concatenate(([0], np.flatnonzero(np.diff(files)) + 1, [size]))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            file = int(files[low])
            if file not in writers:
                paths[file] = folder / f"{file}.arrow"
                writers[file] = ipc.new_file(str(paths[file]), rows.schema)
            writers[file].write_table(rows.slice(low, high - low))
    for writer in writers.values():
        writer.close()
    return [paths[file] for file in sorted(paths)]


def _sorted(path: Path) -> np.ndarray:
    """Put the rows of a file in order of their nights; return each row's night's place."""
    import pyarrow
    from pyarrow import feather, ipc

    with ipc.open_file(str(path)) as file:
        rows = file.read_all()
    places = rows[PLACE].to_numpy()
    order = np.argsort(places, kind="stable")
    feather.write_feather(rows.take(pyarrow.array(order)).drop_columns([PLACE]), path)
    return places[order]


def _plain(table: Any) -> Any:
    """Return a table without dictionaries, which differ from batch to batch."""
    import pyarrow

    for at, field in enumerate(table.schema):
        if pyarrow.types.is_dictionary(field.type):
            plain = table.column(at).cast(field.type.value_type)
            table = table.set_column(at, field.name, plain)
    return table
