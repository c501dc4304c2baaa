"""What a band says of its battery: the mean of its readings, rounded down."""

import importlib
from types import SimpleNamespace

import pytest
from fakes import device_modules


@pytest.mark.parametrize(("more_mv", "mean_mv"), [(0, 3900), (7, 3900), (8, 3901)])
def test_the_battery_is_the_mean_of_its_eight_readings(monkeypatch, more_mv, mean_mv):
    device_modules.install(monkeypatch)
    power = importlib.import_module("power")
    readings = iter([3900 + more_mv] + [3900] * 7)
    board = SimpleNamespace(battery_mv=lambda: next(readings))
    its = power.Power(board, None, deepsleep=print, pause_ms=print)
    assert its.battery_mv() == mean_mv
    assert not list(readings), "each of them was taken"


def powered(monkeypatch, **more):
    """Return (a Power, its clock: `now.ms`, what it did)."""
    device_modules.install(monkeypatch)
    power = importlib.import_module("power")
    now, did = SimpleNamespace(ms=0), []
    clock = SimpleNamespace(now_ms=lambda: now.ms)
    board = SimpleNamespace(
        arm_wake=lambda: did.append("armed"), arm_deep_wake=lambda: did.append("armed deep")
    )

    def light(ms):
        did.append(ms)
        now.ms += ms // 2  # the button

    its = power.Power(board, clock, light, lambda *ms: did.append(("deep", *ms)), print, **more)
    return its, now, did


def test_a_radio_stays_on_until_the_last_of_its_deadlines(monkeypatch):
    its, now, _ = powered(monkeypatch)
    assert not its.awake(), "nobody is expected from the first tick on"
    its.rest_now()
    assert not its.awake()
    now.ms = 1000
    assert not its.awake()
    its.stay_awake_ms(500)
    its.stay_awake_ms(200)
    for at_ms, awake in ((1000, True), (1499, True), (1500, False), (1501, False)):
        now.ms = at_ms
        assert its.awake() is awake
    its.stay_awake_ms(500)
    its.rest_now()
    assert not its.awake()


def test_a_light_sleep_is_armed_once_and_counted_as_long_as_it_was(monkeypatch):
    its, _, did = powered(monkeypatch)
    for ms in (0, -1):
        its.sleep_ms(ms)
    assert did == []
    its.sleep_ms(1)
    its.sleep_ms(4000)
    its.sleep_ms(200)
    assert did == ["armed", 1, 4000, 200] and its.slept_ms == 2100


def test_a_deep_sleep_has_a_limit_or_none(monkeypatch):
    its, _, did = powered(monkeypatch)
    its.deep_sleep()
    its.deep_sleep(600_000)
    its.deep_sleep(0)
    assert did == ["armed deep", ("deep",), "armed deep", ("deep", 600_000)] + [
        *["armed deep", ("deep", 0)]
    ]


def test_the_processor_runs_at_80_mhz_and_with_the_radio_at_160(monkeypatch):
    machine = device_modules.install(monkeypatch)
    power = importlib.import_module("power")
    its = power.Power(None, None, deepsleep=print, pause_ms=print)
    for fast in (True, True, False, False, True):
        its.pace(fast)
    assert machine.hz == [160_000_000, 80_000_000, 160_000_000]


def test_the_clock_goes_on_where_the_ticks_begin_again(monkeypatch):
    device_modules.install(monkeypatch)
    power = importlib.import_module("power")
    period = 1 << 30  # of time.ticks_ms in this port: 12.4 days
    ticks = iter([period - 5, period - 2, 3, 3, 1003])
    clock = power.Clock(lambda: next(ticks), lambda new, old: (new - old) % period)
    assert [clock.now_ms() for _ in range(4)] == [3, 8, 8, 1008]


def test_a_moment_is_waited_for_awake(monkeypatch):
    device_modules.install(monkeypatch)
    power = importlib.import_module("power")
    waited = []
    monkeypatch.setattr(power.time, "sleep_ms", waited.append, raising=False)
    power.Power(None, None, deepsleep=print).pause_ms(30)
    power.Power(None, None, deepsleep=print, pause_ms=lambda ms: waited.append(-ms)).pause_ms(5)
    assert waited == [30, -5]
