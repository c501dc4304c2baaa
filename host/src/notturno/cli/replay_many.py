"""`notturno replay` over many recordings: the run, its bar, and what is said of it.

The work is done in notturno.loggers; I print.
"""

import csv
import json
import tempfile
from pathlib import Path

import click

from notturno.cli.progress import progress_bar
from notturno.words import _, figure

SCHEMA = "replay-nights-1"
MOST_SHOWN = 40  # rows of nights and of what was refused, on a terminal
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
    paths: tuple[str],
    out: str | None,
    engine: str,
    settings: dict,
    side: str,
    jobs: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Replay some paths into a folder, or one that is read and forgotten; print what came."""
    if out is not None:
        _replay(paths, Path(out), engine, settings, side, jobs, force, as_json, keep=True)
        return
    with tempfile.TemporaryDirectory(prefix="notturno-") as folder:
        _replay(paths, Path(folder), engine, settings, side, jobs, force, as_json, keep=False)


def _replay(
    paths: tuple[str],
    out: Path,
    engine: str,
    settings: dict,
    side: str,
    jobs: int | None,
    force: bool,
    as_json: bool,
    keep: bool,
) -> None:
    from notturno.labs import jobs as processes
    from notturno.loggers import many

    count = processes.processors() if jobs is None else jobs
    with progress_bar(_("Replaying"), quiet=as_json) as bar:
        done = many.replay(paths, out, engine, settings, side, count, force, bar)
    with open(out / "qc.csv", encoding="utf-8", newline="") as stream:
        qc = list(csv.DictReader(stream))
    refused = [row for row in qc if row["what"] == "refused"]
    if as_json:
        told = {
            "schema": SCHEMA,
            "out": str(out) if keep else None,
            "rows": done.rows or None,
            "resumed_files": done.resumed,
            "files": done.files,
            "already_there": done.whole,
            "refused": len(refused),
            "qc": qc,
        }
        if not keep:
            told["nights"] = _nights(out)
        click.echo(json.dumps(told, indent=1))
        return
    if not keep:
        _print_nights(_nights(out))
    elif done.whole:
        click.echo(_("{out} holds this very run already; nothing was to be done.").format(out=out))
    else:
        click.echo(
            _("{nights} nights, {events} events in {out}.").format(
                nights=done.rows["nights"], events=done.rows["events"], out=out
            )
        )
        if done.resumed:
            click.echo(
                _("{resumed} of {files} files were there from a run before.").format(
                    resumed=done.resumed, files=done.files
                )
            )
    for row in refused[:MOST_SHOWN]:
        click.echo(_("refused: {source}: {reason}").format(**row), err=True)
    notes = [row for row in qc if row["what"] == "noted"]
    for row in [] if keep else notes[:MOST_SHOWN]:
        click.echo(_("note: {source}: {reason}").format(**row), err=True)
    if keep and (notes or len(refused) > MOST_SHOWN):
        click.echo(_("All that is to be known of these files stands in qc.csv."), err=True)


def _print_nights(rows: list[dict]) -> None:
    from notturno.cli.words import print_table

    def cell(value: float | str | None) -> str:
        if isinstance(value, float):
            return figure("{:.1f}", value)
        return "-" if value is None else str(value)

    table = [[cell(row[key]) for key, _words in SHOWN] for row in rows[:MOST_SHOWN]]
    print_table([words for _key, words in SHOWN], table)
    if len(rows) > MOST_SHOWN:
        more = len(rows) - MOST_SHOWN
        click.echo(_("... and {more} more nights; write them with --out DIR.").format(more=more))


def _nights(out: Path) -> list[dict]:
    from pyarrow import parquet

    rows = parquet.read_table(out / "nights.parquet").to_pylist()
    for row in rows:
        row["refusals"] = json.loads(row["refusals"] or "{}")
    return rows
