"""`notturno score` over many nights: the run, and what came of it.

The work is done in notturno.labs; results.py prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.cli import results
from notturno.words import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from notturno.labs.run import Done

SCHEMA = "score-nights-1"
SHOWN = (
    ("person", "person"),
    ("night", "night"),
    ("lms", "LM"),
    ("clm_wasm2016", "CLM W"),
    ("plm_wasm2016", "PLM W"),
    ("plms_per_h_wasm2016", "PLMS/h W"),
    ("plm_aasm3", "PLM A"),
    ("plms_per_h_aasm3", "PLMS/h A"),
    ("asleep_h", "asleep h"),
)


def score(
    paths: tuple[str, ...],
    out: str | None,
    settings: dict[str, str],
    rules: str,
    like: str | None,
    jobs: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Score some paths into a folder, or one that is read and forgotten; print what came of it."""
    from notturno.labs import run as labs

    def work(folder: Path, processes: int, bar: Callable) -> Done:
        return labs.score(paths, folder, settings, rules, like, processes, force, bar)

    def lines(done: Done, folder: Path | None) -> list[str]:
        return ([] if like is None else profile_lines(like)) + _came(done, folder)

    run = results.Many(_("Scoring"), work, SCHEMA, SHOWN, _counts, lines)
    results.run(run, out, jobs, as_json)


def _counts(done: Done) -> dict:
    return {"resumed_batches": done.resumed, "batches": done.batches}


def _came(done: Done, out: Path | None) -> list[str]:
    if out is None:
        return []
    if done.whole:
        return [results.already_there(out)]
    lines = [
        _("{nights} nights, {events} movements in {out}.").format(
            nights=done.rows["nights"], events=done.rows["events"], out=out
        )
    ]
    if done.resumed:
        lines.append(
            _("{resumed} of {batches} parts were there from a run before.").format(
                resumed=done.resumed, batches=done.batches
            )
        )
    return lines


def profile_lines(name: str) -> list[str]:
    """Return lines that say in what a chosen profile differs from our own conventions."""
    from notturno.scoring.movements.profiles import PROFILES, default_of

    first = _("The rules are read as by {title}; ours in brackets:")
    return [first.format(title=PROFILES[name].title)] + [
        f"  {key}={value} ({default_of(key)})"
        for key, (value, _why) in PROFILES[name].settings.items()
    ]
