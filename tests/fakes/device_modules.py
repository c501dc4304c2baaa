"""Stand-ins for `machine`, `esp32` and `bluetooth`, so that board files run in CPython.

Touches nothing. Pins keep a level; what was asked of the hardware is kept for the test to see.
"""

import sys
import types


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_UP = 0, 1, 2, 3
    levels = {}
    history = []

    def __init__(self, number, mode=None, pull=None, value=None):
        self.number = number
        self.pull = pull
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return Pin.levels.get(self.number, 1 if self.pull == Pin.PULL_UP else 0)
        Pin.levels[self.number] = level
        Pin.history.append((self.number, level))
        return None


class ADC:
    uv = {}

    def __init__(self, pin):
        self.number = pin.number

    def read_uv(self):
        return ADC.uv.get(self.number, 0)


class I2C:
    made = []

    def __init__(self, bus, **settings):
        self.settings = {"bus": bus, **settings}
        I2C.made.append(self.settings)


def install(monkeypatch, machine_name="", lightsleep=None, virtual=False):
    """Put the modules into sys.modules for one test; return the `machine` module."""
    Pin.levels, Pin.history, ADC.uv, I2C.made = {}, [], {}, []
    machine = types.ModuleType("machine")
    machine.Pin, machine.ADC, machine.I2C = Pin, ADC, I2C
    machine.unique_id = lambda: b"\x01\x02\x03\x04\x3f\x2a"
    machine.lightsleep = lightsleep or (lambda ms: None)
    machine.resets = 0
    machine.hz = []
    machine.freq = machine.hz.append

    def reset():
        machine.resets += 1
        raise SystemExit

    machine.reset = reset
    machine.deepsleep = lambda ms=None: None
    esp32 = types.ModuleType("esp32")
    esp32.WAKEUP_ALL_LOW, esp32.WAKEUP_ANY_HIGH = 0, 1
    esp32.armed = []
    esp32.armed_deep = []
    esp32.wake_on_gpio = lambda pins, level: esp32.armed.extend((p.number, level) for p in pins)
    esp32.wake_on_ext0 = lambda pin, level: esp32.armed_deep.append((pin.number, level))
    esp32.wake_on_ext1 = lambda pins, level: esp32.armed_deep.extend(
        (p.number, level) for p in pins
    )
    bluetooth = types.ModuleType("bluetooth")
    bluetooth.BLE = object
    modules = {"machine": machine, "esp32": esp32, "bluetooth": bluetooth}
    if virtual:
        modules["_sim"] = types.ModuleType("_sim")
        modules["_sim"].clock_chip = lambda: 1
    for name in ("boards", "power", "band"):
        for loaded in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
            monkeypatch.delitem(sys.modules, loaded)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(
        sys,
        "implementation",
        types.SimpleNamespace(**{**vars(sys.implementation), "_machine": machine_name}),
    )
    return machine
