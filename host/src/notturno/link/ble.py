"""Scanning, and one connection to one band, through bleak.

Touches the Bluetooth adapter, or whatever the given bleak backends touch. Speaks bytes of the four
characteristics in `notturno_core.protocol`; times in seconds, UTC in ms.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any, Literal, Self, TypeVar

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError as NotAvailable
from bleak.exc import BleakBluetoothNotAvailableReason as Reason
from bleak.exc import BleakDBusError, BleakError
from notturno_core import protocol

from notturno import texts
from notturno.errors import UserError
from notturno.link.held import held, is_held
from notturno.link.kinds import Found, LinkLost

SETTLE_S = 0.5  # after the first band, wait this long for a second one
CONNECT_TIMEOUT_S = 20.0
REQUEST_TIMEOUT_S = 15.0

NAME_MOST = 40  # signs of a name that anybody may have sent
VALUE_MIN = 20  # bytes that any link carries at once
VALUES_MOST = 4096  # values waiting to be read; a band that sends more has gone mad

ADVICE = {
    Reason.NO_BLUETOOTH: "This computer has no Bluetooth radio that can be used; plug one in, or "
    "name a virtual band with --virtual HOST:PORT.",
    Reason.NO_BLE_CENTRAL_ROLE: "This computer's Bluetooth is too old for a band (it lacks "
    "Bluetooth LE); plug in a newer adapter.",
    Reason.POWERED_OFF: "Bluetooth is switched off; switch it on and sync again.",
    Reason.DENIED_BY_USER: "notturno may not use Bluetooth; allow it in the privacy settings of "
    "the system and sync again.",
}
ADVICE[Reason.DENIED_BY_SYSTEM] = ADVICE[Reason.DENIED_BY_USER]
ADVICE[Reason.DENIED_BY_UNKNOWN] = ADVICE[Reason.DENIED_BY_USER]

T = TypeVar("T")
# (channel, bytes) in the order in which they came, None where the link ended.
Values = asyncio.Queue[tuple[int, bytes] | None]


class Radio:
    """One Bluetooth radio. `backends`: keywords of bleak's scanner and client, for another one.

    utc_now_ms: coroutine function giving the UTC of the world this radio is in. ask_wearer:
    coroutine function that asks something (link.WEARER_*) of a person who is simulated.
    """

    def __init__(
        self,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
        utc_now_ms: Callable[[], Awaitable[int]] | None = None,
        ask_wearer: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self._scanner_keywords: dict[str, Any] = (
            {"backend": scanner_backend} if scanner_backend else {}
        )
        self._client_keywords: dict[str, Any] = (
            {"backend": client_backend} if client_backend else {}
        )
        self._utc_now_ms = utc_now_ms
        self._ask_wearer = ask_wearer
        # BlueZ alone keeps a connection whose process has ended.
        own = scanner_backend is None and client_backend is None
        self._may_have_left = own and sys.platform == "linux"

    async def utc_now_ms(self) -> int:
        """Return the time to set the band by: this computer's, or that of the virtual world."""
        if self._utc_now_ms is not None:
            return await self._utc_now_ms()
        return int(time.time() * 1000)

    @property
    def wearer_is_simulated(self) -> bool:
        """Say whether nobody reads the screen: who wears the band is asked over this radio."""
        return self._ask_wearer is not None

    async def ask_wearer(self, what: int) -> None:
        """Ask something (link.WEARER_*) of a simulated person; a real one reads the screen.

        Raises UserError where it is not done.
        """
        if self._ask_wearer is not None:
            await self._ask_wearer(what)

    async def scan(
        self, timeout_s: float, enough: Callable[[list[Found]], bool] | None = None
    ) -> list[Found]:
        """Return the bands that advertise, by name; an empty list where there is none.

        Ends after `timeout_s`, or as soon as `enough(bands)` says so; without it a moment after
        the first one. A band whose full name has not come yet is called by the prefix alone.
        Raises UserError where Bluetooth is off, missing or not allowed.
        """
        found: dict[str, Found] = {}
        heard = asyncio.Event()

        def seen(device: BLEDevice, advertisement: AdvertisementData) -> None:
            names = (advertisement.local_name, device.name)
            names = [printable(name) for name in names if name]
            before = found.get(device.address)
            if before is not None:
                names.append(before.name)
            # An advertisement has room for the short name only; the full one comes later.
            name = max(names, key=len, default=protocol.NAME_PREFIX)
            found[device.address] = Found(name, device.address, device)
            heard.set()

        async def until(enough: Callable[[list[Found]], bool]) -> None:
            while not enough(list(found.values())):
                heard.clear()
                await heard.wait()

        async def a_moment_after_the_first() -> None:
            await heard.wait()
            await asyncio.sleep(SETTLE_S)

        with _plain_advice():
            if self._may_have_left:
                await _end_left_links()
            async with BleakScanner(
                detection_callback=seen,
                service_uuids=[protocol.SERVICE_UUID],
                **self._scanner_keywords,
            ):
                try:
                    waiting = until(enough) if enough else a_moment_after_the_first()
                    await asyncio.wait_for(waiting, timeout_s)
                except TimeoutError:
                    pass  # what was found until then says who is there
        return sorted(found.values(), key=lambda band: (band.name, band.address))

    @asynccontextmanager
    async def connect(self, band: Found) -> AsyncIterator[Connection]:
        """Give a `Connection`; disconnects in the end, whatever happens. Raises LinkLost."""
        values: Values = asyncio.Queue()
        client = BleakClient(
            band.device,
            disconnected_callback=lambda _: values.put_nowait(None),
            timeout=CONNECT_TIMEOUT_S,
            **self._client_keywords,
        )
        connection = Connection(client, values)
        marked = held(band.address) if self._may_have_left else nullcontext()
        with marked:
            async with self._connected(client, connection):
                yield connection

    @asynccontextmanager
    async def _connected(
        self, client: BleakClient, connection: Connection
    ) -> AsyncIterator[Connection]:
        try:
            with _plain_advice():
                # CoreBluetooth knows no timeout of its own.
                await _or_lost(client.connect(), CONNECT_TIMEOUT_S)
                # No record may come before its subscription: the band sends only when asked.
                await connection.subscribe()
            yield connection
        finally:
            try:
                await asyncio.wait_for(client.disconnect(), REQUEST_TIMEOUT_S)
            except (BleakError, TimeoutError, OSError, EOFError):
                pass  # it is gone already; on BlueZ saying so twice is an error


