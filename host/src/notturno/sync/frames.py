"""From the bytes of a report to record frames, and what a frame says of itself.

Pure. Speaks the layouts of `notturno_core.wire`.
"""

from notturno_core import wire

from notturno.errors import Phrase
from notturno.link import LinkLost


class Garbled(LinkLost):
    """What came is no stretch of records; asking again may help."""


def seq_of(frame: bytes) -> int:
    """Return the number of a record frame."""
    return int.from_bytes(frame[:4], "little")


def record_of(frame: bytes) -> tuple[int, bytes]:
    """Return a record frame's kind and payload."""
    return frame[4], frame[wire.HEADER_LEN : -wire.CRC_LEN]


def split_frames(data: bytes) -> list[bytes]:
    """Return the frames of a message of whole ones; raises Garbled where one is not whole."""
    cutter = FrameCutter()
    frames = cutter.take(data)
    if cutter.rest or cutter.damaged:
        raise Garbled(Phrase("a record changed on the way"))
    return frames


class FrameCutter:
    """Cuts a stream of joined frames at their ends, wherever the stream itself was cut.

    `rest`: bytes of a frame that has not ended yet. `damaged`: numbers of records whose CRC is
    wrong; they were sealed like that, so the band itself does not read them right.
    """

    def __init__(self) -> None:
        self.rest = b""
        self.damaged: list[int] = []

    def take(self, data: bytes) -> list[bytes]:
        """Return the frames that end in these bytes. Raises Garbled where no frame can be."""
        data = self.rest + data
        frames = []
        at = 0
        while len(data) - at >= wire.HEADER_LEN:
            n = data[at + 5]
            if n > wire.MAX_PAYLOAD_LEN:
                raise Garbled(
                    Phrase(
                        "a record of {n} bytes, where {max_payload_len} is the most",
                        n=n,
                        max_payload_len=wire.MAX_PAYLOAD_LEN,
                    )
                )
            end = at + wire.HEADER_LEN + n + wire.CRC_LEN
            if end > len(data):
                break
            frame = bytes(data[at:end])
            if wire.frame_at(frame, 0, len(frame)) is None:
                self.damaged.append(seq_of(frame))
            else:
                frames.append(frame)
            at = end
        self.rest = data[at:]
        return frames
