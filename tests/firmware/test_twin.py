"""The shared room and the driver answer alike under CPython and in the real MicroPython VM."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("twin_script.py")
LAST = "twin is done"


def words_of_cpython():
    path = ":".join([str(ROOT / "firmware"), str(ROOT / "firmware" / "lib")])
    run = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, env={"PYTHONPATH": path}
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def words_of_micropython(tmp_path):
    from notturno.virtualband import VirtualBand
    from notturno.virtualband.world import StillSource, Timeline

    firmware = tmp_path / "firmware"
    shutil.copytree(
        ROOT / "firmware", firmware, ignore=shutil.ignore_patterns("__pycache__", "main.py")
    )
    shutil.copy(SCRIPT, firmware / "main.py")
    world = Timeline([StillSource()], hours=1.0)
    with VirtualBand(tmp_path / "band", world, firmware=firmware) as band:
        for _ in range(600):
            said = band.output().decode()
            if LAST in said or "Traceback" in said:
                break
            time.sleep(0.05)
    return said.splitlines()


def test_one_program_says_the_same_in_both_interpreters(tmp_path):
    expected = words_of_cpython()
    assert expected[-1] == LAST and len(expected) > 50
    assert any("PowerCut" in line for line in expected)
    said = words_of_micropython(tmp_path)
    assert [line for line in said if line in expected or "Traceback" in line] == expected


def test_the_program_covers_what_it_is_meant_to():
    words = "\n".join(words_of_cpython())
    for needed in ("PowerCut", "LogFull", "unpack", "wire", "snippets"):
        assert needed in words, needed


@pytest.mark.parametrize("word", ["life 3", "log ", "snippets "])
def test_the_program_tells_its_results_one_by_one(word):
    assert sum(line.startswith(word) for line in words_of_cpython()) == 4
