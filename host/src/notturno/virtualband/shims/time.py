"""The clock of an ESP32: seconds count from 2000, and sleeping lets virtual time pass.

Touches the virtual clock. Speaks s, ms and us as the real module does.
"""

import _sim
from utime import *  # noqa: F403
from utime import gmtime as _gmtime
from utime import mktime as _mktime
from utime import ticks_add, ticks_diff, ticks_ms

_EPOCH_2000_S = 946684800


def sleep_ms(ms):
    import _vm

    end = ticks_add(ticks_ms(), max(0, ms))
    while True:
        left = ticks_diff(end, ticks_ms())
        if left <= 0:
            return
        _sim.wait(left)
        if _sim.events():
            _vm.deliver()


def sleep(s):
    sleep_ms(int(s * 1000))


def sleep_us(us):
    if us > 0:
        sleep_ms((us + 999) // 1000)


def time():
    return _sim.rtc_s()


def time_ns():
    # The second may change between the two readings.
    before = _sim.rtc_s()
    us = _sim.rtc_us()
    after = _sim.rtc_s()
    return ((after if us < 500000 else before) * 1000000 + us) * 1000


def gmtime(s=None):
    return _gmtime((time() if s is None else s) + _EPOCH_2000_S)


localtime = gmtime


def mktime(when):
    return _mktime(when) - _EPOCH_2000_S
