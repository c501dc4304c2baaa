"""What PATH... means: files, folders and patterns become nights' files and long tables.

A file or two of one name are one night: `p01.csv` and `p01_stages.csv`, `n1_left.csv` and
`n1_right.csv`; so are files of one folder whose names say only what they hold (`movements.csv`
and `stages.csv`), by the folder's name. In a folder the person is the folder that a file lies in,
else the file's name; BIDS names (sub-01_ses-02_...) say both. Lists folders; opens Parquet files
only to see their columns.
"""

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from notturno.errors import UserError
from notturno.labs import longcsv, longtables, outfolder

SUFFIXES = (".csv", ".tsv", ".txt", ".edf", ".bdf", ".xml", ".rml", ".annot", ".eannot")
PARQUET = (".parquet", ".pq")
# What may stand behind a night's name to tell its files apart, or be a file's whole name.
ROLE = re.compile(
    r"(?:^|[ ._-]+)(stages?|hypnogram|hypno|staging|sleepstages?|sleep[ _-]profile|schlafprofil"
    r"|resp|respiration|apneas?|(classification[ _-]|klassifizierte[ _-])?arousals?|gaps?"
    r"|((plm|flow|leg|limb)[ _-])?events?"
    r"|movements?|lms?|plms?|nsrr|profusion|annotations?|annot|scoring|allscore|hypnodensity"
    r"|left|right|links|rechts|gauche|droite|sinistra|destra)$",
    re.IGNORECASE,
)
# DOMINO may write whose it is behind what it is: "Sleep Profile - 12345678.txt".
ROLE_FIRST = re.compile(
    r"^(sleep profile|schlafprofil|(flow|plm) events|(classification |klassifizierte )arousals?)"
    r" - (?=.)",
    re.IGNORECASE,
)
LEG = re.compile(r"([ ._-]+)([LR])$", re.IGNORECASE)  # of two files that are one of each
BIDS = re.compile(r"(sub-[^_]+)_(ses-[^_]+)")
EXPORT = ("nights", "sessions", "events")  # the tables by which an export of ours is known


class Unit(NamedTuple):
    """One night's files (or an export of ours: many nights). files: ((path, name), ...)."""

    person: str
    night: str
    files: tuple
    export: bool = False


class Inputs(NamedTuple):
    """tables: longcolumns.Table of each long table; units: Units in order; refused: [(name,
    sentence)] of files that cannot be read at all; others: how many files of other kinds lie in
    the folders."""

    tables: list
    units: list
    refused: list
    others: int

    def files(self) -> list[tuple[str, str]]:
        """Return (path, name) of every file that is read."""
        return [
            *((table.path, table.name) for table in self.tables),
            *(file for unit in self.units for file in unit.files),
        ]


def found_in(paths: Any, out: Path | None = None) -> Inputs:
    """Return what lies at some paths or patterns, the same whatever their order.

    out: the folder of results, which is not read. Raises UserError where a path is not there or
    where nothing is found.
    """
    files, others, exports, alone = {}, 0, {}, []
    for path in sorted(paths, key=lambda one: (_real(one), str(one))):
        for at, root in _matches(path):
            if not at.is_dir():
                if root is None:
                    alone.append(at)
                else:
                    name = at.relative_to(root).as_posix()
                    files.setdefault(_real(at), (at, name, root.name))
                continue
            for file, name in _below(at, out):
                if name is None:
                    others += 1
                elif isinstance(name, tuple):
                    exports.setdefault(_real(file), (name[0], name[1]))
                else:
                    files.setdefault(_real(file), (file, name, at.name))
    for at, name in _named_alone(alone):
        files.setdefault(_real(at), (at, name, ""))
    files = {
        real: (path, text_of_name(name), folder) for real, (path, name, folder) in files.items()
    }
    tables, refused, groups = [], [], {}
    legs = _pairs(files)
    for real, (path, name, root) in sorted(files.items(), key=lambda item: (item[1][1], item[0])):
        if not path.is_file():  # a link to nothing, a socket
            refused.append((name, str(no_file(name))))
            continue
        if path.suffix.lower() in PARQUET:
            try:
                tables.append(longtables.table_of(path, name))
            except UserError as error:
                refused.append((name, str(error)))
            continue
        try:
            many = longcsv.table_of(path, name)
        except UserError as error:
            refused.append((name, str(error)))
            continue
        if many is not None:
            tables.append(many)
            continue
        person, night, stem = _who(name, root or Path(real).parent.name, real in legs)
        groups.setdefault((os.path.dirname(real), stem), [person, night, []])[2].append(
            (str(path), name)
        )
    units = [Unit(who, night, tuple(each)) for who, night, each in groups.values()]
    units += [Unit(name, "", tuple(each), True) for name, each in exports.values()]
    if not tables and not units and not refused:
        raise UserError(
            "There is nothing to score at {paths}; give lists ({suffixes}) or Parquet.",
            paths=", ".join(map(str, paths)),
            suffixes=", ".join(SUFFIXES),
        )
    return Inputs(tables, _apart(sorted(units), files), refused, others)


