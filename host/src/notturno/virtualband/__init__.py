"""The virtual band: the real firmware in the real MicroPython VM, in a world made here.

`VirtualBand` (band.py) holds the parts together: vm/ runs the firmware, shims/ stand under it,
chips/ are the registers it talks to, world.py is what it feels, radio.py how others reach it, over
an air (air.py) that several bands and hosts may share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.virtualband.band import VirtualBand


def __getattr__(name: str) -> type[VirtualBand]:
    if name == "VirtualBand":
        from notturno.virtualband.band import VirtualBand

        return VirtualBand
    raise AttributeError(name)
