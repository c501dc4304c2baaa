"""How the database is opened: for writing, or for reading without a trace; and what SQLite says.

Touches the data file. For writing it is made whole or not at all, and a rollback journal guards
it: unlike a write-ahead log that needs no second file for a reader to make, so that reading works
from a medium or a disk that takes no more, and on shares without shared memory. A reader sees one
state from its first question to its last; a writer waits for it, so fetch, close, then print.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from notturno.errors import UserError
from notturno.store import leftover, schema

LOCK_WAIT_S = 10.0
MAGIC = b"SQLite format 3\0"
NOT_OURS = "is not a notturno database; move it away or choose another folder with --data-dir"

ADVICE = {
    sqlite3.SQLITE_BUSY: "is in use by another program; close it and try again",
    sqlite3.SQLITE_LOCKED: "is in use by another program; close it and try again",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; make room and run it again",
    sqlite3.SQLITE_READONLY: "cannot be written to; check its permissions or choose another "
    "folder with --data-dir",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check the folder's permissions or choose another "
    "with --data-dir",
    sqlite3.SQLITE_PERM: "cannot be opened; check its permissions",
    sqlite3.SQLITE_NOTADB: NOT_OURS,
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away and sync again: a band keeps its records as "
    "long as it has room",
    sqlite3.SQLITE_IOERR: "cannot be read or written (disk error or disk full); check the disk",
}
# Extended codes of SQLITE_IOERR that say that the file system takes no locks; it may say BUSY too.
NO_LOCKS = {
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
}
WITHOUT_LOCKS = (
    "lies on a disk that knows no locks (a network share?); choose a folder on this computer with "
    "--data-dir, or ask for locks where the share is mounted"
)
DAMAGE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


class Damaged(UserError):
    """The data file itself is at fault: damaged, or none of ours. No disk, lock or permission."""


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into one sentence about the file at `path`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        advice = ADVICE.get(code & 0xFF) if code is not None else None
        if code in NO_LOCKS or (code == sqlite3.SQLITE_BUSY and _knows_no_locks(path)):
            advice = WITHOUT_LOCKS
        if advice is None:
            raise
        kind = Damaged if code is not None and code & 0xFF in DAMAGE else UserError
        raise kind("The data file {path} {advice_said}.", path=path, advice_said=advice) from error
    except OSError as error:
        raise UserError(
            "The data file {path} cannot be opened or made ({why_said}); check "
            "the folder's permissions and room, or choose another with "
            "--data-dir.",
            path=path,
            why_said=error.strerror,
        ) from error


def for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that writes nothing anywhere; a missing file reads as an empty one.

    A database of an older notturno is brought up to date in memory. Raises UserError, sqlite3's
    errors, OSError.
    """
    there = path.exists()
    if not there and os.path.lexists(path.parent) and not path.parent.is_dir():
        raise UserError(  # a file given as the folder would read as one that holds nothing
            "{folder} is no folder; give --data-dir the one in which the data file lies.",
            folder=path.parent,
        )
    db = _connection(_found(path) if there else _image(_empty()))
    try:
        # Only what lies in memory can be behind: a file's own is the newest form (see _found).
        schema.migrate(db)
        db.execute("pragma query_only = on")
        db.execute("pragma temp_store = memory")  # also a large sort asks nothing of the disk
        db.execute("begin")  # from the first question on, all answers are of one moment
    except BaseException:
        db.close()
        raise
    return db


def for_writing(path: Path) -> sqlite3.Connection:
    """Return a connection to the newest form of the database, made if missing.

    Raises UserError, sqlite3's errors, OSError; what is not ours stays as it is.
    """
    if path.exists():
        _found(path).close()
    else:
        _make(path)
    db = _connection(sqlite3.connect(_address(path, "rw"), **_options()))
    try:
        db.execute("pragma foreign_keys = on")
        db.execute("pragma journal_mode = delete")
        # A band gives up what was confirmed: confirmed must mean on the disk, and the end of the
        # journal too (extra), or a power cut would undo it.
        db.execute("pragma synchronous = extra")
        schema.migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of a database in memory, which may be written to; the first is closed."""
    copy = _connection(sqlite3.connect(":memory:", isolation_level=None))
    db.backup(copy)
    db.close()
    return copy


def _knows_no_locks(path: Path) -> bool:
    """Say whether the file lies where nobody can lock it, so that nobody holds it either."""
    try:
        import fcntl
    except ImportError:  # Windows: every disk has locks
        return False
    try:
        with open(path, "rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
    return False


def _options() -> dict[str, Any]:
    return {"timeout": LOCK_WAIT_S, "isolation_level": None, "uri": True}


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _connection(db: sqlite3.Connection) -> sqlite3.Connection:
    db.row_factory = sqlite3.Row
    return db


def _found(path: Path) -> sqlite3.Connection:
    """Return a connection to a file that is ours.

    To itself where it is of the newest form and can be read as it lies, else to a copy in memory.
    """
    with open(path, "rb") as file:
        head = file.read(100)
    if not head:
        raise Damaged(
            "The data file {path} is empty: it {not_ours_said}.", path=path, not_ours_said=NOT_OURS
        )
    if not head.startswith(MAGIC):
        raise Damaged("The data file {path} {not_ours_said}.", path=path, not_ours_said=NOT_OURS)
    if leftover.says_wal(head):
        return _copy(path)
    db = sqlite3.connect(_address(path, "ro"), **_options())
    try:
        if not _check(db, path) < len(schema.MIGRATIONS):
            return db
        copy = sqlite3.connect(":memory:", isolation_level=None)
        db.backup(copy)
    except sqlite3.OperationalError as error:
        db.close()
        left_behind = error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK
        if not left_behind and not _knows_no_locks(path):
            raise
        return _copy(path)
    except BaseException:
        db.close()
        raise
    db.close()
    return copy


def _copy(path: Path) -> sqlite3.Connection:
    db = _image(leftover.image(path))
    try:
        _check(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _image(data: bytes) -> sqlite3.Connection:
    """Return a connection to a database in memory that has these bytes."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        db.deserialize(data)
    except BaseException:
        db.close()
        raise
    return db


@cache
def _empty() -> bytes:
    """Return the bytes of a database of the newest form that holds nothing: made but once."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(db)
    data = db.serialize()
    db.close()
    return data


def _check(db: sqlite3.Connection, path: Path) -> int:
    """Return the form; raises UserError where another program or a newer notturno made it."""
    if not schema.is_ours(db):
        raise Damaged("The data file {path} {not_ours_said}.", path=path, not_ours_said=NOT_OURS)
    return schema.known_version(db)


def _make(path: Path) -> None:
    """Make a new database under its name only when it is whole: a cut leaves none, not half."""
    unfinished = path.with_name(f"{path.name}.new-{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            file.write(_empty())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            pass  # another process was faster
        except OSError:  # a file system without links
            os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
