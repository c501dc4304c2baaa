"""Both ends of the proof in memory: the guard of a band under test, and a host to talk to it.

Touches nothing. Whoever imports this has the firmware on the path.
"""

import asyncio
import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT / "tests" / "fakes", ROOT / "firmware", ROOT / "firmware" / "lib"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))

import micropython_asyncio  # noqa: E402

micropython_asyncio.install()

import guard  # noqa: E402
from fake_ble import FakeBle  # noqa: E402
from notturno.link.proof import ecb  # noqa: E402
from notturno_core import protocol, wire  # noqa: E402
from notturno_core.pieces import Joiner, Splitter  # noqa: E402
from notturno_core.seal import Proofs, Session  # noqa: E402

KEY = bytes(range(7, 39))
CHANNELS = {
    FakeBle.CONTROL: protocol.CONTROL,
    FakeBle.DATA: protocol.DATA,
    FakeBle.LIVE: protocol.LIVE,
}


def guard_maker(tick_ms, key=KEY, random=os.urandom):
    """Return what BleService wants: callable(link) giving its guard."""
    return lambda link: guard.Guard(link, key, hashlib.sha256, ecb, random, tick_ms)


class SealedHost:
    """A host over FakeBle that says what a test tells it to, right or wrong.

    `said`: (channel, message) as opened, in order; `values`: (channel, bytes) as on the air.
    """

    def __init__(self, ble, key=KEY, mtu=247):
        self.ble = ble
        self.key = key
        self.room = (mtu or protocol.MTU_MIN) - 3
        self.said = []
        self.values = []
        self.plain = []  # messages before the proof
        self.session = None
        self._splitter = Splitter()
        self._joiners = {n: Joiner(protocol.MESSAGE_MAX) for n in CHANNELS.values()}
        self.also = None  # called with (handle, data) after each value
        ble.on_send = self._came

    def _came(self, handle, data):
        channel = CHANNELS[handle]
        self.values.append((channel, data))
        message = self._joiners[channel].add(data)
        if message is not None:
            if self.session is None:
                self.plain.append(message)
            else:
                self.said.append((channel, self.session.open(channel, message)))
        if self.also:
            self.also(handle, data)

    def write_plain(self, message):
        for value in self._splitter.values(message, self.room):
            self.ble.host_writes(value)

    def write(self, plain):
        self.write_plain(self.session.seal(protocol.CONTROL, plain))

    async def hello(self, nonce=bytes(16), version=protocol.VERSION):
        """Say hello; return the challenge."""
        hello = {"op": protocol.OP_HELLO, "protocol_version": version, "host_nonce": nonce}
        self.write_plain(wire.pack(protocol.HELLO_FIELDS, hello))
        await until(lambda: self.plain)
        return wire.unpack(protocol.CHALLENGE_FIELDS, self.plain.pop(0))

    async def prove(self):
        nonce = os.urandom(16)
        challenge = await self.hello(nonce)
        nonces = nonce, challenge["band_nonce"]
        proofs = Proofs(hashlib.sha256, self.key, *nonces, (protocol.VERSION,) * 2)
        assert challenge["proof"] == proofs.band
        self.session = Session(hashlib.sha256, ecb, self.key, *nonces, False)
        proof = {"op": protocol.OP_PROOF, "proof": proofs.host}
        self.write_plain(wire.pack(protocol.PROOF_FIELDS, proof))
        await until(lambda: self.said)
        self.said.clear()
        return self

    async def ask(self, op, **values):
        """Ask, and wait for the reply."""
        self.write(request(op, **values))
        return await self.answer(op)

    async def answer(self, op):
        await until(lambda: any(reply["op"] == op for reply in self.replies()))
        return [reply for reply in self.replies() if reply["op"] == op][-1]

    def replies(self):
        return [
            wire.unpack(
                protocol.INFO_FIELDS if data[0] == protocol.OP_INFO else protocol.REPLY_FIELDS,
                data,
            )
            for channel, data in self.said
            if channel == protocol.CONTROL
        ]

    def heard(self, channel):
        return b"".join(data for at, data in self.said if at == channel)


def request(op, **values):
    return wire.pack(protocol.REQUEST_FIELDS[op], {"op": op} | values)


async def until(condition, patience_s=5.0):
    for _ in range(int(patience_s * 1000)):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("the service did not answer")
