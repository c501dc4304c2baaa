"""What the event log knows beside its records: two copies of one small file.

Touches the storage given. Speaks (log_id, boot_id, committed_seq, reserved_seq, lost_records).
Two copies, because one flipped bit must not make a band forget who it is.
"""

import binascii
import struct

NAMES = ("meta", "meta2")
FORMAT = "<4sIIIII"  # magic and the five fields; then their CRC-32
MAGIC = b"NTL1"
BODY_LEN = struct.calcsize(FORMAT)


def read(storage):
    """Return the five fields from the better copy, or None where neither is whole."""
    best = None
    names = storage.names()
    buf = bytearray(BODY_LEN + 4)
    for name in NAMES:
        if name not in names or storage.read_into(name, 0, buf) != BODY_LEN + 4:
            continue
        (crc,) = struct.unpack_from("<I", buf, BODY_LEN)
        fields = struct.unpack_from(FORMAT, buf)
        if binascii.crc32(memoryview(buf)[:BODY_LEN]) & 0xFFFFFFFF != crc or fields[0] != MAGIC:
            continue
        # boot_id and committed_seq only grow: the larger copy is the newer one, or as safe.
        if best is None or fields[2:] > best[1:]:
            best = fields[1:]
    return best


def write(storage, fields):
    """Replace both copies, one after the other. Raises the storage's OSError."""
    data = bytearray(BODY_LEN + 4)
    struct.pack_into(FORMAT, data, 0, MAGIC, *fields)
    crc = binascii.crc32(memoryview(data)[:BODY_LEN]) & 0xFFFFFFFF
    struct.pack_into("<I", data, BODY_LEN, crc)
    for name in NAMES:
        storage.replace(name, data)
