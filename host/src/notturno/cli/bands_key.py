"""The commands `bands key`: show, add, list and renew the key that opens a band.

Touches the keys of the data folder, the terminal, and a band by cable where a port is named.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from notturno.cli import speech
from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.which_band import NO_KEYS, ring_and_names, which
from notturno.cli.words import or_dash, print_json, print_table
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _

if TYPE_CHECKING:
    from notturno.keys.ring import KeyRing

SCHEMA, LIST_SCHEMA = "band-key-1", "band-keys-1"
WARNING = (
    "Who has this can read this band's nights. Give it to your own computers and phones only, and "
    "not through a chat, a mail or a cloud."
)
NOT_HERE = (
    "The key of the band {device_id} is not here; fetch it by cable:  "
    "notturno bands key add --port PORT"
)
ONCE_MORE = (
    "Run this once more when it works: the band may have a new key that this computer lacks."
)
MAX_TEXT = 4096
port_option = click.option("--port", metavar="PORT", help="Where the band hangs, by cable.")


@click.group("key", cls=speech.Group, context_settings=HELP_NAMES)
def command() -> None:
    """The key that opens a band: on this computer, and for a second one or a phone."""


@command.command("show", context_settings=HELP_NAMES)
@click.argument("band", required=False)
@click.option("--qr/--no-qr", default=None, help="A QR code too (as the output allows).")
@json_option
@data_dir_option
@click.pass_obj
def show(group_folder, band: str | None, qr: bool | None, as_json: bool, folder: str) -> None:
    """Show the key of BAND (id, beginning of it, or name) to take it to another computer."""
    from notturno import keys

    ring, names = ring_and_names(folder or group_folder)
    device_id = which(ring, names, band)
    key = ring.get(device_id)
    if key is None:
        raise UserError(NOT_HERE, device_id=device_id)
    text = keys.to_text(device_id, key)
    if as_json:
        more = {"name": names.get(device_id, ""), "text": text}
        print_json({"schema": SCHEMA, **_about(ring, device_id), **more})
        return
    click.echo(WARNING)
    click.echo(f"\n{text}\n")
    if sys.stdout.isatty() if qr is None else qr:
        from notturno.cli.qr import print_qr

        print_qr(text)
    click.echo(_("On the other computer:  notturno bands key add"))


@command.command("add", context_settings=HELP_NAMES)
@click.argument("text", required=False)
@port_option
@click.option("--replace", is_flag=True, help="Also where another key of the band is known.")
@json_option
@data_dir_option
@click.pass_obj
def add(
    group_folder, text: str | None, port: str | None, replace: bool, as_json: bool, folder: str
) -> None:
    """Keep a band's key: TEXT of another computer, or the band's own with --port.

    Without TEXT it is asked for, or read from the standard input: so it stands in no history.
    """
    from notturno import keys

    if text and port:
        raise UserError("Give the key's text or --port, not both.")
    ring = keys.KeyRing(data_dir(folder or group_folder))
    if port:
        from notturno.keys import cable

        band = cable.read(port)
        if band.key is None:
            raise UserError(
                "The band {device_id} has no key yet; give it one:  notturno "
                "bands key renew --port {port}",
                device_id=band.device_id,
                port=port,
            )
        # What the band itself says by cable is the truth; nobody else can have put it there.
        device_id, source = band.device_id, "deploy"
        state = ring.add(device_id, band.key, source, replace=True)
    else:
        device_id, key = keys.from_text(text or _asked())
        state = ring.add(device_id, key, "typed", replace=replace)
    _tell(as_json, ring, device_id, state)


@command.command("list", context_settings=HELP_NAMES)
@json_option
@data_dir_option
@click.pass_obj
def list_keys(group_folder, as_json: bool, folder: str) -> None:
    """List the bands whose key is here; the keys themselves are not shown."""
    ring, names = ring_and_names(folder or group_folder)
    rows = [_row(ring, names, device_id) for device_id in ring.ids()]
    if as_json:
        print_json({"schema": LIST_SCHEMA, "keys": rows})
        return
    if not rows:
        click.echo(_(NO_KEYS))
        return
    from notturno.nights.calendar import local_text, local_zone_name

    zone = local_zone_name()
    print_table(
        ["band", "name", "since", "from", _("kept in")],
        [
            [
                row["device_id"],
                row["name"] or "-",
                "-" if row["made_utc_ms"] is None else local_text(row["made_utc_ms"], zone),
                or_dash(row["from"]),
                "keyring" if row["in_keyring"] else "file",
            ]
            for row in rows
        ],
    )
    for row in rows:
        if row["problem"]:
            click.echo(row["problem"])


@command.command("renew", context_settings=HELP_NAMES)
@click.option("--port", required=True, metavar="PORT", help="Where the band hangs, by cable.")
@json_option
@data_dir_option
@click.pass_obj
def renew(group_folder, port: str, as_json: bool, folder: str) -> None:
    """Give the band at PORT a new key: one that is lost, or that others may have, counts no more.

    May be broken off and repeated at any time. The band starts anew; its records stay.
    """
    from notturno import keys
    from notturno.keys import cable

    ring = keys.KeyRing(data_dir(folder or group_folder))
    ring.prepare()  # before the band forgets its old one
    key = keys.new_key()
    try:
        band = cable.put(port, key, replace=True)
    except cable.Untouched:
        raise
    except KeyboardInterrupt:
        raise UserError("Stopped by Ctrl-C. {once_more_said}", once_more_said=ONCE_MORE) from None
    except UserError as error:
        raise UserError(
            "{why_said} {once_more_said}", why_said=error, once_more_said=ONCE_MORE
        ) from None
    try:
        state = ring.add(band.device_id, key, "deploy", replace=True)
    except UserError as error:
        raise UserError(
            "{why_said} {once_more_said}", why_said=error, once_more_said=ONCE_MORE
        ) from None
    _tell(as_json, ring, band.device_id, state)
    if not as_json:
        click.echo(_("Other computers and phones need it too:  notturno bands key show"))


def _tell(as_json: bool, ring: KeyRing, device_id: str, state: str) -> None:
    if as_json:
        print_json({"schema": SCHEMA, "state": state, **_about(ring, device_id)})
        return
    said = {
        "new": _("is kept"),
        "same": _("was here already"),
        "replaced": _("is kept; the one before lies in {path}.old").format(
            path=ring.path(device_id)
        ),
    }
    click.echo(
        _("The key of the band {device_id} {said}.").format(device_id=device_id, said=said[state])
    )


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _asked() -> str:
    if _at_a_terminal():
        return click.prompt(_("The key's text (not shown)"), hide_input=True)
    text = sys.stdin.read(MAX_TEXT)
    if not text.strip():
        raise UserError("No key came in; give the text of  notturno bands key show.")
    return text


def _row(ring: KeyRing, names: dict[str, str], device_id: str) -> dict:
    row = {"device_id": device_id, "made_utc_ms": None, "from": None, "in_keyring": False}
    problem = None
    try:
        row |= _about(ring, device_id)
    except UserError as error:
        problem = str(error)
    return row | {"name": names.get(device_id, ""), "problem": problem}


def _about(ring: KeyRing, device_id: str) -> dict:
    return ring.about(device_id) or {}
