"""What the band sends to one host: a small pool of packets, drained at the pace of the link.

Touches Bumble's GATT server. Speaks handles, bytes, seconds, and MicroPython's event 20.

Bumble sends at once and for ever; a device has a few buffers and a few packets a connection event.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bumble.att import Attribute
    from bumble.device import Connection
    from bumble.gatt_server import Server

    from notturno.virtualband.faults import Faults

IRQ_INDICATE_DONE = 20
PACKETS_PER_INTERVAL = 6
STATUS_NOT_CONNECTED, STATUS_TIMEOUT = 7, 13


class Outbox:
    """The notifications and indications of one connection, first in first out.

    `put` may be called from any thread, all else from the air's loop. The link's interval is what
    its host has asked for, or changed it to. faults: the air's, which name the pool's size.
    """

    def __init__(
        self,
        server: Server,
        connection: Connection,
        attributes: Mapping[int, Attribute],
        faults: Faults,
        emit: Callable[[bytes], None],
    ) -> None:
        self._server = server
        self._connection = connection
        self._attributes = attributes
        self._faults = faults
        self._emit = emit
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._packets: deque = deque()
        self._filled = asyncio.Event()
        self._indicating: list[int] = []  # handles whose confirmation is awaited
        self._tasks = {self._loop.create_task(self._drain())}

    def put(self, handle: int, data: bytes, indicate: bool) -> bool:
        """Queue a packet; False when no buffer is free."""
        with self._lock:
            if len(self._packets) >= self._faults.pool_packets:
                return False
            self._packets.append((handle, data, indicate))
        self._loop.call_soon_threadsafe(self._filled.set)
        return True

    def close(self) -> None:
        """Send nothing more; the link is gone."""
        for task in self._tasks:
            task.cancel()

    def fail_pending(self) -> None:
        """The link is gone: the device reports failed procedures before the disconnection."""
        while (packet := self._take()) is not None:
            if packet[2]:
                self._indicating.append(packet[0])
        for handle in self._indicating:
            self._tell(handle, STATUS_NOT_CONNECTED)
        self._indicating.clear()

    def _take(self) -> tuple[int, bytes, bool] | None:
        with self._lock:
            return self._packets.popleft() if self._packets else None

    async def _drain(self) -> None:
        due_s = self._loop.time()
        while True:
            await self._filled.wait()
            self._filled.clear()
            due_s = max(due_s, self._loop.time())
            while (packet := self._take()) is not None:
                left = PACKETS_PER_INTERVAL
                while packet is not None:
                    await self._transmit(*packet)
                    left -= 1
                    packet = self._take() if left else None
                due_s += self._connection.parameters.connection_interval / 1000
                await asyncio.sleep(max(0.0, due_s - self._loop.time()))

    async def _transmit(self, handle: int, data: bytes, indicate: bool) -> None:
        attribute = self._attributes[handle]
        if not indicate:
            # force: the real call does not look at the subscription either
            await self._server.notify_subscriber(self._connection, attribute, data, force=True)
            return
        self._indicating.append(handle)
        task = self._loop.create_task(self._indicate(attribute, data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _indicate(self, attribute: Attribute, data: bytes) -> None:
        status = 0
        try:
            await self._server.indicate_subscriber(self._connection, attribute, data, force=True)
        except Exception:  # Bumble's own kinds: no confirmation, or the bearer is gone
            status = STATUS_TIMEOUT
        if attribute.handle in self._indicating:
            self._indicating.remove(attribute.handle)
            self._tell(attribute.handle, status)

    def _tell(self, handle: int, status: int) -> None:
        conn = self._connection.handle
        self._emit(struct.pack("<BHHB", IRQ_INDICATE_DONE, conn, handle, status))
