"""The GATT service: the radio on and off, what comes from a host, and in which order it is done.

Touches the `bluetooth.BLE` object it is given. Who may talk is the guard's business, what is
answered that of `answers`. Times in ms. The whole conversation: PROTOCOL.md.

The radio's interrupt only notes what happened; one task does the work, and another, one for each
connection, lets go of a host that has had its time.
"""

import asyncio
import binascii

from answers import Answers
from ble_link import HostLink, LinkLost
from bluetooth import UUID
from live_rows import LiveRows
from notturno_core import protocol

_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3
_IRQ_GATTS_INDICATE_DONE = 20
_IRQ_MTU_EXCHANGED = 21

_FLAG_READ = 0x0002
_FLAG_WRITE = 0x0008
_FLAG_NOTIFY = 0x0010
_FLAG_INDICATE = 0x0020

_ADV_INTERVAL_US = 250_000
_ADV_GENERAL_LE_ONLY = b"\x02\x01\x06"
_AD_UUID128, _AD_NAME, _AD_SHORT_NAME = 0x07, 0x09, 0x08
_NAME_MAX = 29

_VALUE_MAX = protocol.MTU_MAX - 3
_QUEUE_LEN = 16  # values waiting; a host waits for each answer, so more is a broken host
_WATCH_MS = 500


def advertisement(name):
    """Return (advertising data, scan response): who we are, for a host that looks for it."""
    uuid = bytes(reversed(binascii.unhexlify(protocol.SERVICE_UUID.replace("-", ""))))
    short = protocol.NAME_PREFIX.encode()
    full = name.encode()[:_NAME_MAX]
    data = _ADV_GENERAL_LE_ONLY + bytes((17, _AD_UUID128)) + uuid
    data += bytes((len(short) + 1, _AD_SHORT_NAME)) + short
    return data, bytes((len(full) + 1, _AD_NAME)) + full


