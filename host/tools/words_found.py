"""Find every text of the source that a person may read and that the catalogues must hold.

Reads Python by its syntax tree and templates by jinja2's own extractor; writes nothing.

Taken are: the texts of `_`, `n_`, `counted`, `UserError` and `Refusal`; click's `help=`, metavars
and the docstrings of commands; and the constants of TABLES, which rooms below `words` keep.
"""

import ast
import importlib.util
import inspect
import io
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "notturno"
FIRST = {"_", "UserError", "Refusal", "Phrase"}  # the first argument is a text
PAIRS = {"n_", "counted"}  # one and many; the many of `counted` is one + s where it is not given
# Constants of a file, by name, that are said through a look-up elsewhere: all texts in them.
TABLES = {
    "cli/__init__.py": {"COMMANDS"},
    "cli/speech.py": {"CLICK_SAYS", "LANG_HELP"},
}
KEYS_TOO = {"cli/nothing.py"}
SKIPPED = {"node_modules", "shims", "bench"}
PARAGRAPH = re.compile(r"\n\s*\n")
METAVAR = re.compile(r"[A-Z][A-Z_]*[A-Z]")
MODULE = re.compile(r"[\w.]+:\w+")  # module:object of the table of commands


def one_line(text: str) -> str:
    """Return a text as `notturno.cli.speech` looks it up: each paragraph one line."""
    paragraphs = PARAGRAPH.split(inspect.cleandoc(text).partition("\f")[0])
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def name_of(call: ast.Call) -> str:
    """Return the last name of what is called."""
    function = call.func
    return getattr(function, "id", getattr(function, "attr", ""))


def constants(node) -> list[str]:
    """Return the texts that an expression may be: a constant, or either of `a if c else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in constants(value)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        pairs = [(a, b) for a in constants(node.left) for b in constants(node.right)]
        return [a + b for a, b in pairs]
    return []


def _in_table(node, keys):
    """Return all texts in a table; of a dict the keys only where they are said, too."""
    if isinstance(node, ast.Dict):
        inner = (node.keys if keys else []) + node.values
    elif isinstance(node, ast.Call):
        inner = [*node.args, *(word.value for word in node.keywords)]
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        inner = node.elts
    elif isinstance(node, ast.Starred):
        inner = [node.value]
    else:
        return constants(node)
    return [text for child in inner if child is not None for text in _in_table(child, keys)]


def _is_command(node):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
        isinstance(one, ast.Call) and name_of(one) in ("command", "group")
        for one in node.decorator_list
    )


def _metavars(text):
    return METAVAR.findall(text)


def in_python(text: str, name: str) -> list[tuple[str, str | None]]:
    """Return [(one, many or None)] of a file; name: its path below the package."""
    found = []
    tree = ast.parse(text)
    tables = TABLES.get(name, set())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += _in_call(node)
        elif _is_command(node) and ast.get_docstring(node):
            found.append((one_line(ast.get_docstring(node)), None))
        elif isinstance(node, ast.Assign) and tables & {
            getattr(t, "id", "") for t in node.targets
        }:
            texts = _in_table(node.value, name in KEYS_TOO)
            found += [(text, None) for text in texts if not MODULE.fullmatch(text)]
    return found


def _in_call(node):
    called, found = name_of(node), []
    if called in FIRST and node.args:
        found += [(text, None) for text in constants(node.args[0])]
    if called in PAIRS:
        first = 0 if called == "n_" else 1
        ones = constants(node.args[first]) if len(node.args) > first else []
        given = len(node.args) > first + 1
        manys = constants(node.args[first + 1]) if given else [one + "s" for one in ones]
        found += list(zip(ones, manys, strict=False))
    for word in node.keywords:
        if word.arg == "help" and called in ("option", "argument", "command", "version_option"):
            found += [(one_line(text), None) for text in constants(word.value)]
        if word.arg == "metavar":
            for text in constants(word.value):
                found += [(name, None) for name in _metavars(text)]
    return found


def in_template(text: str) -> list[tuple[str, str | None]]:
    """Return [(one, many or None)] of a jinja2 template."""
    if importlib.util.find_spec("jinja2") is None:
        return []
    from jinja2.ext import babel_extract

    keywords = {"_", "n_", "gettext", "ngettext"}
    options = {"silent": "false"}
    found = []
    for _line, _name, texts, _comments in babel_extract(
        io.BytesIO(text.encode()), keywords, (), options
    ):
        texts = (texts,) if isinstance(texts, str) else texts
        texts = [one for one in texts if isinstance(one, str)]
        if texts:
            found.append((texts[0], texts[1] if len(texts) > 1 else None))
    return found


def texts(source: Path = SOURCE) -> dict[str, tuple[str | None, list[str]]]:
    """Return {English: (its plural or None, the files that say it)}, in the order of the files."""
    found: dict = {}
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if SKIPPED & set(path.relative_to(source).parts) or not path.is_file():
            continue
        if path.suffix == ".py":
            pairs = in_python(path.read_text(encoding="utf-8"), name)
        elif path.suffix == ".html" and "templates" in path.parts:
            pairs = in_template(path.read_text(encoding="utf-8"))
        else:
            continue
        for one, many in pairs:
            if not re.search(r"[A-Za-z]", re.sub(r"\{[^}]*\}", "", one)):
                continue
            plural, files = found.get(one, (None, []))
            files = files if name in files else [*files, name]
            found[one] = (plural or many, files)
    return found
