"""Flashing number by number: tables, slots, rooms and patience, without a board.

Numbers are those of ESP-IDF's image and partition formats, MicroPython's py/persistentcode.h,
USB's list of vendors, and the flash of a band.
"""

import hashlib
import json
import struct
from types import SimpleNamespace

import pytest
import test_image
from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import (
    chips,
    image,
    line,
    parcel,
    partitions,
    plain,
    ports,
    sending,
    update,
)
from notturno.flashing import package as packages
from notturno.flashing.board import Board
from notturno.flashing.package import Package

# --- chips ---------------------------------------------------------------------------------------


def test_the_architectures_of_mpy_files():
    assert chips.ARCH_NAMES == dict(
        enumerate(
            "bytecode x86 x64 armv6 armv6m armv7m armv7em armv7emsp armv7emdp xtensa xtensawin "
            "rv32imc rv64imc".split()
        )
    )
    assert (chips.LEAST_MICROPYTHON, chips.MPY_VERSION) == ((1, 29), 6)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1.29.0-preview", (1, 29, 0)),
        ("1.29", (1, 29)),
        ("1.x.3", (1,)),
        ("", ()),
        ("v1.2", ()),
        ("10.0.12", (10, 0, 12)),
    ],
)
def test_the_numbers_of_a_version(text, numbers):
    assert chips.version_of(text) == numbers


# --- what lies on a board ------------------------------------------------------------------------


def a_board(pointer=(0, 0, 0, 0), there=(True, False, False), mpy=0, **more):
    said = {"name": "micropython", "version": (1, 29, 0), "machine": "x", "free": 1 << 20}
    return Board(
        **{**said, "block": 4096, "root": (), **more}, mpy=mpy, pointer=pointer, there=there
    )


# (good, trial), (root, slot 1, slot 2) -> good, current, target
SLOTS = [
    ((0, 0), (0, 0, 0), (0, 0, 1)),
    ((0, 0), (1, 0, 0), (0, 0, 1)),
    ((0, 0), (0, 1, 0), (0, 1, 2)),
    ((0, 0), (0, 0, 1), (0, 2, 1)),
    ((0, 0), (1, 1, 1), (0, 0, 1)),
    ((1, 0), (0, 1, 0), (1, 1, 2)),
    ((1, 0), (1, 1, 0), (1, 1, 2)),
    ((1, 0), (0, 1, 1), (1, 1, 2)),
    ((2, 0), (0, 1, 1), (2, 2, 1)),
    ((1, 2), (0, 1, 1), (1, 2, 2)),
    ((2, 1), (0, 1, 1), (2, 1, 1)),
    ((2, 1), (0, 0, 1), (2, 2, 1)),
    ((1, 0), (0, 0, 1), (0, 2, 1)),
    ((1, 0), (1, 0, 1), (0, 0, 1)),
    ((0, 2), (1, 0, 1), (0, 2, 1)),
    ((0, 1), (1, 1, 0), (0, 1, 2)),
]


@pytest.mark.parametrize(("pointer", "there", "wanted"), SLOTS)
def test_which_slot_is_good_runs_and_is_filled(pointer, there, wanted):
    found = a_board((*pointer, 0, 0), tuple(map(bool, there)))
    assert (found.good, found.current, found.target) == wanted


@pytest.mark.parametrize(
    ("mpy", "arch"),
    [
        (0, "bytecode"),
        (6 | 10 << 10, "xtensawin"),
        (6 | 11 << 10 | 3 << 8, "rv32imc"),
        (6 | 40 << 10, "architecture 40"),
        (1 << 16 | 10 << 10, "xtensawin"),
    ],
)
def test_a_boards_architecture_is_in_six_bits_from_the_tenth(mpy, arch):
    assert a_board(mpy=mpy).arch == arch


class Said:
    """A line that answers what a test says."""

    port = "/dev/x"

    def __init__(self, answers=()):
        self.answers, self.asked, self.ran = list(answers), [], []

    def ask(self, code):
        self.asked.append(code)
        return self.answers.pop(0)

    def run(self, code):
        self.ran.append(code)
        return ""


