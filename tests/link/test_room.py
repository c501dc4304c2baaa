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
