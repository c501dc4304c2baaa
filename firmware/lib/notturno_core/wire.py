"""Every byte of a log record, in flash and on the air alike; what else is said: `protocol`.

Touches nothing. All integers little-endian; units are in the field names. A layout stands here
once, as a field table with its struct format; the band packs with it and the host unpacks with it.

A record frame:
    @0  +4  seq          number of the record since the log was made; never reused
    @4  +1  kind         one of REC_*
    @5  +1  payload_len  bytes that follow before the CRC
    @6  +n  payload      layout by kind, below
    @6+n +4 crc32        CRC-32 (ISO-HDLC, `binascii.crc32`) over everything before it
A frame of number SEQ_PROVISIONAL is said live alone: it is no record, stands in no log, and no
host may store it.
"""

import binascii
import struct

# Of the records' layouts: 2 has the host in TIME; 3 has START, CHECK, CONFIG and a carried TIME.
LOG_VERSION = 3

# By what a band is known on the air before anything is said; the rest is `protocol`.
SERVICE_UUID = "6e6f7474-7572-6e6f-0001-000000000001"
NAME_PREFIX = "notturno"

# --- record frames -----------------------------------------------------------------------------
HEADER_FORMAT = "<IBB"
HEADER_LEN = struct.calcsize(HEADER_FORMAT)
CRC_LEN = 4
MAX_PAYLOAD_LEN = 200
MAX_FRAME_LEN = HEADER_LEN + MAX_PAYLOAD_LEN + CRC_LEN
SEQ_PROVISIONAL = 0xFFFFFFFF  # in the place of a number: an event's row that may still change

REC_SESSION = 1  # a recording begins: what records, and with which settings
REC_SETTINGS = 2  # the detector's settings of the session, see detector.packed
REC_TIME = 3  # a pair (tick, UTC) given by a host
REC_SEGMENT = 4  # a pair (sample, tick): an unbroken run of samples begins
REC_EVENT = 5  # something the detector found
REC_MINUTE = 6  # summary of a minute, and a pair (sample, tick)
REC_FAULT = 7  # a bus or storage fault, counted
REC_MARK = 8  # the person pressed the button
REC_END = 9  # the recording ends, and why
REC_SNIPPET = 10  # compressed waveform around an event
REC_START = 11  # the firmware has started, and why
REC_CHECK = 12  # what the band's test of itself found
# What a person changed of the settings, behind each SESSION: JSON, in pieces where it is long.
REC_CONFIG = 13
REC_NAMES = {
    REC_SESSION: "session",
    REC_SETTINGS: "settings",
    REC_TIME: "time",
    REC_SEGMENT: "segment",
    REC_EVENT: "event",
    REC_MINUTE: "minute",
    REC_FAULT: "fault",
    REC_MARK: "mark",
    REC_END: "end",
    REC_SNIPPET: "snippet",
    REC_START: "start",
    REC_CHECK: "check",
    REC_CONFIG: "config",
}

