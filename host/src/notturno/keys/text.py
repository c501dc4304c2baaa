"""A key as a text that people and QR codes carry to a second computer or a phone. Pure.

`notturno1.` and 71 letters and figures: base32 (RFC 4648, without padding) of device id (8 bytes),
key (32) and the CRC-32 over both (4, little-endian). Capitals do not matter; spaces, line ends and
dashes may stand anywhere.
"""

import base64
import binascii
import re

from notturno.errors import UserError

PREFIX = "notturno1."
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ID_BYTES, KEY_BYTES, CHECK_BYTES = 8, 32, 4
LETTERS = 71
ASK = "copy it again from  notturno bands key show"
DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212"  # what programs make of a dash


def to_text(device_id: str, key: bytes) -> str:
    """Return the text of a band's key. Raises ValueError for an id or key of another length."""
    data = bytes.fromhex(device_id) + bytes(key)
    if len(data) != ID_BYTES + KEY_BYTES or len(key) != KEY_BYTES:
        raise ValueError("a device id has 8 bytes and a key 32")
    data += binascii.crc32(data).to_bytes(CHECK_BYTES, "little")
    return PREFIX + base64.b32encode(data).decode().rstrip("=")


def from_text(text: str) -> tuple[str, bytes]:
    """Return (device id, key) of a text. Raises UserError that says what is wrong with it."""
    plain = "".join(c for c in text if not c.isspace() and c not in DASHES)
    if plain[: len(PREFIX)].lower() != PREFIX:
        if re.match(r"notturno\d+\.", plain, re.IGNORECASE | re.ASCII):
            raise UserError("This key was written by a newer notturno; update this one.")
        raise UserError(
            "This is no band's key: one begins with {prefix}; {ask_said}.",
            prefix=PREFIX,
            ask_said=ASK,
        )
    letters = plain[len(PREFIX) :]
    for place, letter in enumerate(letters, 1):
        if not letter.isascii() or letter.upper() not in ALPHABET:
            shown = letter if letter.isprintable() else ascii(letter)
            raise UserError(
                "{shown} is none of a key's letters (A to Z, 2 to 7; it stands "
                "at place {place} behind the dot); {ask_said}.",
                shown=shown,
                place=place,
                ask_said=ASK,
            )
    if len(letters) != LETTERS:
        what_said = "something was added" if letters[LETTERS:] else "a part is missing"
        raise UserError(
            "This key has {n_letters} letters behind the dot instead of {letters}: "
            "{what_said}; {ask_said}.",
            n_letters=len(letters),
            letters=LETTERS,
            what_said=what_said,
            ask_said=ASK,
        )
    data = base64.b32decode(letters.upper() + "=")
    body, check = data[:-CHECK_BYTES], data[-CHECK_BYTES:]
    device_id, key = body[:ID_BYTES].hex(), body[ID_BYTES:]
    # The last letter carries bits that stand for nothing; one text alone is right.
    if (
        binascii.crc32(body).to_bytes(CHECK_BYTES, "little") != check
        or to_text(device_id, key)[len(PREFIX) :] != letters.upper()
    ):
        raise UserError(
            "This key's checksum is wrong, so a letter of it was changed; {ask_said}.",
            ask_said=ASK,
        )
    return device_id, key
