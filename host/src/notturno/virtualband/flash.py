"""The band's flash: a folder that survives restarts, and that one band at a time may use.

Touches `<folder>/flash`, `<folder>/lock` and `<folder>/boots` (how often it was switched on). The
folder itself is the one owner of the data: the VM reads and writes its files directly. Program
files are those of `firmware/`, copied anew at each start of the band (a program changed by
mpremote lasts until then); all other files stay.
"""

import fcntl
import shutil
from pathlib import Path

from notturno.errors import UserError

SLOTS = {"slot_a", "slot_b"}  # what `notturno flash` fills: no copy of the firmware's folder
PROGRAM_SUFFIXES = {".py", ".mpy", ".json"}
NOT_FOR_THE_BAND = {"__pycache__"}


def put(source: Path, target: Path) -> None:
    """Put one file of the program where the band finds it."""
    shutil.copyfile(source, target)


class Flash:
    """The flash folder, locked while this object lives; `fileno`: of the lock, to inherit."""

    def __init__(self, folder: Path, firmware: Path) -> None:
        self.folder = Path(folder) / "flash"
        self._boots = Path(folder) / "boots"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = open(Path(folder) / "lock", "w")  # noqa: SIM115  (lives as long as we)
        except OSError as error:
            raise UserError(
                "The virtual band's folder {folder} cannot be written "
                "({why_said}); choose another with --data-dir.",
                folder=folder,
                why_said=error.strerror,
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise UserError(
                "Another virtual band is using {folder}; stop it, or give this "
                "one its own folder with --data-dir.",
                folder=self.folder,
            ) from None
        try:
            self._install(Path(firmware))
        except OSError as error:
            self.close()
            raise UserError(
                "The firmware cannot be copied to {folder}: {why_said}.",
                folder=self.folder,
                why_said=error,
            ) from error

    @property
    def fileno(self) -> int:
        """The lock's file descriptor, for the VM's process to inherit."""
        return self._lock.fileno()

    def next_boot(self) -> int:
        """Count a boot in the life of this flash, from 1; return its number."""
        try:
            boots = int(self._boots.read_text())
        except (FileNotFoundError, ValueError):
            boots = 0
        self._boots.write_text(f"{boots + 1}\n")
        return boots + 1

    def _install(self, firmware: Path) -> None:
        wanted = {
            path.relative_to(firmware)
            for path in sorted(firmware.rglob("*"))
            if path.is_file()
            and path.suffix in PROGRAM_SUFFIXES
            and not NOT_FOR_THE_BAND & set(path.parts)
        }
        for path in self.folder.rglob("*.py"):  # a module taken out of the firmware goes
            relative = path.relative_to(self.folder)
            if relative not in wanted and relative.parts[0] not in SLOTS:
                path.unlink()
        for relative in wanted:
            target = self.folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            put(firmware / relative, target)

    def close(self) -> None:
        """Let go of the lock."""
        self._lock.close()
