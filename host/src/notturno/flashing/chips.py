"""Which machine code a chip takes, and which MicroPython the firmware needs.

Touches the boards' files of the firmware. The numbers of architectures are those of MicroPython
1.29's py/persistentcode.h (MIT), as `sys.implementation._mpy >> 10` says them on a board.
"""

import ast
import re

from notturno.errors import UserError

# 1.29 is the first with the board definitions of both XIAOs, wake_on_gpio and mem_backup.
LEAST_MICROPYTHON = (1, 29)
MPY_VERSION = 6
ARCH_NAMES = {
    0: "bytecode",
    1: "x86",
    2: "x64",
    3: "armv6",
    4: "armv6m",
    5: "armv7m",
    6: "armv7em",
    7: "armv7emsp",
    8: "armv7emdp",
    9: "xtensa",
    10: "xtensawin",
    11: "rv32imc",
    12: "rv64imc",
}
BYTECODE = "bytecode"  # what every MicroPython runs; the virtual band has no more
ARCHS = ("xtensawin", "rv32imc", BYTECODE)  # that the firmware is built for
PROCESSORS = {  # as the first line of a board's file names them
    "ESP32": "xtensawin",
    "ESP32-S3": "xtensawin",
    "ESP32-C3": "rv32imc",
    "ESP32-C6": "rv32imc",
}
VIRTUAL = "virtual"
IMAGE = re.compile(r"MicroPython's image: ([\w-]+)")


def arch_of_board(board: str) -> str:
    """Return the architecture of a board of the firmware, by the processor that its file names.

    Raises UserError for a board that has no file, and for a file that names no processor.
    """
    return BYTECODE if _named(board) == VIRTUAL else PROCESSORS[_processor(board)]


def chip_of_board(board: str) -> str:
    """Return esptool's name of a real board's processor; raises as `arch_of_board`."""
    return _processor(board).replace("-", "").lower()


def image_of_board(board: str) -> str:
    """Return how the official image of a real board is called, up to its date and version.

    By MicroPython's own board definitions of 1.29, a generic one where there is none. Raises
    UserError for a board that has no file, and for a file that names no image.
    """
    file, about = _about(board)
    named = IMAGE.search(about)
    if named is None:
        raise UserError(
            "boards/{file} does not say which image its board takes; write there:  MicroPython's "
            "image: ESP32_GENERIC_S3.",
            file=file,
        )
    return named[1]


def boards() -> list[str]:
    """Return the names of the boards that the firmware knows."""
    from notturno import firmware_files

    names = [path.stem for path in (firmware_files.folder() / "boards").glob("*.py")]
    return sorted(set(names) - {"__init__"})


def real_boards() -> list[str]:
    """Return the names of those that can be held in a hand."""
    return [name for name in boards() if name != VIRTUAL]


def _named(board: str) -> str:
    """Return a board's name as its file has it; raises UserError where there is none."""
    name = board.replace("-", "_").lower()
    if name not in boards():
        raise UserError(
            "There is no board {board}; choose one of {boards}.",
            board=board,
            boards=", ".join(boards()),
        )
    return name


def _about(board: str) -> tuple[str, str]:
    """Return the file's name of a board, and what it says of itself."""
    from notturno import firmware_files

    file = firmware_files.folder() / "boards" / f"{_named(board)}.py"
    return file.name, ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def _processor(board: str) -> str:
    file, about = _about(board)
    named = set(re.findall(r"ESP32(?:-[A-Z]\d)?(?![\w-])", about.partition("\n")[0]))
    if len(named) != 1 or not named <= PROCESSORS.keys():
        raise UserError(
            "The first line of boards/{file} names no processor, or two; write one of {known} "
            "there.",
            file=file,
            known=", ".join(PROCESSORS),
        )
    return named.pop()


def version_of(text: str) -> tuple[int, ...]:
    """Return the numbers of a version; "1.29.0-preview" is (1, 29, 0)."""
    numbers = []
    for part in text.split("-")[0].split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
