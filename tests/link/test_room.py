"""How much one value to the band may carry, where the system does not know or is behind."""

import asyncio
from types import SimpleNamespace

import pytest
from notturno.link import ble


class Client:
    """Knows `size` bytes of room, None: nothing; `came`: what a value from the band goes to."""

    def __init__(self, size):
        known = {} if size is None else {"max_write_without_response_size": size}
        control = SimpleNamespace(**known)
        self.services = SimpleNamespace(get_characteristic=lambda _: control)
        self.came = []

    async def start_notify(self, _, came):
        self.came.append(came)


@pytest.mark.parametrize(
    ("told", "lengths", "room"),
    [
        (None, [], 20),
        (0, [], 20),
        (244, [], 244),
        (20, [3], 20),
        # BlueZ says 20 for as long as it knows the services by heart; the band says more.
        (20, [64, 41], 64),
        (None, [244], 244),
        (244, [64], 244),
    ],
)
def test_what_came_in_one_value_goes_in_one_value(told, lengths, room):
    async def talk():
        client = Client(told)
        connection = ble.Connection(client, asyncio.Queue())
        await connection.subscribe()
        for length in lengths:
            client.came[0](None, bytes(length))
        return connection.room

    assert asyncio.run(talk()) == room


def test_what_is_asked_over_a_virtual_bands_port_is_these_bytes():
    """Commands of a vendor (OGF 0x3F): the world's time, 8 bytes behind a status; the wearer's."""
    virtual = pytest.importorskip("notturno.link.virtual")
    assert bytes(virtual.HCI_World_Time_Command()).hex() == "0101fc00"
    assert bytes(virtual.HCI_Wearer_Command(what=3)).hex() == "0102fc0103"
    told = virtual.HCI_World_Time_ReturnParameters
    assert bytes(told(status=0, utc_ms=bytes(range(1, 9)))) == bytes(range(9))
    assert told.from_parameters(bytes(range(9))).utc_ms == bytes(range(1, 9))
    assert told(status=0).utc_ms == bytes(8)
