"""The table of ARCHITECTURE.md: the rooms and which may import which, from the test of the walls.

The plan is ROOMS of tests/house/test_walls.py; what a room is for is the first sentence of its
docstring. Run by `make docs`; a test holds the copy equal.
"""

import ast
import re
from pathlib import Path

from command_pages import cell, table

ROOT = Path(__file__).resolve().parents[2]
WALLS = ROOT / "tests" / "house" / "test_walls.py"
SOURCE = ROOT / "host" / "src" / "notturno"
MARK = re.compile(r"(<!-- (rooms) -->\n).*?(<!-- end -->)", re.DOTALL)


def rooms() -> dict[str, str]:
    """Return the plan {room: the rooms that it may import}, as the test has it."""
    for node in ast.parse(WALLS.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "ROOMS":
            return ast.literal_eval(node.value)
    raise LookupError(f"{WALLS} has no ROOMS")


def purpose(room: str) -> str:
    """Return the first line of a room's docstring."""
    path = SOURCE / room / "__init__.py"
    path = path if path.exists() else SOURCE / f"{room}.py"
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split())


def rooms_text() -> str:
    """Return the table of rooms: the lowest first, each with what it may import."""
    rows, plan = [], rooms()
    for room, below in plan.items():
        told = ", ".join(f"`{one}`" for one in sorted(below.split())) or "none"
        others = sorted(set(plan) - {room} - set(below.split()))
        if len(others) < 4:
            told = "all but " + ", ".join(f"`{one}`" for one in others)
        rows.append([f"`{room}`", cell(purpose(room)), told])
    return table(["room", "what it is for", "may import"], rows)


def filled(text: str) -> str:
    """Return the page with its table made anew."""
    return MARK.sub(lambda match: match[1] + rooms_text() + match[3], text)
