"""Every name that the firmware takes from its port is one that the ESP32-C3's 1.29 has.

Checked by basedpyright with the stubs of that port. All that the C3 has in `machine`, `esp32`,
`bluetooth`, `vfs`, `time`, `gc`, `micropython`, `cryptolib` and `hashlib` the S3 has too, but for
`Encoder._phases` (compared name by name, stubs 1.29.0.post1): what is clean here is clean there.
"""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import small_kit

STUBS = Path(sysconfig.get_paths()["purelib"])
FIRMWARE = small_kit.ROOT / "firmware"
# What the firmware asks for and the port does not have, and why that is right.
KNOWN = {
    "_sim": "the virtual band's own; its absence says that the board is a real one",
    "VfsRom": "of vfs, where a port has ROM partitions; asked for before it is used",
    "getvalue": "of io.StringIO, which every port has; the stubs leave it out",
}
RULES = ("AttributeAccessIssue", "CallIssue", "UndefinedVariable", "MissingImports")


def complaints(tmp_path, *sources):
    """Return [(file, message)] of the checker on firmware files."""
    settings = {
        "include": [str(source) for source in sources],
        "exclude": [str(FIRMWARE / "boards" / "virtual.py")],
        "extraPaths": [str(FIRMWARE), str(FIRMWARE / "lib"), str(STUBS)],
        "typeshedPath": str(STUBS),
        "stubPath": str(STUBS),
        "typeCheckingMode": "off",
        **{f"report{rule}": "error" for rule in RULES},
    }
    config = tmp_path / "pyrightconfig.json"
    config.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "basedpyright", "-p", str(config), "--outputjson"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=small_kit.LIMIT_S)
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] > 0, done.stdout
    return [(Path(row["file"]).name, row["message"]) for row in found["generalDiagnostics"]]


def test_the_stubs_are_those_of_the_esp32_c3():
    head = (STUBS / "esp32.pyi").read_text(encoding="utf-8")[:1500]
    assert "v1.29.0-esp32-ESP32_GENERIC_C3" in head


def test_every_name_of_the_port_exists(tmp_path):
    unknown = [
        row
        for row in complaints(tmp_path, FIRMWARE)
        if not any(f'"{name}"' in row[1] for name in KNOWN)
    ]
    assert unknown == []


def test_a_name_that_the_port_has_not_is_found(tmp_path):
    """What the check is worth: wrong names of each module, and a wrong argument."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import bluetooth, esp32, machine, os, time\n"
        "machine.PWM_NEVER\n"
        "esp32.wake_on_moon()\n"
        "bluetooth.BLE().gatts_shout(1)\n"
        "time.sleep_hours(1)\n"
        "os.sink()\n"
        "machine.Pin(1, machine.Pin.IN).levels()\n"
    )
    words = " ".join(message for _, message in complaints(tmp_path, wrong))
    for name in ("PWM_NEVER", "wake_on_moon", "gatts_shout", "sleep_hours", "sink", "levels"):
        assert f'"{name}"' in words, name
