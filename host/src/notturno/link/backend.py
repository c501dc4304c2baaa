"""bleak's scanner and client over a Bumble device: a third-party bleak backend.

Touches the device it is given. Follows the base classes of bleak 3 (`bleak.backends.*`); what a
program sees through `BleakScanner` and `BleakClient` is as on any other system.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Device, Peer
from bumble.device import Connection as BumbleConnection
from bumble.gatt import Characteristic
from bumble.transport.common import Transport

from notturno.errors import UserError

MTU = 517  # what BlueZ asks for; a band answers with what it can
OPERATION_TIMEOUT_S = 30.0  # a controller that hangs answers nothing, and says nothing

PROPERTIES = (
    (Characteristic.Properties.READ, "read"),
    (Characteristic.Properties.WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (Characteristic.Properties.WRITE, "write"),
    (Characteristic.Properties.NOTIFY, "notify"),
    (Characteristic.Properties.INDICATE, "indicate"),
)

T = TypeVar("T")


def backends_over(
    device: Device, transport: Transport
) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """Return (scanner class, client class) bound to a powered Bumble device.

    bleak wants classes, not objects: `BleakScanner(backend=...)`.
    """

    class BumbleScanner(Scanner):
        _radio = device
        _transport = transport

    class BumbleClient(Client):
        _radio = device
        _transport = transport

    return BumbleScanner, BumbleClient


class Scanner(BaseBleakScanner):
    """Scanning; `_radio` is the Bumble device, `_transport` its way to the controller."""

    _radio: Device
    _transport: Transport

    def __init__(
        self,
        detection_callback: Callable | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"] = "active",
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        if self._transport.source.terminated.done():
            raise UserError(
                "The virtual band has gone; start it again with  notturno band  and sync again: "
                "nothing is lost."
            )
        self.seen_devices = {}
        self._radio.on(self._radio.EVENT_ADVERTISEMENT, self._advertised)
        # Shielded: a command that is cut off leaves its answer to the next one.
        await _or_bleak_error(asyncio.shield(self._radio.start_scanning(filter_duplicates=False)))

    async def stop(self) -> None:
        self._radio.remove_listener(self._radio.EVENT_ADVERTISEMENT, self._advertised)
        await _or_bleak_error(asyncio.shield(self._radio.stop_scanning()))

    def _advertised(self, advertisement: Advertisement) -> None:
        data = advertisement.data
        name = data.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
        uuids = []
        for kind in (
            AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
            AdvertisingData.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
            AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
        ):
            uuids += [_uuid(uuid) for group in data.get_all(kind) for uuid in group]
        if not self.is_allowed_uuid(uuids):
            return
        address = str(advertisement.address)
        seen = AdvertisementData(
            local_name=name,
            manufacturer_data={},
            service_data={},
            service_uuids=uuids,
            tx_power=None,
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        found = self.create_or_update_device(address, address, name, advertisement.address, seen)
        self.call_detection_callbacks(found, seen)


class Client(BaseBleakClient):
    """One connection; `_radio` is the Bumble device, `_transport` its way to the controller."""

    _radio: Device
    _transport: Transport

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        self._peer_address: Any = getattr(address_or_ble_device, "details", address_or_ble_device)
        self._connection: BumbleConnection | None = None
        self._peer: Peer | None = None
        self._gone: asyncio.Future | None = None  # a future that ends with the connection
        self._notifying: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._gone is not None and not self._gone.done()

    async def connect(self, pair: bool, **_: Any) -> None:
        connection = self._connection = await _or_bleak_error(
            self._radio.connect(self._peer_address, timeout=self._timeout)
        )
        self._gone = asyncio.get_running_loop().create_future()
        connection.on(connection.EVENT_DISCONNECTION, self._disconnected)
        # A controller that vanishes says no goodbye.
        self._transport.source.terminated.add_done_callback(self._disconnected)
        peer = self._peer = Peer(connection)
        try:
            await self._do(peer.request_mtu(MTU))
            await self._do(peer.discover_all())
        except BleakError:
            await self.disconnect()
            raise
        self.services = self._services(peer)

    def _disconnected(self, _: asyncio.Future | int) -> None:
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
            if self._disconnected_callback is not None:
                self._disconnected_callback()

    async def disconnect(self) -> None:
        if self.is_connected and self._connection is not None:
            # Ours: the callback is for the unexpected only.
            self._disconnected_callback = None
            await self._do(self._connection.disconnect())

    async def pair(self, *_: object, **__: Any) -> None:
        if self._connection is None:
            raise BleakError("not connected")
        await self._do(self._connection.pair())

    async def unpair(self) -> None:
        raise BleakError("The virtual radio keeps no pairings.")

    def _services(self, peer: Peer) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for service in peer.services:
            mine = BleakGATTService(service, service.handle, _uuid(service.uuid))
            collection.add_service(mine)
            for char in service.characteristics:
                names: list[Any] = [name for bit, name in PROPERTIES if char.properties & bit]
                my_char = BleakGATTCharacteristic(
                    char, char.handle, _uuid(char.uuid), names, lambda: self.mtu_size - 3, mine
                )
                collection.add_characteristic(my_char)
                for descriptor in char.descriptors:
                    collection.add_descriptor(
                        BleakGATTDescriptor(
                            descriptor, descriptor.handle, _uuid(descriptor.type), my_char
                        )
                    )
        return collection

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._do(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._do(descriptor.obj.read_value()))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,
    ) -> None:
        await self._do(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._do(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable, **_: Any
    ) -> None:
        def came(value: bytes) -> None:
            callback(bytearray(value))

        self._notifying[characteristic.handle] = came
        await self._do(characteristic.obj.subscribe(came))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        came = self._notifying.pop(characteristic.handle, None)
        await self._do(characteristic.obj.unsubscribe(came))

    async def _do(self, awaitable: Awaitable) -> Any:
        """Await an operation, but no longer than the connection lives.

        Bumble cancels a request at link loss, and lets one made afterwards wait for 30 s.
        """
        operation = asyncio.ensure_future(awaitable)
        if self._gone is None or self._gone.done():
            operation.cancel()
            raise BleakError("not connected")
        try:
            await asyncio.wait({operation, self._gone}, return_when=asyncio.FIRST_COMPLETED)
            if operation.done() and not operation.cancelled():
                return await _or_bleak_error(operation)
        finally:
            operation.cancel()
        raise BleakError("disconnected")


async def _or_bleak_error(awaitable: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(OPERATION_TIMEOUT_S):
            return await awaitable
    except ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except (core.BaseBumbleError, hci.HCI_Error, OSError, TimeoutError) as error:
        raise BleakError(f"{type(error).__name__}: {error}") from error


def _uuid(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-").lower())
