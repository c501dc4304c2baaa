"""False bands on the virtual radio: a foreign stack that advertises what a true band does.

`liar`: the kind of lie it tells to whoever connects. Touches the radio's port.
"""

import asyncio
import os

from bumble import hci
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.transport import open_transport
from notturno_core import protocol, wire
from notturno_core.pieces import Splitter

PROPERTIES = Characteristic.Properties


class FalseBand:
    """Says that it is the band of this name; answers HELLO by `challenge(host's message)`."""

    def __init__(self, challenge):
        self.challenge = challenge
        self.asked = []  # what hosts wrote to it, as values
        self._splitter = Splitter()

    async def attach(self, where, name, address="C0:00:00:00:00:07"):
        self.transport = await open_transport(f"tcp-client:{where}")
        random = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
        self.device = Device.from_config_with_hci(
            DeviceConfiguration(name=name, address=random),
            self.transport.source,
            self.transport.sink,
        )
        self._control = self._characteristic(
            protocol.CONTROL_UUID, PROPERTIES.WRITE | PROPERTIES.INDICATE, written=self._written
        )
        others = [
            self._characteristic(protocol.VERSION_UUID, PROPERTIES.READ, bytes((2,))),
            self._characteristic(protocol.DATA_UUID, PROPERTIES.NOTIFY),
            self._characteristic(protocol.LIVE_UUID, PROPERTIES.NOTIFY),
        ]
        self.device.add_service(Service(protocol.SERVICE_UUID, [self._control, *others]))
        await self.device.power_on()
        uuid = bytes.fromhex(protocol.SERVICE_UUID.replace("-", ""))[::-1]
        kind = AdvertisingData.Type
        data = [
            (kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, uuid),
        ]
        await self.device.start_advertising(
            advertising_data=bytes(AdvertisingData(data)),
            scan_response_data=bytes(AdvertisingData([(kind.COMPLETE_LOCAL_NAME, name.encode())])),
            advertising_interval_min=20,
            advertising_interval_max=20,
            auto_restart=True,
        )
        return self

    @staticmethod
    def _characteristic(uuid, properties, value=b"", written=None):
        permissions = Characteristic.READABLE | Characteristic.WRITEABLE
        if written:
            value = CharacteristicValue(write=written)
        return Characteristic(uuid, properties, permissions, value)

    async def _written(self, connection, value):
        self.asked.append(bytes(value))
        if value[1] != protocol.OP_HELLO:
            return
        self._splitter = Splitter()
        answer = self.challenge(wire.unpack(protocol.HELLO_FIELDS, value[1:]))
        if answer is None:
            return

        async def say():
            for piece in self._splitter.values(answer, 20):
                await self.device.indicate_subscriber(connection, self._control, piece)

        asyncio.get_running_loop().create_task(say())

    async def close(self):
        await self.transport.close()


def random_proof(hello):
    """Answer with a proof that is none."""
    values = {"op": protocol.OP_HELLO, "band_nonce": os.urandom(16), "proof": os.urandom(16)}
    return wire.pack(protocol.CHALLENGE_FIELDS, values)


def recorded(challenge):
    """Answer with what the true band once said to somebody else."""
    return lambda hello: challenge


def silence(hello):
    """Answer nothing."""
    return None
