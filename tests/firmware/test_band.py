"""The band's day: dock, battery, button, radio and sleep, in virtual time."""

import importlib

import pytest
from fakes import device_modules
from fakes.day_of_a_band import Day
from fakes.night import settings
from notturno_core import protocol, wire


def test_a_clock_chip_dates_the_start(monkeypatch):
    day = Day(monkeypatch, rtc_utc_ms=1_768_253_400_000)
    day.run(30)
    (time,) = day.night.values(wire.REC_TIME)
    assert (time["utc_ms"], time["error_ms"]) == (1_768_253_400_000, 1000)
    assert day.names()[0] == "time"


def test_without_a_clock_chip_nobody_dates_the_start(monkeypatch):
    day = Day(monkeypatch)
    day.run(30)
    assert "time" not in day.names()


def test_undocked_at_the_start_it_records_and_its_radio_is_on_for_a_minute(monkeypatch):
    day = Day(monkeypatch)
    day.run(300)
    assert day.names()[:3] == ["session", "settings", "segment"]
    (on, off) = day.service.switched
    assert on[1] and not off[1]
    assert off[0] == pytest.approx(60_000, abs=3000)
    asleep_ms = sum(ms for _, ms in day.sleeps)
    assert asleep_ms > 0.9 * 240_000
    assert all(at > 60_000 for at, _ in day.sleeps)
    assert day.power.slept_ms == pytest.approx(asleep_ms, abs=3000)


def test_sleeps_are_as_long_as_the_watermark_lasts_and_lose_nothing(monkeypatch):
    day = Day(monkeypatch)
    day.run(600)
    longest = max(ms for _, ms in day.sleeps)
    period_ms = day.config.WATERMARK / day.night.bench.true_hz * 1000
    assert longest == pytest.approx(period_ms, rel=0.02)
    assert len(day.sleeps) == pytest.approx(540_000 / period_ms, rel=0.03)
    assert day.night.bench.imu.faults.overruns == 0


