"""Which one-line changes of meaning a source file allows: constants, signs, bounds, units, terms.

Touches nothing; speaks Python text, as positions in a line. The changes are those that a reader
makes by mistake: a number off by a third, a sign or a bound turned, a conversion or a term left
out. A library finds others (operators swapped at random, numbers off by one) and not these.
"""

import ast
from dataclasses import dataclass

# What converts between units of time, length, bits and the like.
UNITS = {10, 24, 60, 100, 1000, 3600, 86400, 1_000_000, 1_000_000_000, 86_400_000, 3_600_000}
BOUNDS = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}
# Calls whose numbers are about how a thing looks or waits, not about what it means.
LOOKS = {"sleep", "wait_for", "ljust", "rjust", "center", "progress", "echo", "Column"}


@dataclass(frozen=True)
class Mutation:
    """One change: line `number` (from 1) of a file reads `after` where it read `before`."""

    file: str
    number: int
    kind: str
    before: str
    after: str

    def key(self) -> tuple[str, str, str]:
        """Return what stays the same when lines are added above: file, and both texts."""
        return self.file, self.before.strip(), self.after.strip()

    def applied(self, text: str) -> str:
        """Return the file's text with the change made. Raises ValueError where it has moved."""
        lines = text.split("\n")
        if lines[self.number - 1] != self.before:
            raise ValueError(f"{self.file}:{self.number} reads otherwise")
        lines[self.number - 1] = self.after
        return "\n".join(lines)


def mutations(file: str, text: str) -> list[Mutation]:
    """Return every change that `text` allows, in the order of its lines, each once."""
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    unique = {(one.number, one.after): one for one in finder.found}
    return sorted(unique.values(), key=lambda one: (one.number, one.kind, one.after))


def another_number(value: int | float) -> int | float:
    """Return a number a third larger; a whole number stays one, and is never the same."""
    if isinstance(value, float):
        return value * 4 / 3 if value else 1.0
    return value + max(1, round(value / 3))


class _Finder(ast.NodeVisitor):
    def __init__(self, file: str, text: str):
        self.file = file
        self.found: list[Mutation] = []
        self._lines = text.split("\n")

    # -- what is left alone ------------------------------------------------------------------
    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Positions in it are not to be trusted before Python 3.12."""

    def visit_arg(self, node: ast.arg) -> None:
        """Annotations mean nothing at run time."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        node.returns = None
        self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "round":
            self.visit(node.args[0])  # and not the digits that are shown
        elif name not in LOOKS:
            self.generic_visit(node)

    # -- what is changed ---------------------------------------------------------------------
    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) in (int, float):
            self._put("constant", node, repr(another_number(node.value)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.USub):
            self._put("sign", node, self._source(node.operand))
        elif isinstance(node.op, ast.Not):
            self._put("term", node, self._source(node.operand))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        left, right = node.left, node.right
        texts = any(isinstance(n, ast.JoinedStr) or _is_text(n) for n in (left, right))
        if isinstance(node.op, ast.Add | ast.Sub) and not texts:
            self._operator("sign", node, {ast.Add: ("+", "-"), ast.Sub: ("-", "+")})
            self._put("term", node, self._source(left))
        if isinstance(node.op, ast.Mult | ast.Div | ast.FloorDiv):
            if _unit(right):
                self._put("unit", node, self._source(left))
            elif _unit(left) and isinstance(node.op, ast.Mult):
                self._put("unit", node, self._source(right))
        if isinstance(node.op, ast.Mod) and texts:
            return  # a sentence with its values
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for dropped in node.values:
            rest = [self._source(value) for value in node.values if value is not dropped]
            if all(rest):
                word = " and " if isinstance(node.op, ast.And) else " or "
                self._put("term", node, word.join(rest))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1 and not _is_drawn(node.left):  # a draw is never equal to its bound
            self._operator("bound", node, BOUNDS)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        signs = {ast.Add: ("+=", "-="), ast.Sub: ("-=", "+=")}
        if type(node.op) in signs and not _is_text(node.value):
            at = node.target.end_col_offset
            self._swap("sign", node.target.end_lineno, at, *signs[type(node.op)])
        self.generic_visit(node)

    # -- how a line is written anew ----------------------------------------------------------
    def _source(self, node: ast.AST) -> str:
        if node.lineno != node.end_lineno:
            return ""
        line = self._lines[node.lineno - 1].encode()
        return line[node.col_offset : node.end_col_offset].decode()

    def _put(self, kind: str, node: ast.AST, new: str) -> None:
        if node.lineno == node.end_lineno and new:
            self._write(kind, node.lineno, node.col_offset, node.end_col_offset, new)

    def _operator(self, kind: str, node, table: dict) -> None:
        op = node.ops[0] if isinstance(node, ast.Compare) else node.op
        left = node.left
        if type(op) in table:
            self._swap(kind, left.end_lineno, left.end_col_offset, *table[type(op)])

    def _swap(self, kind: str, number: int, at: int, old: str, new: str) -> None:
        """Find the operator behind what ends at `at`, on its line, perhaps behind brackets."""
        line = self._lines[number - 1].encode()
        found = line.find(old.encode(), at)
        if found >= 0 and not line[at:found].strip(b" )"):
            self._write(kind, number, found, found + len(old), new)

    def _write(self, kind: str, number: int, low: int, high: int, new: str) -> None:
        before = self._lines[number - 1]
        line = before.encode()
        after = (line[:low] + new.encode() + line[high:]).decode()
        self.found.append(Mutation(self.file, number, kind, before, after))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _is_drawn(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("random", "uniform")


def _unit(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    name = getattr(node, "id", getattr(node, "attr", ""))
    return (type(value) in (int, float) and value in UNITS) or "_PER_" in name or name in NAMED


# Constants that are conversions by their names alone.
NAMED = {"HOUR_MS", "MINUTE_MS", "DAY_MS", "HOUR_S", "DAY_S", "MINUTE_S", "NIGHT_S"}
