"""How often a band that lies on a table looks whether it is worn again, and what it sleeps for."""

import importlib
import sys
import time
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
