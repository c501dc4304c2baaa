"""The conversation with a band: set its time, fetch what is new, store it, confirm it.

Touches a radio and a store, both given. Speaks the control point of `notturno_core.wire`.

Nothing is confirmed before it is safe in the store, and everything may end at any moment: the next
sync goes on behind the last record that is stored. Notifications are not trusted: every frame has
its CRC, every checkpoint one over all that was sent, and only what a checkpoint proves (or what
follows without a hole) is stored.
"""

import asyncio
import time
import zlib
from dataclasses import dataclass, field

from notturno_core import wire

from notturno.errors import UserError
from notturno.link import LinkLost

SCAN_TIMEOUT_S = 30.0
WAITS_S = (0.25, 1.0, 4.0)  # before each new attempt that follows one without progress
TIME_SET_AGAIN_MS = 3_600_000  # a band whose clock was set within the hour needs no new setting
TIME_WRONG_MS = 2_000  # ... unless it says another time than we do


class Garbled(LinkLost):
    """Records were lost or changed on the way; asking again helps."""


@dataclass
class Result:
    """What one sync brought. `nights`: keys of the nights that got new records."""

    device: str = ""
    name: str = ""
    new_records: int = 0
    new_events: int = 0
    total_records: int = 0
    committed_seq: int = 0
    first_new_seq: int = 0
    nights: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


async def sync(
    radio,
    store,
    zone,
    *,
    progress=None,
    name=None,
    scan_timeout_s=SCAN_TIMEOUT_S,
    sleep=asyncio.sleep,
) -> Result:
    """Find the band, fetch what is new, store and confirm it.

    name: which band, where several are in reach. progress: None or callable(stored, expected), in
    records. Raises UserError where no band answers, or where it cannot be understood.
    """
    result = Result()
    attempts = 0
    while True:
        before = result.new_records
        try:
            band = await find(radio, name, scan_timeout_s, again=attempts > 0)
            result.name = band.name
            async with radio.connect(band) as connection:
                await Conversation(connection, radio, store, zone, result, progress).run()
            break
        except LinkLost as error:
            attempts = 0 if result.new_records > before else attempts + 1
            if attempts > len(WAITS_S):
                raise UserError(
                    f"The link to the band was lost again and again ({error}); bring it nearer "
                    f"and sync again: what came over is stored ({result.new_records} new "
                    "records)."
                ) from error
            await sleep(WAITS_S[max(attempts - 1, 0)])
    result.total_records = store.count_records(result.device)
    return result


async def find(radio, name, timeout_s, again=False):
    """Return the one band in reach. Raises UserError where there is none or a choice."""
    found = await radio.scan(timeout_s)
    wanted = [band for band in found if name in (None, band.name, band.address)]
    if len(wanted) == 1:
        return wanted[0]
    names = ", ".join(f"{band.name} ({band.address})" for band in found)
    if wanted:
        raise UserError(f"Several bands are near: {names}; choose one with --band NAME.")
    if found:
        raise UserError(f"No band {name} is near, but: {names}; choose one of them with --band.")
    if again:
        raise LinkLost("the band does not advertise any more")
    raise UserError(
        "No band was found: put it on its charger or press its button, bring it near, and make "
        "sure that no other computer or phone is connected to it."
    )


async def read_info(connection) -> dict:
    """Return what a band says of itself (wire.INFO_FIELDS). Raises LinkLost.

    Raises UserError for a band that speaks another version of the protocol.
    """
    data = await connection.read_info()
    version = data[0] if data else 0
    if version != wire.PROTOCOL_VERSION:
        which = "notturno" if version > wire.PROTOCOL_VERSION else "the band's firmware"
        raise UserError(
            f"The band speaks version {version} of the protocol, this notturno version "
            f"{wire.PROTOCOL_VERSION}; update {which}."
        )
    try:
        return wire.unpack(wire.INFO_FIELDS, data)
    except wire.WireError as error:
        raise Garbled(f"what the band says of itself is cut off: {error}") from error


