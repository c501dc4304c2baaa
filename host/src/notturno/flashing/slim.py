"""Takes out of the firmware's sources what a band does not need, line by line in its place.

Touches text alone. On a small chip each name of a module costs its heap: a row in the module's
table, and one in the VM's table of names, which doubles as it grows. So whole numbers that never
change stand where they are used, and what no other line of the firmware names goes: names for the
host, readers of records that a band only writes. Lines keep their numbers: a crash record tells
them. The sources stay as they are; what they compute does not change.
"""

import ast
from collections import Counter
from typing import Any

from notturno.flashing import short_names
from notturno.flashing.source_edits import assigned, edited, module_of, stores

# Modules that others read by name: settings change them, and a host asks for their values.
WHOLE = {"config"}
# Tables of (name, value, reason): the reasons are for people.
TABLES = {"RULES", "SETTINGS"}
# Calls that make a constant; what another call may do at import stays.
PURE = {"calcsize", "len", "sum", "max", "min", "tuple", "frozenset", "range", "dict"}
MOST_BITS = 30  # a small int on every chip


def slimmed(
    sources: dict[str, str], leave: dict[str, tuple[str, ...]], others: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return {file: text} of a whole firmware with constants in place and dead names gone.

    leave: file -> names of functions that stay as they are, to the letter. others: texts that use
    the firmware too, and stay as they are.
    """
    texts = {name: _without_reasons(text) for name, text in sources.items()}
    texts = _inlined(texts, leave)
    while True:
        texts, gone = _without_dead(texts, others)
        if not gone:
            return short_names.shortened(texts, edited, leave)


def _without_reasons(text: str) -> str:
    edits = []
    for node in ast.parse(text).body:
        for name, table in assigned(node):
            rows = table.elts if name in TABLES and isinstance(table, ast.Tuple) else ()
            for row in rows:
                assert isinstance(row, ast.Tuple)
                reason = row.elts[2]
                if reason.lineno == reason.end_lineno:
                    edits.append((reason, "0"))
    return edited(text, edits)


# --- constants -----------------------------------------------------------------------------------


def _inlined(sources: dict[str, str], leave: dict[str, tuple[str, ...]]) -> dict[str, str]:
    trees = {module_of(name): ast.parse(text) for name, text in sources.items()}
    known = {module: {} for module in trees}
    while any([_learn(trees, known, module) for module in trees if module not in WHOLE]):
        pass
    return {
        name: edited(text, _uses(trees, known, module_of(name), leave.get(name, ())))
        for name, text in sources.items()
    }


def _learn(trees: dict, known: dict[str, dict[str, int]], module: str) -> bool:
    """Find constants of a module that are not known yet; say whether there were any."""
    bound, found = stores(trees[module]), False
    names = _visible(trees, known, module)
    for node in trees[module].body:
        for name, expression in assigned(node):
            if bound[name] != 1 or name in known[module]:
                continue
            value = _number(expression, names)
            if value is not None and abs(value) < 1 << MOST_BITS:
                known[module][name] = value
                found = True
    return found


def _visible(trees: dict, known: dict[str, dict[str, int]], module: str) -> dict:
    """Return {name or (alias, name): value} of the constants that a module can name."""
    bound = stores(trees[module])
    names: dict[Any, int] = dict(known[module])
    for node in ast.walk(trees[module]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in known and "." not in alias.name:
                    names.update(_of_alias(known, alias.name, alias.asname or alias.name))
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            of_module = known.get(node.module or "", {})
            for alias in node.names:
                here = alias.asname or alias.name
                if f"{node.module}.{alias.name}" in known:
                    inner = f"{node.module}.{alias.name}"
                    names.update(_of_alias(known, inner, here))
                elif alias.name in of_module and bound[here] == 1:
                    names[here] = of_module[alias.name]
    return names


def _of_alias(
    known: dict[str, dict[str, int]], module: str, alias: str
) -> dict[tuple[str, str], int]:
    return {(alias, name): value for name, value in known[module].items()}


def _number(node: ast.AST, names: dict) -> int | None:
    """Return the whole number that an expression is, or None."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return names.get((node.value.id, node.attr))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand, names)
        return None if value is None else -value
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, names), _number(node.right, names)
        work = _OPERATIONS.get(type(node.op))
        if left is None or right is None or work is None:
            return None
        return work(left, right)
    return None


