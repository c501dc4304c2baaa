"""The command `cohort`: what the nights of many people say, and how sure that is."""

import click

from notturno.cli.measures import measure_option, measures_over_nights
from notturno.cli.options import HELP_NAMES, json_option, lang_option
from notturno.errors import UserError
from notturno.words import _

ENGINES = ("duckdb", "dask")


@click.command(context_settings=HELP_NAMES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@measure_option
@click.option(
    "--phases",
    nargs=2,
    metavar="FIRST SECOND",
    help="Also compare two phases of each person (tags; before, after).",
)
@click.option(
    "--both-sides", is_flag=True, help="The nights of both legs together, where both were worn."
)
@click.option("--identified", is_flag=True, help="Keep names, dates and ids.")
@click.option(
    "--key",
    metavar="FILE",
    help="The key of the pseudonyms, made if missing: the same names in every run. Keep it apart "
    "from the tables. [default: a new one, thrown away]",
)
@click.option("--out", metavar="DIR", help="Also write the tables there, as Parquet.")
@click.option("--force", is_flag=True, help="Replace an earlier cohort at that place.")
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice(ENGINES),
    help="duckdb: this machine; dask: many processes or machines, with the same result. "
    "[default: duckdb; dask with --scheduler]",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many threads (duckdb) or processes (dask). [default: one for each core]",
)
@click.option("--scheduler", metavar="HOST:PORT", help="A Dask scheduler that runs already.")
@json_option
@lang_option
def command(
    paths: tuple[str, ...],
    measures: tuple[str, ...],
    phases: tuple[str, str] | None,
    both_sides: bool,
    identified: bool,
    key: str | None,
    out: str | None,
    force: bool,
    engine_name: str | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Nights of many people: how people differ, how nights differ, and how many nights are enough.

    PATH: exports (notturno export), data folders, folders of them, one for each person, or what
    notturno score --out wrote. Every figure is told of all nights and of the cleaned ones; names,
    dates and ids are replaced.
    """
    if scheduler and (engine_name == "duckdb" or workers):
        raise UserError("--scheduler goes with --engine dask, and without --workers.")
    if force and not out:
        raise UserError("--force goes with --out.")
    if identified and key:
        raise UserError(
            "--key is of pseudonyms, and --identified has none; leave one of them out."
        )
    _needs("duckdb", "pyarrow", "scipy")
    from notturno.cli.progress import progress_bar
    from notturno.cohort import engines, run

    name = engine_name or ("dask" if scheduler else "duckdb")
    asked = run.Asked(
        paths, measures_over_nights(measures), phases, both_sides, identified, key, out, force
    )
    with (
        progress_bar(_("reading the people")) as show,
        engines.engine(name, workers, scheduler) as engine,
    ):
        document = run.run(asked, engine, show)
    if as_json:
        from notturno.cli.words import print_json

        print_json(document)
        return
    from notturno.cli import cohort_words

    cohort_words.print_cohort(document, out)


def _needs(*libraries: str) -> None:
    """Raise a UserError where a library is not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in libraries):
        raise UserError("A cohort needs DuckDB; install it: pip install 'notturno[cohort]'.")
