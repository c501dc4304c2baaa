"""A band's program, compiled once a run for the same sources, chip and version.

Touches the run's folder of compiled files, which all workers share: a program takes more than a
second, and each worker would compile the same ones.
"""

import fcntl
import hashlib
import os
import pickle
from pathlib import Path

from notturno import firmware_files
from notturno.flashing import package

really = package.build  # for who asks whether two builds are equal
_built = {}


def once(arch, folder=None, version=None):
    """Return package.build of the same arguments, from whichever worker made it first."""
    key = hashlib.sha256(f"{arch} {version}".encode())
    for name, path in firmware_files.sources(folder).items():
        key.update(name.encode() + path.read_bytes())
    name = f"program-{key.hexdigest()}"
    if name not in _built:
        _built[name] = shared(
            Path(os.environ["PYTHONPYCACHEPREFIX"]) / name, lambda: really(arch, folder, version)
        )
    return _built[name]


def shared(place, make):
    """Return what `make` makes; from a file of the run, where another worker was first."""
    with open(place, "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go as the file is closed, also by a process' end
        file.seek(0)
        if whole := file.read():
            return pickle.loads(whole)
        made = make()
        file.write(pickle.dumps(made))
        return made
