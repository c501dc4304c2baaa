"""What a band and a host say to each other: every byte on the air that is not a record's.

Touches nothing. Little-endian integers, units in the field names. PROTOCOL.md tells the whole
conversation in words, and its tables are made from this file. Layouts are field tables as in
`wire`, packed and unpacked with `wire.pack` and `wire.unpack`.

Three layers. A *value* is what one GATT write, notification or indication carries: a head byte and
a piece of a message. A *message* is plain until both ends have proved the key, and sealed from
then on (see `seal`). What a message says is a request, a reply, a stretch of records, or a frame.
"""

from notturno_core.wire import NAME_PREFIX, SERVICE_UUID  # noqa: F401  handed on

VERSION = 2

VERSION_UUID = "6e6f7474-7572-6e6f-0001-000000000002"  # read: PUBLIC_FIELDS
CONTROL_UUID = "6e6f7474-7572-6e6f-0001-000000000003"  # write with response, indicate
DATA_UUID = "6e6f7474-7572-6e6f-0001-000000000004"  # notify: the records asked for
LIVE_UUID = "6e6f7474-7572-6e6f-0001-000000000005"  # notify: records as logged, provisional rows


def name_of(device_id):
    """Return the name that a band of an id (bytes) advertises, of its chip's last two bytes.

    A chip's id of 6 bytes is filled up with zeros at its end: they tell no band from another.
    """
    return NAME_PREFIX + "-%02X%02X" % tuple((b"\0\0" + device_id.rstrip(b"\0"))[-2:])


PUBLIC_FIELDS = (("protocol_version", "B"),)  # all that a stranger may read

# --- pieces ------------------------------------------------------------------------------------
# Number of a channel: part of what is sealed, so that no message is taken for one of another.
CONTROL, DATA, LIVE = 1, 2, 3
HEAD_LAST, HEAD_FIRST = 0x80, 0x40  # the piece ends, begins a message
HEAD_COUNT = 0x3F  # the piece's running number on its channel and direction, from 0, mod 64
REQUEST_MAX = 240  # bytes of a message to the band: with its seal it fits one packet
MESSAGE_MAX = 1024  # bytes of a message to the host
MTU_MIN, MTU_MAX = 23, 247  # 244 bytes of payload are one packet on the air

# --- the proof ---------------------------------------------------------------------------------
OP_HELLO, OP_PROOF = 32, 33
NONCE_LEN, PROOF_LEN, KEY_LEN = 16, 16, 32
HELLO_FIELDS = (("op", "B"), ("protocol_version", "B"), ("host_nonce", "16s"))
CHALLENGE_FIELDS = (("op", "B"), ("status", "B"), ("band_nonce", "16s"), ("proof", "16s"))
PROOF_FIELDS = (("op", "B"), ("proof", "16s"))
UNPROVEN_MS = 5_000  # a host that has not proved the key by then is let go
IDLE_MS = 60_000  # so is one that has asked nothing for so long

# --- requests and replies, sealed --------------------------------------------------------------
OP_SET_TIME, OP_REPORT, OP_ABORT, OP_COMMIT, OP_INFO, OP_LIVE = 1, 2, 3, 4, 5, 6
OP_READ, OP_PARCEL, OP_PIECE, OP_UNPACK = 7, 8, 9, 10
OP_CHECK = 11
OP_CHECKPOINT = 16  # the band's alone, in the middle of a report
SET_TIME_FIELDS = (("op", "B"), ("utc_ms", "Q"), ("error_ms", "H"), ("host_id", "I"))
REPORT_FIELDS = (("op", "B"), ("from_seq", "I"), ("through_seq", "I"))
ABORT_FIELDS = (("op", "B"),)
COMMIT_FIELDS = (("op", "B"), ("through_seq", "I"), ("crc32", "I"))
ASK_INFO_FIELDS = (("op", "B"),)
LIVE_FIELDS = (("op", "B"), ("on", "B"))
READ_FIELDS = (("op", "B"), ("what", "B"))  # READ_*
PARCEL_FIELDS = (
    ("op", "B"),
    ("kind", "B"),  # PARCEL_*
    ("size", "I"),  # bytes of the parcel
    ("digest", "32s"),  # its SHA-256
)
PIECE_FIELDS = (("op", "B"), ("offset", "I"))  # then bytes of the parcel, to the message's end
UNPACK_FIELDS = (("op", "B"),)
ASK_CHECK_FIELDS = (
    ("op", "B"),
    ("cable", "B"),  # what the host knows of the charger's: 0 nothing, 1 it is out, 2 it is in
)
REQUEST_FIELDS = {
    OP_SET_TIME: SET_TIME_FIELDS,
    OP_REPORT: REPORT_FIELDS,
    OP_ABORT: ABORT_FIELDS,
    OP_COMMIT: COMMIT_FIELDS,
    OP_INFO: ASK_INFO_FIELDS,
    OP_LIVE: LIVE_FIELDS,
    OP_READ: READ_FIELDS,
    OP_PARCEL: PARCEL_FIELDS,
    OP_PIECE: PIECE_FIELDS,
    OP_UNPACK: UNPACK_FIELDS,
    OP_CHECK: ASK_CHECK_FIELDS,
}
READ_MANIFEST, READ_SETTINGS = 0, 1
PARCEL_PROGRAM, PARCEL_SETTINGS = 1, 2
PIECE_MAX = 220  # bytes of a parcel in one message
SETTINGS_MAX = 4096
REPLY_FIELDS = (
    ("op", "B"),  # the op answered; 16 is a CHECKPOINT, in the middle of a report
    ("status", "B"),  # see the table of the statuses
    ("next_seq", "I"),  # report, checkpoint: one past the last record sent; commit: committed_seq;
    # read: bytes sent; parcel, piece: bytes the band holds; with status 6: why
    ("crc32", "I"),  # report, checkpoint: over all frames sent since the report began
    ("tick_ms", "I"),  # the band's clock when it answered
)
INFO_FIELDS = (  # the reply to OP_INFO
    ("op", "B"),
    ("status", "B"),
    ("log_version", "B"),
    ("state", "B"),  # bits of wire.STATE_*
    ("device_id", "8s"),
    ("log_id", "I"),  # random, made with the log: a wiped band cannot be mistaken for the old one
    ("boot_id", "I"),
    ("tick_ms", "I"),
    ("first_seq", "I"),  # oldest record still stored
    ("next_seq", "I"),  # number the next record will get
    ("committed_seq", "I"),  # a host confirmed every record below this one
    ("lost_records", "I"),  # records given up because the flash was full
    ("battery_mv", "H"),
    ("strangers", "H"),  # connections since the start that proved nothing
    ("firmware", "12s"),
)
STATUS_OK, STATUS_BAD_REQUEST, STATUS_BUSY, STATUS_CRC_MISMATCH, STATUS_ABORTED = 0, 1, 2, 3, 4
STATUS_NO_KEY, STATUS_REFUSED = 5, 6
STATUS_NAMES = ("ok", "bad request", "busy", "crc mismatch", "aborted", "no key", "refused")
# Why a parcel is refused, in next_seq.
REFUSED_DAMAGED, REFUSED_NOT_RIGHT, REFUSED_OTHER_CHIP, REFUSED_TOO_OLD = 1, 2, 3, 4
REFUSED_NO_SLOTS, REFUSED_ON_TRIAL, REFUSED_NO_ROOM, REFUSED_RECORDING = 5, 6, 7, 8
CHECKPOINT_EVERY = 8  # data messages between checkpoints; two of them may be on their way
THROUGH_ALL = 0xFFFFFFFF  # through_seq of a report that goes on to the newest record
