"""Whose a database is: by the mark in its head, and in form 1 by its first migration."""

import sqlite3

import pytest
from notturno.store import door, schema, staleness

OURS = 0x6E6F7475  # "notu"
FIRST = "form 1"
TABLE = "create table migrations (version integer, name text, utc_ms integer)"


def database(*statements):
    db = sqlite3.connect(":memory:", isolation_level=None)
    for statement in statements:
        db.execute(statement)
    return db


@pytest.fixture
def form_1(monkeypatch):
    """A name of the first form's migration; what it does is no matter here."""
    monkeypatch.setattr(schema, "MIGRATIONS", ((FIRST, ()), ("form 2", ())))


ROW = "insert into migrations values ({}, '{}', 5)"
BARE = "create table migrations ({})"


@pytest.mark.parametrize(
    ("statements", "ours"),
    [
        ((), False),
        ((f"pragma application_id = {OURS}",), True),
        ((f"pragma application_id = {OURS + 1}",), False),
        ((TABLE, ROW.format(1, FIRST)), True),
        ((BARE.format("version, name"), "insert into migrations values (1, 'form 1')"), True),
        ((TABLE, ROW.format(2, FIRST)), False),
        ((TABLE, ROW.format(1, "form 2")), False),
        ((TABLE, ROW.format(1, "theirs")), False),
        ((TABLE,), False),
        ((BARE.format("version"), "insert into migrations values (1)"), False),
        ((BARE.format("name"), "insert into migrations values ('form 1')"), False),
        (("create table other (version, name)", "insert into other values (1, 'form 1')"), False),
        ((f"pragma application_id = {OURS + 1}", TABLE, ROW.format(1, FIRST)), False),
    ],
)
def test_a_database_is_known_by_its_mark_or_by_its_first_migration(form_1, statements, ours):
    assert schema.is_ours(database(*statements)) is ours


def test_a_newer_form_is_refused_and_the_newest_is_known():
    two = (("a", ()), ("b", ()))
    for version in (0, 1, 2):
        assert schema.known_version(database(f"pragma user_version = {version}"), two) == version
    with pytest.raises(Exception, match="newer"):
        schema.known_version(database("pragma user_version = 3"), two)


@pytest.mark.parametrize(
    ("nights", "persons", "sessions", "old"),
    [
        ((), (), (), False),
        (("now",), ("now",), ("date",), False),
        (("now", "then"), (), (), True),
        ((), ("then",), (), True),
        (("now",), ("now",), ("date", None), True),
    ],
)
def test_nights_by_other_rules_or_not_made_are_stale(monkeypatch, nights, persons, sessions, old):
    monkeypatch.setattr(staleness, "made_by", lambda: "now")
    db = database(
        "create table nights (made_by)",
        "create table person_nights (made_by)",
        "create table sessions (name_rule)",
    )
    for table, values in (("nights", nights), ("person_nights", persons), ("sessions", sessions)):
        db.executemany(f"insert into {table} values (?)", [(value,) for value in values])
    assert staleness.stale(db) is old


@pytest.mark.parametrize(("forms_behind", "as_it_lies"), [(0, True), (1, False)])
def test_a_file_of_the_newest_form_is_read_as_it_lies_and_an_older_one_as_a_copy(
    tmp_path, forms_behind, as_it_lies
):
    path = tmp_path / "x.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    schema.migrate(db)
    db.execute(f"pragma user_version = {len(schema.MIGRATIONS) - forms_behind}")
    db.close()
    found = door._found(path)
    file = found.execute("pragma database_list").fetchone()[2]
    found.close()
    assert file == (str(path) if as_it_lies else "")


@pytest.mark.parametrize(
    ("code", "without_locks", "copied"),
    [
        (sqlite3.SQLITE_READONLY_ROLLBACK, False, True),  # a journal that nobody may roll back
        (sqlite3.SQLITE_READONLY_ROLLBACK, True, True),
        (sqlite3.SQLITE_BUSY, True, True),  # nobody can hold what cannot be locked
        (sqlite3.SQLITE_BUSY, False, False),
    ],
)
def test_what_cannot_be_read_as_it_lies_is_copied_where_nobody_holds_it(
    tmp_path, monkeypatch, code, without_locks, copied
):
    path = tmp_path / "x.sqlite3"
    db = sqlite3.connect(path)
    db.execute("create table x (y)")
    db.close()

    def refuse(db, path):
        error = sqlite3.OperationalError("refused")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(door, "_check", refuse)
    monkeypatch.setattr(door, "_knows_no_locks", lambda path: without_locks)
    monkeypatch.setattr(door, "_copy", lambda path: "a copy")
    if copied:
        assert door._found(path) == "a copy"
    else:
        with pytest.raises(sqlite3.OperationalError, match="refused"):
            door._found(path)
