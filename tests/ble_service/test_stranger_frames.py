"""Values by the thousand from somebody without the key: no byte of a record, no byte of flash.

NOTTURNO_STRANGER_FRAMES=1000000 writes that many.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

sys.path += [str(Path(__file__).resolve().parents[1] / "fakes"), str(Path(__file__).parent)]
import proven  # noqa: F401  (puts the firmware on the path)
from fake_ble import FakeBle
from notturno_core import protocol, wire
from proven import SealedHost
from served import Band

FRAMES = int(os.environ.get("NOTTURNO_STRANGER_FRAMES", "20000"))
SECRET = b"what a jerk of 90 mg looked like"


def requests(rng):
    """Return a message as a host might say it, plain."""
    op = rng.choice((*protocol.REQUEST_FIELDS, protocol.OP_HELLO, protocol.OP_PROOF))
    fields = {
        protocol.OP_HELLO: protocol.HELLO_FIELDS,
        protocol.OP_PROOF: protocol.PROOF_FIELDS,
    }.get(op) or protocol.REQUEST_FIELDS[op]
    values = {
        "op": op,
        "protocol_version": rng.choice((2, 2, 2, 1)),
        "host_nonce": rng.randbytes(16),
    }
    values |= {"from_seq": 0, "through_seq": 0xFFFFFFFF, "utc_ms": rng.randrange(1 << 64)}
    values |= {"crc32": rng.choice((0, rng.randrange(1 << 32))), "proof": rng.randbytes(16)}
    return wire.pack(fields, values)


def value(rng, count, overheard):
    """Return one value: pieces right and wrong, requests, garbage, what others once said."""
    what = rng.random()
    if what < 0.15:
        return rng.randbytes(rng.randint(0, 60))
    if what < 0.3 and overheard:
        return rng.choice(overheard)
    message = requests(rng) if what < 0.8 else rng.randbytes(rng.randint(0, 80))
    head = (count & protocol.HEAD_COUNT) | protocol.HEAD_FIRST | protocol.HEAD_LAST
    return bytes((head,)) + message


def overhear(band):
    """Return the values that the owner wrote in one connection, sealed."""
    said = []
    real = band.ble.host_writes

    async def owner():
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        host = SealedHost(band.ble)
        band.ble.host_connects()
        band.ble.host_writes = lambda data: (said.append(bytes(data)), real(data))
        await host.prove()
        await host.ask(protocol.OP_INFO)
        await host.ask(protocol.OP_COMMIT, through_seq=1, crc32=0)
        band.service.radio(False)
        task.cancel()

    asyncio.run(owner())
    band.ble.host_writes = real
    band.ble.sent.clear()
    return said


def test_a_stranger_reads_no_record_and_changes_no_byte(monkeypatch):
    band = Band(30, payload=SECRET)
    overheard = overhear(band)
    before, times = band.flash(), list(band.times)
    rng = random.Random(9)
    sent = []
    challenges = 0

    async def strangers():
        nonlocal challenges
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        frames = conn = 0
        while frames < FRAMES:
            conn += 1
            band.ble.host_connects(conn)
            for count in range(rng.randint(1, 6)):
                if band.ble.conn is None:
                    break
                band.ble.host_writes(value(rng, count, overheard))
                frames += 1
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not band.service.proven
            band.ble.host_leaves()
            sent.extend(band.ble.sent)
            challenges += sum(handle == FakeBle.CONTROL for handle, _ in band.ble.sent)
            band.ble.sent.clear()
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(strangers())
    assert challenges > FRAMES / 50  # some got as far as that
    assert {handle for handle, _ in sent} == {FakeBle.CONTROL}
    said = b"".join(data for _, data in sent)
    for n in range(0, len(SECRET) - 8, 4):
        assert SECRET[n : n + 8] not in said
    assert all(len(data) <= 35 for _, data in sent)  # a challenge, and nothing longer
    assert band.flash() == before and band.times == times
    assert band.service.errors == 0
