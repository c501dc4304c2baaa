"""Is every name that the firmware takes from its port one that the ESP32-C3's 1.29 has?

Run from the checkout: port_names.py. Checked by basedpyright with the stubs of that port; touches
a temporary folder. Prints what is not there; ends with 1 where anything is not.
All that the C3 has in `machine`, `esp32`, `bluetooth`, `vfs`, `time`, `gc`, `micropython`,
`cryptolib` and `hashlib` the S3 has too, but for `Encoder._phases` (compared name by name, stubs
1.29.0.post1): what is clean here is clean there.
"""

import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

STUBS = Path(sysconfig.get_paths()["purelib"])
FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
# What the firmware asks for and the port does not have, and why that is right.
KNOWN = {
    "_sim": "the virtual band's own; its absence says that the board is a real one",
    "VfsRom": "of vfs, where a port has ROM partitions; asked for before it is used",
    "getvalue": "of io.StringIO, which every port has; the stubs leave it out",
}
RULES = ("AttributeAccessIssue", "CallIssue", "UndefinedVariable", "MissingImports")


def complaints(folder: Path, *sources: Path) -> list[tuple[str, int, str]]:
    """Return [(file, line, message)] of the checker on firmware files; folder: for its settings.

    Raises RuntimeError where it looked at no file.
    """
    settings = {
        "include": [str(source) for source in sources],
        "exclude": [str(FIRMWARE / "boards" / "virtual.py")],
        "extraPaths": [str(FIRMWARE), str(FIRMWARE / "lib"), str(STUBS)],
        "typeshedPath": str(STUBS),
        "stubPath": str(STUBS),
        "typeCheckingMode": "off",
        **{f"report{rule}": "error" for rule in RULES},
    }
    config = folder / "pyrightconfig.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "-p", str(config), "--outputjson"]
    done = subprocess.run(command, capture_output=True, text=True)
    found = json.loads(done.stdout)
    if not found["summary"]["filesAnalyzed"]:
        raise RuntimeError(done.stdout)
    return [
        (Path(row["file"]).name, row["range"]["start"]["line"] + 1, row["message"])
        for row in found["generalDiagnostics"]
    ]


def unknown(found: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """Return of the checker's complaints those that are not known and right."""
    return [row for row in found if not any(f'"{name}"' in row[2] for name in KNOWN)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = unknown(complaints(Path(folder), FIRMWARE))
    if found:
        raise SystemExit("\n".join(f"{name}:{line}: {what}" for name, line, what in found))
    print("The ESP32-C3's port has every name that the firmware takes from it.")


if __name__ == "__main__":
    main()
