"""The image of a slot in ROMFS, byte by byte, and when it is taken for whole."""

import binascii
import struct
from types import SimpleNamespace

import pytest
import rom

BLOCK = 4096


@pytest.mark.parametrize(
    ("value", "groups"),
    [(0, b"\0"), (127, b"\x7f"), (128, b"\x81\0"), (300, b"\x82\x2c"), (1 << 14, b"\x81\x80\0")],
)
def test_a_number_is_in_groups_of_seven_bits(value, groups):
    assert rom._number(value) == groups


@pytest.fixture
def slot(tmp_path, monkeypatch):
    """A slot of three files, and a note that goes elsewhere."""
    monkeypatch.setattr(rom, "NOTE", str(tmp_path / "rom.ok"))
    folder = tmp_path / "slot"
    (folder / "lib").mkdir(parents=True)
    (folder / "a.py").write_bytes(b"one")
    (folder / "lib" / "b.mpy").write_bytes(b"three")
    (folder / "z").write_bytes(b"")
    (folder / "manifest.json").write_bytes(b"{}")
    return folder


# docs/reference/romfs.rst of MicroPython: kind and length before each record; 5 a file, 4 a
# folder, 2 data; names by their length.
A = b"\x05\x0a\x04a.py\x02\x03" + b"one"
Z = b"\x05\x04\x01z\x02\x00"
LIB = b"\x04\x13\x03lib" + b"\x05\x0d\x05b.mpy\x02\x05" + b"three"


def test_files_are_those_of_the_slot_but_its_manifest(slot):
    assert rom._files(str(slot)) == [("a.py", 3), ("lib/b.mpy", 5), ("z", 0)]
    records, length = rom._records(rom._files(str(slot)))
    assert length == len(A) + len(Z) + len(LIB)
    assert [path for _, path, _ in records] == ["a.py", "z", None, "lib/b.mpy"]


class Flash(bytearray):
    """A partition; what is written to it is noted."""


def port(device, done):
    def ioctl(op, *how):
        done.append((op, *how[:2]))
        if op == 4:
            device[how[1] : how[1] + len(how[2])] = how[2]
        return 0

    return SimpleNamespace(rom_ioctl=ioctl)


def filled(slot, size=2 * BLOCK):
    device, done = Flash(size), []
    rom._fill(port(device, done), device, str(slot), 77)
    return device, done


def test_an_image_is_its_mark_its_length_and_its_records(slot):
    device, done = filled(slot)
    body = A + Z + LIB
    image = b"\xd2\xcd\x31" + bytes((len(body),)) + body
    if len(image) % 2:
        image = b"\xd2\xcd\x31\x80" + bytes((len(body),)) + body
    assert bytes(device[: len(image)]) == image and not any(device[len(image) :])
    assert done[0] == (3, 0, len(image)) and done[-1] == (5, 0)
    note = struct.unpack("<III", open(rom.NOTE, "rb").read())
    assert note == (77, len(image), binascii.crc32(image))
    assert rom._whole(device, 77)


def test_the_first_block_is_written_last(slot):
    (slot / "big").write_bytes(bytes(range(256)) * 40)
    device, done = filled(slot, 4 * BLOCK)
    assert [row[2] for row in done if row[0] == 4] == [BLOCK, 2 * BLOCK, 0]
    assert rom._whole(device, 77)
    image = bytes(device)
    assert bytes(range(256)) * 40 in image


def test_what_does_not_fit_is_refused_before_the_old_one_is_touched(slot):
    open(rom.NOTE, "wb").write(b"old")
    with pytest.raises(OSError, match="too small"):
        filled(slot, 16)
    assert open(rom.NOTE, "rb").read() == b"old"


def test_an_image_as_large_as_the_partition_fits(slot):
    device, done = filled(slot)
    size = done[0][2]
    assert rom._whole(filled(slot, size)[0], 77)
    with pytest.raises(OSError, match="too small"):
        filled(slot, size - 1)


def test_a_partition_that_forgets_is_not_whole(slot):
    device = Flash(2 * BLOCK)
    forgets = SimpleNamespace(rom_ioctl=lambda *how: 0)
    with pytest.raises(OSError, match="does not keep"):
        rom._fill(forgets, device, str(slot), 77)


@pytest.mark.parametrize(
    ("note", "is_whole"),
    [
        ((77, 100, 100), True),
        ((78, 100, 100), False),  # of another manifest
        ((77, 100, 99), False),  # of other bytes
        ((77, 99, 100), False),
        ((77, BLOCK, BLOCK), True),
        ((77, BLOCK + 1, BLOCK), False),  # longer than there is room
    ],
)
def test_an_image_is_whole_by_its_note(slot, note, is_whole):
    device = Flash((b"image of a slot " * 256)[:BLOCK])
    of, size, summed = note
    with open(rom.NOTE, "wb") as file:
        file.write(struct.pack("<III", of, size, binascii.crc32(device[:summed])))
    assert rom._whole(device, 77) is is_whole


@pytest.mark.parametrize("kept", [None, 0, 11, 13])
def test_a_note_that_is_none_is_of_no_image(slot, kept):
    device = Flash(BLOCK)
    note = struct.pack("<III", 77, 8, binascii.crc32(bytes(8)))
    assert len(note) == 12
    if kept is not None:
        with open(rom.NOTE, "wb") as file:
            file.write((note + b"x")[:kept])
    assert rom._whole(device, 77) is False


