"""Set-up on a Python without ensurepip: root gets it installed, others are told what to do."""

import importlib.util
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

TOOL = Path(__file__).resolve().parents[2] / "host" / "tools" / "make_venv.py"
PACKAGE = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


@pytest.fixture
def tool(monkeypatch):
    spec = importlib.util.spec_from_file_location("make_venv", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ran, made = [], []
    monkeypatch.setattr(module.subprocess, "run", lambda words, **_: ran.append(words))
    monkeypatch.setattr(module.venv, "create", lambda folder, **how: made.append(how))
    module.ran, module.made = ran, made
    return module


def lacking(tool, monkeypatch, user, apt="/usr/bin/apt-get"):
    monkeypatch.setattr(tool.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(tool.os, "geteuid", lambda: user)
    monkeypatch.setattr(tool.shutil, "which", lambda name: apt)


def test_a_whole_python_needs_nothing_installed(tool):
    tool.make_environment()
    assert tool.ran == [] and tool.made == [{"with_pip": True, "clear": False}]


def test_root_gets_the_missing_package(tool, monkeypatch):
    lacking(tool, monkeypatch, user=0)
    tool.make_environment()
    assert tool.ran[-1][:2] == ["apt-get", "install"] and tool.ran[-1][-1] == PACKAGE
    assert tool.made == [{"with_pip": True, "clear": False}]


@pytest.mark.parametrize(("user", "apt"), [(1000, "/usr/bin/apt-get"), (0, None)])
def test_others_are_told_what_to_install(tool, monkeypatch, user, apt):
    lacking(tool, monkeypatch, user, apt)
    with pytest.raises(SystemExit, match=f"install {PACKAGE}"):
        tool.make_environment()
    assert tool.ran == [] and tool.made == []


@pytest.fixture
def steps(tool, monkeypatch, tmp_path):
    """What set-up does in a folder without a .venv, in order; `steps.fails`: what ends in 1."""
    found = SimpleNamespace(done=[], fails=())

    def run(words, check=False, **_):
        found.done.append(words)
        code = int(any(word in words for word in found.fails))
        if check and code:
            raise tool.subprocess.CalledProcessError(code, words)
        return SimpleNamespace(returncode=code)

    @contextmanager
    def compiling(python):
        found.done.append("begin to compile")
        yield
        found.done.append("compiled")

    monkeypatch.setattr(tool, "VENV", tmp_path)
    monkeypatch.setattr(tool.subprocess, "run", run)
    monkeypatch.setattr(tool, "begin_compiling", compiling)
    monkeypatch.setattr(tool, "install_vm", lambda python: found.done.append("vm"))
    return found


def test_the_first_half_is_compiled_while_the_second_is_fetched(tool, steps, tmp_path):
    tool.main()
    renewed, first, *rest = steps.done
    assert renewed[-3:] == ["--upgrade", "--no-compile", "pip"]
    told = tomllib.loads((TOOL.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    extras = told["project"]["optional-dependencies"]
    needs = [*told["project"]["dependencies"], *extras["virtual"], *extras["fast"]]
    assert first[-len(needs) - 1 :] == ["--no-compile", *needs]
    whole = ["--no-compile", "-e", f"{tool.ROOT / 'host'}[virtual,fast,test]"]
    assert rest[1][-3:] == whole
    compiled = ["begin to compile", rest[1], "compiled", "begin to compile", "vm", "compiled"]
    assert rest == compiled
    assert (tmp_path / ".ready").is_file()


def test_a_pip_that_cannot_be_renewed_does_it_all(tool, steps, tmp_path):
    steps.fails = ("--upgrade",)
    tool.main()
    assert (tmp_path / ".ready").is_file()


def test_what_cannot_be_installed_is_not_taken_for_ready(tool, steps, tmp_path):
    steps.fails = ("-e",)
    with pytest.raises(tool.subprocess.CalledProcessError):
        tool.main()
    assert not (tmp_path / ".ready").exists()


def test_what_was_installed_is_compiled_without_others_tests(tool, monkeypatch, tmp_path):
    for name in ("a/b.py", "a/tests/test_b.py", "a/test/c.py", "a/testing/d.py", "a/broken.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{{ no }} python" if "broken" in name else "X = 1\n")
    monkeypatch.setattr(tool, "VENV", tmp_path)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    with tool.begin_compiling(sys.executable) as compiling:
        pass
    made = {path.name.split(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert made == {"b", "d"} and compiling.returncode is not None


def test_no_registry_is_known_by_its_address():
    assert "http" not in TOOL.read_text(encoding="utf-8")
