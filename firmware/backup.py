"""What outlives a reset: one block of RTC memory, written whole at each drain.

Touches the memory it is given. Speaks samples, ms and the bytes of the log's waiting frames.

It holds how far the recording has come, the frames that wait for the next flush (the log's own
buffer lies in the block, so nothing is copied), movements named at first only, the date, and why
the program was given up. It is lost with the power, never with a reset (RTC_NOINIT memory of the
ESP32 port). A reset in the midst of a write shows: the turn is counted at both ends of the head.
"""

import struct

from notturno_core import wire

BYTES = 2048
_MAGIC = 0x324B544E  # "NTK2": the digit goes up where the places below change
_TURN = "<IH"  # magic, turn; the turn again at _TURN_AGAIN
_HOT = "<HIIB"  # fill, sample, tick_ms, flags: what a drain changes
_HOT_AT = 6
_COLD = "<IIHBH3h"  # log_id, boot_id, battery_mv, in_a_row, peeks, gravity_mg: of a start or night
_COLD_AT = 17
_DATE = "<QQIHI"  # utc_ms, rtc_ms, host_id, error_ms, carried_s
_DATE_AT = 36
_CRASH = "<H16s24s"  # line, where, what
_CRASH_AT = 62
_TURN_AGAIN = 104
_ROWS_AT = 107  # behind their count
_ROW_BYTES = struct.calcsize(wire.format_of(wire.EVENT_FIELDS))
ROWS = 6  # movements that may wait for their final name at once; of more the oldest is let go
FRAMES_AT = _ROWS_AT + ROWS * _ROW_BYTES
RECORDING, DATED, CRASHED, OVER = 1, 2, 4, 8
_NUMBER_AT = struct.calcsize(wire.format_of(wire.EVENT_FIELDS_V1)) + 1  # of an event's `number`


