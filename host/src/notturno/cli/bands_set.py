"""The command `bands set`: what a band does otherwise than it came, by cable or by radio.

Touches a band at a serial port or over its link, the logbook's names of bands, the terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno.cli import which_band
from notturno.cli.options import HELP_NAMES, data_dir_option, json_option, virtual_option
from notturno.cli.words import print_json, print_table
from notturno.errors import UserError
from notturno.words import _

if TYPE_CHECKING:
    from notturno.flashing.settings import OnBand

SCHEMA = "bands-set-1"
DETECTOR_HELP = "see replay --help"


@click.command("set", context_settings=HELP_NAMES)
@click.argument("words", nargs=-1, metavar="[BAND] [KEY=VALUE]...")
@click.option("--reset", "resets", multiple=True, metavar="KEY", help="Back as it came; or all.")
@click.option("--list", "listed", is_flag=True, help="Show what holds, and what is possible.")
@click.option("--port", metavar="PORT", help="Where the band hangs, by cable; else found.")
@click.option("--radio", is_flag=True, help="Over the radio: the band lies on its charger.")
@virtual_option
@json_option
@data_dir_option
@click.pass_obj
def command(
    group_folder,
    words: str,
    resets: tuple[str, ...],
    listed: bool,
    port: str,
    radio: bool,
    virtual: str,
    as_json: bool,
    folder: Path,
) -> None:
    """Change settings of a band, e.g.  bands set calf odr_hz=208

    BAND (its id, the beginning of it, or its name) makes sure that the right one is plugged in.
    The band starts anew with them, keeps them over every update, and notes them with each night.
    """
    from notturno.flashing import settings

    if port and (radio or virtual):
        raise UserError("Give --port or --radio, not both.")
    name, sets = _split(words)
    for typed in [*sets, *(key for key in resets if key != "all")]:
        settings.named(typed)  # before the band is touched
    if not (sets or resets or listed):
        raise UserError("Say what to change, e.g. odr_hz=208, or --list.")
    wanted = None
    if name is not None:
        wanted = which_band.which(*which_band.ring_and_names(folder or group_folder), name)

    def change(found: OnBand) -> dict | None:
        return settings.changed(found, sets, resets) if sets or resets else None

    if radio or virtual:
        keys = which_band.ring_and_names(folder or group_folder)[0].all()
        device_id, found, values = _by_radio(virtual, wanted, keys, change)
    else:
        device_id, found, values = _by_cable(port, name, wanted, change)
    rows = _rows(settings, found.defaults, values)
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "device_id": device_id,
                "changed": values != found.values,
                "settings": {row["name"]: row for row in rows},
                "unknown": found.unknown,
                "aside": found.aside,
            }
        )
        return
    _tell(device_id, found, values, rows if listed else [row for row in rows if row["set"]])


def _by_cable(
    port: str, name: Any, wanted: str | None, change: Callable
) -> tuple[str, OnBand, dict]:
    """Return (device id, what was found, the values after `change`) of the band at a port."""
    from notturno.flashing import board as boards
    from notturno.flashing import settings
    from notturno.flashing.line import Line

    with Line(port or "auto") as line:
        board = boards.look(line)
        if wanted not in (None, board.id):
            raise UserError(
                "The band at {port} is {id}, not {name} ({wanted}).",
                port=line.port,
                id=board.id,
                name=name,
                wanted=wanted,
            )
        found = settings.read(line, board)
        values = change(found)
        if values is not None:
            settings.write(line, found, values)
    return board.id, found, found.values if values is None else values


def _by_radio(virtual: str, wanted, keys, change: Callable):
    """Return the same of the band in reach, of all or of the one that is wanted."""
    import asyncio

    from notturno.flashing import settings
    from notturno.link import LinkLost

    try:
        return asyncio.run(settings.over_the_air(virtual, wanted, keys, change))
    except LinkLost as error:
        raise UserError(
            "The link to the band was lost ({why_said}); bring it nearer and run this again.",
            why_said=error,
        ) from error


def _split(words: str) -> tuple[str | None, dict[str, str]]:
    """Return the band's name or None, and {key: value as typed}."""
    sets, names = {}, []
    for word in words:
        key, sign, value = word.partition("=")
        if sign:
            sets[key.strip()] = value.strip()
        else:
            names.append(word)
    if len(names) > 1:
        raise UserError("{names} is no KEY=VALUE; write it as {names}=VALUE.", names=names[1])
    return (names or [None])[0], sets


def _rows(settings: Any, defaults: dict, values: dict) -> list[dict]:
    """Return one row a setting: name, value, default, whether it was set, what is possible."""
    rows = []
    for name, default in sorted(defaults.items()):
        if isinstance(default, dict):
            for inner, value in sorted(values.get(name, {}).items()):
                rows.append(_row(f"{name.lower()}.{inner}", value, None, True, DETECTOR_HELP))
        else:
            value, known = values.get(name, default), settings.limits_text(name)
            rows.append(_row(name.lower(), value, default, name in values, known))
    return rows


def _row(
    name: str,
    value: tuple[str, str] | int | None,
    default: tuple[str, str] | int | None,
    is_set: bool,
    possible: str,
) -> dict:
    return {
        "name": name,
        "value": value,
        "default": default,
        "set": is_set,
        "possible": possible,
    }


def _tell(device_id: str, found: OnBand, values: dict, rows: list[dict]) -> None:
    if found.aside:
        click.echo(_("A settings file that was not right lies aside on the band (settings.bad)."))
    if found.unknown:
        click.echo(
            _("This version of notturno does not know: {unknown}.").format(
                unknown=", ".join(found.unknown)
            )
        )
    if values != found.values:
        click.echo(
            _("The band {device_id} starts anew with its new settings.").format(
                device_id=device_id
            )
        )
    if not rows:
        click.echo(_("It is set as it came."))
        return
    print_table(
        ["setting", "value", _("as it came"), "possible"],
        [
            [
                row["name"] + (" *" if row["set"] else ""),
                _shown(row["value"]),
                "-" if row["default"] is None else _shown(row["default"]),
                row["possible"],
            ]
            for row in rows
        ],
    )
    if any(row["set"] for row in rows):
        click.echo(_("* changed on this band."))


def _shown(value: tuple[str, str] | int | None) -> str:
    """Return a value as it would be typed."""
    if value is None:
        return "none"
    return ",".join(value) if isinstance(value, (list, tuple)) else str(value)
