"""The host against the real firmware: real MicroPython VM, real BLE stack, virtual radio.

Every layer between the command line and the band's flash is the real one. Where node is missing
the virtual band itself says so.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.cli import sync as sync_command
from notturno.errors import UserError
from notturno.link import LinkLost, open_radio
from notturno.store import Store
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import wire

HOURS = 0.25


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    folder = tmp_path_factory.mktemp("band")
    with VirtualBand(folder, Timeline([StillSource()], hours=HOURS), seed=3) as band:
        band.wait_nights()
        yield band


def frames_in_flash(band):
    """Read the frames from the very files of the band's flash."""
    found = []
    for path in sorted((band.flash / "log").glob("log-*.bin")):
        data = path.read_bytes()
        at = 0
        while at < len(data):
            frame = wire.frame_at(data, at, len(data))
            assert frame is not None
            found.append(data[at : at + frame[3]])
            at += frame[3]
    return found


def frames_in_store(folder):
    with Store.open(folder) as store:
        (session,) = store.sessions()
        return list(store.frames(session["device_id"], session["log_id"], 0, 1 << 32))


def read_info(band):
    async def ask():
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                return wire.unpack(wire.INFO_FIELDS, await connection.read_info())

    return asyncio.run(ask())


def test_what_is_in_sqlite_is_what_is_in_the_flash_and_a_second_sync_adds_nothing(band, tmp_path):
    first = sync_command.run(tmp_path, band.hci, quiet=True)
    assert first.new_records > HOURS * 60
    assert frames_in_store(tmp_path) == frames_in_flash(band)
    assert sync_command.run(tmp_path, band.hci, quiet=True).new_records == 0
    with Store.open(tmp_path) as store:
        (night,) = store.nights()
    assert night["simulated"]
    assert abs(night["recorded_h"] - HOURS) < 0.02
    assert read_info(band)["committed_seq"] == first.committed_seq


def test_the_command_prints_the_documented_keys(band, tmp_path):
    arguments = ["sync", "--virtual", band.hci, "--data-dir", str(tmp_path)]
    printed = json.loads(CliRunner().invoke(cli, [*arguments, "--json"]).stdout)
    assert set(printed) == {
        "new_records",
        "new_events",
        "total_records",
        "device",
        "nights",
        "age_of_newest_s",
        "committed_seq",
        "duration_s",
        "warnings",
    }
    assert printed["new_records"] == printed["total_records"] > 0
    assert printed["nights"] == ["2026-01-12"]
    again = CliRunner().invoke(cli, arguments)
    assert "Nothing new on the virtual band (simulated)" in again.stdout


def test_the_time_of_the_virtual_world_is_set_not_ours(band, tmp_path):
    async def ask():
        async with open_radio(band.hci) as radio:
            return await radio.utc_now_ms()

    assert abs(asyncio.run(ask()) - band.utc_ms()) < 60_000


def test_a_host_killed_in_the_middle_has_everything_after_the_next_sync(band, tmp_path):
    script = "from notturno.cli import main; import sys; sys.argv[0] = 'notturno'; main()"
    command = [sys.executable, "-c", script, "sync", "--virtual", band.hci]
    for seconds in (0.7, 1.1):
        process = subprocess.Popen(
            [*command, "--data-dir", str(tmp_path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    sync_command.run(tmp_path, band.hci, quiet=True)
    assert frames_in_store(tmp_path) == frames_in_flash(band)


def test_records_come_live_to_a_host_that_subscribed(band):
    async def listen():
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                await connection.subscribe_live()
                request = {"op": wire.OP_SET_TIME, "utc_ms": band.utc_ms(), "error_ms": 5}
                await connection.write_control(wire.pack(wire.SET_TIME_FIELDS, request))
                kinds = {}
                while len(kinds) < 2:
                    kind, data = await connection.next_message()
                    kinds[kind] = data
                return kinds

    kinds = asyncio.run(listen())
    assert wire.frame_at(kinds["live"], 0, len(kinds["live"]))[1] == wire.REC_TIME
    assert wire.unpack(wire.REPLY_FIELDS, kinds["reply"])["op"] == wire.OP_SET_TIME


def test_nothing_at_the_address_is_said_plainly(tmp_path):
    for address, words in (("127.0.0.1:9", "notturno band"), ("nonsense", "HOST:PORT")):
        with pytest.raises(UserError, match=words):
            sync_command.run(tmp_path, address, quiet=True)


def test_a_virtual_band_that_ends_in_the_middle_is_one_sentence(tmp_path):
    async def end(band):
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                await asyncio.to_thread(band.__exit__, None, None, None)
                with pytest.raises(LinkLost):
                    await connection.next_message(5)
            with pytest.raises(UserError, match="virtual band has gone"):
                await radio.scan(1)

    world = Timeline([StillSource()], hours=0.02)
    band = VirtualBand(tmp_path, world, seed=4)
    band.__enter__()
    band.wait_nights()
    asyncio.run(end(band))


def test_a_band_that_loses_power_breaks_the_link_at_once_and_serves_again(band, tmp_path):
    async def cut():
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                await connection.read_info()
                await asyncio.to_thread(band.power_cut)
                with pytest.raises(LinkLost):
                    await connection.next_message(5)
                with pytest.raises(LinkLost):
                    await connection.read_info()

    asyncio.run(cut())
    sync_command.run(tmp_path, band.hci, quiet=True)
    assert frames_in_store(tmp_path) == frames_in_flash(band)
