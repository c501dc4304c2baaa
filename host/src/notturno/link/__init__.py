"""The way to a band: scan, connect, ask. The only room that imports bleak.

`open_radio` gives the computer's own Bluetooth, or the virtual radio: a standard HCI controller
behind HOST:PORT. Both go through the same code in `ble.py`; only the bleak backend differs.
This file imports nothing heavy, so that others can name `LinkLost`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from notturno.link.kinds import (
    SCAN_TIMEOUT_S,
    WEARER_MOVE,
    WEARER_PUT_ON,
    WEARER_TAKE_OFF,
    Found,
    LinkLost,
    Refused,
    UnknownBand,
)

if TYPE_CHECKING:
    from notturno.link.ble import Radio

__all__ = [
    "SCAN_TIMEOUT_S",
    "WEARER_MOVE",
    "WEARER_PUT_ON",
    "WEARER_TAKE_OFF",
    "Found",
    "LinkLost",
    "Refused",
    "UnknownBand",
    "open_radio",
]


@asynccontextmanager
async def open_radio(virtual: str | None = None) -> AsyncIterator[Radio]:
    """Give a `ble.Radio`, on the virtual radio at HOST:PORT if named, else on the real one.

    Raises UserError with advice where the radio cannot be used.
    """
    if virtual is None:
        from notturno.link.ble import Radio

        yield Radio()
    else:
        from notturno.link.virtual import open_virtual_radio

        async with open_virtual_radio(virtual) as radio:
            yield radio
