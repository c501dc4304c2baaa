"""Battery, sleep and the clock of a start: the only file that lets the machine sleep.

Touches the board given, `machine.lightsleep` and `machine.deepsleep`. Speaks ms and mV.
"""

import time

import machine

BATTERY_READINGS = 8  # a divider of 220 kOhm is noisy
# Without the radio the processor mostly waits for the bus: 80 MHz do, for some four fifths of the
# current (hardware/computing.json). With it a proof is computed while somebody waits.
SLOW_HZ, FAST_HZ = 80_000_000, 160_000_000


class Clock:
    """ms since the firmware started, without the wrap of `time.ticks_ms` after 12 days.

    ticks_ms, ticks_diff: those of `time`.
    """

    def __init__(self, ticks_ms, ticks_diff):
        self._ticks_ms = ticks_ms
        self._ticks_diff = ticks_diff
        self._last = ticks_ms()
        self._elapsed_ms = 0

    def now_ms(self):
        """Call it at least once in six days. It leaves 32 bits after 49 days: see Band._rest."""
        now = self._ticks_ms()
        self._elapsed_ms += self._ticks_diff(now, self._last)
        self._last = now
        return self._elapsed_ms


class Power:
    """What the band may spend, and when the radio may be on.

    The radio and light sleep exclude each other (a light sleep breaks every connection), so there
    is one question: `awake()`. It is answered by deadlines that the reasons to be awake push back.
    """

    def __init__(self, board, clock, lightsleep=machine.lightsleep, deepsleep=None, pause_ms=None):
        self._board = board
        self._clock = clock
        self._lightsleep = lightsleep
        self._deepsleep = deepsleep or machine.deepsleep
        self._pause_ms = pause_ms or time.sleep_ms
        self._awake_until_ms = 0
        self._armed = False
        self._fast = None  # not said yet: as the port has begun
        self.slept_ms = 0

    def battery_mv(self):
        """Mean of a few readings; 0 where the board cannot measure it."""
        total = 0
        for _ in range(BATTERY_READINGS):
            total += self._board.battery_mv()
        return total // BATTERY_READINGS

    def stay_awake_ms(self, ms):
        """Keep the radio on for the next `ms`, if it would not be on longer already."""
        self._awake_until_ms = max(self._awake_until_ms, self._clock.now_ms() + ms)

    def pace(self, fast):
        """Set the processor's clock: fast while the radio is on."""
        if fast == self._fast:
            return
        self._fast = fast
        try:
            machine.freq(FAST_HZ if fast else SLOW_HZ)
        except (ValueError, RuntimeError) as error:  # it costs charge, and nothing else
            print("the clock stays as it is:", error)

    def pause_ms(self, ms):
        """Wait awake, for a moment."""
        self._pause_ms(ms)

    def rest_now(self):
        """Nobody is to be expected any more: what was wanted of us is done."""
        self._awake_until_ms = 0

    def awake(self):
        """Is somebody to be expected on the radio?"""
        return self._clock.now_ms() < self._awake_until_ms

    def restart(self):
        """Start the firmware anew. Does not return."""
        machine.reset()

    def sleep_ms(self, ms):
        """Sleep with memory kept; a press of the button ends it early.

        Always with a limit: without a timer the chip keeps its flash supply on, and a band whose
        sensor never calls must wake all the same.
        """
        if ms <= 0:
            return
        if not self._armed:
            self._board.arm_wake()
            self._armed = True
        before = self._clock.now_ms()
        self._lightsleep(ms)
        self.slept_ms += self._clock.now_ms() - before

    def deep_sleep(self, ms=None):
        """Sleep without memory until the button, the charger, or `ms`. Does not return.

        What wakes the band starts the firmware anew.
        """
        self._board.arm_deep_wake()
        if ms is None:
            self._deepsleep()
        else:
            self._deepsleep(ms)
