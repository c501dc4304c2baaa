"""The dock's beacon as a hub hears it: real MicroPython VM, real BLE stack, virtual radio.

What the hub shows is what the band itself has called countable jerks, and its cell.
"""

import asyncio
import contextlib
import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from bumble.device import Device
from bumble.hci import Address
from bumble.transport import open_transport
from click.testing import CliRunner
from fakes.hub import Hub, is_beacon
from notturno.cli import cli
from notturno.keys import KeyRing, keep_virtual
from notturno.nights.counts import left_out_as
from notturno.sleeper import night_world
from notturno.store import FILE_NAME
from notturno.virtualband import VirtualBand
from notturno.virtualband.clock import FOREVER
from notturno.virtualband.world import Timeline
from notturno_core import bthome, wire

HOURS, SHORT_HOURS = 0.3, 0.05
ON = {"BEACON": "on", "SYNCED_NIGHT_MIN": 10}
EMPTY, OFF_DOCK_S, LISTEN_S = {}, 20.0, 12.0


def band_in(folder, settings, hours=HOURS, **how):
    """Return a band whose person has changed these settings, with its key in `folder`."""
    keep = keep_virtual(folder)

    def prepare(flash, device_id):
        keep(flash, device_id)
        if settings and not (Path(flash) / "settings.json").exists():
            text = json.dumps({"form": 1, "settings": settings})
            (Path(flash) / "settings.json").write_text(text)

    world = Timeline([night_world("mixed", 1, hours)], hours=hours)
    return VirtualBand(folder / "band", world, seed=3, prepare=prepare, **how)


def heard(band, seconds=LISTEN_S, until=None):
    """Return [(data, address)] of all that an ear hears, scan responses too."""

    async def listen():
        found = []
        done = asyncio.Event()
        async with await open_transport(f"tcp-client:{band.hci}") as (source, sink):
            device = Device.with_hci("an ear", Address.generate_static_address(), source, sink)
            await device.power_on()

            def came(advertisement):
                found.append((advertisement.data_bytes, str(advertisement.address).split("/")[0]))
                if until is not None and until(found[-1][0]):
                    done.set()

            device.on(device.EVENT_ADVERTISEMENT, came)
            await device.start_scanning(active=False, filter_duplicates=False)
            try:
                await asyncio.wait_for(done.wait(), seconds)
            except TimeoutError:
                pass
            await device.stop_scanning()
        return found

    return asyncio.run(listen())


def beacon_of(band):
    """Return (data, address) of the next beacon."""
    found = heard(band, 60.0, is_beacon)
    return next(pair for pair in found if is_beacon(pair[0]))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A band with its beacon after its night, its data folder, and what was heard off the dock."""
    folder = tmp_path_factory.mktemp("told")
    with band_in(folder, ON, hold_at_s=OFF_DOCK_S) as band:
        band.run_until(OFF_DOCK_S)
        before = heard(band)
        band.clock.hold_at(FOREVER)
        band.wait_nights()
        yield band, folder, before


def bind_key_of(folder, band):
    return bthome.bind_key(hashlib.sha256, KeyRing(folder).get(band.device_id))


def test_off_the_dock_it_says_its_name_and_nothing_else(told):
    _, _, before = told
    assert before and not [data for data, _ in before if is_beacon(data)]


def test_on_the_dock_it_says_both_in_turns(told):
    band, _, _ = told
    data = [data for data, _ in heard(band)]
    beacons = [is_beacon(each) for each in data]
    assert 0.05 < sum(beacons) / len(beacons) < 0.5
    assert {len(each) for each in data} == {31, 15, 23}  # who it is, its name, the beacon


def test_the_hub_shows_how_many_jerks_the_band_has_counted(told):
    band, folder, _ = told
    shown = Hub(bind_key_of(folder, band)).hear(*beacon_of(band))
    arguments = ["sync", "--virtual", band.hci, "--data-dir", str(folder), "--json"]
    assert CliRunner().invoke(cli, arguments).exit_code == 0, "it is found as without a beacon"
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as db:
        columns = "kind_band, flags_band, onset_sample, duration_samples"
        events = db.execute(f"select {columns} from events").fetchall()
    away = [row for row in events if row[0] in (wire.EVENT_AWAKE, wire.EVENT_NOT_WORN)]
    counted = [
        onset
        for kind, flags, onset, _ in events
        if kind == wire.EVENT_JERK
        and left_out_as(kind, flags) is None
        and not any(begin <= onset < begin + lasts for _, _, begin, lasts in away)
    ]
    assert away and len(counted) > 3
    assert shown == (91, len(counted))  # 4 100 mV on the dock


def test_after_a_power_cut_the_counter_is_higher_and_the_night_still_known(told):
    band, folder, _ = told
    hub = Hub(bind_key_of(folder, band))
    first = beacon_of(band)
    shown = hub.hear(*first)
    band.power_cut()
    again = beacon_of(band)
    assert hub.hear(*again) == shown and hub.believes
    assert int.from_bytes(again[0][-8:-4], "little") > int.from_bytes(first[0][-8:-4], "little")
    assert again[0][8:15] != first[0][8:15], "the same figures, under another counter"


def test_a_band_that_was_not_asked_says_no_such_thing(tmp_path):
    with band_in(tmp_path, EMPTY, SHORT_HOURS) as band:
        band.wait_nights()
        found = heard(band)
        assert found and not [data for data, _ in found if is_beacon(data)]
        assert not (band.flash / "log" / "beacon").exists()
