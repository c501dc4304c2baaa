"""The number by which a band's records name this computer's clock: random, and kept.

Touches the file `host-id` in the data folder. It says nothing of who or where the computer is; a
clock that was wrong can be told by it from one that was right.
"""

import os
import re
import secrets
from pathlib import Path

from notturno.errors import UserError

FILE_NAME = "host-id"


def host_id(folder: Path) -> int:
    """Return the number of a data folder (1 to 2^32 - 1), made if there is none.

    Raises UserError where it cannot be kept.
    """
    path = Path(folder) / FILE_NAME
    found = _found(path)
    if found is not None:
        return found
    made = secrets.randbelow(0xFFFFFFFF) + 1
    new = path.with_name(f"{FILE_NAME}.{os.getpid()}.new")
    try:
        try:
            new.write_text(f"{made:08x}\n", encoding="ascii")
            _put(new, path)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            "The file {path} cannot be written ({why_said}); check the "
            "folder's permissions and room, or choose another with --data-dir.",
            path=path,
            why_said=error.strerror,
        ) from error
    return _found(path) or made


def _put(new: Path, path: Path) -> None:
    try:
        os.link(new, path)  # unlike a renaming it leaves what a faster process has put there
    except FileExistsError:
        if _found(path) is None:
            os.replace(new, path)  # half a file: an older cut
    except OSError:
        os.replace(new, path)  # a disk that knows no links


def _found(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text, 16) or None if re.fullmatch("[0-9a-f]{8}", text) else None
