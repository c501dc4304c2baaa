"""bleak's scanner and client over a Bumble device: a third-party bleak backend.

Touches the device it is given. Follows the base classes of bleak 3 (`bleak.backends.*`); what a
program sees through `BleakScanner` and `BleakClient` is as on any other system.
"""

import asyncio

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.core import AdvertisingData
from bumble.device import Peer
from bumble.gatt import Characteristic

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


def backends_over(device, transport):
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

    _radio = None
    _transport = None

    def __init__(self, detection_callback, service_uuids, scanning_mode="active", **_):
        super().__init__(detection_callback, service_uuids)

    async def start(self):
        if self._transport.source.terminated.done():
            raise UserError(
                "The virtual band has gone; start it again with  notturno band  and sync again: "
                "nothing is lost."
            )
        self.seen_devices = {}
        self._radio.on(self._radio.EVENT_ADVERTISEMENT, self._advertised)
        # Shielded: a command that is cut off leaves its answer to the next one.
        await _or_bleak_error(asyncio.shield(self._radio.start_scanning(filter_duplicates=False)))

    async def stop(self):
        self._radio.remove_listener(self._radio.EVENT_ADVERTISEMENT, self._advertised)
        await _or_bleak_error(asyncio.shield(self._radio.stop_scanning()))

    def _advertised(self, advertisement):
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

    _radio = None
    _transport = None

    def __init__(self, address_or_ble_device, *, disconnected_callback, timeout, **_):
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        self._peer_address = getattr(address_or_ble_device, "details", address_or_ble_device)
        self._connection = None
        self._peer = None
        self._gone = None  # a future that ends with the connection
        self._notifying = {}

    @property
    def name(self):
        return self.address

    @property
    def mtu_size(self):
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self):
        return self._gone is not None and not self._gone.done()

    async def connect(self, pair, **_):
        self._connection = await _or_bleak_error(
            self._radio.connect(self._peer_address, timeout=self._timeout)
        )
        self._gone = asyncio.get_running_loop().create_future()
        self._connection.on(self._connection.EVENT_DISCONNECTION, self._disconnected)
        # A controller that vanishes says no goodbye.
        self._transport.source.terminated.add_done_callback(self._disconnected)
        self._peer = Peer(self._connection)
        try:
            await self._do(self._peer.request_mtu(MTU))
            await self._do(self._peer.discover_all())
        except BleakError:
            await self.disconnect()
            raise
        self.services = self._services()

    def _disconnected(self, _):
        if self.is_connected:
            self._gone.set_result(None)
            if self._disconnected_callback is not None:
                self._disconnected_callback()

    async def disconnect(self):
        if self.is_connected:
            # Ours: the callback is for the unexpected only.
            self._disconnected_callback = None
            await self._do(self._connection.disconnect())

    async def pair(self, *_, **__):
        await self._do(self._connection.pair())

    async def unpair(self):
        raise BleakError("The virtual radio keeps no pairings.")

    def _services(self):
        collection = BleakGATTServiceCollection()
        for service in self._peer.services:
            mine = BleakGATTService(service, service.handle, _uuid(service.uuid))
            collection.add_service(mine)
            for char in service.characteristics:
                names = [name for bit, name in PROPERTIES if char.properties & bit]
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

    async def read_gatt_char(self, characteristic, *, use_cached=False, **_):
        return bytearray(await self._do(characteristic.obj.read_value()))

    async def read_gatt_descriptor(self, descriptor, *, use_cached=False, **_):
        return bytearray(await self._do(descriptor.obj.read_value()))

    async def write_gatt_char(self, characteristic, data, response):
        await self._do(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor, data):
        await self._do(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(self, characteristic, callback, **_):
        def came(value):
            callback(bytearray(value))

        self._notifying[characteristic.handle] = came
        await self._do(characteristic.obj.subscribe(came))

    async def stop_notify(self, characteristic):
        came = self._notifying.pop(characteristic.handle, None)
        await self._do(characteristic.obj.unsubscribe(came))

    async def _do(self, awaitable):
        """Await an operation, but no longer than the connection lives.

        Bumble cancels a request at link loss, and lets one made afterwards wait for 30 s.
        """
        operation = asyncio.ensure_future(awaitable)
        if not self.is_connected:
            operation.cancel()
            raise BleakError("not connected")
        try:
            await asyncio.wait({operation, self._gone}, return_when=asyncio.FIRST_COMPLETED)
            if operation.done() and not operation.cancelled():
                return await _or_bleak_error(operation)
        finally:
            operation.cancel()
        raise BleakError("disconnected")


async def _or_bleak_error(awaitable):
    try:
        async with asyncio.timeout(OPERATION_TIMEOUT_S):
            return await awaitable
    except ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except (core.BaseBumbleError, hci.HCI_Error, OSError, TimeoutError) as error:
        raise BleakError(f"{type(error).__name__}: {error}") from error


def _uuid(uuid):
    return normalize_uuid_str(uuid.to_hex_str("-").lower())
