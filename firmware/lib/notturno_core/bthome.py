"""What the dock's beacon says, byte for byte: encrypted BTHome v2 (bthome.io/format, /encryption).

Touches the hash and the cipher given. AES-128 in CCM (RFC 3610) is made from ECB, which is all
that a band's image has. The band packs with it, and the host derives the same key for the hub.
"""

import struct

from notturno_core import wire
from notturno_core.seal import AES_BLOCK, hkdf

# A key of its own: who reads the beacon learns nothing of the band's key, nor of a night.
BIND_LABEL = b"notturno beacon 1"
BIND_LEN = 16
UUID = b"\xd2\xfc"  # 0xFCD2 as it goes over the air
# Bit 0: encrypted. Bit 2: it does not speak at regular times, so that a hub keeps what it heard
# while the band is away for the night. Bits 5 to 7: version 2.
DEVICE_INFO = 0x45
FLAGS = b"\x02\x01\x06"
_SERVICE_DATA = 0x16
_PACKET_ID, _BATTERY_PCT, _COUNT_16 = 0x00, 0x01, 0x3D  # in this order; the count has two bytes
TAG_LEN = 4
_CCM_TAG = (TAG_LEN - 2) // 2 << 3
_CCM_LENGTHS = 1  # of two bytes, less one
COUNTER_MOST = 0xFFFFFFFF
# Jerks with one of these flags are not counted (nights/counts.py, OF_JERKS; a test holds both).
NOT_COUNTED = (
    wire.FLAG_TRUNCATED
    | wire.FLAG_VIBRATION
    | wire.FLAG_IN_AWAKE
    | wire.FLAG_IN_RHYTHM
    | wire.FLAG_IN_LM
    | wire.FLAG_SMALL
    | wire.FLAG_SLOW
)


def bind_key(sha256, key):
    """Return the 16 bytes that a hub is given, of a band's key; they open its beacon alone."""
    return hkdf(sha256, key, b"", BIND_LABEL, BIND_LEN)


def ccm(encrypt, nonce, plain):
    """Return plain encrypted and its tag of 4 bytes, as CCM with lengths of 2 bytes (RFC 3610).

    encrypt: AES-ECB of whole blocks under the key. nonce: 13 bytes, never used twice.
    """
    n = len(plain)
    mac = encrypt(bytes((_CCM_TAG | _CCM_LENGTHS,)) + nonce + struct.pack(">H", n))
    for at in range(0, n, AES_BLOCK):
        piece = plain[at : at + AES_BLOCK]
        mac = encrypt(_mixed(mac, piece) + mac[len(piece) :])
    blocks = b""
    for i in range(1 + (n + AES_BLOCK - 1) // AES_BLOCK):
        blocks += bytes((_CCM_LENGTHS,)) + nonce + struct.pack(">H", i)
    stream = encrypt(blocks)
    return _mixed(stream[AES_BLOCK:], plain) + _mixed(stream, mac[:TAG_LEN])


def _mixed(stream, data):
    """Return data xored with as much of the stream."""
    return bytes(stream[i] ^ data[i] for i in range(len(data)))


def advertisement(encrypt, mac, counter, battery_pct, jerks):
    """Return the advertising data, 31 bytes at most, of which a hub reads these figures.

    mac: the 6 bytes of the address that it is sent from, as people write it. counter: never twice
    with other figures. battery_pct, jerks: None where it is not known.
    """
    plain = bytes((_PACKET_ID, counter & 0xFF))
    if battery_pct is not None:
        plain += bytes((_BATTERY_PCT, battery_pct))
    if jerks is not None:
        plain += struct.pack("<BH", _COUNT_16, min(jerks, 0xFFFF))
    counted = struct.pack("<I", counter)
    sealed = ccm(encrypt, mac + UUID + bytes((DEVICE_INFO,)) + counted, plain)
    data = UUID + bytes((DEVICE_INFO,)) + sealed[:-TAG_LEN] + counted + sealed[-TAG_LEN:]
    return FLAGS + bytes((1 + len(data), _SERVICE_DATA)) + data
