"""One run over many nights: what was given, cut into batches, scored by processes, put together.

Touches the inputs (reading) and the folder of results. The cut depends on the input alone, so that
the results are the same bytes whatever the order of the paths and the number of processes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from notturno.errors import Phrase, UserError
from notturno.labs import inputs as given
from notturno.labs import jobs, outfolder, stamps
from notturno.labs.night import NOTED, REFUSED, LabNight
from notturno.labs.tables import TABLES
from notturno.scoring import versions
from notturno.scoring.movements import conventions, profiles
from notturno.scoring.movements.score import check_rules

if TYPE_CHECKING:
    from notturno.labs.longplan import Plan

NIGHTS_A_BATCH = 500  # of long tables: a second of work or less, a few MB
FILES_A_BATCH = 50
LONG, FILES, TOLD = "long", "files", "told"
FIELDS = {**TABLES, outfolder.QC: outfolder.QC_FIELDS}


class Work(NamedTuple):
    """What every batch needs; goes to each process with its batch."""

    pieces: Path
    settings: dict
    rules: str


class Done(NamedTuple):
    """rows: {table: rows}; resumed: batches that were there before; batches: in all; whole:
    nothing was to be done, the folder held this very run."""

    rows: dict
    resumed: int
    batches: int
    whole: bool


def score(
    paths: Sequence[Path | str],
    out: Path,
    settings: dict | None = None,
    rules: str = "both",
    like: str | None = None,
    count: int = 1,
    force: bool = False,
    progress: Callable[[float, float], None] = lambda done, total: None,
) -> Done:
    """Score what lies at `paths` into the folder `out`; see `outfolder` for what stands there.

    settings: {convention: value}, those of a profile among them; like: the profile's name, told
    in settings.json; count: processes; progress: called with (batches done, in all). Raises
    UserError where nothing can be done; a file that cannot be read is told in qc.csv.
    """
    check_rules(rules)
    outfolder.needs_pyarrow()
    choices = conventions.resolve(settings)
    found = given.found_in(paths, out)
    told = {
        "command": "score",
        "rules": rules,
        "like": like and profiles.told(like),
        "rules_versions": list(versions.OF_MOVEMENTS),
        "conventions": vars(choices),
    }
    inputs = stamps.read_from(found.files())
    with outfolder.opened(out, TABLES, told, inputs, force) as folder:
        if folder.whole:
            return Done({}, 0, 0, True)
        keys, batches = _batches(found, folder)
        todo = folder.todo(keys)
        work = partial(do, Work(folder.pieces, settings or {}, rules))
        before = len(keys) - len(todo)
        progress(before, len(keys))
        apart = [(keys[i], batches[i]) for i in todo if batches[i][0] == TOLD]
        scored = [(keys[i], batches[i]) for i in todo if batches[i][0] != TOLD]
        # What is only told is no work: a process takes longer to begin than that.
        ended = chain(jobs.run(work, apart, 1), jobs.run(work, scored, count))
        for number, _ in enumerate(ended, 1):
            progress(before + number, len(keys))
        rows = folder.finish(keys)
    return Done(rows, before, len(keys), False)


def _batches(
    found: given.Inputs, folder: outfolder.OutFolder
) -> tuple[list[str], list[tuple[str, list | Plan]]]:
    """Return (keys, batches) in the order of the results."""
    keys, batches, empty = [], [], []
    if found.tables:
        plan = found_plan(found, folder)
        empty = [(name, Phrase("It holds no row.")) for name in plan.empty]
        stamped = stamps.digest([stamps.stamp_of(table.path) for table in found.tables])
        for first in range(0, len(plan.nights), NIGHTS_A_BATCH):
            after = min(first + NIGHTS_A_BATCH, len(plan.nights))
            keys.append(folder.key_of(LONG, stamped, first, after))
            batches.append((LONG, _cut(plan, first, after)))
    for first in range(0, len(found.units), FILES_A_BATCH):
        units = found.units[first : first + FILES_A_BATCH]
        stamped = [[stamps.stamp_of(path) for path, _ in unit.files] for unit in units]
        keys.append(folder.key_of(FILES, [list(unit) for unit in units], stamped))
        batches.append((FILES, units))
    rows = [
        {"source": name, "what": REFUSED, "code": "not_read", "n": 1, "reason": reason}
        for name, reason in found.refused
    ]
    rows += [
        {"source": name, "what": NOTED, "code": "no_rows", "n": 1, "reason": reason}
        for name, reason in empty
    ]
    if found.others:
        reason = Phrase(
            "Files of other kinds that lie in the folders and were not read: {n}.", n=found.others
        )
        rows.append({"what": NOTED, "code": "other_files", "n": found.others, "reason": reason})
    if rows or not keys:
        keys.append(folder.key_of(TOLD, rows))
        batches.append((TOLD, rows))
    return keys, batches


def found_plan(found: given.Inputs, folder: outfolder.OutFolder) -> Plan:
    """Return the longplan.Plan of the tables; scratch copies go where the pieces go."""
    from notturno.labs import longform

    return longform.plan_of(found.tables, folder.pieces / "scratch")


def _cut(plan: Plan, first: int, after: int) -> Plan:
    """Return the Plan of some nights alone: what goes to another process is small."""
    import numpy as np

    low, high = np.searchsorted(plan.segments[:, 4], (first, after))
    segments = plan.segments[low:high].copy()
    segments[:, 4] -= first
    used, segments[:, 0] = np.unique(segments[:, 0], return_inverse=True)
    tables = [plan.tables[at] for at in used.tolist()]
    return plan._replace(tables=tables, nights=plan.nights[first:after], segments=segments)


def do(work: Work, item: tuple[str, tuple[str, list | Plan]]) -> None:
    """Score one batch and write its piece; runs in any process."""
    key, (kind, batch) = item
    gc.disable()  # nothing of a batch goes in circles; what is let go is free at once
    try:
        outfolder.put(work.pieces, key, _tables_of(work, kind, batch), FIELDS)
    finally:
        gc.enable()


def _tables_of(work: Work, kind: str, batch: Any) -> dict[str, dict]:
    from notturno.labs import scored

    choices = conventions.resolve(work.settings)
    if kind == TOLD:
        nights, qc = [], list(batch)
    elif kind == LONG:
        from notturno.labs import longnights

        nights, refused = longnights.nights_of(batch, 0, len(batch.nights))
        qc = [_refused(*each) for each in refused]
    else:
        nights, qc = _of_files(batch)
    tables = scored.score_nights(nights, choices, work.rules)
    tables["qc"] = outfolder.qc_rows(qc + tables["qc"])
    return tables


def _of_files(units: Any) -> tuple[list[LabNight], list[dict]]:
    from notturno.labs import readers

    nights, qc = [], []
    for unit in units:
        source = "; ".join(name for _, name in unit.files)
        try:
            nights += readers.nights_of(unit)
        except UserError as error:
            qc.append(_refused(source, unit.person, unit.night, str(error)))
        except Exception as error:  # a reader's own fault costs its file, not the run
            reason = Phrase(
                "The file cannot be read ({why_said}).",
                why_said=f"{type(error).__name__}: {error}",
            )
            qc.append(_refused(source, unit.person, unit.night, reason))
    return nights, qc


def _refused(source: str, person: str, night: str, reason: str) -> dict:
    who = {"source": source, "person": person, "night": night}
    return who | {"what": REFUSED, "code": "not_read", "n": 1, "reason": reason}