# Field tables: (name, struct code). A code with a count makes a tuple ("3b") or bytes ("16s").
SESSION_FIELDS = (
    ("boot_id", "I"),  # counts up at every start of the firmware
    ("tick_ms", "I"),  # ms since that start
    ("odr_mhz", "I"),  # believed sample rate, 1/1000 Hz, from the chip's own trim register
    ("ug_per_lsb", "H"),  # scale of a raw count, 1/1000 mg
    ("range_g", "B"),
    ("sensor_id", "B"),  # WHO_AM_I of the chip
    ("detector_version", "H"),
    ("battery_mv", "H"),
    ("flags", "B"),  # SESSION_*
    ("firmware", "12s"),
)
SESSION_AFTER_POWER_CUT = 1  # the session before has no END record
SESSION_TORN_TAIL = 2  # an incomplete record was cut off the log's end at start
TIME_FIELDS_V1 = (
    ("boot_id", "I"),
    ("tick_ms", "I"),
    ("utc_ms", "Q"),
    ("error_ms", "H"),  # half the round trip the host measured
)
# Whose clock it was: a host's own random number; 0 is the band's clock chip, None is not known.
TIME_FIELDS_V2 = TIME_FIELDS_V1 + (("host_id", "I"),)
# How long ago the host gave it: a band that was reset has carried it over by its RTC, which is no
# better than the tick. 0: it was given now.
TIME_FIELDS = TIME_FIELDS_V2 + (("carried_s", "I"),)
SEGMENT_FIELDS = (("sample", "I"), ("tick_ms", "I"), ("reason", "B"))
SEGMENT_START, SEGMENT_OVERRUN, SEGMENT_BUS_FAULT = 0, 1, 2
# An event's layouts: each is the one before it with fields appended, so that an older reader finds
# what it knows. The first says nothing of its layout; from the second on `layout` does.
EVENT_FIELDS_V1 = (
    ("kind", "B"),  # EVENT_*
    ("flags", "H"),  # FLAG_*
    ("confidence_pct", "B"),
    ("onset_sample", "I"),
    ("duration_samples", "I"),
    ("peak_mg", "H"),
    ("peak_jerk_mg_per_s", "I"),
    ("energy_mg2_s", "I"),
    ("direction_q7", "3b"),  # unit vector of the largest acceleration, sensor axes
    ("posture_before_q7", "3b"),  # unit vector of gravity before
    ("posture_after_q7", "3b"),
    ("floor_q4_mg", "H"),  # noise floor at the time, 1/16 mg
    ("rhythm_mhz", "H"),  # 1/1000 Hz; 0 unless the kind is rhythm
    ("beats", "H"),
)
EVENT_LAYOUT = 3  # the newest layout, which is what `pack_event` writes
EVENT_FIELDS_V2 = EVENT_FIELDS_V1 + (
    ("layout", "B"),  # EVENT_LAYOUT of the firmware that wrote it
    ("number", "H"),  # running number of the segment in its session, mod 65536
    ("source", "B"),  # SOURCE_*: what found it
    ("bursts", "B"),  # bursts in it
    ("cycles", "B"),  # of its largest burst; of a rhythm: beats of its longest unbroken part
    ("uneven_pct", "B"),  # mean deviation of a run's intervals, of their mean
    ("centre_dhz", "H"),  # centre frequency of its largest burst, 1/10 Hz
    ("burst_onset_samples", "h"),  # its largest burst's onset, counted from onset_sample
    ("burst_samples", "H"),  # how long that burst lasts
    ("quick_peak_mg", "H"),  # peak above 2 Hz
    ("slow_peak_mg", "H"),  # peak above 0.5 Hz
    ("move_onset_samples", "h"),  # onset of the slow movement, counted from onset_sample
    ("move_samples", "H"),  # how long the slow movement lasts; 0 where there is none
    ("effective_ms", "H"),  # energy over squared peak
    ("morph_ms", "H"),  # most time above the low threshold in any 0.5 s
)
EVENT_FIELDS = EVENT_FIELDS_V2 + (
    ("later_pct", "B"),  # share of the slow movement's energy after its first 0.5 s
)
SOURCE_CONTEXT, SOURCE_BURST, SOURCE_MOVE, SOURCE_RUN = 0, 1, 2, 3
SOURCE_NAMES = {
    SOURCE_CONTEXT: "context",
    SOURCE_BURST: "burst",
    SOURCE_MOVE: "move",
    SOURCE_RUN: "run",
}
EVENT_JERK, EVENT_LM, EVENT_POSTURE, EVENT_RHYTHM = 1, 2, 3, 4
EVENT_AWAKE, EVENT_NOT_WORN, EVENT_GAP = 5, 6, 7
EVENT_NAMES = {
    EVENT_JERK: "jerk",
    EVENT_LM: "lm",
    EVENT_POSTURE: "posture",
    EVENT_RHYTHM: "rhythm",
    EVENT_AWAKE: "awake",
    EVENT_NOT_WORN: "not_worn",
    EVENT_GAP: "gap",
}
FLAG_CLIPPED = 1  # a sample at full scale
FLAG_AFTER_GAP = 2  # first event after a gap
FLAG_IN_RHYTHM = 4  # member of a rhythmic run: not a single jerk
FLAG_IN_AWAKE = 8  # inside a span of sustained voluntary movement: not counted
FLAG_IN_LM = 16  # on the edge of or inside a longer movement: not counted as single
FLAG_POSTURE_CHANGED = 32
FLAG_NO_MORPHOLOGY = 64  # an LM without 0.5 s at or above the median rule (WASM 2016, 3.2.1-d)
FLAG_CLONIC_BAND = 128  # a rhythm of 3-8 Hz; without it, 0.3-4 Hz leg rhythm
FLAG_LARGE = 256  # a body movement of 3-45 s
FLAG_VIBRATION = 512  # looks like something outside the body (pump, lorry)
FLAG_TRUNCATED = 1024  # the recording ended in it, or a hand was taking the band off: not counted
FLAG_SLOW = 2048  # not as sharp as a limb's jerk: passed on by a mattress, or a slow swing
FLAG_SMALL = 4096  # above the floor, and below what is counted
FLAG_PROVISIONAL = 8192  # of a frame SEQ_PROVISIONAL: the final row has the same `number`
FLAG_FIRST_NAME = 16384  # named at once, and the band was restarted before that was final
FLAG_NAMES = {
    FLAG_CLIPPED: "clipped",
    FLAG_AFTER_GAP: "after_gap",
    FLAG_IN_RHYTHM: "in_rhythm",
    FLAG_IN_AWAKE: "in_awake",
    FLAG_IN_LM: "in_lm",
    FLAG_POSTURE_CHANGED: "posture_changed",
    FLAG_NO_MORPHOLOGY: "no_morphology",
    FLAG_CLONIC_BAND: "clonic_band",
    FLAG_LARGE: "large",
    FLAG_VIBRATION: "vibration",
    FLAG_TRUNCATED: "truncated",
    FLAG_SLOW: "slow",
    FLAG_SMALL: "small",
    FLAG_PROVISIONAL: "provisional",
    FLAG_FIRST_NAME: "first_name",
}
MINUTE_FIELDS = (
    ("sample", "I"),  # samples seen in the session when the minute ended
    ("tick_ms", "I"),
    ("activity_q4_mg", "H"),  # mean of the movement envelope, 1/16 mg
    ("floor_jerk_q4_mg", "H"),
    ("floor_move_q4_mg", "H"),
    ("gravity_mg", "3h"),
    ("tilt_max_deg", "B"),  # largest change of the gravity direction between 5 s means
    ("flags", "B"),  # MINUTE_*
    ("jerks", "B"),
    ("lms", "B"),
    ("clipped", "B"),
    ("temperature_q8_c", "h"),  # of the chip, 1/256 degC, or NO_TEMPERATURE_Q8_C
    ("battery_mv", "H"),
)
NO_TEMPERATURE_Q8_C = -32768  # -128 degC: the chip has no thermometer, or could not be asked
MINUTE_NOT_WORN, MINUTE_STILL, MINUTE_CLIPPED = 1, 2, 4
MINUTE_AWAKE, MINUTE_GAP, MINUTE_AXIS_DEAD = 8, 16, 32
MINUTE_IMPLAUSIBLE = 64  # its gravity is not that of a limb at rest (plausible.gravity_fault)
FAULT_FIELDS = (("code", "B"), ("sample", "I"), ("tick_ms", "I"), ("count", "H"), ("detail", "I"))
FAULT_I2C, FAULT_SENSOR_LOST, FAULT_STORAGE, FAULT_LOG_CORRUPT, FAULT_OVERRUN = 1, 2, 3, 4, 5
FAULT_WRONG_CHIP = 6  # detail: what it said it is
FAULT_RADIO = 7  # it could not be switched on or off
MARK_FIELDS = (("sample", "I"), ("tick_ms", "I"))
END_FIELDS = (
    ("sample", "I"),
    ("tick_ms", "I"),
    ("reason", "B"),
    ("battery_mv", "H"),
    ("faults", "H"),
    ("overruns", "H"),
)
END_DOCKED, END_BATTERY, END_LOG_FULL, END_SENSOR_LOST, END_ASKED = 1, 2, 3, 4, 5
# A crash ended it. After a hang the next start writes it, from what outlived the reset.
END_CRASHED = 6
END_NOT_WORN = 7  # it lay somewhere for longer than a person would
# A start of the firmware. What went wrong before it, where something did, is told by the same.
START_FIELDS = (
    ("boot_id", "I"),
    ("tick_ms", "I"),
    ("cause", "B"),  # START_*
    ("in_a_row", "B"),  # crashes without a quiet minute between them
    ("line", "H"),  # where the exception came from; 0: not known
    ("sample", "I"),  # of the session that it ended: analysed up to there
    ("where", "16s"),  # file
    ("what", "24s"),  # exception
    ("firmware", "12s"),
)
START_POWER_ON, START_HANG, START_CRASH = 1, 2, 3
START_DEEP_SLEEP, START_ASKED, START_OTHER = 4, 5, 6
CHECK_FIELDS = (
    ("boot_id", "I"),
    ("tick_ms", "I"),
    ("why", "B"),  # CHECK_*
    ("verdict", "B"),  # 0: all is well; else the code of the one thing to mend first
    ("passed", "H"),  # a bit for each step
    ("failed", "H"),
    ("skipped", "H"),
    ("sensor_id", "B"),
    ("address", "B"),
    ("gravity_mg", "H"),
    ("rate_mhz", "I"),
    ("noise_ug", "H"),
    ("battery_mv", "H"),
    ("free_kb", "H"),
)
CHECK_AT_BOOT, CHECK_UNDOCKED, CHECK_ASKED = 1, 2, 3
# A piece of the raw samples around an event, in one record or several; behind the fields stand the
# coded samples. Each record is decoded alone, so that a lost one costs its own samples only.
SNIPPET_FIELDS = (
    ("number", "H"),  # of the event it was written for
    ("first_sample", "I"),  # of the whole snippet
    ("samples", "H"),  # of the whole snippet
    ("offset", "H"),  # this record's first sample, counted from first_sample
    ("count", "H"),  # samples in this record
    ("why", "B"),  # SNIPPET_*: what it was chosen for
    ("coding", "B"),  # CODING_*
)
SNIPPET_FIRST, SNIPPET_RANDOM, SNIPPET_STRONG = 1, 2, 4
CODING_RICE = 1  # see notturno_core.rawring

