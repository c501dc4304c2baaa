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
FLAGS = (("-O3", "-march=native"), ("-O3",))  # as ours: for this machine, where it can be said


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

    def rows(self, recording: Recording) -> int:
        """Return how many bursts and movements a recording has, by this machine."""
        acc = np.ascontiguousarray(recording.acc)
        return self._plain(
            acc.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_long(len(acc)),
            ctypes.c_float(recording.mg_per_lsb),
            ctypes.c_float(recording.odr_hz),
            ctypes.byref(ctypes.c_float()),
        )
