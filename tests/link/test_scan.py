"""What a scan hears, and when it has heard enough: names come late, twice, cut short, or false."""

import asyncio

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from notturno.errors import UserError
from notturno.link import ble
from notturno.sync.finding import bands_near, find
from notturno_core import protocol

A, B = "AA:00:00:00:00:01", "BB:00:00:00:00:02"
MINE, OTHER, SHORT = "notturno-0001", "notturno-0002", protocol.NAME_PREFIX
PATIENCE_S = 2.0


def radio(script, device_name=None):
    """Return a radio that hears (after s, address, name) in this order."""

    class Air(BaseBleakScanner):
        def __init__(self, callback=None, uuids=None, mode=None, **_):
            super().__init__(callback, uuids)

        async def start(self):
            self.task = asyncio.create_task(self.play())

        async def play(self):
            for wait_s, address, name in script:
                await asyncio.sleep(wait_s)
                self.call_detection_callbacks(
                    BLEDevice(address, device_name, None),
                    AdvertisementData(name, {}, {}, [protocol.SERVICE_UUID], None, -60, ()),
                )

        async def stop(self):
            self.task.cancel()

    return ble.Radio(scanner_backend=Air)


@pytest.mark.parametrize(
    "script",
    [
        [(0, A, MINE)],
        [(0, B, OTHER), (0.7, A, MINE)],  # longer than a moment behind the first
        [(0, A, SHORT), (0.7, A, MINE)],
        [(0, A, MINE), (0.01, A, SHORT)],
        [(0, A, None), (0.01, B, SHORT), (0.01, B, OTHER), (0.6, A, MINE), (0, A, None)],
    ],
)
def test_a_band_is_found_by_its_name_whatever_is_heard_first(script):
    found = asyncio.run(find(radio(script), MINE, PATIENCE_S))
    assert (found.address, found.name) == (A, MINE)


def test_an_address_is_as_good_as_a_name():
    script = [(0, B, OTHER), (0.6, A, SHORT)]
    assert asyncio.run(find(radio(script), A, PATIENCE_S)).address == A


def test_the_search_ends_when_all_expected_names_were_heard():
    script = [(0, B, SHORT), (0.6, A, MINE), (0.1, B, OTHER), (30, A, MINE)]
    found = asyncio.run(bands_near(radio(script), None, {MINE, OTHER}, 20.0))
    assert [band.name for band in found] == [MINE, OTHER]


def test_without_an_expected_name_a_moment_after_the_first_is_enough():
    script = [(0, A, MINE), (0.1, B, OTHER), (30, A, MINE)]
    found = asyncio.run(bands_near(radio(script), None, (), 20.0))
    assert [band.address for band in found] == [A, B]


def test_who_only_waits_in_vain_gets_those_who_were_there():
    found = asyncio.run(bands_near(radio([(0, B, OTHER)]), None, {MINE}, 0.3))
    assert [band.name for band in found] == [OTHER]
    with pytest.raises(UserError, match=f"No band {MINE} is near, but: {OTHER}"):
        asyncio.run(bands_near(radio([(0, B, OTHER)]), MINE, (), 0.3))


@pytest.mark.parametrize("name", ["\x1b[2Jevil", "a\nb", "\x9b31m", "‮gnp", "x" * 500])
def test_nothing_in_a_name_reaches_the_terminal_but_signs(name):
    (found,) = asyncio.run(radio([(0, A, name)], device_name=name).scan(0.1))
    assert found.name.isprintable() and len(found.name) <= ble.NAME_MOST
    with pytest.raises(UserError) as said:
        asyncio.run(find(radio([(0, A, name)]), MINE, 0.1))
    assert str(said.value).isprintable()
