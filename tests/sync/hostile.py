"""A band that holds the key and means harm: seals properly what no band would say.

Touches nothing. Looks like a `notturno.link.ble.Radio` with one band in reach.
"""

import asyncio
import hashlib
import os
import random
import sys
import zlib
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from air import DEVICE_ID, NAME, UTC_MS
from notturno.link import Found, LinkLost
from notturno.link.proof import ecb
from notturno_core import protocol, wire
from notturno_core.pieces import Joiner, Splitter
from notturno_core.seal import Proofs, Session
from proven import KEY

EXTREMES = (0, 1, 2, 499, 500, 65_535, 1 << 24, (1 << 31) - 1, 1 << 31, 0xFFFFFFFE, 0xFFFFFFFF)
MESSAGES_A_LINK = 60  # then it goes silent, and the host hears that the link is gone


class HostileRadio:
    """One hostile band; all that it does follows from the seed. `sent`: messages so far."""

    def __init__(self, seed, messages):
        self.rng = random.Random(seed)
        self.left = messages
        self.sent = 0

    async def utc_now_ms(self):
        return UTC_MS

    async def scan(self, timeout_s, enough=None):
        return [Found(NAME, "00:01", None)]

    @asynccontextmanager
    async def connect(self, found):
        yield HostileConnection(self)


class HostileConnection:
    """One connection to it, as `notturno.link.ble.Connection`."""

    room = 244

    def __init__(self, radio):
        self._radio = radio
        self._rng = radio.rng
        self._values = []
        self._joiner = Joiner(protocol.REQUEST_MAX)
        self._splitters = {n: Splitter() for n in (1, 2, 3)}
        self._session = None
        self._left = MESSAGES_A_LINK

    async def read_version(self):
        return bytes((protocol.VERSION,))

    async def subscribe_live(self):
        pass

    async def write_control(self, value):
        message = self._joiner.add(value)
        if message is None:
            return
        if message[0] == protocol.OP_HELLO and self._session is None:
            self._challenge(wire.unpack(protocol.HELLO_FIELDS, message)["host_nonce"])
        elif message[0] == protocol.OP_PROOF and not self._heard_proof:
            self._heard_proof = True
            self._reply(protocol.OP_PROOF)
        else:
            self._answer(self._session.open(protocol.CONTROL, message))

    def _challenge(self, host_nonce):
        nonces = host_nonce, os.urandom(16)
        self._session = Session(hashlib.sha256, ecb, KEY, *nonces, True)
        self._heard_proof = False
        challenge = {
            "op": protocol.OP_HELLO,
            "band_nonce": nonces[1],
            "proof": Proofs(hashlib.sha256, KEY, *nonces, (2, 2)).band,
        }
        self._send(protocol.CONTROL, wire.pack(protocol.CHALLENGE_FIELDS, challenge), False)

    def _send(self, channel, message, sealed=True):
        if sealed:
            message = self._session.seal(channel, message)
        for value in self._splitters[channel].values(message, self.room):
            self._values.append((channel, value))

    def _reply(self, op, **values):
        self._send(protocol.CONTROL, wire.pack(protocol.REPLY_FIELDS, {"op": op} | values))

    async def next_value(self, timeout_s=None):
        await asyncio.sleep(0)
        if not self._values:
            raise LinkLost("silent")
        return self._values.pop(0)

    # --- what it says ---------------------------------------------------------------------------

    def _answer(self, request):
        """Say a few things, most of them wrong, some of them what was asked."""
        for _ in range(self._rng.randint(1, 8)):
            if not self._left or not self._radio.left:
                return
            self._left -= 1
            self._radio.left -= 1
            self._radio.sent += 1
            self._say(request)

    def _say(self, request):
        rng = self._rng
        what = rng.random()
        if what < 0.35 and request[0] == protocol.OP_INFO:
            self._send(protocol.CONTROL, self._spoilt(self._info()))
        elif what < 0.55:
            values = {
                "op": rng.choice((request[0], request[0], protocol.OP_CHECKPOINT, self._number())),
                "status": rng.choice((0, 0, 0, 3, 4, 200)),
                "next_seq": self._number(),
                "crc32": rng.choice((self._crc, self._number())),
            }
            values["op"] &= 0xFF
            self._send(protocol.CONTROL, self._spoilt(wire.pack(protocol.REPLY_FIELDS, values)))
        elif what < 0.9:
            data = b"".join(self._frame() for _ in range(rng.randint(0, 4)))
            self._crc = zlib.crc32(data, self._crc)
            self._send(protocol.DATA, self._spoilt(data)[:1000])
        elif what < 0.95:
            self._send(protocol.LIVE, self._spoilt(self._frame()))
        else:
            channel = rng.choice((1, 2, 3))
            self._values.append((channel, rng.randbytes(rng.randint(0, 300))))

    _crc = 0

    def _number(self):
        rng = self._rng
        return rng.choice((rng.choice(EXTREMES), rng.randrange(1 << 32), rng.randrange(200)))

    def _spoilt(self, data):
        rng = self._rng
        if not data or rng.random() < 0.7:
            return data
        how = rng.randrange(3)
        if how == 0:
            return data[: rng.randrange(len(data))]
        if how == 1:
            return data + rng.randbytes(rng.randint(1, 40))
        at = rng.randrange(len(data))
        return data[:at] + rng.randbytes(1) + data[at + 1 :]

    def _info(self):
        rng = self._rng
        first = rng.choice((1, 1, self._number()))
        values = {
            "op": protocol.OP_INFO,
            "status": rng.choice((0, 0, 0, 1, 9)),
            "log_version": rng.choice((1, 2, 2, 3, 255)),
            "state": rng.randrange(256),
            "device_id": rng.choice((DEVICE_ID,) * 9 + (rng.randbytes(8),)),
            "log_id": rng.choice((0xABCD, 0xABCD, self._number())),
            "boot_id": self._number(),
            "tick_ms": self._number(),
            "first_seq": first,
            "next_seq": rng.choice((min(first + 150, 0xFFFFFFFF), self._number())),
            "committed_seq": self._number(),
            "lost_records": self._number(),
            "battery_mv": rng.randrange(1 << 16),
            "strangers": rng.randrange(1 << 16),
            "firmware": rng.choice((b"0.1.0", rng.randbytes(12), b"\x1b[2J\xff")),
        }
        return wire.pack(protocol.INFO_FIELDS, values)

    _seq = 0

    def _frame(self):
        rng = self._rng
        kind = rng.choice((*wire.REC_NAMES, rng.randrange(256)))
        fields = wire.PAYLOAD_FIELDS.get(kind)
        size = 20 if fields is None else len(wire.pack(fields, {}))
        payload = rng.randbytes(rng.choice((size, size, size, rng.randint(0, 200))))
        self._seq = rng.choice((self._seq + 1,) * 8 + (self._number(),))
        buf = bytearray(wire.MAX_FRAME_LEN)
        n = wire.pack_frame_into(buf, 0, self._seq & 0xFFFFFFFF, kind, payload)
        return bytes(buf[:n])
