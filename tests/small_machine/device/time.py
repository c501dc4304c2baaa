"""The clock of the small machine: it moves only when somebody sleeps. Stands before `time`."""

import world
from utime import ticks_add, ticks_diff, ticks_ms  # noqa: F401  handed on

_MASK = (1 << 29) - 1 << 1 | 1
_BEGAN = ticks_ms()


def ticks_ms():
    return _BEGAN + world.now_ms & _MASK


def ticks_us():
    return ticks_ms()


ticks_cpu = ticks_us


def sleep_ms(ms):
    world.pass_ms(ms)


def sleep(s):
    world.pass_ms(int(s * 1000))


def sleep_us(us):
    pass


def time():
    return world.now_ms // 1000


def gmtime(s=None):
    return (2026, 1, 12, 22, 30, 0, 0, 12)


localtime = gmtime


def time_ns():
    """The RTC: it began with the machine."""
    return ticks_ms() * 1000000
