"""The detector with every integer operation watched: nothing may leave 32 bits.

The stages' own syntax tree, with a check around each result; no formula of the detector.
"""

import ast
from functools import cache

from notturno.detect import source

LEAST, MOST = -(2**31), 2**31 - 1


def _fail(line, value, wrong):
    raise AssertionError(f"line {line}: {value} {wrong}")


class _Checks(ast.NodeTransformer):
    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, (ast.LShift, ast.RShift)):
            # a shift by 32 or more is not defined on the chips
            node.right = _within(node.right, 0, 31, "is no shift that chips know")
        elif isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)):
            _fail(node.lineno, ast.unparse(node), "has no operator that machine code has")
        return _within(node, LEAST, MOST, "leaves 32 bits")

    def visit_AugAssign(self, node):
        _fail(node.lineno, ast.unparse(node), "is to be written out, so that it is checked")

    def visit_Subscript(self, node):
        self.generic_visit(node)
        # Python would count a negative index from the end; the chips would not
        node.slice = _within(node.slice, 0, MOST, "is an index before the array")
        return node


def _within(node, least, most, wrong):
    """Return the expression `node`, failing where its value is not in least..most."""
    if isinstance(node, ast.Constant):
        if not least <= node.value <= most:
            _fail(node.lineno, node.value, wrong)
        return node
    text = f"_t if {least} <= (_t := 0) <= {most} else _fail({node.lineno}, _t, {wrong!r})"
    check = ast.parse(text, mode="eval").body
    check.test.comparators[0].value = node
    return check


@cache
def _stages(text):
    """Return the checked stages' code: made once of a text, and run anew for each detector."""
    nodes = source.functions(source.stage_names(), text)
    tree = ast.Module([_Checks().visit(node) for node in nodes], [])
    return compile(ast.fix_missing_locations(tree), "checked detector", "exec")


def checked_detector():
    """Return a detector module whose stages are checked."""
    module = source.fresh_detector()
    space = vars(module)
    space["_fail"] = _fail
    exec(_stages(source.TEXT), space)
    source.put_stages(module, {name: space[name] for name in source.stage_names()})
    return module
