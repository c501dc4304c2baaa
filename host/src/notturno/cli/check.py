"""The command `check`: let a band test itself, and say the one thing to mend."""

import click

from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.which_band import radio_options
from notturno.cli.words import print_json
from notturno.paths import data_dir
from notturno.words import _

SCHEMA = "notturno-check-1"
SAID = "notturno-check "  # before the line that a band prints at its cable
CABLES = ("unknown", "out", "in")  # by checks.CABLE_*


@click.command(context_settings=HELP_NAMES)
@click.option("--port", metavar="PORT", help="By cable: where the band is plugged in.")
@radio_options
@click.option(
    "--cable",
    type=click.Choice(CABLES),
    default="unknown",
    show_default=True,
    help="Is the charger's cable plugged in? Known, the pin that sees it is tested too.",
)
@json_option
@data_dir_option
def command(
    port: str | None,
    virtual: str,
    band: str,
    cable: str,
    timeout_s: float,
    as_json: bool,
    folder: str | None,
) -> None:
    """Let a band test itself, and say what to mend first.

    Lay it down still: what a moving limb hides is left out. By cable (--port) it needs no key and
    no radio, and the band starts anew. Exit code 0: all is well; 1: there is something to mend.
    """
    if not as_json:
        click.echo(_("Looking for the band; then it takes three seconds ..."), err=True)
    if port is not None:
        # A port of another machine, or of a virtual band, says nothing of the charger's cable.
        plugged_in = "unknown" if "://" in port else "in"
        given = plugged_in if cable == "unknown" else cable
        device, found = by_cable(port, CABLES.index(given))
    else:
        device, found = by_radio(folder, virtual, band, CABLES.index(cable), timeout_s)
    said = document(device, found)
    if as_json:
        print_json(said)
    else:
        for line in lines(said):
            click.echo(line)
    raise click.exceptions.Exit(1 if found["verdict"] else 0)


def document(device: str, found: dict) -> dict:
    """Return a band's CHECK record as JSON, with the sentence of its verdict."""
    from notturno.checks import sentence, steps

    bits = {name: steps(found[name]) for name in ("passed", "failed", "skipped")}
    text = sentence(found["verdict"])
    return {"schema": SCHEMA, "device": device, "text": text} | found | bits


def lines(said: dict) -> list[str]:
    """Return such a document in words."""
    told = [_("Band {device}: {text}").format(device=said["device"], text=_(said["text"]))]
    if len(said["failed"]) > 1:
        wrong = _("Wrong in all: {failed}. Mend the first, check again.")
        told.append(wrong.format(failed=", ".join(said["failed"])))
    if said["skipped"]:
        skipped = ", ".join(said["skipped"])
        told.append(_("Not tested: {skipped}.").format(skipped=skipped))
    return told


def by_radio(
    folder: str | None, virtual: str | None, band: str | None, cable: int, timeout_s: float
) -> tuple[str, dict]:
    """Return (device id, CHECK record) of a band that is asked over its link."""
    import asyncio

    from notturno.keys import KeyRing
    from notturno.link import open_radio
    from notturno.sync.checking import check

    keys = KeyRing(data_dir(folder)).all()

    async def whole() -> tuple[str, dict[str, int]]:
        async with open_radio(virtual) as radio:
            return await check(radio, keys, cable, band, timeout_s)

    return asyncio.run(whole())


def by_cable(port: str, cable: int) -> tuple[str, dict]:
    """Return (device id, CHECK record) of a band that is plugged in. Raises UserError."""
    import json

    from notturno_core import wire

    from notturno.errors import UserError
    from notturno.keys.cable import run

    done = run(port, f"import check_by_cable\ncheck_by_cable.main({cable})\n")
    for line in done.stdout.splitlines():
        if line.startswith(SAID):
            try:
                found = json.loads(line[len(SAID) :])
                values = {name: int(found.get(name, 0)) for name, _ in wire.CHECK_FIELDS}
                return str(found["device"]), values | {"verdict": int(found["verdict"])}
            except (ValueError, KeyError, AttributeError, TypeError):
                break
    said = (done.stderr or done.stdout).strip().splitlines()
    whole = done.stderr + done.stdout
    if "check_by_cable" in whole and "ImportError" in whole:
        raise UserError("The band's firmware has no test of itself: put a newer one on it.")
    raise UserError(
        "No band at {port} tested itself ({what_said}); plug it in, free the port, and check "
        "again.",
        port=port,
        what_said=said[-1] if said else "it said nothing",
    )
