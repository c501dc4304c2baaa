"""The parts that a start makes of a board: what it gives to which, and when the test may run."""

import asyncio
import importlib
import sys
import time
from types import ModuleType, SimpleNamespace

import config
import pytest
from backup import Backup
from fakes import bluetooth, device_modules, micropython_asyncio
from fakes.fake_ble import FakeBle
from fakes.night import Memory
from notturno_core import wire

NOW_UTC_MS = 1_768_294_800_000  # 09:00 UTC
KEY = bytes(range(32))


@pytest.fixture
def begin(monkeypatch, tmp_path):
    """Return begin(cause, ...) -> (band, service, what its supervisor was given)."""
    machine = device_modules.install(monkeypatch)
    machine.DEEPSLEEP_RESET, machine.TIMER_WAKE = 4, 5
    for name in ("ticks_ms", "ticks_diff", "sleep_ms"):
        monkeypatch.setattr(time, name, lambda *ms: 0, raising=False)
    flag = micropython_asyncio.ThreadSafeFlag
    monkeypatch.setattr(asyncio, "ThreadSafeFlag", flag, raising=False)
    cryptolib = ModuleType("cryptolib")
    cryptolib.aes = None
    monkeypatch.setitem(sys.modules, "cryptolib", cryptolib)
    monkeypatch.setitem(sys.modules, "bluetooth", bluetooth)
    loaded = set(sys.modules)
    app = importlib.import_module("app")
    monkeypatch.setattr(app.settings, "PARCEL", str(tmp_path / "parcel.bin"))
    monkeypatch.setattr(app, "rtc_ms", lambda: NOW_UTC_MS)
    looked = []
    monkeypatch.setattr(app.peek, "worn", lambda *_: looked.append(1) or (True, (0, 0, 1000)))
    monkeypatch.setattr(app.band_key, "read", lambda: given["key"])
    given = {}

    def begun(cause, wakes=2, peeks=0, over=True, dated=True, key=KEY, **settings):
        given["key"] = key
        machine.wake_reason = lambda: wakes
        memory = Memory()
        kept = Backup(memory)
        kept.peeks = peeks
        kept.session(False, over)
        if dated:
            kept.keep_date(NOW_UTC_MS, NOW_UTC_MS, 1, 2, 0)
        kept.save(0, 0, 0)
        changed = SimpleNamespace(**{k: v for k, v in vars(config).items() if k.isupper()})
        vars(changed).update({"LOG_FOLDER": str(tmp_path / "log"), **settings})
        board = SimpleNamespace(i2c=None, make_i2c=None, unstick_i2c=None, ble=FakeBle)
        board.docked = lambda: False
        board.random_u32 = lambda: 77
        board.battery_mv = lambda: 3900
        board.device_id = lambda: b"\1\2\3\4\5\6\0\0"
        fed = []
        supervisor = SimpleNamespace(pause_ms=lambda: 0, watch=lambda: None)
        supervisor.feed = lambda: fed.append(1)
        supervisor.guard = lambda work, save: (work, save)
        work, save = app.make(board, changed, Backup(memory), supervisor, cause)
        band = work.cr_frame.f_locals["self"]
        service = work.cr_frame.f_locals["service"]
        work.close()
        return band, service, SimpleNamespace(save=save, fed=fed)

    yield begun
    for name in set(sys.modules) - loaded:
        del sys.modules[name]


NINE = {"START": ("clock",), "NIGHT_UTC_MIN": 9 * 60}  # now


@pytest.mark.parametrize(
    ("case", "over"),
    [
        ({"cause": 1}, False),  # switched on: "undock" begins
        ({"cause": 1, "START": ("button",)}, True),
        ({"cause": 4, "wakes": 2}, False),  # the button woke it
        ({"cause": 4, "wakes": 5}, True),  # the timer, and nobody calls
        ({"cause": 4, "wakes": 5, "over": False}, False),
        ({"cause": 4, "wakes": 5, "peeks": 3}, False),  # it is worn
        ({"cause": 4, "wakes": 5, **NINE}, False),  # the clock
        ({"cause": 4, "wakes": 5, "dated": False, **NINE}, True),
        ({"cause": 1, **NINE}, True),  # a start at that hour is no call of the clock
        ({"cause": 3}, True),
    ],
)
def test_who_calls_a_night(begin, case, over):
    band, _, _ = begin(**case)
    assert band.over is over


def test_who_wakes_out_of_deep_sleep_with_a_date_needs_no_radio(begin):
    woken = [begin(4, dated=dated)[0].woken for dated in (True, False)]
    assert woken == [True, False] and not begin(1)[0].woken


@pytest.mark.parametrize(("cause", "checked"), [(1, False), (3, True), (4, False)])
def test_a_night_that_goes_on_has_no_time_for_a_test(begin, cause, checked):
    assert begin(cause)[0].checked is checked


@pytest.mark.parametrize(
    ("beacon", "key", "told"), [("on", KEY, True), ("on", None, False), ("off", KEY, False)]
)
def test_a_beacon_needs_to_be_wanted_and_a_key(begin, beacon, key, told):
    assert (begin(1, key=key, BEACON=beacon)[0]._make_beacon is not None) is told


def test_a_test_of_itself_is_busy_while_a_night_is_recorded(begin):
    band, _, given = begin(1)
    band._recorder.recording = True
    with pytest.raises(OSError, match="16") as error:  # EBUSY
        band.check(0)
    assert error.value.args == (16,) and given.fed == []


@pytest.mark.parametrize(("why", "clock"), [(3, "passed"), (1, "skipped"), (2, "skipped")])
def test_only_who_asks_is_told_that_the_clock_is_unset(begin, monkeypatch, why, clock):
    band, _, given = begin(1)
    band._recorder._imu = SimpleNamespace(found=lambda: 1 / 0, faults=SimpleNamespace(transfers=0))
    band._recorder._imu.sensor_id = 0
    assert band.check(2, why) == 100, "its first step raises here"
    assert len(given.fed) == 2
    (check,) = [row for kind, row in rows(band._log) if kind == wire.REC_CHECK]
    assert check["why"] == why and check[clock] >> 13 & 1
    assert "selftest" not in sys.modules and "selftest_sensor" not in sys.modules


def rows(log):
    found = []
    for frame in log.frames_from(0):
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        found.append((kind, wire.unpack_record(kind, bytes(frame[start : n - wire.CRC_LEN]))))
    return found


def test_a_parcel_that_a_power_cut_left_takes_no_room_of_the_night(begin, tmp_path):
    (tmp_path / "parcel.bin").write_bytes(bytes(9))
    begin(1)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log"]
    begin(1)  # and a start without one is as any other


def test_what_is_saved_of_a_start_that_is_given_up_is_a_night_that_crashed(begin):
    band, _, given = begin(1)
    ended = []
    band._recorder.stop = ended.append
    given.save()
    assert ended == [wire.END_CRASHED]
