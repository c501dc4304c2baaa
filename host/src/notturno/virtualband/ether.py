"""The space between the controllers of one air: who hears whom, and what becomes of a packet.

Touches Bumble's controllers. Speaks link-layer packets. Runs in the air's event loop.

Bumble 0.0.236 finds the receiver of data by one address only, and names the sender by its random
address always. Here a link is known by the addresses of both of its ends, so that a public address
works, and so that two may advertise under one address (one of them is false) and be told apart.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bumble import hci, ll
from bumble.controller import AdvertisingSet, Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

if TYPE_CHECKING:
    from notturno.virtualband.faults import Faults

INTERVAL_MIN = 6  # in units of 1.25 ms, the shortest there is


class Ether(LocalLink):
    """What all controllers of one air share. `faults`: see faults.py."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self.faults = faults
        self._silent: set[frozenset] = set()  # links that carry nothing, by their two addresses
        self._late: deque = deque()  # (due_s, work, arguments)

    def peer(self, connection: Connection) -> tuple[Any, Connection | None]:
        """Return (controller, its connection) at the other end; (None, None) if it is gone."""
        for controller in self.controllers:
            back = controller.le_connections.get(connection.self_address)
            if back is not None and back.self_address == connection.peer_address:
                return controller, back
        return None, None

    # --- advertising -----------------------------------------------------------------------------

    def send_advertising_pdu(
        self,
        sender_controller: Any,  # an AirController; Bumble knows them as Controller
        packet: ll.AdvertisingPdu,
    ) -> None:
        if isinstance(packet, ll.ConnectInd):
            # To whom it was heard from, and at once: a second caller finds nobody advertising.
            pair = frozenset((packet.initiator_address, packet.advertiser_address))
            self._silent.discard(pair)
            if sender_controller.heard is not None:
                sender_controller.heard.on_ll_advertising_pdu(packet)
            return
        loop = asyncio.get_running_loop()
        others: list[Any] = list(self.controllers)  # AirControllers all
        for controller in others:
            if controller is not sender_controller:
                loop.call_soon(controller.hear, sender_controller, packet)

    # --- links -----------------------------------------------------------------------------------

    def send_acl_data(
        self,
        sender_controller: Any,  # an AirController; Bumble knows them as Controller
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        connection = sender_controller.le_connections.get(destination_address)
        if transport != PhysicalTransport.LE or connection is None:
            return
        pair = frozenset((connection.self_address, connection.peer_address))
        receiver, back = self.peer(connection)
        if receiver is None or pair in self._silent:
            return
        if self.faults.strikes("lose_link_after"):
            time_out(sender_controller, connection)
            self._carry(time_out, receiver, back)  # after what is on its way
        elif self.faults.strikes("silence_after"):
            self._silence(pair, (sender_controller, connection), (receiver, back))
        else:
            self._carry(receiver.on_link_acl_data, connection.self_address, transport, data)

    def send_ll_control_pdu(
        self,
        sender_address: hci.Address,
        receiver_address: hci.Address,
        packet: ll.ControlPdu,
    ) -> None:
        if frozenset((sender_address, receiver_address)) in self._silent:
            return
        for controller in self.controllers:
            back = controller.le_connections.get(sender_address)
            if back is not None and back.self_address == receiver_address:
                self._carry(_take_control, controller, sender_address, packet)
                return

    def _silence(
        self,
        pair: frozenset[hci.Address],
        *ends: tuple[Any, Any],
    ) -> None:
        self._silent.add(pair)
        if self.faults.supervision_s is not None:
            loop = asyncio.get_running_loop()
            for end in ends:
                loop.call_later(self.faults.supervision_s, time_out, *end)

    def _carry(self, work: Callable, *arguments: Any) -> None:
        loop = asyncio.get_running_loop()
        if not self.faults.delay_s and not self._late:
            loop.call_soon(work, *arguments)
            return
        self._late.append((loop.time() + self.faults.delay_s, work, arguments))
        if len(self._late) == 1:
            loop.call_later(self.faults.delay_s, self._deliver)

    def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        while self._late and self._late[0][0] <= loop.time():
            _, work, arguments = self._late.popleft()
            loop.call_soon(work, *arguments)
        if self._late:
            loop.call_at(self._late[0][0], self._deliver)


def _take_control(
    controller: AirController,
    sender_address: hci.Address,
    packet: ll.EncReq | ll.StartEncRsp | ll.TerminateInd,
) -> None:
    if sender_address in controller.le_connections:  # else: it has just gone
        controller.on_ll_control_pdu(sender_address, packet)


def time_out(controller: AirController, connection: Connection) -> None:
    """One end of a link sees that nothing comes any more."""
    if controller.le_connections.get(connection.peer_address) is connection:
        controller.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)


class AirController(Controller):
    """A controller on an `Ether`; `heard`: whose advertisement it is looking at."""

    heard: AirController | None = None

    def __init__(self, name: str, ether: Ether, public_address: hci.Address | str) -> None:
        super().__init__(name, link=ether, public_address=public_address)
        self._ether = ether
        self._called_by: ll.ConnectInd | None = None

    def hear(self, sender: AirController, packet: ll.AdvExtInd | ll.AdvInd) -> None:
        """Take an advertisement, unless its sender has just been connected to."""
        if sender.advertiser_at(packet.advertiser_address) is None:
            return
        self.heard = sender
        try:
            self.on_ll_advertising_pdu(packet)
        finally:
            self.heard = None

    def advertiser_at(self, address: hci.Address) -> AdvertisingSet | LegacyAdvertiser | None:
        """Return Bumble's advertiser of ours under that address, or None."""
        for advertiser in (self.le_legacy_advertiser, *self.advertising_sets.values()):
            if advertiser.enabled and advertiser.address == address:
                return advertiser
        return None

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        self._called_by = packet
        super().on_le_connect_ind(packet)
        self._called_by = None

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        call = self._called_by
        if call and isinstance(packet, hci.HCI_LE_Connection_Complete_Event):
            # Bumble tells the one who is called a made-up interval.
            packet.connection_interval = max(INTERVAL_MIN, call.interval)
            packet.peripheral_latency = call.latency
            packet.supervision_timeout = call.timeout
        super().send_hci_packet(self.to_host(packet))

    def to_host(self, packet: hci.HCI_Packet) -> hci.HCI_Packet:
        """Return the event as this controller's host expects it."""
        return packet

    def hang_up(self, connection: Connection) -> None:
        """End a connection without asking our host; the other end sees a lost link."""
        controller, back = self._ether.peer(connection)
        self.le_connections.pop(connection.peer_address, None)
        if back is not None:
            time_out(controller, back)

    def leave(self) -> None:
        """Off the air at once, with every link; our host is told nothing."""
        for connection in list(self.le_connections.values()):
            self.hang_up(connection)
        self.le_legacy_advertiser.stop()
        for advertising_set in self.advertising_sets.values():
            advertising_set.stop()
        self.host = None
        self.link.controllers.discard(self)
