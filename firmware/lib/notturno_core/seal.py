"""The key's work: proving that one holds it, and sealing what is said afterwards.

Touches the hash and the cipher given. Speaks bytes. Published parts only, put together as their
authors say (see PROTOCOL.md for the whole and why):
    AKEP2, Bellare and Rogaway, CRYPTO '93: both ends prove the key, each to a fresh nonce
    HMAC-SHA-256 (RFC 2104, vectors in RFC 4231), HKDF-SHA-256 (RFC 5869)
    AES-128 in counter mode (NIST SP 800-38A), then HMAC cut to 80 bits, as SRTP (RFC 3711) does

sha256: as hashlib's. ecb: callable(16 bytes of key) to a function(blocks) that gives AES-ECB of
them: what every ESP32 image has, and all that counter mode asks for.
"""

import struct

from notturno_core import protocol

BLOCK = 64  # of SHA-256, as HMAC means it
AES_BLOCK = 16
COUNTER_LEN, TAG_LEN = 4, 10
OVERHEAD = COUNTER_LEN + TAG_LEN  # bytes that sealing adds to a message
MESSAGES_MAX = 0xFFFFFFFF  # on one channel of one connection; then no counter is left
_CIPHER_LEN, _MAC_LEN = 16, 32
_HEAD_LEN = 5  # what the tag covers before the ciphertext: channel and counter


class SealError(Exception):
    """A message that no holder of the key has sealed, or not for this place."""


class Hmac:
    """HMAC-SHA-256 of one key (RFC 2104)."""

    def __init__(self, sha256, key):
        self._sha256 = sha256
        if len(key) > BLOCK:
            key = sha256(key).digest()
        key = bytes(key) + bytes(BLOCK - len(key))
        self._inner = bytes(b ^ 0x36 for b in key)
        self._outer = bytes(b ^ 0x5C for b in key)

    def of(self, *parts):
        """Return the 32 bytes of HMAC over the parts, joined."""
        inner = self._sha256(self._inner)
        for part in parts:
            inner.update(part)
        outer = self._sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()


def hkdf(sha256, key, salt, info, n):
    """Return n bytes derived from a key (RFC 5869: extract, then expand)."""
    expand = Hmac(sha256, Hmac(sha256, salt).of(key))
    made = block = b""
    i = 1
    while len(made) < n:
        block = expand.of(block, info, bytes((i,)))
        made += block
        i += 1
    return made[:n]


def same(a, b):
    """Compare two byte strings in a time that does not tell where they differ."""
    differ = len(a) ^ len(b)
    for i in range(min(len(a), len(b))):
        differ |= a[i] ^ b[i]
    return differ == 0


class Proofs:
    """What each end says to prove that it holds the key, to one pair of nonces.

    versions: (host's, band's) protocol version, so that nobody in between talks one of them down.
    """

    def __init__(self, sha256, key, host_nonce, band_nonce, versions):
        mac = Hmac(sha256, hkdf(sha256, key, b"", b"notturno 2 proof", 32))
        said = bytes(versions) + bytes(host_nonce) + bytes(band_nonce)
        self.band = mac.of(b"band", said)[: protocol.PROOF_LEN]
        self.host = mac.of(b"host", said)[: protocol.PROOF_LEN]


class Session:
    """Seals and opens the messages of one connection, from one end of it.

    at_band: which end this is. Each channel and direction counts its messages by itself.
    """

    def __init__(self, sha256, ecb, key, host_nonce, band_nonce, at_band):
        secrets = hkdf(
            sha256,
            key,
            bytes(host_nonce) + bytes(band_nonce),
            b"notturno 2 seal",
            2 * (_CIPHER_LEN + _MAC_LEN),
        )
        half = _CIPHER_LEN + _MAC_LEN
        to_band = ecb(secrets[:_CIPHER_LEN]), Hmac(sha256, secrets[_CIPHER_LEN:half])
        to_host = (
            ecb(secrets[half : half + _CIPHER_LEN]),
            Hmac(sha256, secrets[half + _CIPHER_LEN :]),
        )
        self._out, self._in = (to_host, to_band) if at_band else (to_band, to_host)
        self._sent = {}  # channel -> the next counter
        self._heard = {}

    def seal(self, channel, plain):
        """Return a message sealed as the next one of its channel. Raises SealError at its end."""
        counter = self._sent.get(channel, 0)
        if counter >= MESSAGES_MAX:
            raise SealError("no counter is left: connect anew")
        self._sent[channel] = counter + 1
        encrypt, mac = self._out
        secret = _counted(encrypt, channel, counter, plain)
        head = struct.pack("<BI", channel, counter)
        return b"".join((head[1:], secret, mac.of(head, secret)[:TAG_LEN]))

    def open(self, channel, sealed):
        """Return what was sealed. Raises SealError for a false, repeated or missing message.

        On LIVE, where a host's system may drop some, a later counter than the next is right too.
        """
        end = len(sealed) - TAG_LEN
        if end < COUNTER_LEN:
            raise SealError("a message is too short to be sealed")
        encrypt, mac = self._in
        view = memoryview(sealed)
        secret = view[COUNTER_LEN:end]
        tag = mac.of(bytes((channel,)), view[:end])[:TAG_LEN]
        if not same(tag, view[end:]):
            raise SealError("a message is not sealed with the key")
        (counter,) = struct.unpack_from("<I", sealed)
        expected = self._heard.get(channel, 0)
        if counter < expected or (counter > expected and channel != protocol.LIVE):
            raise SealError("message %d came where %d was due" % (counter, expected))
        self._heard[channel] = counter + 1
        return _counted(encrypt, channel, counter, secret)


def _counted(encrypt, channel, counter, data):
    """Return the data in counter mode: encrypted, or decrypted, which is the same."""
    n = len(data)
    blocks = bytearray((n + AES_BLOCK - 1) // AES_BLOCK * AES_BLOCK)
    for i in range(0, len(blocks), AES_BLOCK):
        struct.pack_into(">B7xII", blocks, i, channel, counter, i // AES_BLOCK)
    stream = memoryview(encrypt(blocks))[:n]
    # As two large numbers: a loop over the bytes would cost the band more than the cipher.
    mixed = int.from_bytes(bytes(stream), "little") ^ int.from_bytes(bytes(data), "little")
    return mixed.to_bytes(n, "little")