def test_a_text_of_twenty_kilobytes_is_asked_for():
    said = Said(["YWJj", None])
    assert boards.text_of(said, "/config.py") == b"abc"
    assert boards.text_of(said, "/x", 9) is None
    assert said.asked == ["text_of('/config.py', 20000)", "text_of('/x', 9)"]


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ((1, 28, 9), "has MicroPython 1.28.9; the program needs 1.29"),
        ((1, 29), None),
        ((2,), None),
    ],
)
def test_which_micropython_is_new_enough(version, words):
    board = a_board(version=version, mpy=6 | 10 << 10)
    if words is None:
        boards.check_micropython(board)
        return
    with pytest.raises(UserError, match=words):
        boards.check_micropython(board)


@pytest.mark.parametrize(("form", "right"), [(5, False), (6, True), (7, False)])
def test_which_form_of_machine_code_a_board_takes(form, right):
    board = a_board(mpy=form | 10 << 10)
    if right:
        boards.check_micropython(board)
    else:
        with pytest.raises(UserError, match=str(form)):
            boards.check_micropython(board)


# --- the partition table -------------------------------------------------------------------------


def table(*entries, md5=True):
    out = b"".join(
        struct.pack("<HBBII16sI", 0x50AA, kind, subtype, start, size, label, flags)
        for kind, subtype, start, size, label, flags in entries
    )
    if md5:
        out += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(out).digest()
    return out + b"\xff" * (0xC00 - len(out))


APP = (0, 0, 0x10000, 0x1F0000, b"factory", 0)


def rows(made):
    """Return {label: (type, subtype, start, size, flags)}."""
    return {
        label.rstrip(b"\0").decode(): (kind, subtype, start, size, flags)
        for _, kind, subtype, start, size, label, flags in (
            struct.unpack_from("<HBBII16sI", made, at)
            for at in range(0, 0xC00, 32)
            if made[at : at + 2] == b"\xaa\x50"
        )
    }


@pytest.mark.parametrize("md5", [True, False])
def test_a_rom_partition_lies_behind_the_last_one_at_a_page(md5):
    made = partitions.with_rom(table((1, 2, 0x9000, 0x6001, b"nvs", 5), APP, md5=md5))
    assert rows(made) == {
        "nvs": (1, 2, 0x9000, 0x6001, 5),
        "factory": (0, 0, 0x10000, 0x1F0000, 0),
        "romfs": (1, 0x8F, 0x200000, 0x30000, 0),
    }
    assert len(made) == 0xC00 and made[96:112] == b"\xeb\xeb" + b"\xff" * 14
    assert made[112:128] == hashlib.md5(made[:96]).digest() and set(made[128:]) == {0xFF}
    short = partitions.with_rom(table((0, 0, 0x10000, 0x1E0001, b"factory", 0)))
    assert rows(short)["romfs"][2] == 0x200000, "rounded up to 64 kB"
    assert partitions.with_rom(made) is made


@pytest.mark.parametrize("label", [b"vfs", b"ffat"])
def test_a_file_system_gives_its_first_192_kilobytes(label):
    made = partitions.with_rom(table(APP, (1, 0x81, 0x200000, 0xC0000, label, 0)))
    assert rows(made)["romfs"] == (1, 0x8F, 0x200000, 0x30000, 0)
    assert rows(made)[label.decode()] == (1, 0x81, 0x230000, 0x90000, 0)
    for start, size in ((0x200000, 0xBFFFF), (0x208000, 0x200000)):
        with pytest.raises(ValueError, match="too small"):
            partitions.with_rom(table(APP, (1, 0x81, start, size, label, 0)))


def test_a_table_that_is_full_or_not_whole_is_none():
    many = [(1, 2, 0x9000 + n, 1, b"n%d" % n, 0) for n in range(95)]
    full = partitions.with_rom(table(*many[:94]))
    assert len(rows(full)) == 95
    with pytest.raises(ValueError, match="full"):
        partitions.with_rom(table(*many))
    for broken in (b"", b"\xff" * 0xC00, table(APP)[:-1].replace(b"\xeb\xeb", b"\xeb\xea")):
        with pytest.raises(ValueError, match="not whole"):
            partitions.with_rom(broken)
    spoiled = bytearray(table(APP))
    spoiled[12] ^= 1
    with pytest.raises(ValueError, match="not whole"):
        partitions.with_rom(bytes(spoiled))


