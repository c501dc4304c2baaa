"""The power gone at any write of an evening: records, settings and an update on one flash.

Real MicroPython, real littlefs, the firmware's own log. What was flushed is there afterwards, once
and in order; settings are the old ones or the new; one whole version of the program starts.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from notturno.flashing import board as boards
from notturno.flashing import package, parcel, plain, update
from notturno_core import protocol
from unix_boards import FIRMWARE, UnixBoard, small_firmware
from whole import whole_or

EVENING = """
import machine, struct
from storage import FolderStorage
from notturno_core.eventlog import EventLog
log = EventLog(FolderStorage("/log"), lambda: 77)
log.open()
def note(n):
    for _ in range(n):
        log.append(7, struct.pack("<II", log.next_seq, 123456789) + bytes(40))
    log.flush()
    machine.durable = log.next_seq
"""
CHECKS = """
import struct
how = start(1)
ran = machine.ran
from storage import FolderStorage
from notturno_core.eventlog import EventLog
log = EventLog(FolderStorage("/log"), lambda: 77)
log.open()
frames = [bytes(frame) for frame in log.frames_from(0)]
seqs = [struct.unpack_from("<I", frame)[0] for frame in frames]
whole = all(struct.unpack_from("<I", frame, 6)[0] == seq for frame, seq in zip(frames, seqs))
kept = seqs == list(range(1, len(seqs) + 1)) and len(seqs) + 1 >= machine.durable
settings = open("/settings.json", "rb").read()
found = [how, ran, whole and kept, settings in (OLD, NEW), open("/key.bin", "rb").read() == KEY]
"""
OLD, NEW = plain.settings_text({"ODR_HZ": 52}), plain.settings_text({"ODR_HZ": 208})
KEY = bytes(range(36))


def make(folder, version):
    small_firmware(folder, version, "slots.confirm()", 4)
    for name in ("parcels.py", "flashfiles.py", "settings.py", "storage.py"):
        shutil.copyfile(FIRMWARE / name, folder / name)
    text = (FIRMWARE / "config.py").read_text()
    said = package.version_in(text)
    (folder / "config.py").write_text(text.replace(f'"{said}"', f'"{version}"'))
    core = folder / "lib" / "notturno_core"
    for path in (FIRMWARE / "lib" / "notturno_core").glob("*.py"):
        shutil.copyfile(path, core / path.name)
    with open(core / "wire.py", "a") as file:
        file.write(f"VERSION = {version!r}\n")
    return package.build("bytecode", folder)


def parcel_codes(kind, data, piece):
    digest = hashlib.sha256(data).digest()
    yield f"p.begin({kind}, {len(data)}, {digest!r})"
    for at in range(0, len(data), piece):
        yield f"p.piece({at}, {data[at : at + piece]!r})"
    yield "asyncio.run(p.unpack())"


@pytest.mark.parametrize("torn", whole_or([0, 2], [2]))
def test_an_evening_with_records_settings_and_an_update(tmp_path, torn):
    one, two = make(tmp_path / "1", "1.0"), make(tmp_path / "2", "2.0")
    data, _ = parcel.program_parcel(two, json.loads(one.manifest))
    codes = ["import machine\nmachine.durable = 1\nstart(1)", EVENING, "note(60)"]
    codes += ["import asyncio, parcels\np = parcels.Parcels()"]
    for code in parcel_codes(protocol.PARCEL_SETTINGS, NEW, 1000):
        codes += [code, "note(3)"]
    for code in parcel_codes(protocol.PARCEL_PROGRAM, data, 1500):
        codes += [code, "note(5)"]
    codes += ["note(40)", "start(1)"]
    with UnixBoard(blocks=256) as board:
        board.write("/key.bin", KEY)
        board.write("/settings.json", OLD)
        update.update(board, boards.look(board), one)
        board.start()
        board.plug()
        values = f"OLD, NEW, KEY = {OLD!r}, {NEW!r}, {KEY!r}\n"
        writes, found = board.cuts(codes, values + CHECKS, (torn,))
    right = [True, True, True]
    assert set(found) == {json.dumps(["reset", [v], *right]) for v in ("1.0", "2.0")}
    assert sum(found.values()) == writes > 200
