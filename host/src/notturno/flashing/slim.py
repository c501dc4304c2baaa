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
from notturno.flashing.source_edits import Source, assigned, module_of, nodes

# Modules that others read by name: settings change them, and a host asks for their values.
WHOLE = {"config"}
# Tables of (name, value, reason): the reasons are for people.
TABLES = {"RULES", "SETTINGS"}
# Tables of the same kind that no setting changes, and the dicts from which they are asked by name:
# their numbers are constants too.
FIXED_TABLES = {"FIXED_RULES": "FIXED"}
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
    read = {name: _without_reasons(Source(text)) for name, text in sources.items()}
    read = _inlined(read, leave)
    outside = [Source(text) for text in others]
    while True:
        read, gone = _without_dead(read, outside)
        if not gone:
            return short_names.shortened(read, leave)


def _without_reasons(source: Source) -> Source:
    edits = []
    for node in source.tree.body:
        for name, table in assigned(node):
            rows = table.elts if name in TABLES and isinstance(table, ast.Tuple) else ()
            for row in rows:
                assert isinstance(row, ast.Tuple)
                reason = row.elts[2]
                if reason.lineno == reason.end_lineno:
                    edits.append((reason, "0"))
    return source.edited(edits)


# --- constants -----------------------------------------------------------------------------------


def _inlined(sources: dict[str, Source], leave: dict[str, tuple[str, ...]]) -> dict[str, Source]:
    modules = {module_of(name): source for name, source in sources.items()}
    known = {module: {} for module in modules}
    while any([_learn(modules, known, module) for module in modules if module not in WHOLE]):
        pass
    return {
        name: source.edited(_uses(modules, known, module_of(name), leave.get(name, ())))
        for name, source in sources.items()
    }


def _learn(modules: dict[str, Source], known: dict[str, dict[str, int]], module: str) -> bool:
    """Find constants of a module that are not known yet; say whether there were any."""
    bound, found = modules[module].bound, False
    names = _visible(modules, known, module)
    for node in modules[module].tree.body:
        for name, expression in assigned(node):
            if bound[name] != 1 or name in known[module]:
                continue
            value = _number(expression, names)
            if value is not None and abs(value) < 1 << MOST_BITS:
                known[module][name] = value
                found = True
            for rule, value in _of_table(name, expression).items():
                found = found or rule not in known[module]
                known[module][rule] = value
    return found


def _of_table(name: str, expression: Any) -> dict[str, int]:
    """Return {as it is asked: value} of the rows of a table that no setting changes."""
    if name not in FIXED_TABLES:
        return {}
    rows = ast.literal_eval(expression)
    return {f"{FIXED_TABLES[name]}[{row[0]}]": row[1] for row in rows}


def _visible(modules: dict[str, Source], known: dict[str, dict[str, int]], module: str) -> dict:
    """Return {name or (alias, name): value} of the constants that a module can name."""
    bound = modules[module].bound
    names: dict[Any, int] = dict(known[module])
    for node in modules[module].imports:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in known and "." not in alias.name:
                    names.update(_of_alias(known, alias.name, alias.asname or alias.name))
        elif node.level == 0:
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
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        of, key = node.value, node.slice.value
        if isinstance(of, ast.Name):
            return names.get(f"{of.id}[{key}]")
        if isinstance(of, ast.Attribute) and isinstance(of.value, ast.Name):
            return names.get((of.value.id, f"{of.attr}[{key}]"))
        return None
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
_ASKED = (ast.Name, ast.Attribute, ast.Subscript)  # by which a constant may be asked


def _uses(
    modules: dict[str, Source], known: dict[str, dict[str, int]], module: str, leave: Any
) -> list[tuple[Any, str]]:
    """Return [(node, text)] of the places of a module where a constant can stand as a number."""
    names = _visible(modules, known, module)
    edits = []

    def look(node: ast.AST, parent: ast.AST | None) -> None:
        if isinstance(node, ast.FunctionDef) and node.name in leave:
            return
        if isinstance(node, _ASKED) and isinstance(node.ctx, ast.Load):
            value = _number(node, names)
            if value is not None and node.lineno == node.end_lineno:
                plain = value >= 0 and not isinstance(parent, ast.Attribute)
                edits.append((node, str(value) if plain else f"({value})"))
                return
        for child in ast.iter_child_nodes(node):
            look(child, node)

    look(modules[module].tree, None)
    return edits


# --- what nobody names ---------------------------------------------------------------------------


def _without_dead(
    sources: dict[str, Source], others: list[Source]
) -> tuple[dict[str, Source], int]:
    """Return (the sources without top-level names that no line uses, how many went)."""
    everything = [*sources.values(), *others]
    imported = _imported(everything)
    used, asked = Counter(), Counter()
    for source in everything:
        used.update(source.used)
    for source in sources.values():  # a module may be asked that hands on what it has imported
        asked.update(source.asked)
    out, gone = dict(sources), 0
    for name, source in sources.items():
        if module_of(name) not in WHOLE:
            # a module that nobody here imports is called from outside: by a host, by stage 0
            public = set() if module_of(name) in imported else _public(source.tree)
            out[name], n = _cleaned(source, used, asked, public)
            gone += n
    return out, gone


def _imported(sources: list[Source]) -> set[str]:
    """Return the names of all modules that some line imports, whole or in part."""
    found = set()
    for node in [node for source in sources for node in source.imports]:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _public(tree: ast.Module) -> set[str]:
    return {name for node in tree.body for name in _dead_names(node) if name[0] != "_"}


def _cleaned(
    source: Source, used: Counter, asked: Counter, public: set[str]
) -> tuple[Source, int]:
    lines = source.text.splitlines(keepends=True)
    here = source.used.keys() | asked.keys()
    gone = 0
    for node, own in source.used_by:
        if isinstance(node, ast.ImportFrom | ast.Import):
            gone += _thin_import(lines, node, here)
            continue
        names = _dead_names(node)
        if names and all(name not in public and used[name] == own[name] for name in names):
            _blank(lines, node)
            gone += 1
    return (Source("".join(lines)) if gone else source), gone


def _dead_names(node: Any) -> list[str]:
    """Return the names that a top-level statement makes, where it may go with them."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
        return [node.name]
    names = [name for name, _ in assigned(node)]
    if names and isinstance(node, ast.Assign):
        calls = [inner.func for inner in nodes(node.value) if isinstance(inner, ast.Call)]
        if not all(getattr(func, "attr", getattr(func, "id", None)) in PURE for func in calls):
            return []
    return names


def _thin_import(lines: list[str], node: ast.Import | ast.ImportFrom, used: set[str]) -> int:
    """Leave out of an import what its module does not use any more; say whether it was any."""
    kept = [a for a in node.names if (a.asname or a.name).split(".")[0] in used]
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
