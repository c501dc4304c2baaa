"""Runs the firmware's event loop a slice at a time, and hands over what the world sends.

Touches the frozen asyncio of this VM, which is driven by a JavaScript loop and has no `run`.
Speaks ms of `time.ticks_ms`. The slices exist because this port collects garbage only when control
comes back to JavaScript; a device does not need them.
"""

import asyncio
import os
import random
from _asyncio import TaskQueue
from asyncio import core
from time import ticks_diff, ticks_ms

import _sim
import micropython

CancelledError = core.CancelledError


class Unwind(BaseException):
    """asyncio.run leaves main.py, so that the loop can run in slices from the top."""


_at_top = False
_main = None
handlers = {}  # kind of event -> function(buffer, n bytes)
_event = bytearray(1024)


def run(coroutine):
    """Stand-in for asyncio.run: in main.py it does not return, at the prompt it does."""
    global _main
    task = core.create_task(coroutine)
    if _at_top:
        _main = task
        raise Unwind
    while not _turn(task):
        pass
    if isinstance(task.data, StopIteration):
        return task.data.value
    if task.data:
        raise task.data
    return None


def start():
    """Put the missing parts of asyncio in place."""
    core._task_queue = TaskQueue()
    core._schedule_run_iter = lambda dt: None
    asyncio.run = run
    asyncio.ThreadSafeFlag = ThreadSafeFlag
    os.chdir("/")
    micropython.kbd_intr(3)
    random.seed()
    os.urandom = _urandom
    os.sync = _sync
    os.ilistdir = _ilistdir


def _urandom(n):
    """Real chance, as a device's: nonces come from it. The module `random` repeats by the seed."""
    import uctypes

    got = bytearray(n)
    if n:
        _sim.entropy(uctypes.addressof(got), n)
    return bytes(got)


def _ilistdir(folder=".", _ilistdir=os.ilistdir):
    """List with sizes, as a device's file systems do and this port's does not."""
    for entry in _ilistdir(folder):
        size = 0 if entry[1] & 0x4000 else os.stat(folder + "/" + entry[0])[6]
        yield entry[0], entry[1], 0, size


def _sync():
    """Every write has reached the flash folder already; what it costs is counted."""
    _sim.synced()


class ThreadSafeFlag:
    """The flag that an interrupt may set; one task waits for it and clears it."""

    def __init__(self):
        self._event = asyncio.Event()

    def set(self):
        self._event.set()

    def clear(self):
        self._event.clear()

    async def wait(self):
        await self._event.wait()
        self._event.clear()


def run_file(path):
    """Run a program of the flash, if it is there; return True when it left tasks to step."""
    global _at_top
    try:
        with open(path) as file:
            source = file.read()
    except OSError:
        return False
    _at_top = True
    try:
        exec(compile(source, path, "exec"), __import__("__main__").__dict__)
    except Unwind:
        return True
    finally:
        _at_top = False
    return False


def step(turns):
    """Take turns of the event loop; return False when the program is over, else True."""
    for _ in range(turns):
        if _turn(_main):
            if not isinstance(_main.data, StopIteration):
                raise _main.data
            return False
    return True


def deliver():
    """Hand over what has come from outside, as interrupts would."""
    while _sim.events():
        n = _sim.event(_sim_address, len(_event))
        handler = handlers.get(_event[0])
        if handler:
            handler(_event, n)


def _turn(main):
    """Run the next task, or let time pass until it is due; return True when `main` is over."""
    if _sim.events():
        deliver()
    task = core._task_queue.peek()
    if task is None:
        if main.done():
            return True
        _sim.wait(-1)
        return False
    dt = ticks_diff(task.ph_key, ticks_ms())
    if dt > 0:
        _sim.wait(dt)
        return False
    core._task_queue.pop()
    core.cur_task = task
    try:
        error = task.data
        if error:
            task.data = None
            task.coro.throw(error)
        else:
            task.coro.send(None)
    except (CancelledError, Exception) as error:
        return _ended(task, error, main)
    return False


def _ended(task, error, main):
    """Book a finished task as asyncio does; return True for the main task."""
    waited = False
    if task is main:
        core.cur_task = None
        task.state = False
        task.data = error
        return True
    if task.state is None:
        _report(task, error)  # finished before, and nobody awaited it
        return False
    if task.state is True:
        task.state = None
    elif callable(task.state):
        task.state(task, error)
        task.state = False
        waited = True
    else:
        while task.state.peek():
            core._task_queue.push(task.state.pop())
            waited = True
        task.state = False
    if not waited and not isinstance(error, (CancelledError, StopIteration)):
        core._task_queue.push(task)  # give a waiter one turn to come, then report
    task.data = error
    return False


def _report(task, error):
    context = core._exc_context
    context["exception"] = error
    context["future"] = task
    core.Loop.call_exception_handler(context)


def _address():
    import uctypes

    return uctypes.addressof(_event)


_sim_address = _address()
