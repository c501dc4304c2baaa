"""What is left out of the firmware on its way to a band: names, and nothing that is done."""

import ast

import pytest
from notturno import firmware_files
from notturno.flashing import package, slim

WIRE = '''"""Words."""
import struct

KIND, OTHER = 5, 6
SUM = KIND * 2 + 1
BIG = 0xFFFFFFFF
LEN = struct.calcsize("<I")
FOR_HOSTS = {KIND: "kind"}
MAYBE = 1


def read(data):
    return data[:KIND]


def pack(n):
    return n + SUM
'''
APP = """import wire
from wire import (
    MAYBE,
    OTHER,
)

_COUNT = 0


def run(n):
    MAYBE = 4
    x = wire.KIND if n else -wire.OTHER
    return [wire.pack(n), OTHER, x, wire.BIG, MAYBE, wire.KIND.real]


def free():
    return wire.SUM
"""


@pytest.fixture(scope="module")
def small():
    return slim.slimmed({"lib/wire.py": WIRE, "app.py": APP}, {})


def ran(texts, call):
    """Return what a call gives in a module app that imports the module wire."""
    import sys
    import types

    modules = {}
    for name in ("wire", "app"):
        modules[name] = sys.modules[name] = types.ModuleType(name)
        text = texts[f"lib/{name}.py" if name == "wire" else f"{name}.py"]
        exec(compile(text, name, "exec"), vars(modules[name]))
    del sys.modules["wire"], sys.modules["app"]
    return eval(call, vars(modules["app"]))


def test_what_is_computed_is_the_same(small):
    for call in ("run(1)", "run(0)", "free()"):
        assert ran(small, call) == ran({"lib/wire.py": WIRE, "app.py": APP}, call)


def test_numbers_stand_where_they_are_used_and_their_names_are_gone(small):
    assert "wire.KIND" not in small["app.py"] and "x = 5 if n else -6" in small["app.py"]
    assert "(5).real" in small["app.py"], "a number of its own"
    for gone in ("KIND", "SUM", "OTHER", "FOR_HOSTS", "read", "LEN"):
        assert gone not in small["lib/wire.py"]
    assert "return n + 11" in small["lib/wire.py"]


PACES = """FIXED_RULES = (
    ("slow_ms", 900, "why"),
    ("quick_ms", 70, "why"),
)
FIXED = {rule: value for rule, value, _ in FIXED_RULES}


def half():
    return FIXED["slow_ms"] // 2
"""
ASKS = """import wire


def run(rule):
    return wire.half() + wire.FIXED["quick_ms"]%s
"""


def test_a_table_that_no_setting_changes_goes_where_each_is_asked_by_its_name():
    texts = {"lib/wire.py": PACES, "app.py": ASKS % ""}
    found = slim.slimmed(texts, {})
    assert "return 900 // 2" in found["lib/wire.py"] and "+ 70" in found["app.py"]
    assert "FIXED" not in "".join(found.values()) and "slow" not in "".join(found.values())
    assert ran(found, "run('')") == ran(texts, "run('')") == 520


def test_a_table_that_is_asked_by_more_than_a_name_stays_too():
    texts = {"lib/wire.py": PACES, "app.py": ASKS % " + wire.FIXED[rule]"}
    found = slim.slimmed(texts, {})
    assert ran(found, "run('slow_ms')") == ran(texts, "run('slow_ms')") == 1420


def test_what_may_be_another_thing_stays(small):
    assert "BIG = 0xFFFFFFFF" in small["lib/wire.py"], "no small int on a chip"
    assert "MAYBE = 4" in small["app.py"] and ", MAYBE, " in small["app.py"]
    assert "def free()" in small["app.py"], "nobody here imports app: it is called from outside"


def test_every_line_keeps_its_number(small):
    for name, text in (("lib/wire.py", WIRE), ("app.py", APP)):
        assert len(small[name].splitlines()) == len(text.splitlines())
        lines = {line.strip(): k for k, line in enumerate(text.splitlines())}
        for k, line in enumerate(small[name].splitlines()):
            if line.startswith(("def ", "    return n")) and line.strip() in lines:
                assert lines[line.strip()] == k