class Conversation:
    """One connection's talk with a band; adds what it brings to `result`."""

    def __init__(self, connection, radio, store, zone, result, progress):
        self._connection = connection
        self._radio = radio
        self._store = store
        self._zone = zone
        self._result = result
        self._progress = progress or (lambda stored, expected: None)
        self._got = 0

    async def run(self) -> None:
        """Talk from the first word to the last. Raises LinkLost, UserError."""
        info = await read_info(self._connection)
        self._device = info["device_id"].hex()
        self._log_id = info["log_id"]
        self._result.device = self._device
        self._result.committed_seq = info["committed_seq"]
        if info["lost_records"]:
            self._warn(
                f"The band's memory was full: {info['lost_records']} records were not kept; sync "
                "more often."
            )
        self._firmware = info["firmware"].rstrip(b"\0").decode("ascii", "replace")
        self._store.note_band(self._device, self._log_id, info, self._firmware)
        await self._set_time(info)
        self._expected = max(info["next_seq"] - max(self._next_seq(), info["first_seq"]), 0)
        self._pen = None
        await self._fetch(info)
        await self._commit(info)

    def _warn(self, sentence):
        if sentence not in self._result.warnings:
            self._result.warnings.append(sentence)

    def _next_seq(self):
        return self._store.next_seq(self._device, self._log_id)

    async def _request(self, op, fields, **values):
        """Write a request and return the band's reply; raises LinkLost, also for a wrong one."""
        await self._connection.write_control(wire.pack(fields, {"op": op} | values))
        while True:
            kind, data = await self._connection.next_message()
            if kind == "reply":
                reply = self._reply(data)
                if reply["op"] == op:
                    return reply

    @staticmethod
    def _reply(data):
        try:
            return wire.unpack(wire.REPLY_FIELDS, data)
        except wire.WireError as error:
            raise Garbled(str(error)) from error

    # --- time ----------------------------------------------------------------------------------

    async def _set_time(self, info):
        anchor = self._store.last_anchor(self._device, self._log_id, info["boot_id"])
        if anchor is not None:
            since_ms = info["tick_ms"] - anchor["tick_ms"]
            wrong_ms = abs(await self._radio.utc_now_ms() - anchor["utc_ms"] - since_ms)
            if 0 <= since_ms < TIME_SET_AGAIN_MS and wrong_ms < TIME_WRONG_MS:
                return
        asked = time.monotonic()
        await self._connection.read_info()
        half_trip_ms = (time.monotonic() - asked) * 500
        utc_ms = round(await self._radio.utc_now_ms() + half_trip_ms)
        reply = await self._request(
            wire.OP_SET_TIME,
            wire.SET_TIME_FIELDS,
            utc_ms=utc_ms,
            error_ms=min(round(half_trip_ms) + 1, 0xFFFF),
        )
        if reply["status"] != wire.STATUS_OK:
            self._warn("The band did not keep the time it was given: its memory may be full.")

    # --- fetch ---------------------------------------------------------------------------------

    async def _fetch(self, info):
        from_seq = self._next_seq()
        if from_seq and info["first_seq"] > from_seq:
            self._warn(
                f"Records {from_seq} to {info['first_seq'] - 1} are no longer on the band; "
                "another computer had confirmed them."
            )
        self._last_seq = max(from_seq, info["first_seq"]) - 1
        self._boot_id = self._store.boot_id_before(self._device, self._log_id, 1 << 62)
        await self._report(from_seq, self._keep)

    async def _report(self, from_seq, keep):
        """Ask for the log from a record on; `keep` gets each proven list of frames."""
        await self._connection.write_control(
            wire.pack(wire.REPORT_FIELDS, {"op": wire.OP_REPORT, "from_seq": from_seq})
        )
        crc = 0
        waiting = []  # frames that no checkpoint has proved yet
        try:
            while True:
                kind, data = await self._connection.next_message()
                if kind == "data":
                    crc = zlib.crc32(data, crc)
                    waiting += split_records(data)
                elif kind == "reply":
                    reply = self._reply(data)
                    if reply["op"] not in (wire.OP_CHECKPOINT, wire.OP_REPORT):
                        continue
                    if reply["status"] != wire.STATUS_OK:
                        name = wire.STATUS_NAMES[min(reply["status"], 4)]
                        raise LinkLost(f"the band broke its report off: {name}")
                    if reply["crc32"] != crc:
                        raise Garbled("records were lost on the way")
                    keep(waiting)
                    waiting = []
                    if reply["op"] == wire.OP_REPORT:
                        return
        except LinkLost:
            # What follows the stored records without a hole is as good as proved: a slow link
            # gets on a little each time.
            keep(self._without_hole(waiting))
            raise

    def _without_hole(self, frames):
        good = []
        last = self._last_seq
        for frame in frames:
            if seq_of(frame) != last + 1:
                break
            good.append(frame)
            last += 1
        return good

    def _keep(self, frames):
        if not frames:
            return
        if self._pen is None:
            self._pen = self._store.begin_sync(
                self._device, self._log_id, self._zone, self._firmware
            )
        before = self._store.next_seq(self._device, self._log_id) or 1
        records, events = self._store.add(self._pen, frames)
        self._result.new_records += records
        self._result.new_events += events
        self._notice_holes(frames)
        # Asked again each time: a night may get its date by a record that comes later.
        self._result.first_new_seq = min(self._result.first_new_seq or before, before)
        self._result.nights = self._store.nights_since_seq(
            self._device, self._log_id, self._result.first_new_seq
        )
        self._got += len(frames)
        self._progress(self._got, max(self._expected, self._got))

    def _notice_holes(self, frames):
        """Warn of numbers that never came; after a power cut a band leaves some out on purpose."""
        for i, frame in enumerate(frames):
            seq = seq_of(frame)
            first_missing, last_missing = self._last_seq + 1, seq - 1
            if first_missing <= last_missing and not self._boots(frames[i : i + 3]):
                which = (
                    f"Record {first_missing} is"
                    if first_missing == last_missing
                    else f"Records {first_missing} to {last_missing} are"
                )
                self._warn(f"{which} damaged on the band and could not be read; the rest is safe.")
            self._last_seq = max(self._last_seq, seq)
            self._boot_id = max(self._boot_id, boot_id_of(frame))

    def _boots(self, frames):
        return any(boot_id_of(frame) > self._boot_id for frame in frames)

    # --- commit --------------------------------------------------------------------------------

    async def _commit(self, info):
        through = self._next_seq() - 1
        if through < info["committed_seq"]:
            return
        frames = list(
            self._store.frames(self._device, self._log_id, info["committed_seq"], through)
        )
        reply = await self._say_commit(through, frames)
        if reply["status"] == wire.STATUS_CRC_MISMATCH:
            # The band holds something else than when it was read, e.g. a cell of its flash died:
            # look again at what it holds now, and confirm that, if every record of it is ours.
            now_there = []
            await self._report(info["committed_seq"], now_there.extend)
            now_there = [frame for frame in now_there if seq_of(frame) <= through]
            if set(now_there) <= set(frames):
                reply = await self._say_commit(through, now_there)
        if reply["status"] == wire.STATUS_OK:
            self._result.committed_seq = reply["next_seq"]
        else:
            self._warn(
                "The band did not accept the confirmation, so it keeps its records; they are "
                "stored here all the same."
            )

    async def _say_commit(self, through, frames):
        crc = 0
        for frame in frames:
            crc = zlib.crc32(frame, crc)
        return await self._request(
            wire.OP_COMMIT, wire.COMMIT_FIELDS, through_seq=through, crc32=crc
        )


def seq_of(frame: bytes) -> int:
    """Return the number of a record frame."""
    return int.from_bytes(frame[:4], "little")


def boot_id_of(frame: bytes) -> int:
    """Return the boot that a frame names; 0 where it names none."""
    if frame[4] not in (wire.REC_SESSION, wire.REC_TIME):
        return 0
    return int.from_bytes(frame[wire.HEADER_LEN : wire.HEADER_LEN + 4], "little")


def split_records(data: bytes) -> list[bytes]:
    """Return the record frames of one notification; raises Garbled for a provisional row.

    Only the live characteristic may carry one; stored, its number would stand behind all others.
    """
    frames = split_frames(data)
    if any(seq_of(frame) == wire.SEQ_PROVISIONAL for frame in frames):
        raise Garbled("a row that may still change came among the records")
    return frames


def split_frames(data: bytes) -> list[bytes]:
    """Return the frames of one notification; raises Garbled where one is not whole."""
    frames = []
    at = 0
    while at < len(data):
        found = wire.frame_at(data, at, len(data))
        if found is None:
            raise Garbled("a record changed on the way")
        frames.append(bytes(data[at : at + found[3]]))
        at += found[3]
    return frames
