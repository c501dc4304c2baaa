"""An update cut at every write to the flash, torn too: the band starts one whole version.

Real MicroPython, real littlefs. What a person has on the band, its key, settings and records,
comes through as it was.
"""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from notturno.flashing import board as boards
from notturno.flashing import package, plain, update
from unix_boards import UnixBoard, small_firmware
from whole import whole_or

KEY, RECORDS = bytes(range(36)), bytes(range(256)) * 20
SETTINGS = b'{"form": 1, "settings": {"SNIPPET_BYTES": 0}}'
MINE = {"/key.bin": KEY, "/log/00000001.log": RECORDS, "/settings.json": SETTINGS}
CHECKS = """
first = start(1)
ran = machine.ran
second = start(1)
mine = [open(name, 'rb').read() for name in NAMES] == WANTED
found = [first, ran, mine]
"""
OLD_CONFIG = 'FIRMWARE_VERSION = "0.1.0"\nSNIPPET_BYTES = 1000  # less\nRETRY_MS = 10000\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    def make(version, run="slots.confirm()", modules=12):
        folder = small_firmware(tmp_path_factory.mktemp("firmware"), version, run, modules)
        return package.build("bytecode", folder)

    return {"1.0": make("1.0"), "2.0": make("2.0", modules=10), "3.0": make("3.0", "pass")}


@pytest.fixture
def board():
    with UnixBoard(blocks=256) as made:
        yield made


def flash(board, packed):
    board.plug()
    found = boards.look(board)
    return update.update(board, found, packed, plain.changes(board, found))


def fill(board):
    for name, data in MINE.items():
        board.write(name, data)


def recorded(board, packed):
    """Return the codes of an update; the board is as it was before it."""
    board.plug()
    board.keep()
    board.record()
    flash(board, packed)
    codes, board.codes = board.codes, None
    board.back()
    return codes


def checks(names=MINE):
    return f"NAMES = {list(names)!r}\nWANTED = {[bytes(MINE[n]) for n in names]!r}\n" + CHECKS


def cut_everywhere(board, packed, tears=(0, 2), names=MINE):
    """Cut the update at every write; return {(how it ended, versions that ran): times}.

    At every fourth, and at each of the last eight, where what takes over does so; the whole run at
    each of all.
    """
    codes = recorded(board, packed)
    step = whole_or(1, 4)
    writes, found = board.cuts(codes, checks(names), tears, step=step)
    said = {key: times for key, times in found.items() if not json.loads(key)[2]}
    assert said == {}  # nobody's key, settings or records were lost
    cuts = len({*range(0, writes, step), *range(writes - 2 * step, writes)})
    assert sum(found.values()) == cuts * len(tears) and writes > 50
    result = {}
    for key, times in found.items():
        how, ran, _ = json.loads(key)
        result[how, tuple(ran or ())] = result.get((how, tuple(ran or ())), 0) + times
    return codes, writes, result


def test_from_one_version_to_the_next(board, made):
    fill(board)
    flash(board, made["1.0"])
    board.start()
    tears = whole_or((0, 1, 2, 3), (0, 2))
    codes, writes, found = cut_everywhere(board, made["2.0"], tears)
    assert set(found) == {("reset", ("1.0",)), ("reset", ("2.0",))}
    assert found["reset", ("1.0",)] > 0.8 * sum(found.values())
    for left in range(0, writes, whole_or(9, 27)):  # and the same again brings the new one
        board.back()
        board.cut(codes, left, 2)
        flash(board, made["2.0"])
        assert board.start() == ["reset", ["2.0"]]
        assert board.names("/slot_b") >= {"m9.mpy"} and "m11.mpy" not in board.names("/slot_b")


def test_over_a_trial_that_has_not_shown_itself_yet(board, made):
    fill(board)
    flash(board, made["1.0"])
    board.start()
    flash(board, made["3.0"])
    board.start()
    codes, _, found = cut_everywhere(board, made["2.0"])
    assert set(found) <= {("reset", (v,)) for v in ("1.0", "2.0", "3.0")}
    assert ("reset", ("1.0",)) in found and ("reset", ("2.0",)) in found


def test_over_the_only_version_there_is_which_was_never_confirmed(board, made):
    fill(board)
    flash(board, made["3.0"])
    _, _, found = cut_everywhere(board, made["2.0"])
    assert set(found) == {("reset", ("3.0",)), ("reset", ("2.0",))}


