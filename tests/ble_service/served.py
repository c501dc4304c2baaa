"""A band's radio service over a radio and a log in memory, and a host that asks it."""

import asyncio

import ble_service
import proven
from fake_ble import FakeBle
from memory_storage import MemoryStorage
from notturno_core import protocol, wire
from notturno_core.eventlog import EventLog
from proven import KEY, SealedHost, request, until


class Band:
    """A service over a fake radio and a log in memory; its clock is `ticks`, in ms."""

    def __init__(self, records=0, payload=b"x" * 40, key=KEY):
        self.log = EventLog(MemoryStorage(), lambda: 0xABCD)
        self.log.open()
        for _ in range(records):
            self.log.append(wire.REC_MARK, payload)
        self.ble = FakeBle()
        self.times = []
        self.ticks = 0
        self.service = ble_service.BleService(
            self.ble,
            self.log,
            self.info,
            self.set_time,
            proven.guard_maker(lambda: self.ticks, key),
            "notturno-0001",
        )

    def info(self):
        return {"state": wire.STATE_DOCKED, "device_id": b"VB000001", "battery_mv": 4000}

    def set_time(self, utc_ms, error_ms, host_id):
        self.times.append((utc_ms, error_ms, host_id))
        self.log.append(wire.REC_TIME, b"t" * 22)

    @property
    def connected(self):
        return self.ble.conn is not None

    def stored(self, from_seq=0, through_seq=1 << 32):
        frames = [bytes(frame) for frame in self.log.frames_from(from_seq)]
        return b"".join(f for f in frames if int.from_bytes(f[:4], "little") <= through_seq)

    def flash(self):
        """Everything that the storage holds."""
        self.log.flush()
        return {name: bytes(data) for name, data in self.log._storage.files.items()}


def played(band, play, mtu=247, prove=True):
    """Run the service, connect, prove the key, and let `play(host)` (a coroutine) be the host."""

    async def whole():
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        host = SealedHost(band.ble, mtu=mtu)
        band.ble.host_connects(mtu=mtu)
        await asyncio.sleep(0)
        try:
            if prove:
                await host.prove()
            await play(host)
        finally:
            task.cancel()
        return host

    return asyncio.run(whole())


def asking(*requests):
    """Return a host that asks one after the other and waits for each answer."""

    async def play(host):
        for one in requests:
            before = len(answered(host))
            host.write(one)
            await until(lambda before=before: len(answered(host)) > before)

    return play


def answered(host):
    return [reply for reply in host.replies() if reply["op"] != protocol.OP_CHECKPOINT]


def report(from_seq, through_seq=protocol.THROUGH_ALL):
    return request(protocol.OP_REPORT, from_seq=from_seq, through_seq=through_seq)


def commit(through_seq, crc32):
    return request(protocol.OP_COMMIT, through_seq=through_seq, crc32=crc32)


SET_TIME = request(protocol.OP_SET_TIME, utc_ms=1 << 40, error_ms=7, host_id=9)