# --- an image ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("segments", "right"), [(0, False), (1, True), (16, True), (17, False)])
def test_an_image_has_one_to_sixteen_segments(segments, right):
    data = test_image.part(9, [b"abcd" * (n + 1) for n in range(segments)])
    if right:
        image._whole(data, 0)
        image._whole(b"12345" + data, 5)
    else:
        with pytest.raises(ValueError, match="no image begins at 0x0"):
            image._whole(data, 0)


@pytest.mark.parametrize("length", [1, 3, 4, 4095, 4096, 4097, 9000])
def test_the_checksum_of_any_length(length):
    image._whole(test_image.part(9, [bytes((7 * n + 1) & 255 for n in range(length))]), 0)


def test_an_image_without_a_hash_is_held_by_its_checksum():
    data = bytearray(test_image.part(9, [b"abcd"]))
    data[23] = 0
    image._whole(bytes(data[:-32]), 0)
    data[24 + 8] ^= 1
    with pytest.raises(ValueError, match="checksum"):
        image._whole(bytes(data), 0)


def test_the_chips_that_an_image_may_be_for():
    assert image.CHIPS == {
        **{0: ("esp32", 0x1000), 5: ("esp32c3", 0), 9: ("esp32s3", 0), 13: ("esp32c6", 0)}
    }
    least = b"\xe9" + bytes(11) + b"\x09\0" + bytes(0x8000 - 14)
    assert image._chip("x", least) == ("esp32s3", 0)
    for data in (least[:-1], b"\xe8" + least[1:], least + bytes((16 << 20) + 1 - 0x8000)):
        with pytest.raises(UserError, match="no image"):
            image._chip("x", data)
    assert image._chip("x", least + bytes((16 << 20) - 0x8000))
    assert (image.BAUD, image.TIMEOUT_S) == ("460800", 600)


@pytest.mark.parametrize(
    ("offset", "start", "at"), [(0, 0x10000, 0x10000), (0x1000, 0x20000, 0x1F000)]
)
def test_where_the_application_begins(offset, start, at):
    entries = (1, 2, 0x9000, 1, b"nvs", 0), (0, 0x10, start, 1, b"app", 0)
    data = bytes(0x8000 - offset) + table(*entries)
    assert image._app_at(data, offset) == at


# --- a port --------------------------------------------------------------------------------------


def test_which_usb_devices_may_be_a_band():
    """Espressif, Silicon Labs, WCH, FTDI, Seeed, Adafruit."""
    assert ports.BOARD_VENDORS == {0x303A, 0x10C4, 0x1A86, 0x0403, 0x2886, 0x239A}


