"""What is said of a data file that SQLite cannot read, and how its form is known; by hand."""

import errno
import sqlite3
from pathlib import Path

import pytest
from notturno.errors import UserError
from notturno.store import FILE_NAME, Store, door, schema

PATH = Path("/nowhere/notturno.sqlite3")
LOCKS = "knows no locks"
IN_USE = "is in use by another program"


def said_of(error):
    with pytest.raises(UserError) as said:
        with door.said_plainly(PATH):
            raise error
    return str(said.value)


def of_code(code):
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, IN_USE),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, IN_USE),
        (sqlite3.SQLITE_LOCKED, IN_USE),
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_READONLY_ROLLBACK, "cannot be written to"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged"),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot be read or written"),
        (sqlite3.SQLITE_IOERR_LOCK, LOCKS),
        (sqlite3.SQLITE_IOERR_UNLOCK, LOCKS),
        (sqlite3.SQLITE_NOTADB, "is not a notturno database"),
    ],
)
def test_a_code_and_its_finer_ones_are_one_sentence(code, words):
    said = said_of(of_code(code))
    assert words in said and str(PATH) in said


def test_where_nobody_can_lock_a_file_nobody_holds_it(monkeypatch):
    monkeypatch.setattr(door, "_knows_no_locks", lambda path: path == PATH)
    assert LOCKS in said_of(of_code(sqlite3.SQLITE_BUSY))
    assert "the disk is full" in said_of(of_code(sqlite3.SQLITE_FULL))


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, None])
def test_what_is_a_fault_of_ours_is_raised_as_it_is(code):
    error = sqlite3.OperationalError("no such column") if code is None else of_code(code)
    with pytest.raises(sqlite3.OperationalError):
        with door.said_plainly(PATH):
            raise error


def test_what_the_system_says_is_said_with_its_words():
    said = said_of(OSError(errno.EACCES, "Permission denied"))
    assert "cannot be opened or made (Permission denied)" in said


@pytest.mark.parametrize(
    ("number", "no_locks"),
    [(errno.ENOLCK, True), (errno.EOPNOTSUPP, True), (errno.ENOSYS, True), (errno.EAGAIN, False)],
)
def test_a_disk_without_locks_is_known_by_what_it_answers(tmp_path, monkeypatch, number, no_locks):
    import fcntl

    (tmp_path / "x").write_bytes(b"x")
    assert door._knows_no_locks(tmp_path / "x") is False

    def refused(*_):
        raise OSError(number, "refused")

    monkeypatch.setattr(fcntl, "lockf", refused)
    assert door._knows_no_locks(tmp_path / "x") is no_locks


def test_a_file_bears_our_mark_in_its_head_and_waits_for_a_lock(tmp_path):
    """https://www.sqlite.org/fileformat2.html: the application id stands at byte 68."""
    Store.open(tmp_path).close()
    assert (tmp_path / FILE_NAME).read_bytes()[68:72] == b"notu"
    assert door._options()["timeout"] == 10  # a sync writes for seconds


def migrations_table(*columns, rows=(), version=1):
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute(f"create table migrations ({', '.join(columns)})")
    for row in rows:
        db.execute(f"insert into migrations values ({', '.join('?' * len(row))})", row)
    return db


def test_form_1_is_ours_by_its_first_migration():
    first = schema.MIGRATIONS[0][0]
    names = ("version integer", "name text")
    assert schema.is_ours(migrations_table(*names, rows=[(1, first)]))
    more = (*names, "applied_utc_ms integer")
    assert schema.is_ours(migrations_table(*more, rows=[(1, first, 5), (2, "x", 6)]))
    assert not schema.is_ours(migrations_table(*names, rows=[(1, "users")]))
    assert not schema.is_ours(migrations_table(*names, rows=[(2, first)]))
    assert not schema.is_ours(migrations_table(*names))
    assert not schema.is_ours(migrations_table("version integer", "title text", rows=[(1, first)]))
    marked = migrations_table(*names, rows=[(1, first)])
    marked.execute("pragma application_id = 77")
    assert not schema.is_ours(marked)
    assert not schema.is_ours(sqlite3.connect(":memory:"))


class Raced:
    """A connection beside which another process brings the file up to date first."""

    def __init__(self, db):
        self.db, self.late = db, True

    def execute(self, words, *values):
        if words == "begin immediate" and self.late:
            self.late = False
            schema.migrate(self.db)
        return self.db.execute(words, *values)


def test_a_form_that_another_process_has_made_meanwhile_is_not_made_again():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    schema.migrate(Raced(db))
    (count,) = db.execute("select count(*) from migrations").fetchone()
    assert count == len(schema.MIGRATIONS) == schema.known_version(db)
    rows = db.execute("select version, name, applied_utc_ms from migrations order by version")
    for number, row in enumerate(rows, start=1):
        assert row[:2] == (number, schema.MIGRATIONS[number - 1][0])
        assert row["applied_utc_ms"] > 1_700_000_000_000  # ms since 1970


def test_one_form_more_than_is_known_is_of_a_newer_notturno():
    db = sqlite3.connect(":memory:")
    for version in (0, 1, len(schema.MIGRATIONS)):
        db.execute(f"pragma user_version = {version}")
        assert schema.known_version(db) == version
    db.execute(f"pragma user_version = {len(schema.MIGRATIONS) + 1}")
    with pytest.raises(UserError, match="newer notturno"):
        schema.known_version(db)
