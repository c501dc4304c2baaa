"""Where the room's tests find the fakes, and the firmware that they run."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(Path(__file__).parent), str(ROOT / "tests" / "fakes")]
sys.path += [str(ROOT / "firmware"), str(ROOT / "firmware" / "lib")]
