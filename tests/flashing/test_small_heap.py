"""What an update asks of a small chip: the real program, real MicroPython, little memory.

Heaps are of a 64-bit build, where objects take some 1.9 times what they take on an ESP32.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from notturno.flashing import board as boards
from notturno.flashing import package, parcel, update
from notturno_core import protocol
from unix_boards import HERE, MICROPYTHON, UnixBoard

CABLE_HEAP, RADIO_HEAP = "90k", "112k"  # an ESP32-C3 begins with 64 kB, and grows


@pytest.fixture(scope="module")
def codes():
    """What a host runs on an empty board to flash it with the real program."""
    with UnixBoard() as board:
        board.record()
        update.update(board, boards.look(board), package.build("bytecode"))
        return board.codes


def ran(folder, codes, heap):
    disk = folder / "flash"
    disk.write_bytes(bytes(512 * 4096))
    words = [MICROPYTHON, "-X", f"heapsize={heap}", str(HERE / "on_small.py"), str(disk)]
    said = "\n".join(map(json.dumps, codes)) + "\n"
    done = subprocess.run(words, input=said, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_flashing_by_cable_fits(codes, tmp_path):
    assert "all of it ran" in ran(tmp_path, codes, CABLE_HEAP)


def test_taking_a_parcel_fits(codes, tmp_path):
    """With the modules that it needs; the radio and what waits beside it are not counted."""
    packed = package.build("bytecode")
    old = json.loads(packed.manifest)
    for name in list(old["files"])[:8]:
        old["files"][name][1] = "0" * 64
    data, names = parcel.program_parcel(packed, old)
    assert len(names) == 8
    digest = hashlib.sha256(data).digest()
    steps = [
        "remove = hashes = about = None\nimport sys, gc\nsys.path[:0] = ['/slot_a', '/slot_a/lib']"
    ]
    steps += [
        "import slots\nslots.choose()\nslots.confirm()",
        "import asyncio, parcels\ngc.collect()",
    ]
    steps.append(
        f"p = parcels.Parcels()\np.begin({protocol.PARCEL_PROGRAM}, {len(data)}, {digest!r})"
    )
    n = protocol.PIECE_MAX
    steps += [f"p.piece({k}, {data[k : k + n]!r})" for k in range(0, len(data), n)]
    steps.append("asyncio.run(p.unpack())\nassert slots.read() == (1, 2, 0, 0)")
    assert "all of it ran" in ran(tmp_path, [*codes, *steps], RADIO_HEAP)