class BleService:
    """The band's side of the link. See the module's docstring.

    ble: an inactive bluetooth.BLE. log: an opened EventLog; its `on_append` becomes ours.
    info, set_time, check: see answers.Answers. make_guard: callable(link) giving a guard.Guard.
    """

    def __init__(
        self, ble, log, info, set_time, make_guard, name=protocol.NAME_PREFIX, check=None
    ):
        self._ble = ble
        self._name = name
        self._advertising_data, self._scan_response = advertisement(name)
        self._wake = asyncio.ThreadSafeFlag()
        self._values = []  # (connection number, bytes written)
        self._requests = []  # asked while a report ran
        self._link = HostLink(ble)
        self._guard = make_guard(self._link)
        self._live = LiveRows(self._link, self._guard, self._wake.set)
        self._answers = Answers(
            log, self._link, self._guard, info, set_time, self._asked, self._live.listen, check
        )
        self._left = False  # somebody was connected, and has gone
        self._came = False
        self._shown = False  # it advertises, and nobody has connected since
        self._told = None  # what it advertises in the place of who we are
        self._turned = False  # it has changed what it advertises, in this stretch of the radio
        self.on = False
        self.errors = 0  # of the interrupt and the task; each was survived
        self.provisional = self._live.provisional
        log.on_append = self._live.logged

    @property
    def proven(self):
        """Say whether a host is connected that has proved the key."""
        return self._guard.proven

    @property
    def changed(self):
        """Say whether a host has brought something that holds from the next start."""
        return self._answers.changed

    def radio(self, on):
        """Switch the radio on (and advertise) or off (and drop the host). Twice is once."""
        if on == self.on:
            return
        self.on = on
        if on:
            self._start()
        else:
            self._stop()

    def _start(self):
        ble = self._ble
        ble.active(True)
        ble.config(mtu=protocol.MTU_MAX, gap_name=self._name)
        ble.irq(self._irq)
        ((h_version, self._h_control, h_data, h_live),) = ble.gatts_register_services(
            (
                (
                    UUID(protocol.SERVICE_UUID),
                    (
                        (UUID(protocol.VERSION_UUID), _FLAG_READ),
                        (UUID(protocol.CONTROL_UUID), _FLAG_WRITE | _FLAG_INDICATE),
                        (UUID(protocol.DATA_UUID), _FLAG_NOTIFY),
                        (UUID(protocol.LIVE_UUID), _FLAG_NOTIFY),
                    ),
                ),
            )
        )
        # The stack cuts a write silently where the buffer is shorter.
        ble.gatts_set_buffer(self._h_control, _VALUE_MAX)
        self._guard.handles = {
            protocol.CONTROL: self._h_control,
            protocol.DATA: h_data,
            protocol.LIVE: h_live,
        }
        ble.gatts_write(h_version, bytes((protocol.VERSION,)))
        self._advertise_now()

    def _stop(self):
        if self._link.conn is not None:
            # Switching off under a live link has hung older firmware: let go of it first.
            self._link.disconnect()
            self._link.note_disconnected(self._link.conn)
        else:
            self._ble.gap_advertise(None)
        self._forget()
        self._left = self._came = self._shown = self._turned = False
        self._ble.active(False)

    def _advertise_now(self, data=None):
        self._shown = True
        self._told = data
        self._ble.gap_advertise(
            _ADV_INTERVAL_US,
            adv_data=self._advertising_data if data is None else data,
            resp_data=self._scan_response,
        )

    def tell(self, data):
        """Advertise other data for a while; None: who we are again.

        Not while a host is connected, or has to wait.
        """
        if self._shown and data is not self._told:
            self._turned = True
            self._advertise_now(data)

    def address(self):
        """Return the 6 bytes of the address that the radio has now; None while it is off."""
        return bytes(self._ble.config("mac")[1]) if self.on else None

    def _forget(self):
        self._values.clear()
        self._requests.clear()
        self._live.listen(False)

    # --- the interrupt: note and return --------------------------------------------------------

    def _irq(self, event, data):
        try:
            self._note(event, data)
        except Exception:  # an exception that leaves the interrupt can take the stack with it
            self.errors += 1
        self._wake.set()

    def _note(self, event, data):
        link = self._link
        if event == _IRQ_CENTRAL_CONNECT:
            self._forget()
            self._shown = False
            link.note_connected(data[0])
            self._guard.begin()
            self._came = True
        elif event == _IRQ_CENTRAL_DISCONNECT:
            if data[0] == link.conn:
                link.note_disconnected(data[0])
                self._left = True
        elif event == _IRQ_GATTS_WRITE:
            conn, handle = data
            if handle == self._h_control and conn == link.conn:
                written = bytes(self._ble.gatts_read(handle))
                if len(self._values) < _QUEUE_LEN:
                    self._values.append((link.number, written))
        elif event == _IRQ_GATTS_INDICATE_DONE:
            link.note_confirmed(data[0], data[2])
        elif event == _IRQ_MTU_EXCHANGED:
            link.note_mtu(data[0], data[1])

    # --- the tasks -----------------------------------------------------------------------------

    async def run(self):
        """Answer for ever. Costs nothing while nobody is connected."""
        while True:
            await self._wake.wait()
            try:
                await self._work()
            except LinkLost:
                self._wake.set()  # that one is lost: the next may be here
            except Exception:  # a host, however odd, must not end the night's recording
                self.errors += 1
                self._wake.set()  # what it asked is off the list; the rest still waits

    async def _work(self):
        while self.on:
            if self._left:
                self._left = False
                asyncio.create_task(self._advertise_after(self._guard.pause_ms()))
            if self._came:
                self._came = False
                if self._turned:  # perhaps while the host came: one host is enough
                    self._ble.gap_advertise(None)
                self._guard.note_work()
                asyncio.create_task(self._watch(self._link.number))
            if self._requests:
                await self._answers.answer(self._requests.pop(0))
            elif self._values:
                request = await self._hear()
                if request is not None:
                    await self._answers.answer(request)
            elif self._live.waiting:
                await self._live.send()
            else:
                return

    async def _hear(self):
        number, value = self._values.pop(0)
        return await self._guard.hear(value) if number == self._link.number else None

    async def _asked(self):
        """Take in what has come during a report; say whether it is to be broken off."""
        while self._values:
            request = await self._hear()
            if request is not None:
                self._requests.append(request)
        return any(request[:1] == bytes((protocol.OP_ABORT,)) for request in self._requests)

    async def _advertise_after(self, pause_ms):
        number = self._link.number
        if pause_ms:
            await asyncio.sleep_ms(pause_ms)
        if self.on and self._link.conn is None and self._link.number == number:
            self._advertise_now()

    async def _watch(self, number):
        """Let go of a host that has had its time, if it is still the same."""
        while self._link.conn is not None and self._link.number == number:
            if self._guard.overdue():
                self._link.disconnect()
                return
            await asyncio.sleep_ms(_WATCH_MS)
