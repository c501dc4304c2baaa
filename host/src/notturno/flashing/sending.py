"""Files to a band through its prompt: in pieces that a small chip can take, whole or not at all.

Touches a band through the line it is given.
"""

import base64
from collections.abc import Callable

from notturno.flashing.line import Line
from notturno.flashing.package import sha256

PIECE_BYTES = 1536  # of a file, in one call
CODE_BYTES = 4096  # of files, in one piece of code: a small chip holds it as text and as bytes


def send(
    line: Line,
    files: dict[str, bytes],
    told: int,
    total: int,
    progress: Callable[[int, int], None],
) -> int:
    """Write files {path: bytes}, some pieces to one piece of code; return the bytes told of."""
    code, waiting = [], 0
    for path, data in files.items():
        for at in range(0, len(data) or 1, PIECE_BYTES):
            piece = data[at : at + PIECE_BYTES]
            if code and waiting + len(piece) > CODE_BYTES:
                told = _ran(line, code, told + waiting, total, progress)
                code, waiting = [], 0
            how = "ab" if at else "wb"
            code.append(f"put({path!r}, {base64.b64encode(piece)!r}, {how!r})")
            waiting += len(piece)
    return _ran(line, code, told + waiting, total, progress) if code else told


def _ran(
    line: Line, code: str | list, told: int, total: int, progress: Callable[[int, int], None]
) -> int:
    line.run("\n".join(code))
    progress(min(told, total), total)
    return told


def put_in_place(line: Line, path: str, data: bytes) -> None:
    """Write a file of the band's root so that a cut leaves the old one or the new."""
    new = path.rpartition(".")[0] + ".new"
    send(line, {new: data}, 0, len(data), lambda done, of: None)
    line.ask(f"settle({new!r}, {path!r}, {sha256(data)!r})")
