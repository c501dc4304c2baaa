"""How long a host waits for what, and how much it takes in: the numbers that a person feels.

A wait's length can be told only by waiting, so each stands here with the reason for it.
"""

import importlib
import re
from pathlib import Path

import pytest

WAITS = {
    # a connection over a busy air; BlueZ gives up after 20 s of its own
    "notturno.link.ble.CONNECT_TIMEOUT_S": 20,
    # a write or an answer: the band lets an indication wait 10 s
    "notturno.link.ble.REQUEST_TIMEOUT_S": 15,
    "notturno.link.proof.ANSWER_TIMEOUT_S": 15,
    "notturno.link.proof.CHALLENGE_TIMEOUT_S": 5,  # PROTOCOL.md: the band's own limit
    "notturno.link.backend.OPERATION_TIMEOUT_S": 30,
    "notturno.link.virtual.CONTROLLER_TIMEOUT_S": 10,
    # PROTOCOL.md: after strangers a band is silent for up to 32 s
    "notturno.link.SCAN_TIMEOUT_S": 40,
    "notturno.sync.WAITS_S": (0.25, 1.0, 4.0),
    "notturno.sync.asking.ANSWER_TIMEOUT_S": 20,
    "notturno.sync.checking.WAITS_S": (0.5, 2.0),
    "notturno.sync.finding.OTHERS_S": 3,
    "notturno.sync.report.SETTLE_S": 2,
    "notturno.sync.conversation.TIME_SET_AGAIN_MS": 3_600_000,
    "notturno.sync.conversation.TIME_WRONG_MS": 2000,
    "notturno.keys.cable.TIMEOUT_S": 120,
    "notturno.keys.private.LEFT_OVER_S": 3600,
    "notturno.live.ASK_EVERY_S": 20,  # a band lets go of who asks nothing for 60 s
    "notturno.live.LEARN_MS": 20_000,
    "notturno.live.SILENCE_S": 60,
    "notturno.strap.session.TAKE_OFF_S": 5,
    "notturno.virtualband.air.ANSWER_S": 20,
    "notturno.virtualband.band.SETTLE_S": 90,
    "notturno.virtualband.evening.FORESEEN_S": 0.2,
    "notturno.virtualband.outside.SUPERVISION_S": 2,
    "notturno.virtualband.peripheral.WRITE_ANSWER_S": 5,
    "notturno.virtualband.processor.SPIN_US": 1000,
    "notturno.virtualband.processor.HANG_CPU_S": 2.5,
    "notturno.virtualband.processor.HANG_LOOK_S": 0.25,
    "notturno.virtualband.radio.LINGER_S": 1,
    "notturno.virtualband.serialport.POLL_MS": 200,
}
BOUNDS = {
    "notturno.link.ble.NAME_MOST": 40,
    "notturno.link.ble.VALUE_MIN": 20,  # ATT: 23 bytes, three of them its head
    "notturno.link.ble.VALUES_MOST": 4096,
    "notturno.link.backend.MTU": 517,  # ATT's highest
    # what is asked of a simulated person, over a virtual band's port: 1 byte each
    "notturno.link.WEARER_PUT_ON": 1,
    "notturno.link.WEARER_MOVE": 2,
    "notturno.link.WEARER_TAKE_OFF": 3,
    "notturno.sync.conversation.COMMIT_TRIES": 3,
    "notturno.sync.conversation.MOST_RECORDS": 4_000_000,
    "notturno.sync.conversation.LOGGED_MEANWHILE": 4096,
    "notturno.sync.conversation.STRANGERS_TOLD": 10,
    "notturno.sync.report.KEPT_WAITING": 1024,
    "notturno.keys.key_file.MAX_FILE_BYTES": 4096,
    "notturno.keys.band_file.FILE_BYTES": 36,  # 32 and their CRC-32
    "notturno.keys.cable.NO_FIRMWARE": 2,  # ENOENT
    "notturno.keys.text.LETTERS": 71,  # 44 bytes in base32
    "notturno.virtualband.outbox.PACKETS_PER_INTERVAL": 6,
    "notturno.virtualband.ether.INTERVAL_MIN": 6,  # 7.5 ms, of 1.25 ms
    "notturno.virtualband.peripheral.INTERVAL_UNIT_MS": 0.625,
    "notturno.virtualband.outside.WORLD_TIME_OPCODE": 0xFC01,  # OGF 0x3F
    "notturno.virtualband.outside.WEARER_OPCODE": 0xFC02,
    "notturno.virtualband.outside.DEFAULT_LE_EVENT_MASK": 0x1F,
    "notturno.virtualband.outbox.IRQ_INDICATE_DONE": 20,  # MicroPython's
    "notturno.virtualband.outbox.STATUS_NOT_CONNECTED": 7,
    "notturno.virtualband.outbox.STATUS_TIMEOUT": 13,
    "notturno.virtualband.peripheral.IRQ_CONNECT": 1,
    "notturno.virtualband.peripheral.IRQ_DISCONNECT": 2,
    "notturno.virtualband.peripheral.IRQ_WRITE": 3,
    "notturno.virtualband.peripheral.IRQ_MTU": 21,
    "notturno.virtualband.peripheral.IRQ_ENCRYPTION": 28,
    "notturno.virtualband.peripheral.ENOMEM": 12,
    "notturno.virtualband.peripheral.EINVAL": 22,
    "notturno.virtualband.peripheral.ENOTCONN": 128,
    "notturno.virtualband.radio.ENODEV": 19,
    "notturno.virtualband.radio.EIO": 5,
    "notturno.virtualband.processor.SEED_STRIDE": 0x9E3779B1,
    "notturno.virtualband.processor.BOOT_STRIDE": 0x85EBCA6B,
}


