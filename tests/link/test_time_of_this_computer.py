"""Wherever the house asks this computer's clock it gets milliseconds of UTC."""

import asyncio
import inspect
import json
import time
from types import SimpleNamespace

import pytest
from notturno.keys import KeyRing
from notturno.labs import stamps
from notturno.link import ble
from notturno.store import bands

OF_THE_STORE = bands.now_utc_ms  # taken here: within a test it stands still
NOW_S, NOW_MS = 1_768_253_400.25, 1_768_253_400_250  # 2026-01-12 21:30 UTC


@pytest.fixture(autouse=True)
def stopped(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: NOW_S)
    monkeypatch.setattr(time, "time_ns", lambda: NOW_MS * 1_000_000)


def test_a_band_is_set_by_it_and_by_the_clock_of_a_virtual_world_where_there_is_one():
    assert asyncio.run(ble.Radio().utc_now_ms()) == NOW_MS

    async def other_ms():
        return 5

    assert asyncio.run(ble.Radio(utc_now_ms=other_ms).utc_now_ms()) == 5


def test_what_is_stored_and_which_keys_are_made_is_dated_by_it(tmp_path):
    assert OF_THE_STORE() == NOW_MS
    ring = KeyRing(tmp_path)
    ring.add("00112233aabbccdd", bytes(range(32)), "made here")
    about = ring.about("00112233aabbccdd")
    assert about is not None and about["made_utc_ms"] == NOW_MS
    (file,) = tmp_path.rglob("*.key")
    assert json.loads(file.read_text())["made_utc_ms"] == NOW_MS


def test_a_host_of_the_virtual_air_without_a_band_has_this_computers_time():
    pytest.importorskip("bumble")
    from bumble import core
    from notturno.link import virtual
    from notturno.virtualband import outside
    from notturno.virtualband.air import Air

    default = inspect.signature(outside.OutsideController).parameters["utc_ms"].default
    assert default(None) == NOW_MS
    of_no_band = SimpleNamespace(_radio_of=lambda controller: None)
    assert Air._utc_ms(of_no_band, None) == NOW_MS
    of_one = SimpleNamespace(_radio_of=lambda controller: SimpleNamespace(utc_ms=lambda: 7))
    assert Air._utc_ms(of_one, None) == 7

    async def unknown(command):
        raise core.BaseBumbleError("an unknown command")

    device = SimpleNamespace(host=SimpleNamespace(send_sync_command=unknown))
    assert asyncio.run(virtual.world_time_ms(device)) == NOW_MS

    async def known(command):
        return SimpleNamespace(utc_ms=(1_000_000).to_bytes(8, "little"))

    device = SimpleNamespace(host=SimpleNamespace(send_sync_command=known))
    assert asyncio.run(virtual.world_time_ms(device)) == 1_000_000


def test_files_that_change_while_they_are_read_are_told_by_the_time_before_less_20_ms(tmp_path):
    """Linux stamps files by a coarse clock, up to 10 ms behind; twice that is taken off."""
    assert stamps.read_from([]).read_ns == (NOW_MS - 20) * 1_000_000
    assert stamps.read_from([]).changed_ns == -1