class Backup:
    """The block as the last start left it; from `begin` on, this start's.

    memory: callable(), giving the bytes kept; callable(bytes), keeping them.
    """

    def __init__(self, memory):
        self._memory = memory
        self._buf = bytearray(BYTES)
        self.frames = memoryview(self._buf)[FRAMES_AT:]  # for the log to wait in
        self.fill = self.sample = self.tick_ms = self._flags = 0
        self.log_id = self.boot_id = self.battery_mv = self.in_a_row = self._turn = 0
        self.peeks = 0  # times still to look, from deep sleep, whether the band is worn again
        self.gravity_mg = (0, 0, 0)  # how it lay at the last of these looks
        self._load(memory())

    def _load(self, kept):
        if len(kept) != BYTES or struct.unpack_from("<I", kept)[0] != _MAGIC:
            return
        if kept[4:6] != kept[_TURN_AGAIN : _TURN_AGAIN + 2]:
            return  # torn: all of it may be old and new
        self._buf[:] = kept
        self._turn = struct.unpack_from(_TURN, kept)[1]
        self.fill, self.sample, self.tick_ms, self._flags = struct.unpack_from(_HOT, kept, _HOT_AT)
        cold = struct.unpack_from(_COLD, kept, _COLD_AT)
        self.log_id, self.boot_id, self.battery_mv, self.in_a_row, self.peeks = cold[:5]
        self.gravity_mg = cold[5:]
        self.fill = min(self.fill, len(self.frames))

    def _flag(self, bit):
        return bool(self._flags & bit)

    def _set(self, bit, on):
        self._flags = self._flags | bit if on else self._flags & ~bit

    @property
    def recording(self):
        """Say whether a session was open."""
        return self._flag(RECORDING)

    @property
    def over(self):
        """Say whether the night had ended by itself: no new one without a dock or a press."""
        return self._flag(OVER)

    @property
    def date(self):
        """Return (utc_ms, rtc_ms, host_id, error_ms, carried_s) of the last time given, or None.

        rtc_ms: what the RTC said at utc_ms.
        """
        return struct.unpack_from(_DATE, self._buf, _DATE_AT) if self._flag(DATED) else None

    def utc_ms(self, rtc_ms):
        """Return UTC by the date kept and what the RTC says now; None where none was given."""
        date = self.date
        return None if date is None else date[0] + rtc_ms - date[1]

    @property
    def crash(self):
        """Return (line, file, exception) of what ended the last start, or None."""
        return struct.unpack_from(_CRASH, self._buf, _CRASH_AT) if self._flag(CRASHED) else None

    def rows(self):
        """Return the payloads of movements that were named at first only, oldest first."""
        return [bytes(self._row(i)) for i in range(min(ROWS, self._buf[_ROWS_AT - 1]))]

    def _row(self, i):
        at = _ROWS_AT + i * _ROW_BYTES
        return memoryview(self._buf)[at : at + _ROW_BYTES]

    # --- this start's ---------------------------------------------------------------------------

    def begin(self, log_id, boot_id, in_a_row):
        """The start before is settled: from now on the block tells of this one."""
        self.log_id, self.boot_id, self.in_a_row = log_id, boot_id, in_a_row
        self._set(RECORDING, False)
        self._set(CRASHED, False)
        self.forget_rows()
        self._pack_cold()
        self.save(0, 0, 0)

    def session(self, on, over=False):
        """A session begins or has ended; `over`: no new one by itself. Kept at the next save.

        Takes the public fields as they are now.
        """
        self._pack_cold()
        self._set(RECORDING, on)
        self._set(OVER, over)
        if not on:
            self.forget_rows()

    def keep_date(self, utc_ms, rtc_ms, host_id, error_ms, carried_s):
        """Keep a time that was given now."""
        values = utc_ms, rtc_ms, host_id, error_ms, carried_s
        struct.pack_into(_DATE, self._buf, _DATE_AT, *values)
        self._set(DATED, True)
        self.save(self.sample, self.tick_ms, self.fill)

    def keep_crash(self, line, where, what):
        """Keep why this start is given up."""
        values = min(line, 65535), where.encode()[-16:], what.encode()[:24]
        struct.pack_into(_CRASH, self._buf, _CRASH_AT, *values)
        self._set(CRASHED, True)
        self.save(self.sample, self.tick_ms, self.fill)

    def _pack_cold(self):
        cold = self.log_id, self.boot_id, self.battery_mv, self.in_a_row, self.peeks
        struct.pack_into(_COLD, self._buf, _COLD_AT, *(cold + tuple(self.gravity_mg)))

    def save(self, sample, tick_ms, fill):
        """Keep the block: analysed up to `sample`, at that tick, with so many bytes waiting.

        Called at each drain; allocates nothing.
        """
        buf = self._buf
        self.sample, self.tick_ms, self.fill = sample, tick_ms, fill
        self._turn = self._turn + 1 & 0xFFFF
        struct.pack_into(_TURN, buf, 0, _MAGIC, self._turn)
        struct.pack_into(_HOT, buf, _HOT_AT, fill, sample, tick_ms, self._flags)
        struct.pack_into("<H", buf, _TURN_AGAIN, self._turn)
        self._memory(buf)

    # --- movements named at first only ----------------------------------------------------------

    def put_row(self, payload):
        """Keep a movement's first row until its final one: `drop_row`."""
        waiting = self._buf[_ROWS_AT - 1]
        if waiting == ROWS:
            self._take_row(0)
            waiting -= 1
        self._row(waiting)[:] = payload
        self._buf[_ROWS_AT - 1] = waiting + 1

    def drop_row(self, number):
        """The movement of that number has its final row."""
        for i in range(self._buf[_ROWS_AT - 1]):
            if struct.unpack_from("<H", self._row(i), _NUMBER_AT)[0] == number:
                self._take_row(i)
                return

    def _take_row(self, i):
        waiting = self._buf[_ROWS_AT - 1] - 1
        for k in range(i, waiting):
            self._row(k)[:] = self._row(k + 1)
        self._buf[_ROWS_AT - 1] = waiting

    def forget_rows(self):
        """No movement waits any more."""
        self._buf[_ROWS_AT - 1] = 0
