"""A database of every form there ever was is read as it lies, and written on as the newest."""

import sqlite3
import zipfile
from pathlib import Path

import pytest
from notturno.store import FILE_NAME, Store, schema

FORM_1 = Path(__file__).with_name("form_1.zip")  # written by the release with form 1
NEWEST = len(schema.MIGRATIONS)


def told(folder, create=False):
    with Store.open(folder, create=create) as store:
        nights = [
            (n["night"], n["jerks"], n["lms"], n["recorded_h"]) for n in store.nights(now_ms=0)
        ]
        return nights, len(store.events()), len(store.minutes()), store.tags()


def form_of(folder):
    with sqlite3.connect(folder / FILE_NAME) as db:
        found = db.execute("pragma user_version").fetchone()[0]
    db.close()
    return found


@pytest.mark.parametrize("form", range(1, NEWEST + 1))
def test_data_of_every_form_are_read_and_written_on(tmp_path, form):
    with zipfile.ZipFile(FORM_1) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "closed"
    with sqlite3.connect(folder / FILE_NAME, isolation_level=None) as db:
        db.row_factory = sqlite3.Row
        schema.migrate(db, schema.MIGRATIONS[:form])
    db.close()
    assert form_of(folder) == form
    read = told(folder)
    assert [row[1] for row in read[0]] == [2, 2] and read[1:3] == (6, 120) and len(read[3]) == 1
    assert form_of(folder) == form, "reading has written"
    assert told(folder, create=True) == read
    assert form_of(folder) == NEWEST
