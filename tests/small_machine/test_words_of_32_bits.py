"""What the firmware keeps in the heap of a machine with 32-bit words, all of it as .mpy.

The WebAssembly port is a real VM with words, objects and blocks of the ESP32's sizes. It collects
between the steps alone, so steps are short. It has the detector's stages and the stubs of the port
in the heap, which an ESP32 has not: the figures are on the high side.
"""

import ast

import pytest
import small_kit
from whole import whole_or

SESSIONS, MINUTES = whole_or(20, 10), 3
FIRST_HEAP_BYTES = 65536
# Above what stands free: how much the port says it could still take from the system.
SPLIT_BYTES = 128 << 20
MOST_IMPORTED_BYTES = 132_000  # today 129 k, 4 k of it rhythms: a board without a ROM partition
MOST_AT_A_SESSION_BYTES = 170_000  # today 167 k: parts, buffers, log, a session that has begun
MOST_BETWEEN_SESSIONS_BYTES = 320  # one may begin while a row still waits
MOST_KEPT_BYTES = 64

# The path comes first: asyncio would take the port's own `time`, and the figures would be those of
# a program whose clock goes as fast as this machine happens to be.
SETUP = """
import sys
sys.path[:] = ["/device", ".frozen", "/fw"]
import asyncio, gc, json, os
os.urandom = bytes
import bluetooth, cryptolib, esp32, machine, world
class ThreadSafeFlag:
    def set(self): pass
    def clear(self): pass
    async def wait(self): pass
asyncio.ThreadSafeFlag = ThreadSafeFlag
class Left(Exception): pass
kept = []
def leave(coroutine):
    kept.append(coroutine)
    raise Left
asyncio.run = leave
def say(what):
    live, free = gc.mem_alloc(), gc.mem_free()
    print(json.dumps({"what": what, "live": live - base, "heap": live + free - %d}))
base = 0
machine.I2C()
world.now_ms = 1000
gc.collect()
"""
PARTS = """
import app
from recorder import Recorder
was = Recorder.__init__
def noted(self, *arguments):
    global recorder
    recorder = self
    was(self, *arguments)
Recorder.__init__ = noted
try:
    app.run()
except Left:
    pass
gc.collect()
"""
DRAIN = """
world.now_ms += 2351
recorder.drain()
left -= 1
going = left > 0
gc.collect()
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory, firmware, restless):
    source = (small_kit.ROOT / "firmware" / "app.py").read_text(encoding="utf-8")
    steps = [SETUP % SPLIT_BYTES, "base = gc.mem_alloc()"]
    steps += ["import config\nconfig.BOARD = 'xiao_esp32c3'\ngc.collect()"]
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            steps.append(ast.unparse(node) + "\ngc.collect()")
    steps += ["import app\ngc.collect()", "say('imported')", PARTS, "say('parts')"]
    for _ in range(SESSIONS):
        steps += ["recorder.start()\ngc.collect()", "say('session')"]
        steps += [f"left = {MINUTES * 60 * 1000 // 2351}", [DRAIN, "going"]]
        steps += ["recorder.stop(1)\ngc.collect()"]
    folder = tmp_path_factory.mktemp("words32")
    return small_kit.run_32_bit(folder, firmware, restless, steps, FIRST_HEAP_BYTES)


def at(said, what):
    return [row["live"] for row in said if row["what"] == what]


def test_what_is_imported_is_within_its_budget(said):
    (imported,) = at(said, "imported")
    print(f"imported: {imported} B of 32-bit heap")
    assert MOST_IMPORTED_BYTES / 2 < imported <= MOST_IMPORTED_BYTES


def test_a_session_is_within_its_budget(said):
    sessions = at(said, "session")
    print(f"parts: {at(said, 'parts')} B, sessions: {sessions[0]} to {max(sessions)} B")
    print(f"heap: {said[-1]['heap']} B, begun with {FIRST_HEAP_BYTES}")
    assert max(sessions) <= MOST_AT_A_SESSION_BYTES


def test_many_sessions_in_one_boot_keep_no_more_than_two(said):
    sessions = at(said, "session")
    assert len(sessions) == SESSIONS
    assert max(sessions[1:]) - min(sessions[1:]) <= MOST_BETWEEN_SESSIONS_BYTES
    assert sessions[-1] - sessions[1] <= MOST_KEPT_BYTES
