"""`notturno bench`: measure the detector against published rules on the same nights."""

from pathlib import Path

import click

from notturno.cli import outfile, speech
from notturno.cli.options import HELP_NAMES, json_option
from notturno.cli.progress import progress_bar
from notturno.cli.words import print_json
from notturno.words import _


@click.group(cls=speech.Group, context_settings=HELP_NAMES)
def command() -> None:
    """Measure how good the detector is. Synthetic nights and unlabelled recordings only."""


@command.command("detector", context_settings=HELP_NAMES)
@click.option(
    "--seeds",
    "count",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="Nights of each profile and set of models, 2 h each.",
)
@click.option(
    "--first-seed",
    type=click.IntRange(0),
    default=3000,
    show_default=True,
    help="Of the held-out nights. Below 1100: tuning seeds, whose figures prove nothing.",
)
@json_option
@click.option(
    "--out", metavar="FILE", help="Also write a report with all tables, in Markdown, into FILE."
)
def bench_detector(count: int, first_seed: int, as_json: bool, out: str | None) -> None:
    """The detector, a reference and five baselines: one table of goals and measured values.

    Side by side: models of limbs that the detector was tuned on, and models held out.

    No recording with labelled sleep myoclonus exists in the open: this shows nothing about it.
    """
    from notturno.bench import run, table

    with progress_bar(_("{count} nights of each profile").format(count=count)) as progress:
        result = run.run(count, progress, first_seed)
    if out:
        outfile.put(Path(out), table.report(result), force=True)
    if as_json:
        print_json(result)
    else:
        table.show(result)
        click.echo(
            _("Synthetic limbs, unlabelled people: no labelled sleep myoclonus exists openly.")
        )
