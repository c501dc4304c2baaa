"""Tests run the same from a script's background, where all that starts ignores Ctrl-C."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ASK = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
BEGIN = f"""
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path.insert(0, {str(TESTS)!r})
import conftest
subprocess.run([sys.executable, "-c", {ASK!r}], check=True)
conftest.pytest_unconfigure()
"""


def test_what_a_test_starts_can_be_ended_by_ctrl_c():
    done = subprocess.run([sys.executable, "-c", BEGIN], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
