"""Puts the firmware onto virtual bands as mpy-cross compiles it, as a real band has it.

A start takes a third of its processor time to compile sixty sources, the same ones at each of some
hundred starts of a run. So each is compiled once, and kept in the run's own folder. A source stays
one where people read it (stage 0, config.py), where a test changed it, in bands that other
processes make (`notturno demo`), and in tests that ask for it.
"""

import functools
import os
import shutil
from pathlib import Path

import pytest


@functools.cache
def sources() -> dict[bytes, str]:
    """Return what the files that are compiled hold -> their names below the firmware."""
    from notturno import firmware_files

    found = firmware_files.sources().items()
    stay = {*firmware_files.STAGE_0, "config.py"}
    return {path.read_bytes(): name for name, path in found if name not in stay}


@functools.cache
def compiled(source: bytes) -> bytes | None:
    """Return the bytecode of a source of the firmware; None: it is none."""
    from fakes import programs
    from notturno.detect import viper

    name = sources().get(source)
    if name is None:
        return None
    place = Path(os.environ["PYTHONPYCACHEPREFIX"]) / f"bytecode-{name.replace('/', '-')}"
    return programs.shared(place, lambda: viper.compile_mpy(source.decode(), None, name))


def put(source: Path, target: Path) -> None:
    """Stand in for `flash.put`."""
    bytecode = compiled(Path(source).read_bytes()) if source.suffix == ".py" else None
    if bytecode is None:
        shutil.copyfile(source, target)
        return
    target.unlink(missing_ok=True)
    target.with_suffix(".mpy").write_bytes(bytecode)


def pytest_collection_finish():
    """Begin, in each process that runs tests."""
    from notturno.virtualband import flash

    flash.put = put


@pytest.fixture
def as_sources(monkeypatch):
    """Let bands have the firmware's sources, for what is about them."""
    from notturno.virtualband import flash

    monkeypatch.setattr(flash, "put", shutil.copyfile)
