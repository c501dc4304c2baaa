"""Where a run's own files lie: in memory, where there is room; nothing here outlives the run.

A store waits for the disk at every commit, some fifty times a test; and each program that a test
starts would compile notturno anew wherever nothing may be written beside the source. What pip and
Python's own installer compiled is linked there, or each worker would compile 2000 files of others.
"""

import contextlib
import os
import shutil
import sys
import sysconfig
import tempfile

SHM, MEMORY = "/dev/shm", "/proc/meminfo"
LEAST_BYTES = 4 << 30  # a run leaves some 300 MB at a time; no machine is to be filled by it
COMPILED = "notturno-compiled-"
NEVER_IMPORTED = ("site-packages", "test", "tests", "lib2to3")  # below a folder of libraries


def root() -> str | None:
    """Return a folder in memory that programs may be run from, or None: there is no such."""
    try:
        flags, free = os.statvfs(SHM).f_flag, shutil.disk_usage(SHM).free
        with open(MEMORY, encoding="ascii") as file:
            said = dict(line.split(":", 1) for line in file)
        free = min(free, int(said["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):
        return None
    fits = free >= LEAST_BYTES and os.access(SHM, os.W_OK) and not flags & os.ST_NOEXEC
    return SHM if fits else None


def begin() -> None:
    """Let this process, its workers and the programs they start keep their files there."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # begun by the process that started it
    folder = root()
    if folder:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp(prefix=COMPILED, dir=folder)
    for top in {sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")}:
        link(top, os.environ["PYTHONPYCACHEPREFIX"])


def link(top: str, prefix: str) -> None:
    """Link what was compiled below a folder to where Python looks for it with such a prefix.

    A file that is older than its source is compiled anew, into the link's place.
    """
    ending = f".{sys.implementation.cache_tag}.pyc"
    for here, inner, names in os.walk(top):
        folder, last = os.path.split(here)
        inner[:] = [each for each in inner if each not in NEVER_IMPORTED]
        if last != "__pycache__" or not any(name.endswith(ending) for name in names):
            continue
        place = prefix + folder
        os.makedirs(place, exist_ok=True)
        for name in names:
            if name.endswith(ending):
                with contextlib.suppress(OSError):  # one library folder may lie within another
                    os.symlink(os.path.join(here, name), os.path.join(place, name))


def end() -> None:
    """Take the compiled files away."""
    folder = os.environ.get("PYTHONPYCACHEPREFIX", "")
    if "PYTEST_XDIST_WORKER" not in os.environ and COMPILED in folder:
        shutil.rmtree(folder, ignore_errors=True)
