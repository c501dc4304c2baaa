"""What goes wrong on the air, on demand, and a central that only holds a link.

Touches the air it is given. Speaks seconds, packets and ATT's MTU in bytes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bumble import hci

from notturno.virtualband.outside import OutsideController

if TYPE_CHECKING:
    from notturno.virtualband.air import Air

POOL_PACKETS = 12  # what the device's stack queues before it says ENOMEM


@dataclass
class Faults:
    """The faults of one air: plain attributes, to be set at any time and from any thread.

    A packet is one L2CAP packet of any link, in either direction. The two counts are of packets
    from now on; each strikes once and is None again.
    """

    lose_link_after: int | None = None  # the next packet ends its link: both ends see a time-out
    silence_after: int | None = None  # the next packet, and all later ones of its link, vanish
    supervision_s: float | None = None  # both ends of a silent link see it end after this
    delay_s: float = 0.0  # of every packet
    pool_packets: int = POOL_PACKETS  # of a band's stack; 0: it has never room
    att_mtu: int | None = None  # what a band's stack has, whatever its program asked for

    def strikes(self, count: str) -> bool:
        """Count one packet off the attribute `count`; True when it is this packet's turn."""
        left = getattr(self, count)
        if left is None:
            return False
        setattr(self, count, left - 1 if left > 0 else None)
        return left <= 0


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