# What a band is doing, as it says of itself.
STATE_RECORDING, STATE_DOCKED, STATE_TIME_SET, STATE_LOG_FULL = 1, 2, 4, 8

PAYLOAD_FIELDS = {  # the newest layout of each; older ones too are read by `unpack_record`
    REC_SESSION: SESSION_FIELDS,
    REC_TIME: TIME_FIELDS,
    REC_SEGMENT: SEGMENT_FIELDS,
    REC_EVENT: EVENT_FIELDS,
    REC_MINUTE: MINUTE_FIELDS,
    REC_FAULT: FAULT_FIELDS,
    REC_MARK: MARK_FIELDS,
    REC_END: END_FIELDS,
    REC_SNIPPET: SNIPPET_FIELDS,
    REC_START: START_FIELDS,
    REC_CHECK: CHECK_FIELDS,
}


class WireError(ValueError):
    """Bytes that are not what the layout says."""


def format_of(fields):
    """Return the struct format of a field table."""
    return "<" + "".join(code for _, code in fields)


def pack(fields, values):
    """Pack a dict of field values to bytes; a missing field is 0 (tuples and bytes too)."""
    flat = []
    for name, code in fields:
        value = values.get(name)
        if code[-1] == "s":
            flat.append(value or b"")
        elif len(code) > 1:
            flat.extend(value or (0,) * int(code[:-1]))
        else:
            flat.append(value or 0)
    return struct.pack(format_of(fields), *flat)


