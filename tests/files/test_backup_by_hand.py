"""What a backup's archive must be, member by member: zips made by hand."""

import hashlib
import io
import json
import zipfile

import pytest
from notturno.errors import UserError
from notturno.files import backup
from notturno.store import FILE_NAME, Store

DATA = b"a database"


def about(data, **values):
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} | values


def archive(files=None, members=None, **manifest):
    """A zip with these members, and a manifest that tells of these files."""
    said = {"schema": backup.SCHEMA, "files": files or {FILE_NAME: about(DATA)}} | manifest
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as one:
        one.writestr(backup.MANIFEST, json.dumps(said))
        for name, data in (members or {FILE_NAME: DATA}).items():
            one.writestr(name, data)
    return out.getvalue()


def unpacked(tmp_path, data):
    path = tmp_path / "b.zip"
    path.write_bytes(data)
    with backup.unpacked(path, None, tmp_path) as (folder, manifest):
        files = {file.name: file.read_bytes() for file in folder.iterdir()}
    return files, manifest


def test_a_whole_one_is_given_file_by_file_and_goes_afterwards(tmp_path):
    files, manifest = unpacked(tmp_path, archive(made=5))
    assert files == {FILE_NAME: DATA} and manifest["made"] == 5
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]
    empty = archive({FILE_NAME: about(b"")}, {FILE_NAME: b""})
    assert unpacked(tmp_path, empty)[0] == {FILE_NAME: b""}


@pytest.mark.parametrize(
    ("files", "members"),
    [
        ({FILE_NAME: about(DATA, bytes=len(DATA) - 1)}, None),
        ({FILE_NAME: about(DATA, bytes=len(DATA) + 1)}, None),
        ({FILE_NAME: about(DATA, bytes=-1)}, None),
        ({FILE_NAME: about(DATA, bytes=backup.MOST_BYTES + 1)}, None),
        ({FILE_NAME: about(DATA, sha256="0" * 64)}, None),
        ({FILE_NAME: about(DATA), "other": about(DATA)}, {FILE_NAME: DATA, "other": DATA}),
        ({backup.KEYS: about(b"{}")}, {backup.KEYS: b"{}"}),  # without a database
        ({FILE_NAME: about(DATA)}, {"x": DATA}),
        ({FILE_NAME: {"bytes": len(DATA)}}, None),
        ({FILE_NAME: None}, None),
    ],
)
def test_one_that_is_not_as_its_manifest_says_is_damaged(tmp_path, files, members):
    with pytest.raises(UserError, match="is damaged or cut off"):
        unpacked(tmp_path, archive(files, members))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no backup of notturno"),
        (b"no zip at all", "is no backup of notturno"),
        (b"xPK\x03\x04 behind its head", "is no backup of notturno"),
        (b"PK\x03\x04 and no more", "is damaged or cut off"),
        (archive()[:-8], "is damaged or cut off"),
        (archive(schema="notturno-backup-99"), "written by a newer notturno"),
        (archive(schema="other-1"), "is no backup of notturno"),
        (archive(schema=7), "is no backup of notturno"),
        (archive(schema=[backup.SCHEMA]), "is no backup of notturno"),
    ],
)
def test_what_is_none_or_a_newer_one_is_said(tmp_path, data, words):
    with pytest.raises(UserError, match=words):
        unpacked(tmp_path, data)


def test_a_zip_of_something_else_is_none(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as one:
        one.writestr("x", b"x")
    with pytest.raises(UserError, match="is no backup of notturno"):
        unpacked(tmp_path, out.getvalue())


def test_its_manifest_can_be_read_by_people_and_says_what_is_in_it(tmp_path):
    (tmp_path / "data").mkdir()
    with Store.open(tmp_path / "data") as store:
        store.add_tag("dose", "2026-01-12")
        told = backup.write(tmp_path / "b.zip", store, {}, b"[a]", 1_768_253_400_000)
        counts = store.counts()
    with zipfile.ZipFile(tmp_path / "b.zip") as one:
        text = one.read(backup.MANIFEST).decode()
        assert one.getinfo(FILE_NAME).compress_type == zipfile.ZIP_DEFLATED
    assert json.loads(text) == told and text.startswith('{\n "schema": "notturno-backup-')
    assert told["counts"] == counts and counts["tags"] == 1
    assert sorted(told["files"]) == sorted((backup.CONFIG, FILE_NAME))
    assert told["files"][backup.CONFIG] == about(b"[a]")
    found = backup.drill(tmp_path / "b.zip", None)
    assert all(found.checks.values()) and len(found.checks) == 5


def test_a_database_that_is_there_is_replaced_by_force_and_stays_beside(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with Store.open(tmp_path / name) as store:
            store.add_tag(name, "2026-01-12")
            backup.write(tmp_path / f"{name}.zip", store, {}, None, 5)
    with pytest.raises(UserError):
        backup.put_in_place(tmp_path / "one.zip", None, tmp_path / "two", False, "then")
    done = backup.put_in_place(tmp_path / "one.zip", None, tmp_path / "two", True, "then")
    with Store.open(tmp_path / "two") as store:
        assert [tag["name"] for tag in store.tags()] == ["one"]
    assert done["kept"].exists() and "then" in done["kept"].name
    again = backup.put_in_place(tmp_path / "one.zip", None, tmp_path / "two", True, "then")
    assert again["kept"] != done["kept"] and again["kept"].exists()  # within the same second
    (tmp_path / "old").mkdir()
    done["kept"].rename(tmp_path / "old" / FILE_NAME)
    with Store.open(tmp_path / "old", create=False) as store:
        assert [tag["name"] for tag in store.tags()] == ["two"]
    assert (done["keys"], done["config"]) == ({}, None)
    mode = (tmp_path / "two" / FILE_NAME).stat().st_mode & 0o777
    assert mode & 0o600 == 0o600
