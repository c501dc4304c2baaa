"""A band in memory, written from the page firmware/PROTOCOL.md alone, for faults no band has.

It stands where Bumble's connection stands. Its seal is made by hand from AES blocks and HMAC, and
shares no line with the client's, so that one misreading of the page is not made twice.
"""

import asyncio
import hashlib
import hmac
import struct
import zlib
from types import SimpleNamespace

from bumble.core import UUID
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

UUIDS = [UUID(f"6e6f7474-7572-6e6f-0001-{number:012d}") for number in range(1, 6)]
BAND_NONCE = bytes(range(100, 116))
INFO_LAYOUT = "<BBBB8sIIIIIIIHH12s"


def mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def stretch(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """Do what RFC 5869 does, step by step."""
    pseudorandom, made, block = mac(salt or bytes(32), key), b"", b""
    while len(made) < length:
        block = mac(pseudorandom, block, info, bytes([len(made) // 32 + 1]))
        made += block
    return made[:length]


def mask(key: bytes, channel: int, counter: int, data: bytes) -> bytes:
    """Xor data with the AES blocks of the counters, block by block."""
    aes = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    blocks = b"".join(
        aes.update(bytes([channel]) + bytes(7) + counter.to_bytes(4) + number.to_bytes(4))
        for number in range(len(data) // 16 + 1)
    )
    return bytes(a ^ b for a, b in zip(data, blocks, strict=False))


def frame(seq: int, payload: bytes) -> bytes:
    body = struct.pack("<IBB", seq, 1, len(payload)) + payload
    return body + struct.pack("<I", zlib.crc32(body))


class PageBand:
    """A band that holds frames; spoil(channel, number, value) may change or drop what it sends.

    spoil is called with every value before it goes: channel 1 or 2, number from 0, and returns
    the values to send instead.
    """

    EVENT_DISCONNECTION = "disconnection"

    def __init__(self, key: bytes, frames: list[bytes], att_mtu: int = 23, version: int = 2):
        self.key, self.frames, self.att_mtu, self.version = key, frames, att_mtu, version
        self.gatt_client = self
        self.spoil = lambda channel, number, value: [value]
        self.values: list[bytes] = []  # all that went through the air
        self.took: list[tuple] = []  # requests
        self.status = 0  # of the challenge
        self.committed = 1
        self.checkpoint_every = 8
        self.sent = {1: 0, 2: 0}
        self.sealed = {1: 0, 2: 0}
        self.read = self.opened = 0
        self.subscribers, self.coming, self.secrets, self.lost = {}, b"", None, None

    # What Bumble's connection and its GATT client are to the client.
    def on(self, _event, lost):
        self.lost = lost

    async def disconnect(self):
        lost, self.lost = self.lost, None
        if lost:
            lost(0x13)

    async def discover_service(self, uuid):
        return [self] if uuid == UUIDS[0] else []

    async def discover_characteristics(self):
        return [self._characteristic(number) for number in range(4)]

    def _characteristic(self, channel: int) -> SimpleNamespace:
        async def read_value():
            return bytes([self.version])

        async def subscribe(subscriber, prefer_notify):
            assert not prefer_notify
            self.subscribers[channel] = subscriber

        async def write_value(value, with_response):
            assert with_response
            assert channel == 1
            assert len(value) <= self.att_mtu - 3
            await self._written(value)

        return SimpleNamespace(
            uuid=UUIDS[channel + 1],
            read_value=read_value,
            subscribe=subscribe,
            write_value=write_value,
        )

    # The band's own side.
    async def _written(self, value: bytes):
        self.values.append(value)
        assert value[0] & 63 == self.read % 64
        self.read += 1
        assert bool(value[0] & 64) == (self.coming == b"")
        self.coming += value[1:]
        if value[0] & 128:
            message, self.coming = self.coming, b""
            assert len(message) <= 64
            if self.secrets:
                await self._asked(self._open(message))
            else:
                await self._proving(message)
        await asyncio.sleep(0)

    def _send(self, channel: int, message: bytes, seal: bool = True):
        if seal:
            cipher_key, mac_key = self.secrets[48:64], self.secrets[64:96]
            counter = self.sealed[channel]
            self.sealed[channel] += 1
            body = counter.to_bytes(4, "little") + mask(cipher_key, channel, counter, message)
            message = body + mac(mac_key, bytes([channel]), body)[:10]
        room = self.att_mtu - 4
        for at in range(0, len(message), room):
            bits = (64 if not at else 0) | (128 if at + room >= len(message) else 0)
            value = bytes([bits | self.sent[channel] % 64]) + message[at : at + room]
            for given in self.spoil(channel, self.sent[channel], value):
                self.values.append(given)
                self.subscribers[channel](given)
            self.sent[channel] += 1

    def _open(self, message: bytes) -> bytes:
        body = message[:-10]
        assert mac(self.secrets[16:48], b"\x01", body)[:10] == message[-10:]
        assert body[:4] == self.opened.to_bytes(4, "little")
        self.opened += 1
        return mask(self.secrets[:16], 1, self.opened - 1, body[4:])

    async def _proving(self, message: bytes):
        if message[0] == 32:
            assert message[1:2] == b"\x02"
            assert len(message) == 18
            self.nonces = message[2:] + BAND_NONCE
            challenge = bytes([32, self.status]) + BAND_NONCE + self._proof(b"band")
            self._send(
                1, bytes([32, self.status]) + bytes(32) if self.status else challenge, False
            )
        elif message == b"\x21" + self._proof(b"host"):
            self.secrets = stretch(self.key, self.nonces, b"notturno 2 seal", 96)
            self._reply(33)
        else:
            await self.disconnect()

    def _proof(self, who: bytes) -> bytes:
        proof_key = stretch(self.key, b"", b"notturno 2 proof", 32)
        return mac(proof_key, who, bytes([2, 2]), self.nonces)[:16]

    def _reply(self, op: int, status: int = 0, next_seq: int = 0, crc: int = 0):
        self._send(1, struct.pack("<BBIII", op, status, next_seq, crc, 77))

    async def _asked(self, request: bytes):
        op, numbers = request[0], request[1:]
        if op == 1:
            self.took.append((op, *struct.unpack("<QHI", numbers)))
            self._reply(op)
        elif op == 2:
            self._report(*struct.unpack("<II", numbers))
        elif op == 4:
            through, crc = struct.unpack("<II", numbers)
            held = b"".join(self.frames[self.committed - 1 : through])
            self.took.append((op, through, crc))
            if zlib.crc32(held) == crc:
                self.committed = through + 1
            self._reply(op, 0 if zlib.crc32(held) == crc else 3, self.committed)
        elif op == 5:
            numbers = (1, len(self.frames) + 1, self.committed, 0, 3900, 2)
            info = struct.pack(INFO_LAYOUT, 5, 0, 3, 5, b"DEVICEID", 9, 8, 77, *numbers, b"9.9")
            self._send(1, info + b"from a newer band")

    def _report(self, from_seq: int, through_seq: int):
        whole = b"".join(self.frames[max(from_seq, 1) - 1 : through_seq])
        for number, at in enumerate(range(0, len(whole), 150), 1):
            self._send(2, whole[at : at + 150])
            if number % self.checkpoint_every == 0:
                self._reply(16, 0, 0, zlib.crc32(whole[: at + 150]))
        self._reply(2, 0, len(self.frames) + 1, zlib.crc32(whole))