@pytest.mark.parametrize(
    ("parts", "size", "there"),
    [(0, BLOCK, False), (1, BLOCK, True), (1, BLOCK - 1, False), (-22, BLOCK, False)],
)
def test_a_partition_is_the_first_of_at_least_a_block(parts, size, there):
    flash = Flash(size)
    port = SimpleNamespace(
        VfsRom=None, rom_ioctl=lambda op, *how: parts if op == 1 else flash if op == 2 else -22
    )
    assert (rom._device(port) is flash) is there
    assert rom._device(SimpleNamespace(VfsRom=None)) is None
    assert rom._device(SimpleNamespace(rom_ioctl=port.rom_ioctl)) is None


def test_a_sum_over_a_file_is_over_all_of_it(tmp_path):
    body = bytes(range(256)) * 5 + b"end"
    (tmp_path / "x").write_bytes(body)
    assert rom._crc_of(str(tmp_path / "x")) == binascii.crc32(body)


# --- from there it runs --------------------------------------------------------------------------


class Blocks(bytearray):
    """A partition that is a block device, as on ports whose memory is written by blocks."""

    def __init__(self, size):
        super().__init__(size)
        self.did = []

    def ioctl(self, op, block):
        self.did.append((op, block))
        self[block * BLOCK : (block + 1) * BLOCK] = b"\xff" * BLOCK

    def writeblocks(self, block, data, offset):
        self.did.append(("write", block, offset))
        self[block * BLOCK + offset : block * BLOCK + offset + len(data)] = data


@pytest.mark.parametrize(("more", "blocks"), [(0, [0]), (BLOCK, [0, 1]), (2 * BLOCK, [0, 1, 2])])
def test_a_block_device_is_erased_and_written_by_whole_blocks_the_first_one_last(
    slot, more, blocks
):
    (slot / "big").write_bytes(bytes(more))
    device = Blocks(4 * BLOCK)
    rom._fill(SimpleNamespace(), device, str(slot), 77)
    assert device.did[: len(blocks)] == [(6, block) for block in blocks]
    assert device.did[len(blocks) :] == [("write", b, 0) for b in (*blocks[1:], 0)]
    assert rom._whole(device, 77)


def test_an_image_of_exactly_a_block_needs_one(slot):
    empty = len(A + Z + LIB) + 4  # the mark, and one byte of length
    big = BLOCK - empty - 10  # a record: kind, length, name, and how long it is
    for size in range(big - 8, big + 8):
        (slot / "big").write_bytes(bytes(size))
        records, length = rom._records(rom._files(str(slot)))
        device = Blocks(2 * BLOCK)
        rom._fill(SimpleNamespace(), device, str(slot), 77)
        image = length + 3 + len(rom._number(length))
        image += image % 2
        erased = [block for op, *block in device.did if op == 6]
        assert len(erased) == (1 if image <= BLOCK else 2) and rom._whole(device, 77)
        assert struct.unpack("<III", open(rom.NOTE, "rb").read())[1] == image


def test_a_file_that_has_changed_meanwhile_is_an_error(slot, monkeypatch):
    files = rom._files(str(slot))
    monkeypatch.setattr(rom, "_files", lambda folder: [(n, size + 1) for n, size in files])
    with pytest.raises(OSError, match="a file has changed") as error:
        filled(slot)
    assert error.value.args[0] == 5


@pytest.fixture
def vfs(slot, monkeypatch):
    """A port with a partition of two blocks; `did` is what was asked of it."""
    monkeypatch.setattr(rom.sys, "path", ["", "/lib"])
    device, did = Flash(2 * BLOCK), []
    made = port(device, did)
    made.VfsRom = lambda partition: ("rom of", partition is device)
    made.mount = lambda what, place: did.append(("mount", what, place))
    made.umount = lambda place: did.append(("umount", place))
    usual = made.rom_ioctl
    made.rom_ioctl = lambda op, *how: 1 if op == 1 else device if op == 2 else usual(op, *how)
    made.did = did
    return made


def test_a_slots_program_is_copied_once_and_found_first(slot, vfs):
    assert rom.use(str(slot), vfs) is True
    assert vfs.did[0] == ("umount", "/rom") and vfs.did[-1] == ("mount", ("rom of", True), "/rom")
    assert len(vfs.did) > 3 and rom.sys.path == ["/rom", "/rom/lib", "", "/lib"]
    vfs.did.clear()
    vfs.umount = lambda place: (_ for _ in ()).throw(OSError(22))  # nothing was mounted
    assert rom.use(str(slot), vfs) is True
    assert vfs.did == [("mount", ("rom of", True), "/rom")], "it is whole already"


def test_without_a_partition_or_where_something_goes_wrong_it_runs_from_the_slot(
    slot, vfs, capsys
):
    assert rom.use(str(slot), SimpleNamespace()) is False

    def fails(what, place):
        raise OSError(19)

    vfs.mount = fails
    assert rom.use(str(slot), vfs) is False
    assert rom.sys.path == ["", "/lib"] and "slot's files" in capsys.readouterr().out
    assert rom.use(str(slot) + "/nothing", vfs) is False
