"""MicroPython itself: is a file the image of one for this chip, whole, and new enough? Write it.

Touches the file, and a board through esptool (PyPI, the extra `flash`), which runs as a program of
its own. The layout of images and partition tables is that of Espressif's ESP-IDF ("Firmware Image
Format" of the esptool documentation; esp_partition table, 32 bytes an entry).
"""

import hashlib
import importlib.util
import re
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from notturno.errors import Phrase, UserError, unreadable
from notturno.flashing import chips, partitions

MAGIC = 0xE9
CHECKSUM_SEED = 0xEF
# chip id of the extended header -> (esptool's name, where its bootloader lies in the flash)
CHIPS = {0: ("esp32", 0x1000), 5: ("esp32c3", 0), 9: ("esp32s3", 0), 13: ("esp32c6", 0)}
OFFICIAL_NAME = re.compile(r"-(\d{8})-v(\d+\.\d+(?:\.\d+)?)\.bin$")
TABLE_AT = 0x8000
APP = 0x00
MAX_BYTES = 16 << 20
BANNER = re.compile(rb"MicroPython v(\d+\.\d+[\d.]*(?:-[a-z0-9.-]+)?)")
BAUD = "460800"
TIMEOUT_S = 600.0
ADVICE = (
    "hold the board's BOOT button, press RESET once, let BOOT go, and try again (with a cable "
    "that carries data)"
)


@dataclass(frozen=True)
class Image:
    """A checked image: for which chip (esptool's name), written at `offset` of the flash."""

    path: Path
    chip: str
    offset: int
    version: str
    sha256: str

    @property
    def words(self) -> str:
        """What it is, in words for a person."""
        return Phrase("MicroPython {version} for the {chip}", version=self.version, chip=self.chip)


def find(path: str, board: str | None) -> str:
    """Return the image's file: `path`, or in a folder the newest official one for the board.

    Raises UserError where the folder has none, or the board is not said.
    """
    if not Path(path).is_dir():
        return path
    if board is None:
        raise UserError(
            "{path} is a folder; name the image itself, or the board with --board ({official}).",
            path=path,
            official=", ".join(chips.real_boards()),
        )
    prefix = chips.image_of_board(board)
    found = {}
    for file in Path(path).glob(f"{prefix}-*.bin"):
        said = OFFICIAL_NAME.fullmatch(file.name[len(prefix) :])
        if said:
            found[chips.version_of(said[2]), said[1]] = file
    if not found:
        raise UserError(
            "There is no {prefix}-DATE-vVERSION.bin in {path}; load it from "
            "MicroPython's download page.",
            prefix=prefix,
            path=path,
        )
    return str(found[max(found)])


