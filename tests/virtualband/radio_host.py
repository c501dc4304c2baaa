"""A real BLE host stack (Bumble) on the virtual radio, for the program `radio`."""

import asyncio
import itertools

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import ConnectionParametersPreferences, Device, DeviceConfiguration, Peer
from bumble.gatt import Characteristic, Service
from bumble.pairing import PairingConfig
from bumble.transport import open_transport
from virtual_kit import HANG_S

TEXT = UUID("6e6f7474-7572-6e6f-7e57-000000000002")
DATA = UUID("6e6f7474-7572-6e6f-7e57-000000000003")
SECRET = UUID("ABCD")
_numbers = itertools.count(1)


def random_address(text):
    return hci.Address(text, hci.Address.RANDOM_DEVICE_ADDRESS)


class Host:
    """A host on the other side of the air, connected to the band."""

    async def __aenter__(self):
        return self

    @classmethod
    async def attach(cls, band):
        self = cls()
        self.transport = await open_transport(f"tcp-client:{band.hci}")
        # Each has an address of its own: by it a band tells its hosts apart.
        text = f"C1:02:03:04:05:{next(_numbers):02X}"
        config = DeviceConfiguration(name="host", address=random_address(text))
        self.device = Device.from_config_with_hci(
            config, self.transport.source, self.transport.sink
        )
        self.device.pairing_config_factory = lambda _: PairingConfig(
            sc=True, mitm=False, identity_address_type=PairingConfig.AddressType.RANDOM
        )
        await self.device.power_on()
        return self

    async def find(self, address=None):
        found = asyncio.get_running_loop().create_future()

        def seen(advertisement):
            wanted = address in (None, str(advertisement.address).partition("/")[0])
            if wanted and not found.done():
                found.set_result(advertisement)

        self.device.on("advertisement", seen)
        await self.device.start_scanning(filter_duplicates=False)
        advertisement = await asyncio.wait_for(found, HANG_S)
        await self.device.stop_scanning()
        return advertisement

    async def connect(self, address=None, interval_ms=None, mtu=200):
        advertisement = await self.find(address)
        preferences = None
        if interval_ms:
            preferences = {
                hci.Phy.LE_1M: ConnectionParametersPreferences(
                    connection_interval_min=interval_ms, connection_interval_max=interval_ms
                )
            }
        self.connection = await asyncio.wait_for(
            self.device.connect(
                advertisement.address, connection_parameters_preferences=preferences
            ),
            HANG_S,
        )
        self.peer = Peer(self.connection)
        await self.peer.request_mtu(mtu)
        await self.peer.discover_services()
        for service in self.peer.services:
            await service.discover_characteristics()
        return self

    def characteristic(self, uuid):
        return self.peer.get_characteristics_by_uuid(uuid)[0]

    async def subscribe(self, uuid, indications=False):
        got = asyncio.Queue()
        await self.peer.subscribe(
            self.characteristic(uuid), got.put_nowait, prefer_notify=not indications
        )
        return got

    async def write(self, value, with_response=True):
        await self.characteristic(TEXT).write_value(value, with_response=with_response)

    async def close(self):
        await self.transport.close()

    async def __aexit__(self, *_):
        await self.close()


class FalseBand:
    """A foreign stack that advertises as a band would, at an address of its choice."""

    @classmethod
    async def attach(cls, where, address):
        self = cls()
        self.transport = await open_transport(f"tcp-client:{where}")
        self.device = Device.from_config_with_hci(
            DeviceConfiguration(name="test", address=random_address(address)),
            self.transport.source,
            self.transport.sink,
        )
        mine = Characteristic(
            TEXT, Characteristic.Properties.READ, Characteristic.READABLE, b"false"
        )
        self.device.add_service(Service("6e6f7474-7572-6e6f-7e57-000000000001", [mine]))
        await self.device.power_on()
        await self.device.start_advertising(
            advertising_data=bytes(
                AdvertisingData([(AdvertisingData.Type.COMPLETE_LOCAL_NAME, b"test")])
            ),
            advertising_interval_min=20,
            advertising_interval_max=20,
        )
        return self


async def connected(band, **how):
    return await (await Host.attach(band)).connect(**how)


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, HANG_S))
