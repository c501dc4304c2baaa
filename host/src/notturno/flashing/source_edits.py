"""What slimming asks of a source, and how it is edited: each line stays where it is. Text."""

import ast
from collections import Counter
from typing import Any


def module_of(name: str) -> str:
    """Return the name that imports a file: lib/notturno_core/wire.py is notturno_core.wire."""
    name = name.removeprefix("lib/").removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def assigned(node: ast.AST) -> list[tuple[str, Any]]:
    """Return [(name, expression)] of a plain assignment; of `A, B = 1, 2` too."""
    if not isinstance(node, ast.Assign) or len(node.targets) > 1:
        return []
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=False))
        plain = all(isinstance(part, ast.Name) for part in target.elts)
        if plain and len(target.elts) == len(value.elts):
            return [(part.id, of) for part, of in pairs if isinstance(part, ast.Name)]
    return []


def stores(tree: ast.AST) -> Counter[Any]:
    """Count how often each name is bound anywhere in a module, in whatever way."""
    found = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] += 1
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] += 1
        elif isinstance(node, ast.arg):
            found[node.arg] += 1
        elif isinstance(node, ast.alias):
            found[(node.asname or node.name).split(".")[0]] += 1
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found[node.name] += 1
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return found


def edited(text: str, edits: list[tuple[Any, str]]) -> str:
    """Return a text with its edits made; they may not overlap."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    for node, new in sorted(edits, key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True):
        k, line = node.lineno - 1, lines[node.lineno - 1]
        lines[k] = line[: node.col_offset] + new.encode() + line[node.end_col_offset :]
    return b"".join(lines).decode()
