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
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from flash_log import frames_in_flash
from notturno.cli import cli
from notturno.cli import sync as sync_command
from notturno.errors import UserError
from notturno.keys import KeyRing, ensure_for_virtual, keep_virtual
from notturno.link import LinkLost, open_radio
from notturno.link.proof import prove
from notturno.store import Store
from notturno.sync.asking import ask, ask_info
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import protocol, wire

HOURS = 0.25


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    folder = tmp_path_factory.mktemp("band")
    world = Timeline([StillSource()], hours=HOURS)
    with VirtualBand(folder / "band", world, seed=3, prepare=keep_virtual(folder)) as band:
        band.wait_nights()
        yield band


@pytest.fixture
def home(band, tmp_path):
    """A data folder that holds the band's key and nothing else."""
    ensure_for_virtual(band.flash, KeyRing(tmp_path), band.device_id)
    return tmp_path


def frames_in_store(folder):
    with Store.open(folder) as store:
        (session,) = store.sessions()
        return list(store.frames(session["device_id"], session["log_id"], 0, 1 << 32))


def synced(home, band):
    (result,) = sync_command.run(home, band.hci, quiet=True)
    return result


def talked(band, home, talk):
    """Prove the key to the band and let `talk(link, connection)` have its way."""

    async def whole():
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                return await talk(await prove(connection, KeyRing(home).all()), connection)

    return asyncio.run(whole())


def test_what_is_in_sqlite_is_what_is_in_the_flash_and_a_second_sync_adds_nothing(band, home):
    first = synced(home, band)
    assert first.new_records > HOURS * 60
    assert frames_in_store(home) == frames_in_flash(band)
    assert synced(home, band).new_records == 0
    with Store.open(home) as store:
        (night,) = store.nights()
    assert night["simulated"]
    assert abs(night["recorded_h"] - HOURS) < 0.02
    info = talked(band, home, lambda link, _: ask_info(link))
    assert info["committed_seq"] == first.committed_seq
    assert info["device_id"].hex() == band.device_id


def test_from_another_data_folder_the_band_says_nothing_and_one_sentence_says_why(band, tmp_path):
    with pytest.raises(UserError, match="holds no band's key.*notturno bands key add"):
        synced(tmp_path, band)
    KeyRing(tmp_path).add(band.device_id, bytes(32), "typed")
    with pytest.raises(UserError, match="holds no key of this band.*bands key add"):
        synced(tmp_path, band)
    with Store.open(tmp_path, create=False) as store:
        assert store.bands() == [] and store.nights() == []


def test_a_record_is_asked_for_again_when_the_person_says_so(band, home):
    first = synced(home, band)
    (again,) = sync_command.run(home, band.hci, quiet=True, refetch=True)
    assert (again.new_records, again.total_records) == (0, first.total_records)
    assert again.warnings == []


def test_the_command_prints_the_documented_keys(band, home):
    arguments = ["sync", "--virtual", band.hci, "--data-dir", str(home)]
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
        "bands",
    }
    (one,) = printed["bands"]
    assert set(one) == set(printed) - {"bands", "duration_s"} | {"name", "failed", "band_says"}
    assert {key: printed[key] for key in one if key in printed} == {
        key: value for key, value in one.items() if key in printed
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


def test_a_host_killed_in_the_middle_has_everything_after_the_next_sync(band, home):
    script = "from notturno.cli import main; import sys; sys.argv[0] = 'notturno'; main()"
    command = [sys.executable, "-c", script, "sync", "--virtual", band.hci]
    for seconds in (0.7, 1.1):
        process = subprocess.Popen(
            [*command, "--data-dir", str(home)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    synced(home, band)
    assert frames_in_store(home) == frames_in_flash(band)


def test_records_come_live_to_a_host_that_asked_for_them(band, home):
    async def listen(link, connection):
        await connection.subscribe_live()
        await ask(link, protocol.OP_LIVE, protocol.REPLY_FIELDS, on=1)
        time_set = {"op": protocol.OP_SET_TIME, "utc_ms": band.utc_ms(), "error_ms": 5}
        await link.say(wire.pack(protocol.SET_TIME_FIELDS, time_set))
        heard = {}
        while len(heard) < 2:
            channel, data = await link.next_message()
            heard[channel] = data
        return heard

    heard = talked(band, home, listen)
    live = heard[protocol.LIVE]
    assert wire.frame_at(live, 0, len(live))[1] == wire.REC_TIME
    reply = wire.unpack(protocol.REPLY_FIELDS, heard[protocol.CONTROL])
    assert reply["op"] == protocol.OP_SET_TIME


def test_nothing_at_the_address_is_said_plainly(home):
    for address, words in (("127.0.0.1:9", "notturno band"), ("nonsense", "HOST:PORT")):
        with pytest.raises(UserError, match=words):
            sync_command.run(home, address, quiet=True)


def test_a_virtual_band_that_ends_in_the_middle_is_one_sentence(tmp_path):
    async def end(band):
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                await asyncio.to_thread(band.__exit__, None, None, None)
                with pytest.raises(LinkLost):
                    await connection.next_value(5)
            with pytest.raises(UserError, match="virtual band has gone"):
                await radio.scan(1)

    world = Timeline([StillSource()], hours=0.02)
    band = VirtualBand(tmp_path, world, seed=4)
    band.__enter__()
    band.wait_nights()
    asyncio.run(end(band))


def test_a_band_that_loses_power_breaks_the_link_at_once_and_serves_again(band, home):
    async def cut():
        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                await connection.read_version()
                await asyncio.to_thread(band.power_cut)
                with pytest.raises(LinkLost):
                    await connection.next_value(5)
                with pytest.raises(LinkLost):
                    await connection.read_version()

    asyncio.run(cut())
    synced(home, band)
    assert frames_in_store(home) == frames_in_flash(band)
