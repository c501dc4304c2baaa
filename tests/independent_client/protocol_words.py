"""The bytes of the page firmware/PROTOCOL.md: pieces, seals, proofs and frames, and no radio.

Written from the page alone; nothing of the host application or the firmware is used.
"""

import hashlib
import hmac
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 2
CONTROL, DATA, LIVE = 1, 2, 3  # as section 4 numbers the channels
BEGINS, ENDS, NUMBER = 0x40, 0x80, 0x3F
TAG_BYTES, NONCE_BYTES = 10, 16
LONGEST_TO_BAND, LONGEST_TO_HOST = 64, 1024
LONGEST_PAYLOAD = 200
OP_SET_TIME, OP_REPORT, OP_ABORT, OP_COMMIT, OP_INFO, OP_LIVE, OP_CHECKPOINT = 1, 2, 3, 4, 5, 6, 16
OP_HELLO, OP_PROOF = 32, 33
NEWEST = 0xFFFFFFFF
NO_RECORD = 0xFFFFFFFF  # the number of a live movement that may still change
REPLY = struct.Struct("<BBIII")
REPLY_FIELDS = ("op", "status", "next_seq", "crc32", "tick_ms")
INFO_REPLY = struct.Struct("<BBBB8sIIIIIIIHH12s")
INFO_FIELDS = (
    *("op", "status", "log_version", "state", "device_id", "log_id", "boot_id", "tick_ms"),
    *("first_seq", "next_seq", "committed_seq", "lost_records", "battery_mv", "strangers"),
    "firmware",
)
HEAD = struct.Struct("<IBB")  # of a record frame


class ClientError(Exception):
    """The band, or the way to it, does not do what the page says; the text says what."""


class NotOurBand(ClientError):
    """The band did not prove our key, or would not take our proof of it."""


class Pieces:
    """Cuts messages into values, and joins values into messages; one direction of one channel."""

    def __init__(self, longest: int):
        self.longest = longest
        self.number = 0
        self.message: bytearray | None = None

    def cut(self, message: bytes, value_bytes: int) -> list[bytes]:
        """Return the values of a message, each of at most value_bytes bytes with its head.

        Raises ClientError if the message is longer than the band takes.
        """
        if len(message) > self.longest:
            raise ClientError("a message is too long")
        values = []
        step = value_bytes - 1
        for at in range(0, len(message), step):
            ends = at + step >= len(message)
            head = (BEGINS if at == 0 else 0) | (ENDS if ends else 0) | self.number
            values.append(bytes([head]) + message[at : at + step])
            self.number = (self.number + 1) & NUMBER
        return values

    def join(self, value: bytes) -> bytes | None:
        """Return the message that this value ends, else None. Raises ClientError at a gap."""
        if not value or value[0] & NUMBER != self.number:
            raise ClientError("a piece is missing")
        self.number = (self.number + 1) & NUMBER
        if bool(value[0] & BEGINS) != (self.message is None):
            raise ClientError("a piece neither begins nor goes on with a message")
        self.message = (self.message or bytearray()) + value[1:]
        if len(self.message) > self.longest:
            raise ClientError("a message is too long")
        if not value[0] & ENDS:
            return None
        message, self.message = bytes(self.message), None
        return message

    def join_lossy(self, value: bytes) -> bytes | None:
        """Do as join does, but throw an unfinished message away where values are missing."""
        head = value[0] if value else 0
        if head & NUMBER != self.number or head & BEGINS:
            self.message = None
        self.number = head & NUMBER
        if head & BEGINS or self.message is not None:
            return self.join(value)
        self.number = (self.number + 1) & NUMBER
        return None


class Sealer:
    """Seals and opens the messages of one direction; every channel has a counter of its own."""

    def __init__(self, cipher_key: bytes, mac_key: bytes):
        self.cipher_key, self.mac_key = cipher_key, mac_key
        self.counters = dict.fromkeys((CONTROL, DATA, LIVE), 0)

    def seal(self, channel: int, plaintext: bytes) -> bytes:
        counter = self.counters[channel]
        self.counters[channel] += 1
        body = struct.pack("<I", counter) + self._crypt(channel, counter, plaintext)
        return body + self._tag(channel, body)

    def open(self, channel: int, message: bytes) -> bytes:
        """Return the plaintext. Raises ClientError at a wrong tag or a counter out of turn."""
        body, tag = message[:-TAG_BYTES], message[-TAG_BYTES:]
        if len(body) < 4 or not hmac.compare_digest(self._tag(channel, body), tag):
            raise ClientError("the seal of a message is broken")
        (counter,) = struct.unpack_from("<I", body)
        next_one = self.counters[channel]
        if counter < next_one or (counter > next_one and channel != LIVE):
            raise ClientError("a sealed message is missing, or comes again")
        self.counters[channel] = counter + 1
        return self._crypt(channel, counter, body[4:])

    def _crypt(self, channel: int, counter: int, data: bytes) -> bytes:
        block = struct.pack(">B7xII", channel, counter, 0)
        return Cipher(algorithms.AES(self.cipher_key), modes.CTR(block)).encryptor().update(data)

    def _tag(self, channel: int, body: bytes) -> bytes:
        tagged = bytes([channel]) + body
        return hmac.digest(self.mac_key, tagged, hashlib.sha256)[:TAG_BYTES]


def derive(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)


def proof(key: bytes, who: bytes, host_nonce: bytes, band_nonce: bytes) -> bytes:
    """Return the 16 bytes by which who (b"band" or b"host") shows that it holds the key."""
    proof_key = derive(key, b"", b"notturno 2 proof", 32)
    said = who + bytes([VERSION, VERSION]) + host_nonce + band_nonce
    return hmac.digest(proof_key, said, hashlib.sha256)[:16]


def sealers(key: bytes, nonces: bytes) -> tuple[Sealer, Sealer]:
    """Return the sealers to the band and to the host; nonces is the host's, then the band's."""
    secrets = derive(key, nonces, b"notturno 2 seal", 96)
    return Sealer(secrets[:16], secrets[16:48]), Sealer(secrets[48:64], secrets[64:])


def fields_of(message: bytes) -> dict:
    """Return the fields of a reply with status 0 by name."""
    if message[0] != OP_INFO:
        return dict(zip(REPLY_FIELDS, REPLY.unpack_from(message), strict=True))
    fields = dict(zip(INFO_FIELDS, INFO_REPLY.unpack_from(message), strict=True))
    return fields | {"firmware": fields["firmware"].rstrip(b"\0").decode("ascii")}


def frames_of(data: bytes) -> list[tuple[int, bytes]]:
    """Return (seq, frame) of the record frames that data is made of. Raises ClientError."""
    frames = []
    at = 0
    while at < len(data):
        payload = data[at + 5] if at + 5 < len(data) else 0
        end = at + HEAD.size + payload
        frame = bytes(data[at : end + 4])
        whole = len(frame) == end + 4 - at and payload <= LONGEST_PAYLOAD
        if not whole or zlib.crc32(frame[:-4]).to_bytes(4, "little") != frame[-4:]:
            raise ClientError(f"no whole record frame at byte {at} of the report")
        frames.append((HEAD.unpack_from(frame)[0], frame))
        at = end + 4
    return frames
