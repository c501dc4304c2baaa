"""What ARCHITECTURE.md says of adding something is true: each is done in a copy of the tree.

The example is added, the house's own checks run over it there, and the files that were touched are
those that the page names.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "host/src/notturno"
TAKEN = ("firmware", "hardware", "host", "tests/chips", "tests/fakes", "tests/hardware")
LEFT = shutil.ignore_patterns(
    "node_modules", "__pycache__", "*.egg-info", "*.npz", "build", "*.svg"
)
PAGE = (ROOT / ".github" / "ARCHITECTURE.md").read_text(encoding="utf-8")


class Tree:
    """A copy of the tree, in which files are made and rows are added."""

    def __init__(self, folder):
        self.folder = folder
        for name in TAKEN:
            shutil.copytree(ROOT / name, folder / name, ignore=LEFT)
        self.write("tests/conftest.py", "import sys\nsys.path.append('firmware')\n")
        self.before = self._state()

    def _state(self):
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file() and not {"__pycache__", ".pytest_cache"} & set(path.parts)
        }

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def change(self, name, *pairs):
        """Replace texts of a file, each of which stands there once."""
        text = self.text(name)
        for old, new in pairs:
            assert text.count(old) == 1, (name, old, text.count(old))
            text = text.replace(old, new)
        self.write(name, text)

    def touched(self):
        now = self._state()
        return {name for name in now if now[name] != self.before.get(name)}

    def run(self, *words, code=0, told=""):
        """Run Python over the copy, with `told` typed into it; return what it printed."""
        paths = [self.folder / "host" / "src", self.folder / "firmware" / "lib"]
        own = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "NOTTURNO_LANG": "en"}
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | own,
            capture_output=True,
            input=told,
            encoding="utf-8",
        )
        assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def test(self, which, *files):
        """Run some of the copy's tests, those that match; return {file: how many passed}."""
        words = ("-q", "-rp", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", which)
        told = self.run("-m", "pytest", *words, *files)
        return Counter(re.findall(r"^PASSED ([\w/.]+)::", told, re.MULTILINE))

    def night(self):
        """Store a night of five limb movements in the copy's own form; return its folder."""
        code = (
            "import sys; sys.path.append('tests/fakes')\n"
            "from nights_by_hand import DEVICE, LOG_ID, Pen\n"
            "from notturno.store import Store\n"
            "from notturno_core import wire\n"
            "pen = Pen(); pen.time(1000, 1768253400000)\n"
            "lm = {'kind': wire.EVENT_LM, 'duration_samples': 104, 'peak_mg': 90}\n"
            "pen.night(2000, 240, [(10 + i / 3, lm) for i in range(5)])\n"
            "with Store.open('data') as store:\n"
            "    store.add(store.begin_sync(DEVICE, LOG_ID, 'Europe/Rome', '0'), pen.frames)\n"
        )
        (self.folder / "data").mkdir()
        self.run("-c", code)
        return "data"


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "tree")


def made(tree):
    """Return the files that were touched, without data and what a tool makes."""
    return {n for n in tree.touched() if not n.startswith("data/") and not n.endswith(".mo")}


def test_a_chip_takes_three_files_and_one_row(tree):
    driver, model = "firmware/drivers/icm42605.py", f"{PACKAGE}/virtualband/chips/icm42605.py"
    for name, old in ((driver, "drivers/icm42688"), (model, "virtualband/chips/icm42688")):
        folder = "firmware" if old.startswith("drivers") else PACKAGE
        text = (
            tree.text(f"{folder}/{old}.py").replace("42688-P", "42605").replace("42688", "42605")
        )
        tree.write(name, text.replace("0x47", "0x42"))
    described = json.loads(tree.text("hardware/chips/icm42688.json"))
    described |= {"name": "icm42605", "title": "TDK ICM-42605", "driver": "icm42605"}
    described["who_am_i"]["value"]["value"] = 0x42
    tree.write("hardware/chips/icm42605.json", json.dumps(described))
    known, old = "firmware/lib/notturno_core/sensors.py", '    ("bmi270", "Bmi270", "BMI270", '
    new = '    ("icm42605", "Icm42605", "ICM-42605", (0x68, 0x69), 0x75, (0x42,), 30_000),\n'
    tree.change(known, (old, new + old))
    files = ("chips/test_conformance.py", "chips/test_how_a_chip_is_looked_for.py")
    files = [f"tests/{name}" for name in (*files, "hardware/test_boards_json.py")]
    passed = tree.test("ICM-42605 and test_conformance or in_vain or icm42605", *files)
    assert passed[files[0]] > 20 and passed[files[1]] == 1 and passed[files[2]] > 0
    assert made(tree) == {driver, model, "hardware/chips/icm42605.json", known}


def test_a_board_takes_two_files(tree):
    text = tree.text("firmware/boards/xiao_esp32s3.py").replace("XiaoEsp32S3", "Example")
    tree.write("firmware/boards/example.py", text.replace("xiao_esp32s3", "example"))
    described = tree.text("hardware/boards/xiao_esp32s3.json")
    tree.write("hardware/boards/example.json", described.replace('"xiao_esp32s3"', '"example"'))
    code = (
        "import sys; sys.path[:0] = ['tests', 'firmware']\n"
        "from fakes import device_modules\nimport pytest\n"
        "with pytest.MonkeyPatch.context() as patch:\n"
        "    device_modules.install(patch, 'a board')\n"
        "    import boards\n    print(boards.pick('example').name)\n"
    )
    assert tree.run("-c", code).strip() == "example"
    ways = "chips.arch_of_board('example'), chips.chip_of_board('example')"
    code = f"from notturno.flashing import chips; print({ways}, chips.image_of_board('example'))"
    said = "xtensawin esp32s3 SEEED_XIAO_ESP32S3"
    assert tree.run("-c", code).strip() == said  # it can be flashed, MicroPython too
    assert tree.test("example or every_real", "tests/hardware/test_boards_json.py").total() > 1
    assert made(tree) == {"firmware/boards/example.py", "hardware/boards/example.json"}


