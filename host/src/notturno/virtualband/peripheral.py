"""The band's own side of the virtual radio: a Bumble device that does what the VM asks of it.

Touches the link given. Speaks the events of MicroPython's `bluetooth` (as bytes for the shim) and
its error numbers. Runs in the radio's event loop; only `queue` is called from the VM's thread.
"""

import asyncio
import struct
from collections.abc import Callable

from bumble import att, hci
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from notturno.virtualband.ether import AirController, Ether
from notturno.virtualband.gatt import GattTable
from notturno.virtualband.outbox import Outbox

IRQ_CONNECT, IRQ_DISCONNECT, IRQ_WRITE = 1, 2, 3
IRQ_MTU, IRQ_ENCRYPTION = 21, 28
ENOMEM, EINVAL, ENOTCONN = 12, 22, 128
WRITE_ANSWER_S = 5.0  # the VM has so long to take a write
INTERVAL_UNIT_MS = 0.625


class Peripheral:
    """One life of the band's radio, from `active(True)` to `active(False)`.

    emit: takes the bytes of an event for the VM. changed: called when advertising or a connection
    changes. keys: bonds, outliving this object.
    """

    def __init__(
        self,
        ether: Ether,
        address: str,
        settings: dict,
        keys: MemoryKeyStore,
        emit: Callable[[bytes], None],
        changed: Callable[[], None],
    ) -> None:
        self._faults = ether.faults
        self._settings = settings
        self._emit = emit
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self.address = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
        self.controller = AirController("band", ether, "00:00:00:00:00:00")
        # The device advertises with legacy packets, as the firmware's stack does.
        self.controller.le_features &= ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        self.controller.random_address = self.address
        host = Host(self.controller, AsyncPipeSink(self.controller))
        config = DeviceConfiguration(name=settings["gap_name"], address=self.address)
        self._device = Device(config=config, host=host)
        self._device.keystore = keys
        self._device.pairing_config_factory = self._pairing
        self._device.on(Device.EVENT_CONNECTION, self._on_connection)
        self.table = GattTable(self._device, self._written)
        self._connections: dict[int, Connection] = {}
        self._outboxes: dict[int, Outbox] = {}
        self._tickets: dict[int, asyncio.Future] = {}
        self._ticket = 0
        self._advertising = False
        self._closed = False

    # --- life ------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Switch the radio on."""
        await self._device.power_on()
        self.configure(self._settings)

    def configure(self, settings: dict) -> None:
        """Take the settings that the program has changed."""
        self._settings = settings
        self._device.gatt_server.max_mtu = self._mtu

    @property
    def _mtu(self) -> int:
        return self._faults.att_mtu or self._settings["mtu"]

    def close(self) -> None:
        """Off the air at once: no more events, the other side sees a lost link."""
        self._closed = True
        for conn in list(self._connections):
            self._forget_connection(conn)
        self.controller.leave()
        self._changed()

    @property
    def advertising(self) -> bool:
        """Say whether it advertises."""
        return self.controller.le_legacy_advertiser.enabled and not self._closed

    @property
    def connected(self) -> bool:
        """Say whether a host is connected."""
        return bool(self.controller.le_connections)

    def _pairing(self, _connection: Connection) -> PairingConfig:
        io = PairingDelegate.IoCapability(self._settings["io"])
        return PairingConfig(
            sc=True,
            mitm=bool(self._settings["mitm"]),
            bonding=bool(self._settings["bond"]),
            delegate=PairingDelegate(io),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    # --- what the VM asks ------------------------------------------------------------------------

    def set_value(self, handle: int, value: bytes, send_update: bool) -> None:
        """Set an attribute's value; tell those who subscribed where that is asked."""
        self.table.values[handle] = value
        if send_update:
            self._loop.create_task(
                self._device.gatt_server.notify_subscribers(self.table.attributes[handle], value)
            )

    async def advertise(self, interval_us: int, data: bytes, response: bytes) -> None:
        """Advertise every interval_us; a negative one stops."""
        if interval_us < 0:
            await self._device.stop_advertising()
        else:
            interval_ms = max(20.0, interval_us / 1000)
            await self._device.start_advertising(
                advertising_data=data,
                scan_response_data=response,
                auto_restart=False,
                # Bumble's controller takes the register's units of 0.625 ms for ms
                advertising_interval_min=interval_ms * INTERVAL_UNIT_MS,
                advertising_interval_max=interval_ms * INTERVAL_UNIT_MS,
            )
        self._changed()

    def disconnect(self, conn: int) -> bool:
        """End a connection; False where there is none."""
        connection = self._connections.get(conn)
        if connection is None:
            return False
        self._loop.create_task(connection.disconnect())
        return True

    def queue(self, conn: int, handle: int, data: bytes, indicate: bool) -> int:
        """Queue a notification or indication; return 0 or a negative error. From any thread."""
        outbox = self._outboxes.get(conn)
        if outbox is None:
            return -ENOTCONN
        if handle not in self.table.attributes:
            return -EINVAL
        return 0 if outbox.put(handle, data, indicate) else -ENOMEM

    def write_done(self, ticket: int) -> None:
        """The VM has run its handler for a write. From the loop."""
        future = self._tickets.pop(ticket, None)
        if future and not future.done():
            future.set_result(None)

    async def exchange_mtu(self, conn: int) -> None:
        """Ask the other side for a larger packet."""
        from bumble.device import Peer

        connection = self._connections.get(conn)
        if connection is not None:
            await Peer(connection).request_mtu(self._mtu)

    # --- what the other side does ----------------------------------------------------------------

    def _on_connection(self, connection: Connection) -> None:
        conn = connection.handle
        self._device.gatt_server.max_mtu = self._mtu  # a fault may have been switched since
        self._connections[conn] = connection
        self._outboxes[conn] = Outbox(
            self._device.gatt_server,
            connection,
            self.table.attributes,
            self._faults,
            self._send,
        )
        connection.on(connection.EVENT_DISCONNECTION, lambda _reason: self._on_gone(connection))
        connection.on(connection.EVENT_CONNECTION_ATT_MTU_UPDATE, lambda: self._on_mtu(connection))
        connection.on(
            connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._on_encryption(connection)
        )
        self._send(
            struct.pack("<BHB", IRQ_CONNECT, conn, self._type(connection)) + self._peer(connection)
        )
        self._changed()

    def _on_gone(self, connection: Connection) -> None:
        conn = connection.handle
        if conn not in self._connections:
            return
        self._outboxes[conn].fail_pending()
        self._forget_connection(conn)
        self._send(
            struct.pack("<BHB", IRQ_DISCONNECT, conn, self._type(connection))
            + self._peer(connection)
        )
        self._changed()

    def _forget_connection(self, conn: int) -> None:
        self._connections.pop(conn, None)
        outbox = self._outboxes.pop(conn, None)
        if outbox:
            outbox.close()

    def _on_mtu(self, connection: Connection) -> None:
        self._send(struct.pack("<BHH", IRQ_MTU, connection.handle, int(connection.att_mtu)))

    def _on_encryption(self, connection: Connection) -> None:
        encrypted = bool(connection.encryption)
        bonded = encrypted and bool(self._settings["bond"])
        state = (encrypted, bool(connection.authenticated), bonded, 16 if encrypted else 0)
        self._send(struct.pack("<BHBBBB", IRQ_ENCRYPTION, connection.handle, *state))

    async def _written(self, connection: Connection, handle: int, value: bytes) -> None:
        """A host writes: the VM's handler runs before the host gets its answer."""
        self.table.values[handle] = bytes(value)
        self._ticket = (self._ticket + 1) & 0xFFFFFFFF or 1
        ticket = self._ticket
        future = self._tickets[ticket] = self._loop.create_future()
        head = struct.pack("<BHHI", IRQ_WRITE, connection.handle, handle, ticket)
        self._send(head + bytes(value))
        try:
            await asyncio.wait_for(future, WRITE_ANSWER_S)
        except TimeoutError:
            self._tickets.pop(ticket, None)
            raise att.ATT_Error(att.ATT_UNLIKELY_ERROR_ERROR, handle) from None

    def _send(self, body: bytes) -> None:
        if not self._closed:
            self._emit(body)

    @staticmethod
    def _type(connection: Connection) -> int:
        return int(connection.peer_address.address_type) & 1

    @staticmethod
    def _peer(connection: Connection) -> bytes:
        return bytes(reversed(bytes(connection.peer_address)))
