"""Says which folders make the host package; the rest stands in pyproject.toml.

The shared room is not copied: it is mapped in from the firmware, and both sides import one file.
The wheel carries the whole firmware as data too, in notturno/firmware: a band is made from it. In
a source package the firmware lies beside this file, in the checkout one folder up. Both carry the
MicroPython VM of the virtual band, where set-up has fetched it, and the commit they are made of.
"""

import os
import runpy
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
FIRMWARE = "firmware" if (HERE / "firmware" / "main.py").exists() else "../firmware"
PACKAGE = Path("notturno")
VM = Path(PACKAGE, "virtualband", "vm", "node_modules", "@micropython")
VM /= "micropython-webassembly-pyscript"
VM_FILES = ("package.json", "micropython.mjs", "micropython.wasm")  # of its 2.4 MB, 0.6
FOR_PEOPLE = shutil.ignore_patterns("__pycache__", "*.pyc", "*.md")
# The same sources give the same wheel, whenever it is built: 2026-01-01, unless somebody says.
os.environ.setdefault("SOURCE_DATE_EPOCH", "1767225600")
os.umask(0o022)  # and whoever builds it: permissions are packed too


def take(source: str, target: Path) -> None:
    """Copy a folder, with the permissions of files that everybody may read."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / source, target, ignore=FOR_PEOPLE, copy_function=shutil.copyfile)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def take_vm(target: Path) -> None:
    """Copy the VM into a folder that becomes src/; without one here there is none in it."""
    source = HERE / "src" / VM
    if not source.is_dir():
        return
    (target / VM).mkdir(parents=True, exist_ok=True)
    for name in VM_FILES:
        shutil.copyfile(source / name, target / VM / name)


def keep_origin(target: Path) -> None:
    """Write commit and licence into a folder that becomes src/."""
    origin = runpy.run_path(str(HERE / "src" / PACKAGE / "origin.py"))
    (target / PACKAGE / origin["KEPT"].name).write_text(origin["commit"](), encoding="ascii")
    for place in (HERE / "src" / PACKAGE, HERE.parent):
        if (place / "LICENSE").is_file():
            shutil.copyfile(place / "LICENSE", target / PACKAGE / "LICENSE")
            return


class WithFirmware(build_py):
    """Build, and add firmware, VM and commit; an editable install finds them in the checkout."""

    def run(self):
        if not self.editable_mode:  # what an earlier build has left is no part of this one
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if self.editable_mode:
            return
        take(FIRMWARE, Path(self.build_lib) / "notturno" / "firmware")
        take_vm(Path(self.build_lib))
        keep_origin(Path(self.build_lib))
        for path in Path(self.build_lib).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)


class SourceWithFirmware(sdist):
    """A source package holds the same, and nothing from above its own folder."""

    def make_release_tree(self, base_dir, files):
        inside = [f for f in files if not os.path.normpath(f).startswith("..")]
        super().make_release_tree(base_dir, inside)
        take(FIRMWARE, Path(base_dir) / "firmware")
        take_vm(Path(base_dir) / "src")
        keep_origin(Path(base_dir) / "src")


setup(
    packages=[*find_packages("src"), "notturno_core"],
    package_dir={"": "src", "notturno_core": f"{FIRMWARE}/lib/notturno_core"},
    cmdclass={"build_py": WithFirmware, "sdist": SourceWithFirmware},
)
