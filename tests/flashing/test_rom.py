"""A slot's program run where it lies in flash: whole, or not at all, and never another version."""

import json
import shutil
import struct
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from notturno.flashing import board as boards
from notturno.flashing import package, plain, update
from unix_boards import FIRMWARE, UnixBoard, small_firmware

ROM_BLOCKS = 12
WHERE = "machine.where = [m.__file__ for m in (m3, notturno_core.wire)]\n    "
IN_PLACE = ["/rom/m3.mpy", "/rom/lib/notturno_core/wire.mpy"]
CHECKS = """
first = start(1)
found = [first, machine.ran, sorted(set(w.split('/')[1] for w in machine.where))]
"""


def make(folder, version, run="slots.confirm()", modules=12):
    small_firmware(folder, version, WHERE + run, modules)
    shutil.copyfile(FIRMWARE / "rom.py", folder / "rom.py")
    return package.build("bytecode", folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    def one(version, **kind):
        return make(tmp_path_factory.mktemp("firmware"), version, **kind)

    return {"1.0": one("1.0"), "2.0": one("2.0", modules=10), "3.0": one("3.0", run="pass")}


@pytest.fixture
def board():
    with UnixBoard(blocks=256, rom_blocks=ROM_BLOCKS) as made:
        yield made


def flash(board, packed):
    board.plug()
    found = boards.look(board)
    return update.update(board, found, packed, plain.changes(board, found))


def where(board):
    return board.ask("import machine, json\nprint(json.dumps(machine.where))")


def test_the_program_runs_in_place_and_says_the_same(board, made):
    flash(board, made["1.0"])
    assert board.start() == ["reset", ["1.0"]] and where(board) == IN_PLACE
    assert "from the slot's files" not in board.said
    writes, found = board.cuts(["start(1)"], CHECKS, tears=(0,))
    assert writes == 0, "the second start has nothing to write"


def test_an_update_and_the_way_back_are_followed(board, made):
    flash(board, made["1.0"])
    board.start()
    flash(board, made["2.0"])
    assert board.start() == ["reset", ["2.0"]] and where(board) == IN_PLACE
    flash(board, made["3.0"])  # never confirmed: three starts, then the one before
    for version in ("3.0", "3.0", "3.0", "2.0", "2.0"):
        assert board.start() == ["reset", [version]] and where(board) == IN_PLACE


def test_a_module_that_a_version_has_no_more_is_not_found_in_what_lay_there(board, made, tmp_path):
    flash(board, made["1.0"])
    board.start()
    run = "try:\n        import m11\n    except ImportError:\n        slots.confirm()"
    flash(board, make(tmp_path, "4.0", run, modules=5))
    board.start()
    assert board.ask("import slots, json\nprint(json.dumps(slots.read()))")[:2] == [2, 0]


def test_cut_at_any_write_of_the_first_start_a_whole_version_runs(board, made):
    """Of the flash or of the ROM, torn after any quarter."""
    flash(board, made["1.0"])
    board.start()
    flash(board, made["2.0"])
    writes, found = board.cuts(["start(1)"], CHECKS, tears=(0, 1, 2, 3))
    assert writes > 2 * 5
    said = {json.dumps(["reset", [v], ["rom"]]) for v in ("1.0", "2.0")}
    assert set(found) <= said and json.dumps(["reset", ["2.0"], ["rom"]]) in found


def test_without_a_partition_or_with_one_too_small_it_runs_from_the_slot(made):
    for blocks in (0, 2):
        with UnixBoard(blocks=256, rom_blocks=blocks) as board:
            flash(board, made["1.0"])
            assert board.start() == ["reset", ["1.0"]]
            assert where(board) == ["/slot_a/m3.mpy", "/slot_a/lib/notturno_core/wire.mpy"]
            assert ("ROM partition is too small" in board.said) == (blocks > 0)


def test_what_has_rotted_in_the_partition_is_made_anew(board, made):
    flash(board, made["1.0"])
    board.start()
    for at in (0, 5, 3000, 9000):
        board.run(f"import vfs\nvfs.rom_ioctl(2, 0)[{at}] ^= 0x40")
        assert board.start() == ["reset", ["1.0"]] and where(board) == IN_PLACE
    board.run("import vfs\nr = vfs.rom_ioctl(2, 0)\nr[:] = b'\\xd2\\xcd\\x31' + bytes(len(r) - 3)")
    assert board.start() == ["reset", ["1.0"]] and where(board) == IN_PLACE


def test_a_note_that_is_no_note_is_not_believed(board, made):
    flash(board, made["1.0"])
    board.start()
    good = board.read("/rom.ok")
    of, size, crc = struct.unpack("<III", good)
    for note in (b"", good[:11], good + b"x", struct.pack("<III", of, 1 << 30, crc), bytes(12)):
        board.write("/rom.ok", note)
        assert board.start() == ["reset", ["1.0"]] and where(board) == IN_PLACE
        assert board.read("/rom.ok") == good


def test_a_flash_too_full_for_the_note_costs_nothing_but_heap(board, made):
    flash(board, made["1.0"])
    board.run(
        "import os\nf = open('/big', 'wb')\n"
        "try:\n while 1: f.write(bytes(4096))\nexcept OSError: pass\n"
        "try: f.close()\nexcept OSError: pass"
    )
    assert board.start()[0] == "reset"


def test_the_image_is_what_mpremote_builds(board, made):
    """The same files, by MicroPython's own tool: its reader finds the same bytes."""
    from mpremote.romfs import VfsRomWriter

    packed = made["2.0"]
    flash(board, packed)
    board.start()
    image = eval(board.run("import vfs\nprint(bytes(vfs.rom_ioctl(2, 0)))"))
    writer = VfsRomWriter()
    inner = {n: d for n, d in packed.files.items() if "/" in n}
    for name in sorted(n for n in packed.files if "/" not in n):
        writer.mkfile(name, packed.files[name])
    writer.opendir("lib")
    writer.opendir("notturno_core")
    for name in sorted(inner):
        writer.mkfile(name.rpartition("/")[2], inner[name])
    writer.closedir()
    writer.closedir()
    wanted = bytes(writer.finalise())
    assert image[: len(wanted)] == wanted


def test_the_real_program_fits_the_partition_that_flashing_makes():
    from notturno.flashing import partitions

    for arch in ("xtensawin", "rv32imc"):
        bytes_of = sum(
            len(data) + len(name) + 12 for name, data in package.build(arch).files.items()
        )
        assert bytes_of < 0.8 * partitions.ROM_BYTES
