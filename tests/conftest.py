"""What every test may count on: the firmware's flash is importable path for path."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRMWARE = ROOT / "firmware"
for folder in (FIRMWARE,):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))

pytest_plugins = ["missing_emulator"]  # speaks in the last lines where an emulator was not there
