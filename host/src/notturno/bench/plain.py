"""Builds plain.c, the yardstick of speed, and runs it. Touches a compiler (`cc`) and a folder."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from notturno.detect.recording import Recording

SOURCE = Path(__file__).with_name("plain.c")
SPAN = np.dtype(
    [(name, np.float32) for name in ("onset", "end", "peak", "step", "energy")]
    + [(name, np.float32, 3) for name in ("vector", "before")]
    + [("floor", np.float32)]
    + [(name, np.int32) for name in ("cycles", "clipped", "open")]
)  # of plain.c: samples, mg and squares of mg
ROOM = 4096  # rows of a night, and more
# As ours: for this machine, and its jumps where they are quick (see detect.native), where it can
# be said.
_NATIVE = ("-O3", "-march=native")
FLAGS = ((*_NATIVE, "-Wa,-mbranches-within-32B-boundaries"), _NATIVE, ("-O3",))


class Machine:
    """The compiled machine."""

    def __init__(self, library) -> None:
        self._plain = library.plain
        self._plain.restype = ctypes.c_long

    @classmethod
    def built(cls, compiler: str = "cc") -> Self | None:
        """Return a Machine; None where the compiler is missing or refuses."""
        if shutil.which(compiler) is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "plain.so"
            for flags in FLAGS:
                command = [compiler, *flags, "-shared", "-fPIC", "-o", out, SOURCE, "-lm"]
                if not subprocess.run(command, capture_output=True, check=False).returncode:
                    return cls(ctypes.CDLL(str(out)))  # stays loaded when its file is gone
        return None

    def rows(self, recording: Recording) -> np.ndarray:
        """Return the bursts and movements of a recording by this machine, as SPAN, as they ended.

        The last ROOM of them, in a ring.
        """
        acc = np.ascontiguousarray(recording.acc)
        rows, sums = np.empty(ROOM, SPAN), (ctypes.c_float * 2)()
        found = self._plain(
            acc.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_long(len(acc)),
            ctypes.c_float(recording.mg_per_lsb),
            ctypes.c_float(recording.odr_hz),
            rows.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_long(ROOM),
            sums,
        )
        return rows[:found]
