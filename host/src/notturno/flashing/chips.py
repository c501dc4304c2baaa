"""Which machine code a chip takes, and which MicroPython the firmware needs.

Touches nothing. The numbers of architectures are those of MicroPython 1.29's py/persistentcode.h
(MIT), as `sys.implementation._mpy >> 10` says them on a board.
"""

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
# Architectures that the firmware is built for. A board's name says its chip: boards/*.py.
ARCHS = ("xtensawin", "rv32imc", BYTECODE)
CHIP_ARCHS = {"esp32s3": "xtensawin", "esp32c3": "rv32imc", "esp32c6": "rv32imc"}
OTHER_BOARDS = {  # whose name does not say it
    "virtual": BYTECODE,
    "m5stickc_plus2": "xtensawin",
    "m5capsule": "xtensawin",
    "um_feathers3": "xtensawin",
}


def arch_of_board(board: str) -> str:
    """Return the architecture of a board of the firmware; raises UserError for an unknown one."""
    name = board.replace("-", "_").lower()
    if name in OTHER_BOARDS:
        return OTHER_BOARDS[name]
    for chip, arch in CHIP_ARCHS.items():
        if name.endswith(chip):
            return arch
    raise UserError(
        "There is no board {board}; choose one of {boards}.",
        board=board,
        boards=", ".join(boards()),
    )


def boards() -> list[str]:
    """Return the names of the boards that the firmware knows."""
    from notturno import firmware_files

    names = [path.stem for path in (firmware_files.folder() / "boards").glob("*.py")]
    return sorted(set(names) - {"__init__"})


def version_of(text: str) -> tuple[int, ...]:
    """Return the numbers of a version; "1.29.0-preview" is (1, 29, 0)."""
    numbers = []
    for part in text.split("-")[0].split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
