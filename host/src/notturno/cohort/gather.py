"""Every source as Parquet: a logbook, a JSON or a CSV export is written anew, for this run alone.

Reads sources; writes into a folder that somebody else made and takes away. Nights of a logbook
made by older rules are made again in memory. Raises UserError, also for a damaged file.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from notturno.cohort import engines
from notturno.cohort.people import BAND, CSV, JSON, LAB, LOGBOOK, NIGHTS, PARQUET, Source
from notturno.errors import UserError
from notturno.files import chosen, lossless, parquet_tables
from notturno.files.columns import BOOL, INT, REAL, TABLES, TEXT
from notturno.files.taking import read
from notturno.store import FILE_NAME, Store

READ = (NIGHTS, "person_nights", "events", "hours", "tags")
GLOB = set("*?[")  # DuckDB takes a path with one of these for a pattern
SQL_TYPES = {TEXT: "varchar", INT: "bigint", REAL: "double", BOOL: "boolean"}


class Tables(NamedTuple):
    """The Parquet of one source: whose, BAND or LAB, {table: path} of those that are there."""

    person: str
    kind: str
    paths: dict


def gathered(
    sources: list[Source], folder: Path, progress: Callable | None = None
) -> list[Tables]:
    """Return the Tables of every source, in order; progress: called with (done, of how many)."""
    done = []
    for i, source in enumerate(sources):
        if progress is not None:
            progress(i, len(sources))
        place = source.path
        try:
            if source.form != PARQUET or GLOB & set(str(place)):
                place = folder / f"{i:06d}"
                place.mkdir()
                _MAKERS[source.form](source.path, place)
        except OSError as error:
            raise UserError(
                "{path} cannot be written anew in {folder} ({why_said}); make room, or name "
                "another place by TMPDIR.",
                path=source.path,
                folder=folder,
                why_said=error.strerror or error,
            ) from None
        done.append(_tables(source, place))
    return done


def _of_logbook(path: Path, place: Path) -> None:
    if path.is_dir() or path.name == FILE_NAME:
        _written(path if path.is_dir() else path.parent, place)
        return
    # A logbook under another name; the store knows its file by one name alone.
    beside = place / "logbook"
    beside.mkdir()
    (beside / FILE_NAME).symlink_to(path.resolve())
    _written(beside, place)


def _of_parquet(path: Path, place: Path) -> None:
    for name in READ:
        if (path / f"{name}.parquet").is_file():
            shutil.copyfile(path / f"{name}.parquet", place / f"{name}.parquet")


def _of_json(path: Path, place: Path) -> None:
    export = lossless.parsed(read(path), path.name)
    book = place / "logbook"
    book.mkdir()
    with Store.open(book) as store:
        lossless.take(store, export, path.name)
    _written(book, place)


def _written(folder: Path, place: Path) -> None:
    with Store.open(folder, create=False) as store:
        parquet_tables.write(place, store, chosen.chosen(store), READ)


def _of_csv(path: Path, place: Path) -> None:
    import duckdb

    for name in READ:
        if not (path / f"{name}.csv").is_file():
            continue
        types = {field.name: SQL_TYPES[field.type] for field in TABLES[name]}
        file = path / f"{name}.csv"
        if GLOB & set(str(file)):
            file = Path(shutil.copyfile(file, place / file.name))
        try:
            with open(file, encoding="utf-8") as stream:
                head = stream.readline().rstrip("\n").split(",")
            with engines.opened() as db:
                db.sql(
                    "copy (select * from read_csv($file, header = true, columns = $columns,"
                    " auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
                    f" nullstr = '')) to '{_quoted(place / f'{name}.parquet')}'"
                    " (format parquet)",
                    params={
                        "file": str(file),
                        "columns": {column: types.get(column, "varchar") for column in head},
                    },
                )
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise UserError(
                "{path} is no table of an export ({why}); export it again.",
                path=path / f"{name}.csv",
                why=str(error).splitlines()[0],
            ) from None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _tables(source: Source, place: Path) -> Tables:
    import pyarrow
    from pyarrow import parquet

    paths = {name: str(place / f"{name}.parquet") for name in READ}
    paths = {name: path for name, path in paths.items() if Path(path).is_file()}
    of_nights: set = set()
    for path in paths.values():
        try:
            columns = set(parquet.read_schema(path).names)
        except (pyarrow.ArrowException, OSError) as error:
            raise UserError(
                "{path} is cut off or damaged ({why}); export it again.",
                path=path,
                why=str(error).splitlines()[0],
            ) from None
        if path == paths[NIGHTS]:
            of_nights = columns
    if "person" in of_nights:
        return Tables(source.person, LAB, paths)
    if not {"night", "device_id", "date"} <= of_nights:
        raise UserError(
            "{path} is no table of nights of notturno; it needs night and person, or night, "
            "device_id and date.",
            path=paths[NIGHTS],
        )
    return Tables(source.person, BAND, paths)


_MAKERS = {LOGBOOK: _of_logbook, JSON: _of_json, CSV: _of_csv, PARQUET: _of_parquet}
