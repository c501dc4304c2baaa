"""`notturno score` over many nights: the run, its bar, and what is said of it.

The work is done in notturno.labs; I print.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli.progress import progress_bar
from notturno.words import _, figure

if TYPE_CHECKING:
    from notturno.labs.run import Done

SCHEMA = "score-nights-1"
MOST_SHOWN = 40  # rows of nights and of what was refused, on a terminal
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
    if out is not None:
        _score(paths, Path(out), settings, rules, like, jobs, force, as_json, keep=True)
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="notturno-") as folder:
        _score(paths, Path(folder), settings, rules, like, jobs, force, as_json, keep=False)


def _score(
    paths: tuple[str, ...],
    out: Path,
    settings: dict[str, str],
    rules: str,
    like: str | None,
    jobs: int | None,
    force: bool,
    as_json: bool,
    keep: bool,
) -> None:
    from notturno.labs import jobs as processes
    from notturno.labs import run

    count = processes.processors() if jobs is None else jobs
    with progress_bar(_("Scoring"), quiet=as_json) as bar:
        done = run.score(paths, out, settings, rules, like, count, force, bar)
    qc = _qc(out)
    refused = [row for row in qc if row["what"] == "refused"]
    if as_json:
        told = {
            "schema": SCHEMA,
            "out": str(out) if keep else None,
            "rows": done.rows or None,
            "resumed_batches": done.resumed,
            "batches": done.batches,
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
    if like is not None:
        print_profile(like)
    _print_told(done, out if keep else None, qc, refused)


def _print_told(
    done: Done, out: Path | None, qc: list[dict[str, str]], refused: list[dict[str, str]]
) -> None:
    if done.whole:
        click.echo(_("{out} holds this very run already; nothing was to be done.").format(out=out))
    elif out is not None:
        click.echo(
            _("{nights} nights, {events} movements in {out}.").format(
                nights=done.rows["nights"], events=done.rows["events"], out=out
            )
        )
        if done.resumed:
            click.echo(
                _("{resumed} of {batches} parts were there from a run before.").format(
                    resumed=done.resumed, batches=done.batches
                )
            )
    for row in refused[:MOST_SHOWN]:
        click.echo(_("refused: {source}: {reason}").format(**row), err=True)
    if len(refused) > MOST_SHOWN:
        more = len(refused) - MOST_SHOWN
        click.echo(_("... and {more} more refused; see qc.csv.").format(more=more), err=True)
    noted = [row for row in qc if row["what"] == "noted"]
    if noted and out is None:
        for row in noted[:MOST_SHOWN]:
            click.echo(_("note: {source}: {reason}").format(**row), err=True)
    elif noted:
        click.echo(_("{n} notes on these nights stand in qc.csv.").format(n=len(noted)), err=True)


def _print_nights(rows: list[dict]) -> None:
    from notturno.cli.words import print_table

    def cell(value: float | str) -> str:
        if isinstance(value, float):
            return figure("{:.1f}", value)
        return "-" if value is None else str(value)

    table = [[cell(row[key]) for key, _words in SHOWN] for row in rows[:MOST_SHOWN]]
    print_table([words for _key, words in SHOWN], table)
    if len(rows) > MOST_SHOWN:
        more = len(rows) - MOST_SHOWN
        click.echo(_("... and {more} more nights; write them with --out DIR.").format(more=more))


def _qc(out: Path) -> list[dict[str, str]]:
    import csv

    with open(out / "qc.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _nights(out: Path) -> list[dict]:
    from pyarrow import parquet

    rows = parquet.read_table(out / "nights.parquet").to_pylist()
    for row in rows:
        row["refusals"] = json.loads(row["refusals"] or "{}")
    return rows


def print_profile(name: str) -> None:
    """Print in what a profile that was chosen differs from our own conventions."""
    from notturno.scoring.movements.profiles import PROFILES, default_of

    chosen = PROFILES[name].settings
    click.echo(
        _("The rules are read as by {title}; ours in brackets:").format(title=PROFILES[name].title)
    )
    for key, (value, _why) in chosen.items():
        click.echo(f"  {key}={value} ({default_of(key)})")