def _matches(path: str) -> Iterator[tuple[Path, Path | None]]:
    """Yield (file or folder, where its name begins or None) of all that one PATH means."""
    if os.path.lexists(path):
        yield Path(path), None
        return
    names = sorted(glob.glob(str(path), recursive=True)) if glob.has_magic(str(path)) else []
    if not names:
        raise UserError("{path} cannot be read (no such file); check the name.", path=path)
    plain = []
    for part in Path(path).parts:
        if glob.has_magic(part):
            break
        plain.append(part)
    for name in names:
        yield Path(name), Path(*plain)


def _named_alone(files: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield (file, name) of files given one by one.

    The name has the folder's before it where two of one name lie in different folders.
    """
    folders = {}
    for file in files:
        folders.setdefault(_who(file.name)[2], set()).add(_real(file.parent))
    for file in files:
        many = len(folders[_who(file.name)[2]]) > 1
        yield file, f"{file.resolve().parent.name}/{file.name}" if many else file.name


def _below(
    folder: Path, out: Path | None
) -> Iterator[tuple[Path, tuple[str, list[tuple]] | str | None]]:
    """Yield (file, name from the folder), (file, None) of other kinds, (folder, (name, files))."""
    skip = {_real(out)} if out is not None else set()
    for here, inner, names in os.walk(folder):
        here = Path(here)
        inner[:] = sorted(n for n in inner if n[:1] != ".")
        if _real(here) in skip or {outfolder.SETTINGS, "nights.parquet"} <= set(names):
            inner[:] = []  # results of this command
            continue
        relative = here.relative_to(folder)
        tables = {Path(n).stem: n for n in sorted(names) if n.endswith((".csv", ".parquet"))}
        if all(table in tables for table in EXPORT):
            name = relative.as_posix() if relative.parts else here.resolve().name
            each = [(str(here / tables[t]), f"{name}/{tables[t]}") for t in EXPORT]
            yield here, (name, each)
            inner[:] = []
            continue
        for name in sorted(names):
            if name[:1] == ".":
                continue
            known = name.lower().endswith((*SUFFIXES, *PARQUET))
            yield here / name, (relative / name).as_posix() if known else None


def _who(name: str, root: str = "", of_leg: bool = False) -> tuple[str, str, str]:
    """Return (person, night, stem by which files of one night belong together) of a file.

    root: the folder that was given; of_leg: whether L or R behind the name is a leg's.
    """
    path = Path(name)
    stem = ROLE_FIRST.sub("", path.stem)
    stem = LEG.sub("", stem) if of_leg else stem
    while ROLE.search(stem):
        stem = ROLE.sub("", stem)
    bids = BIDS.match(path.stem)
    if bids:
        return bids[1], bids[2], stem
    folders = path.parent.parts
    if not stem:  # only what it holds: the night is the folder
        night = folders[-1] if folders else root or path.stem
        return "/".join(folders[:-1]) or night, night, stem
    return "/".join(folders) or stem, stem, stem


def _pairs(files: dict[str, tuple[Path, str, str]]) -> set[str]:
    """Return the files of one leg (n1_L.csv) that have one of the other leg beside them."""
    legs = {}
    for real in files:
        at = Path(real)
        leg = LEG.search(at.stem)
        if leg:
            legs.setdefault((at.parent, LEG.sub("", at.stem), at.suffix.lower()), {}).setdefault(
                leg[2].upper(), []
            ).append(real)
    return {
        real for both in legs.values() if len(both) == 2 for one in both.values() for real in one
    }


def _apart(units: list[Unit], files: dict[str, tuple[Path, str, str]]) -> list[Unit]:
    """Return Units with different names.

    Where two folders that were given hold the same person and night, the folder's own name stands
    before the person's.
    """
    seen = {}
    for unit in units:
        seen.setdefault((unit.person, unit.night), []).append(unit)
    folders = {str(path): folder for path, _, folder in files.values()}
    named = []
    for (person, _), same in seen.items():
        for unit in same:
            if len(same) > 1:
                folder = folders.get(unit.files[0][0], "")
                unit = unit._replace(person=f"{folder}/{person}" if folder else person)
            named.append(unit)
    taken = set()
    for at, unit in enumerate(named):
        number, night = 1, unit.night
        while (unit.person, night) in taken:
            number += 1
            night = f"{unit.night}#{number}"
        named[at] = unit._replace(night=night)
        taken.add((unit.person, night))
    return sorted(named)


def text_of_name(name: str) -> str:
    """Return a name as text that any table can hold; bytes that are no UTF-8 as \\udcXX."""
    return name.encode("utf-8", "backslashreplace").decode()


def no_file(name: str) -> UserError:
    """Return the error of what lies there and is no file: a link to nothing, a pipe, a socket."""
    return UserError(
        "{name} is no file that can be read (a link to nothing, a pipe or a socket); take it out.",
        name=name,
    )


def _real(path: Path | str) -> str:
    return os.path.realpath(path)
