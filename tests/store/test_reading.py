"""Reading writes nothing: not in the folder, not in the file, not in a foreign database."""

import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.errors import UserError
from notturno.store import FILE_NAME, Store, door, form_2, leftover, schema

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"
FORM_1 = Path(__file__).with_name("form_1.zip")  # written by the release with form 1, in WAL


def fill(folder, nights=1):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(nights):
        pen.night(2000 + day * 86_400_000, 60, [(5.0, {}), (20.0, {})])
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0"), pen.frames)
    return pen


def trace(folder):
    """What would change by any file made, removed or written."""
    return folder.stat().st_mtime_ns, {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()
    }


def read(folder):
    with Store.open(folder, create=False) as store:
        return store.nights(), store.events(), store.minutes(), store.sessions(), store.tags()


def unpacked(tmp_path, name):
    with zipfile.ZipFile(FORM_1) as archive:
        archive.extractall(tmp_path)
    return tmp_path / name


def test_reading_leaves_no_trace(tmp_path):
    fill(tmp_path)
    before = trace(tmp_path)
    with Store.open(tmp_path, create=False) as store:
        assert len(store.events()) == 2
        assert trace(tmp_path) == before
    assert trace(tmp_path) == before


@pytest.mark.parametrize("name", ["closed", "killed"])
def test_data_of_form_1_are_read_as_they_lie(tmp_path, name):
    folder = unpacked(tmp_path, name)
    before = trace(folder)
    nights, events, minutes, sessions, tags = read(folder)
    assert trace(folder) == before
    assert [night["jerks"] for night in nights] == [2, 2]
    assert (len(events), len(minutes), len(sessions), len(tags)) == (6, 120, 2, 1)


@pytest.mark.parametrize("name", ["closed", "killed"])
def test_writing_brings_form_1_up_to_date(tmp_path, name):
    folder = unpacked(tmp_path, name)
    before = read(folder)
    Store.open(folder).close()
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    with sqlite3.connect(folder / FILE_NAME) as db:
        assert db.execute("pragma user_version").fetchone()[0] == len(schema.MIGRATIONS)
        assert db.execute("pragma application_id").fetchone()[0] == form_2.APPLICATION_ID
        assert db.execute("pragma journal_mode").fetchone()[0] == "delete"
    db.close()
    assert read(folder) == before


