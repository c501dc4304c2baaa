"""Gives what classes and modules keep to themselves short names that all of them share.

Touches text alone. Each name in a program is a row in the VM's table of names, which doubles when
it is full: on a small chip the last doubling costs 10 kB. What a class keeps to itself needs no
name of its own in the whole program: `_0`, `_1` and so on do in every family of classes anew, and
in every module for its private functions and tables.
Lines and files stay as they are, so a crash record tells the same; a traceback's names are short.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from notturno.flashing.source_edits import Source, edited, nodes


def shortened(sources: dict[str, Source], leave: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return {file: text} with short names.

    leave: file -> names of functions that stay to the letter, and what they name with them. A name
    is left alone where anything but `self` is asked for it, or where a string says it: somebody
    else knows it.
    """
    families = _families([source.tree for source in sources.values()])
    known = _known_elsewhere(sources.values())
    short = {family: _shorts(classes, known) for family, classes in families.items()}
    out = {}
    for name, source in sources.items():
        edits = _edits_of_module(source, known, leave.get(name, ()))
        for family, classes in families.items():
            for node in classes:
                if node in source.tree.body:
                    edits += _edits(node, short[family])
        out[name] = edited(source.text, edits)
    return out


def _families(trees: Iterable) -> dict:
    """Return {name of one: [classes]}: those that inherit from each other share their objects."""
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    head = {node.name: node.name for node in classes}

    def root(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    for node in classes:
        for base in node.bases:
            name = getattr(base, "id", getattr(base, "attr", None))
            if name in head:
                head[root(node.name)] = root(name)
    families = defaultdict(list)
    for node in classes:
        families[root(node.name)].append(node)
    return families


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _known_elsewhere(sources: Iterable[Source]) -> set[str]:
    """Return the names that are asked of another object than `self`, or that a string says."""
    found = set()
    for source in sources:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) != "self":
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.ImportFrom):
                found |= {alias.name for alias in node.names}
    return found


def _shorts(classes: list, known: set[str]) -> dict[str, str]:
    """Return {name: short name} of a family's own names, in the order of the alphabet."""
    own = set()
    for node in classes:
        for inner in nodes(node):
            if isinstance(inner, ast.Attribute) and getattr(inner.value, "id", None) == "self":
                own.add(inner.attr)
        own |= {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
        known = known | _loaded_in_body(node)
    names = sorted(name for name in own if _is_private(name) and name not in known)
    return {name: f"_{k}" for k, name in enumerate(names)}


def _loaded_in_body(node: ast.ClassDef) -> set[str]:
    """Return the names that the class's own statements read, outside its methods."""
    plain = [part for part in node.body if not isinstance(part, ast.FunctionDef)]
    names = [inner for part in plain for inner in nodes(part) if isinstance(inner, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def _edits(node: ast.ClassDef, short: dict[str, str]) -> list[tuple[Any, str]]:
    edits = []
    for inner in nodes(node):
        if isinstance(inner, ast.Attribute) and inner.attr in short:
            edits.append((_last(inner), short[inner.attr]))
    for part in node.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name in short:
            start = "async def " if isinstance(part, ast.AsyncFunctionDef) else "def "
            edits.append((_at(part, part.col_offset + len(start), part.name), short[part.name]))
        elif isinstance(part, ast.Assign):
            for target in part.targets:
                for name in nodes(target):
                    if isinstance(name, ast.Name) and name.id in short:
                        edits.append((name, short[name.id]))
    return edits


def _edits_of_module(
    source: Source, known: set[str], leave: Iterable[str]
) -> list[tuple[Any, str]]:
    """Give the private functions and tables of a module short names."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = source.tree.body
    own = {part.name for part in body if isinstance(part, functions)}
    for part in body:
        if isinstance(part, ast.Assign):
            own |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    stay = known | _bound_elsewhere(source)
    for part in body:
        if isinstance(part, functions) and part.name in leave:
            stay = stay | {n.id for n in nodes(part) if isinstance(n, ast.Name)} | {part.name}
        elif isinstance(part, ast.ClassDef):  # it would ask its own `_0` first
            stay = stay | _loaded_in_body(part)
    names = sorted(name for name in own if _is_private(name) and name not in stay)
    short = {name: f"_{k}" for k, name in enumerate(names)}
    edits: list[tuple[Any, str]] = [
        (node, short[node.id])
        for node in source.nodes
        if isinstance(node, ast.Name) and node.id in short
    ]
    for part in body:
        if isinstance(part, functions) and part.name in short:
            start = "async def " if isinstance(part, ast.AsyncFunctionDef) else "def "
            edits.append((_at(part, part.col_offset + len(start), part.name), short[part.name]))
    return edits


def _bound_elsewhere(source: Source) -> set[str]:
    """Return the names that a function or a class of a module binds for itself, or as a global."""
    found: set[str] = set()
    for part, inside in source.parts:
        for node in inside:
            if isinstance(node, ast.Global):
                found |= set(node.names)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                if not isinstance(part, ast.Assign):
                    found.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not part:
                found.add(node.name)
    return found


def _last(attribute: ast.Attribute) -> ast.Name:
    """Return a node at the place of the name behind `self.`."""
    return _at(attribute, (attribute.end_col_offset or 0) - len(attribute.attr), attribute.attr)


def _at(node: Any, column: int, name: str) -> ast.Name:
    line = node.end_lineno if isinstance(node, ast.Attribute) else node.lineno
    place = {"lineno": line, "end_lineno": line, "col_offset": column}
    return ast.Name(name, ast.Load(), **place, end_col_offset=column + len(name))
