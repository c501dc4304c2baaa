"""What a host may ask of a band, and the time that it gives: the part of Band that answers.

Touches the objects that Band was given. Speaks UTC and the ticks of `Clock`, ms.
"""

from notturno_core import wire
from notturno_core.eventlog import LogFull

RTC_ERROR_MS = 1000  # a clock chip is read to the second
NO_HOST = 0


class Asked:
    """The parts of a band, and what is known of its time; Band goes on from here."""

    def __init__(self, board, power, clock, log, recorder, config, backup, rtc_ms):
        self._board = board
        self._power = power
        self._clock = clock
        self._log = log
        self._recorder = recorder
        self._config = config
        self._backup = backup
        self._rtc_ms = rtc_ms
        self._time_set = backup.date is not None
        self._docked = False

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
        self._backup.keep_date(utc_ms, self._rtc_ms(), host_id, error_ms, 0)
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

    def _utc_ms(self):
        return self._backup.utc_ms(self._rtc_ms())
