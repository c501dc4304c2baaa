"""What slimming reads in a source and how it edits it: each form of a name, number by number."""

import ast

import pytest
from notturno.flashing import slim, source_edits

NAMES = {"A": 7, ("m", "B"): 9}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("5", 5), ("True", None), ("'x'", None), ("5.0", None), ("A", 7), ("C", None)],
        *[("m.B", 9), ("m.A", None), ("m.n.B", None), ("-A", -7), ("-C", None), ("not A", None)],
        *[("A + 2", 9), ("A - 9", -2), ("A * 3", 21), ("A // 2", 3), ("A // 0", None)],
        *[
            ("A << 2", 28),
            ("1 << 0", 1),
            ("1 << 63", 1 << 63),
            ("1 << 64", None),
            ("1 << -1", None),
        ],
        *[("A | 8", 15), ("A & 3", 3), ("A % 2", None), ("A ** 2", None), ("A + C", None)],
        *[("f(A)", None), ("(A + 1) * -m.B", -72), ("[A]", None)],
    ],
)
def test_which_whole_number_an_expression_is(text, value):
    assert slim._number(ast.parse(text, mode="eval").body, NAMES) == value


@pytest.mark.parametrize(
    ("number", "stands"), [("(1 << 30) - 1", True), ("1 << 30", False), ("-(1 << 30)", False)]
)
def test_what_every_chip_holds_as_a_small_number_stands_where_it_is_used(number, stands):
    text = f"X = {number}\n\n\ndef f():\n    return X + 1\n"
    made = slim.slimmed({"app.py": text}, {})["app.py"]
    assert ("return X + 1" not in made) is stands


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a = 1", ["a"]),
        ("a, b = 1, 2", ["a", "b"]),
        ("(\n    a,\n    b,\n) = (1, 2)", ["a", "b"]),
        ("a = b = 1", []),
        ("a, b = f()", []),
        ("a, b = 1, 2, 3", []),
        ("a, b.c = 1, 2", []),
        ("a.b = 1", []),
        ("a += 1", []),
        ("a: int = 1", []),
    ],
)
def test_what_a_plain_assignment_gives(text, pairs):
    assert [name for name, _ in source_edits.assigned(ast.parse(text).body[0])] == pairs


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("app.py", "app"),
        ("lib/notturno_core/wire.py", "notturno_core.wire"),
        ("boards/__init__.py", "boards"),
        ("lib/notturno_core/__init__.py", "notturno_core"),
    ],
)
def test_by_which_name_a_file_is_imported(file, module):
    assert source_edits.module_of(file) == module


def inside(text):
    return source_edits.Source(text).nodes


def test_names_are_counted_as_they_are_used():
    text = (
        "import p as q\nfrom r import s as t, u\n"
        "def f(a):\n    global g\n    g = a + a\n    return x.y.z, 'word', 'no word', q, t\n"
    )
    assert source_edits.used(inside(text)) == {
        **{"a": 2, "x": 1, "y": 1, "z": 1, "word": 1, "q": 1, "t": 1, "g": 1},
        **{"p": 1, "s": 1},
    }


def test_names_are_counted_as_they_are_bound():
    text = (
        "import a.b, c as d\nfrom e import f\n"
        "class g:\n    def h(self, i, *j, k=1):\n        l = m = 2\n"
        "        for n in (): pass\n        try: pass\n        except E as o: pass\n"
        "        global p\n        del l\n        nonlocal_ = 3\n"
        "async def r(): pass\n"
    )
    bound = source_edits.stores(inside(text))
    once = "a d f g h self i j k m n o p nonlocal_ r".split()
    assert bound == {**dict.fromkeys(once, 1), "l": 2}


def test_edits_of_one_line_keep_each_others_place():
    text = "é = a + bb + a\nnext = bb\n"
    found = [n for n in inside(text) if isinstance(n, ast.Name) and n.id in ("a", "bb")]
    edits = [(node, {"a": "long", "bb": "0"}[node.id]) for node in found]
    assert source_edits.edited(text, edits) == "é = long + 0 + long\nnext = 0\n"
    plain = source_edits.Source(text)
    assert plain.edited([]) is plain
    assert plain.edited(edits).text == "é = long + 0 + long\nnext = 0\n"


def test_a_source_says_what_stands_in_it_once():
    source = source_edits.Source(
        "import a\nb = a.c.d\nb = 2\ndef f():\n    import e\n    return b\n"
    )
    assert [len(nodes) for _, nodes in source.parts][0] == 2
    assert len(source.imports) == 2
    assert source.asked == {"c": 1, "d": 1} and source.bound["b"] == 2
    assert source.used == {"a": 1, "c": 1, "d": 1, "b": 1}
    assert source.used is source.used


# --- what goes -----------------------------------------------------------------------------------


def slimmed(app, lib="", leave=None):
    made = slim.slimmed({"app.py": app, "lib/m.py": lib}, leave or {})
    return made["app.py"], made["lib/m.py"]


LIB = "import struct\nN = 3\nWORDS = {N: 'three'}\nLEN = struct.calcsize('I')\nSAID = print(N)\n"
LIB += "def used():\n    return N\n\n\ndef dead():\n    return used()\n"


def test_what_no_line_names_goes_and_what_a_call_may_do_stays():
    app, lib = slimmed("import m\n\n\ndef run():\n    return m.used()\n", LIB)
    lines = lib.split("\n")
    assert lines[0] == "" and lines[1] == "" and lines[2] == "" and lines[3] == ""
    assert lines[4] == "SAID = print(3)" and "return 3" in lib and "dead" not in lib
    assert app.count("\n") == 5 and lib.count("\n") == LIB.count("\n")


def test_of_an_import_what_is_used_stays():
    app, _ = slimmed(
        "from m import (\n    used,\n    dead as other,\n)\n\n\ndef run():\n    return other()\n",
        LIB,
    )
    assert app.split("\n")[0] == "from m import dead as other" and app.count("\n") == 8


def test_settings_others_ask_for_by_name_stay():
    made = slim.slimmed(
        {"config.py": "A = 5\n", "app.py": "import config\n\nprint(config.A)\n"}, {}
    )
    assert made == {"config.py": "A = 5\n", "app.py": "import config\n\nprint(config.A)\n"}


def test_a_function_that_is_left_stays_to_the_letter():
    text = "N = 3\n\n\ndef hot(x):\n    return x + N\n\n\ndef cold(x):\n    return x + N\n"
    made = slim.slimmed({"app.py": text}, {"app.py": ("hot",)})["app.py"]
    assert "def hot(x):\n    return x + N" in made and "def cold(x):\n    return x + 3" in made
    assert made.startswith("N = 3")


def test_reasons_of_a_table_of_rules_are_for_people():
    text = "RULES = (\n    ('a', 1, 'why it is'),\n    ('b', 2, 'and this'),\n)\n"
    text += "OTHER = (('a', 1, 'x'),)\n"
    made = slim.slimmed({"lib/m.py": text, "app.py": "import m\nprint(m.RULES, m.OTHER)\n"}, {})
    assert "('a', 1, 0)" in made["lib/m.py"] and "('b', 2, 0)" in made["lib/m.py"]
    assert "OTHER = (('a', 1, 'x'),)" in made["lib/m.py"]
