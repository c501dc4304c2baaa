"""All that a data folder holds of ours, deleted for good. Touches that folder.

Files are overwritten before they go; what a disk keeps of old blocks nobody can reach from here.
"""

import contextlib
import os
from pathlib import Path

from notturno.errors import UserError
from notturno.keys import KeyRing
from notturno.store import FILE_NAME

# What lies in a data folder: the database, what SQLite left beside it, what a restore put aside.
OURS = (f"{FILE_NAME}*", "host-id*", "keys/*.key", "keys/*.key.old", "keys/*.new-*")
STEP = 1 << 20


def found(folder: Path) -> list[Path]:
    """Return the files of ours in a data folder; other people's folders in it are not touched."""
    folder = Path(folder)
    paths = {path for pattern in OURS for path in folder.glob(pattern)}
    return sorted(path for path in paths if path.is_file() or path.is_symlink())


def delete(folder: Path, paths: list[Path]) -> dict[str, int]:
    """Delete the files; return {"files": how many, "keys": of how many bands}.

    Raises UserError where one cannot be deleted, and says which.
    """
    ring = KeyRing(folder)
    keys = ring.ids()
    for device_id in keys:
        with contextlib.suppress(UserError):  # a damaged file is deleted below all the same
            about = ring.about(device_id)
            if about is not None and about["in_keyring"]:
                ring.remove(device_id)
    deleted = 0
    for path in paths:
        try:
            _overwrite(path)
            path.unlink()
            deleted += 1
        except FileNotFoundError:
            continue  # the keys are gone by now
        except OSError as error:
            raise UserError(
                "{path} cannot be deleted ({why_said}); close what uses it and try again.",
                path=path,
                why_said=error.strerror,
            ) from error
    return {"files": deleted, "keys": len(keys)}


def _overwrite(path: Path) -> None:
    if path.is_symlink():
        return
    with open(path, "r+b") as file:
        left = os.fstat(file.fileno()).st_size
        while left:
            left -= file.write(bytes(min(left, STEP)))
        file.flush()
        os.fsync(file.fileno())