_OPERATIONS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b if b else None,
    ast.LShift: lambda a, b: a << b if 0 <= b < 64 else None,
    ast.BitOr: lambda a, b: a | b,
    ast.BitAnd: lambda a, b: a & b,
}


def _uses(
    trees: dict, known: dict[str, dict[str, int]], module: str, leave: Any
) -> list[tuple[Any, str]]:
    """Return [(node, text)] of the places of a module where a constant can stand as a number."""
    names = _visible(trees, known, module)
    edits = []

    def look(node: ast.AST, parent: ast.AST | None) -> None:
        if isinstance(node, ast.FunctionDef) and node.name in leave:
            return
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            value = _number(node, names)
            if value is not None and node.lineno == node.end_lineno:
                plain = value >= 0 and not isinstance(parent, ast.Attribute)
                edits.append((node, str(value) if plain else f"({value})"))
                return
        for child in ast.iter_child_nodes(node):
            look(child, node)

    look(trees[module], None)
    return edits


# --- what nobody names ---------------------------------------------------------------------------


def _without_dead(texts: dict[str, str], others: tuple[str, ...]) -> tuple[dict[str, str], int]:
    """Return (the texts without top-level names that no line uses, how many went)."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    imported = _imported([*trees.values(), *map(ast.parse, others)])
    used = Counter()
    for tree in [*trees.values(), *map(ast.parse, others)]:
        used.update(_used(tree))
    asked = Counter(  # of an object, which may be a module that hands on what it has imported
        node.attr
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    )
    out, gone = dict(texts), 0
    for name, tree in trees.items():
        if module_of(name) not in WHOLE:
            # a module that nobody here imports is called from outside: by a host, by stage 0
            public = set() if module_of(name) in imported else _public(tree)
            out[name], n = _cleaned(texts[name], tree, used + Counter(public), asked)
            gone += n
    return out, gone


def _imported(trees: list) -> set[str]:
    """Return the names of all modules that some line imports, whole or in part."""
    found = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _public(tree: ast.Module) -> set[str]:
    return {name for node in tree.body for name in _dead_names(node) if name[0] != "_"}


def _used(node: ast.AST) -> Counter:
    """Count the names that some lines use: loaded, asked of an object, imported, in a string."""
    found = Counter()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            found[inner.id] += 1
        elif isinstance(inner, ast.Attribute):
            found[inner.attr] += 1
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            if inner.value.isidentifier():
                found[inner.value] += 1
        elif isinstance(inner, ast.Global):
            found.update(inner.names)
        elif isinstance(inner, ast.alias) and inner.asname:
            found[inner.name] += 1  # by another name here; by its own, its use counts
    return found


def _cleaned(text: str, tree: ast.Module, used: Counter, asked: Counter) -> tuple[str, int]:
    lines = text.splitlines(keepends=True)
    gone = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            gone += _thin_import(lines, node, _used(tree) + asked)
            continue
        names, own = _dead_names(node), _used(node)
        if names and all(used[name] == own[name] for name in names):
            _blank(lines, node)
            gone += 1
    return "".join(lines), gone


def _dead_names(node: Any) -> list[str]:
    """Return the names that a top-level statement makes, where it may go with them."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
        return [node.name]
    names = [name for name, _ in assigned(node)]
    if names and isinstance(node, ast.Assign):
        calls = [inner.func for inner in ast.walk(node.value) if isinstance(inner, ast.Call)]
        if not all(getattr(func, "attr", getattr(func, "id", None)) in PURE for func in calls):
            return []
    return names


def _thin_import(lines: list[str], node: ast.Import | ast.ImportFrom, used: Counter) -> int:
    """Leave out of an import what its module does not use any more; say whether it was any."""
    kept = [a for a in node.names if used[(a.asname or a.name).split(".")[0]]]
    if len(kept) == len(node.names):
        return 0
    _blank(lines, node)
    if kept:
        names = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in kept)
        head = f"from {node.module} import " if isinstance(node, ast.ImportFrom) else "import "
        lines[node.lineno - 1] = head + names + "\n"
    return 1


def _blank(lines: list[str], node: ast.stmt) -> None:
    for k in range(node.lineno - 1, node.end_lineno or node.lineno):
        lines[k] = "\n"
