"""The band's day: record when undocked, rest when docked, and when the radio may be on.

Touches the objects given. Speaks ms. Policy, in this order:
    docked     no session (nobody charges a cell on the body); radio on, awake
    low cell   no session, no radio, long sleeps until docked
    undocked   a session; radio on and awake after the start, after a press of the button and
               while a host that has proved the key is connected, else radio off and light sleep
               between drains
"""

import asyncio

import slots
from drivers import SensorLost, WrongChip
from notturno_core import protocol, wire
from notturno_core.eventlog import LogFull

LIVE_DRAIN_MS = 500  # while a host listens: what moves is told within two seconds
LONG_SLEEP_MS = 60000
BATTERY_EVERY_MS = 60000
RTC_ERROR_MS = 1000  # a clock chip is read to the second
NO_HOST = 0


class Band:
    """Runs the parts; `run()` is the firmware's only loop."""

    def __init__(self, board, power, clock, log, recorder, config):
        self._board = board
        self._power = power
        self._clock = clock
        self._log = log
        self._recorder = recorder
        self._service = None
        self._config = config
        self.name = protocol.name_of(board.device_id())
        self._button_was_down = False
        self._time_set = False
        self._docked = False
        self._battery_at_ms = 0  # when to ask next
        self._battery_low = False
        self._over = False  # the session ended by itself: no new one before a visit to the dock

    # --- what the radio may ask -----------------------------------------------------------------

    def info(self):
        """Return what a host is told about the band."""
        state = 0
        if self._recorder.recording:
            state |= wire.STATE_RECORDING
        if self._docked:
            state |= wire.STATE_DOCKED
        if self._time_set:
            state |= wire.STATE_TIME_SET
        if self._recorder.end_reason == wire.END_LOG_FULL:
            state |= wire.STATE_LOG_FULL
        return {
            "state": state,
            "device_id": self._board.device_id(),
            "battery_mv": self._power.battery_mv(),
            "firmware": self._config.FIRMWARE_VERSION.encode(),
        }

    def set_time(self, utc_ms, error_ms, host_id):
        """A host gives the time: log it with our tick. Raises LogFull, OSError."""
        values = {
            "boot_id": self._log.boot_id,
            "tick_ms": self._clock.now_ms(),
            "utc_ms": utc_ms,
            "error_ms": error_ms,
            "host_id": host_id,
        }
        self._log.append(wire.REC_TIME, wire.pack(wire.TIME_FIELDS, values))
        self._log.flush()
        self._time_set = True

    def _trust_rtc(self):
        """Date this start by the board's clock chip: the night before a reset keeps its date."""
        utc_ms = self._board.rtc_utc_ms()
        if utc_ms is None:
            return
        try:
            self.set_time(utc_ms, RTC_ERROR_MS, NO_HOST)
        except (LogFull, OSError) as error:  # a host will give the time
            print("the time was not kept:", error)

    # --- the loop -------------------------------------------------------------------------------

    async def run(self, service):
        """For ever. service: what serves the log over the radio, see ble_service."""
        self._service = service
        self._recorder.on_provisional = service.provisional
        self._trust_rtc()
        asyncio.create_task(service.run())
        self._power.stay_awake_ms(self._config.RADIO_AFTER_BOOT_MS)
        while True:
            self._docked = self._board.docked()
            self._poll_button()
            if self._docked:
                wait_ms = self._rest()
            elif self._battery_is_low():
                self._recorder.stop(wire.END_BATTERY)
                self._over = True
                wait_ms = LONG_SLEEP_MS
            else:
                wait_ms = self._record()
            await self._wait(wait_ms)

    def _battery_is_low(self):
        """Ask once a minute: the divider is slow, and a night is long."""
        now_ms = self._clock.now_ms()
        if now_ms >= self._battery_at_ms:
            self._battery_at_ms = now_ms + BATTERY_EVERY_MS
            self._battery_low = 0 < self._power.battery_mv() < self._config.BATTERY_STOP_MV
        return self._battery_low

    def _rest(self):
        self._recorder.stop(wire.END_DOCKED)
        self._over = False
        old = self._clock.now_ms() > self._config.RESTART_AFTER_MS
        if (old or self._service.changed) and not self._service.proven:
            self._power.restart()
        return self._config.DOCK_POLL_MS

    def _record(self):
        """Do the session's work; return the ms until there is more."""
        if self._recorder.recording:
            wait_ms = self._recorder.drain()
            if self._recorder.samples:
                slots.confirm()  # samples came and went their way: a version on trial works
            if self._service.proven:
                wait_ms = min(wait_ms, LIVE_DRAIN_MS)
            if not self._recorder.recording:
                self._over = True
                self._power.stay_awake_ms(self._config.RADIO_AFTER_BUTTON_MS)
            return wait_ms
        if self._over:
            return LONG_SLEEP_MS
        try:
            self._recorder.start()
        except (SensorLost, WrongChip) as error:
            print("no recording:", error)
            return LONG_SLEEP_MS
        return self._recorder.drain()

    def _poll_button(self):
        down = self._board.button_pressed()
        if down and not self._button_was_down:
            self._power.stay_awake_ms(self._config.RADIO_AFTER_BUTTON_MS)
            if self._recorder.recording:
                self._recorder.mark()
        self._button_was_down = down

    async def _wait(self, wait_ms):
        """Let the time pass, asleep if nobody needs the radio; a press of the button ends it."""
        if self._docked or self._power.awake() or self._service.proven:
            self._service.radio(True)
            until_ms = self._clock.now_ms() + wait_ms
            while wait_ms > 0:
                await asyncio.sleep_ms(min(wait_ms, self._slice_ms()))
                self._poll_button()
                if self._docked != self._board.docked():
                    return
                wait_ms = until_ms - self._clock.now_ms()
            await asyncio.sleep_ms(0)
            return
        self._service.radio(False)
        self._power.sleep_ms(wait_ms)
        await asyncio.sleep_ms(0)  # the tasks of the service, and Ctrl-C, get their turn

    def _slice_ms(self):
        return self._config.DOCK_POLL_MS if self._docked else self._config.BUTTON_POLL_MS
