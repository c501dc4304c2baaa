"""Deleting all of a folder: which files are ours, that their bytes are gone, what is counted."""

import os
from pathlib import Path

import pytest
from notturno.errors import UserError
from notturno.files import gone
from notturno.keys import KeyRing
from notturno.store import FILE_NAME

DEVICE = "00112233aabbccdd"


def test_what_is_ours_is_found_and_what_is_not_is_left(tmp_path):
    ours = [FILE_NAME, FILE_NAME + "-wal", FILE_NAME + ".before-1", "host-id", "host-id.new"]
    ours += [f"keys/{DEVICE}.key", f"keys/{DEVICE}.key.old", f"keys/{DEVICE}.new-1"]
    for name in (*ours, "notes.txt", "keys/mine.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / (FILE_NAME + ".d")).mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in gone.found(tmp_path)]
    assert found == sorted(ours)


@pytest.mark.parametrize("size", [0, 1, 1000, gone.STEP, gone.STEP + 1, 2 * gone.STEP + 5])
def test_a_file_is_overwritten_to_its_last_byte_before_it_goes(tmp_path, size):
    path, other_name = tmp_path / FILE_NAME, tmp_path / "the same bytes"
    path.write_bytes(b"\xa5" * size)
    os.link(path, other_name)
    assert gone.delete(tmp_path, [path]) == {"files": 1, "keys": 0}
    assert not path.exists() and other_name.read_bytes() == bytes(size)


def test_a_link_goes_and_what_it_leads_to_is_not_touched(tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"somebody's")
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    assert gone.delete(tmp_path, gone.found(tmp_path))["files"] == 1
    assert (tmp_path / "elsewhere").read_bytes() == b"somebody's"


def test_files_and_keys_are_counted_also_where_one_has_gone_in_between(tmp_path):
    ring = KeyRing(tmp_path)
    ring.add(DEVICE, bytes(range(32)), "made here")
    (tmp_path / FILE_NAME).write_bytes(b"x")
    paths = [*gone.found(tmp_path), tmp_path / "host-id"]
    assert gone.delete(tmp_path, paths) == {"files": 2, "keys": 1}
    assert gone.found(tmp_path) == []


def test_a_key_that_goes_between_two_looks_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(KeyRing, "ids", lambda self: [DEVICE])
    (tmp_path / FILE_NAME).write_bytes(b"x")
    assert gone.delete(tmp_path, gone.found(tmp_path)) == {"files": 1, "keys": 1}


def test_what_cannot_be_deleted_is_said_with_its_path(tmp_path, monkeypatch):
    path = tmp_path / FILE_NAME
    path.write_bytes(b"x")

    def refused(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(UserError, match="cannot be deleted") as error:
        gone.delete(tmp_path, [path])
    assert str(path) in str(error.value)
