"""The wake sources of `esp32`. Touches the virtual pins through `_sim`."""

import _sim

WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = 0, 1


def wake_on_ext0(pin=None, level=None):
    if pin is not None:
        _sim.watch_pin(pin.number, 1)


def wake_on_ext1(pins=(), level=None):
    for pin in pins or ():
        _sim.watch_pin(pin.number, 1)


def wake_on_gpio(pins=(), level=None):
    wake_on_ext1(pins, level)


def gpio_deep_sleep_hold(enable):
    pass


def raw_temperature():
    return 95


def mcu_temperature():
    return 35
