"""Facts about this computer: the data folder, its disk, its locks, what is installed.

Reads the file system; writes nothing anywhere, and holds a lock for no longer than it takes to
see that it can be had.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# SQLite's lock of whoever writes next: https://www.sqlite.org/src/file?name=src/os.h
RESERVED_BYTE = 0x40000001
FREE, BUSY, NONE, UNKNOWN = "free", "busy", "none", "unknown"
OPTIONAL = {
    "bumble": ("the virtual band", "pip install 'notturno[virtual]'"),
    "llvmlite": ("replay at full speed", "pip install 'notturno[fast]'"),
    "mpremote": ("a band's cable", "pip install mpremote"),
}


@dataclass(frozen=True)
class FolderFacts:
    """A data folder as it is. locks: FREE, BUSY, NONE (cannot be had here) or UNKNOWN."""

    path: Path
    exists: bool
    is_folder: bool
    readable: bool
    writable: bool  # or can be made
    free_bytes: int | None
    database: bool
    database_writable: bool
    locks: str
    sync_running: bool


def folder_facts(path: Path, database_name: str, lock_name: str) -> FolderFacts:
    """Look at the data folder. No database connection of this process may be open meanwhile."""
    path = Path(path).absolute()
    exists, is_folder = os.path.lexists(path), path.is_dir()
    nearest = next((p for p in (path, *path.parents) if p.is_dir()), None)
    database = path / database_name
    has_database = database.exists()
    locks, sync_running = UNKNOWN, False
    if is_folder:
        whole = _flock(path / lock_name if (path / lock_name).exists() else path)
        byte = _byte_lock(database) if has_database else UNKNOWN
        sync_running = whole == BUSY
        locks = NONE if NONE in (whole, byte) else byte if byte != UNKNOWN else whole
    return FolderFacts(
        path=path,
        exists=exists,
        is_folder=is_folder,
        readable=is_folder and os.access(path, os.R_OK | os.X_OK),
        writable=nearest is not None and os.access(nearest, os.W_OK | os.X_OK),
        free_bytes=_free_bytes(nearest),
        database=has_database,
        database_writable=os.access(database, os.W_OK),
        locks=locks,
        sync_running=sync_running,
    )


def missing_packages() -> dict[str, tuple[str, str]]:
    """Return {package: (what needs it, what installs it)} of those that are not installed."""
    return {name: words for name, words in OPTIONAL.items() if find_spec(name) is None}


def _free_bytes(folder: Path | None) -> int | None:
    if folder is None:
        return None
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _flock(path: Path) -> str:
    return _tried(path, os.O_RDONLY, lambda fcntl, handle: fcntl.flock(
        handle, fcntl.LOCK_EX | fcntl.LOCK_NB
    ))  # fmt: skip


def _byte_lock(path: Path) -> str:
    return _tried(path, os.O_RDWR, lambda fcntl, handle: fcntl.lockf(
        handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, RESERVED_BYTE
    ))  # fmt: skip


def _tried(path: Path, flags: int, lock: Callable) -> str:
    """Return whether the lock can be had; closing the file lets go of it."""
    try:
        import fcntl
    except ImportError:  # Windows, where every file can be locked
        return UNKNOWN
    try:
        handle = os.open(path, flags)
    except OSError:
        return UNKNOWN
    try:
        lock(fcntl, handle)
        return FREE
    except OSError as error:
        return BUSY if error.errno in (errno.EACCES, errno.EAGAIN) else NONE
    finally:
        with contextlib.suppress(OSError):
            os.close(handle)
