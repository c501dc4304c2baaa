"""Many recordings into one folder of tables, by one process or several; as labs.run for lists.

Touches the inputs (reading) and the folder of results. A batch is a file: what is refused, and
what a reader stumbles over, costs that file and is told in qc.csv.
"""

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from notturno_core import detector

from notturno.errors import Phrase, UserError
from notturno.labs import jobs, outfolder, stamps
from notturno.labs.inputs import no_file, text_of_name
from notturno.labs.night import REFUSED
from notturno.labs.tables import REPLAYED
from notturno.loggers.load import SUFFIXES
from notturno.loggers.movisens import INDEX
from notturno.scoring import versions

FIELDS = {**REPLAYED, outfolder.QC: outfolder.QC_FIELDS}


class Work(NamedTuple):
    """What every file needs; goes to each process with it."""

    pieces: Path
    engine: str
    settings: dict
    side: str


class File(NamedTuple):
    """A recording to replay. path; source: its name from what was given; person."""

    path: str
    source: str
    person: str


class Done(NamedTuple):
    """rows: {table: rows}; resumed: files that were done before; files: in all; whole: the folder
    held this very run."""

    rows: dict
    resumed: int
    files: int
    whole: bool


def replay(
    paths: Sequence[Path | str],
    out: Path,
    engine: str = "native",
    settings: dict | None = None,
    side: str = "",
    count: int = 1,
    force: bool = False,
    progress: Callable[[float, float], None] = lambda done, total: None,
) -> Done:
    """Replay what lies at `paths` into the folder `out`; see labs.outfolder for what stands there.

    settings: of the detector; side: of all of them, L, R or empty; count: processes; progress:
    called with (files done, in all). Raises UserError where nothing can be done.
    """
    files = found_in(paths, out)
    told = {
        "command": "replay",
        "detector_version": detector.VERSION,
        "detector_settings": {**detector.DEFAULTS, **(settings or {})},
        "side": side,
        "rules_versions": [*versions.OF_MOVEMENTS, versions.SLEEP],
    }
    inputs = stamps.read_from([(each.path, each.source) for each in files])
    with outfolder.opened(out, REPLAYED, told, inputs, force) as folder:
        if folder.whole:
            return Done({}, 0, len(files), True)
        keys = [folder.key_of(list(each), stamps.stamp_of(each.path)) for each in files]
        todo = folder.todo(keys)
        work = partial(do, Work(folder.pieces, engine, settings or {}, side))
        before = len(keys) - len(todo)
        progress(before, len(keys))
        ended = jobs.run(work, [(keys[i], files[i]) for i in todo], count)
        for number, _ in enumerate(ended, 1):
            progress(before + number, len(keys))
        rows = folder.finish(keys)
    return Done(rows, before, len(files), False)


def found_in(paths: Sequence[Path | str], out: Path | None = None) -> list[File]:
    """Return the recordings at some paths, folders or patterns, the same whatever their order.

    A person is a file's name without its ending; where two files would be one, their folders
    stand before it. Raises UserError where a path is not there, or nothing is found.
    """
    found = {}
    for path in paths:
        for at in _matches(path):
            if at.is_dir() and not (at / INDEX).is_file():
                for each, source in _below(at, out):
                    found.setdefault(os.path.realpath(each), (str(each), source))
            else:
                found.setdefault(os.path.realpath(at), (str(at), at.name))
    if not found:
        raise UserError(
            "There is nothing to replay at {paths}; give recordings ({suffixes}).",
            paths=", ".join(map(str, paths)),
            suffixes=", ".join(SUFFIXES),
        )
    found = {real: (path, text_of_name(name)) for real, (path, name) in found.items()}
    ordered = sorted(found.items(), key=lambda item: (item[1][1], item[0]))
    stems = [Path(source).stem for _, (_, source) in ordered]
    files, taken = [], set()
    for (real, (path, source)), stem in zip(ordered, stems, strict=True):
        person = stem
        if stems.count(stem) > 1:
            person = f"{Path(real).parent.name}/{stem}"
        while person in taken:
            person += "'"
        taken.add(person)
        files.append(File(path, source, person))
    return files


def _matches(path: Path | str) -> list[Path]:
    if os.path.lexists(path):
        return [Path(path)]
    names = sorted(glob.glob(str(path), recursive=True)) if glob.has_magic(str(path)) else []
    if not names:
        raise UserError("{path} cannot be read (no such file); check the name.", path=path)
    return [Path(name) for name in names]


def _below(folder: Path, out: Path | None) -> Iterator[tuple[Path, str]]:
    """Yield (file or Movisens folder, its name from the folder) of the recordings below it."""
    skip = {os.path.realpath(out)} if out is not None else set()
    for here, inner, names in os.walk(folder):
        at = Path(here)
        inner[:] = sorted(
            n for n in inner if n[:1] != "." and os.path.realpath(at / n) not in skip
        )
        if {outfolder.SETTINGS, "nights.parquet"} <= set(names):
            inner[:] = []  # results of a run
            continue
        if INDEX in names:
            yield at, at.relative_to(folder).as_posix()
            inner[:] = []
            continue
        for name in sorted(names):
            if name[:1] != "." and name.lower().endswith(SUFFIXES[:-1]):
                yield at / name, (at / name).relative_to(folder).as_posix()


def do(work: Work, item: tuple[str, File]) -> None:
    """Replay one file and write its piece; runs in any process."""
    key, file = item
    outfolder.put(work.pieces, key, _tables(work, file), FIELDS)


def _tables(work: Work, file: File) -> dict[str, dict[str, list]]:
    from notturno.loggers.load import load
    from notturno.loggers.nights import tables_of
    from notturno.loggers.replayed import replayed

    try:
        if not (os.path.isfile(file.path) or os.path.isdir(file.path)):
            raise no_file(file.source)  # a link to nothing, a pipe
        loaded = load(file.path)
        found = replayed(loaded, work.engine, work.settings)
        tables = tables_of(file.person, file.source, loaded, found, work.side)
        qc = tables["qc"]
    except UserError as error:
        tables, qc = {}, [_refused(file, str(error))]
    except Exception as error:  # a fault of ours costs a file, not the run
        reason = Phrase(
            "The file cannot be replayed ({why_said}).",
            why_said=f"{type(error).__name__}: {error}",
        )
        tables, qc = {}, [_refused(file, reason)]
    return {**tables, outfolder.QC: outfolder.qc_rows(qc)}


def _refused(file: File, reason: str) -> dict:
    who = {"source": file.source, "person": file.person, "night": ""}
    return who | {"what": REFUSED, "code": "not_read", "n": 1, "reason": reason}