def test_reading_needs_no_byte_of_disk(tmp_path):
    """A limit of no bytes for any file stands for a disk that is full."""
    fill(tmp_path)
    old = unpacked(tmp_path / "old", "killed")
    script = (
        "import resource, sys\n"
        "from notturno.store import Store\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "for folder in sys.argv[1:]:\n"
        "    with Store.open(folder, create=False) as store:\n"
        "        n = len(store.events())\n"
        "    assert n, folder\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path, old], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def a_transaction_cut_off(folder):
    """Leave the files as a power cut in the middle of a large transaction leaves them."""
    db = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    db.execute("pragma cache_size = 2")  # pages go to the file before the commit
    db.execute("begin immediate")
    db.execute("update events set peak_mg = 1")
    db.execute("delete from minutes")
    db.executemany(
        "insert into tags values (?, '2026-01-01', null)", [(f"{i:0900}",) for i in range(200)]
    )
    cut = folder.with_name("cut")
    shutil.copytree(folder, cut)
    db.execute("rollback")
    db.close()
    return cut


def test_a_sync_cut_off_in_the_middle_is_read_as_before_it(tmp_path):
    folder = tmp_path / "whole"
    folder.mkdir()
    fill(folder, nights=5)
    cut = a_transaction_cut_off(folder)
    assert (cut / FILE_NAME).read_bytes() != (folder / FILE_NAME).read_bytes()
    assert len(list(cut.iterdir())) == 2
    before = trace(cut)
    assert read(cut) == read(folder)
    assert trace(cut) == before
    Store.open(cut).close()  # a writer mends it
    assert [path.name for path in cut.iterdir()] == [FILE_NAME]
    assert read(cut) == read(folder)


@pytest.mark.parametrize("mode", ["wal", "delete"])
@pytest.mark.parametrize("page_bytes", [512, 4096])
def test_what_was_left_over_is_taken_as_sqlite_takes_it(tmp_path, mode, page_bytes):
    path = tmp_path / "a.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"pragma page_size = {page_bytes}")
    db.execute(f"pragma journal_mode = {mode}")
    db.execute("pragma cache_size = 2")
    db.execute("create table t (n integer primary key, a text)")
    for step in range(30):
        db.execute("begin immediate")
        n = 1 + step * 37 % 50
        db.executemany(
            "insert or replace into t values (?, ?)",
            [(step * 11 % 40 + i, "x" * (i * 97 % 700)) for i in range(n)],
        )
        if step % 4 == 3:
            db.execute("delete from t where n % 3 = 0")
        cut = tmp_path / f"cut-{step}"
        cut.mkdir()
        for found in tmp_path.glob("a.sqlite3*"):
            if not found.name.endswith("-shm"):
                shutil.copy(found, cut)
        copy = sqlite3.connect(":memory:")
        copy.deserialize(leftover.image(cut / "a.sqlite3"))
        mine = copy.execute("select * from t order by n").fetchall()
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
        real = sqlite3.connect(cut / "a.sqlite3")
        assert mine == real.execute("select * from t order by n").fetchall()
        real.close()
        db.execute("rollback" if step % 5 == 4 else "commit")
    db.close()


def foreign_files(tmp_path):
    plain = tmp_path / "plain.sqlite3"
    with sqlite3.connect(plain) as db:
        db.execute("create table notes (text)")
    db.close()
    similar = tmp_path / "similar.sqlite3"
    with sqlite3.connect(similar) as db:
        db.execute("create table migrations (version integer primary key, name text)")
        db.execute("insert into migrations values (1, 'users')")
        db.execute("pragma user_version = 1")
    db.close()
    marked = tmp_path / "marked.sqlite3"
    with sqlite3.connect(marked) as db:
        schema.migrate(db)
        db.execute("pragma application_id = 77")
    db.close()
    return [path.read_bytes() for path in (plain, similar, marked)]


@pytest.mark.parametrize("create", [True, False])
def test_what_is_not_ours_is_refused_and_stays_as_it_is(tmp_path, create):
    wal = sqlite3.connect(tmp_path / "wal.sqlite3")
    wal.execute("pragma journal_mode = wal")
    wal.execute("create table notes (text)")
    wal.close()
    texts = [b"", b"x", b"my diary\n" * 1000, (tmp_path / "wal.sqlite3").read_bytes()]
    for i, data in enumerate([*texts, *foreign_files(tmp_path)]):
        folder = tmp_path / f"{i}"
        folder.mkdir()
        (folder / FILE_NAME).write_bytes(data)
        before = trace(folder)
        with pytest.raises(UserError, match="not a notturno database"):
            Store.open(folder, create=create)
        assert trace(folder) == before


@pytest.mark.parametrize("create", [True, False])
def test_data_of_a_newer_notturno_stay_as_they_are(tmp_path, create):
    fill(tmp_path)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("pragma user_version = 99")
    db.close()
    before = trace(tmp_path)
    with pytest.raises(UserError, match="newer notturno"):
        Store.open(tmp_path, create=create)
    assert trace(tmp_path) == before


def test_a_reader_sees_one_state_while_a_sync_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(door, "LOCK_WAIT_S", 0.01)
    pen = fill(tmp_path)
    pen.frames.clear()
    pen.night(2000 + 86_400_000, 60, [(5.0, {})])
    with Store.open(tmp_path) as writer:
        sync = writer.begin_sync(DEVICE, LOG_ID, ROME, "")
        with Store.open(tmp_path, create=False) as reader:
            first = reader.nights()
            with pytest.raises(UserError, match="in use"):
                writer.add(sync, pen.frames)
            assert reader.nights() == first and len(reader.events()) == 2
        assert writer.add(sync, pen.frames)[1] == 1
        with Store.open(
            tmp_path, create=False
        ) as reader:  # a writer that rests is in no one's way
            assert len(reader.nights()) == 2


def test_a_cut_while_the_file_is_made_leaves_none(tmp_path, monkeypatch):
    def cut(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "link", cut)
        broken.setattr(os, "replace", cut)
        with pytest.raises(UserError, match="Input/output error"):
            Store.open(tmp_path)
    assert list(tmp_path.iterdir()) == []
    Store.open(tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_store_opened_for_reading_refuses_to_write(tmp_path):
    fill(tmp_path)
    with Store.open(tmp_path, create=False) as store:
        with pytest.raises((UserError, sqlite3.OperationalError)):
            store.add_tag("x", "2026-01-01")
