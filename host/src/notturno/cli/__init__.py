"""The command `notturno`: names its commands and loads one only when it is used.

Imports click and the standard library alone, so that `--help` answers at once.
"""

import importlib

import click

from notturno import __version__
from notturno.errors import UserError

# name -> (module:object, one line for the help)
COMMANDS = {
    "band": ("notturno.cli.band:command", "Run the virtual band."),
    "sync": ("notturno.cli.sync:command", "Fetch, store and confirm what a band recorded."),
    "nights": ("notturno.cli.nights:command", "One row a night."),
    "show": ("notturno.cli.show:command", "The events of one night."),
    "chart": ("notturno.cli.chart:command", "Draw the nights as a picture."),
    "replay": ("notturno.cli.replay:command", "Run the detector over a raw recording."),
    "synth": ("notturno.cli.synth:command", "Make a synthetic night with its truth."),
    "bench": ("notturno.cli.bench:command", "Measure the detector against the baselines."),
    "score": ("notturno.cli.score:command", "Score a list of movements by the published rules."),
    "stats": ("notturno.cli.stats:command", "Figures over many nights."),
    "compare": ("notturno.cli.compare:command", "Compare two phases, e.g. before and after."),
    "tag": ("notturno.cli.tag:command", "Name a span of nights: a phase or any tag."),
    "demo": ("notturno.cli.demo:command", "Three virtual nights, synced and shown."),
}


class LazyGroup(click.Group):
    """A group whose help needs none of its commands' modules."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[name][0].split(":")
        return getattr(importlib.import_module(module_name), attribute)

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="notturno")
def cli():
    """notturno counts the jerks of a sleeping limb.

    It is not a medical device and makes no diagnosis: show its report to a doctor.
    """


def main():
    """Run the command line; a UserError becomes one sentence and exit code 1."""
    try:
        cli(prog_name="notturno")
    except UserError as error:
        click.echo(f"notturno: {error}", err=True)
        raise SystemExit(1) from None