def unpack(fields, data):
    """Unpack bytes to a dict of field values.

    Extra bytes at the end are allowed (a later version may add fields); too few raise WireError.
    """
    fmt = format_of(fields)
    if len(data) < struct.calcsize(fmt):
        raise WireError("%d bytes where %d are needed" % (len(data), struct.calcsize(fmt)))
    flat = struct.unpack_from(fmt, data)
    values = {}
    i = 0
    for name, code in fields:
        if code[-1] == "s":
            values[name] = flat[i]
            i += 1
        elif len(code) > 1:
            n = int(code[:-1])
            values[name] = tuple(flat[i : i + n])
            i += n
        else:
            values[name] = flat[i]
            i += 1
    return values


_TIME_LENS = [struct.calcsize(format_of(f)) for f in (TIME_FIELDS_V2, TIME_FIELDS)]
_EVENT_V1_LEN = struct.calcsize(format_of(EVENT_FIELDS_V1))
_EVENT_LEN = struct.calcsize(format_of(EVENT_FIELDS))
_EVENT_FLAGS_AT = struct.calcsize(format_of(EVENT_FIELDS_V1[:1]))


def pack_event(values):
    """Pack an event in the newest layout; a missing field is 0, `layout` is filled in."""
    values = dict(values)
    values["layout"] = EVENT_LAYOUT
    return pack(EVENT_FIELDS, values)


