"""How much Python a drain of a quiet night is, around the machine code: an input of the budget.

Counted, not timed: opcodes of CPython in the firmware's own files, which stand for MicroPython's
bytecodes about one for one. A minute's work is in it, spread over its drains. In a process of its
own: what others left imported, or traced, has no part in it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.day_of_a_band import Day
from notturno.detect import source, viper

ROOT = Path(__file__).resolve().parents[2]
COMPUTING = json.loads((ROOT / "hardware" / "computing.json").read_text(encoding="utf-8"))
BEGIN_S, SECONDS = 200, 600  # the radio of the start is off by then
HOT = {*source.stage_names(), *sum(viper.DRIVER_FUNCTIONS.values(), ())}


def ops_of(monkeypatch):
    """Return (opcodes, drains) of some minutes of a band that nobody moves."""
    day = Day(monkeypatch)
    firmware = str(ROOT / "firmware")
    ops, drains = [0], [0]
    counting = [False]
    drain = day.recorder.drain

    def counted_drain():
        drains[0] += counting[0]
        return drain()

    monkeypatch.setattr(day.recorder, "drain", counted_drain)

    def local(frame, event, _):
        ops[0] += event == "opcode"
        return local

    def trace(frame, _event, _argument):
        code = frame.f_code
        if not code.co_filename.startswith(firmware) or code.co_name in HOT:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return local

    def begin():
        counting[0] = True
        sys.settrace(trace)
        for frame in _frames(sys._getframe()):
            if frame.f_code.co_filename.startswith(firmware):
                frame.f_trace, frame.f_trace_opcodes = local, True

    day.at(BEGIN_S, begin)
    try:
        day.run(BEGIN_S + SECONDS)
    finally:
        sys.settrace(None)
    return ops[0], drains[0]


def _frames(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back


def test_a_drain_is_no_more_python_than_the_budget_says():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    ops, drains = json.loads(done.stdout.splitlines()[-1])
    assert drains > 200
    print(f"{ops / drains:.0f} opcodes a drain")
    said = COMPUTING["bytecodes_a_drain"]["value"]
    assert ops / drains == pytest.approx(said, rel=0.15)


def test_the_budget_knows_at_which_clock_a_night_is_recorded():
    text = (ROOT / "firmware" / "power.py").read_text(encoding="utf-8")
    slow_hz = text.split("SLOW_HZ, FAST_HZ = ")[1].split(",")[0]
    assert COMPUTING["cpu_mhz"]["value"] * 1e6 == int(slow_hz)


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        print(json.dumps(ops_of(patch)))
