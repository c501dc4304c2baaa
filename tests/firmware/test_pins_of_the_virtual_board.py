"""The virtual board's file names the pins that its body has."""

import ast
from pathlib import Path

from notturno.virtualband import board
from notturno.virtualband.builds import PIN_SDA

FILE = Path(__file__).resolve().parents[2] / "firmware" / "boards" / "virtual.py"


def test_each_pin_leads_where_the_body_has_it():
    (found,) = [n for n in ast.walk(ast.parse(FILE.read_text())) if isinstance(n, ast.ClassDef)]
    pins = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in found.body
        if isinstance(node, ast.Assign)
    }
    said = {name: pins[name] for name in ("SDA", "SCL", "INT2", "BUTTON", "VBUS", "VBAT")}
    assert said == {
        "SDA": PIN_SDA,
        "SCL": board.PIN_SCL,
        "INT2": board.PIN_INT2,
        "BUTTON": board.PIN_BUTTON,
        "VBUS": board.PIN_VBUS,
        "VBAT": board.PIN_VBAT,
    }
    assert set(pins["DEEP_WAKE"]) == {board.PIN_VBUS, board.PIN_BUTTON}
    assert pins["LED"] not in said.values()
