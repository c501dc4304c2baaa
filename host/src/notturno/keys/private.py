"""Files that only their owner can read, from their first byte on.

Touches the files named. On POSIX the permissions guard them; elsewhere those of the folder above.
"""

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

from notturno.errors import Phrase

UNFINISHED = ".new-"  # in the name of a file that is not whole yet
LEFT_OVER_S = 3600  # an unfinished file of this age is no other program's work
# What others may do with a file; elsewhere than on POSIX its mode says nothing of it.
OTHERS = stat.S_IRWXG | stat.S_IRWXO if os.name == "posix" else 0


def make_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, or make the existing one so. OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if folder.stat().st_mode & OTHERS:
        with contextlib.suppress(OSError):  # a disk without permissions: the files will say it
            folder.chmod(0o700)


def read(path: Path, at_most_bytes: int) -> tuple[bytes, bool]:
    """Return the content of a regular file, and whether its owner alone can reach it.

    Content and permissions are those of one file, also where it is replaced meanwhile. Raises
    OSError; for what is no regular file, too (a pipe would hold the reader for ever).
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, Phrase("it is no file"))
        return os.read(handle, at_most_bytes), not status.st_mode & OTHERS
    finally:
        os.close(handle)


def write(path: Path, data: bytes, instead: bool = True) -> bool:
    """Write a whole file or none, safe on the disk when this returns; return whether it was done.

    instead: an existing file is replaced; else it stays, and False comes back. Raises OSError,
    also where the disk cannot keep others out.
    """
    unfinished = path.with_name(f"{path.name}{UNFINISHED}{secrets.token_hex(6)}")
    try:
        # A new file: no link that somebody laid there is followed.
        with open(unfinished, "xb", opener=_for_its_owner) as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise OSError(errno.EPERM, Phrase("this disk cannot keep others from reading it"))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if instead:
            os.replace(unfinished, path)
        elif not _put(unfinished, path):
            return False
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _put(unfinished: Path, path: Path) -> bool:
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: the second of two at once wins here
        if os.path.lexists(path):
            return False
        os.replace(unfinished, path)
    return True


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what programs that were cut off left unfinished."""
    for path in folder.glob(f"*{UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > LEFT_OVER_S:
                path.unlink()
