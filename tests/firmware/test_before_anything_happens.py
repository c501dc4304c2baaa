"""What a part of the firmware counts and holds before anything has happened to it: nothing.

Each whole number of a new object, private ones too: a counter that does not begin at 0 tells of
what never was.
"""

import ast
from pathlib import Path
from types import SimpleNamespace

import answers
import ble_link
import button
import guard
import live_rows
import pytest
from asked import Asked
from backup import Backup
from beacon import Stretch
from drivers import FaultCounts
from drivers.bmi270 import Bmi270
from drivers.find import Unfound
from drivers.icm42688 import Icm42688
from drivers.lsm6ds3trc import Lsm6ds3trc
from drivers.lsm6dsox import Lsm6dsox
from drivers.mpu6050 import Mpu6050
from drivers.sensor import Sensor
from fakes.memory_storage import MemoryStorage
from fakes.night import Memory, Night, settings
from fakes.worlds import StillWorld
from notturno_core import pieces
from notturno_core.eventlog import EventLog
from recorder import Recorder
from records import Records
from timeline import Timeline


def recorder():
    parts = Night(StillWorld())
    return Recorder(parts.bench.imu, parts.log, parts.now_ms, lambda: 3900, settings())


def log():
    return EventLog(MemoryStorage(), lambda: 7)


def link():
    return ble_link.HostLink(None)


# What is no count, and stands at something else.
MADE = {
    "records": (lambda: Records(None, None), {}),
    "recorder": (recorder, {}),
    "timeline": (Timeline, {}),
    "backup": (lambda: Backup(Memory()), {}),
    "asked": (lambda: Asked(*[None] * 6, Backup(Memory()), None), {}),
    "log": (
        log,
        {
            **{"spare_bytes": 16_384, "_segment_bytes": 65_536, "_room": 2048},
            # the first record is number 1
            **dict.fromkeys(("next_seq", "committed_seq", "_reserved_seq", "_waiting_seq"), 1),
        },
    ),
    "link": (link, {"_mtu": 23}),
    "guard": (lambda: guard.Guard(None, b"k" * 32, None, None, None, None), {}),
    "live rows": (lambda: live_rows.LiveRows(None, None, None), {}),
    "answers": (lambda: answers.Answers(*[None] * 7), {}),
    "button": (lambda: button.Button(None, None), {}),
    "splitter": (pieces.Splitter, {}),
    "joiner": (lambda: pieces.Joiner(240), {"_most": 240}),
    "a stretch of the beacon": (Stretch, {}),
    "faults": (FaultCounts, {}),
    "no sensor": (lambda: Unfound(None, None), {}),
    **{
        f"driver of {chip.chip_name}": (
            lambda chip=chip: chip(None, None),
            {"_address": chip.ADDRESSES[0], "address": chip.ADDRESSES[0]},
        )
        for chip in (Lsm6dsox, Lsm6ds3trc, Mpu6050, Icm42688, Bmi270)
    },
}


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_counted_before_it_happens(name):
    make, others = MADE[name]
    held = {key: value for key, value in vars(make()).items() if type(value) is int}
    assert {key: value for key, value in held.items() if value} == others


def test_a_driver_need_not_say_what_most_chips_have():
    said = {key: value for key, value in vars(Sensor).items() if type(value) is int}
    assert said == {
        **{"fifo_samples": 0, "WHO_AM_I": 0, "FIFO_OUT": 0},
        **{"gravity_tolerance_mg": 60, "SAMPLE_BYTES": 6},
    }
    imu = Mpu6050(SimpleNamespace(), None)
    assert (imu.int1_high, imu.more, imu.gap, imu.faults.transfers) == (False, False, 0, 0)


# --- codes that are compared by their names ------------------------------------------------------

FIRMWARE = Path(button.__file__).parent


def codes_of(file):
    """Return [{name: number}] of each assignment of several names to several whole numbers."""
    found = []
    for node in ast.walk(ast.parse((FIRMWARE / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            names = [getattr(one, "id", "") for one in node.targets[0].elts]
            values = getattr(node.value, "elts", [])
            if all(type(getattr(one, "value", None)) is int for one in values) and values:
                found.append(dict(zip(names, [one.value for one in values], strict=True)))
    return found


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("button.py", "PRESS"),
        ("drivers/__init__.py", "GAP_NONE"),
        ("lib/notturno_core/plausible.py", "NO_RATE"),
        ("lib/notturno_core/checks.py", "CABLE_IN"),
        ("backup.py", "CRASHED"),
    ],
)
def test_codes_of_one_kind_differ_and_grow(file, name):
    (codes,) = [row for row in codes_of(file) if name in row]
    assert len(codes) > 2 and list(codes.values()) == sorted(set(codes.values()))


@pytest.mark.parametrize(
    ("file", "name", "numbers"),
    [
        # docs/library/vfs.rst of MicroPython: vfs.rom_ioctl
        ("rom.py", "_ERASE", [1, 2, 3, 4, 5]),
        # docs/reference/romfs.rst: verbatim data, directory, file
        ("rom.py", "FOLDER", [2, 4, 5]),
        # docs/library/bluetooth.rst of MicroPython
        ("ble_service.py", "_AD_NAME", [7, 9, 8]),
    ],
)
def test_codes_that_others_gave(file, name, numbers):
    (codes,) = [row for row in codes_of(file) if name in row]
    assert list(codes.values()) == numbers
