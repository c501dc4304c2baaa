"""The wake sources of `esp32`. Touches the virtual pins through `_sim`.

A pin is given its level to wake at: 2 low, 3 high. What a real port does badly stands here too.
"""

import _sim
import machine

WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True


def _watch(pins, level):
    for pin in pins:
        _sim.watch_pin(pin.number, 3 if level == WAKEUP_ANY_HIGH else 2)


def wake_on_ext0(pin=None, level=None):
    """The pad goes over to the RTC: after a sleep it reads 0 until the pin is made anew."""
    if pin is not None:
        machine.Pin._rtc_pads.add(pin.number)
        _watch((pin,), level)


def wake_on_ext1(pins=(), level=None):
    for pin in pins or ():
        machine.Pin._rtc_pads.add(pin.number)
    _watch(pins or (), level)


def wake_on_gpio(pins=(), level=None):
    """From MicroPython 1.28 on: any pin, for light sleep; leaves the pad as it is."""
    _watch(pins or (), level)


def gpio_deep_sleep_hold(enable):
    pass


def raw_temperature():
    return 95


def mcu_temperature():
    return 35
