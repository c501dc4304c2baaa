"""What slimming asks of a source, and how it is edited: each line stays where it is. Text."""

import ast
from collections import Counter
from functools import cached_property
from typing import Any


class Source:
    """A text, and what is read in it: each once, for slimming asks again and again."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)

    @cached_property
    def parts(self) -> list[tuple[Any, list[Any]]]:
        """Its top-level statements, each with the nodes that it consists of, itself first."""
        return [(part, nodes(part)) for part in self.tree.body]

    @cached_property
    def nodes(self) -> list[Any]:
        """All nodes of its statements."""
        return [node for _, inside in self.parts for node in inside]

    @cached_property
    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        """Its import statements, wherever they stand."""
        return [node for node in self.nodes if isinstance(node, ast.Import | ast.ImportFrom)]

    @cached_property
    def used_by(self) -> list[tuple[Any, Counter[Any]]]:
        """Its top-level statements, each with how often it uses which names."""
        return [(part, used(inside)) for part, inside in self.parts]

    @cached_property
    def used(self) -> Counter[Any]:
        """How often it uses which names."""
        return sum((names for _, names in self.used_by), Counter())

    @cached_property
    def asked(self) -> Counter[Any]:
        """How often it asks which names of an object."""
        return Counter(node.attr for node in self.nodes if isinstance(node, ast.Attribute))

    @cached_property
    def bound(self) -> Counter[Any]:
        """How often it binds which names, anywhere and in whatever way."""
        return stores(self.nodes)

    def edited(self, edits: list[tuple[Any, str]]) -> "Source":
        """Return it with its edits made; they may not overlap."""
        return Source(edited(self.text, edits)) if edits else self


def nodes(tree: ast.AST) -> list[Any]:
    """Return a node and all below it, as ast.walk does, in a quarter of its time.

    Without the marks of how a name is used, which are no places of the text.
    """
    found = [tree]
    for node in found:  # which grows meanwhile
        for value in node.__dict__.values():
            if value.__class__ is list:
                found += [inner for inner in value if isinstance(inner, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found


def used(inside: list[Any]) -> Counter[Any]:
    """Count the names that nodes use: loaded, asked of an object, imported, in a string."""
    found = Counter()
    for node in inside:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                found[node.id] += 1
        elif isinstance(node, ast.Attribute):
            found[node.attr] += 1
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and node.value.isidentifier():
                found[node.value] += 1
        elif isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, ast.alias) and node.asname:
            found[node.name] += 1  # by another name here; by its own, its use counts
    return found


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


def stores(inside: list[Any]) -> Counter[Any]:
    """Count how often each name is bound by nodes, in whatever way."""
    found = Counter()
    for node in inside:
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
