"""A radio in memory between the real service of the firmware and the real sync of the host.

Touches nothing. The host's side looks like `notturno.link.ble.Radio`; the band's side is FakeBle.
"""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT / "tests" / "fakes", ROOT / "firmware", ROOT / "firmware" / "lib"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))

import ble_service  # noqa: E402
import proven  # noqa: E402  (puts the firmware on the path)
from fake_ble import FakeBle  # noqa: E402
from memory_storage import MemoryStorage  # noqa: E402
from notturno.link import Found, LinkLost, proof  # noqa: E402
from notturno_core import protocol, wire  # noqa: E402
from notturno_core.eventlog import EventLog  # noqa: E402

UTC_MS = 1_768_290_000_000  # 2026-01-13 07:40 UTC, the morning after
DEVICE_ID = b"VB000001"
NAME = "notturno-3031"
KEYS = {DEVICE_ID.hex(): proven.KEY}

KINDS = {protocol.CONTROL: "reply", protocol.DATA: "data", protocol.LIVE: "live"}
PATIENCE_S = 0.3  # nothing here takes longer: what is lost is lost
USUAL_S = proof.ANSWER_TIMEOUT_S  # of whoever speaks over another radio in the same process


class HostKilled(BaseException):
    """The host's process is gone; nothing may catch this."""


class Band:
    """A band with a log in memory and the real GATT service."""

    def __init__(
        self,
        records=(),
        ble=None,
        storage=None,
        tick_ms=30_000_000,
        key=proven.KEY,
        log_id=0xABCD,
        check=None,
    ):
        self.storage = storage or MemoryStorage()
        self.log = EventLog(self.storage, lambda: log_id)
        self.log.open()
        for kind, payload in records:
            self.log.append(kind, payload)
        self.log.flush()
        self.tick = tick_ms
        self.ble = ble or FakeBle()
        self.service = ble_service.BleService(
            self.ble,
            self.log,
            self.info,
            self.set_time,
            proven.guard_maker(lambda: self.tick, key),
            NAME,
            check,
        )

    def info(self):
        return {"device_id": DEVICE_ID, "battery_mv": 4000, "firmware": b"0.1.0"}

    def set_time(self, utc_ms, error_ms, host_id):
        values = {
            "boot_id": self.log.boot_id,
            "tick_ms": self.tick,
            "utc_ms": utc_ms,
            "error_ms": error_ms,
            "host_id": host_id,
        }
        self.log.append(wire.REC_TIME, wire.pack(wire.TIME_FIELDS, values))
        self.log.flush()

    def frames(self):
        return [bytes(frame) for frame in self.log.frames_from(0)]

    @asynccontextmanager
    async def awake(self):
        """Let the service's task run, with the radio on."""
        task = asyncio.create_task(self.service.run())
        self.service.radio(True)
        try:
            yield self
        finally:
            self.service.radio(False)
            task.cancel()


class AirRadio:
    """The host's radio. `fate(number, kind)` is asked at each step and may say "drop" or "kill".

    Steps: each value to the host ("data", "reply", "live") and each to the band ("write"); "lose"
    and "change" befall a value alone.
    """

    def __init__(self, band, fate=lambda number, kind: None, utc_ms=UTC_MS, mtu=247):
        self.band = band
        self.fate = fate
        self.steps = 0
        self.connections = 0
        self.utc_ms = utc_ms
        self.mtu = mtu

    async def utc_now_ms(self):
        return self.utc_ms

    async def scan(self, timeout_s, enough=None):
        for _ in range(100):
            if self.band.ble.advertising:
                return [Found(NAME, "00:01", None)]
            await asyncio.sleep(0.001)
        return []

    @asynccontextmanager
    async def connect(self, found):
        connection = AirConnection(self)
        self.connections += 1
        self.band.ble.on_send = connection.came
        self.band.ble.host_connects(conn=self.connections, mtu=self.mtu)
        await asyncio.sleep(0)
        proof.ANSWER_TIMEOUT_S = PATIENCE_S
        try:
            yield connection
        finally:
            proof.ANSWER_TIMEOUT_S = USUAL_S
            self.band.ble.on_send = None
            self.band.ble.host_leaves()

    def step(self, kind):
        self.steps += 1
        return self.fate(self.steps, kind)


class AirConnection:
    """One connection, as `notturno.link.ble.Connection`."""

    def __init__(self, radio):
        self._radio = radio
        self._ble = radio.band.ble
        self._values = asyncio.Queue()
        self.room = (radio.mtu or 23) - 3

    def came(self, handle, data):
        channel = proven.CHANNELS[handle]
        fate = self._radio.step(KINDS[channel])
        if fate == "lose":
            return
        if fate == "change":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if fate == "drop":
            self._ble.host_leaves()
        self._values.put_nowait((channel, data) if fate not in ("drop", "kill") else fate)

    async def read_version(self):
        await asyncio.sleep(0)
        if self._ble.conn is None:
            raise LinkLost("gone")
        return self._ble.values[FakeBle.VERSION]

    async def subscribe_live(self):
        pass

    async def write_control(self, value):
        fate = self._radio.step("write")
        if fate == "drop":
            self._ble.host_leaves()
        if fate == "kill":
            raise HostKilled
        if self._ble.conn is None:
            raise LinkLost("gone")
        if fate != "lose":
            self._ble.host_writes(value)

    async def next_value(self, timeout_s=PATIENCE_S):
        if self._ble.conn is None and self._values.empty():
            raise LinkLost("gone")
        try:
            value = await asyncio.wait_for(self._values.get(), timeout_s)
        except TimeoutError as error:
            raise LinkLost("silent") from error
        if value == "kill":
            raise HostKilled
        if value == "drop":
            raise LinkLost("dropped")
        return value
