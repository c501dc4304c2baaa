"""Which band a person means: by its name here, its id or a beginning, or its name on the air.

Touches the logbook's names and the keys of the data folder, reading.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from notturno.cli.options import Number, offer_bands, open_for_reading, virtual_option
from notturno.errors import UserError
from notturno.link import SCAN_TIMEOUT_S
from notturno.paths import data_dir
from notturno.times import DAY_S

if TYPE_CHECKING:
    from notturno.keys.ring import KeyRing

NO_KEYS = (
    "No key is here yet: flashing a band makes one, and  notturno bands key add  takes one from "
    "another computer."
)


def radio_options(function: Callable) -> Callable:
    """Give a command `virtual`, `band` and `timeout_s`: where it looks for which band.

    `band` reaches the command as the band is called on the air. The command has `folder`, too.
    """

    @functools.wraps(function)
    def with_band(*arguments: Any, band: str | None, folder: str | None, **options: Any) -> Any:
        called = None if band is None else on_the_air(folder, band)
        return function(*arguments, band=called, folder=folder, **options)

    for option in (
        click.option(
            "--timeout",
            "timeout_s",
            type=Number(0, DAY_S),
            default=SCAN_TIMEOUT_S,
            show_default=True,
            metavar="S",
            help="How long to look for a band.",
        ),
        click.option(
            "--band",
            metavar="BAND",
            shell_complete=offer_bands,
            help="Which band, where several are near: its name or id.",
        ),
        virtual_option,
    ):
        with_band = option(with_band)
    return with_band


def on_the_air(folder: str | Path | None, said: str) -> str:
    """Return what a band is called on the air; what nobody here knows is its name there already.

    Raises UserError where several bands may be meant.
    """
    from notturno_core import protocol

    from notturno.store.bands import meant

    device_id = meant(_known(*ring_and_names(folder)), said)
    return said.strip() if device_id is None else protocol.name_of(bytes.fromhex(device_id))


def ring_and_names(folder: str | Path | None) -> tuple[KeyRing, dict[str, str]]:
    """Return (the ring, {device id: name} of the bands in the logbook).

    A logbook that cannot be read takes the names away, not the keys.
    """
    from notturno.keys import KeyRing

    ring = KeyRing(data_dir(folder, create=False))
    try:
        with open_for_reading(folder) as store:
            names = {band["device_id"]: band["name"] for band in store.bands()}
    except UserError as error:
        click.echo(f"notturno: {error}", err=True)
        names = {}
    return ring, names


def which(ring: KeyRing, names: dict[str, str], said: str | None) -> str:
    """Return the device id that a person means, of the logbook's bands and those with a key."""
    from notturno.store.bands import listed, one_meant

    known, with_key = _known(ring, names), ring.ids()
    if not known or (said is None and not with_key):
        raise UserError(NO_KEYS)
    if said is not None:
        return one_meant(known, said)
    if len(with_key) == 1:
        return with_key[0]
    raise UserError("Say which band's key; they are: {words}.", words=listed(known))


def _known(ring: KeyRing, names: dict[str, str]) -> dict[str, str]:
    return {device_id: names.get(device_id, "") for device_id in {*names, *ring.ids()}}
