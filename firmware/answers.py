"""What the band answers to a host that has proved the key: records, confirmations, the time.

Touches the event log and the guard it is given; never meets the radio or the sensor. Speaks the
layouts of `notturno_core.protocol`; times in ms.
"""

import asyncio
import binascii
import struct

from notturno_core import protocol
from notturno_core.eventlog import LogFull
from notturno_core.seal import OVERHEAD
from notturno_core.wire import LOG_VERSION, STATE_RECORDING, WireError, pack, unpack

_OF_PARCELS = (protocol.OP_READ, protocol.OP_PARCEL, protocol.OP_PIECE, protocol.OP_UNPACK)
_SHARE_EVERY = 8  # frames checked before the other tasks get their turn


def data_room(room):
    """Return how many bytes of records one DATA message takes, so that its pieces are full."""
    return protocol.MESSAGE_MAX // (room - 1) * (room - 1) - OVERHEAD


class Answers:
    """Answers one request at a time.

    info: callable giving state, device_id, battery_mv and firmware of protocol.INFO_FIELDS.
    set_time: callable(utc_ms, error_ms, host_id) that logs the pair. asked: coroutine function
    that takes in what has come meanwhile and says whether ABORT is among it. set_live:
    callable(on). check: callable(cable) that lets the band test itself and logs a CHECK record,
    or raises OSError while that cannot be; None: this band has no test.
    """

    def __init__(self, log, link, guard, info, set_time, asked, set_live, check=None):
        self._log = log
        self._link = link
        self._guard = guard
        self._info = info
        self._set_time = set_time
        self._asked = asked
        self._set_live = set_live
        self._check = check
        self._buf = bytearray(protocol.MESSAGE_MAX)
        self._parcels = None
        self.errors = 0  # of the flash; each was survived
        self.changed = False  # something holds from the next start: a program, settings

    async def answer(self, request):
        """Answer a request. Raises LinkLost."""
        op = request[0] if request else 0
        reply = {"op": op, "status": protocol.STATUS_OK, "next_seq": self._log.next_seq}
        try:
            values = unpack(protocol.REQUEST_FIELDS[op], request)
            if op == protocol.OP_INFO:
                await self._say_info()
                return
            if op == protocol.OP_SET_TIME:
                self._set_time(values["utc_ms"], values["error_ms"], values["host_id"])
                reply["next_seq"] = self._log.next_seq
            elif op == protocol.OP_LIVE:
                self._set_live(bool(values["on"]))
            elif op == protocol.OP_CHECK:
                if self._check is None:
                    raise KeyError(op)
                self._check(values["cable"])
                reply["next_seq"] = self._log.next_seq
            elif op == protocol.OP_REPORT:
                await self._report(values["from_seq"], values["through_seq"], reply)
            elif op == protocol.OP_COMMIT:
                await self._commit(values["through_seq"], values["crc32"], reply)
            elif op in _OF_PARCELS:
                await self._parcel(op, values, request, reply)
        except (KeyError, WireError):
            reply["status"] = protocol.STATUS_BAD_REQUEST  # an op or a length we do not know
        except (OSError, LogFull):
            self.errors += 1
            reply["status"] = protocol.STATUS_BUSY  # the flash refuses; what it holds is safe
        await self._guard.reply(reply)

    async def _parcel(self, op, values, request, reply):
        """Read what the band has, or take a parcel; fill in the reply's status and next_seq."""
        reply["status"] = protocol.STATUS_REFUSED
        if self._info()["state"] & STATE_RECORDING:  # the night has the memory, and the time
            reply["next_seq"] = protocol.REFUSED_RECORDING
            return
        import parcels

        if self._parcels is None:
            self._parcels = parcels.Parcels()
        try:
            if op == protocol.OP_READ:
                reply["next_seq"] = await self._read(parcels.path_of(values["what"]), reply)
            elif op == protocol.OP_PARCEL:
                begin = values["kind"], values["size"], values["digest"]
                reply["next_seq"] = self._parcels.begin(*begin)
            elif op == protocol.OP_PIECE:
                reply["next_seq"] = self._parcels.piece(values["offset"], request[5:])
            else:
                await self._parcels.unpack()
                self.changed = True
        except parcels.Refused as refused:
            reply["next_seq"] = refused.reason
            return
        reply["status"] = protocol.STATUS_OK

    async def _read(self, path, reply):
        """Stream a file as DATA; return its length, 0 where there is none."""
        view = memoryview(self._buf)[: data_room(self._link.room)]
        total = crc = 0
        try:
            file = open(path or "", "rb")
        except OSError:
            return 0
        with file:
            n = file.readinto(view)
            while n:
                crc = binascii.crc32(view[:n], crc)
                total += n
                await self._guard.say(protocol.DATA, view[:n])
                n = file.readinto(view)
        reply["crc32"] = crc
        return total

    async def _say_info(self):
        log = self._log
        values = dict(self._info())
        values["op"] = protocol.OP_INFO
        values["log_version"] = LOG_VERSION
        values["strangers"] = self._guard.strangers
        values["tick_ms"] = self._guard.tick_ms() & 0xFFFFFFFF
        for name in ("log_id", "boot_id", "first_seq", "next_seq", "committed_seq"):
            values[name] = getattr(log, name)
        values["lost_records"] = log.lost_records
        await self._guard.say(protocol.CONTROL, pack(protocol.INFO_FIELDS, values))

    async def _report(self, from_seq, through_seq, reply):
        """Stream a range of the log; fill in the reply's status, next_seq and CRC of all sent.

        A message is full whatever the frames' lengths: one may begin in it and end in the next.
        """
        buf = self._buf
        view = memoryview(buf)
        room = data_room(self._link.room)
        fill = sent = 0
        reply["crc32"] = 0
        reply["next_seq"] = from_seq
        for frame in self._log.frames_from(from_seq):
            (seq,) = struct.unpack_from("<I", frame)
            if seq > through_seq:
                break
            crc = binascii.crc32(frame, reply["crc32"])
            at = 0
            while at < len(frame):
                n = min(len(frame) - at, room - fill)
                buf[fill : fill + n] = frame[at : at + n]
                fill += n
                at += n
                if fill < room:
                    continue
                fill = 0
                await self._guard.say(protocol.DATA, view[:room])
                sent += 1
                if sent % protocol.CHECKPOINT_EVERY == 0:
                    await self._checkpoint(reply)
                if await self._asked():
                    reply["status"] = protocol.STATUS_ABORTED
                    return
            reply["crc32"] = crc
            reply["next_seq"] = seq + 1
        if fill:
            await self._guard.say(protocol.DATA, view[:fill])

    async def _checkpoint(self, reply):
        self._guard.note_work()
        said = dict(reply)
        said["op"] = protocol.OP_CHECKPOINT
        await self._guard.reply(said)

    async def _commit(self, through_seq, host_crc, reply):
        """Confirm records for good where the host holds what we hold; fill in the reply.

        The CRC runs over all stored frames from the first unconfirmed one to `through_seq`. What
        ours is we do not say: a host confirms what it has fetched, not what it was told.
        """
        log = self._log
        reply["next_seq"] = log.committed_seq
        if through_seq >= log.next_seq:
            reply["status"] = protocol.STATUS_BAD_REQUEST
            return
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
            reply["status"] = protocol.STATUS_CRC_MISMATCH
            return
        log.commit(through_seq)
        reply["next_seq"] = log.committed_seq
        reply["crc32"] = crc
