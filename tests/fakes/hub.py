"""A home's hub: hears advertising data, and reads them with the parser that Home Assistant uses.

Touches bthome-ble. Speaks bytes as they go over the air.
"""

import time

from bluetooth_data_tools import parse_advertisement_data
from bthome_ble import BTHomeBluetoothDeviceData
from habluetooth import BluetoothServiceInfoBleak

UUID = "0000fcd2-0000-1000-8000-00805f9b34fb"
APART_S = 5  # its parser drops what comes within 4 s of the packet before


def is_beacon(data):
    """Say whether advertising data carry BTHome's service data."""
    return UUID in parse_advertisement_data((bytes(data),)).service_data


class Hub:
    """One hub that was given a bind key (16 bytes)."""

    def __init__(self, bind_key):
        self.device = BTHomeBluetoothDeviceData(bindkey=bind_key)
        self._at_s = time.monotonic()

    @property
    def believes(self):
        """Say whether the key has opened what was heard last."""
        return self.device.bindkey_verified

    def hear(self, data, address):
        """Take advertising data of an address; return (battery %, jerks) as the hub shows them."""
        parsed = parse_advertisement_data((bytes(data),))
        self._at_s += APART_S
        info = BluetoothServiceInfoBleak(
            name="notturno",
            address=address,
            rssi=-60,
            manufacturer_data={},
            service_data=dict(parsed.service_data),
            service_uuids=list(parsed.service_uuids),
            source="local",
            device=None,
            advertisement=None,
            connectable=True,
            time=self._at_s,
            tx_power=None,
        )
        told = self.device.update(info).entity_values
        shown = {key.key: value.native_value for key, value in told.items()}
        return shown.get("battery"), shown.get("count")
