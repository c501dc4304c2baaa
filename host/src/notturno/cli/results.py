"""A folder of results of many nights, written or read and forgotten, and what is said of it.

`score` and `replay` write the same folder; only the work and their columns are their own.
"""

import csv
import json
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import click

from notturno.cli.progress import progress_bar
from notturno.words import _, figure, n_, said

MOST_SHOWN = 40  # rows of nights and of what was refused, on a terminal


class Many(NamedTuple):
    """One kind of run: `work(folder, processes, bar)` does it and returns a Done; `schema` of its
    JSON; `shown`: (column, its heading) of the nights on a terminal; `counts(done)`: its own keys
    of the JSON; `lines(done, out)`: what came of it, out None where nothing is kept."""

    doing: str
    work: Callable[[Path, int, Callable], Any]
    schema: str
    shown: tuple[tuple[str, str], ...]
    counts: Callable[[Any], dict]
    lines: Callable[[Any, Path | None], list[str]]


def run(many: Many, out: str | None, jobs: int | None, as_json: bool) -> None:
    """Do the work into `out`, or into a folder that is read and forgotten; print what came."""
    from notturno.labs.jobs import processors

    kept = None if out is None else Path(out)
    with (
        tempfile.TemporaryDirectory(prefix="notturno-") if out is None else nullcontext(out) as at
    ):
        folder = Path(at)
        with progress_bar(many.doing, quiet=as_json) as bar:
            done = many.work(folder, processors() if jobs is None else jobs, bar)
        with open(folder / "qc.csv", encoding="utf-8", newline="") as stream:
            qc = list(csv.DictReader(stream))
        nights = _nights(folder) if kept is None else None
    if as_json:
        _print_json(many, done, kept, qc, nights)
        return
    if nights is not None:
        _print_nights(many.shown, nights)
    for line in many.lines(done, kept):
        click.echo(line)
    _print_qc(qc, kept)


def already_there(out: Path) -> str:
    """Return the sentence for a run that was finished before."""
    return _("{out} holds this very run already; nothing was to be done.").format(out=out)


def _nights(folder: Path) -> list[dict]:
    from pyarrow import parquet

    rows = parquet.read_table(folder / "nights.parquet").to_pylist()
    for row in rows:
        row["refusals"] = json.loads(row["refusals"] or "{}")
    return rows


def _print_json(
    many: Many, done: Any, kept: Path | None, qc: list[dict], nights: list[dict] | None
) -> None:
    told = {
        "schema": many.schema,
        "out": None if kept is None else str(kept),
        "rows": done.rows or None,
        **many.counts(done),
        "already_there": done.whole,
        "refused": sum(row["what"] == "refused" for row in qc),
        "qc": qc,
    }
    if nights is not None:
        told["nights"] = nights
    click.echo(json.dumps(told, indent=1))


def _print_nights(shown: tuple[tuple[str, str], ...], rows: list[dict]) -> None:
    from notturno.cli.words import print_table

    def cell(value: float | str | None) -> str:
        if isinstance(value, float):
            return figure("{:.1f}", value)
        return "-" if value is None else str(value)

    table = [[cell(row[key]) for key, _words in shown] for row in rows[:MOST_SHOWN]]
    print_table([words for _key, words in shown], table)
    if len(rows) > MOST_SHOWN:
        more = len(rows) - MOST_SHOWN
        click.echo(_("... and {more} more nights; write them with --out DIR.").format(more=more))


def _print_qc(qc: list[dict], kept: Path | None) -> None:
    refused = [row for row in qc if row["what"] == "refused"]
    for row in refused[:MOST_SHOWN]:
        click.echo(_("refused: {what}").format(what=_of(row)), err=True)
    if len(refused) > MOST_SHOWN:
        more = len(refused) - MOST_SHOWN
        click.echo(_("... and {more} more refused; see qc.csv.").format(more=more), err=True)
    noted = [row for row in qc if row["what"] == "noted"]
    if noted and kept is not None:
        told = n_(
            "{n} note on these nights stands in qc.csv.",
            "{n} notes on these nights stand in qc.csv.",
            len(noted),
        )
        click.echo(told.format(n=len(noted)), err=True)
        return
    for row in noted[:MOST_SHOWN]:
        click.echo(_("note: {what}").format(what=_of(row)), err=True)


def _of(row: dict) -> str:
    """Return what qc.csv says of a source in the language spoken; the source's name once."""
    source, reason = row["source"], said(row["reason"])
    for name in (source, PurePosixPath(source).name):
        rest = reason[len(name) :]
        if reason.startswith(name) and rest[:1] in (" ", ",", ":"):
            return source + rest
    return f"{source}: {reason}" if source else reason
