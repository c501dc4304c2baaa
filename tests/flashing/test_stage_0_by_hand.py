"""Stage 0 in this process: which folder is imported from, and what follows a program's end."""

import builtins
import gc
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import slots

MAIN = Path(slots.__file__).parent / "main.py"
PROGRAM = compile(MAIN.read_text(encoding="utf-8"), "main.py", "exec")


class Ended(Exception):
    """The board starts anew."""


@pytest.fixture
def start(monkeypatch):
    """Return start(folder, run) -> what happened, in order; `run` is the program's."""
    did = []
    machine = ModuleType("machine")
    machine.WDT_RESET, machine.DEEPSLEEP_RESET = 3, 4

    def reset():
        did.append("reset")
        raise Ended

    machine.reset = reset
    monkeypatch.setitem(sys.modules, "machine", machine)
    monkeypatch.setattr(time, "sleep_ms", lambda ms: did.append(("sleep", ms)), raising=False)
    monkeypatch.setattr(gc, "collect", lambda: did.append("collect"))
    monkeypatch.setattr(
        sys, "print_exception", lambda error: did.append(str(error)), raising=False
    )
    monkeypatch.setattr(slots, "not_counted", lambda: did.append("not counted"))
    rom = ModuleType("rom")
    rom.use = lambda folder: did.append(("rom", folder))
    monkeypatch.setitem(sys.modules, "rom", rom)

    def begun(folder, run=lambda: None, cause=1, another=False):
        machine.reset_cause = lambda: cause
        app = SimpleNamespace(run=lambda: did.append(("run", list(sys.path))) or run())
        monkeypatch.setitem(sys.modules, "app", app)
        monkeypatch.setattr(slots, "choose", lambda *how: did.append(("choose", *how)) or folder)
        monkeypatch.setattr(slots, "failed", lambda how: did.append(("failed", how)) or another)
        monkeypatch.setattr(sys, "path", ["", "/lib", "/rom", ".frozen", "/rom/lib"])
        try:
            exec(PROGRAM, {})
            did.append("prompt")
        except (Ended, KeyboardInterrupt, ValueError) as error:
            did.append(type(error).__name__)
        return did

    return begun


def test_a_slots_program_sees_its_own_folder_and_what_is_frozen(start):
    own = ["/slot_b", "/slot_b/lib", ".frozen"]
    assert start("/slot_b") == [
        *[("choose", False, False), ("rom", "/slot_b"), "collect", ("run", own)],
        *[("sleep", 5000), "reset", "Ended"],
    ]
    assert "rom" not in sys.modules, "a night does not hold it"


def test_a_plain_copy_sees_all_and_ends_at_the_prompt(start):
    every = ["", "/lib", "/rom", ".frozen", "/rom/lib"]
    assert start("/") == [("choose", False, False), "collect", ("run", every), "prompt"]


@pytest.mark.parametrize(
    ("cause", "said"), [(3, (True, False)), (4, (False, True)), (1, (False, False))]
)
def test_stage_0_says_how_the_start_before_ended(start, cause, said):
    assert start("/slot_a", cause=cause)[0] == ("choose", *said)


def test_without_a_program_nothing_is_run(start, capsys):
    assert start(None) == [("choose", False, False), "prompt"]
    assert "notturno flash" in capsys.readouterr().out


def raises(error):
    def run():
        raise error

    return run


@pytest.mark.parametrize(
    ("folder", "another", "end"),
    [
        ("/slot_a", False, [("sleep", 5000), "reset", "Ended"]),
        ("/slot_a", True, [("sleep", 5000), "reset", "Ended"]),
        ("/", False, ["ValueError"]),
        ("/", True, ["prompt"]),
    ],
)
def test_a_program_that_raises_is_told_and_a_slots_begins_again(start, folder, another, end):
    did = start(folder, raises(ValueError("broken")), another=another)
    assert did[did.index("broken") :] == ["broken", ("failed", True), *end]


def test_ctrl_c_is_no_failure_of_the_program(start):
    did = start("/slot_a", raises(KeyboardInterrupt()))
    assert did[-2:] == ["not counted", "KeyboardInterrupt"]


def test_a_program_that_cannot_be_imported_failed_before_it_ran(start, monkeypatch):
    usual = builtins.__import__

    def imported(name, *how):
        if name == "app":
            raise ValueError("no module")
        return usual(name, *how)

    monkeypatch.setattr(builtins, "__import__", imported)
    did = start("/slot_a")
    assert ("failed", False) in did and did[-1] == "Ended"
