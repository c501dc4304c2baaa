"""Translates functions of the detector's source to LLVM's language, as viper does to a chip's.

Pure: text in, text out. What is known is what the source uses: 32-bit integers, buffers,
`while`, `for` over a range or a tuple of names, `if`, calls of each other. Anything else raises
ValueError, so that nothing is translated to what it does not mean.

Arithmetic wraps at 32 bits as on the band; a sum of a number and a constant may not leave 32 bits,
which lets an index stay in a register (tests/detector/test_bounds.py holds that none does).
"""

import ast
from collections.abc import Mapping, Sequence

from notturno.detect import source

_OPERATORS = {"Add": "add", "Sub": "sub", "Mult": "mul", "BitAnd": "and", "BitOr": "or"}
_OPERATORS |= {"RShift": "ashr", "LShift": "shl", "BitXor": "xor"}
_COMPARISONS = {"Lt": "slt", "LtE": "sle", "Gt": "sgt", "GtE": "sge", "Eq": "eq", "NotEq": "ne"}
_LEAST_OR_MOST = {"min": "llvm.smin.i32", "max": "llvm.smax.i32"}


def module(
    functions: Sequence[ast.FunctionDef],
    constants: Mapping[str, int],
    buffers: Mapping[str, str],
    held: Sequence[str] = (),
) -> str:
    """Return the text of a module of these functions, each to be called from outside.

    buffers: {name of a parameter that is a pointer: LLVM's type of its words}; the others are
    integers. No two buffers of a call overlap. held: names of functions whose outermost loop keeps
    in registers the words of `state` that it often names by constants alone; no index that it
    computes may reach one of them. Raises ValueError for what cannot be translated.
    """
    names = [node.name for node in functions]
    texts = [f"declare i32 @{name}(i32, i32)" for name in _LEAST_OR_MOST.values()]
    for node in functions:
        texts.append(_Function(node, constants, buffers, names, node.name in held).text())
    # inlined, most of it would stand there many times; a loop that copies shall call nothing
    texts.append('attributes #0 = { noinline nounwind "no-builtins" }')
    return "\n\n".join(texts) + "\n"


def _kind(node: ast.AST) -> str:
    return type(node).__name__


