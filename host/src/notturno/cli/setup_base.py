"""What a run of `notturno setup` knows: where it looks for which band, and what stands of it.

Touches the data folder and the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notturno.cli.asking import agreed
from notturno.cli.options import open_for_reading
from notturno.errors import UserError
from notturno.paths import data_dir

if TYPE_CHECKING:
    from notturno.keys.ring import KeyRing
    from notturno.store import Store


class Known:
    """What was given as options (said; only: steps that were asked for), and what is known."""

    def __init__(
        self,
        folder: str,
        port: str | None,
        virtual: str | None,
        band: str,
        timeout_s: float,
        asks: bool,
        quiet: bool,
        only: set[str],
        said: dict,
    ) -> None:
        self._folder, self._port, self._virtual = folder, port, virtual
        self._band, self._timeout_s = band, timeout_s
        self._asks, self._quiet = asks, quiet
        self._only, self._said = only, said
        self._device_id = None

    def say(self, text: str) -> None:
        """Print a line for people; beside JSON it goes to the error stream."""
        click.echo(text, err=self._quiet)

    def document(self) -> dict:
        """Return what is known at the end: device_id, band (as `bands --json`), zone."""
        mine = self._mine()
        row = mine[0] if len(mine) == 1 else None
        with open_for_reading(self._folder) as store:
            zone = self._zone(store)
        return {"device_id": row and row["device_id"], "band": row, "zone": zone}

    def agrees(self, question: str) -> bool:
        """Ask a person who is there; else nobody agrees."""
        return self._asks and agreed(f"   {question}")

    def _ring(self) -> KeyRing:
        from notturno.keys import KeyRing

        return KeyRing(data_dir(self._folder, create=False))

    def _radio_name(self, device_id: str | None = None) -> str | None:
        """Return what the band is called on the air; None: whichever is near."""
        from notturno_core import protocol

        device_id = device_id or self._device_id or self._named()
        return self._band if device_id is None else protocol.name_of(bytes.fromhex(device_id))

    def _named(self) -> str | None:
        """Return the device id that --band means, where it is a known band's name or id."""
        if self._band is None:
            return None
        try:
            with open_for_reading(self._folder) as store:
                return store.band_id(self._band)
        except UserError:
            return None  # its name on the air, or its address

    def _mine(self) -> list[dict]:
        """Return the logbook's rows of what may be the band."""
        wanted = self._device_id or self._named()
        with open_for_reading(self._folder) as store:
            rows = store.bands()
        return [row for row in rows if wanted in (None, row["device_id"])]

    def _row(self) -> dict:
        """Return the logbook's row of the band; raises UserError where none is known."""
        mine = self._mine()
        if len(mine) == 1:
            return mine[0]
        if mine:
            names = ", ".join(row["name"] or row["device_id"] for row in mine)
            raise UserError(
                "Several bands are known ({names}); say which one with --band.", names=names
            )
        raise UserError("The band is not known here yet; let the step meet run first.")

    def _zone(self, store: Store) -> str:
        from notturno.nights.calendar import local_zone_name

        return store.zone() or local_zone_name()
