"""The other side of the virtual radio: a standard HCI controller on a TCP port, for one host.

Touches a listening socket on loopback. Speaks HCI packets (H4). Runs in the radio's event loop.

A vendor command (OGF 0x3F, OCF 1, no parameters) asks for the world's time; it is answered by a
Command Complete with status u8 and UTC in ms, u64 little-endian.
"""

import asyncio
import struct
from collections.abc import Callable

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import InvalidPacketError, PhysicalTransport
from bumble.link import LocalLink
from bumble.transport.common import PacketParser

WORLD_TIME_OPCODE = 0x3F << 10 | 1
WORLD_TIME_COMMAND = struct.pack("<BH", hci.HCI_COMMAND_PACKET, WORLD_TIME_OPCODE)
HOST_ADDRESS = hci.Address("00:4E:54:00:00:01", hci.Address.PUBLIC_DEVICE_ADDRESS)
SUPERVISION_S = 2.0  # a link whose host is gone is given up after this
CONNECTION_TIMEOUT = 0x08
INTERVAL_UNIT_S = 0.00125
DEFAULT_LE_EVENT_MASK = 0x1F  # after a reset: the five events of Bluetooth 4.0


class Air(LocalLink):
    """The link between the two controllers.

    Bumble 0.0.236 names the sender of data by its random address always; a host with a public
    address is then unknown to the other side. Here the connection's own address is used.
    """

    def send_acl_data(self, sender_controller, destination_address, transport, data):
        connection = sender_controller.le_connections.get(destination_address)
        if transport != PhysicalTransport.LE or connection is None:
            return
        receiver = self.find_le_controller(destination_address)
        if receiver is not None:
            asyncio.get_running_loop().call_soon(
                receiver.on_link_acl_data, connection.self_address, transport, data
            )

    def send_ll_control_pdu(self, sender_address, receiver_address, packet):
        if self.find_le_controller(receiver_address):  # else: it has just gone, nothing to tell
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


class OutsideController(Controller):
    """What a host attaches to. `listening`: it scans or tries to connect.

    changed: called when that or a connection changes. scan_response(address) gives the bytes an
    advertiser answers an active scan with.
    """

    def __init__(self, air, changed: Callable[[], None], utc_ms, scan_response):
        super().__init__("outside", link=air, public_address=HOST_ADDRESS)
        self._changed = changed
        self._utc_ms = utc_ms
        self._scan_response = scan_response
        self.interval_s = 24 * INTERVAL_UNIT_S
        self.le_event_mask = DEFAULT_LE_EVENT_MASK

    @property
    def _wants_enhanced(self) -> bool:
        return bool(self.le_event_mask >> (hci.HCI_LE_ENHANCED_CONNECTION_COMPLETE_EVENT - 1) & 1)

    @property
    def listening(self) -> bool:
        return self.le_scan_enable or self.pending_le_connection is not None

    def forget(self) -> None:
        """No host: no scan, no attempt to connect."""
        self.le_scan_enable = False
        self.pending_le_connection = None
        self._changed()

    def on_packet(self, packet):
        # Looked at before Bumble parses it: some vendor's command has the same number there.
        if packet[:3] == WORLD_TIME_COMMAND:
            body = struct.pack("<BHBQ", 1, WORLD_TIME_OPCODE, 0, self._utc_ms())
            head = bytes([hci.HCI_EVENT_PACKET, hci.HCI_COMMAND_COMPLETE_EVENT, len(body)])
            if self.host:
                asyncio.get_running_loop().call_soon(self.host.on_packet, head + body)
            return
        super().on_packet(packet)
        self._changed()

    def on_hci_reset_command(self, command):
        self.le_event_mask = DEFAULT_LE_EVENT_MASK
        self.forget()
        for connection in list(self.le_connections.values()):
            self.drop(connection)
        return super().on_hci_reset_command(command)

    def on_hci_le_create_connection_cancel_command(self, command):
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

    def create_le_connection(self, peer_address):
        super().create_le_connection(peer_address)
        self._changed()

    def send_advertising_pdu(self, packet):
        if isinstance(packet, ll.ConnectInd):
            self.interval_s = max(6, packet.interval) * INTERVAL_UNIT_S
        super().send_advertising_pdu(packet)

    def send_hci_packet(self, packet):
        """Send what Bumble sends, as a host of today expects it.

        Bumble answers scans with the advertising data; here the scan response is sent. It tells
        every host of a connection by the oldest event; a host that has unmasked the enhanced one
        waits for that (Linux for 4 s, and then it gives the attempt up).
        """
        if isinstance(packet, hci.HCI_LE_Connection_Complete_Event) and self._wants_enhanced:
            packet = _enhanced(packet)
        if isinstance(packet, hci.HCI_LE_Advertising_Report_Event):
            kind = hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP
        elif isinstance(packet, hci.HCI_LE_Extended_Advertising_Report_Event):
            kind = hci.HCI_LE_Extended_Advertising_Report_Event.EventType.SCAN_RESPONSE
        else:
            kind = None
        if kind is not None and packet.reports[0].event_type == kind:
            packet.reports[0].data = self._scan_response(packet.reports[0].address)
        super().send_hci_packet(packet)

    def drop(self, connection) -> None:
        """End a connection without asking its host; the band learns of it as of a lost link."""
        peer = self.link.find_le_controller(connection.peer_address)
        self.le_connections.pop(connection.peer_address, None)
        other = peer.le_connections.get(connection.self_address) if peer else None
        if other:
            peer.on_le_disconnected(other, CONNECTION_TIMEOUT)
        self._changed()


def _enhanced(event) -> hci.HCI_LE_Enhanced_Connection_Complete_Event:
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


class HciServer:
    """The TCP port: one host at a time; another one's connection is closed at once."""

    def __init__(self, controller: OutsideController):
        self._controller = controller
        self._writer: asyncio.StreamWriter | None = None
        self._supervision: asyncio.TimerHandle | None = None
        self._server: asyncio.Server | None = None
        self._task: asyncio.Task | None = None

    async def start(self, listening_socket) -> None:
        self._server = await asyncio.start_server(self._attach, sock=listening_socket)

    @property
    def attached(self) -> bool:
        return self._writer is not None

    def on_packet(self, packet: bytes) -> None:
        """Controller -> host."""
        if self._writer and not self._writer.is_closing():
            self._writer.write(packet)

    async def _attach(self, reader, writer) -> None:
        if self._writer is not None:
            writer.close()
            return
        self._writer = writer
        self._task = asyncio.current_task()
        self._give_up_links()
        self._controller.host = self
        parser = PacketParser(self._controller)
        try:
            while data := await reader.read(65536):
                parser.feed_data(data)
        except OSError:
            pass  # the host's process is gone
        except InvalidPacketError:
            pass  # bytes that are no HCI: not a Bluetooth host
        self._controller.host = None
        self._writer = None
        writer.close()
        self._controller.forget()
        loop = asyncio.get_running_loop()
        self._supervision = loop.call_later(SUPERVISION_S, self._give_up_links)

    def _give_up_links(self) -> None:
        if self._supervision:
            self._supervision.cancel()
            self._supervision = None
        for connection in list(self._controller.le_connections.values()):
            self._controller.drop(connection)

    async def close(self) -> None:
        self._server.close()
        if self._writer:
            self._writer.close()
            await asyncio.wait({self._task}, timeout=1.0)
        if self._supervision:
            self._supervision.cancel()
