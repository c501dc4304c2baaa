"""A report of a band's log: the stream of its records, and the talk around it.

Touches a proven link. Whatever the band sends is bounded: numbers ascend within the range, each
message brings something, and a checkpoint follows data.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from notturno_core import protocol, wire

from notturno.errors import Phrase
from notturno.link import LinkLost
from notturno.sync.asking import reply_in, status_name
from notturno.sync.frames import FrameCutter, Garbled, seq_of

if TYPE_CHECKING:
    from notturno.link.proof import ProvenLink

KEPT_WAITING = 1024  # frames in memory before they are stored, where no checkpoint comes
SETTLE_S = 2.0  # data may come behind the reply that ends them, where a system shuffles them


async def report(link: ProvenLink, stream: Stream, through_seq: int, keep: Callable) -> dict:
    """Ask for the range of the stream; `keep` gets lists of frames. Return the reply that ends it.

    What came before a link broke is whole and in order, and kept. Raises LinkLost.
    """
    values = {"op": protocol.OP_REPORT, "from_seq": stream.first_seq, "through_seq": through_seq}
    await link.say(wire.pack(protocol.REPORT_FIELDS, values))
    ended = None
    try:
        while ended is None or stream.crc != ended["crc32"]:
            patience = {} if ended is None else {"timeout_s": SETTLE_S}
            channel, message = await link.next_message(**patience)
            if channel == protocol.DATA:
                stream.take(message)
                if stream.many:
                    keep(stream.frames())
            elif channel == protocol.CONTROL:
                reply = reply_in(message, protocol.REPLY_FIELDS)
                if reply["op"] == protocol.OP_REPORT:
                    ended = reply
                elif reply["op"] != protocol.OP_CHECKPOINT or not stream.fresh:
                    raise Garbled(Phrase("the band answered out of turn"))
                stream.fresh = False
                keep(stream.frames())
                if ended is not None and ended["status"] != protocol.STATUS_OK:
                    raise LinkLost(f"the band broke its report off: {status_name(ended)}")
    finally:
        keep(stream.frames())
    return ended


class Stream:
    """The data of one report: frames whose numbers ascend within a range."""

    def __init__(self, first_seq: int, last_seq: int) -> None:
        self.first_seq = first_seq
        self._cutter = FrameCutter()
        self._due = first_seq
        self._last = last_seq
        self._frames = []
        self.crc = 0
        self.fresh = False  # something came since the last checkpoint
        self.damaged = self._cutter.damaged

    def take(self, data: bytes) -> None:
        """Take a message's records. Raises Garbled."""
        if not data:
            raise Garbled(Phrase("a message without records"))
        self.fresh = True
        for frame in self._cutter.take(data):
            seq = seq_of(frame)
            if not self._due <= seq <= self._last:
                raise Garbled(
                    Phrase(
                        "record {seq} came where {due} to {last} were due",
                        seq=seq,
                        due=self._due,
                        last=self._last,
                    )
                )
            self._due = seq + 1
            self.crc = zlib.crc32(frame, self.crc)
            self._frames.append(frame)

    @property
    def many(self) -> bool:
        """Say whether so many frames wait that they had better be stored."""
        return len(self._frames) >= KEPT_WAITING

    def frames(self) -> list[bytes]:
        """Return the frames since the last call."""
        frames, self._frames = self._frames, []
        return frames
