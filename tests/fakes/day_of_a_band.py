"""A band's day in virtual time: its loop, with a board, a service and a sensor of a test's own."""

import asyncio
import importlib

import pytest
import supervisor
from fakes import device_modules
from fakes.night import Night, settings
from fakes.worlds import StillWorld
from notturno_core import wire


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
