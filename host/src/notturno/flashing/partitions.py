"""Gives MicroPython's image a ROM partition: from it the band's program runs in place.

Touches bytes alone. Official images of the ESP32 port can use one ("esp32: supported with custom
partition table", MicroPython's docs/reference/romfs.rst) and come without: the table that they
carry names none. Theirs is named `romfs`, of type data and subtype 0x8f, in
ports/esp32/partitions-4MiB-romfs.csv. The port makes its file system of what flash is left behind
the last partition, as it starts for the first time.

A table: entries of 32 bytes (ESP-IDF's esp_partition_info_t: magic, type, subtype, offset, size,
label, flags), an entry with their MD5, then 0xFF.
"""

import hashlib
import struct

ENTRY = "<HBBII16sI"
ENTRY_BYTES = struct.calcsize(ENTRY)
MAGIC, MD5_MAGIC = 0x50AA, b"\xeb\xeb" + b"\xff" * 14
TABLE_BYTES = 0xC00
DATA, ROMFS = 0x01, 0x8F
LABEL = b"romfs"
FILE_SYSTEMS = (b"vfs", b"ffat")
ALIGNED = 0x10000  # flash is mapped by pages of 64 kB
ROM_BYTES = 0x30000  # the program takes some 115 kB


def with_rom(table: bytes) -> bytes:
    """Return a partition table (TABLE_BYTES) with a ROM partition behind the program's.

    One that has one already is returned as it is. Raises ValueError for what is no table, or has
    no room.
    """
    entries = _entries(table)
    if any(entry[5] == LABEL for entry in entries):
        return table
    out: list[tuple] = []
    at, made = 0, False
    for kind, subtype, start, size, flags, label in entries:
        if label in FILE_SYSTEMS and not made:
            if start % ALIGNED or size < 4 * ROM_BYTES:
                raise ValueError("its file system is too small to give anything away")
            out.append((DATA, ROMFS, start, ROM_BYTES, 0, LABEL))
            start, size, made = start + ROM_BYTES, size - ROM_BYTES, True
        out.append((kind, subtype, start, size, flags, label))
        at = max(at, start + size)
    if not made:
        at = -(-at // ALIGNED) * ALIGNED
        out.append((DATA, ROMFS, at, ROM_BYTES, 0, LABEL))
    return _packed(out)


def _entries(table: bytes) -> list[tuple]:
    """Return [(type, subtype, offset, size, flags, label)]; raises ValueError."""
    found, at = [], 0
    while table[at : at + 2] == struct.pack("<H", MAGIC):
        _, kind, subtype, start, size, label, flags = struct.unpack_from(ENTRY, table, at)
        found.append((kind, subtype, start, size, flags, label.rstrip(b"\0")))
        at += ENTRY_BYTES
    tail = table[at : at + ENTRY_BYTES]
    summed = tail[:16] == MD5_MAGIC and tail[16:] == hashlib.md5(table[:at]).digest()
    if not found or not (summed or tail == b"\xff" * ENTRY_BYTES):
        raise ValueError("its partition table is not whole")
    return found


def _packed(entries: list[tuple]) -> bytes:
    out = b"".join(
        struct.pack(ENTRY, MAGIC, kind, subtype, start, size, label, flags)
        for kind, subtype, start, size, flags, label in entries
    )
    out += MD5_MAGIC + hashlib.md5(out).digest()
    if len(out) > TABLE_BYTES:
        raise ValueError("its partition table is full")
    return out + b"\xff" * (TABLE_BYTES - len(out))
