"""A folder of results: tables in Parquet, what was refused, every setting; resumable.

    DIR/nights.parquet, events.parquet ...   one file a table
    DIR/qc.csv                               what was refused or is to be known, and why
    DIR/settings.json                        every setting and version; last of all
    DIR/.pieces/<key>/                       what is done so far, a folder a batch, each whole

Batches may end in any order and in any process: `put` writes a piece, `finish` puts the pieces
together in the order of the batches, so that two runs over the same input are equal byte for
byte. A run that was killed goes on with the pieces that are there. Needs pyarrow. Touches DIR.
"""

import contextlib
import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from notturno import __version__
from notturno.errors import Phrase, UserError, unwritable
from notturno.files.columns import BOOL, INT, REAL, TEXT, Field
from notturno.files.written import left_of, whole_file, whole_folder
from notturno.labs.stamps import Inputs, digest, stamp_of
from notturno.onlyone import only_one

PIECES, LOCK = ".pieces", ".lock"
SETTINGS = "settings.json"
QC = "qc"
# One list for all commands that write such a folder.
QC_FIELDS = (
    Field("source", TEXT, "", "the file, from the folder or name that was given"),
    Field("person", TEXT, "", "the person, where the file got so far"),
    Field("night", TEXT, "", "the night, where the file got so far"),
    Field("what", TEXT, "", "refused: not in the other tables; noted: in them, with this to know"),
    Field("code", TEXT, "", "a short name for programs"),
    Field("n", INT, "", "how many rows, epochs or nights it is about"),
    Field("reason", TEXT, "", "one sentence"),
)
ROWS_A_GROUP = 100_000


class OutFolder:
    """An open folder of results; `opened` makes it.

    tables: {name: fields}, those of `qc` among them; whole: whether this very run was finished
    before, so that there is nothing to do.
    """

    def __init__(
        self, path: Path, tables: dict, settings: dict, inputs: Inputs, whole: bool
    ) -> None:
        self.path, self.tables, self.whole = path, tables, whole
        self.pieces = path / PIECES
        self._settings, self._said = settings, _said(settings, inputs.told)
        self._read_ns = inputs.read_ns

    def key_of(self, *parts: Any) -> str:
        """Return a batch's key (hex): the same where its input and all settings are.

        parts: for JSON, among them the `stamps.stamp_of` each file that the batch reads.
        """
        return digest([_said(self._settings, {}), parts])[:32]

    def todo(self, keys: list[str]) -> list[int]:
        """Return the places of those batches whose piece is not there yet."""
        return [at for at, key in enumerate(keys) if not (self.pieces / key).is_dir()]

    def finish(self, keys: list[str]) -> dict[str, int]:
        """Put the pieces together in the order of `keys`; return {table: rows}."""
        missing = self.todo(keys)
        if missing:
            raise UserError(
                "{n} parts of {path} are missing; run the same command again.",
                n=len(missing),
                path=self.path,
            )
        rows = {}
        for name, fields in self.tables.items():
            write = _write_csv if name == QC else _write_parquet
            folders = [self.pieces / key for key in keys]
            rows[name] = write(self.path / _file_of(name), fields, _read(folders, name))
        with whole_file(self.path / SETTINGS, force=True) as stream:
            stream.write(self._said.encode())
        with _plainly(self.path):
            os.utime(self.path / SETTINGS, ns=(self._read_ns, self._read_ns))
            shutil.rmtree(self.pieces)
        return rows


@contextlib.contextmanager
def opened(
    path: Path, tables: dict, settings: dict, inputs: Inputs, force: bool = False
) -> Iterator[OutFolder]:
    """Give the OutFolder at `path`, made if missing, held against other processes.

    tables: {name: fields} without `qc`; settings: for settings.json, what every figure depends on
    and nothing else (no number of processes, no time of day); inputs: what is read. Raises
    UserError where the folder holds the results of other settings or inputs, or something else;
    with force these results are replaced.
    """
    path = Path(path)
    needs_pyarrow()
    tables = {**tables, QC: QC_FIELDS}
    with contextlib.suppress(FileExistsError), _plainly(path):
        path.mkdir(parents=True)
    with _plainly(path):
        found = sorted(each.name for each in path.iterdir())
    ours = _ours(tables)
    left = [name for name in found if left_of(name) in ours]  # of a run that was killed
    strangers = [name for name in found if name not in ours and name not in left]
    if strangers:
        raise UserError(
            "{path} holds {name}, which no run of this command wrote; choose an empty folder.",
            path=path,
            name=strangers[0],
        )
    busy = Phrase(
        "Another run is writing {path}; wait for its end, or choose another folder.", path=path
    )
    with only_one(path / LOCK, busy):
        for name in left:
            (path / name).unlink(missing_ok=True)
        before = _text(path / SETTINGS)
        whole = before == _said(settings, inputs.told) and not force
        whole = whole and stamp_of(str(path / SETTINGS))[2] >= inputs.changed_ns
        if whole:
            shutil.rmtree(path / PIECES, ignore_errors=True)  # killed behind the last file
        if not whole:
            if before is not None and not force:
                raise UserError(
                    "{path} holds the results of other files or settings; choose another folder, "
                    "or replace them by --force.",
                    path=path,
                )
            with _plainly(path):
                (path / SETTINGS).unlink(missing_ok=True)  # from here on it is unfinished
                (path / PIECES).mkdir(exist_ok=True)
        yield OutFolder(path, tables, settings, inputs, whole)


