"""What an update does to the files of a flash, and what a band says of them by cable."""

import base64
import hashlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import flashfiles
import pytest
import rom
import slots
from notturno.flashing import on_band
from notturno.keys import on_band as key_on_band

SOURCE = Path(on_band.__file__).read_text(encoding="utf-8")


def test_what_lies_at_a_path(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    paths = ("file", "", "nothing")
    assert [flashfiles.kind(str(tmp_path / path)) for path in paths] == [1, 2, 0]


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, 1024, 5000])
def test_a_file_is_hashed_copied_and_cut_to_the_byte(tmp_path, length):
    data = bytes((7 * n + 3) & 255 for n in range(length))
    old, new = str(tmp_path / "old"), str(tmp_path / "a" / "b" / "new")
    Path(old).write_bytes(data)
    assert flashfiles.sha(old) == hashlib.sha256(data).hexdigest()
    flashfiles.copy_file(old, new)
    assert Path(new).read_bytes() == data
    for size in {0, 1, 511, 512, 513, length - 1, length, length + 9} - {-1}:
        with open(old, "rb") as source:
            source.seek(min(2, length))
            flashfiles.write_from(source, size, new)
            assert source.tell() == min(length, min(2, length) + size)
        assert Path(new).read_bytes() == data[min(2, length) :][:size]
    assert flashfiles.sha(str(tmp_path / "nothing")) == ""


def test_folders_are_walked_made_and_taken_away(tmp_path):
    root = str(tmp_path / "slot")
    for name in ("b", "a/z", "a/y/x"):
        path = root + "/" + name
        flashfiles.make_folders(path)
        Path(path).write_bytes(b"1")
    names = [path.removeprefix(root + "/") for path in flashfiles.walk(root)]
    assert names == ["a/y/x", "a/y", "a/z", "a", "b"]
    flashfiles.make_folders(root + "/b/c")  # a file stands where a folder is to be
    assert flashfiles.kind(root + "/b") == 2
    assert flashfiles.take_away(root + "/a/z") is True and flashfiles.take_away(root) is True
    assert flashfiles.take_away(root) is False and flashfiles.kind(root) == 0


# --- the band's end of the cable -----------------------------------------------------------------


@pytest.fixture
def band(monkeypatch, tmp_path):
    """Return the names of on_band.py behind those of flashfiles.py; `said` is what it printed."""
    machine = ModuleType("machine")
    machine.dogs = []
    machine.WDT = lambda timeout: machine.dogs.append(timeout)
    machine.unique_id = lambda: b"\1\2\3\4\5\6"
    monkeypatch.setitem(sys.modules, "machine", machine)
    monkeypatch.delitem(sys.modules, "_sim", raising=False)
    said = []
    names = {name: value for name, value in vars(flashfiles).items() if name[0] != "_"}
    names["print"] = lambda *words, sep=" ", end="\n": said.append(sep.join(words) + end)
    exec(compile(SOURCE, "on_band.py", "exec"), names)
    return SimpleNamespace(**names, said=said, machine=machine, names=names)


def last(band):
    return json.loads(band.said.pop())


def test_what_a_board_says_of_itself(band, monkeypatch):
    fields = SimpleNamespace(statvfs=lambda path: (4096, 512, 2000, 77, 5, 1, 2, 3, 0, 255))
    fields.listdir = lambda path: ["main.py", "boot.py"]
    band.names["os"] = fields
    band.names["read"] = lambda: (1, 2, 0, 0)
    band.names["there"] = lambda slot: slot == 1
    this = SimpleNamespace(name="micropython", version=(1, 29, 0, ""), _mpy=0x2806, _machine="x")
    band.names["sys"] = SimpleNamespace(implementation=this, path=[])
    band.names["about"]()
    assert last(band) == {
        **{"name": "micropython", "version": [1, 29, 0], "mpy": 0x2806, "machine": "x"},
        **{"free": 4096 * 77, "block": 4096, "pointer": [1, 2, 0, 0]},
        **{"there": [False, True, False], "root": ["boot.py", "main.py"]},
        "id": "0102030405060000",
    }
    assert band.machine.dogs == [600_000], "ten minutes"
    del this._mpy, this._machine
    band.names["about"]()
    said = last(band)
    assert (said["mpy"], said["machine"]) == (0, "")


def test_a_virtual_bands_id_begins_with_its_two_letters(band, monkeypatch):
    monkeypatch.setitem(sys.modules, "_sim", ModuleType("_sim"))
    assert band.names["device_id"]() == b"VB\1\2\3\4\5\6" == key_on_band.device_id()
    monkeypatch.delitem(sys.modules, "_sim")
    assert band.names["device_id"]() == b"\1\2\3\4\5\6\0\0" == key_on_band.device_id()
    band.machine.unique_id = lambda: bytes(range(12))
    assert band.names["device_id"]() == bytes(range(8)) == key_on_band.device_id()


