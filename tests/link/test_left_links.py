"""A connection that a killed process left on this computer, and who may end it."""

import asyncio
import os
import signal
import subprocess
import sys
import warnings
from types import SimpleNamespace

import pytest
from bleak.exc import BleakError
from notturno.link import Found, ble, held
from notturno_core import protocol

LEFT, LIVE = "F0:4E:54:00:00:01", "F0:4E:54:00:00:02"
HOLD = """
import sys
from pathlib import Path
import platformdirs
platformdirs.user_runtime_path = lambda *_, **__: Path(sys.argv[1])
from notturno.link.held import held
with held(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(held.fcntl is None, reason="no such locks on this system")


@pytest.fixture(autouse=True)
def runtime(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_runtime_path", lambda *_, **__: tmp_path / "run")
    return tmp_path / "run"


def holder(folder, address):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"held\n"
    return process


@pytest.fixture
def bluez(monkeypatch):
    """What is asked of BlueZ; `connected` are the bands that it holds connections to."""
    said = SimpleNamespace(connected=[], asked=[], broken=False)

    class Adapter:
        @classmethod
        async def get(cls):
            return cls()

        async def get_connected_devices(self, uuids):
            assert uuids == [protocol.SERVICE_UUID]
            return [SimpleNamespace(address=address) for address in said.connected]

    class Client:
        def __init__(self, device, **_):
            self._address = device.address

        async def connect(self):
            said.asked.append(("take over", self._address))
            if said.broken:
                raise BleakError("it has ended by itself")

        async def disconnect(self):
            said.asked.append(("end", self._address))

        async def start_notify(self, *_):
            pass

    class Scanner:
        def __init__(self, **_):
            pass

        async def __aenter__(self):
            said.asked.append(("scan",))

        async def __aexit__(self, *_):
            pass

    monkeypatch.setattr(ble, "BleakAdapter", Adapter)
    monkeypatch.setattr(ble, "BleakClient", Client)
    monkeypatch.setattr(ble, "BleakScanner", Scanner)
    monkeypatch.setattr(ble.sys, "platform", "linux")
    return said


def scan():
    asyncio.run(ble.Radio().scan(0.01))


def test_what_a_killed_process_held_is_ended_before_the_scan(bluez, runtime):
    process = holder(runtime, LEFT)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    bluez.connected = [LEFT]
    scan()
    assert bluez.asked == [("take over", LEFT), ("end", LEFT), ("scan",)]


def test_what_a_living_process_holds_stays(bluez, runtime):
    process = holder(runtime, LIVE)
    bluez.connected = [LEFT, LIVE]
    scan()
    process.communicate()
    assert bluez.asked == [("take over", LEFT), ("end", LEFT), ("scan",)]


def test_a_connection_of_our_own_is_held_until_it_ends(bluez):
    band = Found("notturno-0001", LEFT, SimpleNamespace(address=LEFT))

    async def connect():
        async with ble.Radio().connect(band):
            assert held.is_held(LEFT)

    asyncio.run(connect())
    assert not held.is_held(LEFT)


def test_one_that_ends_by_itself_meanwhile_does_not_stop_the_scan(bluez):
    bluez.connected, bluez.broken = [LEFT], True
    scan()
    assert bluez.asked == [("take over", LEFT), ("scan",)]


def test_another_system_is_not_asked(bluez, monkeypatch):
    monkeypatch.setattr(ble.sys, "platform", "darwin")
    bluez.connected = [LEFT]
    scan()
    assert bluez.asked == [("scan",)]


def test_a_session_without_a_runtime_folder_is_told_nothing(bluez, monkeypatch, tmp_path):
    def another(*_, **__):
        warnings.warn("XDG_RUNTIME_DIR is not set", stacklevel=2)
        return tmp_path / "another"

    monkeypatch.setattr("platformdirs.user_runtime_path", another)
    bluez.connected = [LEFT]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scan()
    assert bluez.asked == [("take over", LEFT), ("end", LEFT), ("scan",)]


def test_where_no_lock_can_be_made_nothing_is_ended(bluez, runtime):
    runtime.write_text("a file in the place of the folder")
    bluez.connected = [LEFT]
    scan()
    assert bluez.asked == [("scan",)]
