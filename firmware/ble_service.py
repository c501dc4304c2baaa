"""The GATT service: what a host may ask of the band, and how the band answers.

Touches the `bluetooth.BLE` object it is given and the event log; it never meets the sensor. Speaks
the layouts of `notturno_core.wire`. Times in ms.

The radio's interrupt only notes what happened; one task does the work. A report streams whole
record frames by notification, as many as fit one, and after every CHECKPOINT_EVERY of them asks
the host by an indication whether it still follows: notifications are lossless on the air, but a
host may drop them, and a slow one must be able to slow us down.
"""

import asyncio
import binascii
import struct

from ble_link import MTU, HostLink, LinkLost
from bluetooth import UUID
from notturno_core import wire
from notturno_core.eventlog import LogFull

_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3
_IRQ_GATTS_INDICATE_DONE = 20
_IRQ_MTU_EXCHANGED = 21

_FLAG_READ = 0x0002
_FLAG_WRITE = 0x0008
_FLAG_NOTIFY = 0x0010
_FLAG_INDICATE = 0x0020
# To demand a bonded, encrypted link, add these to the flags below: hosts pair on first access.
_FLAG_READ_ENCRYPTED = 0x0200
_FLAG_WRITE_ENCRYPTED = 0x1000

_ADV_INTERVAL_US = 250_000
_ADV_GENERAL_LE_ONLY = b"\x02\x01\x06"
_AD_UUID128, _AD_NAME = 0x07, 0x09

_CONTROL_BYTES = 32  # the stack cuts a write silently where the buffer is shorter
_QUEUE_LEN = 8  # requests waiting; a host waits for each answer, so more is a broken host
_LIVE_BYTES = 1024  # live records waiting; what does not fit is not sent: the log has it
_PROVISIONAL_BYTES = 512  # a row that may still change takes no room of one that is final
_SHARE_EVERY = 8  # frames checked before the other tasks get their turn

_OPS = {
    wire.OP_SET_TIME: wire.SET_TIME_FIELDS,
    wire.OP_REPORT: wire.REPORT_FIELDS,
    wire.OP_ABORT: wire.ABORT_FIELDS,
    wire.OP_COMMIT: wire.COMMIT_FIELDS,
}


def advertisement(name):
    """Return (advertising data, scan response): who we are, for a host that looks for it."""
    uuid = bytes(reversed(binascii.unhexlify(wire.SERVICE_UUID.replace("-", ""))))
    short = wire.NAME_PREFIX.encode()
    full = name.encode()[:29]
    data = _ADV_GENERAL_LE_ONLY + bytes((17, _AD_UUID128)) + uuid
    data += bytes((len(short) + 1, _AD_NAME)) + short
    return data, bytes((len(full) + 1, _AD_NAME)) + full


