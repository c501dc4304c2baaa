"""The source as its tests see it: files, functions, numbers, texts. Touches nothing but files."""

import ast
import io
import tokenize
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HOST = ROOT / "host" / "src" / "notturno"
FIRMWARE = ROOT / "firmware"
# In the band's own MicroPython, which knows no types; and what npm has put there.
NOT_HOST = {"shims", "node_modules"}
ON_THE_BAND = {"keys/on_band.py", "flashing/on_band.py", "detect/vm_replay.py"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Function(NamedTuple):
    """node: of ast; owner: the name of its class or ""; public: it and all around it are."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    owner: str
    public: bool

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.node.name}" if self.owner else self.node.name

    @property
    def lines(self) -> int:
        return self.node.end_lineno - self.node.lineno + 1


def host_files(root=HOST):
    """Return the files that run on the host's Python."""
    found = (p for p in root.rglob("*.py") if not NOT_HOST & set(p.relative_to(root).parts))
    return sorted(p for p in found if p.relative_to(root).as_posix() not in ON_THE_BAND)


def firmware_files(root=FIRMWARE):
    """Return the files that run on a band."""
    return sorted(p for p in root.rglob("*.py") if "__pycache__" not in p.parts)


def tree_of(path):
    """Return the syntax tree of a file: the same one, until the file is written."""
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path, _written_ns):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def forget():
    """Let the trees go: a million objects, which every later search for garbage looks through."""
    _parsed.cache_clear()


def functions_of(tree):
    """Yield each Function of a tree, those inside of others too."""

    def inside(node, owner, public):
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", "")
            if isinstance(child, FUNCTIONS):
                yield Function(child, owner, public and not name.startswith("_"))
                yield from inside(child, "", False)
            elif isinstance(child, ast.ClassDef):
                yield from inside(child, name, public and not name.startswith("_"))
            else:
                yield from inside(child, owner, public)

    yield from inside(tree, "", True)


def is_typed(function):
    """Say whether every argument and the result of a Function have a type."""
    given = function.node.args
    named = given.posonlyargs + given.args + given.kwonlyargs
    named += [each for each in (given.vararg, given.kwarg) if each is not None]
    static = any(
        getattr(each, "id", "") == "staticmethod" for each in function.node.decorator_list
    )
    if function.owner and not static:
        named = [each for each in named if each.arg not in ("self", "cls", "mcs")]
    return function.node.returns is not None and all(each.annotation for each in named)


def texts_of(path):
    """Return the comments and docstrings of a file."""
    source = path.read_text(encoding="utf-8")
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)):
            found.append(ast.get_docstring(node, clean=False) or "")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return found + [token.string for token in tokens if token.type == tokenize.COMMENT]
