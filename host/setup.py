"""Says which folders make the host package; the rest stands in pyproject.toml.

The shared room is not copied: it is mapped in from the firmware, and both sides import one file.
The wheel carries the whole firmware as data too, in notturno/firmware: a band is made from it. In
a source package the firmware lies beside this file, in the checkout one folder up.
"""

import os
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
FIRMWARE = "firmware" if (HERE / "firmware" / "main.py").exists() else "../firmware"
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


class WithFirmware(build_py):
    """Build, and add the firmware; an editable install finds it in the checkout."""

    def run(self):
        if not self.editable_mode:  # what an earlier build has left is no part of this one
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if self.editable_mode:
            return
        take(FIRMWARE, Path(self.build_lib) / "notturno" / "firmware")
        for path in Path(self.build_lib).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)


class SourceWithFirmware(sdist):
    """A source package holds the firmware, and nothing from above its own folder."""

    def make_release_tree(self, base_dir, files):
        inside = [f for f in files if not os.path.normpath(f).startswith("..")]
        super().make_release_tree(base_dir, inside)
        take(FIRMWARE, Path(base_dir) / "firmware")


setup(
    packages=[*find_packages("src"), "notturno_core"],
    package_dir={"": "src", "notturno_core": f"{FIRMWARE}/lib/notturno_core"},
    cmdclass={"build_py": WithFirmware, "sdist": SourceWithFirmware},
)
