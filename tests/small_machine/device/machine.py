"""`machine` on the small machine: pins of a XIAO on the plan of `world`, the chip on its bus.

Touches `world`. Refuses what a port would refuse; what nobody needs here is not there.
"""

import world
from chip import Chip

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
PIN_WAKE, TIMER_WAKE = 2, 4
VBUS, BUTTON = (5, 9)  # of the XIAO ESP32-C3; see boards/xiao_esp32c3.py
words_path = "/host/words.bin"
battery_uv = 1950000  # behind the divider
the_chip = None
feeds = 0


class Pin:
    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_DOWN, PULL_UP = 1, 2
    IRQ_RISING, IRQ_FALLING = 1, 2

    def __init__(self, number, mode=-1, pull=-1, value=None, hold=None, drive=None):
        self.number = number

    def init(self, mode=-1, pull=-1, value=None, hold=None, drive=None):
        pass

    def value(self, level=None):
        if self.number == VBUS:
            return 1 if world.docked() else 0
        if self.number == BUTTON:
            return 0 if world.pressed else 1
        return 1

    __call__ = value

    def on(self):
        pass

    off = on

    def irq(self, handler=None, trigger=3, wake=None, hard=False):
        pass


class ADC:
    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = 0, 1, 2, 3

    def __init__(self, pin, atten=3):
        pass

    def read_uv(self):
        return battery_uv


def I2C(number=0, scl=None, sda=None, freq=400000, timeout=50000):
    global the_chip
    if the_chip is None:
        the_chip = Chip(words_path)
    return the_chip


SoftI2C = I2C


class WDT:
    def __init__(self, id=0, timeout=5000):
        pass

    def feed(self):
        global feeds
        feeds += 1


class RTC:
    """Its memory is no heap: taken once, and copied to."""

    _memory = bytearray(2048)
    _kept = False

    def memory(self, data=None):
        if data is None:
            return bytes(RTC._memory) if RTC._kept else b""
        RTC._memory[:] = data
        RTC._kept = True

    def datetime(self, when=None):
        return (2000, 1, 1, 0, 0, 0, 0, 0)


def unique_id():
    return b"\x02\x4e\x54\x01\x02\x03"


def reset_cause():
    return PWRON_RESET


def wake_reason():
    return 0


def freq(hz=None):
    return 80000000


def lightsleep(ms=None):
    world.pass_ms(ms)


def deepsleep(ms=None):
    raise SystemExit


def reset():
    raise SystemExit


soft_reset = reset


def disable_irq():
    return 0


def enable_irq(state):
    pass
