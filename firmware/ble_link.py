"""One host's link, from the band's side: who is connected, and sending values to them.

Touches the `bluetooth.BLE` object it is given. Speaks bytes; times in ms. The `note_*` methods
are called in the radio's interrupt and only note; `notify` and `indicate` belong to the
service's task.
"""

import asyncio

from notturno_core.protocol import MTU_MAX, MTU_MIN

_ENOMEM = 12  # the stack's buffers are full: not an error, a request to wait
_RETRY_MS = 5
_SEND_TIMEOUT_MS = 10_000
_CONFIRM_TIMEOUT_MS = 10_000
_POLL_MS = 2


class LinkLost(Exception):
    """The host is gone, or does not answer any more."""


class HostLink:
    """The one connection there may be.

    `number` counts connections, so that an answer to an old one is not sent to the new.
    """

    def __init__(self, ble):
        self._ble = ble
        self._mtu = MTU_MIN
        self._awaiting = False  # an indication is on its way
        self._status = 0  # of the last indication that was confirmed
        self.conn = None  # the stack's handle
        self.number = 0

    @property
    def room(self):
        """Bytes that one value can carry."""
        return self._mtu - 3

    def note_connected(self, conn):
        """A host has connected."""
        self._mtu = MTU_MIN
        self._awaiting = False
        self._status = 0
        self.conn = conn
        self.number += 1

    def note_disconnected(self, conn):
        """The host has gone."""
        if conn == self.conn:
            self.conn = None

    def note_mtu(self, conn, mtu):
        """Both sides have agreed on how long a packet may be, in bytes."""
        if conn == self.conn:
            self._mtu = max(min(mtu, MTU_MAX), MTU_MIN)

    def note_confirmed(self, conn, status):
        """An indication was confirmed, or not (a status of its own)."""
        if conn == self.conn:
            self._status = status
            self._awaiting = False

    def still(self, number):
        """Raise LinkLost unless the connection of that number is still there."""
        if self.conn is None or self.number != number:
            raise LinkLost

    def disconnect(self):
        """Let go of the host, if there is one; the stack's own event says when it is gone."""
        if self.conn is not None:
            self._ble.gap_disconnect(self.conn)

    async def notify(self, handle, data):
        """Hand a notification to the stack, waiting while its buffers are full."""
        await self._send(self._ble.gatts_notify, handle, data)
        await asyncio.sleep_ms(0)

    async def indicate(self, handle, data):
        """Send an indication, after the one before it was confirmed: one may be on its way."""
        await self.settle()
        self._awaiting = True
        await self._send(self._ble.gatts_indicate, handle, data)

    async def settle(self):
        """Wait until no indication is on its way. Raises LinkLost."""
        number = self.number
        for _ in range(_CONFIRM_TIMEOUT_MS // _POLL_MS):
            self.still(number)
            if not self._awaiting:
                if self._status != 0:
                    raise LinkLost
                return
            await asyncio.sleep_ms(_POLL_MS)
        # A host that does not confirm will not do better later: let it begin again.
        self.disconnect()
        raise LinkLost

    async def _send(self, send, handle, data):
        number = self.number
        for _ in range(_SEND_TIMEOUT_MS // _RETRY_MS):
            self.still(number)
            try:
                send(self.conn, handle, data)
                return
            except OSError as error:
                if error.args[0] != _ENOMEM:
                    raise LinkLost from error
            await asyncio.sleep_ms(_RETRY_MS)
        raise LinkLost
