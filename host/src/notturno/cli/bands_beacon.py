"""The command `bands key beacon`: the key with which a home's hub reads a band's beacon.

Touches the keys of the data folder and the terminal.
"""

from __future__ import annotations

from pathlib import Path

import click

from notturno.cli import bands_key, which_band
from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.words import _

SCHEMA = "band-beacon-key-1"


@click.command("beacon", context_settings=HELP_NAMES)
@click.argument("band", required=False)
@json_option
@data_dir_option
@click.pass_obj
def command(group_folder: Path, band: str | None, as_json: bool, folder: Path) -> None:
    """Show the key with which Home Assistant reads the beacon of BAND (BTHome).

    It is made from the band's key, so that a renewed key gives another one.
    """
    import hashlib

    from notturno_core import bthome

    ring, names = which_band.ring_and_names(folder or group_folder)
    device_id = which_band.which(ring, names, band)
    key = ring.get(device_id)
    if key is None:
        raise UserError(bands_key.NOT_HERE, device_id=device_id)
    name = names.get(device_id, "")
    bind_key = bthome.bind_key(hashlib.sha256, key).hex()
    if as_json:
        print_json({"schema": SCHEMA, "device_id": device_id, "name": name, "bind_key": bind_key})
        return
    click.echo(
        _(
            "Who has this can read what this band tells on its charger: its battery and last "
            "night's jerks. It opens nothing else."
        )
    )
    click.echo(f"\n{bind_key}\n")
    click.echo(
        _(
            "Switch the beacon on:  notturno bands set {band} beacon=on --radio\n"
            "In Home Assistant the band appears under Settings, Devices & services, as BTHome; "
            "give it this as the encryption key. Until the band was given the time once "
            "(notturno sync) it says nothing."
        ).format(band=name or device_id)
    )