class _Function:
    """One function while it is translated: `lines` grow, variables lie on the stack."""

    def __init__(self, node: ast.FunctionDef, constants, buffers, functions, holds: bool) -> None:
        self.node, self.constants, self.functions = node, constants, functions
        self.buffers, self.holds = buffers, holds
        self.held: dict[int, str] = {}  # word -> its variable, within the loop that holds it
        self.variables: dict[str, None] = {}
        self.lines: list[str] = []
        self.count = 0

    def text(self) -> str:
        arguments = [argument.arg for argument in self.node.args.args]
        for name in arguments:
            if name not in self.buffers:
                self.store(name, f"%{name}")
        self.body(self.node.body)
        self.line("ret i32 0")
        types = [f"ptr noalias %{n}" if n in self.buffers else f"i32 %{n}" for n in arguments]
        head = f"define i32 @{self.node.name}({', '.join(types)}) #0 {{"
        stack = [f"  %{name}.at = alloca i32" for name in self.variables]
        return "\n".join([head, ".enter:", *stack, *self.lines, "}"])

    def new(self, what: str = "t") -> str:
        self.count += 1
        return f"{what}{self.count}"

    def line(self, text: str) -> None:
        self.lines.append("  " + text)

    def made(self, text: str) -> str:
        name = "%" + self.new()
        self.line(f"{name} = {text}")
        return name

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")

    def go(self, name: str) -> None:
        self.line(f"br label %{name}")

    def refuse(self, node: ast.AST) -> ValueError:
        said = ast.unparse(node).splitlines()[0]
        return ValueError(f"{self.node.name}: cannot be translated: {said}")

    def constant(self, node: ast.expr) -> int | None:
        """Return what an expression of constants alone is, None for any other."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id not in self.constants:
                return None
            if isinstance(part, ast.Subscript | ast.Call):
                return None
        return eval(compile(ast.Expression(node), "", "eval"), {}, dict(self.constants))

    def value(self, node: ast.expr) -> str:
        known = self.constant(node)
        if known is not None:
            return str(int(known))
        if isinstance(node, ast.Name):
            return self.made(f"load i32, ptr {self.variable(node.id)}")
        if isinstance(node, ast.Subscript):
            place, kind = self.place(node)
            got = self.made(f"load {kind}, ptr {place}")
            return got if kind == "i32" else self.made(f"zext {kind} {got} to i32")
        if isinstance(node, ast.BinOp) and _kind(node.op) in _OPERATORS:
            return self.operation(node.op, node.left, node.right)
        if isinstance(node, ast.IfExp):
            met = self.truth(node.test)
            yes, no = self.value(node.body), self.value(node.orelse)
            return self.made(f"select i1 {met}, i32 {yes}, i32 {no}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.call(node)
        raise self.refuse(node)

    def operation(self, op: ast.operator, left: ast.expr, right: ast.expr) -> str:
        name = _OPERATORS[_kind(op)]
        known = [self.constant(each) for each in (left, right)]
        if name in ("add", "sub") and known != [None, None]:
            name += " nsw"
        a = self.value(left)
        return self.made(f"{name} i32 {a}, {self.value(right)}")

    def call(self, node: ast.Call) -> str:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name not in self.functions and name not in _LEAST_OR_MOST:
            raise self.refuse(node)
        if self.held:
            raise self.refuse(node)  # it would not see the words that are held
        arguments = ", ".join(self.argument(given) for given in node.args)
        return self.made(f"call i32 @{_LEAST_OR_MOST.get(name, name)}({arguments})")

    def argument(self, node: ast.expr) -> str:
        """Return an argument with its type: a buffer, a buffer from a word on, or an integer."""
        if isinstance(node, ast.Name) and node.id in self.buffers:
            return f"ptr %{node.id}"
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            first = node.slice.lower
            if first is None or node.slice.upper is not None or node.slice.step is not None:
                raise self.refuse(node)
            start = ast.Subscript(node.value, first, ast.Load())
            return f"ptr {self.place(start)[0]}"
        return f"i32 {self.value(node)}"

    def variable(self, name: str) -> str:
        self.variables[name] = None
        return f"%{name}.at"

    def store(self, name: str, value: str) -> None:
        self.line(f"store i32 {value}, ptr {self.variable(name)}")

    def place(self, node: ast.Subscript) -> tuple[str, str]:
        """Return (pointer, type) of a word of a buffer."""
        if not isinstance(node.value, ast.Name) or node.value.id not in self.buffers:
            raise self.refuse(node)
        buffer = node.value.id
        kind, index = self.buffers[buffer], node.slice
        word = self.constant(index)
        if buffer == "state" and word in self.held:
            return self.variable(self.held[word]), kind
        if word is not None:
            wide = str(word)
        else:
            wide = self.made(f"sext i32 {self.value(index)} to i64")
        return self.made(f"getelementptr inbounds {kind}, ptr %{buffer}, i64 {wide}"), kind

    def assign(self, target: ast.expr, value: str) -> None:
        if isinstance(target, ast.Name) and target.id not in self.constants:
            self.store(target.id, value)
        elif isinstance(target, ast.Subscript) and ast.unparse(target.value) != "samples":
            place, kind = self.place(target)
            if kind != "i32":
                value = self.made(f"trunc i32 {value} to {kind}")
            self.line(f"store {kind} {value}, ptr {place}")
        else:
            raise self.refuse(target)

    def condition(self, node: ast.expr, yes: str, no: str) -> None:
        """Go to one of two labels."""
        if isinstance(node, ast.BoolOp):
            for part in node.values[:-1]:
                more = self.new("more")
                both = isinstance(node.op, ast.And)
                self.condition(part, more if both else yes, no if both else more)
                self.label(more)
            self.condition(node.values[-1], yes, no)
            return
        if isinstance(node, ast.UnaryOp) and _kind(node.op) == "Not":
            self.condition(node.operand, no, yes)
            return
        self.line(f"br i1 {self.truth(node)}, label %{yes}, label %{no}")

    def truth(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Compare):
            return self.made(f"icmp ne i32 {self.value(node)}, 0")
        if len(node.ops) != 1 or _kind(node.ops[0]) not in _COMPARISONS:
            raise self.refuse(node)
        a, b = self.value(node.left), self.value(node.comparators[0])
        return self.made(f"icmp {_COMPARISONS[_kind(node.ops[0])]} i32 {a}, {b}")

    def body(self, nodes: Sequence[ast.stmt], outermost: bool = True) -> None:
        for node in nodes:
            if isinstance(node, ast.While):
                self.loop(node, self.holds and outermost)
            else:
                self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.value(node.value)
            for target in node.targets:
                self.assign(target, value)
        elif isinstance(node, ast.AugAssign) and _kind(node.op) in _OPERATORS:
            self.assign(node.target, self.operation(node.op, node.target, node.value))
        elif isinstance(node, ast.If):
            yes, no, done = self.new("then"), self.new("else"), self.new("done")
            self.condition(node.test, yes, no)
            for label, branch in ((yes, node.body), (no, node.orelse)):
                self.label(label)
                self.body(branch, False)
                self.go(done)
            self.label(done)
        elif isinstance(node, ast.For):
            self.each(node)
        elif isinstance(node, ast.Return):
            if self.held:
                raise self.refuse(node)  # what is held would be lost
            value = "0" if node.value is None else self.value(node.value)
            self.line(f"ret i32 {value}")
            self.label(self.new("dead"))  # what stands behind it is never reached
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self.value(node.value)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            raise self.refuse(node)

    def loop(self, node: ast.While, holding: bool) -> None:
        if node.orelse:
            raise self.refuse(node)
        again, run, ended, out = (self.new(each) for each in ("while", "run", "ended", "out"))
        if holding:
            first = self.new("hold")
            self.condition(node.test, first, out)  # where it does not run, nothing is held
            self.label(first)
            self.hold(node)
        self.go(again)
        self.label(again)
        self.condition(node.test, run, ended)
        self.label(run)
        self.body(node.body, False)
        self.go(again)
        self.label(ended)
        if holding:
            self.let_go()
        self.go(out)
        self.label(out)

    def hold(self, loop: ast.While) -> None:
        """Take into variables the words of the state that a loop often names by constants."""
        for node in (node for part in source.often([loop]) for node in ast.walk(part)):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "state":
                word = self.constant(node.slice)
                if word is not None:
                    self.held[word] = f"word{word}"
        for word, name in self.held.items():
            at = self.made(f"getelementptr inbounds i32, ptr %state, i64 {word}")
            self.store(name, self.made(f"load i32, ptr {at}"))

    def let_go(self) -> None:
        """Put back the words that were held."""
        for word, name in self.held.items():
            at = self.made(f"getelementptr inbounds i32, ptr %state, i64 {word}")
            value = self.made(f"load i32, ptr {self.variable(name)}")
            self.line(f"store i32 {value}, ptr {at}")
        self.held = {}

    def each(self, node: ast.For) -> None:
        """A loop over a tuple of constants, written out, or over a range."""
        if not isinstance(node.target, ast.Name) or node.orelse:
            raise self.refuse(node)
        if isinstance(node.iter, ast.Tuple):
            for item in node.iter.elts:
                self.store(node.target.id, self.value(item))
                self.body(node.body, False)
            return
        over = node.iter
        if not isinstance(over, ast.Call) or ast.unparse(over.func) != "range" or over.args[1:]:
            raise self.refuse(node)
        at, most, limit = self.new("at"), self.new("most"), ast.unparse(over.args[0])
        lines = f"{at} = 0\n{most} = {limit}\nwhile {at} < {most}:\n    {node.target.id} = {at}"
        written = ast.parse(f"{lines}\n    {at} = {at} + 1").body
        assert isinstance(written[-1], ast.While)
        written[-1].body += node.body
        self.body(written, False)
