"""A build in one process: the real driver and self-test on a virtual board as it was wired."""

from types import SimpleNamespace

import config
import selftest
from drivers.lsm6dsox import Lsm6dsox
from fakes.memory_storage import MemoryStorage
from fakes.worlds import StillWorld
from notturno.virtualband.board import PIN_BUTTON, PIN_SCL, PIN_VBAT, PIN_VBUS
from notturno.virtualband.builds import PIN_SDA, Build, BuiltBoard
from notturno_core import checks
from notturno_core.eventlog import EventLog

EROFS = 30


class HandClock:
    """Virtual time that moves when somebody spends it."""

    def __init__(self):
        self._now_us = 0.0

    def now_us(self):
        return self._now_us

    def pass_us(self, us):
        self._now_us += us

    def sleep_ms(self, ms):
        self._now_us += ms * 1000

    def now_ms(self):
        return int(self._now_us // 1000)


class BusOfBoard:
    """`machine.I2C` over a virtual board."""

    def __init__(self, board):
        self._board = board

    def readfrom_mem_into(self, address, register, buf):
        status, data = self._board.i2c_read(address, register, len(buf))
        if status:
            raise OSError(-status)
        memoryview(buf)[:] = data

    def writeto_mem(self, address, register, buf):
        status = self._board.i2c_write(address, register, bytes(buf))
        if status:
            raise OSError(-status)


class Pins:
    """What a board file gives, over a virtual board."""

    def __init__(self, built):
        build = built.build
        self._built = built
        self.i2c = BusOfBoard(built)
        self.VBAT = None if build.divider is None else PIN_VBAT
        self.VBUS = None if build.vbus is None else PIN_VBUS
        self.BUTTON = None if build.button is None else PIN_BUTTON
        self.bus_lines = lambda: (built.pin(PIN_SDA), built.pin(PIN_SCL))

    def docked(self):
        return self.VBUS is not None and self._built.pin(PIN_VBUS) == 1

    def button_pressed(self):
        return self.BUTTON is not None and self._built.pin(PIN_BUTTON) == 0

    def battery_mv(self):
        return 0 if self.VBAT is None else self._built.adc_uv(PIN_VBAT) * 2 // 1000

    def ble(self):
        if not self._built.build.radio:
            raise ImportError("no module named 'bluetooth'")
        return object()


class ReadOnlyStorage(MemoryStorage):
    def replace(self, name, data):
        if name == selftest.PROBE_NAME:
            raise OSError(EROFS)
        super().replace(name, data)


def check(build=None, world=None, seed=1, cable=checks.CABLE_OUT, clock=None):
    """Return (values of the CHECK record, ms that it took, the storage) of a build in a world."""
    build = build or Build()
    clock = clock or HandClock()
    built = BuiltBoard(build, world or StillWorld(), clock, seed)
    pins = Pins(built)
    kind = ReadOnlyStorage if build.flash == "read-only" else MemoryStorage
    storage = kind(100_000 if build.flash == "full" else 6_000_000)
    log = EventLog(storage, lambda: 7)
    log.open()
    imu = Lsm6dsox(pins.i2c, clock.sleep_ms, lambda: pins.i2c, built.chip.unstick)
    began_ms = clock.now_ms()
    values = selftest.run(
        imu,
        pins,
        SimpleNamespace(battery_mv=pins.battery_mv),
        log,
        b"k" * 32 if build.key else None,
        config,
        clock.sleep_ms,
        clock.now_ms,
        storage=storage,
        time_set=build.clock,
        cable=cable,
    )
    return values, clock.now_ms() - began_ms, storage
