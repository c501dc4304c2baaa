"""The other side of the virtual radio: standard HCI controllers on a TCP port, one for each host.

Touches a listening socket on loopback. Speaks HCI packets (H4). Runs in the air's event loop.

A vendor command (OGF 0x3F, OCF 1, no parameters) asks for the world's time; it is answered by a
Command Complete with status u8 and UTC in ms, u64 little-endian. Another (OCF 2, one u8: what, by
evening.py) asks something of the simulated person; its status is 0 where it was done.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import Callable
from io import DEFAULT_BUFFER_SIZE
from typing import TYPE_CHECKING

from bumble import hci
from bumble.core import InvalidPacketError
from bumble.transport.common import PacketParser

from notturno.virtualband.ether import AirController, Ether

if TYPE_CHECKING:
    import socket

    from bumble.controller import Connection
    from bumble.ll import ConnectInd

WORLD_TIME_OPCODE = 0x3F << 10 | 1
WEARER_OPCODE = 0x3F << 10 | 2
WEARER_COMMAND = struct.pack("<BHB", hci.HCI_COMMAND_PACKET, WEARER_OPCODE, 1)
WORLD_TIME_COMMAND = struct.pack("<BH", hci.HCI_COMMAND_PACKET, WORLD_TIME_OPCODE)
SUPERVISION_S = 2.0  # a link whose host is gone is given up after this
DEFAULT_LE_EVENT_MASK = 0x1F  # after a reset: the five events of Bluetooth 4.0
_EXTENDED = hci.HCI_LE_Extended_Advertising_Report_Event.EventType
REPORTS = {
    hci.HCI_LE_Advertising_Report_Event: (hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP),
    hci.HCI_LE_Extended_Advertising_Report_Event: _EXTENDED.SCAN_RESPONSE,
}
# Advertisements of Bluetooth 4 (ADV_IND), in an event that can also tell of newer ones.
OLD_FORM = (
    _EXTENDED.CONNECTABLE_ADVERTISING
    | _EXTENDED.SCANNABLE_ADVERTISING
    | _EXTENDED.LEGACY_ADVERTISING_PDU_USED
)


class OutsideController(AirController):
    """What a host attaches to. `listening`: it scans or tries to connect.

    changed: called when that or a connection changes. utc_ms(self): the time of its world.
    asked(self, what): lets the simulated person do something; says whether it was done.
    """

    def __init__(
        self,
        ether: Ether,
        address: hci.Address,
        changed: Callable[[], None],
        utc_ms: Callable[[OutsideController], int] = lambda _: int(time.time() * 1000),
        asked: Callable[[OutsideController, int], bool] = lambda controller, what: False,
    ) -> None:
        super().__init__("outside", ether, address)
        self._changed = changed
        self._utc_ms = utc_ms
        self._asked = asked
        self.le_event_mask = DEFAULT_LE_EVENT_MASK

    @property
    def _wants_enhanced(self) -> bool:
        return bool(self.le_event_mask >> (hci.HCI_LE_ENHANCED_CONNECTION_COMPLETE_EVENT - 1) & 1)

    @property
    def listening(self) -> bool:
        return self.le_scan_enable or self.pending_le_connection is not None

    def forget(self) -> None:
        """No host: no scan, no attempt to connect, no advertising."""
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_legacy_advertiser.stop()
        for advertising_set in self.advertising_sets.values():
            advertising_set.stop()
        self.advertising_sets.clear()
        self._changed()

    def on_packet(self, packet: bytes) -> None:
        # Looked at before Bumble parses it: some vendor's command has the same number there.
        if packet[:3] == WORLD_TIME_COMMAND:
            self._complete(struct.pack("<BHBQ", 1, WORLD_TIME_OPCODE, 0, self._utc_ms(self)))
            return
        if packet[:4] == WEARER_COMMAND and len(packet) == 5:
            done = self._asked(self, packet[4])
            status = 0 if done else hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR
            self._complete(struct.pack("<BHB", 1, WEARER_OPCODE, status))
            return
        super().on_packet(packet)
        self._changed()

    def _complete(self, body: bytes) -> None:
        """Answer a command of our own."""
        head = bytes([hci.HCI_EVENT_PACKET, hci.HCI_COMMAND_COMPLETE_EVENT, len(body)])
        if self.host:
            asyncio.get_running_loop().call_soon(self.host.on_packet, head + body)

    def on_hci_reset_command(
        self, command: hci.HCI_Reset_Command
    ) -> hci.HCI_StatusReturnParameters:
        self.le_event_mask = DEFAULT_LE_EVENT_MASK
        self.forget()
        self.hang_up_all()
        return super().on_hci_reset_command(command)

    def hang_up_all(self) -> None:
        """End all links: the host has gone."""
        for connection in list(self.le_connections.values()):
            self.hang_up(connection)
        self._changed()

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending = self.pending_le_connection
        result = super().on_hci_le_create_connection_cancel_command(command)
        if pending is not None:
            self.pending_le_connection = None
            # Told after the command's own answer, which is sent when this returns.
            asyncio.get_running_loop().call_soon(
                self.send_hci_packet,
                hci.HCI_LE_Connection_Complete_Event(
                    status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                    connection_handle=0,
                    role=hci.Role.CENTRAL,
                    peer_address_type=pending.peer_address.address_type,
                    peer_address=pending.peer_address,
                    connection_interval=0,
                    peripheral_latency=0,
                    supervision_timeout=0,
                    central_clock_accuracy=0,
                ),
            )
        return result

    def create_le_connection(self, peer_address: hci.Address) -> None:
        super().create_le_connection(peer_address)
        self._changed()

    def on_le_connect_ind(self, packet: ConnectInd) -> None:
        super().on_le_connect_ind(packet)
        self._changed()

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        super().on_le_disconnected(connection, reason)
        self._changed()

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Send what Bumble sends, as a host of today expects it.

        Bumble answers scans with the advertising data; here the scan response is sent. It does not
        say that a band advertises in the old form; Linux puts advertisement and scan response
        together only where that is said, else a scan for a service never sees the name. It tells
        every host of a connection by the oldest event; a host that has unmasked the enhanced one
        waits for that (Linux for 4 s, and then it gives the attempt up).
        """
        kind = REPORTS.get(type(packet))
        if kind is not None:
            (report,) = getattr(packet, "reports")  # noqa: B009  both kinds have it
            if report.event_type == kind and self.heard is not None:
                advertiser = self.heard.advertiser_at(report.address)
                report.data = bytes(advertiser.scan_response_data) if advertiser else b""
            if isinstance(packet, hci.HCI_LE_Extended_Advertising_Report_Event):
                report.event_type |= OLD_FORM
                report.secondary_phy = 0  # there is nothing on a second channel
        super().send_hci_packet(packet)

    def to_host(self, packet: hci.HCI_Packet) -> hci.HCI_Packet:
        """Return the event; a connection's in the enhanced form where that was asked for."""
        if isinstance(packet, hci.HCI_LE_Connection_Complete_Event) and self._wants_enhanced:
            return _enhanced(packet)
        return packet


