"""What a run was given, told apart from the same files changed since.

Touches the files: their sizes and times.
"""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from typing import NamedTuple

COARSE_NS = 20_000_000  # by so much a file's time of change may lag behind the clock


class Inputs(NamedTuple):
    """told: for settings.json, the same wherever the files lie; changed_ns: when the newest of
    them was changed; read_ns: what is changed later than that is not what was read."""

    told: dict
    changed_ns: int
    read_ns: int


def read_from(files: Sequence[tuple[str, str]]) -> Inputs:
    """Return the Inputs of (path, name) of every file that is read."""
    now_ns = time.time_ns() - COARSE_NS
    stamps = [(name, *stamp_of(path)[1:]) for path, name in files]
    sizes = sorted({(name, size) for name, size, _ in stamps})
    told = {"files": len(sizes), "names_and_sizes": digest(sizes)}
    changed_ns = max((at_ns for *_, at_ns in stamps), default=-1)
    return Inputs(told, changed_ns, max(changed_ns, now_ns))


def stamp_of(path: str) -> list:
    """Return what tells a file from the same one changed: path, bytes, time of change (ns).

    -1 for both of one that is gone: its reader says so.
    """
    try:
        stat = os.stat(path)
    except OSError:
        return [str(path), -1, -1]
    return [str(path), stat.st_size, stat.st_mtime_ns]


def digest(value: Sequence[Sequence | str]) -> str:
    """Return the SHA-256 (hex) of something that JSON can say."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
