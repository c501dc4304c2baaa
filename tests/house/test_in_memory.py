"""Where a run's files lie, that nothing of them stays, and where no garbage is looked for."""

import gc
import os
import py_compile
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import in_memory
import pytest


@pytest.fixture
def machine(monkeypatch):
    """A machine with room in memory, from which programs may be run."""
    has = SimpleNamespace(free=5 << 30, flags=0)
    monkeypatch.setattr(in_memory.os, "statvfs", lambda _: SimpleNamespace(f_flag=has.flags))
    monkeypatch.setattr(in_memory.os, "access", lambda *_: True)
    monkeypatch.setattr(in_memory.shutil, "disk_usage", lambda _: SimpleNamespace(free=has.free))
    return has


def test_memory_is_taken_where_there_is_room(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(in_memory, "MEMORY", tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 4194304 kB\n")
    assert in_memory.root() == in_memory.SHM
    (tmp_path / "meminfo").write_text("MemAvailable: 4194303 kB\n")
    assert in_memory.root() is None
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\n")
    assert in_memory.root() is None


@pytest.mark.parametrize("what", [{"free": (4 << 30) - 1}, {"flags": os.ST_NOEXEC}])
def test_and_nowhere_else(machine, monkeypatch, tmp_path, what):
    monkeypatch.setattr(in_memory, "MEMORY", tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text("MemAvailable: 4194304 kB\n")
    vars(machine).update(what)
    assert in_memory.root() is None


def test_what_was_compiled_goes_with_the_run(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(in_memory, "root", lambda: str(tmp_path))
    (tmp_path / "its_module.py").write_text("")
    linked = []
    monkeypatch.setattr(in_memory, "link", lambda *folders: linked.append(folders))
    in_memory.begin()
    subprocess.run([sys.executable, "-c", "import its_module"], check=True)
    (compiled,) = tmp_path.glob("notturno-compiled-*")
    assert list(compiled.rglob("its_module.*.pyc")) and not (tmp_path / "__pycache__").exists()
    assert (sysconfig.get_path("purelib"), str(compiled)) in linked
    in_memory.end()
    assert not compiled.exists()


def test_what_an_installer_compiled_is_not_compiled_again_unless_its_source_is_newer(
    monkeypatch, tmp_path
):
    libraries, prefix = tmp_path / "libraries", tmp_path / "prefix"
    (libraries / "inner").mkdir(parents=True)
    for name in ("same", "inner/newer"):
        (libraries / f"{name}.py").write_text("SAID = 'first'\n")
        source, ending = libraries / f"{name}.py", f".{sys.implementation.cache_tag}.pyc"
        compiled = source.parent / "__pycache__" / f"{source.stem}{ending}"
        py_compile.compile(str(source), str(compiled))
    (libraries / "inner" / "newer.py").write_text("SAID = 'then'\n")
    in_memory.link(str(libraries), str(prefix))
    in_memory.link(str(libraries / "inner"), str(prefix))  # where one folder lies in another
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(libraries))
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(prefix))
    code = "import same, inner.newer; print(same.SAID, inner.newer.SAID)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout == "first then\n"
    ours = Path(f"{prefix}{libraries}").rglob("*.pyc")
    assert {path.name: path.is_symlink() for path in ours} == {
        f"same{ending}": True,
        f"newer{ending}": False,
    }
    assert b"first" in compiled.read_bytes()  # of the newer one: it is not ours to write


def test_a_worker_neither_begins_nor_ends(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "notturno-compiled-x"))
    (tmp_path / "notturno-compiled-x").mkdir()
    in_memory.begin()
    in_memory.end()
    assert os.environ["PYTHONPYCACHEPREFIX"] == str(tmp_path / "notturno-compiled-x")
    assert (tmp_path / "notturno-compiled-x").exists()


def test_no_search_for_garbage_looks_through_what_was_loaded_to_begin_with():
    """The firmware searches for it every few minutes of its time: each took half a second here."""
    new = []
    searched = {id(one) for one in gc.get_objects()}  # what is frozen is none of them
    assert id(new) in searched
    loaded = [value for value in globals().values() if callable(value)]
    assert loaded and not any(id(one) in searched for one in loaded)
