"""The band's key: read from its file, which a cable puts there and no radio can reach.

Touches the file given. 32 bytes of key, then their CRC-32, so that half a file is no key.
"""

import binascii
import struct

from notturno_core.protocol import KEY_LEN

FILE_NAME = "key.bin"


def read(path=FILE_NAME):
    """Return the key, or None where there is no whole one."""
    try:
        with open(path, "rb") as file:
            data = file.read(KEY_LEN + 5)  # one more than there should be
    except OSError:
        return None
    if len(data) != KEY_LEN + 4:
        return None
    key = data[:KEY_LEN]
    (crc,) = struct.unpack("<I", data[KEY_LEN:])
    return key if binascii.crc32(key) & 0xFFFFFFFF == crc else None
