"""The event loop of the virtual band's VM, turn by turn, over a queue and tasks made by hand."""

import os
import sys
import types
from pathlib import Path

import pytest
from notturno import virtualband

SOURCE = Path(virtualband.__file__).parent / "shims" / "_vm.py"


class Queue(list):
    """Tasks that are due, in order."""

    def peek(self):
        return self[0] if self else None

    def pop(self):
        return super().pop(0)

    def push(self, task):
        self.append(task)


class Task:
    """A task of MicroPython's: `does` is what each send or throw raises or returns."""

    def __init__(self, *does, at_ms=0, state=True, data=None):
        self.does, self.ph_key, self.state, self.data = list(does), at_ms, state, data
        self.got, self.coro = [], self

    def send(self, value):
        self.got.append(value)
        self.next()

    def throw(self, error):
        self.got.append(error)
        self.next()

    def next(self):
        does = self.does.pop(0) if self.does else None
        if isinstance(does, BaseException):
            raise does

    def done(self):
        return not self.state


class Sim:
    def __init__(self):
        self.waits, self.coming, self.entropy = [], [], lambda at, n: None

    def events(self):
        return len(self.coming)

    def event(self, buffer, n):
        event = self.coming.pop(0)
        buffer[: len(event)] = event
        return len(event)

    def wait(self, ms):
        self.waits.append(ms)


@pytest.fixture
def vm(monkeypatch):
    """Return the module over stand-ins of the VM's own; time stands at 100 ms."""
    told = []
    core = types.SimpleNamespace(
        CancelledError=type("CancelledError", (BaseException,), {}),
        _task_queue=Queue(),
        cur_task=None,
        _exc_context={},
        Loop=types.SimpleNamespace(
            call_exception_handler=lambda context: told.append(dict(context))
        ),
    )
    stand_ins = {
        "_asyncio": types.SimpleNamespace(TaskQueue=Queue),
        "asyncio": types.SimpleNamespace(core=core),
        "_sim": Sim(),
        "micropython": types.SimpleNamespace(),
        "uctypes": types.SimpleNamespace(addressof=lambda buffer: buffer),
        "time": types.SimpleNamespace(ticks_ms=lambda: 100, ticks_diff=lambda a, b: a - b),
    }
    listed = [("a.py", 0x8000, 0), ("lib", 0x4000, 0)]
    monkeypatch.setattr(os, "ilistdir", lambda folder: iter(listed), raising=False)
    module = types.ModuleType("_vm")
    with monkeypatch.context() as patch:
        for name, one in stand_ins.items():
            patch.setitem(sys.modules, name, one)
        exec(compile(SOURCE.read_text(encoding="utf-8"), "_vm.py", "exec"), vars(module))
    module.core, module.sim, module.told = core, stand_ins["_sim"], told
    return module


def queue(vm, *tasks):
    vm.core._task_queue[:] = tasks


def test_a_folder_is_listed_with_the_sizes_of_its_files(vm, monkeypatch):
    sizes = {"/x/a.py": 77}
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", lambda path: (0,) * 6 + (sizes[path], 0, 0, 0))
        found = list(vm._ilistdir("/x"))
    assert found == [("a.py", 0x8000, 0, 77), ("lib", 0x4000, 0, 0)]


def test_what_comes_goes_to_the_handler_of_its_kind(vm):
    heard = []
    vm.handlers[3] = lambda buffer, n: heard.append((bytes(buffer[:n]), n))
    vm.sim.coming = [b"\3ab", b"\7cd", b"\3" + bytes(900)]
    vm.deliver()
    assert [n for _, n in heard] == [3, 901] and heard[0][0] == b"\3ab"


def test_a_task_that_is_not_due_lets_so_much_time_pass(vm):
    main, later = Task(), Task(at_ms=130)
    queue(vm, later)
    assert vm._turn(main) is False and vm.sim.waits == [30] and later.got == []
    for at_ms in (100, 90):
        due = Task(at_ms=at_ms)
        queue(vm, due)
        assert vm._turn(main) is False and due.got == [None] and vm.core.cur_task is due
    assert vm.sim.waits == [30] and vm.core._task_queue == []
    almost = Task(at_ms=101)
    queue(vm, almost)
    assert vm._turn(main) is False and vm.sim.waits == [30, 1] and almost.got == []


def test_without_a_task_it_waits_for_an_event_or_is_over(vm):
    assert vm._turn(Task()) is False and vm.sim.waits == [-1]
    assert vm._turn(Task(state=False)) is True and vm.sim.waits == [-1]


def test_an_error_that_lies_ready_is_thrown_into_its_task(vm):
    error = ValueError("x")
    task = Task(data=error)
    queue(vm, task)
    assert vm._turn(Task()) is False and task.got == [error] and task.data is None


def test_the_end_of_the_main_task_is_the_programs(vm):
    for end, error in ((StopIteration(5), None), (None, None), (KeyError("x"), KeyError)):
        main = Task(end) if end else Task()
        vm._main = main
        queue(vm, main)
        if error:
            with pytest.raises(KeyError):
                vm.step(3)
        else:
            assert vm.step(1) is (end is None)
        assert (main.state is False) == (end is not None)


def test_so_many_turns_are_taken(vm):
    vm._main = Task()
    tasks = [Task() for _ in range(5)]
    queue(vm, *tasks)
    assert vm.step(3) is True and [bool(task.got) for task in tasks] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    ("error", "again"), [(ValueError("x"), True), (StopIteration(), False), ("cancelled", False)]
)
def test_a_task_that_nobody_awaits_gets_one_turn_more_before_its_error_is_told(vm, error, again):
    if error == "cancelled":
        error = vm.CancelledError()
    task = Task(error)
    queue(vm, task)
    assert vm._turn(Task()) is False and task.state is None and task.data is error
    assert vm.core._task_queue == ([task] if again else [])
    if again:
        task.does = [error]
        assert vm._turn(Task()) is False and vm.core._task_queue == []
        assert vm.told == [{"exception": error, "future": task}]


def test_who_awaits_a_task_goes_on_when_it_ends_and_hears_its_error(vm):
    waiter, error = Task(), ValueError("x")
    task = Task(error, state=Queue([waiter]))
    queue(vm, task)
    assert vm._turn(Task()) is False and task.state is False and task.data is error
    assert vm.core._task_queue == [waiter] and vm.told == []
    called = []
    task = Task(error, state=lambda *told: called.append(told))
    queue(vm, task)
    assert vm._turn(Task()) is False and called == [(task, error)] and task.state is False
    assert vm.core._task_queue == []


@pytest.mark.parametrize("ended_by", [StopIteration(7), None, ValueError("no")])
def test_at_the_prompt_a_run_takes_turns_until_its_task_has_ended(vm, ended_by):
    task, turns = Task(data=ended_by), []
    vm.core.create_task = lambda coroutine: task

    def turn(of):
        turns.append(of)
        return len(turns) == 3

    vm._turn = turn
    if isinstance(ended_by, ValueError):
        with pytest.raises(ValueError, match="no"):
            vm.run("main")
    else:
        assert vm.run("main") == (7 if ended_by else None)
    assert turns == [task] * 3 and vm._main is None


def test_in_main_a_run_unwinds_to_the_loop_that_serves_it(vm):
    task = Task()
    vm.core.create_task = lambda coroutine: task
    vm._at_top, vm._turn = True, None
    with pytest.raises(vm.Unwind):
        vm.run("main")
    assert vm._main is task
