"""Machine code that was made once, kept for the next time. Touches a cache folder of the platform.

What lies there is run, so it is believed only where nobody else could have written it, and where
its digest holds; anything else is made anew. A folder that cannot be written costs time alone.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

_DIGEST = 32  # bytes before the code: sha256 of key and code
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def kept(key: str, make: Callable[[], bytes]) -> bytes:
    """Return what `make` gives, or what it gave when this key was asked for before."""
    folder = _folder()
    if folder is None:
        return make()
    path = folder / f"{key[:32]}.o"
    code = _read(path, key)
    if code is None:
        code = make()
        _write(path, _digest(key, code) + code)
    return code


def _folder() -> Path | None:
    """Return the folder, made if missing; None where it cannot be made or others may write."""
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("notturno")) / "code"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_own(folder.stat()) else None
    except OSError:
        return None


def _is_own(found: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):  # there the profile's folder is its person's own
        return True
    return found.st_uid == os.getuid() and not found.st_mode & _OTHERS


def _digest(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + code).digest()


def _read(path: Path, key: str) -> bytes | None:
    """Return the code of a file; None where there is none that may be believed."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _BINARY)
        with open(handle, "rb") as file:
            own = _is_own(os.fstat(handle))
            data = file.read() if own else b""
    except OSError:
        return None
    code = data[_DIGEST:]
    return code if code and data[:_DIGEST] == _digest(key, code) else None


_BINARY = getattr(os, "O_BINARY", 0)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, for its owner alone."""
    part = None
    try:
        handle, part = tempfile.mkstemp(dir=path.parent)  # of mode 600
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(part, path)
    except OSError:  # a full disk: it is made again the next time
        if part is not None:
            with contextlib.suppress(OSError):
                os.unlink(part)
