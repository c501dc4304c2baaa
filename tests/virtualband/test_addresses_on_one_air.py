"""Each host on an air has an address of its own, as long as there are any."""

from types import SimpleNamespace

import pytest
from notturno.virtualband import air


class Text(str):
    """An address as text."""

    PUBLIC_DEVICE_ADDRESS = 0

    def __new__(cls, text, kind):
        assert kind == cls.PUBLIC_DEVICE_ADDRESS
        return super().__new__(cls, text)


def free(monkeypatch, taken):
    monkeypatch.setattr(air, "Address", Text)
    hosts = [SimpleNamespace(public_address=address(number)) for number in taken]
    return air.Air.free_address(SimpleNamespace(_outside=lambda: hosts))


def address(number):
    return air.HOST_ADDRESS.format(number >> 8, number & 255)


@pytest.mark.parametrize(
    ("taken", "number"),
    [((), 1), ((1,), 2), ((1, 2, 4), 3), ((2,), 1), (range(1, 256), 256)],
)
def test_the_first_that_is_free_is_taken(monkeypatch, taken, number):
    assert free(monkeypatch, taken) == address(number)


def test_there_are_two_bytes_of_them(monkeypatch):
    with pytest.raises(RuntimeError, match="65535 hosts are on one air"):
        free(monkeypatch, range(1, 65_536))