def put(pieces: Path, key: str, tables: dict, fields: dict) -> None:
    """Write the piece of one batch, whole or not at all; from any process.

    tables: {name: {column: list or array}} or pyarrow tables; fields: {name: fields}. A piece
    that is there stays. Raises UserError where the disk takes no more.
    """
    import pyarrow
    from pyarrow import feather

    if (pieces / key).is_dir():
        return
    with whole_folder(pieces / key) as folder:
        for name, own in fields.items():
            rows = tables.get(name, {})
            if not isinstance(rows, pyarrow.Table):
                columns = {field.name: rows.get(field.name, []) for field in own}
                rows = pyarrow.table(columns, schema=schema_of(own))
            feather.write_feather(rows, folder / f"{name}.arrow", compression="lz4")


def qc_rows(rows: list[dict]) -> dict:
    """Return the columns of the table qc of dicts with some of its keys."""
    return {field.name: [row.get(field.name) for row in rows] for field in QC_FIELDS}


def schema_of(fields: tuple[Field, ...]):
    """Return the pyarrow schema of some fields; unit and meaning in each one's metadata."""
    import pyarrow

    types = {
        TEXT: pyarrow.string(),
        INT: pyarrow.int64(),
        REAL: pyarrow.float64(),
        BOOL: pyarrow.bool_(),
    }
    return pyarrow.schema(
        [
            pyarrow.field(f.name, types[f.type], metadata={"unit": f.unit, "meaning": f.meaning})
            for f in fields
        ]
    )


def needs_pyarrow() -> None:
    """Raise a UserError where pyarrow is not installed."""
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise UserError("Parquet needs pyarrow; install it: pip install 'notturno[files]'.")


def _file_of(name: str) -> str:
    return f"{name}.csv" if name == QC else f"{name}.parquet"


def _ours(tables: dict[str, tuple[Field, ...]]) -> set[str]:
    return {PIECES, LOCK, SETTINGS, *map(_file_of, tables)}


def _said(settings: dict, inputs: dict) -> str:
    told = {"notturno": __version__, "inputs": inputs, "settings": settings}
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@contextlib.contextmanager
def _plainly(path: Path):
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise unwritable(path, error) from error


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _read(folders: list[Path], name: str):
    from pyarrow import feather

    for folder in folders:
        yield feather.read_table(folder / f"{name}.arrow")


def _write_parquet(path: Path, fields: tuple[Field, ...], tables: Iterable) -> int:
    import pyarrow
    from pyarrow import parquet

    schema, total, waiting, kept = schema_of(fields), 0, 0, []
    with (
        whole_file(path, force=True) as stream,
        parquet.ParquetWriter(stream, schema, compression="zstd") as file,
    ):
        for table in tables:
            kept.append(table)
            waiting += len(table)
            total += len(table)
            # Groups of one size, wherever the pieces end.
            while waiting >= ROWS_A_GROUP:
                joined = pyarrow.concat_tables(kept)
                file.write_table(joined.slice(0, ROWS_A_GROUP))
                kept, waiting = [joined.slice(ROWS_A_GROUP)], waiting - ROWS_A_GROUP
        if waiting:  # without a row the columns alone are written
            file.write_table(pyarrow.concat_tables(kept))
    return total


def _write_csv(path: Path, fields: tuple[Field, ...], tables: Iterable) -> int:
    import io

    total = 0
    with whole_file(path, force=True) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        writer = csv.DictWriter(text, [field.name for field in fields], lineterminator="\n")
        writer.writeheader()
        for table in tables:
            writer.writerows(table.to_pylist())
            total += len(table)
        text.flush()
        text.detach()
    return total
