"""Which people the paths hold, and in which tables.

A path is a folder (of one export, or of folders of people, at any depth), a logbook, or a JSON
export. A person is called as the folder below the given one that holds the tables; a table with
the column `person` (`score --out`) names its people itself. Reads names and first bytes alone.
Raises UserError.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from notturno.errors import UserError
from notturno.files import lossless
from notturno.store import FILE_NAME
from notturno.store.door import MAGIC

BAND, LAB = "band", "lab"  # an export of ours; a table of many people
LOGBOOK, JSON, CSV, PARQUET = "logbook", "json", "csv", "parquet"
NIGHTS = "nights"
# Names that a program gave a folder, which say nothing of whose it is.
OF_NOBODY = re.compile(r"notturno-(csv|parquet|json)|people|data|export|out")
SKIPPED = re.compile(r"\..*|__.*")


class Source(NamedTuple):
    """One export, logbook or table: whose it is ("" where it says so itself), what, and where."""

    person: str
    form: str
    path: Path


def found(paths: Sequence[Path | str]) -> list[Source]:
    """Return every source below the paths, by person. Raises UserError where there is none."""
    sources: list[Source] = []
    for given in paths:
        path = Path(os.path.abspath(Path(given).expanduser()))
        path = path.parent if path.name == f"{NIGHTS}.parquet" and path.is_file() else path
        mine = _sources(path)
        if not mine:
            raise UserError(
                "{path} holds no nights: give an export (notturno export --format parquet), a "
                "data folder, or the folder that notturno score --out made.",
                path=path,
            )
        sources += [Source(_name(place, path), form, place) for form, place in mine]
    by_place = {source.path.resolve(): source for source in sources}  # a path given twice
    sources = sorted(by_place.values(), key=lambda source: (source.person, str(source.path)))
    for one, other in zip(sources, sources[1:], strict=False):
        if one.person == other.person:
            raise UserError(
                "{one} and {other} would both be {name}; give each person a folder of their own.",
                one=one.path,
                other=other.path,
                name=one.person,
            )
    return sources


def _sources(path: Path) -> list[tuple[str, Path]]:
    """Return [(form, path)] of what lies at or below a path."""
    try:
        form = _form(path)
        if form is not None:
            return [(form, path)]
        if not path.is_dir():
            if not path.exists():
                raise UserError("{path} is not there; check the name.", path=path)
            return []
        inside: list = []
        for entry in sorted(path.iterdir()):
            if not SKIPPED.fullmatch(entry.name) and (entry.is_dir() or _is_one_file(entry)):
                inside += _sources(entry)
        return inside
    except OSError as error:
        raise UserError(
            "{path} cannot be read ({why_said}); check its permissions.",
            path=error.filename or path,
            why_said=error.strerror,
        ) from None


def _form(path: Path) -> str | None:
    """Return what lies at a path itself, None for a folder of others or something unknown."""
    if path.is_dir():
        if (path / f"{NIGHTS}.parquet").is_file():
            return PARQUET
        if (path / f"{NIGHTS}.csv").is_file() and (path / "DICTIONARY.csv").is_file():
            return CSV
        return LOGBOOK if (path / FILE_NAME).is_file() and not (path / "people").is_dir() else None
    if not path.is_file():
        return None
    with open(path, "rb") as stream:
        head = stream.read(lossless.HEAD_BYTES)
    if head.startswith(MAGIC):
        return LOGBOOK
    return JSON if lossless.is_one(head) else None


def _is_one_file(path: Path) -> bool:
    """Say whether a file inside a folder may be a person's by its name."""
    return path.name == FILE_NAME or path.suffix == ".json"


def _name(place: Path, given: Path) -> str:
    """Return how a person is called: by the folders below the given one, else by its own name."""
    for parts in (place.relative_to(given).parts, (given.name,), (given.parent.name,)):
        named = [_stem(part) for part in parts if not _says_nothing(part)]
        if named:
            return "/".join(named)
    return place.name


def _says_nothing(part: str) -> bool:
    return part == FILE_NAME or OF_NOBODY.fullmatch(_stem(part)) is not None


def _stem(name: str) -> str:
    return name.removesuffix(".json").removesuffix(".sqlite3")
