"""No value goes where another unit is meant: the endings of names, held against each other.

A name ends in its unit, here as everywhere in the house. What is only handed on (given, assigned,
returned, added, compared) must keep it; whoever converts writes a product or a quotient, and that
is no name. `tick_ms` and `utc_ms` are both milliseconds and of two clocks: they may be subtracted,
and never stand for each other.
"""

import ast
import re

from trees import FUNCTIONS, HOST, firmware_files, functions_of, host_files, tree_of

TIMES = ("ns", "us", "ms", "s", "min", "h")
UNITS = (*TIMES, "mg", "ug", "mv", "uv", "ma", "ua", "mah", "hz", "mhz", "dhz", "deg", "c", "pct")
UNITS += ("bytes", "lsb", "ppm", "samples")
ENDING = re.compile(rf"(?:^|_)(?P<clock>utc|tick)?_?(?P<unit>{'|'.join(UNITS)})$")
# Names of one letter, and words that only look like a unit.
NOT_UNITS = {"s", "h", "c", "min", "bytes", "samples", "deg", "us", "ticks"}


def unit_of(name):
    """Return (unit, clock or "") of a name; None where it tells none."""
    name = name.lower().strip("_")
    if name in NOT_UNITS or "_per_" in name or name.startswith(("from_", "to_")):
        return None
    found = ENDING.search(name)
    return found and (found["unit"], found["clock"] or "")


def said_by(node):
    """Return the unit that an expression names: a name, an attribute, a key; None for others."""
    if isinstance(node, ast.UnaryOp):
        return said_by(node.operand)
    if isinstance(node, ast.Name):
        return unit_of(node.id)
    if isinstance(node, ast.Attribute):
        return unit_of(node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return unit_of(node.slice.value) if isinstance(node.slice.value, str) else None
    if isinstance(node, ast.Call):
        return said_by(node.func)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        return said_by(node.left) or said_by(node.right)
    return None


def differ(one, other, clocks=True):
    """Say whether two units are known and not the same; clocks: nor of two clocks."""
    if one is None or other is None:
        return False
    return one[0] != other[0] or (clocks and all((one[1], other[1])) and one[1] != other[1])


def signatures(trees):
    """Return {name: parameters} of the functions that no other shares its name with."""
    found = {}
    for tree in trees:
        for function in functions_of(tree):
            given = function.node.args
            named = [each.arg for each in given.posonlyargs + given.args]
            if function.owner and named[:1] in (["self"], ["cls"]):
                del named[0]
            found.setdefault(function.node.name, []).append(named)
    return {name: each[0] for name, each in found.items() if len(each) == 1}


def pairs_of(node, known):
    """Yield (expression, expression or name, whether clocks matter) that must share a unit."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield said_by(node.left), said_by(node.right), False
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        if isinstance(node.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)):
            yield said_by(node.left), said_by(node.comparators[0]), True
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield said_by(target), said_by(node.value), True
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield said_by(node.target), said_by(node.value), True
    elif isinstance(node, FUNCTIONS):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value is not None:
                yield unit_of(node.name), said_by(inner.value), True
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield unit_of(key.value), said_by(value), True
    elif isinstance(node, ast.Call):
        for keyword in node.keywords:
            yield unit_of(keyword.arg or ""), said_by(keyword.value), True
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        if not any(isinstance(each, ast.Starred) for each in node.args):
            for parameter, value in zip(known.get(name, ()), node.args, strict=False):
                yield unit_of(parameter), said_by(value), True


def mixed(files):
    """Return "file:line unit, unit" of what is handed on under another unit's name."""
    trees = {path: tree_of(path) for path in files}
    known = signatures(trees.values())
    return sorted(
        f"{path.name}:{node.lineno} {one}, {other}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        for one, other, clocks in pairs_of(node, known)
        if differ(one, other, clocks)
    )


def test_every_value_keeps_its_unit():
    assert mixed(host_files(HOST) + firmware_files()) == []


def test_a_wrong_unit_is_found(tmp_path):
    """What the wall is worth: each way to hand a value on, and conversions that are none."""
    (tmp_path / "one.py").write_text(
        "def wait(timeout_ms):\n"
        "    return timeout_ms\n\n\n"
        "def wrong(row, limit_s, tick_ms, utc_ms):\n"
        "    wait(limit_s)\n"
        "    wait(timeout_ms=limit_s)\n"
        "    late_ms = limit_s\n"
        "    late = row['onset_us'] + utc_ms\n"
        "    row = {'peak_mg': row['level_lsb']}\n"
        "    utc_ms = tick_ms\n"
        "    return late_ms > limit_s\n\n\n"
        "def right(row, limit_s, tick_ms, utc_ms):\n"
        "    wait(limit_s * 1000)\n"
        "    late_ms = limit_s * 1000\n"
        "    phase_ms = utc_ms - tick_ms\n"
        "    return late_ms > phase_ms\n"
    )
    lines = {int(each.partition(":")[2].split()[0]) for each in mixed([tmp_path / "one.py"])}
    assert lines == {6, 7, 8, 9, 10, 11, 12}