def test_files_are_put_in_pieces_and_settled_in_one_step(band, tmp_path):
    path, new = str(tmp_path / "x" / "file"), str(tmp_path / "x" / "file.new")
    band.put(new, base64.b64encode(b"abc"), "wb")
    band.put(new, base64.b64encode(b"def"), "ab")
    with pytest.raises(OSError, match="does not come back") as error:
        band.settle(new, path, "0" * 64)
    assert error.value.args[0] == 5  # EIO
    right = hashlib.sha256(b"abcdef").hexdigest()
    band.settle(new, path, right)
    assert last(band) == right and Path(path).read_bytes() == b"abcdef"
    assert not os.path.exists(new)
    band.copy(path, new)
    assert last(band) == 1 and Path(new).read_bytes() == b"abcdef"
    for most, said in ((5, None), (6, base64.b64encode(b"abcdef").decode())):
        band.text_of(path, most)
        assert last(band) == said
    band.text_of(str(tmp_path), 99)
    assert last(band) is None
    band.remove([path, new, str(tmp_path / "nothing")])
    assert last(band) == 2


def test_the_hashes_of_a_folder_are_said_bit_by_bit(band, tmp_path):
    folder = tmp_path / "slot"
    for name in ("a", "lib/b"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    band.hashes(str(folder))
    said = json.loads("".join(band.said))
    assert said == {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "lib/b")}
    band.said.clear()
    band.hashes(str(tmp_path / "nothing"))
    assert band.said == ["{}\n"]


def test_the_pointer_begins_with_no_try(band):
    written = []
    band.names["write"] = lambda *values: written.append(values)
    band.names["read"] = lambda: (1, 2, 0, 2)
    band.point(1, 2, 2)
    assert written == [(1, 2, 0, 2)] and last(band) == [1, 2, 0, 2]


# --- which program takes over --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "pointer", "there", "imported", "takes_over", "written"),
    [
        (0, (0, 0, 0, 0), {0, 1, 2}, False, False, []),  # a plain copy
        (1, (0, 1, 1, 0), {1}, True, False, []),  # a trial, and nothing to go back to
        (1, (0, 1, 1, 0), {0, 1}, True, True, [(0, 0, 0, 1)]),
        (2, (1, 2, 1, 0), {1, 2}, True, True, [(1, 0, 0, 2)]),
        (2, (0, 2, 1, 0), {1, 2}, False, True, [(0, 0, 0, 2)]),
        (1, (1, 0, 0, 0), {1, 2}, True, False, []),  # confirmed: it is not what was changed last
        (1, (1, 0, 0, 0), {1, 2}, False, True, [(2, 0, 0, 1)]),  # its files are no longer whole
        (1, (1, 0, 0, 0), {1}, False, False, []),
    ],
)
def test_whether_another_program_takes_over(
    monkeypatch, running, pointer, there, imported, takes_over, written
):
    kept = []
    monkeypatch.setattr(slots, "_running", running)
    monkeypatch.setattr(slots, "read", lambda: pointer)
    monkeypatch.setattr(slots, "there", lambda slot: slot in there)
    monkeypatch.setattr(slots, "write", lambda *values: kept.append(values))
    assert slots.failed(imported) is takes_over and kept == written


@pytest.mark.parametrize(
    ("running", "pointer", "written"),
    [
        (1, (2, 1, 2, 0), [(2, 1, 1, 0)]),
        (1, (2, 1, 0, 0), []),
        (2, (2, 1, 2, 0), []),
        (0, (0, 0, 2, 0), []),
    ],
)
def test_a_start_that_was_ended_from_outside_is_not_counted(
    monkeypatch, running, pointer, written
):
    kept = []
    monkeypatch.setattr(slots, "_running", running)
    monkeypatch.setattr(slots, "read", lambda: pointer)
    monkeypatch.setattr(slots, "write", lambda *values: kept.append(values))
    slots.not_counted()
    assert kept == written


# --- the ROM partition ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "segment", "found"),
    [(0, b"", False), (1, -22, False), (1, bytes(4095), False), (1, bytes(4096), True)],
)
def test_the_first_rom_partition_is_taken_where_there_is_a_block_of_it(count, segment, found):
    asked = []

    def rom_ioctl(*arguments):
        asked.append(arguments)
        return count if arguments == (1,) else segment

    port = SimpleNamespace(rom_ioctl=rom_ioctl, VfsRom=object)
    assert rom._device(port) == (segment if found else None)
    assert asked == [(1,), (2, 0)][: 1 + count], "MicroPython: 1 counts, 2 gives one by number"
    assert rom._device(SimpleNamespace(VfsRom=object)) is None


@pytest.mark.parametrize(
    ("value", "groups"),
    [(0, b"\0"), (127, b"\x7f"), (128, b"\x81\0"), (16_383, b"\xff\x7f"), (16_384, b"\x81\x80\0")],
)
def test_a_number_of_a_romfs_is_in_groups_of_seven_bits_the_highest_first(value, groups):
    assert rom._number(value) == groups