def unpack_event(payload):
    """Unpack an event of any layout to the fields of EVENT_FIELDS.

    What its layout did not have is None; `layout` says which it was: 1 for the first, the band's
    own number for one newer than ours, of which the part we know is read. Raises WireError for
    bytes that are no layout's.
    """
    first = len(payload) <= _EVENT_V1_LEN
    fields = EVENT_FIELDS
    if len(payload) < _EVENT_LEN:
        fields = EVENT_FIELDS_V1 if first else EVENT_FIELDS_V2
    values = unpack(fields, payload)
    for name, _ in EVENT_FIELDS[len(fields) :]:
        values[name] = None
    if first:
        values["layout"] = 1
    elif values["layout"] < 2 or (values["layout"] == 2) != (fields is EVENT_FIELDS_V2):
        raise WireError("an event of %d bytes says layout %d" % (len(payload), values["layout"]))
    return values


def flagged_event(payload, flag):
    """Return a packed event with a FLAG_* set, as bytes of their own."""
    marked = bytearray(payload)
    (flags,) = struct.unpack_from("<H", marked, _EVENT_FLAGS_AT)
    struct.pack_into("<H", marked, _EVENT_FLAGS_AT, flags | flag)
    return marked


def unpack_record(kind, payload):
    """Unpack a record's payload to a dict of field values; None for a kind without a table.

    Raises WireError where it is not what the layout says.
    """
    if kind == REC_EVENT:
        return unpack_event(payload)
    if kind == REC_TIME and len(payload) < _TIME_LENS[1]:
        of_host = len(payload) >= _TIME_LENS[0]
        values = unpack(TIME_FIELDS_V2 if of_host else TIME_FIELDS_V1, payload)
        values["host_id"] = values.get("host_id")
        values["carried_s"] = 0
        return values
    fields = PAYLOAD_FIELDS.get(kind)
    return None if fields is None else unpack(fields, payload)


def pack_frame_into(buf, offset, seq, kind, payload):
    """Write one record frame at `offset` of `buf`; return its length in bytes."""
    n = len(payload)
    if n > MAX_PAYLOAD_LEN:
        raise WireError("payload of %d bytes; the limit is %d" % (n, MAX_PAYLOAD_LEN))
    struct.pack_into(HEADER_FORMAT, buf, offset, seq, kind, n)
    end = offset + HEADER_LEN + n
    buf[offset + HEADER_LEN : end] = payload
    crc = binascii.crc32(memoryview(buf)[offset:end]) & 0xFFFFFFFF
    struct.pack_into("<I", buf, end, crc)
    return HEADER_LEN + n + CRC_LEN


def frame_at(buf, offset, end):
    """Return (seq, kind, payload_start, frame_len) of the frame at `offset`.

    Returns None where `buf[offset:end]` holds no whole frame with a right CRC.
    """
    if end - offset < HEADER_LEN + CRC_LEN:
        return None
    seq, kind, n = struct.unpack_from(HEADER_FORMAT, buf, offset)
    body_end = offset + HEADER_LEN + n
    if n > MAX_PAYLOAD_LEN or body_end + CRC_LEN > end:
        return None
    (crc,) = struct.unpack_from("<I", buf, body_end)
    if binascii.crc32(memoryview(buf)[offset:body_end]) & 0xFFFFFFFF != crc:
        return None
    return seq, kind, offset + HEADER_LEN, HEADER_LEN + n + CRC_LEN
