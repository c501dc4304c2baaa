"""The bands' keys on this computer: 32 random bytes each, made when a band is flashed.

Who holds a band's key can read its nights, so it lies where its owner alone can read it (`ring`),
goes to another computer as a text (`text`) and to and from the band by cable only (`cable`).
A device id is 16 hex letters, as the store writes it.
"""

from notturno.keys.band_file import (
    FILE_NAME,
    ensure_for_virtual,
    file_bytes,
    keep_virtual,
    key_of_file,
    new_key,
)
from notturno.keys.ring import NEW, REPLACED, SAME, KeyRing
from notturno.keys.text import from_text, to_text

__all__ = [
    "FILE_NAME",
    "NEW",
    "REPLACED",
    "SAME",
    "KeyRing",
    "ensure_for_virtual",
    "file_bytes",
    "from_text",
    "keep_virtual",
    "key_of_file",
    "new_key",
    "to_text",
]