class BleService:
    """The band's side of the link. See the module's docstring.

    ble: an inactive bluetooth.BLE. log: an opened EventLog; its `on_append` becomes ours.
    info: callable giving state, device_id, battery_mv and firmware of wire.INFO_FIELDS.
    set_time: callable(utc_ms, error_ms) that logs the pair. tick_ms: callable, ms since start.
    """

    def __init__(self, ble, log, info, set_time, tick_ms, name=wire.NAME_PREFIX):
        self._ble = ble
        self._log = log
        self._info = info
        self._set_time = set_time
        self._tick_ms = tick_ms
        self._advertising_data, self._scan_response = advertisement(name)
        self._wake = asyncio.ThreadSafeFlag()
        self._requests = []  # (connection number, bytes written)
        self._live = bytearray()
        self._buf = bytearray(MTU - 3)
        self._link = HostLink(ble)
        self._abort = False
        self._advertise = False
        self._changed = False  # somebody connected or left
        self.on = False
        self.errors = 0  # of the interrupt and the task; each was survived
        log.on_append = self._logged

    @property
    def connected(self):
        """Say whether a host is connected."""
        return self._link.conn is not None

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
        ble.config(mtu=MTU, gap_name=wire.NAME_PREFIX)
        ble.irq(self._irq)
        ((self._h_info, self._h_control, self._h_data, self._h_live),) = (
            ble.gatts_register_services(
                (
                    (
                        UUID(wire.SERVICE_UUID),
                        (
                            (UUID(wire.INFO_UUID), _FLAG_READ),
                            (UUID(wire.CONTROL_UUID), _FLAG_WRITE | _FLAG_INDICATE),
                            (UUID(wire.DATA_UUID), _FLAG_NOTIFY),
                            (UUID(wire.LIVE_UUID), _FLAG_NOTIFY),
                        ),
                    ),
                )
            )
        )
        ble.gatts_set_buffer(self._h_control, _CONTROL_BYTES)
        self._publish_info()
        self._advertise = True
        self._advertise_now()

    def _stop(self):
        self._advertise = False
        if self.connected:
            # Switching off under a live link has hung older firmware: let go of it first.
            self._link.disconnect()
        else:
            self._ble.gap_advertise(None)
        self._forget()
        self._ble.active(False)

    def _advertise_now(self):
        self._ble.gap_advertise(
            _ADV_INTERVAL_US, adv_data=self._advertising_data, resp_data=self._scan_response
        )

    def _forget(self):
        self._requests.clear()
        self._live = bytearray()
        self._abort = False

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
            link.note_connected(data[0])
            self._changed = True
        elif event == _IRQ_CENTRAL_DISCONNECT:
            link.note_disconnected(data[0])
            self._changed = True
        elif event == _IRQ_GATTS_WRITE:
            conn, handle = data
            if handle == self._h_control and conn == link.conn:
                written = bytes(self._ble.gatts_read(handle))
                if len(self._requests) < _QUEUE_LEN:
                    self._requests.append((link.number, written))
                    if written[:1] == bytes((wire.OP_ABORT,)):
                        self._abort = True  # a report looks at this between notifications
        elif event == _IRQ_GATTS_INDICATE_DONE:
            link.note_confirmed(data[0], data[2])
        elif event == _IRQ_MTU_EXCHANGED:
            link.note_mtu(data[0], data[1])

    # --- the task ------------------------------------------------------------------------------

    async def run(self):
        """Answer for ever. Costs nothing while nobody is connected."""
        while True:
            await self._wake.wait()
            try:
                await self._work()
            except LinkLost:
                pass  # the disconnection's own interrupt wakes us again
            except Exception:  # a host, however odd, must not end the night's recording
                self.errors += 1
                self._wake.set()  # what it asked is off the list; the rest still waits

    async def _work(self):
        while self.on:
            if self._changed:
                self._changed = False
                if not self.connected and self._advertise:
                    self._advertise_now()
                self._publish_info()
            if self._requests:
                number, request = self._requests.pop(0)
                if number == self._link.number:
                    await self._answer(request)
            elif self._live and self.connected:
                self._send_live()
            else:
                return

    async def _answer(self, request):
        op = request[0] if request else 0
        status, next_seq, crc = wire.STATUS_BAD_REQUEST, self._log.next_seq, 0
        try:
            values = wire.unpack(_OPS[op], request)
            if op == wire.OP_SET_TIME:
                self._set_time(values["utc_ms"], values["error_ms"])
                status, next_seq = wire.STATUS_OK, self._log.next_seq
            elif op == wire.OP_ABORT:
                self._abort = False
                status = wire.STATUS_OK
            elif op == wire.OP_REPORT:
                status, next_seq, crc = await self._report(values["from_seq"])
            else:
                status, crc = await self._commit(values["through_seq"], values["crc32"])
                next_seq = self._log.committed_seq
        except (KeyError, wire.WireError):
            pass  # an op or a length we do not know: bad request
        except (OSError, LogFull):
            self.errors += 1
            status = wire.STATUS_BUSY  # the flash refuses; what it holds is safe
        self._publish_info()
        await self._reply(op, status, next_seq, crc)

    async def _reply(self, op, status, next_seq, crc):
        values = {"op": op, "status": status, "next_seq": next_seq, "crc32": crc & 0xFFFFFFFF}
        values["tick_ms"] = self._tick_ms() & 0xFFFFFFFF
        await self._link.indicate(self._h_control, wire.pack(wire.REPLY_FIELDS, values))

    def _publish_info(self):
        log = self._log
        values = dict(self._info())
        values["protocol_version"] = wire.PROTOCOL_VERSION
        values["log_version"] = wire.LOG_VERSION
        values["tick_ms"] = self._tick_ms() & 0xFFFFFFFF
        for name in ("log_id", "boot_id", "first_seq", "next_seq", "committed_seq"):
            values[name] = getattr(log, name)
        values["lost_records"] = log.lost_records
        self._ble.gatts_write(self._h_info, wire.pack(wire.INFO_FIELDS, values))

    # --- report and commit ---------------------------------------------------------------------

    async def _report(self, from_seq):
        """Stream the log from a record on; return (status, next_seq, CRC of all that was sent)."""
        buf = self._buf
        view = memoryview(buf)
        room = self._link.room
        fill = sent = crc = 0
        next_seq = from_seq
        for frame in self._log.frames_from(from_seq):
            n = len(frame)
            if n > room:
                return wire.STATUS_BAD_REQUEST, next_seq, crc  # the host asked for no larger MTU
            if fill + n > room:
                await self._link.notify(self._h_data, view[:fill])
                crc = binascii.crc32(view[:fill], crc)
                fill = 0
                sent += 1
                if sent % wire.CHECKPOINT_EVERY == 0:
                    await self._reply(wire.OP_CHECKPOINT, wire.STATUS_OK, next_seq, crc)
                if self._abort:
                    return wire.STATUS_ABORTED, next_seq, crc
            buf[fill : fill + n] = frame
            fill += n
            next_seq = struct.unpack_from("<I", frame)[0] + 1
        if fill:
            await self._link.notify(self._h_data, view[:fill])
            crc = binascii.crc32(view[:fill], crc)
        return wire.STATUS_OK, next_seq, crc

    async def _commit(self, through_seq, host_crc):
        """Confirm records for good where the host holds what we hold; return (status, our CRC).

        The CRC runs over all stored frames from the first unconfirmed one to `through_seq`.
        """
        log = self._log
        if through_seq >= log.next_seq:
            return wire.STATUS_BAD_REQUEST, 0
        number = self._link.number
        crc = checked = 0
        for frame in log.frames_from(log.committed_seq):
            if struct.unpack_from("<I", frame)[0] > through_seq:
                break
            crc = binascii.crc32(frame, crc)
            checked += 1
            if checked % _SHARE_EVERY == 0:
                await asyncio.sleep_ms(0)
                self._link.still(number)
        if crc & 0xFFFFFFFF != host_crc:
            return wire.STATUS_CRC_MISMATCH, crc
        log.commit(through_seq)
        return wire.STATUS_OK, crc

    # --- live ----------------------------------------------------------------------------------

    def provisional(self, payload):
        """Tell a host that listens of an event that may still change; it is never logged.

        payload: of wire.pack_event. Its final row comes with the record of the same `number`.
        """
        n = wire.HEADER_LEN + len(payload) + wire.CRC_LEN
        if self.connected and len(self._live) + n <= _PROVISIONAL_BYTES:
            frame = bytearray(n)
            marked = wire.provisional_event(payload)
            wire.pack_frame_into(frame, 0, wire.SEQ_PROVISIONAL, wire.REC_EVENT, marked)
            self._say(frame)

    def _logged(self, frame):
        """Called by the log for each record appended.

        A waveform waits for the report: its records would take the room of the rows.
        """
        if frame[4] == wire.REC_SNIPPET:
            return
        if self.connected and len(self._live) + len(frame) <= _LIVE_BYTES:
            self._say(frame)

    def _say(self, frame):
        self._live.extend(frame)
        self._wake.set()

    def _send_live(self):
        waiting, self._live = self._live, bytearray()
        room = self._link.room
        at = 0
        while at < len(waiting):
            end = at
            while end < len(waiting):
                n = wire.HEADER_LEN + waiting[end + 5] + wire.CRC_LEN
                if end + n - at > room:
                    break
                end += n
            if end == at:
                return  # one record is larger than the host can take at once: the log has it
            # Unlike gatts_notify this asks whether the host has subscribed; what finds no free
            # buffer is not sent, and the host sees the hole in the numbers.
            self._ble.gatts_write(self._h_live, bytes(memoryview(waiting)[at:end]), True)
            at = end
