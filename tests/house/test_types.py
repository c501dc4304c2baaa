"""How much of the house says what it takes and gives, and what the checker would see.

`make types` runs the checker over all of it (40 s of one processor); here it runs over a few lines
with the same settings, so that nobody loosens them unseen.
"""

import json
import subprocess
import sys
import tomllib

from trees import HOST, ROOT, functions_of, host_files, is_typed, tree_of

LEAST_TYPED = 0.90
PROJECT = ROOT / "host" / "pyproject.toml"
LIMIT_S = 300
FAULTY = """
from notturno.battery import battery_text
from notturno.nights.clocks import Anchor, BootClock
from notturno.refusals import per_h


def faults(mv: int | None) -> str:
    clock = BootClock([Anchor(0, 0, 0, None)])
    late = clock.utc_ms(0) + 1
    rate = per_h(3, 8.0) * 2
    return battery_text("3700") + late + rate
"""


def test_nine_functions_of_ten_are_typed_in_every_room():
    typed: dict[str, list[bool]] = {}
    for path in host_files():
        room = path.relative_to(HOST).parts[0]
        typed.setdefault(room, []).extend(map(is_typed, functions_of(tree_of(path))))
    every = [each for of_room in typed.values() for each in of_room]
    assert sum(every) / len(every) >= LEAST_TYPED
    few = {room: sum(of) / len(of) for room, of in typed.items() if of}
    assert {room: share for room, share in few.items() if share < LEAST_TYPED} == {}


def test_a_function_that_says_nothing_is_found(tmp_path):
    path = tmp_path / "one.py"
    path.write_text(
        "def told(a: int) -> int: ...\ndef half(a: int): ...\ndef none(a) -> int: ...\n"
    )
    assert [is_typed(each) for each in functions_of(tree_of(path))] == [True, False, False]


def test_the_checker_sees_none_a_refusal_and_a_text_that_is_no_number(tmp_path):
    settings = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["basedpyright"]
    (tmp_path / "faulty.py").write_text(FAULTY)
    paths = [str((PROJECT.parent / each).resolve()) for each in settings["extraPaths"]]
    own = settings | {"include": ["faulty.py"], "exclude": [], "extraPaths": paths}
    config = tmp_path / "pyrightconfig.json"
    config.write_text(json.dumps(own))
    command = [sys.executable, "-m", "basedpyright", "-p", str(config), "--outputjson"]
    command += ["--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    found = json.loads(done.stdout)["generalDiagnostics"]
    lines = {row["range"]["start"]["line"] + 1 for row in found if row["severity"] == "error"}
    assert lines == {9, 10, 11}


def test_lint_runs_the_checker():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "lint: setup types" in text and "basedpyright -p host/pyproject.toml" in text
    assert "host/tools/port_names.py" in text  # and the port's, which every run leaves to it
