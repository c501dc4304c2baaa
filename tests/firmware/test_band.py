"""The band's day: dock, battery, button, radio and sleep, in virtual time."""

import asyncio
import importlib

import pytest
import supervisor
from fakes import device_modules
from fakes.night import Night, settings
from fakes.worlds import StillWorld
from notturno_core import protocol, wire


class FakeService:
    """The radio's side: whether it is on, and for how long it was, in ms."""

    def __init__(self, clock):
        self.clock = clock
        self.proven = self.changed = False
        self.switched = []

    def provisional(self, payload):
        """Nobody listens."""

    @property
    def on(self):
        return bool(self.switched) and self.switched[-1][1]

    def radio(self, on):
        if on != self.on:
            self.switched.append((self.clock.now_us // 1000, on))

    async def run(self):
        await asyncio.Event().wait()


class Over(Exception):
    """The day of a test has ended."""


class Asleep(Exception):
    """The band sleeps deep: what wakes it is another start."""


class Day:
    """A band on the virtual board with the pins in our hand. Times in seconds."""

    def __init__(self, monkeypatch, rtc_utc_ms=None, **config):
        self.events = []
        self.sleeps = []
        self.night = Night(StillWorld())
        self.clock = self.night.clock
        machine = device_modules.install(monkeypatch, virtual=True, lightsleep=self._lightsleep)
        monkeypatch.setattr(asyncio, "sleep_ms", self._sleep_ms, raising=False)
        boards, power, band = map(importlib.import_module, ("boards", "power", "band"))
        self.config = settings(**config)
        self.board = boards.pick()
        self.board.rtc_utc_ms = lambda: rtc_utc_ms
        machine.ADC.uv[self.board.VBAT] = 1_950_000
        clock = power.Clock(lambda: self.clock.now_us // 1000, lambda a, b: a - b)
        self.deep = []
        self.fed_ms = 0
        self.power = power.Power(
            self.board, clock, machine.lightsleep, self._deepsleep, self._pause
        )
        self.service = FakeService(self.clock)
        self.recorder = self.night.recorder
        self.rtc_began_ms = 0
        self.band = band.Band(
            self.board,
            self.power,
            clock,
            self.night.log,
            self.recorder,
            self.config,
            self.night.backup,
            lambda: self.clock.now_us // 1000 + self.rtc_began_ms,
            self._feed,
        )
        self.machine = machine

    def at(self, second, do):
        self.events.append((second * 1000, do))
        self.events.sort(key=lambda e: e[0])

    def dock(self, yes=True):
        self.machine.Pin.levels[self.board.VBUS] = int(yes)

    def press(self, down=True):
        self.machine.Pin.levels[self.board.BUTTON] = 0 if down else 1

    def _pass(self, ms):
        until_ms = self.clock.now_us // 1000 + ms
        while self.events and self.events[0][0] <= until_ms:
            self.events.pop(0)[1]()
        self.clock.sleep_ms(ms)

    def _feed(self):
        now_ms = self.clock.now_us // 1000
        assert now_ms - self.fed_ms < supervisor.WATCHDOG_MS, "the watchdog would have bitten"
        self.fed_ms = now_ms

    def _pause(self, ms):
        self._pass(ms)

    def _deepsleep(self, ms=None):
        self.deep.append((self.clock.now_us // 1000, ms))
        raise Asleep

    def _lightsleep(self, ms):
        assert not self.service.on, "the radio does not survive a light sleep"
        assert not self.board.docked(), "USB does not survive a light sleep"
        self.sleeps.append((self.clock.now_us // 1000, ms))
        self._pass(ms)

    async def _sleep_ms(self, ms):
        self._pass(ms)
        await asyncio.sleep(0)

    def run(self, seconds):
        def over():
            raise Over

        self.at(seconds, over)
        with pytest.raises((Over, Asleep)):
            asyncio.run(self.band.run(self.service))

    def names(self):
        return [name for name, _ in self.night.records()]

    def ends(self):
        return [e["reason"] for e in self.night.values(wire.REC_END)]


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


class FakeBeacon:
    """What is made on the dock; notes when it began, was cancelled, and let go of."""

    def __init__(self, day):
        self.day = day
        self.noted = []

    def note(self, what):
        self.noted.append((what, self.day.clock.now_us // 1_000_000))

    async def run(self):
        self.note("begun")
        try:
            await asyncio.Event().wait()
        finally:
            self.note("over")

    def forget(self):
        assert not self.day.recorder.recording, "a night is to have the memory"
        self.note("forgotten")


def test_a_beacon_lives_on_the_dock_alone(monkeypatch):
    day = Day(monkeypatch)
    made = []

    def make(service, docked, utc_ms):
        assert service is day.service and docked() and utc_ms() is None
        assert not day.recorder.recording
        made.append(FakeBeacon(day))
        return made[-1]

    day.band.tell_by(make)
    day.at(200, day.dock)
    day.at(500, lambda: day.dock(False))
    day.at(800, day.dock)
    day.run(900)
    first, second = [dict(one.noted) for one in made]
    assert 200 <= first["begun"] <= 210
    assert 500 <= first["forgotten"] <= first["over"] <= 506
    assert 800 <= second["begun"] <= 810
    assert day.ends() == [wire.END_DOCKED] * 2


def test_a_beacon_that_cannot_be_made_costs_no_night(monkeypatch, capsys):
    day = Day(monkeypatch)
    tries = []

    def make(*_):
        tries.append(1)
        raise MemoryError

    day.band.tell_by(make)
    day.at(200, day.dock)
    day.at(500, lambda: day.dock(False))
    day.run(900)
    assert tries == [1] and "no beacon" in capsys.readouterr().out
    assert day.names().count("session") == 2


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


def test_a_clock_that_cannot_be_set_costs_no_night(monkeypatch):
    day = Day(monkeypatch)

    def refuses(hz):
        raise ValueError("frequency must be one of these")

    day.machine.freq = refuses
    day.at(300, day.dock)
    day.run(320)
    assert day.ends() == [wire.END_DOCKED]


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


def test_a_low_cell_ends_the_session_in_good_order_and_sleeps_deep(monkeypatch):
    day = Day(monkeypatch)
    day.at(300, lambda: day.machine.ADC.uv.update({day.board.VBAT: 1_700_000}))
    day.run(9000)
    assert day.ends() == [wire.END_BATTERY]
    assert day.names()[-1] == "end" and day.names().count("session") == 1
    ((asleep_ms, until_ms),) = day.deep
    assert until_ms is None, "nothing but a charger or a press helps"
    assert 300_000 < asleep_ms < 500_000


def test_a_board_that_nobody_could_wake_stays_in_light_sleep(monkeypatch):
    day = Day(monkeypatch)
    day.board.DEEP_WAKE = ()
    day.at(300, lambda: day.machine.ADC.uv.update({day.board.VBAT: 1_700_000}))
    day.run(2000)
    assert day.deep == [] and day.ends() == [wire.END_BATTERY]
    assert max(ms for _, ms in day.sleeps) <= 4000


def test_without_a_battery_divider_it_records_all_the_same(monkeypatch):
    day = Day(monkeypatch)
    day.machine.ADC.uv[day.board.VBAT] = 0
    day.run(120)
    assert day.names()[0] == "session"


def test_without_a_sensor_the_band_stays_reachable_and_tries_again(monkeypatch):
    day = Day(monkeypatch)
    chips = dict(day.night.bench.i2c.chips)
    day.night.bench.i2c.chips.clear()
    day.at(150, lambda: day.night.bench.i2c.chips.update(chips))
    day.run(300)
    names = day.names()
    assert names[0] == "fault" and "session" in names
    assert day.service.switched[0] == (0, True) or day.service.switched[0][1]


def test_a_sensor_that_was_away_for_hours_is_heard_again_within_seconds(monkeypatch):
    day = Day(monkeypatch)
    chips = dict(day.night.bench.i2c.chips)
    day.at(100, day.night.bench.i2c.chips.clear)
    day.at(8000, lambda: day.night.bench.i2c.chips.update(chips))
    day.run(8100)
    assert day.ends() == [] and day.recorder.recording
    begun = [s["tick_ms"] for s in day.night.values(wire.REC_SEGMENT)]
    assert len(begun) == 2 and 7_999_000 < begun[1] < 8_015_000
    told = [f for f in day.night.values(wire.REC_FAULT) if f["code"] == wire.FAULT_SENSOR_LOST]
    assert 10 < len(told) < 20, "told again from time to time, not each time"


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


def test_a_radio_that_refuses_costs_no_night_and_is_told_once(monkeypatch):
    day = Day(monkeypatch)

    def refuse(on):
        raise OSError(12)

    day.service.radio = refuse
    day.run(600)
    assert day.recorder.recording and len(day.night.values(wire.REC_MINUTE)) >= 8
    faults = day.night.values(wire.REC_FAULT)
    assert [fault["code"] for fault in faults] == [wire.FAULT_RADIO]
    assert sum(ms for _, ms in day.sleeps) > 500_000, "it sleeps as if nobody were to be expected"


def test_who_wants_no_night_by_undocking_gets_none(monkeypatch):
    day = Day(monkeypatch, START=("button",))
    day.band.over = True
    day.at(5, day.dock)
    day.at(100, lambda: day.dock(False))
    day.run(9000)
    assert "session" not in day.names() and day.deep
