"""Which bands a living process of this computer is connected to.

Touches a lock file for each band in the user's runtime folder; the system lets go of the lock when
its holder ends, however it ends. Where no such file can be made, every band passes for held.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, which ends a process's connections with it
    fcntl = None


@contextmanager
def held(address: str) -> Iterator[None]:
    """Say for as long as this lasts that somebody here talks to the band at `address`."""
    file = _locked(address)
    try:
        yield
    finally:
        if file is not None:
            file.close()


def is_held(address: str) -> bool:
    """Say whether a living process talks to the band at `address`; True where nobody can know."""
    file = _locked(address)
    if file is None:
        return True
    file.close()
    return False


def _locked(address: str) -> BinaryIO | None:
    """Return the open file that holds the lock, None where it cannot be had."""
    if fcntl is None:
        return None
    try:
        path = _path(address)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = open(path, "ab")  # noqa: SIM115  (open for as long as it is held)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _path(address: str) -> Path:
    import platformdirs

    name = "".join(sign if sign.isalnum() else "-" for sign in address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a session without such a folder: it names another
        folder = Path(platformdirs.user_runtime_path("notturno", appauthor=False))
    return folder / f"band-{name}.lock"
