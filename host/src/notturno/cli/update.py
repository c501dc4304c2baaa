"""The command `update`: a band's newest program over the sealed radio link.

Touches a band over the radio, the keys of the data folder, the terminal.
"""

from collections.abc import Callable
from pathlib import Path

import click

from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.which_band import radio_options
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _

SCHEMA = "update-1"


@click.command("update", context_settings=HELP_NAMES)
@radio_options
@json_option
@data_dir_option
def command(virtual: str, band: str, timeout_s: float, as_json: bool, folder: Path) -> None:
    """Bring the newest version of its program to a band that lies on its charger.

    Only what has changed is sent, sealed with the band's own key. The band checks all of it before
    it starts it, and goes back to the version it has where the new one does not show itself. A
    link that breaks is no harm: run it again. What stage 0 and MicroPython are (seldom changed)
    comes by cable alone: notturno flash.
    """
    import asyncio

    from notturno.cli.progress import progress_bar
    from notturno.keys import KeyRing
    from notturno.link import LinkLost

    keys = KeyRing(data_dir(folder, create=False)).all()
    with progress_bar(_("sending the program"), as_json) as show:
        try:
            done = asyncio.run(_run(virtual, band, timeout_s, keys, show))
        except LinkLost as error:
            raise UserError(
                "The link to the band was lost ({why_said}); bring it nearer "
                "and run this again: it goes on where it ended, and until then "
                "the band runs the version it has.",
                why_said=error,
            ) from error
    if as_json:
        print_json({"schema": SCHEMA, **done})
    elif done["changed"]:
        click.echo(
            _(
                "The band {device_id} starts version {version} after "
                "{was}: {files} files sent ({bytes:.0f} kB)."
            ).format(
                device_id=done["device_id"],
                version=done["version"],
                was=done["was"],
                files=done["files"],
                bytes=done["bytes"] / 1000,
            )
        )
    else:
        click.echo(
            _("The band {device_id} has version {version} already.").format(
                device_id=done["device_id"], version=done["version"]
            )
        )


async def _run(virtual: str, name: str, timeout_s: float, keys, show: Callable):
    from notturno_core import protocol

    from notturno.flashing import package, parcel
    from notturno.link import open_radio
    from notturno.link.proof import prove
    from notturno.sync.finding import NO_KEYS, find

    if not keys:
        raise UserError(NO_KEYS)
    async with open_radio(virtual) as radio:
        found = await find(radio, name, timeout_s)
        async with radio.connect(found) as connection:
            link = await prove(connection, keys)
            manifest = await parcel.manifest_of(link)
            made = package.build(manifest["arch"])
            data, names = parcel.program_parcel(made, manifest)
            version = manifest.get("version")
            changed = bool(names) or set(manifest["files"]) != set(made.files)
            if changed:
                await parcel.send(link, protocol.PARCEL_PROGRAM, data, show)
    return {
        "device_id": link.device_id,
        "version": made.version,
        "was": version if isinstance(version, str) else None,
        "arch": made.arch,
        "changed": changed,
        "files": len(names) if changed else 0,
        "bytes": len(data) if changed else 0,
    }
