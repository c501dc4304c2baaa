"""What a host that listens is told at once: records as they are logged, rows that may change.

Touches the link and the guard given. Speaks record frames. What finds no room is not sent: the
log has it.
"""

from notturno_core import protocol
from notturno_core.wire import (
    CRC_LEN,
    FLAG_PROVISIONAL,
    HEADER_LEN,
    REC_EVENT,
    REC_SNIPPET,
    SEQ_PROVISIONAL,
    flagged_event,
    pack_frame_into,
)

_LIVE_BYTES = 1000  # one message
_PROVISIONAL_BYTES = 512  # a row that may still change takes no room of one that is final


class LiveRows:
    """Collects frames for a host that has asked for them, and sends them. wake: callable."""

    def __init__(self, link, guard, wake):
        self._link = link
        self._guard = guard
        self._wake = wake
        self._on = False
        self._frames = bytearray()

    @property
    def waiting(self):
        """Say whether there is anything to send."""
        return bool(self._frames and self._guard.proven)

    def listen(self, on):
        """The host wants to be told, or does not."""
        self._on = on
        self._frames = bytearray()

    def provisional(self, payload):
        """Tell of an event that may still change; it is never logged.

        payload: of wire.pack_event. Its final row comes with the record of the same `number`.
        """
        n = HEADER_LEN + len(payload) + CRC_LEN
        if self._on and len(self._frames) + n <= _PROVISIONAL_BYTES:
            frame = bytearray(n)
            marked = flagged_event(payload, FLAG_PROVISIONAL)
            pack_frame_into(frame, 0, SEQ_PROVISIONAL, REC_EVENT, marked)
            self._say(frame)

    def logged(self, frame):
        """Called by the log for each record appended.

        A waveform waits for the report: its records would take the room of the rows.
        """
        if self._on and frame[4] != REC_SNIPPET and len(self._frames) + len(frame) <= _LIVE_BYTES:
            self._say(frame)

    def _say(self, frame):
        self._frames.extend(frame)
        self._wake()

    async def send(self):
        """Send what waits, as one message. Raises LinkLost."""
        waiting, self._frames = self._frames, bytearray()
        await self._guard.say(protocol.LIVE, waiting)
