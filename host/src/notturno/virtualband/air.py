"""An air: the loop in which the radios of bands and the controllers of hosts live together.

Touches a thread with an event loop and a TCP port on loopback, and Bumble's log. Several bands of
one process may share an air; each host that attaches to its port has a controller of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, Self, TypeVar

from bumble.hci import Address

from notturno.virtualband.ether import Ether
from notturno.virtualband.faults import Faults
from notturno.virtualband.outside import HciServer, OutsideController
from notturno.virtualband.serialport import listen

HOST_ADDRESS = "00:4E:54:00:{:02X}:{:02X}"  # public; the first host is 00:01
ANSWER_S = 20.0

T = TypeVar("T")


class OnTheAir(Protocol):
    """What an air wants of a band on it: see radio.Radio."""

    utc_ms: Callable[[], int]
    asked: Callable[[int], bool]

    def changed(self) -> None:
        """Look again whether anybody listens."""

    def owns(self, controller: Any) -> bool:
        """Is that controller this band's?"""
        ...


class Air:
    """What bands and hosts share; a context manager that outlives the bands on it.

    port: of the hosts' controllers (0: any). `faults`: what goes wrong, see faults.Faults.
    """

    def __init__(self, port: int = 0) -> None:
        self._socket = listen(port, "--port")
        self.port = self._socket.getsockname()[1]
        self.faults = Faults()
        self.radios: list[OnTheAir] = []
        logging.getLogger("bumble").setLevel(logging.CRITICAL)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="air", daemon=True)
        self._thread.start()
        self.run(self._start())

    async def _start(self) -> None:
        self.ether = Ether(self.faults)
        self._server = HciServer(self._make_controller)
        await self._server.start(self._socket)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Off, with every thread and port of it."""

        async def stop() -> None:
            await self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        self.run(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def hci(self) -> str:
        """HOST:PORT at which a host finds a standard HCI controller."""
        return f"127.0.0.1:{self.port}"

    # --- for the parts of the air ----------------------------------------------------------------

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop, from another thread; return what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(ANSWER_S)

    def call_soon(self, work: Callable, *arguments: int) -> None:
        """Call `work` in the loop, from another thread, and do not wait for it."""
        self._loop.call_soon_threadsafe(work, *arguments)

    @property
    def listening(self) -> bool:
        """Does anybody outside scan or try to connect?"""
        return any(c.listening for c in self._outside())

    def _outside(self) -> list[OutsideController]:
        return [c for c in self.ether.controllers if isinstance(c, OutsideController)]

    def changed(self) -> None:
        """Somebody outside has begun or ended something: the bands look at their pace."""
        for radio in self.radios:
            radio.changed()

    def free_address(self) -> Address:
        """Return a public address that no controller outside has."""
        taken = {c.public_address for c in self._outside()}
        for number in range(1, 1 << 16):
            text = HOST_ADDRESS.format(number >> 8, number & 255)
            address = Address(text, Address.PUBLIC_DEVICE_ADDRESS)
            if address not in taken:
                return address
        raise RuntimeError("65535 hosts are on one air")

    def _make_controller(self) -> OutsideController:
        return OutsideController(
            self.ether, self.free_address(), self.changed, self._utc_ms, self._asked
        )

    def _utc_ms(self, controller: OutsideController) -> int:
        """Return the time of the band that this host is connected to (else of the first)."""
        radio = self._radio_of(controller)
        return int(time.time() * 1000) if radio is None else radio.utc_ms()

    def _asked(self, controller: OutsideController, what: int) -> bool:
        """Ask the person who wears that band for something; say whether it was done."""
        radio = self._radio_of(controller)
        return radio is not None and radio.asked(what)

    def _radio_of(self, controller: OutsideController) -> OnTheAir | None:
        """Return the radio of the band that this host is connected to, else the first, or None."""
        for connection in reversed(controller.le_connections.values()):
            other, _ = self.ether.peer(connection)
            for radio in self.radios:
                if radio.owns(other):
                    return radio
        return self.radios[0] if self.radios else None