def test_a_board_that_starts_anew_is_waited_for_fifteen_seconds(monkeypatch, tmp_path):
    now_s, slept = [0.0], []

    def sleep(s):
        slept.append(s)
        now_s[0] += s

    monkeypatch.setattr(ports.time, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(ports.time, "sleep", sleep)
    monkeypatch.setattr(ports, "listed", list)
    with pytest.raises(UserError, match="No board is plugged in"):
        ports.again(str(tmp_path / "gone"), "said")
    assert slept == [1.0] * 16
    (tmp_path / "there").write_bytes(b"")
    assert ports.again(str(tmp_path / "there"), "said") == str(tmp_path / "there")
    assert len(slept) == 17
    assert ports.again("socket://x:1", "auto") == "socket://x:1" and len(slept) == 17


def test_what_is_told_of_a_port_is_cut_at_120_letters(monkeypatch, tmp_path):
    path = tmp_path / "port"
    path.write_bytes(b"")
    monkeypatch.setattr(ports, "_opened", lambda port: "é\n" * 200)
    said = str(ports.why_not(str(path)))
    assert "(" + "é" * 120 + ")" in said


@pytest.mark.parametrize(
    ("opened", "error", "words"),
    [
        ("", "Resource busy", "in use by another program"),
        ("Could not exclusively LOCK port", "", "in use by another program"),
        ("the port is in use", "", "in use by another program"),
        ("Access is denied.", None, "in use by another program"),
        ("Resource temporarily unavailable", None, "in use by another program"),
        ("", "no tty", "cannot be used as a serial port (no tty)"),
        ("not a tty", "busy", "cannot be used as a serial port (not a tty)"),
        ("", None, "cannot be used as a serial port ()"),
    ],
)
def test_why_a_port_that_is_there_was_not_opened(monkeypatch, tmp_path, opened, error, words):
    path = tmp_path / "port"
    path.write_bytes(b"")
    monkeypatch.setattr(ports, "_opened", lambda port: opened)
    assert words in str(ports.why_not(str(path), error))
    monkeypatch.setattr(ports.os, "access", lambda path, how: how != ports.os.R_OK | ports.os.W_OK)
    said = str(ports.why_not(str(path), error))
    assert f"may not use {path}; add it to the port's group" in said


def test_a_port_that_is_not_there_is_told_with_those_that_are(monkeypatch, tmp_path):
    there = [SimpleNamespace(device="/dev/a"), SimpleNamespace(device="/dev/b")]
    monkeypatch.setattr(ports, "listed", lambda: there)
    gone = str(tmp_path / "gone")
    assert "no port " + gone + "; there is /dev/a, /dev/b." in str(ports.why_not(gone))
    monkeypatch.setattr(ports, "listed", list)
    assert "no board is plugged in" in str(ports.why_not(gone))
    assert "Nothing answers at socket://x:1" in str(ports.why_not("socket://x:1"))
    assert ports._group(tmp_path / "nothing") == "dialout"


def test_ports_of_other_devices_are_none(monkeypatch):
    from serial.tools import list_ports
    from serial.tools.list_ports_common import ListPortInfo

    found = []
    for device, vid in (
        ("/dev/b", 0x303A),
        ("/dev/a", 0x239A),
        ("/dev/c", 0x1234),
        ("/dev/d", None),
    ):
        info = ListPortInfo(device)
        info.vid = vid
        found.append(info)
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    assert [info.device for info in ports.listed()] == ["/dev/a", "/dev/b"]


def test_one_board_is_found_none_and_several_are_not(monkeypatch):
    there = [SimpleNamespace(device="/dev/a"), SimpleNamespace(device="/dev/b")]
    monkeypatch.setattr(ports, "listed", lambda: there[:1])
    assert ports.find() == "/dev/a" and ports.find("port:/dev/q") == "/dev/q"
    monkeypatch.setattr(ports, "listed", lambda: there)
    with pytest.raises(UserError, match="--port /dev/a or /dev/b"):
        ports.find()


# --- the line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "number", "full"),
    [
        ("Traceback\nOSError: 28", "OSError", 28, True),
        ("OSError: [Errno 28] ENOSPC", "OSError", 28, True),
        ("OSError: 27", "OSError", 27, False),
        ("ValueError: 28", "ValueError", 28, False),
        ("", "it said nothing", None, False),
        ("x" * 200, "x" * 120, None, False),
    ],
)
def test_what_the_bands_code_raised(text, kind, number, full):
    error = line.BandError(text)
    assert (error.kind, error.number, error.full) == (kind, number, full)


