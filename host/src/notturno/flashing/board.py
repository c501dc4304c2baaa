"""What a board is and what lies on it, as it says itself, and whether a package is for it.

Touches a band through its prompt (line.py). Speaks bytes.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notturno import firmware_files
from notturno.errors import UserError
from notturno.flashing import chips
from notturno.flashing.package import MANIFEST, Package

if TYPE_CHECKING:
    from notturno.flashing.line import Line

SCRIPT = Path(__file__).with_name("on_band.py")
SLOTS = ("", "/slot_a", "/slot_b")  # by number, as in the firmware's slots.py
MAX_TEXT_BYTES = 20000
IMAGE = "notturno flash --image FILE"


@dataclass(frozen=True)
class Board:
    """A board: its MicroPython, its room, and what lies there.

    pointer: (good, trial, tries, failed) as in slots.py; there: whether the root, slot 1 and slot
    2 hold a program; root: the names in its root. free, block: bytes. id: the device id, in hex.
    """

    name: str
    version: tuple[int, ...]
    mpy: int
    machine: str
    free: int
    block: int
    pointer: tuple[int, int, int, int]
    there: tuple[bool, bool, bool]
    root: tuple[str, ...]
    id: str = ""

    @property
    def arch(self) -> str:
        """Return the name of its architecture, or its number."""
        number = self.mpy >> 10 & 0x3F
        return chips.ARCH_NAMES.get(number, f"architecture {number}")

    @property
    def good(self) -> int:
        """The confirmed slot, if it is whole; else 0."""
        return self.pointer[0] if self.there[self.pointer[0]] else 0

    @property
    def current(self) -> int:
        """The slot whose program the next start runs; 0: the root's, or none."""
        trial = self.pointer[1]
        if trial and self.there[trial]:
            return trial
        if self.good or self.there[0]:
            return self.good
        return next((slot for slot in (1, 2) if self.there[slot]), 0)

    @property
    def target(self) -> int:
        """The slot to fill: never the one that was confirmed, nor the only one that is whole."""
        return 3 - (self.good or self.current or 2)


def look(line: Line) -> Board:
    """Put our functions on the band and ask it what it is. Raises UserError, BandError."""
    for name in ("slots.py", "flashfiles.py"):
        line.run((firmware_files.folder() / name).read_text(encoding="utf-8"))
    line.run(SCRIPT.read_text(encoding="utf-8"))
    said = line.ask("about()")
    try:
        fields: dict[str, Any] = {
            key: tuple(said[key]) if isinstance(said[key], list) else said[key]
            for key in Board.__dataclass_fields__
        }
        return Board(**fields)
    except (KeyError, TypeError):
        raise UserError(
            "The band at {port} answers what nobody understands; press its "
            "reset button and try again.",
            port=line.port,
        ) from None


def check_micropython(board: Board) -> None:
    """Raise UserError where the board's MicroPython is none, too old, or of another form."""
    least = ".".join(map(str, chips.LEAST_MICROPYTHON))
    has = ".".join(map(str, board.version))
    if board.name != "micropython":
        raise UserError(
            "The board runs {name} {has}, not MicroPython:  {image}",
            name=board.name,
            has=has,
            image=IMAGE,
        )
    if board.version < chips.LEAST_MICROPYTHON:
        raise UserError(
            "The board has MicroPython {has}; the program needs {least} or newer:  {image}",
            has=has,
            least=least,
            image=IMAGE,
        )
    if board.mpy & 0xFF != chips.MPY_VERSION:
        raise UserError(
            "The board's MicroPython {has} takes compiled code of version "
            "{mpy}, and this is {mpy_version}; update notturno: pip install "
            "--upgrade notturno.",
            has=has,
            mpy=board.mpy & 255,
            mpy_version=chips.MPY_VERSION,
        )


def arch_for(board: Board, wanted: str | None = None) -> str:
    """Return the architecture to build for; raises UserError where `wanted` is not the board's.

    wanted: the name of a board of the firmware, as a person gave it.
    """
    if wanted is not None:
        arch = chips.arch_of_board(wanted)
        if arch != board.arch:
            raise UserError(
                "The board is not a {wanted}: that takes {arch}, and this one "
                "({machine}) takes {board_arch}; leave --board out, or plug that "
                "board in.",
                wanted=wanted,
                arch=arch,
                machine=board.machine,
                board_arch=board.arch,
            )
        return arch
    if board.arch not in chips.ARCHS:
        raise UserError(
            "There is no program for this board ({machine}, {arch}); there is for {boards}.",
            machine=board.machine,
            arch=board.arch,
            boards=", ".join(chips.boards()),
        )
    return board.arch


def check_package(package: Package, board: Board) -> None:
    """Raise UserError where the package is for another chip than the board's."""
    if package.arch not in (board.arch, chips.BYTECODE):
        raise UserError(
            "This program is for {arch}, and the board ({machine}) takes {board_arch}.",
            arch=package.arch,
            machine=board.machine,
            board_arch=board.arch,
        )


def text_of(line: Line, path: str, most: int = MAX_TEXT_BYTES) -> bytes | None:
    """Return a small file of the band; None where it is not there, or longer than `most`."""
    said = line.ask(f"text_of({path!r}, {most})")
    return None if said is None else base64.b64decode(said)


def version_in_slot(line: Line, board: Board, slot: int) -> str | None:
    """Return the version in a slot's manifest; None where there is none."""
    if not slot or not board.there[slot]:
        return None
    data = text_of(line, f"{SLOTS[slot]}/{MANIFEST}")
    try:
        version = json.loads(data or b"")["version"]
    except (ValueError, TypeError, KeyError):
        return None
    return version if isinstance(version, str) else None
