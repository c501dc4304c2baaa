"""The command `check`: let a band test itself, and say the one thing to mend."""

import click

from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.words import print_json
from notturno.paths import data_dir

SCHEMA = "notturno-check-1"
CABLES = ("unknown", "out", "in")  # by checks.CABLE_*


@click.command(context_settings=HELP_NAMES)
@click.option("--virtual", metavar="HOST:PORT", help="A virtual band's radio, not the real one.")
@click.option("--band", metavar="NAME", help="Which band, where several are near.")
@click.option(
    "--cable",
    type=click.Choice(CABLES),
    default="unknown",
    show_default=True,
    help="Is the charger's cable plugged in? Known, the pin that sees it is tested too.",
)
@click.option(
    "--timeout",
    "timeout_s",
    default=30.0,
    show_default=True,
    metavar="S",
    help="How long to look for a band.",
)
@json_option
@data_dir_option
def command(virtual, band, cable, timeout_s, as_json, folder):
    """Let a band test itself, and say what to mend first.

    Lay it down still: what a moving limb hides is left out. Exit code 0: all is well; 1: there is
    something to mend.
    """
    import asyncio

    from notturno.checks import sentence, steps
    from notturno.keys import KeyRing
    from notturno.link import open_radio
    from notturno.sync.checking import check

    keys = KeyRing(data_dir(folder)).all()

    async def whole():
        async with open_radio(virtual) as radio:
            return await check(radio, keys, CABLES.index(cable), band, timeout_s)

    if not as_json:
        click.echo("Looking for the band; then it takes three seconds ...", err=True)
    device, found = asyncio.run(whole())
    text = sentence(found["verdict"])
    bits = {name: steps(found[name]) for name in ("passed", "failed", "skipped")}
    if as_json:
        print_json({"schema": SCHEMA, "device": device, "text": text} | found | bits)
    else:
        click.echo(f"Band {device}: {text}")
        if len(bits["failed"]) > 1:
            click.echo(f"Wrong in all: {', '.join(bits['failed'])}. Mend the first, check again.")
        if bits["skipped"]:
            click.echo(f"Not tested: {', '.join(bits['skipped'])}.")
    raise click.exceptions.Exit(1 if found["verdict"] else 0)
