"""The conversation with one band: set its time, fetch what is missing, store it, confirm it.

Touches a proven link and a store, both given. Speaks `notturno_core.protocol`.

Nothing is confirmed before it is safe in the store, and everything may end at any moment: the next
sync asks for what is missing then. What comes is sealed and numbered by the band, so it is whole
and in order, or the link ends; what it says is still looked at as if a stranger said it.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from notturno_core import protocol, wire

from notturno import texts
from notturno.errors import Phrase
from notturno.link import Refused
from notturno.sync import sentences
from notturno.sync.asking import ask, ask_info
from notturno.sync.frames import seq_of
from notturno.sync.holes import Holes
from notturno.sync.report import Stream, report
from notturno.sync.result import Result
from notturno.times import HOUR_MS

if TYPE_CHECKING:
    from notturno.link.proof import ProvenLink
    from notturno.sync.logbook import Logbook, Stored

TIME_SET_AGAIN_MS = HOUR_MS  # a band whose clock was set within the hour needs no new setting
TIME_WRONG_MS = 2_000  # ... unless it says another time than we do
COMMIT_TRIES = 3
MOST_RECORDS = 4_000_000  # no flash that a band has holds more
LOGGED_MEANWHILE = 4096  # records that a band may log while it is being read
STRANGERS_TOLD = 10  # fewer than these are phones that look around


class Conversation:
    """One connection's talk with a band; adds what it brings to `result`.

    link: a proof.ProvenLink. now_ms: coroutine function, UTC of the world that the radio is in.
    host_id: our own number in SET_TIME. again: fetch all that the band still has.
    """

    def __init__(
        self,
        link: ProvenLink,
        now_ms: Callable[[], Awaitable[int]],
        store: Logbook,
        zone: str,
        result: Result,
        host_id: int,
        progress: Callable[[int, int], object] | None = None,
        again: bool = False,
    ) -> None:
        self._link = link
        self._now_ms = now_ms
        self._store = store
        self._zone = zone
        self._result = result
        self._host_id = host_id
        self._progress = progress or (lambda stored, expected: None)
        self._again = again
        self._pen = None
        self._got = self._expected = 0

    async def run(self) -> None:
        """Talk from the first word to the last. Raises LinkLost, Refused."""
        info = await ask_info(self._link)
        self._device = info["device_id"].hex()
        if self._device != self._link.device_id:
            raise Refused(
                "The band proves the key of {device_id} and says that it is "
                "{device}: give it its own key by cable (notturno bands key "
                "renew).",
                device_id=self._link.device_id,
                device=self._device,
            )
        if not info["first_seq"] <= info["next_seq"] <= info["first_seq"] + MOST_RECORDS:
            raise Refused(
                "The band says that it holds the records {first_seq} to "
                "{next_seq}: that cannot be. Put its firmware on it anew by "
                "cable.",
                first_seq=info["first_seq"],
                next_seq=info["next_seq"],
            )
        self._log_id = info["log_id"]
        self._result.device = self._device
        self._result.committed_seq = info["committed_seq"]
        self._note(info)
        self._next_seq = info["next_seq"]
        await self._set_time(info)
        ranges = self._missing(info["first_seq"])
        self._expected = sum(last - first + 1 for first, last in ranges)
        for first, last in ranges:
            await self._fetch(first, last)
        await self._commit(info)

    def _note(self, info: dict) -> None:
        self._firmware = texts.of_a_band(info["firmware"])
        self._store.note_band(self._device, self._log_id, info, self._firmware)
        if info["lost_records"]:
            self._warn(sentences.memory_full(info["lost_records"]))
        if info["log_version"] > wire.LOG_VERSION:
            self._warn(sentences.newer_firmware(info["log_version"]))
        if info["strangers"] > STRANGERS_TOLD:
            self._warn(sentences.strangers(info["strangers"]))

    def _warn(self, sentence: Phrase) -> None:
        if sentence not in self._result.warnings:
            self._result.warnings.append(sentence)

    async def _request(self, op: int, **values: int) -> dict[str, int]:
        """Ask something and return the band's reply. Raises LinkLost."""
        return await ask(self._link, op, protocol.REPLY_FIELDS, **values)

    # --- time ----------------------------------------------------------------------------------

    async def _set_time(self, info: dict) -> None:
        anchor = self._store.last_anchor(self._device, self._log_id, info["boot_id"])
        if anchor is not None:
            since_ms = info["tick_ms"] - anchor["tick_ms"]
            wrong_ms = abs(await self._now_ms() - anchor["utc_ms"] - since_ms)
            if 0 <= since_ms < TIME_SET_AGAIN_MS and wrong_ms < TIME_WRONG_MS:
                return
        asked = time.monotonic()
        now = await ask_info(self._link)
        half_trip_ms = (time.monotonic() - asked) * 500
        self._name_jump(now, await self._now_ms())
        reply = await self._request(
            protocol.OP_SET_TIME,
            utc_ms=round(await self._now_ms() + half_trip_ms),
            error_ms=min(round(half_trip_ms) + 1, 0xFFFF),
            host_id=self._host_id,
        )
        if reply["status"] == protocol.STATUS_OK:
            # What it said of itself bounds all that follows, its answers too.
            self._next_seq = min(reply["next_seq"], info["next_seq"] + LOGGED_MEANWHILE)
        else:
            self._warn(
                Phrase("The band did not keep the time it was given: its memory may be full.")
            )

    def _name_jump(self, info: dict, utc_ms: int) -> None:
        """Warn where our clock and an earlier setting of the band's cannot both be right."""
        judged = self._store.judge_clock(
            self._device, self._log_id, info["boot_id"], info["tick_ms"], utc_ms
        )
        if judged is None or not judged.contradicts:
            return
        self._warn(sentences.clock_differs(judged, self._host_id))

    # --- fetch ---------------------------------------------------------------------------------

    def _missing(self, first_seq: int) -> list[tuple[int, int]]:
        """Return the ranges of numbers to ask for: what the store has not, as far as it goes."""
        known_to = self._store.next_seq(self._device, self._log_id)
        if 0 < known_to < first_seq:
            self._warn(sentences.gone(known_to, first_seq - 1))
        return self._store.missing(
            self._device, self._log_id, first_seq, self._next_seq, again=self._again
        )

    async def _fetch(self, first_seq: int, last_seq: int) -> None:
        """Fetch a range, keep it, and remember which numbers of it the band does not have."""
        last_of_all = last_seq == self._next_seq - 1
        boot_id = self._store.boot_id_before(self._device, self._log_id, first_seq)
        holes = Holes(first_seq, boot_id)

        def keep(frames: list[bytes]) -> None:
            holes.notice(frames)
            self._keep(frames)

        through = protocol.THROUGH_ALL if last_of_all else last_seq
        reply = await self._report(first_seq, through, keep)
        if last_of_all:
            self._next_seq = max(self._next_seq, reply["next_seq"])
        holes.end(last_seq)
        for first, last in holes.damaged:
            self._warn(sentences.damaged(first, last))
        self._store.note_absent(self._device, self._log_id, holes.absent)

    async def _report(self, first_seq: int, through_seq: int, keep: Callable) -> dict[str, int]:
        """Ask for a range of the log (see report.report), and name what came damaged."""
        most_seq = self._next_seq + LOGGED_MEANWHILE
        stream = Stream(first_seq, min(through_seq, most_seq))
        try:
            return await report(self._link, stream, through_seq, keep)
        finally:
            self._name_damaged(stream.damaged)

    def _name_damaged(self, numbers: list[int]) -> None:
        for number in numbers[:3]:
            self._warn(sentences.left_there(number))

    def _keep(self, frames: list[bytes]) -> None:
        if not frames:
            return
        self._store_frames(frames)
        self._got += len(frames)
        self._progress(self._got, max(self._expected, self._got))

    def _store_frames(self, frames: list[bytes]) -> None:
        if self._pen is None:
            self._pen = self._store.begin_sync(
                self._device, self._log_id, self._zone, self._firmware
            )
        added = self._store.add(self._pen, frames)
        self._result.new_records += added.new_records
        self._result.new_events += added.new_events
        self._name_odd(added)
        # Asked again each time: a night may get its date by a record that comes later.
        first = min(self._result.first_new_seq or seq_of(frames[0]), seq_of(frames[0]))
        self._result.first_new_seq = first
        self._result.nights = self._store.nights_since_seq(self._device, self._log_id, first)

    def _name_odd(self, added: Stored) -> None:
        if added.quarantined:
            numbers = ", ".join(str(seq) for seq, _ in added.quarantined[:5])
            self._warn(sentences.kept_aside(len(added.quarantined), numbers))
        for seq, why in added.unread[:3]:
            self._warn(sentences.unread(seq, why))

    # --- commit --------------------------------------------------------------------------------

    async def _commit(self, info: dict) -> None:
        """Confirm what is stored here, as far as the band holds the same.

        The band may hold something else than when it was read: a passing read error, a cell of
        its flash that died. Then look again at what it holds now, store what is new, and confirm
        that.
        """
        through = self._next_seq - 1
        if through < info["committed_seq"]:
            return
        frames = self._store.frames(self._device, self._log_id, info["committed_seq"], through)
        reply: dict = {}
        for _ in range(COMMIT_TRIES):
            crc = 0
            for frame in frames:
                crc = zlib.crc32(frame, crc)
            reply = await self._request(protocol.OP_COMMIT, through_seq=through, crc32=crc)
            if reply["status"] != protocol.STATUS_CRC_MISMATCH:
                break
            frames = []

            def keep(now_there: list[bytes], frames: list[bytes] = frames) -> None:
                if now_there:
                    self._store_frames(now_there)
                frames += now_there

            await self._report(info["committed_seq"], through, keep)
        if reply["status"] == protocol.STATUS_OK:
            self._result.committed_seq = reply["next_seq"]
        else:
            self._warn(
                Phrase(
                    "The band did not accept the confirmation, so it keeps "
                    "its records; they are stored here all the same."
                )
            )
