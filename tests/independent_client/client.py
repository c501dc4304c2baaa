"""A client of a band written from the page firmware/PROTOCOL.md alone: Bumble and cryptography.

It shares nothing with the host application nor with the firmware, so that what the two of them
agree upon without the page saying so shows here. `python client.py HOST:PORT KEYFILE` prints what
the band says of itself and how many records it holds.
"""

import asyncio
import contextlib
import functools
import hmac
import itertools
import os
import struct
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import protocol_words as words
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device
from bumble.hci import Address
from bumble.snoop import Snooper
from bumble.transport import open_transport
from protocol_words import CONTROL, DATA, LIVE, ClientError, NotOurBand

SERVICE, VERSION_UUID, CONTROL_UUID, DATA_UUID, LIVE_UUID = (
    UUID(f"6e6f7474-7572-6e6f-0001-{number:012d}") for number in range(1, 6)
)
HOST_ID = 0x1D9B0A77  # made once by a die, kept for good
WAIT_S = 60.0  # ends a wait for a band that says nothing


class Session:
    """One connection with a band: its characteristics, and what has come and not been taken."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self.characteristics = {}
        self.to_band = words.Pieces(words.LONGEST_TO_BAND)
        self.to_host = {of: words.Pieces(words.LONGEST_TO_HOST) for of in (CONTROL, DATA, LIVE)}
        self.sealer: words.Sealer | None = None
        self.opener: words.Sealer | None = None
        self.replies: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.data = bytearray()
        self.live: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        self.lost = False
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)

    async def begin(self) -> None:
        """Find the service, check the version that it speaks, and subscribe."""
        client = self.connection.gatt_client
        services = await client.discover_service(SERVICE)
        if not services:
            raise ClientError("this device has no such service")
        for found in await services[0].discover_characteristics():
            self.characteristics[found.uuid] = found
        version = (await self.characteristics[VERSION_UUID].read_value())[0]
        if version != words.VERSION:
            older = "band" if version < words.VERSION else "client"
            raise ClientError(f"the {older} is older: it speaks {min(version, words.VERSION)}")
        for uuid, channel in ((CONTROL_UUID, CONTROL), (DATA_UUID, DATA)):
            await self.subscribe(uuid, functools.partial(self._on_value, channel))

    async def subscribe(self, uuid: UUID, taker: Callable[[bytes], None]) -> None:
        await self.characteristics[uuid].subscribe(taker, prefer_notify=False)

    def _on_disconnection(self, _reason: int) -> None:
        self.lost = True
        self.replies.put_nowait(ClientError("the connection has ended"))

    def _on_value(self, channel: int, value: bytes) -> None:
        try:
            message = self.to_host[channel].join(value)
            if message is None:
                return
            if self.opener:
                message = self.opener.open(channel, message)
            elif channel == DATA:
                raise ClientError("data came before the proof")
            if channel == DATA:
                self.data += message
            elif message:
                self.replies.put_nowait(message)
            else:
                raise ClientError("a message is empty")
        except ClientError as error:
            self.replies.put_nowait(error)

    def _on_live(self, value: bytes) -> None:
        with contextlib.suppress(ClientError):  # what does not fit is thrown away
            message = self.to_host[LIVE].join_lossy(value)
            if message is not None and self.opener:
                for seq_and_frame in words.frames_of(self.opener.open(LIVE, message)):
                    self.live.put_nowait(seq_and_frame)

    async def send(self, message: bytes) -> None:
        """Write a message on CONTROL, sealed if the proof is done."""
        if self.sealer:
            message = self.sealer.seal(CONTROL, message)
        for value in self.to_band.cut(message, self.connection.att_mtu - 3):
            await self.write(value)

    async def write(self, value: bytes) -> None:
        """Write one value on CONTROL. Raises ClientError if nobody is there to take it."""
        if self.lost:
            raise ClientError("the connection has ended")
        try:
            await self.characteristics[CONTROL_UUID].write_value(value, with_response=True)
        except (asyncio.CancelledError, BaseBumbleError):  # Bumble's ways to say "gone"
            if not self.lost:
                raise
            raise ClientError("the connection has ended") from None

    async def receive(self) -> bytes:
        """Return the next message on CONTROL. Raises ClientError if there will be none."""
        try:
            message = await asyncio.wait_for(self.replies.get(), WAIT_S)
        except TimeoutError:
            raise ClientError("the band says nothing") from None
        if isinstance(message, Exception):
            raise message
        return message

    async def prove(self, key: bytes) -> None:
        """Let the band prove the key, then prove it. Raises NotOurBand."""
        host_nonce = os.urandom(words.NONCE_BYTES)
        await self.send(bytes([words.OP_HELLO, words.VERSION]) + host_nonce)
        challenge = await self.receive()
        if len(challenge) < 34 or challenge[0] != words.OP_HELLO:
            raise ClientError("the band did not answer with a challenge")
        if challenge[1]:
            raise ClientError(f"the band cannot go on: status {challenge[1]}")
        band_nonce, band_proof = challenge[2:18], challenge[18:34]
        if not hmac.compare_digest(words.proof(key, b"band", host_nonce, band_nonce), band_proof):
            raise NotOurBand("the band does not hold our key")
        # The band's next message is sealed, and may be here before the write is answered.
        sealer, self.opener = words.sealers(key, host_nonce + band_nonce)
        await self.send(
            bytes([words.OP_PROOF]) + words.proof(key, b"host", host_nonce, band_nonce)
        )
        self.sealer = sealer
        try:
            await self.reply(words.OP_PROOF)
        except ClientError as error:
            raise NotOurBand("the band did not take our proof") from error

    async def reply(self, op: int) -> dict[str, int]:
        """Return the fields of the reply to op, past checkpoints. Raises ClientError if not ok."""
        while (message := await self.receive())[0] == words.OP_CHECKPOINT:
            pass
        if message[0] != op or len(message) < 2 or message[1]:
            raise ClientError(f"op {op} was answered by {message[:2].hex(' ')}")
        return words.fields_of(message)

    async def ask(self, op: int, layout: str = "", *values: int) -> dict[str, int]:
        await self.send(struct.pack("<B" + layout, op, *values))
        return await self.reply(op)

    async def info(self) -> dict:
        return await self.ask(words.OP_INFO)

    async def set_time(self, now_utc_ms: Callable[[], int]) -> int:
        """Tell the band the time, which is returned; the error is half of a round trip."""
        began_s = time.monotonic()
        await self.info()
        error_ms = min(round((time.monotonic() - began_s) * 500), 0xFFFF)
        utc_ms = now_utc_ms()
        await self.ask(words.OP_SET_TIME, "QHI", utc_ms, error_ms, HOST_ID)
        return utc_ms

    async def listen(self) -> None:
        """Have each record put into live, as (seq, frame), as the band logs it."""
        await self.subscribe(LIVE_UUID, self._on_live)
        await self.ask(words.OP_LIVE, "B", 1)

    async def report(
        self, from_seq: int, through_seq: int = words.NEWEST
    ) -> list[tuple[int, bytes]]:
        """Return (seq, frame) of the records asked for, numbers ascending."""
        self.data.clear()
        reply = await self.ask(words.OP_REPORT, "II", from_seq, through_seq)
        if zlib.crc32(self.data) != reply["crc32"]:
            raise ClientError("the report is not what the band sent")
        frames = words.frames_of(self.data)
        if any(later[0] <= earlier[0] for earlier, later in itertools.pairwise(frames)):
            raise ClientError("the records do not ascend")
        return frames

    async def commit(self, frames: list[tuple[int, bytes]], committed_seq: int) -> dict[str, int]:
        """Confirm these records, which reach at least from committed_seq on."""
        held = b"".join(frame for seq, frame in frames if seq >= committed_seq)
        return await self.ask(words.OP_COMMIT, "II", frames[-1][0], zlib.crc32(held))


@contextlib.asynccontextmanager
async def connected(hci: str, mtu: int = 247, snooper: Snooper | None = None):
    """Give a Session with the first band found at the radio hci, HOST:PORT; begun, unproved."""
    async with await open_transport(f"tcp-client:{hci}") as (source, sink):
        address = Address.generate_static_address()
        device = Device.with_hci("independent client", address, source, sink)
        device.host.snooper = snooper
        device.gatt_server.max_mtu = mtu  # for a band that asks for more by itself
        await device.power_on()
        connection = await device.connect(await find(device))
        session = Session(connection)
        try:
            if mtu > connection.att_mtu:
                await connection.gatt_client.request_mtu(mtu)
            await session.begin()
            yield session
        finally:
            if not session.lost:
                await connection.disconnect()


async def find(device: Device) -> Address:
    """Return the address of the first device that advertises the service."""
    found = asyncio.get_running_loop().create_future()
    listed = AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS

    def heard(advertisement) -> None:
        if SERVICE in (advertisement.data.get(listed) or ()) and not found.done():
            found.set_result(advertisement.address)

    device.on(device.EVENT_ADVERTISEMENT, heard)
    await device.start_scanning()
    try:
        return await asyncio.wait_for(found, WAIT_S)
    finally:
        await device.stop_scanning()


@dataclass
class Fetched:
    """What a band told: its INFO before and after, (seq, frame) ascending, the ATT MTU,
    and the time that was set."""

    info: dict
    info_after: dict
    frames: list[tuple[int, bytes]]
    mtu: int
    set_utc_ms: int


async def fetch(
    hci: str,
    key: bytes,
    *,
    mtu: int = 247,
    confirm: bool = False,
    now_utc_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    snooper: Snooper | None = None,
) -> Fetched:
    """Fetch the whole log of the band at the radio hci, HOST:PORT, which holds the key, 32 bytes.

    mtu 23 asks for no larger ATT MTU. Raises NotOurBand or ClientError.
    """
    async with connected(hci, mtu, snooper) as session:
        await session.prove(key)
        info = await session.info()
        utc_ms = await session.set_time(now_utc_ms)
        frames = await session.report(info["first_seq"])
        if confirm and frames:
            await session.commit(frames, info["committed_seq"])
        after = await session.info()
        return Fetched(info, after, frames, session.connection.att_mtu, utc_ms)


if __name__ == "__main__":
    with open(sys.argv[2], "rb") as file:
        told = asyncio.run(fetch(sys.argv[1], file.read()[:32]))
    print(told.info_after, len(told.frames), "records")
