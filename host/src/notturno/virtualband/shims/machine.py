"""The parts of `machine` that the firmware uses, over the virtual band's world.

Touches the Python side of the band through `_sim`. Speaks what the real module speaks: ms, Hz,
microvolts, OSError numbers of the ESP32 port.
"""

from time import ticks_add, ticks_diff, ticks_ms

import _sim
import _vm
import uctypes

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
IDLE, SLEEP, DEEPSLEEP = 0, 2, 4
EXT0_WAKE, EXT1_WAKE, TIMER_WAKE, GPIO_WAKE = 2, 3, 4, 7
_EVENT_PIN = 3

_wake_reason = _sim.woke()
_freq_hz = 80_000_000


def freq(hz=None):
    global _freq_hz
    if hz is None:
        return _freq_hz
    _freq_hz = hz


def unique_id():
    return b"\x02\x4e\x54" + bytes(_sim.id_byte(i) for i in range(3))


def reset_cause():
    return _sim.cause()


def wake_reason():
    return _wake_reason


def idle():
    pass


def lightsleep(ms=None):
    """Sleep; a pin named as a wake source ends it early, the radio does not."""
    global _wake_reason
    _wake_reason = _sleep(ms, 0)
    Pin._in_rtc |= Pin._rtc_pads


def _sleep(ms, deep):
    if ms is None:
        while _sim.sleep(-1, deep) != 2:
            pass
        return EXT0_WAKE
    end = ticks_add(ticks_ms(), ms)
    while True:
        left = ticks_diff(end, ticks_ms())
        if left <= 0:
            return TIMER_WAKE
        if _sim.sleep(left, deep) == 2:
            return EXT0_WAKE


def deepsleep(ms=None):
    """Sleep without memory; what wakes it starts the program anew."""
    _sim.wakes_for(_sleep(ms, 1))
    _sim.reset(DEEPSLEEP_RESET)
    raise SystemExit


def reset():
    _sim.reset(HARD_RESET)
    raise SystemExit


def soft_reset():
    _sim.reset(SOFT_RESET)
    raise SystemExit


def disable_irq():
    return 0


def enable_irq(state):
    pass


class Pin:
    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_DOWN, PULL_UP = 1, 2
    IRQ_RISING, IRQ_FALLING = 1, 2
    WAKE_LOW, WAKE_HIGH = 4, 5
    DRIVE_0, DRIVE_1, DRIVE_2, DRIVE_3 = 0, 1, 2, 3
    _irqs = {}
    _rtc_pads = set()  # given to the RTC for waking
    _in_rtc = set()  # of these, those that a sleep has left there: they read 0

    def __init__(self, number, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        self.number = number.number if isinstance(number, Pin) else number
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        Pin._in_rtc.discard(self.number)
        self._out = value if mode in (Pin.OUT, Pin.OPEN_DRAIN) else None
        if self._out is not None:
            _sim.drive_pin(self.number, 2 if self._out else 1)

    def value(self, level=None):
        if level is not None:
            self._out = 1 if level else 0
            _sim.drive_pin(self.number, 2 if level else 1)
            return None
        if self.number in Pin._in_rtc:
            return 0
        return _sim.pin(self.number) if self._out is None else self._out

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3, *, wake=None, hard=False):
        Pin._irqs[self.number] = (self, handler, trigger)
        _sim.watch_pin(self.number, 1 if wake else 0)
        return self


def _on_pin(event, n):
    number, level = event[1], event[2]
    entry = Pin._irqs.get(number)
    if entry and entry[1] and entry[2] & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
        entry[1](entry[0])


_vm.handlers[_EVENT_PIN] = _on_pin


class Signal:
    def __init__(self, pin, *, invert=False):
        self._pin = pin
        self._invert = invert

    def value(self, level=None):
        if level is not None:
            return self._pin.value(level ^ self._invert)
        return self._pin.value() ^ self._invert


class ADC:
    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = 0, 1, 2, 3

    def __init__(self, pin, *, atten=3):
        self._number = pin.number if isinstance(pin, Pin) else pin

    def atten(self, atten):
        pass

    def read_uv(self):
        return _sim.adc_uv(self._number)

    def read_u16(self):
        return min(65535, self.read_uv() * 65535 // 3_100_000)


class I2C:
    """One bus with the chip of the band on it; transfers take the time they take on copper."""

    def __init__(self, number=0, *, scl=None, sda=None, freq=400_000, timeout=50_000):
        _sim.i2c_setup(freq, timeout)

    def scan(self):
        return [a for a in range(8, 0x78) if _sim.i2c_probe(a) == 0]

    def readfrom_mem_into(self, address, register, buf, *, addrsize=8):
        n = len(buf)
        _check(_sim.i2c_read(address, register, uctypes.addressof(buf), n))

    def readfrom_mem(self, address, register, n, *, addrsize=8):
        buf = bytearray(n)
        self.readfrom_mem_into(address, register, buf)
        return bytes(buf)

    def writeto_mem(self, address, register, buf, *, addrsize=8):
        _check(_sim.i2c_write(address, register, uctypes.addressof(buf), len(buf)))

    def writeto(self, address, buf, stop=True):
        if len(buf):
            self.writeto_mem(address, buf[0], memoryview(buf)[1:])
        else:
            _check(_sim.i2c_probe(address))
        return len(buf)


SoftI2C = I2C


def _check(status):
    if status < 0:
        raise OSError(-status)


class RTC:
    """(year, month, day, weekday, hours, minutes, seconds, subseconds); unset it says 2000."""

    def memory(self, data=None):
        if data is None:
            kept = bytearray(2048)
            return bytes(kept[: _sim.kept(uctypes.addressof(kept), len(kept))])
        if len(data) > 2048:
            raise ValueError("buffer too long")
        _sim.keep(uctypes.addressof(data), len(data))
        return None

    def datetime(self, when=None):
        import time

        if when is None:
            y, mo, d, h, mi, s, wd, _ = time.gmtime()
            return (y, mo, d, wd, h, mi, s, 0)
        y, mo, d, _, h, mi, s = when[:7]
        _sim.set_rtc_s(time.mktime((y, mo, d, h, mi, s, 0, 0)))

    def init(self, when):
        self.datetime(when)


class WDT:
    """Resets the processor when it is not fed in time. Made again, it gets the new time."""

    def __init__(self, id=0, timeout=5000):
        if timeout < 1:
            raise ValueError("WDT timeout too short")
        _sim.watchdog(timeout)

    def feed(self):
        _sim.watchdog(0)
