"""README.md and HAZARDS.md of hardware/.

Pure; data in, Markdown out.
"""

from rendering.build_page import nights, total_eur
from rendering.data import (
    BOARDS,
    BUILDS,
    CHIPS,
    HAZARDS,
    SOCS,
    firmware_boards,
    has_driver,
    missing,
    variants,
)
from rendering.markdown import filled, table


def readme() -> str:
    """Return the page on which somebody chooses a build."""
    return filled(
        "readme",
        builds=table(
            "build | solder | euro | minutes | nights of 9 h, typical (worst) | "
            "knows its cell, its charger | ready",
            map(_row, BUILDS.values()),
        ),
        boards=table("board | processor | MicroPython's image | builds", _boards()),
        chips=table("chip | addresses | FIFO, samples | seconds | driver", _chips()),
    )


def _row(build):
    board, chip = BOARDS[build["board"]], CHIPS[build["chip"]]
    typical, worst = nights(board, chip, board["cell_mah"]["value"])
    knows = ", ".join("yes" if role in board["pins"] else "no" for role in ("VBAT", "VBUS"))
    solder = any("ohm" in part for part in build["circuit"]["parts"].values())
    return (
        f"[{build['title']}]({build['name']}.md)",
        "yes" if solder else "no",
        f"{total_eur(build):.0f}",
        build["minutes"],
        f"{typical} ({worst})",
        knows,
        "no" if missing(build) else "yes, untried",
    )


def _boards():
    for name, board in BOARDS.items():
        used = [build["name"] for build in BUILDS.values() if build["board"] == name]
        used += [
            f"{build['name']} (variant)"
            for build in BUILDS.values()
            for change, _ in variants(build)
            if change.get("board") == name
        ]
        yield board["title"], board["soc"], board["micropython_board"], ", ".join(used)


def _chips():
    for chip in CHIPS.values():
        samples, rate_hz = chip["fifo_samples"]["value"], chip["rate_hz"]["value"]
        addresses = ", ".join(f"0x{address:02X}" for address in chip["addresses"]["value"])
        driver = chip["driver"] if has_driver(chip) else "not yet"
        yield chip["title"], addresses, samples, f"{samples / rate_hz:.2f}", driver


def hazards_page() -> str:
    """Return the table of port, chip and MicroPython release with known hazards."""
    used = {BOARDS[name]["soc"] for name in firmware_boards()}
    rows = []
    for hazard in HAZARDS["hazards"]:
        socs = ", ".join(soc if soc in used else f"({soc})" for soc in hazard["socs"])
        span = f"{hazard['since']} " + (f"to {hazard['until']}" if hazard["until"] else "on")
        rows.append((socs, span, hazard["what"], hazard["answer"], hazard["source"]))
    return filled(
        "hazards",
        release=HAZARDS["micropython"]["release"],
        why=HAZARDS["micropython"]["why"],
        hazards=table("processors | MicroPython | what | what is done about it | source", rows),
        supported=", ".join(sorted(used & set(SOCS))),
    )
