"""The virtual radio of one band: what its VM asks of it, and when it needs the wall clock's pace.

Touches the air it is on. Speaks the requests of the shim `bluetooth` (see shims/bluetooth.py) and
MicroPython's error numbers, negative.

Rule: nothing in the loop ever waits for the VM, except the answer to a host's write.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from bumble.keys import MemoryKeyStore

from notturno.virtualband.air import Air
from notturno.virtualband.peripheral import Peripheral

if TYPE_CHECKING:
    from notturno.virtualband.ether import AirController

(ACTIVE, CONFIG, SERVICES, ADVERTISE, DISCONNECT) = range(5)
(NOTIFY, INDICATE, SET_VALUE, WRITE_DONE, MTU) = range(5, 10)
ENODEV, EIO = 19, 5
LINGER_S = 1.0  # paced on after the last scan, so that a host may go from scanning to connecting
SETTINGS = {"mtu": 256, "gap_name": "MPY", "bond": False, "mitm": False, "io": 3}


class Radio:
    """The radio of one band on an air.

    emit: takes an event's bytes for the VM (any thread). pace(reason, on): virtual time must walk
    with the wall clock, or need not. utc_ms: the world's time.
    """

    def __init__(
        self,
        air: Air,
        seed: int,
        emit: Callable[[bytes], None],
        pace: Callable[[str, bool], None],
        utc_ms: Callable[[], int],
    ) -> None:
        self._air = air
        # a static random address: the two highest bits are set
        self.address = "F0:4E:54:" + ":".join(
            f"{b:02X}" for b in (seed & 0xFFFFFF).to_bytes(3, "big")
        )
        self._emit = emit
        self._pace = pace
        self.utc_ms = utc_ms
        # callable(what) -> done: what a host asks of whoever wears the band (evening.py)
        self.asked: Callable[[int], bool] = lambda what: False
        self._settings = dict(SETTINGS)
        self._peripheral: Peripheral | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._paced = False
        air.run(self._join())

    async def _join(self) -> None:
        self._keys = MemoryKeyStore()
        self._air.radios.append(self)

    def close(self) -> None:
        """Off, and no longer of this air."""

        async def stop() -> None:
            self._off()
            self._air.radios.remove(self)
            if self._linger:
                self._linger.cancel()

        self._air.run(stop())

    def power_cycle(self) -> None:
        """The processor has started anew: its radio is off and knows nothing but its bonds."""

        async def off() -> None:
            self._settings = dict(SETTINGS)
            self._off()

        self._air.run(off())

    @property
    def state(self) -> str:
        """Return "" when off, "idle", or "connected"."""
        peripheral = self._peripheral
        if peripheral is None:
            return ""
        return "connected" if peripheral.connected else "idle"

    def owns(self, controller: AirController | None) -> bool:
        """Is that controller this band's own? None, which is gone, is nobody's."""
        return self._peripheral is not None and self._peripheral.controller is controller

    def _off(self) -> None:
        peripheral, self._peripheral = self._peripheral, None
        if peripheral:
            peripheral.close()
        self.changed()

    # --- the VM's requests, from its thread ------------------------------------------------------

    def call(self, op: int, data: bytes) -> tuple[int, bytes]:
        """Do what the shim asks; return (0, answer) or (negative error, b"")."""
        if op == NOTIFY or op == INDICATE:
            peripheral = self._peripheral
            if peripheral is None:
                return -ENODEV, b""
            conn, handle = struct.unpack_from("<HH", data)
            return peripheral.queue(conn, handle, data[4:], op == INDICATE), b""
        if op == WRITE_DONE:
            peripheral = self._peripheral
            if peripheral:
                (ticket,) = struct.unpack("<I", data)
                self._air.call_soon(peripheral.write_done, ticket)
            return 0, b""
        return self._air.run(self._answer(op, data))

    async def _answer(self, op: int, data: bytes) -> tuple[int, bytes]:
        if op == ACTIVE:
            self._off()
            if data[0]:
                self._peripheral = Peripheral(
                    self._air.ether,
                    self.address,
                    self._settings,
                    self._keys,
                    self._emit,
                    self.changed,
                )
                await self._peripheral.open()
            return 0, b""
        if op == CONFIG:
            if not data:
                return 0, bytes.fromhex(self.address.replace(":", ""))
            self._settings = {**self._settings, **json.loads(data)}
            if self._peripheral:
                self._peripheral.configure(self._settings)
            return 0, b""
        peripheral = self._peripheral
        if peripheral is None:
            return -ENODEV, b""
        if op == SERVICES:
            return 0, json.dumps(peripheral.table.register(json.loads(data))).encode()
        if op == ADVERTISE:
            interval_us, _connectable, n = struct.unpack_from("<iBB", data)
            await peripheral.advertise(interval_us, data[6 : 6 + n], data[6 + n :])
            return 0, b""
        if op == DISCONNECT:
            return 0, b"\x01" if peripheral.disconnect(*struct.unpack("<H", data)) else b""
        if op == SET_VALUE:
            handle, update = struct.unpack_from("<HB", data)
            peripheral.set_value(handle, data[3:], bool(update))
            return 0, b""
        if op == MTU:
            asyncio.get_running_loop().create_task(
                peripheral.exchange_mtu(*struct.unpack("<H", data))
            )
            return 0, b""
        return -EIO, b""

    # --- time ------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Somebody outside lives in real time while connected, or while looking for the band."""
        peripheral = self._peripheral
        connected = peripheral is not None and peripheral.connected
        advertising = peripheral is not None and peripheral.advertising
        wanted = connected or (advertising and self._air.listening)
        if self._linger:
            self._linger.cancel()
            self._linger = None
        if not wanted and self._paced and advertising:
            loop = asyncio.get_running_loop()
            self._linger = loop.call_later(LINGER_S, self._set_pace, False)
        else:
            self._set_pace(wanted)

    def _set_pace(self, on: bool) -> None:
        self._paced = on
        self._pace("radio", on)
