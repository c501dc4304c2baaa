"""Only what has changed travels, stale files go, all is read back; what cannot be is refused."""

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import package, plain, update
from unix_boards import UnixBoard, small_firmware

SETTLED = "slots.confirm()"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    def make(version, modules=12):
        folder = small_firmware(tmp_path_factory.mktemp("firmware"), version, SETTLED, modules)
        return package.build("bytecode", folder)

    return {"1.0": make("1.0"), "2.0": make("2.0", 10)}


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """The first version with one module changed."""
    folder = small_firmware(tmp_path_factory.mktemp("firmware"), "1.0", SETTLED)
    (folder / "m5.py").write_text("VERSION = '1.0'\nNEW = 1\n")
    return package.build("bytecode", folder)


@pytest.fixture
def board():
    with UnixBoard(blocks=256) as made:
        yield made


def flash(board, packed, progress=lambda done, of: None):
    board.plug()
    return update.update(board, boards.look(board), packed, progress=progress)


def test_the_first_time_all_of_it_travels(board, made):
    seen = []
    done = flash(board, made["1.0"], lambda n, of: seen.append((n, of)))
    assert (done.sent, done.kept, done.copied) == (len(made["1.0"].files), 0, 0)
    assert done.changed and done.was is None and done.slot == 1
    assert done.sent_bytes == made["1.0"].bytes
    assert seen[0] == (0, done.sent_bytes) and seen[-1] == (done.sent_bytes, done.sent_bytes)
    assert seen == sorted(seen)


def test_the_same_again_copies_nothing(board, made):
    flash(board, made["1.0"])
    board.start()
    done = flash(board, made["1.0"])
    assert not done.changed and done.sent_bytes == 0 and done.slot == 1
    assert (done.sent, done.copied, done.kept) == (0, 0, len(made["1.0"].files) + 1)
    assert board.start() == ["reset", ["1.0"]]


def test_of_one_changed_module_only_that_travels(board, made, changed):
    flash(board, made["1.0"])
    board.start()
    done = flash(board, changed)
    assert (done.sent, done.copied, done.slot) == (1, len(changed.files) - 1, 2)
    assert done.sent_bytes == len(changed.files["m5.mpy"]) + len(changed.manifest)
    board.start()
    done = flash(board, made["1.0"])  # and back: the first slot holds it still
    assert (done.sent, done.copied, done.kept) == (0, 0, len(made["1.0"].files))


def test_stale_files_go(board, made):
    flash(board, made["1.0"])
    board.start()
    flash(board, made["2.0"])
    board.start()
    for name in ("/slot_a/m0.py", "/slot_a/lib/notturno_core/wire.py", "/slot_a/x/y.mpy"):
        board.write(name, b"VERSION = 'stale'\n")
    done = flash(board, made["1.0"])
    assert done.removed == 3 and done.was == "2.0"
    assert not board.names("/slot_a") & {"m0.py"}
    assert board.start() == ["reset", ["1.0"]]


def test_a_damaged_file_of_the_slot_is_sent_again(board, made):
    flash(board, made["1.0"])
    board.start()
    board.write("/slot_a/m7.mpy", b"M\6")
    done = flash(board, made["1.0"])
    assert done.slot == 2 and done.sent == 1 and done.copied == len(made["1.0"].files) - 1
    assert board.start() == ["reset", ["1.0"]]


def test_a_flash_that_does_not_keep_what_is_written_is_found_out(board, made):
    flash(board, made["1.0"])
    board.start()
    board.plug()
    found = boards.look(board)
    board.run("_put = put\ndef put(path, text, how):\n _put(path, text[:-8] + b'AAAAAAA=', how)\n")
    with pytest.raises(UserError, match="does not keep.*runs the program it had"):
        update.update(board, found, made["2.0"])
    assert board.start() == ["reset", ["1.0"]]


def test_a_flash_without_room_is_refused_before_anything_is_written(board, made):
    flash(board, made["1.0"])
    board.start()
    board.plug()
    found = dataclasses.replace(boards.look(board), free=20 * 4096)
    with pytest.raises(UserError, match=r"80 kB free, and the program needs \d+ kB.*sync"):
        update.update(board, found, made["2.0"])
    assert "slot_b" not in board.names()


def test_a_flash_that_fills_up_on_the_way_is_said_and_the_old_version_runs(board, made):
    flash(board, made["1.0"])
    board.start()
    board.plug()
    found = boards.look(board)
    board.run(
        "f = open('/big', 'wb')\nimport os\n"
        "for k in range(os.statvfs('/')[3] - 4): f.write(bytes(4096))\nf.close()"
    )
    with pytest.raises(UserError, match="flash is full.*It runs the program it had"):
        update.update(board, found, made["2.0"])
    assert board.start() == ["reset", ["1.0"]]
    board.run("import os\nos.remove('/big')")
    flash(board, made["2.0"])
    assert board.start() == ["reset", ["2.0"]]


