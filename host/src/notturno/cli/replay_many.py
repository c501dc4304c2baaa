"""`notturno replay` over many recordings: the run, and what came of it.

The work is done in notturno.loggers; results.py prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.cli import results
from notturno.words import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from notturno.loggers.many import Done

SCHEMA = "replay-nights-1"
SHOWN = (
    ("person", "person"),
    ("night", "night"),
    ("recorded_h", "recorded h"),
    ("countable_h", "countable h"),
    ("jerks", "jerks"),
    ("jerks_per_h", "jerks/h"),
    ("lms", "LM"),
    ("plms_per_h_wasm2016", "PLMS/h W"),
)


def replay(
    paths: tuple[str, ...],
    out: str | None,
    engine: str,
    settings: dict,
    side: str,
    jobs: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Replay some paths into a folder, or one that is read and forgotten; print what came."""
    from notturno.loggers import many

    def work(folder: Path, processes: int, bar: Callable) -> Done:
        return many.replay(paths, folder, engine, settings, side, processes, force, bar)

    run = results.Many(_("Replaying"), work, SCHEMA, SHOWN, _counts, _lines)
    results.run(run, out, jobs, as_json)


def _counts(done: Done) -> dict:
    return {"resumed_files": done.resumed, "files": done.files}


def _lines(done: Done, out: Path | None) -> list[str]:
    if out is None:
        return []
    if done.whole:
        return [results.already_there(out)]
    lines = [
        _("{nights} nights, {events} events in {out}.").format(
            nights=done.rows["nights"], events=done.rows["events"], out=out
        )
    ]
    if done.resumed:
        lines.append(
            _("{resumed} of {files} files were there from a run before.").format(
                resumed=done.resumed, files=done.files
            )
        )
    return lines
