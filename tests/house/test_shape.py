"""How long a file and a function may be, and what is written twice: held against the source."""

import ast
import re

from trees import (
    FIRMWARE,
    HOST,
    ROOT,
    firmware_files,
    functions_of,
    host_files,
    texts_of,
    tree_of,
)

FILE_LINES, FUNCTION_LINES = 300, 100
# Longer files, and why they are.
LONGER = {
    "firmware/lib/notturno_core/segments.py": "one source of machine code; its stages share state",
    "firmware/lib/notturno_core/namer.py": "loaded at once by a small heap, as one table of rules",
    "firmware/lib/notturno_core/names.py": "the rules, in the order in which they apply",
    "firmware/lib/notturno_core/wire.py": "every byte of a record once, packed beside unpacked",
    "firmware/lib/notturno_core/eventlog.py": "the log's promise through power cuts, in one piece",
}
LONGER_FUNCTIONS = {
    "firmware/lib/notturno_core/segments.py quick_path": "a sample is met once, for viper calls "
    "nothing cheaply; an axis is written out, for an index costs seven instructions",
}
# Numbers that are equal and not the same, and why.
BY_CHANCE = {
    120_000: "a limit of ppm, and the last two minutes of a chart's hour",
    22_593: "the mark of a block, as one room reads it and as a maker of such files writes it",
}


def name_of(path, root):
    return path.relative_to(root).as_posix()


def too_long(files, root=ROOT):
    """Return the files and functions of some files that are longer than they may be."""
    found = []
    for path in files:
        name = name_of(path, root)
        source = path.read_text(encoding="utf-8")
        if source.count("\n") > FILE_LINES and name not in LONGER:
            found.append(name)
        for function in functions_of(tree_of(path)):
            said = f"{name} {function.name}"
            if function.lines > FUNCTION_LINES and said not in LONGER_FUNCTIONS:
                found.append(said)
    return found


def is_telling(number):
    """Say whether a number is one that nobody writes twice by chance."""
    if isinstance(number, bool) or not isinstance(number, int) or number < 10_000:
        return False
    of_twos = number & (number - 1) == 0 or (number + 1) & number == 0
    return not of_twos and len(str(number).rstrip("0")) > 1


def numbers_of(tree):
    """Return ({number: its name}, [(number, line) elsewhere]) of a file."""
    named, inside = {}, set()
    for node in tree.body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id.strip("_").isupper():
            inside |= {id(each) for each in ast.walk(node)}
            if isinstance(node.value, ast.Constant) and is_telling(node.value.value):
                named[node.value.value] = target.id
    elsewhere = [
        (each.value, each.lineno)
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and is_telling(each.value) and id(each) not in inside
    ]
    return named, elsewhere


def written_twice(files, root=ROOT):
    """Return the numbers that have a name somewhere and are written again elsewhere."""
    found = {name_of(path, root): numbers_of(tree_of(path)) for path in files}
    home, wrong = {}, []
    for name, (named, _) in found.items():
        for number, constant in named.items():
            if number in home and number not in BY_CHANCE:
                wrong.append(f"{name} {constant} = {number}, which is {home[number]}")
            home.setdefault(number, f"{name} {constant}")
    told = home.keys() - BY_CHANCE.keys()
    for name, (_, elsewhere) in found.items():
        wrong += [f"{name}:{line} {n}, which is {home[n]}" for n, line in elsewhere if n in told]
    return wrong


def test_files_and_functions_are_short():
    assert too_long(host_files() + firmware_files()) == []


def test_scripts_and_styles_are_short_too():
    ends = {".js", ".mjs", ".css", ".typ", ".html"}
    scripts = [p for p in HOST.rglob("*.*") if p.suffix in ends and "node_modules" not in p.parts]
    assert len(scripts) > 20
    lines = {name_of(p, ROOT): p.read_text(encoding="utf-8").count("\n") for p in scripts}
    assert {name: n for name, n in lines.items() if n > FILE_LINES} == {}


def test_every_reason_for_a_long_file_is_still_needed():
    lines = {name: (ROOT / name).read_text(encoding="utf-8").count("\n") for name in LONGER}
    assert {name: n for name, n in lines.items() if n <= FILE_LINES} == {}


def test_a_number_with_a_name_is_not_written_again():
    assert written_twice(host_files()) == []


def test_what_is_long_or_written_twice_is_found(tmp_path):
    """What these walls are worth: a tree with each fault."""
    (tmp_path / "one.py").write_text("SPAN_MS = 5_400_000\n")
    (tmp_path / "two.py").write_text("def late(ms):\n    return ms > 5_400_000\n")
    (tmp_path / "three.py").write_text("OTHER_MS = 5_400_000\n")
    (tmp_path / "four.py").write_text("def f():\n" + "    pass\n" * FUNCTION_LINES)
    (tmp_path / "five.py").write_text("#\n" * (FILE_LINES + 1))
    files = sorted(tmp_path.iterdir())
    assert too_long(files, tmp_path) == ["five.py", "four.py f"]
    found = written_twice(files, tmp_path)
    assert len(found) == 2 and any("two.py:2" in each for each in found)


# --- names ---------------------------------------------------------------------------------------

FILE_NAME = re.compile(r"(?<![\w/.*{<-])((?:[\w.-]+/)*[\w-]+\.(?:py|md|mjs|toml|html|css|typ))\b")
NOT_OURS = {"NIGHT.md"}  # a file that a test writes


def unknown_names(files, root=ROOT):
    """Return [(file, name)] of the files that texts name and that nobody has."""
    have = [
        p.relative_to(root).as_posix() for p in root.rglob("*.*") if "node_modules" not in p.parts
    ]
    known = {"/".join(each.split("/")[-n:]) for each in have for n in range(1, 8)} | NOT_OURS

    def unknown(text):
        return [name for name in FILE_NAME.findall(text) if name not in known]

    return [
        (name_of(path, root), name)
        for path in files
        if unknown(path.read_text(encoding="utf-8"))  # else none of its texts has one
        for text in texts_of(path)
        for name in unknown(text)
    ]


def test_a_file_that_a_comment_names_exists():
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert unknown_names(host_files() + firmware_files() + tests) == []


def test_a_name_of_no_file_is_found(tmp_path):
    (tmp_path / "one.py").write_text('"""See two.py and tests/gone/test_gone.py."""\n')
    (tmp_path / "two.py").write_text("# as one.py says\n")
    files = sorted(tmp_path.iterdir())
    assert unknown_names(files, tmp_path) == [("one.py", "tests/gone/test_gone.py")]


def test_the_walls_look_at_files():
    assert len(host_files(HOST)) > 300 and len(firmware_files(FIRMWARE)) > 50
