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