def check(path: str, sha256: str | None = None, board: str | None = None) -> Image:
    """Return what an image is.

    Raises UserError where it is not whole, not MicroPython, too old, for another chip than the
    board's, or has another SHA-256 than it should have.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and sha256.strip().lower() != found:
        raise UserError(
            "{path} has the SHA-256 {found}, not the one given; load it anew.",
            path=path,
            found=found,
        )
    chip, offset = _chip(path, data)
    try:
        _whole(data, 0)
        _whole(data, _app_at(data, offset))
    except (ValueError, struct.error, IndexError) as error:
        raise UserError(
            "{path} is damaged or not all there ({why_said}); load it anew.",
            path=path,
            why_said=error,
        ) from None
    banner = BANNER.search(data)
    if banner is None:
        raise UserError(
            "{path} is not MicroPython; take the .bin of the board's download page.", path=path
        )
    version = banner.group(1).decode()
    if chips.version_of(version) < chips.LEAST_MICROPYTHON:
        least = ".".join(map(str, chips.LEAST_MICROPYTHON))
        raise UserError(
            "{path} is MicroPython {version}; {least} or newer is needed.",
            path=path,
            version=version,
            least=least,
        )
    wanted = None if board is None else chips.chip_of_board(board)
    if wanted not in (None, chip):
        raise UserError(
            "{path} is for the {chip}, and a {board} has an {wanted}.",
            path=path,
            chip=chip,
            board=board,
            wanted=wanted,
        )
    return Image(Path(path), chip, offset, version, found)


def _chip(path: str, data: bytes) -> tuple[str, int]:
    if len(data) > MAX_BYTES or len(data) < TABLE_AT or data[0] != MAGIC:
        raise UserError(
            "{path} is no image for an ESP32; take its .bin, not .uf2 or .zip.", path=path
        )
    number = struct.unpack_from("<H", data, 12)[0]
    if number not in CHIPS:
        raise UserError(
            "{path} is for a chip that notturno has no program for ({number}).",
            path=path,
            number=number,
        )
    return CHIPS[number]


def _app_at(data: bytes, offset: int) -> int:
    """Return where the application begins, by the partition table; raises ValueError."""
    at = TABLE_AT - offset
    while data[at : at + 2] == b"\xaa\x50":
        kind, _, start = struct.unpack_from("<BBI", data, at + 2)
        if kind == APP:
            return start - offset
        at += 32
    raise ValueError(Phrase("it has no application"))


def _whole(data: bytes, at: int) -> None:
    """Raise ValueError where an image's checksum or hash is not right."""
    magic, segments = data[at], data[at + 1]
    if magic != MAGIC or not 0 < segments <= 16:
        raise ValueError(Phrase("no image begins at {at:#x}", at=at))
    hashed = data[at + 23]
    end, checksum = at + 24, CHECKSUM_SEED
    for _ in range(segments):
        length = struct.unpack_from("<I", data, end + 4)[0]
        part = data[end + 8 : end + 8 + length]
        if len(part) != length:
            raise ValueError(Phrase("it ends early"))
        for k in range(0, length, 4096):  # xor of all bytes, some at a time
            piece = part[k : k + 4096]
            folded = int.from_bytes(piece, "little")
            width = 4096
            while width > 1:
                width //= 2
                folded = (folded >> 8 * width) ^ (folded & (1 << 8 * width) - 1)
            checksum ^= folded
        end += 8 + length
    end += 16 - (end - at) % 16
    if data[end - 1] != checksum:
        raise ValueError(Phrase("a checksum is not right"))
    if hashed and data[end : end + 32] != hashlib.sha256(data[at:end]).digest():
        raise ValueError(Phrase("a hash is not right"))


def with_rom(image: Image) -> bytes | None:
    """Return the image's bytes with a ROM partition in its table; None where it takes none."""
    data = image.path.read_bytes()
    at = TABLE_AT - image.offset
    end = at + partitions.TABLE_BYTES
    try:
        return data[:at] + partitions.with_rom(data[at:end]) + data[end:]
    except ValueError:
        return None


def write(port: str, image: Image) -> None:
    """Erase the board at a port and write the image, verified by esptool. Raises UserError.

    Its partition table gets a ROM partition, where it takes one: see partitions.py.
    """
    if importlib.util.find_spec("esptool") is None:
        raise UserError(
            "MicroPython is written with esptool; install it: pip install 'notturno[flash]'."
        )
    with tempfile.TemporaryDirectory() as folder:
        path, data = image.path, with_rom(image)
        if data is not None:
            path = Path(folder) / image.path.name
            path.write_bytes(data)
        _run(port, image, path)


def _run(port: str, image: Image, path: str | Path) -> None:
    command = [sys.executable, "-m", "esptool", "--chip", image.chip, "--port", port]
    command += ["--baud", BAUD, "write-flash", "--erase-all", hex(image.offset), str(path)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise UserError(
            "The board at {port} stopped answering; {advice_said}.", port=port, advice_said=ADVICE
        ) from None
    said = done.stdout + done.stderr
    if done.returncode:
        raise _why_not(port, image, said)
    if "Hash of data verified" not in said:
        raise UserError(
            "What was written to the board at {port} was not verified; try again.", port=port
        )


def _why_not(port: str, image: Image, said: str) -> UserError:
    """Return the UserError for what esptool said."""
    text = " ".join(said.split())
    if "Wrong chip argument" in text or "This chip is" in text or "Unexpected chip ID" in text:
        return UserError(
            "The board at {port} is not an {chip}, which {path} is for.",
            port=port,
            chip=image.chip,
            path=image.path,
        )
    if "ermission denied" in text:
        return UserError(
            "This account may not use {port}; add it to the port's group (dialout).", port=port
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = "".join(c for c in (lines or [Phrase("it said nothing")])[-1] if c.isprintable())[:120]
    return UserError(
        "esptool could not write to the board at {port} ({last_said}); {advice_said}.",
        port=port,
        last_said=last,
        advice_said=ADVICE,
    )
