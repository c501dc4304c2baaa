"""Strangers on the air, two legs, two hosts, bad links: the real firmware, stacks and commands.

Time walks with the wall clock while anybody is connected, so what waits for 5 s costs 5 s.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from false_bands import FalseBand, random_proof, recorded, silence

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from flash_log import frames_in_flash
from notturno.cli import sync as sync_command
from notturno.errors import UserError
from notturno.keys import KeyRing, ensure_for_virtual, keep_virtual
from notturno.link import LinkLost, open_radio
from notturno.link.proof import prove
from notturno.store import Store
from notturno.sync.asking import ask_info
from notturno.virtualband import VirtualBand
from notturno.virtualband.air import Air
from notturno.virtualband.silent import SilentCentral
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import protocol, wire

HOURS = 0.1


@pytest.fixture(scope="module")
def legs(tmp_path_factory):
    """Two bands on one air, and a data folder that holds both keys."""
    home = tmp_path_factory.mktemp("home")
    with Air() as air:
        left, right = (
            VirtualBand(
                home / f"band-{seed}",
                Timeline([StillSource()], hours=HOURS),
                seed=seed,
                air=air,
                prepare=keep_virtual(home),
                start_utc_s=1_768_253_400.0,
            )
            for seed in (3, 4)
        )
        with left, right:
            left.wait_nights()
            right.wait_nights()
            yield left, right


@pytest.fixture
def home(legs, tmp_path):
    """A data folder that holds both keys and nothing else."""
    for band in legs:
        ensure_for_virtual(band.flash, KeyRing(tmp_path), band.device_id)
    return tmp_path


@pytest.fixture(autouse=True)
def no_faults(legs):
    """Whatever a test does to the air, the next one finds a good one."""
    yield
    faults = legs[0].air.faults
    for name, value in type(faults)().__dict__.items():
        setattr(faults, name, value)


def flash(band):
    """Every file of the band's flash that a stranger might change."""
    return {
        path.relative_to(band.flash).as_posix(): path.read_bytes()
        for path in band.flash.rglob("*")
        if path.is_file()
    }


def frames_in_store(home, band):
    with Store.open(home, create=False) as store:
        (log_id,) = {
            row["log_id"] for row in store.sessions() if row["device_id"] == band.device_id
        }
        return list(store.frames(band.device_id, log_id, 0, 1 << 32))


def synced(home, near, name=None):
    """Sync what is near a band into a data folder: all known bands, or the one of that name."""
    return sync_command.run(home, near.hci, name, quiet=True)


def name_of(band):
    return protocol.name_of(bytes.fromhex(band.device_id))


def test_both_legs_come_in_one_run_and_each_by_its_name(legs, home):
    results = synced(home, legs[0])
    assert {result.device for result in results} == {band.device_id for band in legs}
    assert [(result.warnings, result.failed) for result in results] == [([], None)] * 2
    for band in legs:
        assert frames_in_store(home, band) == frames_in_flash(band)
    (again,) = synced(home, legs[0], name_of(legs[1]))
    assert (again.device, again.new_records) == (legs[1].device_id, 0)


def test_a_stranger_reads_the_version_and_changes_nothing(legs):
    band = legs[0]
    before = flash(band)

    async def look():
        async with open_radio(band.hci) as radio:
            found = [one for one in await radio.scan(10) if one.name == name_of(band)]
            for keys in ({}, {band.device_id: os.urandom(32)}):
                async with radio.connect(found[0]) as connection:
                    assert await connection.read_version() == bytes((protocol.VERSION,))
                    with pytest.raises((UserError, LinkLost)):
                        await prove(connection, keys)
            async with radio.connect(found[0]) as connection:
                commit = {"op": protocol.OP_COMMIT, "through_seq": 1}
                await connection.write_control(b"\xc0" + wire.pack(protocol.COMMIT_FIELDS, commit))
                with pytest.raises(LinkLost):
                    await connection.next_value(5)

    asyncio.run(look())
    assert flash(band) == before


@pytest.mark.parametrize("lie", [random_proof, silence, "recorded"])
def test_a_false_band_beside_the_true_one_brings_nothing(legs, home, lie):
    band = legs[0]

    async def true_challenge():
        """Return what the true band says to a HELLO, as one who listens would know it."""
        said = []
        async with open_radio(band.hci) as radio:
            found = [one for one in await radio.scan(10) if one.name == name_of(band)]
            async with radio.connect(found[0]) as connection:
                real = connection.next_value

                async def heard(timeout_s=None):
                    channel, value = await real(timeout_s)
                    said.append(value[1:])
                    return channel, value

                connection.next_value = heard
                await prove(connection, KeyRing(home).all())
        return said[0]

    async def beside(lie):
        false = await FalseBand(lie).attach(band.hci, name_of(band))
        try:
            return await asyncio.to_thread(synced, home, band, name_of(band)), false.asked
        finally:
            await false.close()

    if lie == "recorded":
        lie = recorded(asyncio.run(true_challenge()))
    (result,), asked = asyncio.run(beside(lie))
    assert asked, "the false band was never tried"
    assert result.device == band.device_id
    assert frames_in_store(home, band) == frames_in_flash(band)
    with Store.open(home, create=False) as store:
        assert [row["device_id"] for row in store.bands()] == [band.device_id]


def test_a_stranger_who_holds_the_link_is_let_go_and_the_owner_gets_through(legs, home):
    band = legs[0]
    stranger = SilentCentral(band.air, band.address)

    async def wait():
        for _ in range(2000):
            if stranger.connected:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the stranger never got in")

    asyncio.run(wait())
    (result,) = synced(home, band, name_of(band))
    assert result.device == band.device_id and not stranger.connected

    async def ask():
        async with open_radio(band.hci) as radio:
            found = [one for one in await radio.scan(10) if one.name == name_of(band)]
            async with radio.connect(found[0]) as connection:
                return await ask_info(await prove(connection, KeyRing(home).all()))

    assert asyncio.run(ask())["strangers"] >= 1


@pytest.mark.parametrize("mtu", [23, 64, 104])
def test_small_links_carry_everything(legs, home, mtu):
    band = legs[1]
    band.air.faults.att_mtu = mtu
    (result,) = synced(home, band, name_of(band))
    assert result.new_records == len(frames_in_store(home, band))
    assert frames_in_store(home, band) == frames_in_flash(band)


def test_a_link_that_is_lost_again_and_again_gets_on_each_time(legs, home):
    band = legs[1]
    band.air.faults.lose_link_after = 60
    (result,) = synced(home, band, name_of(band))
    assert frames_in_store(home, band) == frames_in_flash(band)
    assert result.failed is None


def test_two_hosts_at_once_both_get_everything(legs, home, tmp_path_factory):
    band = legs[0]
    other = tmp_path_factory.mktemp("other")
    ensure_for_virtual(band.flash, KeyRing(other), band.device_id)

    async def both():
        return await asyncio.gather(
            *(asyncio.to_thread(synced, folder, band, name_of(band)) for folder in (home, other))
        )

    for (result,) in asyncio.run(both()):
        assert result.device == band.device_id and not result.failed
    flashed = frames_in_flash(band)
    for folder in (home, other):
        got = frames_in_store(folder, band)
        assert got == flashed[: len(got)] and len(got) >= len(flashed) - 1  # the other's setting
