"""The way to a band: scan, connect, ask. The only room that imports bleak.

`open_radio` gives the computer's own Bluetooth, or the virtual radio: a standard HCI controller
behind HOST:PORT. Both go through the same code in `ble.py`; only the bleak backend differs.
This file imports nothing heavy, so that others can name `LinkLost`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from notturno.errors import UserError

if TYPE_CHECKING:
    from notturno.link.ble import Radio

# What a simulated person may be asked over the virtual radio; a real one is asked by the screen.
WEARER_PUT_ON, WEARER_MOVE, WEARER_TAKE_OFF = 1, 2, 3


class LinkLost(Exception):
    """The connection broke, or the band stopped answering; another attempt may succeed."""


class Refused(UserError):
    """This band cannot be talked to as things are; the message says why and what to do."""


class UnknownBand(Refused):
    """The band holds no key of ours: it is a stranger's, or only says that it is ours."""


@dataclass(frozen=True)
class Found:
    """A band that advertises: its name and address, and what bleak wants to know."""

    name: str
    address: str
    device: Any


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
