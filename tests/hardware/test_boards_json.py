"""Board descriptions, firmware pins, wiring table and safety text agree."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOARDS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (ROOT / "hardware" / "boards").glob("*.json")
}
NAMES = sorted(BOARDS)


def firmware_pins(name):
    """Pins of the board file, read without running it."""
    tree = ast.parse((ROOT / "firmware" / "boards" / f"{name}.py").read_text(encoding="utf-8"))
    (board,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        node.targets[0].id: node.value.value
        for node in board.body
        if isinstance(node, ast.Assign) and isinstance(node.value.value, int)
    }


def test_every_real_board_is_described():
    files = {p.stem for p in (ROOT / "firmware" / "boards").glob("*.py")}
    assert files - {"__init__", "virtual"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_firmware_and_the_description_name_the_same_pins(name):
    described = {role: pin["gpio"] for role, pin in BOARDS[name]["pins"].items()}
    assert firmware_pins(name) == described
    assert len(set(described.values())) == len(described), "two things on one pin"


@pytest.mark.parametrize("name", NAMES)
def test_no_strapping_pin_but_the_boot_button_is_used(name):
    board = BOARDS[name]
    straps = set(board["straps_gpio"]["value"])
    used = {pin["gpio"] for role, pin in board["pins"].items() if role != "BUTTON"}
    assert not used & straps


@pytest.mark.parametrize("name", NAMES)
def test_the_interrupt_is_on_a_pin_that_can_wake_the_chip(name):
    low, high = BOARDS[name]["rtc_gpio"]["value"]
    assert low <= BOARDS[name]["pins"]["INT2"]["gpio"] <= high


@pytest.mark.parametrize("name", NAMES)
def test_the_cell_takes_the_chargers_current(name):
    board = BOARDS[name]
    assert board["charger_ma"]["value"] <= board["cell_mah"]["value"]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_a_tag_and_a_source(name):
    for key, figure in [*BOARDS[name].items(), *BOARDS[name]["pins"].items()]:
        if isinstance(figure, dict) and ("value" in figure or "gpio" in figure):
            assert figure["tag"] in "FMC" and figure["source"], key


@pytest.mark.parametrize("name", NAMES)
def test_the_wiring_table_says_the_same(name):
    column = 2 + NAMES[::-1].index(name)
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in (ROOT / "hardware" / "README.md").read_text(encoding="utf-8").splitlines()
        if "GPIO" in line and line.startswith("|")
    ]
    gpios = sorted(int(re.search(r"GPIO(\d+)", row[column]).group(1)) for row in rows)
    assert gpios == sorted(pin["gpio"] for pin in BOARDS[name]["pins"].values())


def test_the_safety_text_and_the_firmware_stop_at_the_same_voltage():
    import config

    text = (ROOT / "hardware" / "SAFETY.md").read_text(encoding="utf-8")
    assert f"{config.BATTERY_STOP_MV / 1000:.2f} V" in text
    for promise in ("Never charge it on the body", "polarity", "protection circuit", "1 C"):
        assert promise in text