CLASSES = """class Base:
    _table = (1, 2)

    def __init__(self):
        self._first, self.open = 1, 2
        self._asked = 3

    def _work(self):
        return self._first


class Child(Base):
    def __init__(self):
        super().__init__()
        self._second = 5

    def all(self):
        return (self._work(), self._second, self._table, self._asked)


class Other:
    def __init__(self, child):
        self._child = child
        self._word = "_second_word"

    def told(self):
        return self._child._asked, getattr(self, "_word")
"""


def test_private_names_are_short_in_each_family_and_known_ones_stay():
    small = slim.slimmed(
        {
            "app.py": CLASSES + "\n\ndef run():\n    c = Child()\n    return c.all()"
            ", Other(c).told(), c.open\n"
        },
        {},
    )["app.py"]
    for gone in ("_first", "self._second", "_table", "_child"):
        assert gone not in small
    assert "_asked" in small and '"_word"' in small and "self._word" in small
    space = {}
    exec(small, space)
    assert space["run"]() == ((1, 5, (1, 2), 3), (3, "_second_word"), 2)
    names = {n.attr for n in ast.walk(ast.parse(small)) if isinstance(n, ast.Attribute)}
    mine = [name for name in names if name.startswith("_") and name[1:].isdigit()]
    assert sorted(mine) == ["_0", "_1", "_2", "_3"], "the two families share them"


MODULE = """_table = [3, 4]
_seen = 0


def _total(_given):
    return sum(_table) + _given


def _shared():
    return 10


def _noted():
    global _seen
    _seen += 1
    return _seen


def _asked():
    return 100


def run():
    return _total(1) + _shared() + _noted() + _asked()


class Told:
    kept = _table

    def _total(self):
        return _total(2)

    def all(self):
        return self._total()
"""
OTHER = (
    "import app\nfrom app import _shared\n\n\ndef both():\n    return _shared() + app._asked()\n"
)


def test_private_names_of_a_module_are_short_but_where_another_knows_or_binds_them():
    small = slim.slimmed(
        {"app.py": MODULE, "other.py": OTHER}, {}, ("app.run(); app.Told().all()",)
    )
    space = {}
    exec(small["app.py"], space)
    assert space["run"]() == 119 and space["Told"]().all() == 9 and space["Told"].kept == [3, 4]
    names = {n.id for n in ast.walk(ast.parse(small["app.py"])) if isinstance(n, ast.Name)}
    assert "_noted" not in names and "_0" in names, "nobody else knows it"
    assert {"_shared", "_asked", "_seen", "_total", "_table", "_given"} <= names
    kept = slim.slimmed({"app.py": MODULE}, {"app.py": ("run",)}, ("app.Told().all()",))["app.py"]
    assert "_noted()" in kept, "what stays to the letter names it"


def test_a_name_that_a_function_binds_for_itself_stays_what_it_is():
    module = "_near = 5\n_far = 7\ndef run(far):\n    _near = far\n    return _near * _far\n"
    small = slim.slimmed({"app.py": module}, {}, ("app.run(3)",))["app.py"]
    space = {}
    exec(small, space)
    assert space["run"](3) == 21 and "_near" in small and "_far" not in small


def test_functions_that_become_machine_code_stay_to_the_letter():
    sources = {name: path.read_text() for name, path in firmware_files.sources().items()}
    small = slim.slimmed(sources, package.HOT)
    for name, functions in package.HOT.items():
        for function in functions:
            old, new = (_function(texts[name], function) for texts in (sources, small))
            assert old == new


def _function(text, name):
    tree = ast.parse(text)
    (node,) = [n for n in tree.body if getattr(n, "name", None) == name]
    return ast.get_source_segment(text, node)


def test_the_settings_keep_their_names():
    sources = {name: path.read_text() for name, path in firmware_files.sources().items()}
    assert slim.slimmed(sources, package.HOT)["config.py"] == sources["config.py"]


def test_a_text_is_read_again_only_where_it_has_changed(monkeypatch):
    """Slimming was the dearest part of a flash: it read all texts for each question anew."""
    read, parse = [], ast.parse
    monkeypatch.setattr(ast, "parse", lambda text: read.append(text) or parse(text))
    sources = {n: p.read_text() for n, p in firmware_files.sources().items()}
    slim.slimmed(sources, package.HOT, ("import app",))
    assert len(read) < 3 * len(sources)
