"""What the tests of the virtual band share."""

import time
from pathlib import Path

from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline

PROGRAMS = Path(__file__).parent / "programs"
FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
START_UTC_S = 1_768_000_000.0
# Ends a test that hangs, and says nothing about speed: no busy machine takes so long.
HANG_S = 600.0
# Said to hang so soon, in tests that let it: four times what the longest part of a start computes.
SOON_HUNG_CPU_S = 1.2


def short_world(seconds=36.0, **kwargs):
    return Timeline([StillSource()], hours=seconds / 3600, **kwargs)


def make_band(folder, world=None, firmware=PROGRAMS / "clockwork", **kwargs):
    kwargs.setdefault("start_utc_s", START_UTC_S)
    return VirtualBand(folder, world or short_world(), firmware=firmware, **kwargs)


def wait_for(condition):
    """Wait until condition() is true; its last value is returned."""
    end_s = time.monotonic() + HANG_S
    while not (value := condition()) and time.monotonic() < end_s:
        time.sleep(0.02)
    return value
