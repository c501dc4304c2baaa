"""The virtual band: the real firmware in the real MicroPython VM, in a world made here.

`VirtualBand` (band.py) holds the parts together: vm/ runs the firmware, shims/ stand under it,
chips/ are the registers it talks to, world.py is what it feels, radio.py how others reach it, over
an air (air.py) that several bands and hosts may share.
"""


def __getattr__(name):
    if name == "VirtualBand":
        from notturno.virtualband.band import VirtualBand

        return VirtualBand
    raise AttributeError(name)
