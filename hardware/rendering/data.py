"""The data of hardware/: every JSON file, read once.

Touches the JSON files of this folder and the firmware's folders, to see what it has. A figure is
{"value", "low", "high", "tag", "source"}: tag F was read at the source, M is from memory,
C computed; "borrowed" names the other board that it was measured on.
"""

import json
from pathlib import Path

HARDWARE = Path(__file__).resolve().parents[1]
FIRMWARE = HARDWARE.parent / "firmware"
# What the firmware's own board class asks of a board file besides its pins.
NOT_BOARDS = {"__init__", "virtual"}


def read(path: Path) -> dict | list:
    """Return a JSON file. Raises ValueError that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is no JSON: {error}") from error


def load(kind: str) -> dict[str, dict]:
    """Return {name: description} of a folder of JSON files: boards, chips, breakouts, builds."""
    return {path.stem: read(path) for path in sorted((HARDWARE / kind).glob("*.json"))}


def load_one(name: str) -> dict | list:
    """Return a file of the top level: socs, hazards, commands, troubles."""
    return read(HARDWARE / f"{name}.json")


BOARDS = load("boards")
CHIPS = load("chips")
BREAKOUTS = load("breakouts")
BUILDS = load("builds")
SOCS = load_one("socs")
HAZARDS = load_one("hazards")
COMMANDS = load_one("commands")
TROUBLES = load_one("troubles")


def firmware_boards() -> set[str]:
    """Return the names of the boards that the firmware has a file for."""
    return {path.stem for path in (FIRMWARE / "boards").glob("*.py")} - NOT_BOARDS


def has_driver(chip: dict) -> bool:
    """Does any driver of the firmware know this chip's WHO_AM_I, by its own file's name?"""
    return (FIRMWARE / "drivers" / f"{chip['driver']}.py").exists()


def missing(build: dict) -> list[str]:
    """Return what the firmware lacks for a build, as sentences; empty: it is all there."""
    board, chip = BOARDS[build["board"]], CHIPS[build["chip"]]
    lacks = []
    if build["board"] not in firmware_boards():
        lacks.append(f"The firmware does not know the board {board['title']} yet.")
    if not has_driver(chip):
        lacks.append(f"The firmware has no driver for the {chip['title']} yet.")
    return lacks


def figures(thing: dict) -> list[tuple[str, dict]]:
    """Return every (name, figure) of a description, pins and prices among them."""
    found = []
    for key, value in thing.items():
        if isinstance(value, dict):
            if "tag" in value:
                found.append((key, value))
            else:
                found += [(f"{key}.{name}", figure) for name, figure in figures(value)]
    return found


def variant(build: dict, change: dict) -> dict:
    """Return a build with another board, breakout or cell; its pins follow their roles."""
    circuit = build["circuit"]
    parts = {ref: dict(part) for ref, part in circuit["parts"].items()}
    renamed = {}
    for ref, part in parts.items():
        if "board" in part and "board" in change:
            old, new = BOARDS[part["board"]]["pins"], BOARDS[change["board"]]["pins"]
            pads = {p["pad"]: new[role]["pad"] for role, p in old.items() if "pad" in p}
            renamed |= {f"{ref}.{a}": f"{ref}.{b}" for a, b in pads.items()}
            part["board"] = change["board"]
        elif "breakout" in part and "breakout" in change:
            feeds = [_feed(part["breakout"]), _feed(change["breakout"])]
            renamed[f"{ref}.{feeds[0]}"] = f"{ref}.{feeds[1]}"
            part["breakout"] = change["breakout"]
        elif "cell_mah" in part and "cell_mah" in change:
            part |= {"cell_mah": change["cell_mah"], "size_mm": change["cell_mm"]}
    nets = {n: [renamed.get(pin, pin) for pin in pins] for n, pins in circuit["nets"].items()}
    return {
        **build,
        "name": change["name"],
        "title": change["title"],
        "board": change.get("board", build["board"]),
        "circuit": {**circuit, "parts": parts, "nets": nets},
    }


def _feed(breakout):
    pins = BREAKOUTS[breakout]["pins"]
    return next(name for name, pin in pins.items() if pin["way"] == "power_in")


def variants(build: dict) -> list[tuple[dict, dict]]:
    """Return [(what changes, the build with it)] of a build."""
    return [(change, variant(build, change)) for change in build.get("variants", [])]
