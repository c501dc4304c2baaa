"""MicroPython's image: checked before a board is touched, then written by the real esptool."""

import hashlib
import struct
import subprocess
import sys
import time

import pytest
from notturno.errors import UserError
from notturno.flashing import chips, image, partitions


def part(chip, texts):
    """One image of the ESP-IDF's form: header, segments, checksum, hash."""
    data = bytearray(struct.pack("<BBBBI", 0xE9, len(texts), 2, 0x2F, 0x40370000))
    data += struct.pack("<B3sHBHHI", 0, b"", chip, 0, 0, 99, 0) + b"\1"
    assert len(data) == 24
    checksum = 0xEF
    for text in texts:
        data += struct.pack("<II", 0x3F400000, len(text)) + text
        for byte in text:
            checksum ^= byte
    data += bytes(15 - len(data) % 16) + bytes([checksum])
    return bytes(data) + hashlib.sha256(data).digest()


def whole(chip=9, banner=b"MicroPython v1.29.0 on 2026-10-01", offset=0, size=20000):
    """A whole image, as micropython's port makes them."""
    texts = [banner + bytes(3), bytes(range(256)) * (size // 256), b"abcd"]
    table = b"\xaa\x50" + struct.pack("<BBII16sI", 1, 2, 0x9000, 0x6000, b"nvs", 0)
    table += b"\xaa\x50" + struct.pack("<BBII16sI", 0, 0, 0x10000, 0x1F0000, b"factory", 0)
    table += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(table).digest()
    boot = part(chip, [b"bootloader!!"])
    data = boot.ljust(0x8000 - offset, b"\xff") + table
    return data.ljust(0x10000 - offset, b"\xff") + part(chip, texts)


@pytest.fixture
def saved(tmp_path):
    def save(data, name="board.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return save


@pytest.mark.parametrize(
    ("chip", "offset", "name"), [(9, 0, "esp32s3"), (5, 0, "esp32c3"), (0, 0x1000, "esp32")]
)
def test_a_whole_image_is_known(saved, chip, offset, name):
    data = whole(chip, offset=offset)
    found = image.check(saved(data))
    assert (found.chip, found.offset, found.version) == (name, offset, "1.29.0")
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert image.check(saved(data), found.sha256.upper()) == found


def test_an_image_is_for_one_chip(saved):
    path = saved(whole(5))
    assert image.check(path, board="xiao_esp32c3").chip == "esp32c3"
    with pytest.raises(UserError, match="for the esp32c3, and a xiao_esp32s3 has an esp32s3"):
        image.check(path, board="xiao_esp32s3")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no image for an ESP32"),
        (b"UF2\n" + bytes(40000), "not .uf2"),
        (whole(2), "no program for"),
        (whole(banner=b"esp-at v1.0 of 2026"), "not MicroPython"),
        (whole(banner=b"MicroPython v1.28.0 on 2026"), r"MicroPython 1.28.0; 1.29 or newer"),
        (whole()[:-40], "damaged or not all there"),
        (whole()[:-20], "a hash is not right"),
        (whole()[:-9000], "ends early"),
        (whole()[:0x9000], "no image begins|damaged"),
        (whole().replace(b"\xaa\x50\x00", b"\xaa\x50\x01"), "no application"),
    ],
)
def test_what_is_no_such_image_is_refused(saved, data, words):
    with pytest.raises(UserError, match=words):
        image.check(saved(data))


def test_in_a_folder_the_newest_official_image_of_the_board_is_found(tmp_path):
    names = ["S3-20260101-v1.29.0", "S3-20260401-v1.29.1", "S3-20251201-v1.28.9"]
    for name in [
        *names,
        "C3-20270101-v1.30.0",
        "S3-OTA-20280101-v1.31.0",
        "S3-20280101-v1.31.0-preview.1",
    ]:
        (tmp_path / f"SEEED_XIAO_ESP32{name}.bin").write_bytes(b"")
    found = image.find(str(tmp_path), "xiao-esp32s3")
    assert found == str(tmp_path / "SEEED_XIAO_ESP32S3-20260401-v1.29.1.bin")
    assert image.find("a.bin", None) == "a.bin"
    with pytest.raises(UserError, match="is a folder.*--board"):
        image.find(str(tmp_path), None)
    with pytest.raises(UserError, match="no UM_FEATHERS3-DATE"):
        image.find(str(tmp_path), "um_feathers3")


def test_a_board_whose_file_names_no_image_is_told_and_the_virtual_one_is_none(
    tmp_path, monkeypatch
):
    assert chips.VIRTUAL in chips.boards() and chips.VIRTUAL not in chips.real_boards()
    with pytest.raises(UserError, match="There is no board toaster; choose one of"):
        image.find(str(tmp_path), "toaster")
    (tmp_path / "boards").mkdir()
    file = tmp_path / "boards" / "toaster.py"
    monkeypatch.setattr("notturno.firmware_files.folder", lambda: tmp_path)
    file.write_text('"""A board (ESP32-S3)."""\n')
    with pytest.raises(UserError, match=r"boards/toaster\.py does not say which image"):
        image.find(str(tmp_path), "toaster")
    file.write_text('"""A board (ESP32-S3).\n\nMicroPython\'s image: X_1-SPIRAM.\n"""\n')
    assert (chips.image_of_board("toaster"), chips.chip_of_board("Toaster")) == (
        *("X_1-SPIRAM", "esp32s3"),
    )


def test_one_byte_that_differs_is_seen(saved):
    data = bytearray(whole())
    data[0x10000 + 9000] ^= 4
    with pytest.raises(UserError, match="a checksum is not right"):
        image.check(saved(data))
    data[0x10000 + 9001] ^= 4  # the checksum is right again, the hash is not
    with pytest.raises(UserError, match="a hash is not right"):
        image.check(saved(data))


def test_another_hash_than_the_one_given_is_refused(saved):
    with pytest.raises(UserError, match="not the one given"):
        image.check(saved(whole()), "0" * 64)
    with pytest.raises(UserError, match="cannot be read"):
        image.check("/nowhere/board.bin")


def entries(table):
    """Return {label: (type, subtype, offset, size)} by what ESP-IDF documents of a table."""
    found, at = {}, 0
    while table[at : at + 2] == b"\xaa\x50":
        kind, subtype, start, size, label, _ = struct.unpack_from("<BBII16sI", table, at + 2)
        found[label.rstrip(b"\0").decode()] = (kind, subtype, start, size)
        at += 32
    assert table[at : at + 16] == b"\xeb\xeb" + b"\xff" * 14
    assert table[at + 16 : at + 32] == hashlib.md5(table[:at]).digest()
    assert set(table[at + 32 : 0xC00]) == {0xFF} and len(table) >= 0xC00
    return found


@pytest.mark.parametrize(("chip", "offset"), [(9, 0), (5, 0), (0, 0x1000)])
def test_an_image_is_written_with_a_rom_partition_and_is_the_same_else(saved, chip, offset):
    plain = whole(chip, offset=offset)
    path = saved(plain)
    made = image.with_rom(image.check(path))
    at = 0x8000 - offset
    assert made[:at] == plain[:at] and made[at + 0xC00 :] == plain[at + 0xC00 :]
    found = entries(made[at : at + 0xC00])
    assert found["romfs"] == (1, 0x8F, 0x200000, 0x30000), "as MicroPython's romfs table has it"
    assert found["factory"] == (0, 0, 0x10000, 0x1F0000) and found["nvs"][2] == 0x9000
    with open(path, "wb") as file:
        file.write(made)
    checked = image.check(path)  # still whole
    assert image.with_rom(checked) == made, "one is enough"


def test_a_file_system_in_the_table_gives_of_its_own():
    rows = [(0, 0, 0x10000, 0x1F0000, b"factory"), (1, 0x81, 0x200000, 0x200000, b"vfs")]
    table = b"".join(b"\xaa\x50" + struct.pack("<BBII16sI", *row, 0) for row in rows)
    table = (table + b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(table).digest()).ljust(
        0xC00, b"\xff"
    )
    found = entries(partitions.with_rom(table))
    assert found["romfs"] == (1, 0x8F, 0x200000, 0x30000)
    assert found["vfs"] == (1, 0x81, 0x230000, 0x1D0000)
    for wrong in (bytes(0xC00), table[:40] + b"x" + table[41:], table[:64] + bytes(0xB80)):
        with pytest.raises(ValueError, match="partition table"):
            partitions.with_rom(wrong)
    small = table.replace(struct.pack("<I", 0x200000), struct.pack("<I", 0x20000))
    small = small[:64] + b"\xff" * (0xC00 - 64)
    with pytest.raises(ValueError, match="too small"):
        partitions.with_rom(small)


def test_a_table_that_cannot_be_read_is_written_as_it_is(saved):
    plain = bytearray(whole(9))
    plain[0x8000 + 64 + 20] ^= 1  # its sum
    assert image.with_rom(image.check(saved(bytes(plain)))) is None


# --- what esptool says ---------------------------------------------------------------------------


@pytest.fixture
def esptool(monkeypatch, saved):
    """Return said(out, ...) -> what a write says of it: None, or its sentence; `asked` is how."""

    def said(out, error="", code=0):
        def run(command, **how):
            said.asked = command, how
            if code is None:
                raise subprocess.TimeoutExpired(command, how["timeout"])
            return subprocess.CompletedProcess(command, code, out, error)

        monkeypatch.setattr(image.subprocess, "run", run)
        try:
            return image._run("/dev/x", checked, "/made.bin")
        except UserError as refused:
            return str(refused)

    checked = image.check(saved(whole(0, offset=0x1000)))
    return said


def test_esptool_is_asked_to_erase_all_and_to_write_where_the_chip_begins(esptool):
    assert esptool("Hash of data verified.") is None
    command, how = esptool.asked
    assert command[1:] == [
        *["-m", "esptool", "--chip", "esp32", "--port", "/dev/x", "--baud", "460800"],
        *["write-flash", "--erase-all", "0x1000", "/made.bin"],
    ]
    assert how["timeout"] == 600 and how["stdin"] == subprocess.DEVNULL


@pytest.mark.parametrize(
    ("out", "error", "code", "words"),
    [
        ("Wrote 9 bytes", "", 0, "was not verified"),
        ("", "Hash of data verified", 0, None),
        ("Hash of data verified", "", 2, "could not write to the board at /dev/x (Hash of data"),
        ("", "Wrong chip\nargument", 1, "is not an esp32, which"),
        ("This chip is an ESP32-S3", "", 1, "is not an esp32, which"),
        ("Unexpected chip ID", "", 1, "is not an esp32, which"),
        ("", "[Errno 13] Permission denied", 2, "(dialout)"),
        ("", "permission denied", 2, "(dialout)"),
        ("one\n  last \n\n", "", 1, "(last); hold the board's BOOT button"),
        ("", "", 1, "(it said nothing)"),
        ("x" * 119 + "\x1b" + "y" * 9, "", 1, "(" + "x" * 119 + "y);"),
        ("", "", None, "at /dev/x stopped answering; hold the board's BOOT"),
    ],
)
def test_what_esptool_says_becomes_one_sentence(esptool, out, error, code, words):
    said = esptool(out, error, code)
    assert said is None if words is None else words in said


# --- the real esptool against a ROM that is none -------------------------------------------------


@pytest.fixture
def rom(tmp_path):
    """A chip's bootloader on a TCP port, by name."""
    running = []

    def start(chip):
        code = "from esp32_mock_bootloader.cli import main; main()"
        log = tmp_path / "rom.txt"
        words = [sys.executable, "-c", code, "run", "--chip", chip, "--port", "0"]
        environment = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
        with open(log, "wb") as file:
            running.append(
                subprocess.Popen(words, stdout=file, stderr=file, env=environment, cwd=tmp_path)
            )
        for _ in range(3000):
            said = log.read_text()
            if "listening on" in said or running[-1].poll() is not None:
                break
            time.sleep(0.01)
        assert "listening on" in said, said
        return "socket://" + said.split("listening on ")[1].split()[0]

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_esptool_writes_and_verifies_it(saved, rom):
    checked = image.check(saved(whole(9)))
    image.write(rom("esp32s3"), checked)


def test_another_chip_is_not_written_to(saved, rom):
    checked = image.check(saved(whole(9)))
    with pytest.raises(UserError, match="is not an esp32s3|esptool could not write"):
        image.write(rom("esp32c3"), checked)


def test_a_board_that_does_not_answer_is_told_what_to_press(saved):
    checked = image.check(saved(whole(9)))
    with pytest.raises(UserError, match="hold the board's BOOT button"):
        image.write("socket://127.0.0.1:1", checked)


def test_without_esptool_one_sentence_says_what_to_install(saved, monkeypatch):
    monkeypatch.setattr(image.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'notturno\[flash\]'"):
        image.write("p", image.check(saved(whole(9))))
