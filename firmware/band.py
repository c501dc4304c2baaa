"""The band's day: record, rest on the dock, or lie idle; and when the radio may be on.

Touches the objects given. Speaks ms. Policy, in this order:
    docked     no session (nobody charges a cell on the body); radio on, awake
    low cell   no session; a while with the radio, then deep sleep until the dock
    a night    a session; radio on and awake after the start, while the button asks for it and
               while a host that has proved the key is connected, else radio off and light sleep
               between drains
    idle       the night is over, or has not begun: deep sleep; see day.py and config.START
"""

import asyncio

import day
import signs
import slots
from asked import Asked
from button import HOLD, LONG, PRESS, Button
from drivers import SensorLost, WrongChip
from notturno_core import checks, protocol, wire
from notturno_core.eventlog import LogFull

LIVE_DRAIN_MS = 500  # while a host listens: what moves is told within two seconds
LONG_SLEEP_MS = 60000
SLICE_MS = 4000  # of a light sleep: the watchdog may count through it
BATTERY_EVERY_MS = 60000


class Band(Asked):
    """Runs the parts; `run()` is the firmware's only loop.

    backup, rtc_ms: what outlives a reset, and the clock that does. feed: tells the watchdog that
    the loop is alive. over: there is to be no night before a dock, a press or the clock.
    """

    def __init__(self, board, power, clock, log, recorder, config, backup, rtc_ms, feed):
        super().__init__(board, power, clock, log, recorder, config, backup, rtc_ms)
        self._service = None
        self._feed = feed
        self.name = protocol.name_of(board.device_id())
        self._button = Button(board, clock.now_ms)
        self._battery_at_ms = 0  # when to ask next
        self._battery_low = False
        self._told_low = False
        self._told_fault = False
        self._pressed = None
        self._synced = False  # a host holds all of this night
        self._committed_seq = log.committed_seq
        self.over = False  # no new session before a visit to the dock or a press
        self.woken = False  # out of deep sleep, and dated: who wants the radio holds the button
        # callable(cable, why) -> verdict of the test of itself, 0: all is well
        self.check = _unchecked
        self.checked = False  # since the last dock
        self._night_at_ms = None  # when the clock begins one
        self._mute = False  # the radio has refused
        self._make_beacon = None
        self._beacon = None  # (what it made, its task)

    # --- the loop -------------------------------------------------------------------------------

    async def run(self, service):
        """For ever. service: what serves the log over the radio, see ble_service."""
        self._service = service
        self._recorder.listen(service.provisional)
        self._trust_rtc()
        asyncio.create_task(service.run())
        if not self.woken:
            self._power.stay_awake_ms(self._config.RADIO_AFTER_BOOT_MS)
        while True:
            self._feed()
            self._docked = self._board.docked()
            if self._beacon is not None and not self._docked:
                self._end_beacon()
            self._listen()
            self._look_what_was_fetched()
            if self._docked:
                wait_ms = self._rest()
            elif self._battery_is_low():
                wait_ms = self._starve()
            elif self._recorder.recording or not self.over:
                wait_ms = self._record()
            else:
                wait_ms = self._idle()
            await self._wait(wait_ms)

    def _battery_is_low(self):
        """Ask once a minute: the divider is slow, and a night is long."""
        now_ms = self._clock.now_ms()
        if now_ms >= self._battery_at_ms:
            self._battery_at_ms = now_ms + BATTERY_EVERY_MS
            self._battery_low = 0 < self._power.battery_mv() < self._config.BATTERY_STOP_MV
        return self._battery_low

    def _look_what_was_fetched(self):
        """All is confirmed: nobody needs the radio any more, and a night may have been fetched."""
        if self._log.committed_seq == self._committed_seq or self._service.proven:
            return
        self._committed_seq = self._log.committed_seq
        self._power.rest_now()
        night_samples = self._config.SYNCED_NIGHT_MIN * 60 * self._config.ODR_HZ
        self._synced = self._recorder.samples >= night_samples

    def _rest(self):
        self._recorder.stop(wire.END_DOCKED)
        self.over = "undock" not in self._config.START
        self.checked = self._told_low = False
        self._night_at_ms = None
        old = self._clock.now_ms() > self._config.RESTART_AFTER_MS
        if (old or self._service.changed) and not self._service.proven:
            self._power.restart()
        if self._make_beacon is not None and self._beacon is None:
            self._begin_beacon()
        return self._config.DOCK_POLL_MS

    def tell_by(self, make_beacon):
        """Tell a beacon on the dock: make_beacon(service, docked, utc_ms) makes one each time."""
        self._make_beacon = make_beacon

    def _begin_beacon(self):
        try:
            beacon = self._make_beacon(self._service, self._board.docked, self._utc_ms)
            self._beacon = beacon, asyncio.create_task(beacon.run())
        except Exception as error:  # it costs the beacon, and nothing else
            self._make_beacon = None
            print("no beacon:", error)

    def _end_beacon(self):
        beacon, task = self._beacon
        self._beacon = None
        task.cancel()
        beacon.forget()

    def _starve(self):
        self._recorder.stop(wire.END_BATTERY)
        if not self._told_low:
            self._told_low = True
            signs.show(self._board, signs.LOW, self._power.pause_ms)
        self.over = True
        return self._idle(by_clock=False)

    def _idle(self, by_clock=True):
        """Nothing to do: deep sleep once nobody is to be expected on the radio."""
        now_ms = self._clock.now_ms()
        until_ms = day.until_night_ms(self._utc_ms(), self._config) if by_clock else None
        if until_ms is None:
            self._night_at_ms = None
        elif self._night_at_ms is None:
            self._night_at_ms = now_ms + until_ms
        elif now_ms >= self._night_at_ms:  # a band that did not sleep deep meets its clock here
            self._night_at_ms, self.over = None, False
            return 0
        if self._power.awake() or self._service.proven:
            return self._config.DOCK_POLL_MS
        if not self._board.can_wake_deep():
            return LONG_SLEEP_MS
        self._radio(False)
        reason = self._recorder.end_reason
        self._backup.peeks = day.peeks(self._config, reason) if by_clock else 0
        self._backup.gravity_mg = (0, 0, 0)
        self._recorder.park()
        signs.show(self._board, signs.IDLE, self._power.pause_ms)
        if self._backup.peeks:
            until_ms = min(until_ms or self._config.PEEK_EVERY_MS, self._config.PEEK_EVERY_MS)
        self._power.deep_sleep(until_ms)
        return LONG_SLEEP_MS  # not on a device: what wakes it starts the firmware anew

    def _record(self):
        """Do the session's work; return the ms until there is more."""
        if self._recorder.recording:
            reason = day.ended(self._recorder, self._config, self._synced, self._clock.now_ms())
            if reason:
                self._end(reason)
                return 0
            wait_ms = self._recorder.drain()
            if self._recorder.samples:
                slots.confirm()  # samples came and went their way: a version on trial works
            if self._service.proven:
                wait_ms = min(wait_ms, LIVE_DRAIN_MS)
            if not self._recorder.recording:
                self._end(self._recorder.end_reason)
            return wait_ms
        self._check(checks.CABLE_OUT, wire.CHECK_UNDOCKED)
        try:
            self._recorder.start()
        except (SensorLost, WrongChip) as error:
            if not self._told_fault:
                print("no recording:", error)
                signs.show(self._board, signs.FAULT, self._power.pause_ms)
            self._told_fault = True
            return self._recorder.retry_ms()
        self._told_fault = self._synced = False
        signs.show(self._board, signs.RECORDING, self._power.pause_ms)
        return self._recorder.drain()

    def _check(self, cable, why):
        """Test what a night needs, once for each night: the log and the LED tell."""
        if self.checked:
            return
        self.checked = True
        try:
            if self.check(cable, why):
                signs.show(self._board, signs.FAULT, self._power.pause_ms)
        except (LogFull, OSError) as error:
            print("the check was not logged:", error)

    def _end(self, reason):
        self._recorder.stop(reason)
        self.over = True
        if reason != wire.END_NOT_WORN:  # nobody is there
            self._power.stay_awake_ms(self._config.RADIO_AFTER_BOOT_MS)

    # --- the button -----------------------------------------------------------------------------

    def _listen(self):
        """A press is a mark, or begins a night; held it calls the radio, long it ends a night."""
        was_up = self._button.down_ms is None
        told = self._button.poll()
        recording = self._recorder.recording
        if recording and was_up and self._button.down_ms is not None:
            self._pressed = self._recorder.moment()
        if told == PRESS and recording:
            self._recorder.mark(self._pressed)
            signs.show(self._board, signs.MARK, self._power.pause_ms)
        elif told == PRESS and not self._docked:
            self.over = False
            self._power.stay_awake_ms(self._config.RADIO_AFTER_BOOT_MS)
        elif told == HOLD:
            self._power.stay_awake_ms(self._config.RADIO_AFTER_BUTTON_MS)
            signs.show(self._board, signs.SYNCING, self._power.pause_ms)
        elif told == LONG and recording:
            self._end(wire.END_ASKED)
            signs.show(self._board, signs.IDLE, self._power.pause_ms)

    def _radio(self, on):
        """Switch the radio. One that refuses costs nobody a night: it is told once."""
        try:
            if on:
                self._power.pace(True)
            self._service.radio(on)
            if not on:
                self._power.pace(False)
        except (OSError, RuntimeError) as error:
            self._power.rest_now()
            if not self._mute:
                self._mute = True
                print("the radio refuses:", error)
                self._recorder.radio_fault()

    # --- waiting --------------------------------------------------------------------------------

    async def _wait(self, wait_ms):
        """Let the time pass, asleep if nobody needs the radio; the button ends it early."""
        until_ms = self._clock.now_ms() + wait_ms
        if self._docked or self._power.awake() or self._service.proven:
            self._radio(True)
            while wait_ms > 0:
                await asyncio.sleep_ms(min(wait_ms, self._slice_ms()))
                self._feed()
                was_over = self.over
                self._listen()
                if self._docked != self._board.docked() or was_over != self.over:
                    return
                wait_ms = until_ms - self._clock.now_ms()
            await asyncio.sleep_ms(0)
            return
        self._radio(False)
        while wait_ms > 0:
            if self._button.down_ms is None:
                self._power.sleep_ms(min(wait_ms, SLICE_MS))
            else:  # how long it is held decides; a level that wakes lets nobody sleep
                await asyncio.sleep_ms(self._config.BUTTON_POLL_MS)
            self._feed()
            self._listen()
            if self._power.awake() or self._board.docked():
                break
            wait_ms = until_ms - self._clock.now_ms()
        await asyncio.sleep_ms(0)  # the tasks of the service, and Ctrl-C, get their turn

    def _slice_ms(self):
        return self._config.DOCK_POLL_MS if self._docked else self._config.BUTTON_POLL_MS


def _unchecked(cable, why=0):
    """Nobody has given the band a test."""
    return 0
