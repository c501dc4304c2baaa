"""What is missing, refuses or runs out costs no night: clock, cell, sensor, radio, beacon."""

import asyncio

from fakes.day_of_a_band import Day
from notturno_core import wire


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


def test_a_clock_that_cannot_be_set_costs_no_night(monkeypatch):
    day = Day(monkeypatch)

    def refuses(hz):
        raise ValueError("frequency must be one of these")

    day.machine.freq = refuses
    day.at(300, day.dock)
    day.run(320)
    assert day.ends() == [wire.END_DOCKED]


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
