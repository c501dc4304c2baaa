"""No text that a person reads stands outside the catalogues, and every catalogue is whole."""

import ast
import re
import string
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "host" / "tools"
sys.path.insert(0, str(TOOLS))
make_words = pytest.importorskip("make_words")  # needs babel
words_found = pytest.importorskip("words_found")

SOURCE = words_found.SOURCE
ROOMS = ("cli", "charts", "views", "report", "dashboard", "doctor", "words")
# What looks up its text, or is for programs alone.
LOOKS_UP = (
    words_found.FIRST | words_found.PAIRS | words_found.FINDINGS | {"recognised", "reason_of"}
)
LOOKS_UP |= words_found.LISTS
FOR_PROGRAMS = {"compile", "fullmatch", "search", "sub", "split", "execute", "import_module"}
FOR_PROGRAMS |= {"ValueError", "TypeError", "KeyError", "RuntimeError", "AssertionError"}
FOR_PROGRAMS |= {"option", "argument", "command", "group", "version_option", "strftime"}
PRINTS = {"echo", "confirm", "prompt", "progress_bar", "text"}  # every word of these is read
SENTENCE = re.compile(r"[A-Za-z]{2,}[,.:;]? +[a-z]{2,}")
WORD = re.compile(r"[A-Za-z]{3,}")
# Commands to type, code, styles: they are the same in every language.
SAME = re.compile(
    r"^\s*(\$ )?(notturno|mpremote|import|pip|<|@|:root|body|svg|table|td|system-ui)|[<{}]|=\""
)


def parents_of(tree):
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def pieces(node):
    """Return the literal text of a constant or an f-string, values as 0; None for others."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "0" for v in node.values)
    return None


def calls_around(node, parents):
    """Return the names of the calls that a text is an argument of, up to its statement."""
    found, below = [], node
    while below in parents and not isinstance(below, ast.stmt):
        above = parents[below]
        if isinstance(above, ast.Call) and below is not above.func:
            found.append(words_found.name_of(above))
        if isinstance(above, ast.keyword) and above.arg in ("help", "metavar", "cls"):
            found.append("_")
        below = above
    return found


def inside(node, parents):
    """Return whether a text is a part of an f-string, a docstring, a key, or a decorator's."""
    above = parents.get(node)
    if isinstance(above, (ast.JoinedStr, ast.FormattedValue, ast.Expr)):
        return True
    if isinstance(above, ast.Dict) and node in above.keys:
        return True
    if isinstance(above, ast.Assign):  # said by the one that takes it
        return any(getattr(one, "id", "").endswith(words_found.SAID) for one in above.targets)
    return isinstance(above, (ast.Subscript, ast.Compare))


def in_a_function(node, parents):
    below = node
    while below in parents:
        above = parents[below]
        if isinstance(above, (ast.FunctionDef, ast.AsyncFunctionDef)) and below in above.body:
            return True
        below = above
    return False


def outside(text):
    """Return the texts of a file that nothing looks up."""
    tree = ast.parse(text)
    parents, found = parents_of(tree), []
    for node in ast.walk(tree):
        said = pieces(node)
        if said is None or inside(node, parents) or not in_a_function(node, parents):
            continue
        if SAME.search(said):
            continue
        around = calls_around(node, parents)
        if LOOKS_UP & set(around) or FOR_PROGRAMS & set(around):
            continue
        printed = around and around[0] in PRINTS
        first = printed and (around[0] != "text" or _is_third(node, parents))
        if SENTENCE.search(said) or (first and WORD.search(said)):
            found.append(f"{node.lineno}: {said}")
    return found


def _is_third(node, parents):
    """Return whether it is the text of drawing.text(x, y, text, kind)."""
    call = parents[node]
    return isinstance(call, ast.Call) and len(call.args) > 2 and call.args[2] is node


def files():
    return [p for room in ROOMS for p in sorted((SOURCE / room).rglob("*.py"))]


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_text_is_looked_up(path):
    assert outside(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ('click.echo("Nothing is here.")', True),
        ('click.echo(_("Nothing is here."))', False),
        ('click.echo("nights")', True),
        ('click.echo(f"{n} nights are here")', True),
        ('x = f"no rate: {why} of it"', True),
        ('raise UserError("Nothing is here.")', False),
        ('drawing.text(1, 2, "Jerks", "lane")', True),
        ('drawing.text(1, 2, _("Jerks"), "lane")', False),
        ('d = {"some key here": 1}', False),
        ('click.echo("  notturno sync --virtual x")', False),
    ],
)
def test_a_text_outside_is_found(code, bad):
    assert bool(outside(f"def f():\n    {code}\n")) == bad


def test_every_table_of_texts_is_where_the_tool_looks_for_it():
    """A table that moved to another file would take its texts out of every catalogue."""
    gone = []
    for tables in (words_found.TABLES, words_found.PAIR_TABLES, words_found.SECOND_TABLES):
        for name, constants in tables.items():
            path = words_found.SOURCE / name
            source = path.read_text(encoding="utf-8") if path.exists() else ""
            gone += [
                (name, one) for one in constants.split() if not re.search(rf"\b{one}\b", source)
            ]
    assert gone == []


@pytest.fixture(scope="module")
def found():
    return words_found.texts()


LANGUAGES = sorted(folder.name for folder in make_words.LOCALE.iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_every_text_and_no_other(found, language):
    catalogue = make_words.read(language)
    held = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue if m.id}
    assert sorted(set(found) - held) == [], "run: make words"
    assert sorted(held - set(found)) == [], "run: make words"
    left = make_words.missing(catalogue)
    assert left == [], f"translate them in words/locale/{language}, then: make words"
    assert not any(message.fuzzy for message in catalogue if message.id)


def fields(text):
    """Return the {names} of a text with their formats, sorted."""
    parts = string.Formatter().parse(text)
    return sorted((name, spec, kind) for _text, name, spec, kind in parts if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_values_of_its_text(language):
    wrong = []
    for message in make_words.read(language):
        if not message.id:
            continue
        ids = (message.id,) if isinstance(message.id, str) else message.id
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        for one in filter(None, told):  # what is not translated is told above
            try:
                same = fields(one) == fields(ids[0])
            except ValueError as error:
                same = str(error) == "" or "{" not in one
            if not same or (ids[0][:1] == " ") != (one[:1] == " "):
                wrong.append((ids[0], one))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_are_as_the_tool_writes_them(found, language):
    po, mo = make_words.written(make_words.updated(make_words.read(language), found))
    assert make_words.path_of(language).read_bytes() == po
    assert make_words.path_of(language, "mo").read_bytes() == mo