def test_the_first_time_on_an_empty_board(board, made):
    """Until stage 0 is there the board is as empty as before; then it runs the whole program."""
    fill(board)
    _, _, found = cut_everywhere(board, made["2.0"])
    assert set(found) == {("no program", ()), ("reset", ("2.0",))}


def test_over_a_plain_copy_from_before_there_were_slots(board, made):
    """Its main.py runs to the last moment; then the new version, and it falls back on the old."""
    for name in ("key.bin", "log/00000001.log"):
        board.write("/" + name, MINE["/" + name])
    board.write("/main.py", b"import machine, band\nmachine.ran = ['old', band.VERSION]\n")
    board.write("/band.py", b"VERSION = 'old'\n")
    board.write("/config.py", OLD_CONFIG.encode())
    board.write("/lib/notturno_core/wire.py", b"VERSION = 'old'\n")
    kept = ["/key.bin", "/log/00000001.log"]
    codes, _, found = cut_everywhere(board, made["2.0"], names=kept)
    # The new main.py may be the very last that is written: then every cut leaves the old program.
    assert ("ended", ("old", "old")) in found
    assert set(found) <= {("ended", ("old", "old")), ("reset", ("2.0",))}
    done = flash(board, made["2.0"])
    assert done.carried == {"SNIPPET_BYTES": 1000}
    assert json.loads(board.read("/settings.json"))["settings"] == {"SNIPPET_BYTES": 1000}
    board.start()
    flash(board, made["2.0"])  # confirmed by now: the old files go, what was written in stays
    assert not board.names() & {"band.py", "app.py", "config.py"}
    assert board.names("/lib") == set() and board.read("/config.old") == OLD_CONFIG.encode()
    assert board.start() == ["reset", ["2.0"]]


def test_a_first_version_that_fails_falls_back_on_the_plain_copy(board, tmp_path):
    folder = small_firmware(tmp_path, "9.0", "raise ValueError('broken')")
    board.write("/main.py", b"import machine, band\nmachine.ran = band.VERSION\n")
    board.write("/band.py", b"VERSION = 'old'\n")
    flash(board, package.build("bytecode", folder))
    assert board.start() == ["reset", ["9.0"]]
    assert board.start()[1] == "old"


def test_the_pointers_own_writes_at_a_start(board, made):
    """The power goes while a start counts its trial, and while the program confirms itself."""
    fill(board)
    flash(board, made["1.0"])
    board.start()
    flash(board, made["2.0"])
    writes, found = board.cuts(["start(1)"], checks(), (0, 1, 2, 3))
    assert writes >= 2
    assert {key for key in found} <= {json.dumps(["reset", [v], True]) for v in ("1.0", "2.0")}


def test_settings_changed_are_the_old_ones_or_the_new(board, made):
    fill(board)
    flash(board, made["1.0"])
    board.start()
    board.plug()
    board.keep()
    board.record()
    boards.look(board)
    new = plain.settings_text({"ODR_HZ": 208, "SNIPPET_BYTES": 7})
    update.put_in_place(board, "/settings.json", new)
    codes, board.codes = board.codes, None
    board.back()
    either = f"""
found = open('/settings.json', 'rb').read() in ({SETTINGS!r}, {new!r})
found = [found, open('/settings.json', 'rb').read() == {new!r}, start(1), machine.ran]
"""
    writes, found = board.cuts(codes, either, (0, 1, 2, 3))
    assert set(found) == {json.dumps([True, new, "reset", ["1.0"]]) for new in (True, False)}
    assert writes >= 2


def test_the_real_program_in_full(board, made):
    """Its real size and files; what lies in the slot that starts is whole by its own manifest.

    Cut at every sixth write (`make test-whole`: at each).
    """
    real = package.build("bytecode")
    fill(board)
    flash(board, made["1.0"])
    board.start()
    codes = recorded(board, real)
    whole = """
import hashlib, json, binascii
def digest(path):
    data = open(path, 'rb').read()
    return binascii.hexlify(hashlib.sha256(data).digest()).decode()
space = {}
exec(open('/slots.py').read(), space)
folder = space['choose']()
manifest = json.load(open(folder + '/manifest.json'))
right = all(digest(folder + '/' + n) == v[1] for n, v in manifest['files'].items())
found = [manifest['version'], right]
"""
    writes, found = board.cuts(codes, whole, (2,), step=whole_or(1, 6))
    assert set(found) == {json.dumps([v, True]) for v in ("1.0", real.version)}
    assert writes > 150
