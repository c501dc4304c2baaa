"""One at a time: a lock on a file, let go by the system when its holder ends, however it ends.

Touches the lock file named.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from notturno.errors import UserError

DATA_LOCK = "sync.lock"  # in a data folder, of whoever needs it for itself alone
AT_WORK = (
    "Another notturno is at work in this data folder (a sync, a restore, a deletion of all); wait "
    "until it is done."
)
HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # by another process


@contextmanager
def only_one(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock of `path`; raises UserError(busy) where another process holds it."""
    try:
        file = open(path, "a+b")
    except OSError as error:
        raise UserError(
            "The file {path} cannot be written ({why_said}); check the "
            "folder's permissions or choose another with --data-dir.",
            path=path,
            why_said=error.strerror,
        ) from error
    with file:
        try:
            _lock(file)
        except OSError as error:
            if error.errno not in HELD:
                raise UserError(
                    "The disk of {parent} knows no locks ({why_said}), so two "
                    "programs could write there at once; choose a folder on "
                    "this computer with --data-dir, or ask for locks where the "
                    "share is mounted.",
                    parent=path.parent,
                    why_said=error.strerror,
                ) from error
            raise UserError(busy) from None
        yield


def _lock(file: IO[bytes]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
