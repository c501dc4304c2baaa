"""Which handler of a pin the virtual port calls: on its own edges, none where none was given."""

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import notturno
import pytest

MACHINE = Path(notturno.__file__).parent / "virtualband" / "shims" / "machine.py"


@pytest.fixture
def machine(monkeypatch):
    """Return the port's `machine` in CPython, on a chip that does nothing."""
    for name in ("ticks_add", "ticks_diff", "ticks_ms"):
        monkeypatch.setattr(time, name, lambda *_: 0, raising=False)
    vm, sim = ModuleType("_vm"), ModuleType("_sim")
    vm.handlers = {}
    sim.woke = lambda: 0
    sim.watch_pin = sim.drive_pin = lambda *_: None
    for module in (vm, sim, ModuleType("uctypes")):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    spec = importlib.util.spec_from_file_location("machine_of_the_port", MACHINE)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.mark.parametrize(
    ("trigger", "levels"), [("IRQ_RISING", [1]), ("IRQ_FALLING", [0]), (None, [0, 1])]
)
def test_a_handler_hears_the_edges_that_it_asked_for(machine, trigger, levels):
    pin, heard = machine.Pin(4), []
    edges = {} if trigger is None else {"trigger": getattr(machine.Pin, trigger)}
    for level in (0, 1):
        pin.irq(lambda who, level=level: heard.append((who.number, level)), **edges)
        machine._on_pin((machine._EVENT_PIN, 4, level), 3)
        machine._on_pin((machine._EVENT_PIN, 5, level), 3)
    assert heard == [(4, level) for level in levels]


def test_a_pin_that_only_wakes_has_no_handler_to_call(machine):
    machine.Pin(4).irq(wake=machine.SLEEP)
    for level in (0, 1):
        machine._on_pin((machine._EVENT_PIN, 4, level), 3)
