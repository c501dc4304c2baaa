"""Messages in pieces: what one GATT value can carry is less than what is to be said.

Touches nothing. Speaks bytes; see PROTOCOL.md, "Values, pieces, messages". Whoever joins trusts no
length and no order: a stranger may be writing.
"""

from notturno_core.protocol import HEAD_COUNT, HEAD_FIRST, HEAD_LAST


class PieceError(Exception):
    """A piece that does not follow the one before it, or a message that grows too long."""


class Splitter:
    """Cuts messages into values, numbered over one connection, channel and direction."""

    def __init__(self):
        self._count = 0

    def values(self, message, room):
        """Yield the values of a message, each of at most `room` bytes."""
        view = memoryview(message)
        step = room - 1
        at = 0
        while True:
            piece = view[at : at + step]
            head = self._count | (0 if at else HEAD_FIRST)
            at += step
            last = at >= len(view)
            self._count = (self._count + 1) & HEAD_COUNT
            yield bytes((head | HEAD_LAST if last else head,)) + bytes(piece)
            if last:
                return


class Joiner:
    """Puts the values of one connection, channel and direction together again.

    most: bytes of the longest message. lossy: values may be missing; what they leave unfinished
    is thrown away (and counted in `lost`) instead of an error.
    """

    def __init__(self, most, lossy=False):
        self._most = most
        self._lossy = lossy
        self._due = 0
        self._message = None
        self.lost = 0

    def add(self, value):
        """Take a value; return the message it ends, else None. Raises PieceError."""
        if not value:
            return self._wrong("an empty value")
        head = value[0]
        number = head & HEAD_COUNT
        in_order = number == self._due
        self._due = (number + 1) & HEAD_COUNT
        if head & HEAD_FIRST:
            if self._message is not None or not in_order:
                self._wrong("a message began before the last one ended, or a piece is missing")
            self._message = bytearray()
        elif self._message is None or not in_order:
            return self._wrong("a piece of a message is missing")
        if len(self._message) + len(value) - 1 > self._most:
            return self._wrong("a message is longer than it may be")
        self._message.extend(memoryview(value)[1:])
        if not head & HEAD_LAST:
            return None
        message, self._message = bytes(self._message), None
        return message

    def _wrong(self, why):
        self._message = None
        self.lost += 1
        if not self._lossy:
            raise PieceError(why)
