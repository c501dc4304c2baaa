"""What a band says of itself reaches the person: in sync, in nights, once each, until mended."""

import json

import pytest
from click.testing import CliRunner
from fakes.nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.store import Store
from notturno_core import checks, wire

EVENING = 1_768_253_400_000


class Band(Pen):
    def fault(self, code, tick_ms=5000):
        values = {"code": code, "tick_ms": tick_ms, "count": 1}
        self.put(wire.REC_FAULT, wire.pack(wire.FAULT_FIELDS, values))

    def check(self, verdict, tick_ms=6000):
        values = {"boot_id": 1, "tick_ms": tick_ms, "verdict": verdict, "gravity_mg": 998}
        self.put(wire.REC_CHECK, wire.pack(wire.CHECK_FIELDS, values))

    def start(self, cause):
        values = {"boot_id": 1, "cause": cause, "where": b"band.py", "what": b"MemoryError"}
        self.put(wire.REC_START, wire.pack(wire.START_FIELDS, values))


@pytest.fixture
def band():
    return Band()


def said(tmp_path, band, from_seq=None):
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), band.frames)
        return [(one["what"], one["code"]) for one in store.complaints(DEVICE, from_seq)]


def nights(tmp_path, *more):
    return CliRunner().invoke(cli, ["nights", "--data-dir", str(tmp_path), *more])


def test_a_band_that_never_recorded_says_why(tmp_path, band):
    band.fault(wire.FAULT_WRONG_CHIP)
    assert said(tmp_path, band) == [("fault", wire.FAULT_WRONG_CHIP)]
    text = nights(tmp_path).output
    assert "another chip" in text and text.count("says:") == 1
    document = json.loads(nights(tmp_path, "--json").output)
    assert [one["code"] for one in document["bands_say"]] == [wire.FAULT_WRONG_CHIP]
    assert document["bands_say"][0]["device_id"] == DEVICE


def test_each_complaint_is_told_once(tmp_path, band):
    for _ in range(5):
        band.fault(wire.FAULT_SENSOR_LOST)
    band.check(checks.SDA_OPEN)
    band.check(checks.SDA_OPEN)
    assert said(tmp_path, band) == [
        ("fault", wire.FAULT_SENSOR_LOST),
        ("check", checks.SDA_OPEN),
    ]


def test_bus_faults_that_cost_nothing_are_no_complaint(tmp_path, band):
    band.fault(wire.FAULT_I2C)
    band.fault(wire.FAULT_OVERRUN)
    band.start(wire.START_POWER_ON)
    assert said(tmp_path, band) == []


def test_a_passed_check_takes_faults_back_and_not_a_crash(tmp_path, band):
    band.fault(wire.FAULT_SENSOR_LOST)
    band.check(checks.WRONG_CHIP)
    band.start(wire.START_CRASH)
    band.check(checks.PASS)
    assert said(tmp_path, band) == [("start", wire.START_CRASH)]


def test_a_failed_check_takes_the_one_before_back_alone(tmp_path, band):
    band.fault(wire.FAULT_STORAGE)
    band.check(checks.WRONG_CHIP)
    band.check(checks.NOISY)
    assert said(tmp_path, band) == [("fault", wire.FAULT_STORAGE), ("check", checks.NOISY)]


def test_a_date_mends_a_missing_date_alone(tmp_path, band):
    band.check(checks.CLOCK_UNSET)
    band.time(7000, EVENING)
    assert said(tmp_path, band) == []
    band.check(checks.KEY_MISSING)
    band.time(8000, EVENING + 1000)
    assert said(tmp_path, band) == [("check", checks.KEY_MISSING)]


def test_a_good_night_is_newer_than_what_was_wrong(tmp_path, band):
    band.fault(wire.FAULT_SENSOR_LOST)
    band.time(7000, EVENING)
    band.night(8000, 60, [])
    assert said(tmp_path, band) == []
    assert said(tmp_path, band, from_seq=0) == [("fault", wire.FAULT_SENSOR_LOST)]
    band.fault(wire.FAULT_STORAGE)
    assert said(tmp_path, band) == [("fault", wire.FAULT_STORAGE)]
    assert "memory" in nights(tmp_path).output


def test_records_that_are_cut_or_new_say_nothing_wrong(tmp_path, band):
    band.put(wire.REC_CHECK, b"\1\2")
    band.check(99)
    assert said(tmp_path, band) == [("check", 99)]
    assert "update" in nights(tmp_path).output


def test_the_last_check_is_there_whole(tmp_path, band):
    band.check(checks.NOISY)
    band.check(checks.PASS, 9000)
    said(tmp_path, band)
    with Store.open(tmp_path) as store:
        last = store.last_check(DEVICE)
        assert store.last_check("no such band") is None
        assert store.complaints("no such band") == []
    assert (last["tick_ms"], last["gravity_mg"], last["seq"]) == (9000, 998, 2)
