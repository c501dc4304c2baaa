"""One segment of the event log: its name, and how its frames are found, also around damage.

Touches the storage given. Speaks record frames as in `wire`, sequence numbers and bytes.
"""

from notturno_core.wire import MAX_FRAME_LEN, frame_at

READ_BYTES = 4 * MAX_FRAME_LEN  # a reader's buffer: the flash is read in pieces of about this


def segment_name(first_seq):
    """Return the file name of the segment that begins with record `first_seq`."""
    return "log-%08x.bin" % first_seq


def segment_starts(names):
    """Return the first sequence numbers of the segments among the file names, ascending."""
    starts = []
    for name in names:
        if len(name) == 16 and name.startswith("log-") and name.endswith(".bin"):
            try:
                starts.append(int(name[4:12], 16))
            except ValueError:
                pass  # not ours: a file somebody copied here
    return sorted(starts)


class SegmentReader:
    """Finds the frames of one segment in `buf`, which is READ_BYTES long.

    After `frames()`: `damaged`, the places where bytes make no frame; `good_end`, the offset in
    the file behind the last whole frame.
    """

    def __init__(self, storage, name, buf):
        self._storage = storage
        self._name = name
        self._buf = buf
        self.damaged = 0
        self.good_end = 0

    def frames(self, first_seq):
        """Yield (seq, offset in buf, length) of each whole frame, numbers ascending.

        Where the bytes make no frame, looks for the next one byte by byte.
        """
        buf = self._buf
        view = memoryview(buf)
        size = self._storage.size(self._name)
        base = 0  # file offset of buf[0]
        have = at = 0
        last_seq = first_seq - 1
        in_damage = False
        while True:
            if have - at < MAX_FRAME_LEN and base + have < size:
                left = have - at
                buf[:left] = buf[at:have]
                base += at
                at = 0
                have = left + self._storage.read_into(self._name, base + left, view[left:])
            if at >= have:
                return
            found = frame_at(buf, at, have)
            if found is not None and found[0] > last_seq:
                in_damage = False
                last_seq = found[0]
                yield last_seq, at, found[3]
                at += found[3]
                self.good_end = base + at
            else:
                if not in_damage:
                    self.damaged += 1
                    in_damage = True
                at += 1