# --- what is refused -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3():
    """What an S3 says of itself."""
    return boards.Board(
        name="micropython",
        version=(1, 29, 0),
        mpy=10 << 10 | 6,
        machine="Seeed XIAO ESP32S3 with ESP32S3",
        free=1 << 20,
        block=4096,
        pointer=(0, 0, 0, 0),
        there=(False, False, False),
        root=("boot.py",),
    )


def test_the_chip_found_says_what_is_built(s3):
    boards.check_micropython(s3)
    assert boards.arch_for(s3) == boards.arch_for(s3, "xiao_esp32s3") == "xtensawin"
    c3 = dataclasses.replace(s3, mpy=11 << 10 | 6)
    assert boards.arch_for(c3) == "rv32imc"


def test_another_boards_code_is_refused(s3):
    with pytest.raises(UserError, match="not a xiao_esp32c3.*rv32imc.*ESP32S3.*xtensawin"):
        boards.arch_for(s3, "xiao_esp32c3")
    with pytest.raises(UserError, match="for rv32imc.*takes xtensawin"):
        boards.check_package(package.build("rv32imc"), s3)
    boards.check_package(package.build("xtensawin"), s3)


def test_a_chip_without_a_program_is_refused(s3):
    pico = dataclasses.replace(s3, mpy=4 << 10 | 6, machine="Raspberry Pi Pico with RP2040")
    with pytest.raises(UserError, match="no program for this board.*Pico.*armv6m"):
        boards.arch_for(pico)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"version": (1, 28, 9)}, "1.28.9; the program needs 1.29"),
        ({"name": "circuitpython", "version": (9, 2, 0)}, "circuitpython 9.2.0, not MicroPython"),
        ({"mpy": 10 << 10 | 7}, "version 7, and this is 6"),
    ],
)
def test_another_python_is_refused(s3, what, words):
    with pytest.raises(UserError, match=words):
        boards.check_micropython(dataclasses.replace(s3, **what))
    boards.check_micropython(dataclasses.replace(s3, version=(1, 30, 0)))


def test_the_slot_to_fill_is_never_the_one_that_is_needed(s3):
    for pointer, there, target in [
        ((0, 0, 0, 0), (0, 0, 0), 1),
        ((0, 0, 0, 0), (1, 0, 0), 1),
        ((0, 1, 0, 0), (0, 1, 0), 2),
        ((1, 0, 0, 0), (0, 1, 1), 2),
        ((2, 0, 0, 0), (0, 1, 1), 1),
        ((1, 2, 3, 0), (0, 1, 1), 2),
        ((2, 1, 0, 0), (0, 1, 1), 1),
        ((1, 0, 0, 0), (0, 0, 1), 1),  # the confirmed one is broken, the other one starts
        ((0, 0, 0, 0), (0, 1, 1), 2),  # no pointer: slot 1 starts
        ((0, 0, 0, 0), (0, 0, 1), 1),
    ]:
        there = tuple(map(bool, there))
        found = dataclasses.replace(s3, pointer=pointer, there=there)
        assert found.target == target, (pointer, there)


# --- a config.py that somebody edited ------------------------------------------------------------

ALL = "".join(f"{name} = {value!r}\n" for name, value in plain.DEFAULTS[0].items())


def test_what_is_as_it_came_is_no_setting():
    assert plain.changed_in('FIRMWARE_VERSION = "0.1.0"\n' + ALL) == plain.Carried({}, {})


def test_the_defaults_of_today_are_no_setting_either():
    from notturno import firmware_files

    text = (firmware_files.folder() / "config.py").read_text()
    assert plain.changed_in(text) == plain.Carried({}, {})


def test_what_a_person_changed_is_carried():
    text = ALL + 'FIRMWARE_VERSION = "0.1.0"\nODR_HZ = 208\nDETECTOR = {"jerk_on_ug": 5000}\n'
    carried = plain.changed_in(text)
    assert carried == plain.Carried({"ODR_HZ": 208, "DETECTOR": {"jerk_on_ug": 5000}}, {})


@pytest.mark.parametrize(
    ("line", "name", "why"),
    [
        ("ODR_HZ = 99", "ODR_HZ", "must be one of 26, 52, 104, 208"),
        ("ODR_HZ = rate()", "ODR_HZ", "no plain number"),
        ("BATTERY_STOP_MV = 2000", "BATTERY_STOP_MV", "from 3300 to 3900"),
        ('DETECTOR = {"speed": 1}', "DETECTOR", "has no setting speed"),
    ],
)
def test_what_cannot_be_carried_is_named(line, name, why):
    text = 'FIRMWARE_VERSION = "0.1.0"\n' + ALL.replace(f"{name} = ", "X = ") + line + "\n"
    left = plain.changed_in(text).left
    assert list(left) == [name] and why in left[name]


@pytest.mark.parametrize("text", ["", "this is = no python\n", "A = 1\n"])
def test_a_config_that_nobody_understands_is_named(text):
    assert list(plain.changed_in(text).left) == ["config.py"]


def test_every_default_of_the_past_is_within_the_limits_of_today():
    import config
    from notturno_core import limits

    for defaults in plain.DEFAULTS:
        for name, value in defaults.items():
            if name in vars(config):  # what is gone from config.py is no setting any more
                assert limits.problem(name, value, plain.detector_names) is None
