"""The virtual band: one more board. Its pins lead to the simulated world. Pin numbers only."""

import time

import machine

from boards import Board

EPOCH_2000_S = 946684800  # time.time() counts from there, as on every ESP32


class VirtualBoard(Board):
    name = "virtual"
    SDA = 5
    SCL = 6
    INT2 = 3
    BUTTON = 2
    VBUS = 1
    VBAT = 4
    DEEP_WAKE = (1, 2)
    LED = 7

    def device_id(self):
        """A virtual band says so in its name: no host can take its nights for a person's."""
        return b"VB" + machine.unique_id()[:6]

    def random_u32(self):
        """By the band's seed and the number of this boot: a night can be repeated to the byte."""
        import random

        return random.getrandbits(32)

    def rtc_utc_ms(self):
        """By the clock chip, set before the first evening, to the second; None without one."""
        import _sim

        if not _sim.clock_chip():
            return None
        return (int(time.time()) + EPOCH_2000_S) * 1000