def test_docking_ends_the_session_and_turns_the_radio_on(monkeypatch):
    day = Day(monkeypatch)
    day.at(200, day.dock)
    day.at(500, lambda: day.dock(False))
    day.run(700)
    assert day.ends() == [wire.END_DOCKED]
    assert day.names().count("session") == 2
    switched_s = [at // 1000 for at, _ in day.service.switched]
    assert [on for _, on in day.service.switched] == [True, False, True, False]
    assert 200 <= switched_s[2] <= 203
    assert 500 <= switched_s[3] <= 506


def test_docked_it_never_samples(monkeypatch):
    day = Day(monkeypatch)
    day.dock()
    day.run(3600)
    assert day.names() == []
    assert day.night.bench.i2c.transfers == 0
    assert day.band.info()["state"] & wire.STATE_DOCKED
    assert day.service.on


def test_a_press_at_night_is_a_mark_and_no_radio(monkeypatch):
    day = Day(monkeypatch)
    day.at(300, day.press)
    day.at(301, lambda: day.press(False))
    day.run(600)
    (mark,) = day.night.values(wire.REC_MARK)
    assert mark["tick_ms"] == pytest.approx(300_000, abs=3000)
    assert [on for _, on in day.service.switched] == [True, False]
    assert day.night.bench.imu.faults.overruns == 0


def test_held_it_calls_the_radio_for_three_minutes_and_a_night_goes_on(monkeypatch):
    day = Day(monkeypatch)
    day.at(300, day.press)
    day.at(304, lambda: day.press(False))
    day.run(900)
    assert "mark" not in day.names() and day.ends() == []
    spans = day.service.switched
    assert [on for _, on in spans] == [True, False, True, False]
    assert spans[2][0] / 1000 == pytest.approx(302, abs=2.5)
    assert (spans[3][0] - spans[2][0]) / 1000 == pytest.approx(180, abs=5)
    assert day.night.bench.imu.faults.overruns == 0


def test_held_long_it_ends_the_night_and_the_band_sleeps_deep_until_it_is_called(monkeypatch):
    day = Day(monkeypatch)
    day.at(300, day.press)
    day.at(309, lambda: day.press(False))
    day.run(9000)
    assert day.ends() == [wire.END_ASKED]
    ((asleep_ms, until_ms),) = day.deep
    assert until_ms is None and 300_000 < asleep_ms < 600_000
    assert not day.service.on
    import esp32

    assert esp32.armed_deep == [(day.board.BUTTON, 0), (day.board.VBUS, 1)]


def test_a_band_that_lies_somewhere_ends_its_night_and_looks_again_for_three_hours(monkeypatch):
    day = Day(monkeypatch, NOT_WORN_END_MIN=20)
    day.run(9000)
    assert day.ends() == [wire.END_NOT_WORN]
    ((asleep_ms, until_ms),) = day.deep
    # the detector takes a quarter of an hour to call it so
    assert 20 < asleep_ms / 60_000 < 38 and until_ms == 600_000
    assert day.night.backup.peeks == 18 and day.night.backup.over


def test_the_processor_runs_slowly_but_for_the_radio(monkeypatch):
    day = Day(monkeypatch)
    day.run(300)
    assert day.service.switched and not day.service.on
    assert day.machine.hz == [160_000_000, 80_000_000]


def test_out_of_deep_sleep_the_radio_stays_off_until_the_button_is_held(monkeypatch):
    day = Day(monkeypatch)
    day.band.woken = True
    day.at(100, day.press)
    day.at(103, lambda: day.press(False))
    day.run(400)
    on_s = [at / 1000 for at, on in day.service.switched if on]
    assert on_s == [pytest.approx(102, abs=1)]
    assert day.recorder.recording


def test_once_all_is_fetched_the_radio_goes_off_and_a_table_ends_the_night_soon(monkeypatch):
    day = Day(monkeypatch, SYNCED_NIGHT_MIN=15, NOT_WORN_AFTER_SYNC_MIN=5)

    def fetch():
        day.service.proven = True
        day.power.stay_awake_ms(180_000)

    def leave():
        day.night.log.commit(day.night.log.next_seq - 1)
        day.service.proven = False

    day.at(1200, fetch)
    day.at(1210, leave)
    day.run(9000)
    assert day.ends() == [wire.END_NOT_WORN]
    off_s = [at / 1000 for at, on in day.service.switched if not on][1]
    assert off_s == pytest.approx(1211, abs=3)
    assert day.deep[0][0] < 1500_000


def test_idle_until_the_clock_begins_the_night(monkeypatch):
    ten_in_the_evening = 22 * 60
    day = Day(monkeypatch, START=("clock",), NIGHT_UTC_MIN=ten_in_the_evening)
    nine = 1_768_251_600_000  # 2026-01-12 21:00 UTC
    day.night.backup.keep_date(nine, 0, 7, 20, 0)
    day.band.over = True
    day.run(9000)
    ((asleep_ms, until_ms),) = day.deep
    assert until_ms == pytest.approx(3_600_000 - asleep_ms, abs=1000)
    assert "session" not in day.names()


def test_the_button_is_armed_before_the_first_sleep(monkeypatch):
    day = Day(monkeypatch)
    day.run(120)
    import esp32

    assert len(day.sleeps) > 20
    assert esp32.armed == [(day.board.BUTTON, esp32.WAKEUP_ALL_LOW)]


def test_a_connected_host_keeps_the_band_awake_and_recording_goes_on(monkeypatch):
    day = Day(monkeypatch)
    day.at(30, lambda: setattr(day.service, "proven", True))
    day.at(400, lambda: setattr(day.service, "proven", False))
    day.run(500)
    assert min(at for at, _ in day.sleeps) > 400_000
    assert day.night.bench.imu.asks > 2 * 350, "twice a second while a host listens"
    assert len(day.night.values(wire.REC_MINUTE)) >= 7
    assert day.night.bench.imu.faults.overruns == 0


def test_after_a_session_that_ended_by_itself_the_dock_comes_first(monkeypatch):
    day = Day(monkeypatch, NOT_WORN_END_MIN=0)
    day.board.DEEP_WAKE = ()
    day.at(100, day.press)
    day.at(109, lambda: day.press(False))
    day.at(1500, day.dock)
    day.at(1600, lambda: day.dock(False))
    day.run(1800)
    assert day.ends() == [wire.END_ASKED]
    sessions = [s["tick_ms"] for s in day.night.values(wire.REC_SESSION)]
    assert len(sessions) == 2 and sessions[1] > 1_500_000


def test_on_the_dock_after_weeks_the_firmware_starts_anew_but_never_under_a_host(monkeypatch):
    day = Day(monkeypatch, RESTART_AFTER_MS=1_000_000)
    day.at(900, day.dock)
    day.at(901, lambda: setattr(day.service, "proven", True))
    day.at(1500, lambda: setattr(day.service, "proven", False))
    with pytest.raises(SystemExit):
        day.run(3000)
    assert day.machine.resets == 1
    assert 1500 <= day.clock.now_us / 1e6 <= 1506
    assert day.ends() == [wire.END_DOCKED]


def test_what_a_host_has_brought_begins_on_the_dock_once_it_has_gone(monkeypatch):
    day = Day(monkeypatch)
    day.at(300, lambda: setattr(day.service, "changed", True))
    day.at(900, day.dock)
    day.at(890, lambda: setattr(day.service, "proven", True))
    day.at(1500, lambda: setattr(day.service, "proven", False))
    with pytest.raises(SystemExit):
        day.run(3000)
    assert 1500 <= day.clock.now_us / 1e6 <= 1506


def test_a_restart_comes_before_the_ticks_of_the_records_overflow():
    assert settings().RESTART_AFTER_MS + 7 * 86_400_000 < 1 << 32


def test_the_time_a_host_gives_is_in_the_log_with_our_tick(monkeypatch):
    day = Day(monkeypatch)
    day.at(50, lambda: day.band.set_time(1_800_000_000_123, 40, 7))
    day.run(100)
    (time,) = day.night.values(wire.REC_TIME)
    assert time["utc_ms"] == 1_800_000_000_123
    assert time["tick_ms"] == pytest.approx(50_000, abs=300)
    assert (time["boot_id"], time["error_ms"]) == (1, 40)
    assert day.band.info()["state"] & wire.STATE_TIME_SET


def test_info_says_who_the_band_is(monkeypatch):
    day = Day(monkeypatch)
    info = day.band.info()
    assert info["device_id"] == b"VB\x01\x02\x03\x04\x3f\x2a"
    assert info["battery_mv"] == 3900
    assert day.band.name == "notturno-3F2A"
    packed = wire.pack(protocol.INFO_FIELDS, info)
    assert wire.unpack(protocol.INFO_FIELDS, packed)["firmware"].rstrip(b"\0") == b"0.1.0"


def test_the_clock_does_not_wrap_with_the_ticks(monkeypatch):
    device_modules.install(monkeypatch)
    power = importlib.import_module("power")
    period = 1 << 30
    real_ms = 0

    def ticks_diff(a, b):
        return (a - b + period // 2) % period - period // 2

    clock = power.Clock(lambda: real_ms % period, ticks_diff)
    for _ in range(60):
        real_ms += 86_400_000 // 2
        assert clock.now_ms() == real_ms


def test_who_wants_no_night_by_undocking_gets_none(monkeypatch):
    day = Day(monkeypatch, START=("button",))
    day.band.over = True
    day.at(5, day.dock)
    day.at(100, lambda: day.dock(False))
    day.run(9000)
    assert "session" not in day.names() and day.deep