def told(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("path", WAITS)
def test_a_wait_is_as_long_as_its_reason_says(path):
    assert told(path) == WAITS[path]


@pytest.mark.parametrize("path", BOUNDS)
def test_a_bound_and_a_foreign_number(path):
    assert told(path) == BOUNDS[path]


def test_a_bands_limits_are_longer_than_a_hosts_habits():
    """PROTOCOL.md: 5 s to prove the key, 60 s without a request."""
    assert told("notturno.live.ASK_EVERY_S") * 2 < 60
    assert told("notturno.link.proof.CHALLENGE_TIMEOUT_S") <= 5
    assert told("notturno.sync.asking.ANSWER_TIMEOUT_S") > 10, "the band's own patience"


def test_a_band_that_strangers_silenced_is_looked_for_until_it_advertises_again():
    page = (Path(__file__).resolve().parents[2] / "firmware" / "PROTOCOL.md").read_text()
    silent_s = float(re.search(r"pauses before it\nadvertises again.*at most (\d+)", page)[1])
    asked_s = float(re.search(r"So scan for at least\n(\d+) s", page)[1])
    assert silent_s < asked_s <= told("notturno.link.SCAN_TIMEOUT_S")


def test_a_sync_that_nobody_gave_a_time_looks_as_long_as_any_scan():
    import inspect

    from notturno.cli.sync import run

    assert inspect.signature(run).parameters["timeout_s"].default == 40


def test_a_strap_check_in_numbers():
    from notturno.strap.session import GAP_S, Plan

    plan = Plan()
    assert (plan.cues, plan.still_s, plan.put_on_s, plan.settle_s) == (10, 60, 180, 10)
    assert (plan.last_s, plan.known_s, GAP_S[0]) == (12, 125, 8)
    assert GAP_S[0] < GAP_S[1] <= 16, "irregular, and nobody waits long"


def test_what_the_radio_of_a_virtual_band_begins_with():
    from notturno.virtualband import radio

    assert radio.SETTINGS == {
        **{"mtu": 256, "gap_name": "MPY", "bond": False, "mitm": False, "io": 3}
    }
    asked = "ACTIVE CONFIG SERVICES ADVERTISE DISCONNECT NOTIFY INDICATE SET_VALUE WRITE_DONE MTU"
    assert [getattr(radio, name) for name in asked.split()] == list(range(10))


def test_the_permissions_of_a_value_by_micropythons_flags():
    from notturno.virtualband.gatt import GattTable

    table = GattTable(None, None)
    from bumble.gatt import Characteristic

    rows = {
        0x02: ({"READABLE"}, 0x02),
        0x04: ({"WRITEABLE"}, 0x04),
        0x08: ({"WRITEABLE"}, 0x08),
        0x10: (set(), 0x10),
        0x28: ({"WRITEABLE"}, 0x28),
        0x0202: ({"READABLE", "READ_REQUIRES_ENCRYPTION"}, 0x02),
        0x0402: ({"READABLE", "READ_REQUIRES_AUTHENTICATION"}, 0x02),
        0x1008: ({"WRITEABLE", "WRITE_REQUIRES_ENCRYPTION"}, 0x08),
        0x2008: ({"WRITEABLE", "WRITE_REQUIRES_AUTHENTICATION"}, 0x08),
    }
    for flags, (permissions, properties) in rows.items():
        made = table._attribute(Characteristic, "180F", flags)
        found = {one.name for one in type(made.permissions) if one in made.permissions and one}
        assert (found, int(made.properties)) == (permissions, properties)
