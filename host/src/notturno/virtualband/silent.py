"""A central that only holds a link: it connects to a band and then says nothing.

Touches the air it is given.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble import hci

from notturno.virtualband.outside import OutsideController

if TYPE_CHECKING:
    from notturno.virtualband.air import Air


class SilentCentral:
    """Connects to who advertises at `address`, and then says nothing.

    After the link has ended it does nothing until `connect` is called again.
    """

    def __init__(self, air: Air, address: str) -> None:
        self._air = air
        self._address = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
        air.run(self._begin())

    async def _begin(self) -> None:
        own = self._air.free_address()
        self._controller = OutsideController(self._air.ether, own, self._air.changed)
        self._ask()

    def connect(self) -> None:
        """Try again from now on, until it connects."""
        self._air.call_soon(self._ask)

    def _ask(self) -> None:
        if self._controller.le_connections or self._controller.pending_le_connection:
            return
        self._controller.pending_le_connection = hci.HCI_LE_Create_Connection_Command(
            le_scan_interval=16,
            le_scan_window=16,
            initiator_filter_policy=0,
            peer_address_type=hci.AddressType.RANDOM_DEVICE,
            peer_address=self._address,
            own_address_type=hci.OwnAddressType.PUBLIC,
            connection_interval_min=24,
            connection_interval_max=24,
            max_latency=0,
            supervision_timeout=200,
            min_ce_length=0,
            max_ce_length=0,
        )
        self._air.changed()

    @property
    def connected(self) -> bool:
        """Say whether a link is open."""
        return bool(self._controller.le_connections)

    def leave(self) -> None:
        """Go away without a word; the band sees a lost link."""

        async def leave() -> None:
            self._controller.leave()
            await asyncio.sleep(0)

        self._air.run(leave())
