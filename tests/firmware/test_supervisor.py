"""The watchdog's keeper: what it notes of an exception, and how long a row of them waits."""

import asyncio
import types

import pytest
from backup import Backup
from fakes.night import Memory
from supervisor import PROMPT_MS, ROW_BEFORE_PAUSES, WATCHDOG_MS, Supervisor, told


class Machine:
    def __init__(self):
        self.fed = 0
        self.timeouts = []
        self.resets = 0

    def WDT(self, timeout):  # noqa: N802  (its name there)
        self.timeouts.append(timeout)
        return types.SimpleNamespace(feed=self._feed)

    def _feed(self):
        self.fed += 1

    def reset(self):
        self.resets += 1


@pytest.fixture
def made():
    machine, memory = Machine(), Memory()
    return machine, memory, Supervisor(machine, Backup(memory))


async def broken():
    raise MemoryError("memory allocation failed, allocating 8480 bytes")


def test_an_exception_is_noted_saved_and_answered_by_a_reset(made):
    machine, memory, supervisor = made
    saved = []
    asyncio.run(supervisor.guard(broken(), lambda: saved.append(1)))
    line, where, what = Backup(memory).crash
    assert where.rstrip(b"\0") == b"st_supervisor.py"[-16:] and what.startswith(b"MemoryError mem")
    assert line == broken.__code__.co_firstlineno + 1
    assert (saved, machine.resets) == ([1], 1)


def test_where_even_the_saving_fails_the_note_and_the_reset_stay(made):
    machine, memory, supervisor = made

    def save():
        raise OSError(5)

    supervisor.give_up(ValueError("x" * 90), save)
    assert Backup(memory).crash[2] == b"ValueError " + b"x" * 13
    assert machine.resets == 1


def test_the_prompt_is_nobodys_exception_and_gets_an_hour(made):
    machine, _, supervisor = made

    async def stopped():
        raise KeyboardInterrupt

    supervisor.feed()  # before anybody watches: nothing
    supervisor.watch()
    supervisor.feed()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(supervisor.guard(stopped(), lambda: None))
    supervisor.let_go()
    assert machine.timeouts == [WATCHDOG_MS, PROMPT_MS] and machine.fed == 1
    assert machine.resets == 0
    assert 5000 < WATCHDOG_MS <= 10_000, "a dock's poll fits; a hang costs a night 15 s at most"
    assert PROMPT_MS == 3_600_000


def test_only_a_long_row_of_failed_starts_waits(made):
    _, _, supervisor = made
    pauses = []
    for row in range(ROW_BEFORE_PAUSES + 6):
        supervisor._backup.in_a_row = row
        pauses.append(supervisor.pause_ms())
    assert pauses == [0] * 8 + [2_500, 5_000, 10_000, 10_000, 10_000, 10_000]


def test_a_traceback_of_micropython_is_read(monkeypatch):
    text = (
        "Traceback (most recent call last):\n"
        '  File "asyncio/core.py", line 214, in run_until_complete\n'
        '  File "/slot_a/recorder.py", line 301, in _tell\n'
        "MemoryError: \n"
    )
    import sys

    monkeypatch.setattr(sys, "print_exception", lambda error, out: out.write(text), raising=False)
    assert told(MemoryError("x")) == (301, "recorder.py", "MemoryError x")


@pytest.mark.parametrize(
    ("text", "line", "where"),
    [
        ("ValueError: no traceback\n", 0, ""),
        ('  File "rom", in begin\n', 0, ""),
        ('  File "rom", line ?, in begin\n', 0, "rom.py"),
        ('  File "rom", line 7, in begin\n', 7, "rom.py"),
        ('  File "a.py", line 7\n  File "/b/c.py", line 1203, in x9\n', 1203, "c.py"),
    ],
)
def test_the_last_place_that_a_traceback_names(monkeypatch, text, line, where):
    import sys

    monkeypatch.setattr(sys, "print_exception", lambda error, out: out.write(text), raising=False)
    assert told(ValueError("x")) == (line, where, "ValueError x")


def test_a_supervisor_without_a_dog_lets_go_of_none(made):
    machine, _, supervisor = made
    supervisor.let_go()
    assert machine.timeouts == []
    supervisor.watch()
    assert machine.timeouts == [8000]


def test_the_longest_row_of_failures_waits_no_longer(made):
    _, _, supervisor = made
    supervisor._backup.in_a_row = 255
    assert supervisor.pause_ms() == 10_000
