"""Record frames of made-up nights, written by hand from the wire tables; no detector, no band.

Touches nothing. Speaks frames as bytes, ticks in ms, UTC in ms.
"""

from notturno_core import wire

ODR_MHZ = 104_000
DEVICE = b"VB\0\0\0\0\0\1".hex()
LOG_ID = 0x1234
EVENT_LAYOUTS = {1: wire.EVENT_FIELDS_V1, 2: wire.EVENT_FIELDS_V2, 3: wire.EVENT_FIELDS}


def frame(seq, kind, payload):
    """Return one record frame."""
    buf = bytearray(wire.MAX_FRAME_LEN)
    return bytes(buf[: wire.pack_frame_into(buf, 0, seq, kind, payload)])


class Pen:
    """Writes records one after the other, as a band would."""

    def __init__(self, first_seq=1, boot_id=1):
        self.seq = first_seq
        self.boot_id = boot_id
        self.frames = []

    def put(self, kind, payload):
        self.frames.append(frame(self.seq, kind, payload))
        self.seq += 1

    def session(self, tick_ms, **values):
        given = {
            "boot_id": self.boot_id,
            "tick_ms": tick_ms,
            "odr_mhz": ODR_MHZ,
            "ug_per_lsb": 122,
            "range_g": 4,
            "battery_mv": 4100,
            "firmware": b"0.1.0",
            "detector_version": 1,
        }
        self.put(wire.REC_SESSION, wire.pack(wire.SESSION_FIELDS, given | values))
        self.put(wire.REC_SETTINGS, b"\1\0\0\0\2\0\0\0")

    def segment(self, sample, tick_ms, reason=wire.SEGMENT_START):
        values = {"sample": sample, "tick_ms": tick_ms, "reason": reason}
        self.put(wire.REC_SEGMENT, wire.pack(wire.SEGMENT_FIELDS, values))

    def event(self, onset_sample, kind=wire.EVENT_JERK, layout=1, **values):
        """Write an event; one of the first layout, as here, has names that no host gives again."""
        given = {"kind": kind, "onset_sample": onset_sample, "duration_samples": 13, "peak_mg": 80}
        given |= values | {"layout": layout}
        self.put(wire.REC_EVENT, wire.pack(EVENT_LAYOUTS[layout], given))

    def minute(self, sample, tick_ms, **values):
        given = {
            "sample": sample,
            "tick_ms": tick_ms,
            "battery_mv": 4000,
            "temperature_q8_c": 33 * 256,
            "activity_q4_mg": 40,
            "gravity_mg": (0, 0, 1000),
        }
        self.put(wire.REC_MINUTE, wire.pack(wire.MINUTE_FIELDS, given | values))

    def time(self, tick_ms, utc_ms, error_ms=20, carried_s=0):
        values = {
            "boot_id": self.boot_id,
            "tick_ms": tick_ms,
            "utc_ms": utc_ms,
            "error_ms": error_ms,
            "carried_s": carried_s,
        }
        self.put(wire.REC_TIME, wire.pack(wire.TIME_FIELDS, values))

    def end(self, sample, tick_ms, reason=wire.END_DOCKED):
        values = {"sample": sample, "tick_ms": tick_ms, "reason": reason, "battery_mv": 3900}
        self.put(wire.REC_END, wire.pack(wire.END_FIELDS, values))

    def night(
        self, tick_ms, minutes, events=(), rate_hz=104.0, minutes_as=None, end=True, **of_session
    ):
        """Write a whole session; `events` are (minute, keywords of `event`).

        minutes_as: {number of a minute, from 1: keywords of `minute`}; end: False leaves END out;
        of_session: keywords of `session`.
        """
        self.session(tick_ms, **of_session)
        self.segment(0, tick_ms)
        events = sorted(events, key=lambda item: item[0])
        for minute in range(1, minutes + 1):
            while events and events[0][0] < minute:
                at, values = events.pop(0)
                self.event(round(at * 60 * rate_hz), **values)
            values = (minutes_as or {}).get(minute, {})
            self.minute(round(minute * 60 * rate_hz), tick_ms + minute * 60_000, **values)
        if end:
            self.end(round(minutes * 60 * rate_hz), tick_ms + minutes * 60_000)
