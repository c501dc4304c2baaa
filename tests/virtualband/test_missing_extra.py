"""Where an extra is not installed, one sentence says what to install."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from notturno.cli.missing import EXTRAS, extra_of

ROOT = Path(__file__).resolve().parents[2]
# Python as it is without a package: it is found nowhere, and nothing says why.
CODE = """
import importlib.machinery, sys
gone = sys.argv.pop(1).split(",")
class Without:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in gone:
            return None
        return importlib.machinery.PathFinder.find_spec(name, path, target)
sys.meta_path = [Without if f is importlib.machinery.PathFinder else f for f in sys.meta_path]
from notturno.cli import main
main()
"""


def without(packages, line, folder):
    """Return (exit code, what stood on stderr) of a command where packages are not installed."""
    words = [sys.executable, "-c", CODE, packages, *line.split()]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"NOTTURNO_DATA_DIR": str(folder / "data")}
    done = subprocess.run(
        words, capture_output=True, text=True, env=environment, cwd=folder, timeout=120
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("packages", "extra", "line"),
    [
        ("bumble", "virtual", "demo --hours 0.1"),
        ("bumble", "virtual", "band --hours 0.05"),
        ("bumble", "virtual", "sync --virtual 127.0.0.1:1"),
        ("bumble", "virtual", "live --virtual 127.0.0.1:1"),
        ("bumble", "virtual", "check --virtual 127.0.0.1:1"),
        ("starlette", "dashboard", "dashboard"),
        ("typst", "report", "report"),
        ("duckdb", "cohort", "cohort ."),
        ("aiomqtt", "mqtt", "mqtt --broker nowhere"),
    ],
)
def test_one_sentence_says_what_to_install(tmp_path, packages, extra, line):
    code, told = without(packages, line, tmp_path)
    assert "Traceback" not in told and code == 1, told
    *before, last = told.splitlines()
    assert last.startswith("notturno: ") and f"pip install 'notturno[{extra}]'" in last
    assert not any("notturno: " in line for line in before)


def test_every_optional_package_is_in_the_table_with_its_extra():
    settings = tomllib.loads((ROOT / "host" / "pyproject.toml").read_text(encoding="utf-8"))
    brought = {
        re.match(r"[\w-]+", needed)[0].replace("-", "_").removesuffix("_binaries"): extra
        for extra, needs in reversed(settings["project"]["optional-dependencies"].items())
        for needed in needs
        if extra != "test"
    }
    assert EXTRAS.keys() == brought.keys()
    extras = settings["project"]["optional-dependencies"]
    for package, extra in EXTRAS.items():
        names = [re.match(r"[\w-]+", needed)[0].replace("-", "_") for needed in extras[extra]]
        assert package in [name.removesuffix("_binaries") for name in names], package


def test_what_is_no_optional_package_stays_a_fault():
    assert extra_of(ModuleNotFoundError("no", name="notturno.nothing")) is None
    assert extra_of(ModuleNotFoundError("no", name="bumble.hci")) == ("bumble", "virtual")
    assert extra_of(ModuleNotFoundError("no")) is None
