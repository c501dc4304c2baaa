"""The page of one build: parts, wiring, steps, case, cell, and what to measure.

Pure; data in, Markdown out.
"""

import re

import power_budget as pb

from rendering import power_page
from rendering.checklist import checklist
from rendering.circuit import Circuit
from rendering.data import CHIPS, COMMANDS, HAZARDS, TROUBLES, missing, variants
from rendering.electrical import check
from rendering.markdown import filled, table

FLOOR_MM = 2.0  # case.Shape.floor, which needs a library to be looked at; a test holds both equal


def picture_name(build: dict) -> str:
    return f"{build['name']}.svg"


def case_picture_name(build: dict) -> str:
    return f"{build['name']}_case.svg"


def part_word(part: dict) -> str:
    """Return what a part of a circuit is called in pictures and tables."""
    words = {"board": "board", "breakout": "sensor", "cell_mah": "cell"}
    return next((word for key, word in words.items() if key in part), "")


def page(build: dict) -> str:
    """Return a build's page. Raises ValueError where its net list is wrong."""
    circuit = Circuit(build)
    board = circuit.board
    prices = build["prices"]
    return filled(
        "build",
        title=build["title"],
        for_whom=build["for_whom"],
        minutes=build["minutes"],
        euro=f"{total_eur(build):.0f}",
        lacks=_lacks(build, board),
        parts=_parts(build),
        prices=f"{prices['date']}, {prices['source']}",
        tools=", ".join(build["tools"]),
        picture=picture_name(build),
        wiring=_wiring(build, circuit),
        variants=_variants(build),
        steps=_steps(build),
        troubles=_troubles(circuit),
        case=_case(build),
        cell=_cell(circuit),
        lasts=_lasts(circuit),
        checklist=checklist(build),
    )


def total_eur(build: dict) -> float:
    """Return the sum of a build's parts, euro."""
    return sum(part["count"] * part["price_eur"]["value"] for part in build["parts"])


def nights(board: dict, chip: dict, mah: float) -> tuple[int, int]:
    """Return the nights of a cell, by typical figures and by the worst that was found."""
    costs = [power_page.day(board, chip, which)["total"] for which in ("value", "high")]
    return tuple(pb.days_of(cost, mah) for cost in costs)


def _lasts(circuit):
    board, chip = circuit.board, CHIPS[circuit.build["chip"]]
    typical, worst = nights(board, chip, _mah(circuit))
    rest = "deep" if power_page.rests_deep(board) else "light"
    return (
        f"{typical} nights of 9 h by typical figures, {worst} by the worst that was found, where\n"
        f"it rests in {rest} sleep by day ([how](POWER.md)). Estimated."
    )


def _lacks(build, board):
    lines = [f"- **Not yet: {text}**" for text in missing(build)]
    lines += [f"- {text}" for text in board.get("lacks", [])]
    return "\n".join(["", *lines, ""]) if lines else ""


def _parts(build):
    rows = []
    for part in build["parts"]:
        eur = part["price_eur"]
        price = f"{eur['value']:g} ({eur['low']:g} to {eur['high']:g})"
        rows.append((part["count"], part["what"], price, part["instead"]))
    return table("n | part | euro each (range) | or", rows)


def _wiring(build, circuit):
    if not circuit.nets:
        pins = circuit.board["pins"].items()
        rows = [(role, f"GPIO{pin['gpio']}", pin.get("on_board", "")) for role, pin in pins]
        return "Nothing to wire. What the firmware uses inside:\n\n" + table("what | pin | ", rows)
    rows = []
    for net, pins in circuit.nets.items():
        first, *others = [_pin_words(circuit, pin) for pin in pins]
        rows.append((net, first, ", ".join(others)))
    texts = [table("net | from | to", rows)]
    for ref in circuit.sensors():
        for name, pin in circuit.breakout(ref)["pins"].items():
            if pin.get("leave_open", "").startswith("must"):
                texts.append(f"**{name} of the sensor {pin['leave_open']}.**")
    for name, nets in build["circuit"].get("plugs", {}).items():
        texts.append(f"{name}: {', '.join(nets)}.")
    return "\n\n".join([*texts, filled("check")])


def _pin_words(circuit, pin):
    ref, _, name = pin.partition(".")
    part = circuit.parts[ref]
    word = part_word(part)
    if word:
        gpio = circuit.board["pad_gpio"].get(name) if word == "board" else None
        return f"{word} {name}" + ("" if gpio is None else f" (GPIO{gpio})")
    return ref if "ohm" not in part else f"{ref} ({part['ohm'] // 1000}k)"


