"""Random schedules with faults everywhere: no record is stuck, lost, doubled or made up.

NOTTURNO_SCHEDULES=10000 lives that many lives.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
import schedules
from whole import whole_or

COUNT = int(os.environ.get("NOTTURNO_SCHEDULES", whole_or(40, 16)))
FIRST = int(os.environ.get("NOTTURNO_FIRST", "0"))
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_stuck_lost_doubled_or_made_up(part, tmp_path):
    for seed in range(FIRST + part, FIRST + COUNT, PARTS):
        schedules.live(seed, tmp_path)