def test_a_rule_set_takes_one_file_and_one_row(tree):
    """The example: AASM v3, but for LM of up to 15 s, and three of them make a series."""
    name, row = f"{PACKAGE}/scoring/movements/wide3.py", f"{PACKAGE}/nights/columns.py"
    tree.write(
        name,
        '"""LM of 0.5 to 15 s, three or more in a series; else as AASM v3. Pure."""\n\n'
        "from notturno.scoring.movements import aasm3\n\n\n"
        'class Rules(aasm3.Rules):\n    """Wider."""\n\n    LM_MAX_US = 15_000_000\n',
    )
    old = '    RuleSet("aasm3", "AASM v3", "aasm3-2"),  # four or more: VII.1\n'
    new = '    RuleSet("wide3", "wide", "wide3-1", series_min=3),\n'
    tree.change(row, (old, old + new))
    nights = json.loads(tree.run("-m", "notturno", "nights", "--json", "--data-dir", tree.night()))
    (night,) = nights["nights"]
    assert "wide3-1" in night["rules_version"] and "periodicity_index_wide3" in night
    assert night["clm_wide3"] == night["clm_aasm3"] == 5
    asked = ("nights", "--measure", "plm_per_h_wide3", "--data-dir", "data")
    assert "PLM (wide) per hour" in tree.run("-m", "notturno", *asked)
    assert "in series of three or more" in tree.run("-m", "notturno.nights.dictionary")
    # What it says of itself is what it does: three movements of 12 s, 20 s apart.
    tree.write("data/list.csv", "onset_s,duration_s,side\n100,12,L\n120,12,L\n140,12,L\n")
    told = json.loads(tree.run("-m", "notturno", "score", "data/list.csv", "--json"))
    assert [told[rules]["plm"] for rules in ("wasm2016", "aasm3", "wide3")] == [0, 0, 3]
    assert told["wide3"]["parameters"]["series_min"] == 3
    assert told["wide3"]["parameters"]["lm_max_s"] == 15.0
    assert told["wide3"]["conventions"].keys() == told["aasm3"]["conventions"].keys()
    assert made(tree) == {name, row}


def test_a_measure_takes_rows_in_two_files(tree):
    data = tree.night()  # stored before there was such a measure
    old = '    Column("rhythms", "count", "", "rhythms", "rhythmic runs that count"),\n'
    new = '    Column("longest_lm_s", "value", "s", "longest LM", "of those that count"),\n'
    tree.change(f"{PACKAGE}/nights/columns.py", (old, new + old))
    value = '        "longest_lm_s": max(lasts, default=None),\n'
    tree.change(
        f"{PACKAGE}/nights/summary.py",
        ('        "rhythms": len', value + '        "rhythms": len'),
        (
            '    jerks = axis.counted("jerk")\n',
            '    jerks = axis.counted("jerk")\n    lms = axis.counted("lm")\n'
            '    lasts = [(lm["end_us"] - lm["onset_us"]) / 1e6 for lm in lms]\n',
        ),
    )
    found = json.loads(tree.run("-m", "notturno", "nights", "--json", "--data-dir", data))
    assert found["nights"][0]["longest_lm_s"] == pytest.approx(1.0, abs=0.01)
    asked = ("nights", "--measure", "longest_lm_s", "--data-dir", "data")
    assert "longest LM" in tree.run("-m", "notturno", *asked)
    assert "`longest_lm_s`" in tree.run("-m", "notturno.nights.dictionary")
    assert made(tree) == {f"{PACKAGE}/nights/columns.py", f"{PACKAGE}/nights/summary.py"}


def test_a_language_takes_a_row_and_a_catalogue(tree):
    pytest.importorskip("babel")
    rows = f"{PACKAGE}/words/languages.py"
    row = '    "eo": Language("Esperanto", "eo", ",", " ", ("j", "jes"), ("n", "ne")),\n'
    tree.change(rows, ('    "it": Language', row + '    "it": Language'))
    told = tree.run("host/tools/make_words.py", code=1)
    assert re.search(r"eo: \d{4} texts, \d{4} not translated", told)
    name = f"{PACKAGE}/words/locale/eo/LC_MESSAGES/notturno.po"
    english = "Nothing is stored yet: bring your band near and run  notturno sync"
    text = tree.text(name).replace(
        f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "Nenio"'
    )
    tree.write(name, text)
    tree.run("host/tools/make_words.py", code=1)
    asked = ("nights", "--data-dir", "none")
    assert tree.run("-m", "notturno", "--lang", "eo", *asked).startswith("Nenio")
    code = "from notturno.words import *; from notturno.words.numbers import number_text\n"
    code += "with speaking('eo'): print(number_text(1234.5, 1))"
    assert tree.run("-c", code).strip() == "1 234,5"
    code = "from notturno.cli import asking; from notturno.words import speaking\n"
    code += "with speaking('eo'): print(asking.agreed('Cxu?'))"
    assert tree.run("-c", code, told="jes\n").endswith("[j/N]: True\n")
    assert made(tree) == {rows, name}


@pytest.mark.parametrize("what", ["chip", "board", "rule set", "measure", "language"])
def test_the_page_says_how_to_add_each(what):
    assert f"**A {what}**" in PAGE