def _enhanced(
    event: hci.HCI_LE_Connection_Complete_Event,
) -> hci.HCI_LE_Enhanced_Connection_Complete_Event:
    return hci.HCI_LE_Enhanced_Connection_Complete_Event(
        status=event.status,
        connection_handle=event.connection_handle,
        role=event.role,
        peer_address_type=event.peer_address_type,
        peer_address=event.peer_address,
        local_resolvable_private_address=hci.Address.ANY_RANDOM,
        peer_resolvable_private_address=hci.Address.ANY_RANDOM,
        connection_interval=event.connection_interval,
        peripheral_latency=event.peripheral_latency,
        supervision_timeout=event.supervision_timeout,
        central_clock_accuracy=event.central_clock_accuracy,
    )


class HostLine:
    """One host's TCP connection and the controller at its end."""

    def __init__(self, controller: OutsideController, writer: asyncio.StreamWriter) -> None:
        self.controller = controller
        self._writer = writer
        controller.host = self

    def on_packet(self, packet: bytes) -> None:
        """Controller -> host."""
        if not self._writer.is_closing():
            self._writer.write(packet)

    def close(self) -> None:
        """End the line to the host."""
        self._writer.close()

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Host -> controller, until the host is gone."""
        parser = PacketParser(self.controller)
        try:
            while data := await reader.read(DEFAULT_BUFFER_SIZE):
                parser.feed_data(data)
        except OSError:
            pass  # the host's process is gone
        except InvalidPacketError:
            pass  # bytes that are no HCI: not a Bluetooth host
        finally:
            self.controller.host = None
            self.close()
            self.controller.forget()


async def _within(timeout_s: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), timeout_s)


class HciServer:
    """The TCP port. make_controller(): a controller of its own for each host that attaches."""

    def __init__(self, make_controller: Callable[[], OutsideController]) -> None:
        self._make_controller = make_controller
        self._server: asyncio.Server | None = None
        self._closing = asyncio.Event()
        self._tasks: dict[asyncio.Task, HostLine] = {}

    async def start(self, listening_socket: socket.socket) -> None:
        """Begin to take hosts."""
        self._server = await asyncio.start_server(self._attach, sock=listening_socket)

    async def _attach(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = HostLine(self._make_controller(), writer)
        task = asyncio.current_task()
        assert task is not None  # a server runs each host in a task
        self._tasks[task] = line
        try:
            await line.serve(reader)
            await _within(SUPERVISION_S, self._closing)
        finally:
            line.controller.leave()
            del self._tasks[task]

    async def close(self) -> None:
        """End every line and take no more hosts."""
        if self._server is not None:
            self._server.close()
        self._closing.set()
        for line in self._tasks.values():
            line.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