def test_patience_with_a_prompt(monkeypatch):
    assert (line.BAUD, line.ANSWER_S, line.PROMPT_S) == (115_200, 20, 10)
    assert "sleep_ms(100)" in line.RESET and line.RESET.endswith("machine.reset()")
    now_s, tries = [0.0], []
    monkeypatch.setattr(line.time, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(line.time, "sleep", lambda s: now_s.__setitem__(0, now_s[0] + s))

    def enter(self):
        tries.append(now_s[0])
        raise UserError("not yet")

    monkeypatch.setattr(line.Line, "_enter", enter)
    for patience_s, times in ((0.0, 2), (2.0, 6)):
        tries.clear()
        now_s[0] = 0.0
        with pytest.raises(UserError):
            line.Line("socket://x:1", patience_s).__enter__()
        assert tries == [0.5 * n for n in range(times)]


# --- an update -----------------------------------------------------------------------------------


def test_files_travel_in_pieces_of_1536_bytes_and_4096_at_once():
    said, told = Said(), []
    files = {"/a": b"x" * 3073, "/b": b"", "/c": b"y" * 1024}
    sent = sending.send(said, files, 100, 4150, lambda done, of: told.append((done, of)))
    assert sent == 4197 and told == [(3173, 4150), (4150, 4150)]
    calls = [row for code in said.ran for row in code.split("\n")]
    assert [call.rpartition(", ")[2] for call in calls] == [
        *["'wb')", "'ab')", "'ab')", "'wb')", "'wb')"],
    ]
    assert [len(code.split("\n")) for code in said.ran] == [4, 1]
    exact = Said()
    sending.send(exact, {"/a": bytes(3072), "/b": bytes(1024)}, 0, 4096, lambda *_: None)
    assert [len(code.split("\n")) for code in exact.ran] == [3]


def package(sizes, root=None):
    files = {name: bytes(size) for name, size in sizes.items()}
    return Package("1", "bytecode", files, root or {}, b"m" * 100)


@pytest.mark.parametrize(
    ("found", "stale", "blocks"),
    [
        # files of 1, 4096, 4097 bytes and the manifest: 1 + 1 + 2 + 1; two folders twice; 8 spare
        ({}, [], 17),
        ({"a": "x"}, [], 16),
        ({}, ["old", "older"], 15),
    ],
)
def test_how_much_room_a_program_needs(found, stale, blocks):
    made = package({"a": 1, "lib/b": 4096, "lib/c": 4097})
    update._check_room(a_board(free=blocks * 4096), made, found, stale)
    with pytest.raises(UserError) as error:
        update._check_room(a_board(free=blocks * 4096 - 1), made, found, stale)
    assert f"has {blocks * 4 - 1} kB free, and the program needs {blocks * 4} kB" in str(
        error.value
    )


# --- a parcel ------------------------------------------------------------------------------------


def test_a_parcel_byte_by_byte():
    made = package({"a": 3, "b": 2})
    has = {"files": {"a": [3, hashlib.sha256(bytes(3)).hexdigest()], "b": [2, "0" * 64]}}
    data, names = parcel.program_parcel(made, has)
    assert names == ["b"]
    digest = [hashlib.sha256(part).digest() for part in (bytes(3), bytes(2), b"m" * 100)]
    assert data == (
        b"\x01\x1d" + b"\x08bytecode"
        + b"\x01a" + digest[0] + b"\x03\0\0\0\0"
        + b"\x01b" + digest[1] + b"\x02\0\0\0\x01" + bytes(2)
        + b"\x0dmanifest.json" + digest[2] + b"\x64\0\0\0\x01" + b"m" * 100
    )  # fmt: skip


# --- a plain copy --------------------------------------------------------------------------------


def test_what_config_py_said_in_versions_before():
    (known,) = plain.DEFAULTS
    assert known == {
        **{"BOARD": None, "ODR_HZ": 104, "RANGE_G": 4, "WATERMARK": 244, "DETECTOR": {}},
        **{"SNIPPET_BYTES": 60_000, "MAINTENANCE_MS": 2000, "RADIO_AFTER_BOOT_MS": 60_000},
        **{"RADIO_AFTER_BUTTON_MS": 600_000, "DOCK_POLL_MS": 5000, "BUTTON_POLL_MS": 250},
        **{"RETRY_MS": 10_000, "RESTART_AFTER_MS": 20 * 86_400_000, "BATTERY_STOP_MV": 3450},
    }


def test_the_detectors_settings_and_how_high_they_go():
    highest = plain.detector_names()
    assert set(highest.values()) == {0x7FFFFFFF, 0xFFFF}
    from notturno_core import namer

    assert {name for name, most in highest.items() if most == 0xFFFF} == set(namer.DEFAULTS)


def test_a_settings_file_is_of_form_one():
    assert json.loads(plain.settings_text({"ODR_HZ": 52})) == {
        "form": 1,
        "settings": {"ODR_HZ": 52},
    }


PLAIN = ("app.py", "band.mpy", "boards", "config.py", "drivers", "lib", "main.py", "mine.py")


def test_an_old_plain_copy_goes_what_starts_it_first_and_a_persons_settings_stay():
    made = SimpleNamespace(files={"app.mpy": b"", "config.mpy": b"", "drivers/x.mpy": b""})
    said = Said([9])
    assert plain.clean(said, a_board((1, 0, 0, 0), (False, True, False), root=PLAIN), made) == 9
    assert said.ran == ["os.rename('/config.py', '/config.old')"]
    gone = ["/app.py", "/band.mpy", "/boards", "/drivers", "/lib/notturno_core"]
    assert said.asked == [f"remove({gone!r})"]
    bare = Said()
    root = ("config.mpy", "main.py")  # the stage 0 that a slot needs, and what a slot brought
    assert plain.clean(bare, a_board((1, 0, 0, 0), (False, True, False), root=root), made) == 0
    assert plain.clean(bare, a_board(root=PLAIN, there=(False,) * 3), made) == 0
    assert bare.asked == bare.ran == []


@pytest.mark.parametrize(
    ("pointer", "there", "root", "copied"),
    [
        ((0, 0, 0, 0), (False, False, False), ("main.py", "recorder.py"), True),
        ((0, 0, 0, 0), (False, False, False), ("main.py",), False),  # somebody else's
        ((0, 0, 0, 0), (False, False, False), ("recorder.py",), False),
        ((0, 0, 0, 0), (True, False, False), ("main.py", "recorder.py"), False),
        ((1, 0, 0, 0), (False, True, False), ("main.py", "recorder.py"), False),
    ],
)
def test_which_old_program_is_kept_to_fall_back_on(pointer, there, root, copied):
    said = Said([1, 1])
    plain.keep_running(said, a_board(pointer, there, root=root))
    assert len(said.asked) == (2 if copied else 0)


def test_a_manifest_is_read_line_by_line_and_takes_no_room_for_looks():
    lines = packages._manifest("1.0", "xtensawin", {"b.mpy": b"xy", "a.mpy": b""}).split(b"\n")
    assert lines[:4] == [
        *(b"{", b'"schema":"notturno-firmware-1",', b'"version":"1.0",', b'"arch":"xtensawin",')
    ]
    assert lines.index(b'"a.mpy":[') < lines.index(b'"b.mpy":[')
    assert lines[lines.index(b'"b.mpy":[') + 1] == b"2," and lines[-1] == b"}"
    assert not any(line.startswith(b" ") for line in lines)


@pytest.mark.parametrize(
    ("pointer", "asked"),
    [
        ((1, 2, 0, 1), ["hashes('/slot_b')", "point(1, 2, 1)"]),  # its trial, once more
        ((2, 0, 0, 1), ["hashes('/slot_b')"]),
        ((2, 0, 2, 1), ["hashes('/slot_b')"]),
        ((1, 1, 0, 0), ["hashes('/slot_b')"]),
    ],
)
def test_a_trial_that_runs_already_is_seen_once_more(monkeypatch, pointer, asked):
    monkeypatch.setattr(update.sensor_files, "put", lambda line: None)
    monkeypatch.setattr(update.boards, "version_in_slot", lambda line, board, slot: f"of {slot}")
    monkeypatch.setattr(update, "_stage_0", lambda line, board, package: False)
    monkeypatch.setattr(update.plain, "clean", lambda line, board, package: 3)
    said = Said([{"app.mpy": "ab"}, None])
    board = SimpleNamespace(current=2, target=1, good=1, pointer=pointer)
    made = SimpleNamespace(version="9", arch="x", hashes={"app.mpy": "ab"})
    done = update._update(said, board, made, None, lambda *told: None)
    assert said.asked == asked
    assert (done.slot, done.changed, done.kept, done.removed) == (2, False, 1, 3)
    assert (done.sent, done.copied, done.sent_bytes, done.was) == (0, 0, 0, "of 2")
    assert done.failed == f"of {pointer[3]}"
