"""How often a band that lies on a table looks whether it is worn again, and what it sleeps for."""

import ast
import importlib
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import config
import pytest
from backup import BYTES, Backup
from fakes import bluetooth, device_modules

NOW_UTC_MS = 1_768_294_800_000  # 09:00 UTC


class Slept(Exception):
    """The band went to deep sleep for so many ms."""


class Memory:
    """The memory that a clock keeps through a deep sleep."""

    def __init__(self):
        self._kept = b""

    def __call__(self, data=None):
        if data is None:
            return self._kept
        self._kept = bytes(data)
        return None


@pytest.fixture
def app(monkeypatch):
    machine = device_modules.install(monkeypatch)
    machine.DEEPSLEEP_RESET, machine.TIMER_WAKE = 4, 5
    machine.wake_reason = lambda: machine.TIMER_WAKE
    for name in ("ticks_ms", "ticks_diff", "sleep_ms"):
        monkeypatch.setattr(time, name, lambda *ms: 0, raising=False)
    cryptolib = ModuleType("cryptolib")
    cryptolib.aes = None
    monkeypatch.setitem(sys.modules, "cryptolib", cryptolib)
    monkeypatch.setitem(sys.modules, "bluetooth", bluetooth)
    loaded = set(sys.modules)
    app = importlib.import_module("app")
    monkeypatch.setattr(app, "machine", machine)
    monkeypatch.setattr(app, "rtc_ms", lambda: NOW_UTC_MS)
    monkeypatch.setattr(app.peek, "worn", lambda *_: (False, (0, 0, 1000)))

    def sleeps(board, clock):
        def deep_sleep(ms):
            raise Slept(ms)

        return SimpleNamespace(deep_sleep=deep_sleep)

    monkeypatch.setattr(app, "Power", sleeps)
    yield app
    for name in set(sys.modules) - loaded:  # they hold the stand-ins
        del sys.modules[name]


def test_each_look_is_one_less_and_after_the_last_it_sleeps_until_something_wakes_it(app):
    board = SimpleNamespace(i2c=None, make_i2c=None, unstick_i2c=None, docked=lambda: False)
    supervisor = SimpleNamespace(pause_ms=lambda: 0)
    memory = Memory()
    first = Backup(memory)
    first.peeks = 3
    first.session(False, True)
    first.save(0, 0, 0)
    assert len(memory()) == BYTES
    slept_ms, left = [], []
    for _ in range(3):
        with pytest.raises(Slept) as found:
            app.make(board, config, Backup(memory), supervisor, app.machine.DEEPSLEEP_RESET)
        slept_ms.append(found.value.args[0])
        left.append(Backup(memory).peeks)
    assert left == [2, 1, 0]
    assert slept_ms == [config.PEEK_EVERY_MS, config.PEEK_EVERY_MS, None]


# --- which start looks, and which begins ---------------------------------------------------------


class Began(Exception):
    """The start went on to watch and to record."""


def start(app, monkeypatch, **case):
    """Let the band come up; return "began", or (ms slept, looks left, whether it was asked)."""
    said = {"cause": 4, "wakes": 5, "peeks": 3, "docked": False, "date": None, "worn": False}
    said.update(case)
    board = SimpleNamespace(i2c=None, make_i2c=None, unstick_i2c=None)
    board.docked = lambda: said["docked"]
    asked = []

    def watch():
        raise Began

    def worn(imu, config, before_mg, sleep_ms):
        asked.append(tuple(before_mg))
        return said["worn"], (0, 0, 1000)

    monkeypatch.setattr(app.peek, "worn", worn)
    app.machine.wake_reason = lambda: said["wakes"]
    memory = Memory()
    kept = Backup(memory)
    kept.peeks = said["peeks"]
    kept.gravity_mg = (7, 8, 9)
    kept.session(False, True)
    if said["date"] is not None:
        kept.keep_date(said["date"], NOW_UTC_MS, 1, 2, 0)
    kept.save(11, 22, 33)
    supervisor = SimpleNamespace(pause_ms=lambda: 0, watch=watch)
    changed = SimpleNamespace(**{k: v for k, v in vars(config).items() if k.isupper()})
    vars(changed).update(said.get("config", {}))
    try:
        app.make(board, changed, Backup(memory), supervisor, said["cause"])
    except Began:
        return "began", asked
    except Slept as slept:
        after = Backup(memory)
        assert (after.sample, after.tick_ms, after.fill) == (0, 0, 0) and after.over
        assert after.gravity_mg == (0, 0, 1000)
        return slept.args[0], after.peeks, asked


CLOCK = {"START": ("clock",), "NIGHT_UTC_MIN": 9 * 60 + 5}  # in five minutes


def test_only_a_timer_out_of_deep_sleep_looks_and_only_where_looks_are_left(app, monkeypatch):
    assert start(app, monkeypatch) == (600_000, 2, [(7, 8, 9)])
    for case in (
        {"cause": 1},  # switched on
        {"wakes": 2},  # the button, or the charger
        {"cause": 1, "wakes": 2},
        {"peeks": 0},
        {"docked": True},
    ):
        assert start(app, monkeypatch, **case) == ("began", [])
    assert start(app, monkeypatch, worn=True) == ("began", [(7, 8, 9)])


def test_a_look_ends_where_the_clock_begins_the_night(app, monkeypatch):
    dated = {"config": CLOCK, "date": NOW_UTC_MS}
    assert start(app, monkeypatch, **dated)[:2] == (300_000, 2)
    assert start(app, monkeypatch, **dated, peeks=1)[:2] == (300_000, 0)
    far = {"START": ("clock",), "NIGHT_UTC_MIN": 9 * 60 + 30}
    assert start(app, monkeypatch, config=far, date=NOW_UTC_MS)[:2] == (600_000, 2)
    assert start(app, monkeypatch, config=far, date=NOW_UTC_MS, peeks=1)[:2] == (1_800_000, 0)
    begun = {"START": ("clock",), "NIGHT_UTC_MIN": 9 * 60 - 1}
    assert start(app, monkeypatch, config=begun, date=NOW_UTC_MS) == ("began", [])
    assert start(app, monkeypatch, config=begun)[:2] == (600_000, 2), "without a date, no clock"


@pytest.mark.parametrize(
    ("started", "was_over", "called", "begins_with", "over"),
    [
        (1, True, True, (), False),  # somebody called
        (1, False, False, ("undock",), False),
        (1, False, False, ("button",), True),
        (2, True, False, ("undock",), True),  # a hang goes on as it was
        (2, False, False, ("button",), False),
        (3, True, False, ("undock",), True),
        (4, True, False, ("undock",), True),
        (4, False, False, ("button",), False),
        (5, True, False, ("undock",), False),
    ],
)
def test_which_start_waits_for_a_dock_or_a_press(
    app, started, was_over, called, begins_with, over
):
    settings = SimpleNamespace(START=begins_with)
    assert app.over_at_start(started, was_over, called, settings) is over


def test_the_clock_that_runs_on_through_resets_is_in_ms():
    """A module of its own: the one above has its clock taken away."""
    source = (Path(config.__file__).parent / "app.py").read_text(encoding="utf-8")
    (clock,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == "rtc_ms"
    ]
    names = {"time": SimpleNamespace(time_ns=lambda: 1_768_294_800_123_999_999)}
    exec(compile(ast.Module([clock], []), "app.py", "exec"), names)
    assert names["rtc_ms"]() == 1_768_294_800_123