class Connection:
    """An open link to a band: values in and out, not yet put together or opened."""

    def __init__(self, client: BleakClient, values: Values) -> None:
        self._client = client
        self._values = values
        self._longest = VALUE_MIN  # that came; both directions of a link carry the same

    @property
    def room(self) -> int:
        """Bytes that one value to the band can carry."""
        control = self._client.services.get_characteristic(protocol.CONTROL_UUID)
        # BlueZ does not look again at what it said before it agreed on more with the band.
        return max(getattr(control, "max_write_without_response_size", VALUE_MIN), self._longest)

    async def subscribe(self) -> None:
        """Turn on answers and records. Raises LinkLost."""
        await self._start(protocol.CONTROL_UUID, protocol.CONTROL)
        await self._start(protocol.DATA_UUID, protocol.DATA)

    async def subscribe_live(self) -> None:
        """Turn on records as logged and provisional rows: values of channel LIVE."""
        await self._start(protocol.LIVE_UUID, protocol.LIVE)

    async def _start(self, uuid: str, channel: int) -> None:
        def came(_: BleakGATTCharacteristic, data: bytearray) -> None:
            self._longest = max(self._longest, len(data))
            if self._values.qsize() < VALUES_MOST:
                self._values.put_nowait((channel, bytes(data)))
            elif self._values.qsize() == VALUES_MOST:
                self._values.put_nowait(None)  # what follows is lost, and so is the link

        await _or_lost(self._client.start_notify(uuid, came), REQUEST_TIMEOUT_S)

    async def read_version(self) -> bytes:
        """Return the bytes of VERSION, which anybody may read. Raises LinkLost."""
        return bytes(
            await _or_lost(self._client.read_gatt_char(protocol.VERSION_UUID), REQUEST_TIMEOUT_S)
        )

    async def write_control(self, value: bytes) -> None:
        """Write one value to the band. Raises LinkLost."""
        await _or_lost(
            self._client.write_gatt_char(protocol.CONTROL_UUID, value, response=True),
            REQUEST_TIMEOUT_S,
        )

    async def next_value(self, timeout_s: float | None = REQUEST_TIMEOUT_S) -> tuple[int, bytes]:
        """Return (channel, bytes) of the next notification or indication, in their order.

        Raises LinkLost when the link is gone or nothing came for `timeout_s` (None: for ever).
        """
        try:
            value = await asyncio.wait_for(self._values.get(), timeout_s)
        except TimeoutError as error:
            raise LinkLost("the band stopped answering") from error
        if value is None:
            self._values.put_nowait(None)  # whoever asks again gets the same answer
            raise LinkLost("the connection broke")
        return value


def printable(name: str) -> str:
    """Return a name that anybody may have sent, without what a terminal would obey."""
    return texts.printable(name)[:NAME_MOST]


async def _end_left_links() -> None:
    """End the connections that a killed process left: a band that has one does not advertise."""
    adapter = await BleakAdapter.get()
    for device in await adapter.get_connected_devices([protocol.SERVICE_UUID]):
        if is_held(device.address):
            continue
        client = BleakClient(device, timeout=CONNECT_TIMEOUT_S)
        with suppress(BleakError, TimeoutError, OSError, EOFError):  # it has ended by itself
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                await client.connect()  # takes over the connection that is there
                await client.disconnect()


async def _or_lost(awaitable: Awaitable[T], timeout_s: float) -> T:
    try:
        return await asyncio.wait_for(awaitable, timeout_s)
    except NotAvailable:
        raise
    # Messages differ by system and version ("Service Discovery has not been performed yet" is
    # BlueZ for a lost link), so none of them is looked at.
    except (BleakError, TimeoutError, OSError, EOFError) as error:
        raise LinkLost(str(error) or type(error).__name__) from error


class _plain_advice:
    """Turn what keeps Bluetooth from working at all into one sentence."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> Literal[False]:
        if isinstance(error, NotAvailable):
            advice = ADVICE.get(error.reason, ADVICE[Reason.NO_BLUETOOTH])
            raise UserError(advice) from error
        if isinstance(error, BleakDBusError) and "AccessDenied" in str(error):
            raise UserError(ADVICE[Reason.DENIED_BY_USER]) from error
        if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
            raise UserError(ADVICE[Reason.NO_BLUETOOTH]) from error  # no D-Bus, hence no BlueZ
        if isinstance(error, (BleakError, OSError)):
            raise UserError(
                "Bluetooth does not work on this computer ({why_said}); check "
                "that its service runs, or name a virtual band with --virtual "
                "HOST:PORT.",
                why_said=error,
            ) from error
        return False
