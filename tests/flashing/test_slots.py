"""Which program a start runs, on a real MicroPython and a real littlefs."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from notturno.flashing import board as boards
from notturno.flashing import package, update
from unix_boards import FIRMWARE, UnixBoard, small_firmware

WATCHDOG, DEEP_SLEEP = 3, 4  # machine.reset_cause()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Packages by version; `bad`: what it does instead of running."""

    def make(version, run="pass"):
        folder = small_firmware(tmp_path_factory.mktemp("firmware"), version, run)
        return package.build("bytecode", folder)

    packages = {"1.0": make("1.0"), "2.0": make("2.0"), "ok": make("3.0", "slots.confirm()")}
    packages["raises"] = make("4.0", "raise ValueError('broken')")
    packages["stopped"] = make("5.0", "raise KeyboardInterrupt")
    folder = small_firmware(tmp_path_factory.mktemp("firmware"), "6.0")
    (folder / "m3.py").write_text("import nothing_of_that_name\n")
    packages["no import"] = package.build("bytecode", folder)
    return packages


@pytest.fixture
def board():
    with UnixBoard(blocks=256) as made:
        yield made


def flash(board, packed):
    board.plug()
    return update.update(board, boards.look(board), packed)


def pointer(board):
    board.plug()
    return boards.look(board).pointer


def test_a_trial_that_is_confirmed_stays(board, made):
    flash(board, made["ok"])
    for _ in range(5):
        assert board.start() == ["reset", ["3.0"]]
    assert pointer(board) == (1, 0, 0, 0)


def test_a_trial_that_never_shows_itself_gives_way_after_three_starts(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    ran = [board.start()[1] for _ in range(5)]
    assert ran == [["2.0"]] * 3 + [["3.0"]] * 2
    assert pointer(board) == (1, 0, 0, 2)
    assert flash(board, made["2.0"]).failed == "2.0"  # and may be tried again
    assert board.start() == ["reset", ["2.0"]]


@pytest.mark.parametrize("broken", ["raises", "no import"])
def test_a_trial_that_raises_is_given_up_at_once(board, made, broken):
    flash(board, made["ok"])
    board.start()
    flash(board, made[broken])
    how, ran = board.start()
    assert how == "reset" and (ran is None) == (broken == "no import")
    assert "Error" in board.said
    assert board.start() == ["reset", ["3.0"]]
    assert pointer(board) == (1, 0, 0, 2)


def test_a_trial_that_the_watchdog_ended_is_given_up_at_once(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["1.0"])
    assert board.start(WATCHDOG) == ["reset", ["1.0"]]  # it was the old one that hung
    assert board.start(WATCHDOG) == ["reset", ["3.0"]]
    assert board.start() == ["reset", ["3.0"]]


def test_a_start_that_was_stopped_at_the_cable_is_not_counted(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["stopped"])
    for _ in range(7):
        assert board.start() == ["stopped", ["5.0"]]
    assert pointer(board) == (1, 2, 0, 0)


def test_waking_from_deep_sleep_is_no_new_start(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    for cause in (1, *[DEEP_SLEEP] * 9, 1, 1):
        assert board.start(cause) == ["reset", ["2.0"]]
    assert board.start() == ["reset", ["3.0"]]


def test_without_anything_to_go_back_to_a_trial_goes_on(board, made):
    flash(board, made["raises"])
    for _ in range(5):
        assert board.start() == ["reset", ["4.0"]]


def test_an_unconfirmed_version_is_what_the_next_one_falls_back_on(board, made):
    flash(board, made["1.0"])
    assert board.start()[1] == ["1.0"]
    flash(board, made["raises"])
    board.start()
    assert board.start()[1] == ["1.0"]


def test_a_program_cannot_confirm_one_that_never_ran(board, made):
    """An update is there, and the old program, still running, says that it works."""
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    board.run("_running = 1\nconfirm()")
    assert pointer(board) == (1, 2, 0, 0)


def test_a_lost_pointer_leaves_the_plain_copy_first_then_a_slot(board, made):
    flash(board, made["1.0"])
    for damage in (b"", b"NS\1", bytes(16), b"NS\1\1\0\0\0\0\xff\xff\xff\xff\0\0\0\0"):
        for name in ("/slot.0", "/slot.1"):
            board.write(name, damage)
        assert board.start() == ["reset", ["1.0"]]
    board.write("/app.py", b"import machine\ndef run(): machine.ran = 'plain'\n")
    assert board.start() == ["ended", "plain"]
    flash(board, made["2.0"])
    assert board.start() == ["reset", ["2.0"]]  # a whole pointer wins over the root


def test_one_torn_copy_of_the_pointer_is_made_good_by_the_other(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    before = pointer(board)
    board.keep()
    states = set()
    for name in ("/slot.0", "/slot.1"):
        for size in (0, 7, 15):
            board.back()
            board.write(name, board.read(name)[:size])
            states.add(pointer(board))
            assert board.start()[1] in (["3.0"], ["2.0"])
    assert states == {before, (1, 0, 0, 0)}


def test_a_confirmed_program_whose_files_went_bad_gives_way_to_the_other_slot(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    board.plug()
    boards.look(board)
    board.run("write(2, 0, 0, 0)")  # it was confirmed
    board.write("/slot_b/m3.mpy", b"M\6")
    assert board.start() == ["reset", None]
    assert board.start() == ["reset", ["3.0"]] == board.start()
    assert pointer(board) == (1, 0, 0, 2)
    assert flash(board, made["2.0"]).slot == 2
    assert board.start() == ["reset", ["2.0"]]


def test_a_confirmed_program_that_raises_stays(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["raises"])
    board.plug()
    boards.look(board)
    board.run("write(2, 0, 0, 0)")
    for _ in range(3):
        assert board.start() == ["reset", ["4.0"]]


@pytest.mark.parametrize("slot", ["/slot_a", "/slot_b"])
def test_a_slot_without_its_manifest_is_none(board, made, slot):
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    board.run(f"import os\nos.remove('{slot}/manifest.json')")
    assert board.start()[1] == (["3.0"] if slot == "/slot_b" else ["2.0"])


def test_without_any_program_the_band_says_so(board):
    for name in ("main.py", "slots.py"):
        board.write("/" + name, (FIRMWARE / name).read_bytes())
    assert board.start() == ["ended", None]
    assert "notturno flash" in board.said


def test_a_plain_copy_that_fails_ends_at_the_prompt(board):
    for name in ("main.py", "slots.py"):
        board.write("/" + name, (FIRMWARE / name).read_bytes())
    board.write("/app.py", b"def run(): raise ValueError('mine')\n")
    assert board.start() == ["raised", None]


def test_what_lies_in_the_root_cannot_come_between(board, made):
    """An old module of the same name, and one of /lib, are not what a slot's program imports."""
    for name in ("/m3.py", "/m3.mpy", "/lib/notturno_core/wire.py", "/config.py"):
        board.write(name, b"VERSION = FIRMWARE_VERSION = 'old'\n")
    flash(board, made["2.0"])
    assert board.start() == ["reset", ["2.0"]]


def test_a_flash_that_cannot_be_written_runs_the_confirmed_version(board, made):
    flash(board, made["ok"])
    board.start()
    flash(board, made["2.0"])
    board.run("def write(*_): raise OSError(28)\nprint(choose())")
    assert board.run("print(choose())").strip().endswith("/slot_a")
