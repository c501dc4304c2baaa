"""The key as it lies on a band: `key.bin` in the root of its file system.

32 bytes of key, then their CRC-32 as 4 bytes, little-endian; nothing else is a whole file. Touches
the flash folder of a virtual band where one is named.
"""

import binascii
import errno
import secrets
from collections.abc import Callable
from pathlib import Path

from notturno.errors import Phrase, UserError
from notturno.keys import private
from notturno.keys.ring import KEY_BYTES, KeyRing

FILE_NAME = "key.bin"
FILE_BYTES = KEY_BYTES + 4
VIRTUAL = "virtual band"


def new_key() -> bytes:
    """Return a key that nobody can guess."""
    return secrets.token_bytes(KEY_BYTES)


def file_bytes(key: bytes) -> bytes:
    """Return the content of `key.bin` for a key of 32 bytes."""
    if len(key) != KEY_BYTES:
        raise ValueError(Phrase("a key has {key_bytes} bytes", key_bytes=KEY_BYTES))
    return bytes(key) + binascii.crc32(key).to_bytes(4, "little")


def key_of_file(data: bytes) -> bytes | None:
    """Return the key in the content of a `key.bin`; None where it is not whole."""
    key = bytes(data[:KEY_BYTES])
    return key if len(data) == FILE_BYTES and file_bytes(key) == data else None


def ensure_for_virtual(flash_folder: Path, ring: KeyRing, device_id: str) -> bytes:
    """Return the key in a virtual band's flash, made if there is no whole one; `ring` gets it.

    Raises UserError where the flash cannot be read or written.
    """
    path = Path(flash_folder) / FILE_NAME
    try:
        key = _found(path)
        if key is None:
            private.write(path, file_bytes(new_key()), instead=path.exists())
            key = _found(path)  # another process may have been faster
            if key is None:
                raise OSError(errno.EIO, Phrase("what was written does not come back"))
    except OSError as error:
        raise UserError(
            "The virtual band's key {path} cannot be read or written "
            "({why_said}); check the folder's permissions and room, or choose "
            "another with --data-dir.",
            path=path,
            why_said=error.strerror,
        ) from error
    ring.add(device_id, key, VIRTUAL, replace=True)
    return key


def keep_virtual(folder: Path | str) -> Callable[..., bytes]:
    """Return what `VirtualBand` calls before it starts: its key goes into a data folder's ring."""
    ring = KeyRing(folder)
    return lambda flash_folder, device_id: ensure_for_virtual(flash_folder, ring, device_id)


def _found(path: Path) -> bytes | None:
    try:
        return key_of_file(private.read(path, FILE_BYTES + 1)[0])
    except FileNotFoundError:
        return None
