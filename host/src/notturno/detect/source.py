"""The detector's one source, for those who run it some other way than import.

Touches the text of notturno_core/segments.py and, to run a part of it elsewhere, a fresh copy of
the module. The algorithm is written in that file alone; nothing here knows the state's layout.
"""

import ast
import importlib.util
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from notturno_core import segments

DETECTOR_FILE = Path(segments.__file__)
_LOOP = "BLOCK_STAGES"  # that `process` runs over
TEXT = DETECTOR_FILE.read_text(encoding="utf-8")  # once, so that all executors run the same


def stage_names() -> tuple[str, ...]:
    """Return the names of the detector's stages, in the order in which they run."""
    return tuple(stage.__name__ for stage in segments.STAGES)


def seldom_names() -> tuple[str, ...]:
    """Return the names of the functions that `process` calls now and then."""
    return tuple(function.__name__ for function in segments.SELDOM)


def fresh_detector() -> ModuleType:
    """Return a new, independent copy of the detector module."""
    spec = importlib.util.spec_from_file_location("notturno_detector_copy", DETECTOR_FILE)
    assert spec is not None  # of a file
    module = importlib.util.module_from_spec(spec)
    exec(_code(TEXT), vars(module))
    return module


@cache
def _code(text: str) -> CodeType:
    return compile(text, str(DETECTOR_FILE), "exec")


def detector_with(stages: dict) -> ModuleType:
    """Return a copy of the detector whose stages are other callables of the same signature.

    stages: name -> callable(state, n, samples, out) -> int, for every name of `stage_names()`.
    `process` and `cut` are the detector's own and call the replacements.
    """
    module = fresh_detector()
    put_stages(module, stages)
    return module


def put_stages(module: ModuleType, stages: dict) -> None:
    """Let a copy of the detector run other stages; see `detector_with`."""
    for name in stage_names():
        setattr(module, name, stages[name])
    names = [stage.__name__ for stage in getattr(segments, _LOOP)]
    setattr(module, _LOOP, tuple(stages[name] for name in names))


class Machine:
    """What runs the stages somewhere else than in this Python; a subclass says how to call one.

    entries: name of a stage -> where it lies there.
    """

    entries: dict[str, int]

    def call(self, name: str, state: array, n: int, samples: memoryview, out: array) -> int:
        """Run one stage: `state` and `out` (int32) are changed in place, as on the chip."""
        raise NotImplementedError

    def stage(self, name: str) -> Callable[..., int]:
        """Return the stage as a callable with the detector's signature."""

        def run(state: array, n: int, samples: memoryview, out: array) -> int:
            return self.call(name, state, n, samples, out)

        return run

    def detector(self) -> ModuleType:
        """Return a detector module whose stages run on this machine."""
        return detector_with({name: self.stage(name) for name in self.entries})


def functions(names: Sequence[str], source: str) -> list[ast.FunctionDef]:
    """Return the top-level functions of these names, in the order of the source.

    Raises ValueError for a name that the source does not define.
    """
    found = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name in names
    ]
    missing = set(names) - {node.name for node in found}
    if missing:
        raise ValueError(f"no function is called {', '.join(sorted(missing))}")
    return found


def constants(module: ModuleType) -> dict[str, int]:
    """Return the integer names of a module: what a stage may read besides its arguments."""
    return {name: value for name, value in vars(module).items() if type(value) is int}


def unrolled_process(source: str) -> ast.FunctionDef:
    """Return `process` with its loop over stages written out, for compilers that want it so."""
    (process,) = functions(["process"], source)

    class Unroll(ast.NodeTransformer):
        found = 0

        def visit_For(self, node: ast.For) -> Any:
            self.generic_visit(node)
            if not (isinstance(node.iter, ast.Name) and node.iter.id == _LOOP):
                return node
            self.found += 1
            body = []
            assert isinstance(node.target, ast.Name)
            for stage in getattr(segments, _LOOP):
                for line in node.body:
                    body.append(_renamed(line, node.target.id, stage.__name__))
            return body

    unroll = Unroll()
    unroll.visit(process)
    if unroll.found != 1:
        raise ValueError(f"process() no longer holds one loop over {_LOOP}")
    return ast.fix_missing_locations(process)


def _renamed(node, old: str, new: str):
    copy = ast.parse(ast.unparse(node)).body[0]
    for part in ast.walk(copy):
        if isinstance(part, ast.Name) and part.id == old:
            part.id = new
    return copy


def often(nodes: Sequence[ast.stmt], within: int = 0, branch: bool = False) -> Iterator[ast.AST]:
    """Yield the parts of some statements that are met often.

    Of a loop within a loop no branch, of a branch no other. within: how many loops they stand in;
    branch: whether in one of its branches.
    """
    for node in nodes:
        if isinstance(node, ast.While):
            yield node.test
            yield from often(node.body, within + 1)
        elif isinstance(node, ast.If):
            yield node.test
            if within < 2 and not branch:
                yield from often(node.body + node.orelse, within, True)
        else:
            yield node