def _variants(build):
    texts = []
    for change, made in variants(build):
        circuit = Circuit(made)
        text = f"### {change['title']}\n{change['why']}\n"
        if "board" in change:
            text += "\n".join(f"{line}" for line in circuit.board.get("lacks", []))
        moved = _moved(Circuit(build), circuit)
        if moved:
            text += (
                f"\n![Wiring]({picture_name(made)})\n\n{table('net | instead of | to', moved)}\n"
            )
        if "board" in change:
            text += f"\n{_cell(circuit)}\n{_lasts(circuit)}\n"
        texts.append(text)
    return "\n".join(["", *texts]) if texts else ""


def _moved(circuit, other):
    """Return [(net, old pad, new pad)] of the board's pads that differ."""
    rows = []
    for net, pins in circuit.nets.items():
        for old, new in zip(pins, other.nets[net], strict=True):
            if old != new and old.startswith(circuit.board_part + "."):
                rows.append((net, _pin_words(circuit, old), _pin_words(other, new)))
    return rows


def command_text(name: str, build: dict) -> str:
    """Return a command as a page shows it, the board's name filled in."""
    return COMMANDS[name]["text"].format(PORT="PORT", BOARD=build["board"])


def _steps(build):
    lines, release = [], HAZARDS["micropython"]["release"]
    for n, step in enumerate(build["steps"], 1):
        lines.append(f"{n}. {step['do']}")
        if "command" in step:
            command = COMMANDS[step["command"]]
            lines += ["", *_fenced(command_text(step["command"], build)), ""]
            if command["runs"] == "real":
                lines += [f"    (Needs the real board: {command['why']}.)", ""]
            if "rehearsed" in command:
                rehearsed = command["rehearsed"].format(PORT="PORT", HCI="HOST:PORT")
                lines += [f"    (Rehearsed: `{rehearsed}`)", ""]
        lines += ["", f"    *You see:* {step['see']}", ""]
    return re.sub(r"\n\n\n+", "\n\n", "\n".join(lines)).replace("{MICROPYTHON}", release).strip()


def kinds(circuit: Circuit) -> set[str]:
    """Return the kinds of troubles that a build can have."""
    found = {"all"}
    if any("ohm" in part for part in circuit.parts.values()):
        found.add("wired")
    elif circuit.sensors():
        found.add("plugged")
    if "VBUS" in circuit.board["pins"]:
        found.add("sees a charger")
    return found


def _troubles(circuit):
    own = kinds(circuit)
    rows = [(row["see"], row["do"]) for row in TROUBLES if row["builds"] in own]
    return table("you see | do", rows)


def _fenced(command):
    return ["    ```", f"    {command}", "    ```"]


def _case(build):
    case = build["case"]
    if "none" in case:
        return case["none"]
    cased = [(build["name"], "")]
    for change, other in variants(build):
        if "cell_mm" in change:
            cased.append((other["name"], f" ({change['title']})"))
    files = [
        ", ".join(f"[{part}](case/{name}_{part}.stl)" for part in ("box", "plate", "lid")) + title
        for name, title in cased
    ]
    return filled(
        "case",
        picture=case_picture_name(build),
        files="; ".join(files),
        strap_mm=case["strap_mm"],
        floor=FLOOR_MM,
    ).strip()


def _mah(circuit):
    """Return the cell of a build: one of its parts, or what is inside its board."""
    cells = [part["cell_mah"] for part in circuit.parts.values() if "cell_mah" in part]
    return cells[0] if cells else circuit.board["cell_mah"]["value"]


def _cell(circuit):
    """Return what is known of charger and cell. Raises ValueError for a wrong net list."""
    wrong, notes = check(circuit)
    if wrong:
        raise ValueError(f"{circuit.build['name']}: {wrong[0]}")
    charger = circuit.board["charger_ma"]
    mah = _mah(circuit)
    low, high = charger.get("low", charger["value"]), charger.get("high", charger["value"])
    lines = [
        f"Charger: {charger['value']} mA ({low} to {high}; {charger['source']}).",
        f"Cell: {mah} mAh, so {charger['value'] / mah:.2g} C; 1 C is the limit, 0.5 C is better.",
        *notes,
    ]
    if "VBUS" in circuit.board["pins"]:
        lines.append("The firmware sees the charger and does not record while it is connected.")
    else:
        lines.append("**The firmware cannot see the charger: take the band off to charge it.**")
    if "VBAT" not in circuit.board["pins"]:
        lines.append("**It cannot see the cell's voltage: only the cell's own circuit stops it.**")
    return "\n".join(lines)


def commands_in(text: str) -> list[str]:
    """Return the commands that a page tells people to type, in order."""
    return re.findall(r"^    ```\n    (.+)\n    ```$", text, re.MULTILINE)
