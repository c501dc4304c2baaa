"""Files and folders that are whole or not there at all.

Written beside their place under a name of their own, safe on the disk, then renamed. Touches what
is named. Raises UserError: where something is there already, and where the disk takes no more.
"""

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from notturno.errors import UserError, unwritable

UNFINISHED = ".unfinished-"
MOST_CHARACTERS = 56  # of four bytes each: with what is added no name is longer than 255 bytes
NOT_KEPT = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # some disks say so only when all is written
MARK = ".notturno-export"  # in a folder that an export made, so that another may replace it


def must_be_free(path: Path, force: bool) -> None:
    """Raise UserError where something lies at a path and may not be replaced."""
    if os.path.lexists(path) and not force:
        raise UserError(
            "{path} is there already; choose another name, or replace it by --force.", path=path
        )


@contextlib.contextmanager
def whole_file(
    path: Path, force: bool = False, private: bool = False, make_folder: bool = True
) -> Iterator:
    """Give a binary stream; what was written stands at `path` when the block ends well.

    private: for its owner alone, from the first byte on; make_folder: its folder too, if need be.
    """
    path = Path(path)
    must_be_free(path, force)
    if path.is_dir() and not path.is_symlink():
        raise UserError("{path} is a folder; name a file.", path=path)
    if path.exists() and not path.is_file() and not path.is_dir():  # replaced, it would be gone
        raise UserError("{path} is a device or a pipe; name a file.", path=path)
    with _plainly(path):
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        beside = _beside(path)
        try:
            mode = 0o600 if private else 0o666
            with open(beside, "xb", opener=lambda at, flags: os.open(at, flags, mode)) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            _put(beside, path, force)
        finally:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path: Path, force: bool = False) -> Iterator[Path]:
    """Give an empty folder to write into; it stands at `path` when the block ends well.

    An empty folder that is there already is taken. With force the old one goes when the new one
    is whole, provided that an export made it (MARK).
    """
    path = Path(path)
    empty = path.is_dir() and not path.is_symlink() and not any(path.iterdir())
    if not empty:
        must_be_free(path, force)
        if os.path.lexists(path) and not _is_ours(path):
            raise UserError(
                "{path} was not made by an export, so it stays; choose another name.", path=path
            )
    with _plainly(path):
        beside = _beside(path)
        try:
            beside.mkdir(parents=True)
            (beside / MARK).write_text("")
            yield beside
            for written in beside.rglob("*"):
                if written.is_file():
                    make_safe(written)
            old = _beside(path)
            with set_aside({path: old}):
                os.rename(beside, path)
            if old.exists():
                shutil.rmtree(old)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def set_aside(names: dict[Path, Path]) -> Iterator[None]:
    """Rename what is there for the block, {where it is: where to}; it is back if the block fails.

    Raises OSError where the disk refuses; then too all stands where it stood.
    """
    moved = []
    try:
        for here, there in names.items():
            if os.path.lexists(here):
                os.rename(here, there)
                moved.append((here, there))
        yield
    except BaseException:
        for here, there in reversed(moved):
            os.rename(there, here)
        raise


def left_of(name: str) -> str | None:
    """Return the name of the file or folder that was being written when its writer was killed.

    name: of what lies beside it; None where it is nothing that was left so.
    """
    before, mark, _ = name.partition(UNFINISHED)
    return before[1:] if mark and before[:1] == "." else None


def _is_ours(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and (path / MARK).is_file()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:MOST_CHARACTERS]}{UNFINISHED}{secrets.token_hex(6)}")


def _put(beside: Path, path: Path, force: bool) -> None:
    if force:
        os.replace(beside, path)
        return
    try:
        os.link(beside, path)  # fails where somebody was faster: nothing is overwritten
    except FileExistsError:
        must_be_free(path, force)
    except OSError:  # a file system without links
        must_be_free(path, force)
        os.replace(beside, path)


def make_safe(path: Path) -> None:
    """Return when a file's bytes are on the disk, where the system can say so.

    Raises OSError where the disk took them only for a while: it was full, or failed.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno in NOT_KEPT:
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def _plainly(path: Path):
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error


@contextlib.contextmanager
def own_folder(beside: Path | None) -> Iterator[Path]:
    """Give an empty folder that its owner alone may enter."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".notturno-", dir=beside))
    except OSError as error:
        raise UserError(
            "Nothing can be written in {folder} ({why_said}); choose another place, or make room.",
            folder=beside or "The temporary folder",
            why_said=error.strerror,
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
