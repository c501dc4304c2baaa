"""The event log: append-only records with a CRC each, over an injected storage.

Touches the storage object alone. Speaks record frames as in `wire`, sequence numbers and bytes.

What it promises: a record that was flushed survives a power cut at any byte; a damaged place
costs the records it hits and no other; a sequence number is never given twice, also not for a
record that a power cut took; when the flash is full only records that a host confirmed are given
up.

On the storage: segments `log-NNNNNNNN.bin` (N: first sequence number, hex) of frames one after the
other, and twice the same small `meta` (two copies: a flipped bit must not forget who we are).
A storage has, with plain file names and blocking calls:
    names() -> list          size(name) -> bytes        free_bytes() -> bytes
    read_into(name, offset, buf) -> bytes read          append(name, buf)
    truncate(name, size)     remove(name)               sync(): all of it is safe now
    replace(name, data): the whole file at once, old or new after a power cut, never a mixture
and raises OSError.
"""

import struct

from notturno_core import logmeta
from notturno_core.logsegment import READ_BYTES, SegmentReader, segment_name, segment_starts
from notturno_core.wire import (
    CRC_LEN,
    HEADER_LEN,
    REC_END,
    REC_EVENT,
    REC_MINUTE,
    REC_SEGMENT,
    REC_SESSION,
    frame_at,
    pack_frame_into,
)

FIRST_SEQ = 1
SEGMENT_BYTES = 65536  # an append to a long littlefs file slows down; a scan at start reads one
BUFFER_BYTES = 2048  # records waiting in RAM for the next flush: about a minute of a busy night
SPARE_BYTES = (
    16384  # kept free, so that meta can always be replaced (copy on write: 2 blocks each)
)
# Numbers are promised to the storage in advance, this many at once. After a power cut numbering
# goes on behind the promise: a host may have seen live a record that never reached the flash.
RESERVED_SEQS = 256
ENOSPC = 28

_OF_A_SESSION = (REC_SESSION, REC_SEGMENT, REC_EVENT, REC_MINUTE)


class LogFull(Exception):
    """No room, and nothing that a host has confirmed could be given up for it."""


class EventLog:
    """The log of one band. Call `open()` before anything else.

    log_id_source: callable giving a random 32-bit number, asked once in the life of a log.
    buf: where records wait for the next flush, BUFFER_BYTES or what is given; what outlives a
    reset in it is taken in by `open`.
    `on_append`: None, or a callable given a memoryview of each frame as it is appended; the view
    is valid during the call only.
    """

    def __init__(self, storage, log_id_source, segment_bytes=SEGMENT_BYTES, buf=None):
        self._storage = storage
        self._log_id_source = log_id_source
        self._segment_bytes = segment_bytes
        self._starts = []  # first sequence number of each segment on the storage, ascending
        self._size = 0  # known good bytes of the last segment
        self._buf = bytearray(BUFFER_BYTES) if buf is None else buf
        self._view = memoryview(self._buf)
        self._room = len(self._buf)
        self._fill = 0  # bytes of frames waiting in _buf
        self._waiting_seq = FIRST_SEQ  # number of the first record waiting
        self._reserved_seq = FIRST_SEQ
        self._good_end = 0  # file offset behind the last whole frame of the segment last walked
        self._damage = {}  # first sequence number of a segment -> damaged places in it
        self._meta_dirty = False
        self.on_append = None
        self.deaf = 0  # times that a listener has failed
        self.log_id = 0
        self.boot_id = 0
        self.next_seq = FIRST_SEQ
        self.committed_seq = FIRST_SEQ
        self.lost_records = 0
        self.spare_bytes = SPARE_BYTES
        self.found_open = False  # at open, the last session had no END record
        self.torn_tail = 0  # bytes of an incomplete record cut off at open
        self.restored = 0  # records that outlived a reset in the buffer

    @property
    def first_seq(self):
        """Number of the oldest record still stored; next_seq when there is none."""
        if self._starts:
            return self._starts[0]
        return self._waiting_seq if self._fill else self.next_seq

    @property
    def corrupt_records(self):
        """Damaged places found so far in the segments that were read."""
        return sum(self._damage.values())

    @property
    def waiting_bytes(self):
        """Bytes of the buffer that wait for the next flush."""
        return self._fill

    def open(self, waiting_log_id=0, waiting_bytes=0):
        """Recover from whatever the last power cut left, and count up boot_id.

        waiting_bytes: of the buffer given that a reset may have left there, of log waiting_log_id;
        what of them never reached the storage does so with the next flush.
        """
        self._starts = segment_starts(self._storage.names())
        meta = logmeta.read(self._storage)
        if meta is None:
            self.log_id = self._log_id_source()
            self.boot_id = self._last_boot_id()
        else:
            self.log_id, self.boot_id, self.committed_seq, self._reserved_seq = meta[:4]
            self.lost_records = meta[4]
        found_seq = self._recover_tail()
        if waiting_log_id == self.log_id and meta is not None:
            found_seq = self._restore(found_seq, waiting_bytes)
        self.next_seq = max(found_seq, self._reserved_seq, self.committed_seq)
        if not self._fill:
            self._waiting_seq = self.next_seq
        self.boot_id += 1
        self._reserved_seq = self.next_seq
        try:
            self._reserve()
        except OSError:
            pass  # the first append tries again, and says so

    def append(self, kind, payload):
        """Append one record and return its number; it is safe after the next `flush`.

        Raises LogFull (counted in lost_records; no number is used) or the storage's OSError.
        """
        try:
            if self._fill + HEADER_LEN + len(payload) + CRC_LEN > self._room:
                self._spill()
                # What waited may lie in memory that outlives a reset: so must what no longer does,
                # or what comes behind it would stand behind a hole.
                self._storage.sync()
            if self.next_seq >= self._reserved_seq:
                self._reserve()
        except (LogFull, OSError):
            self.lost_records += 1
            self._meta_dirty = True
            raise
        seq = self.next_seq
        n = pack_frame_into(self._buf, self._fill, seq, kind, payload)
        if not self._fill:
            self._waiting_seq = seq
        frame = self._view[self._fill : self._fill + n]
        self._fill += n
        self.next_seq = seq + 1
        if self.on_append is not None:
            try:
                self.on_append(frame)
            except Exception:  # a listener's failure is none of the log's
                self.deaf += 1
        return seq

    def flush(self):
        """Make every appended record safe. Raises LogFull or OSError; nothing is dropped then."""
        try:
            self._spill()
        finally:
            if self._meta_dirty:
                self._write_meta()
        self._storage.sync()

    def close(self):
        """Flush, and give back the numbers that were promised but not used."""
        self.flush()
        self._reserved_seq = self.next_seq
        self._write_meta()

    def commit(self, through_seq):
        """A host holds every record up to and with `through_seq`; they may be given up for room.

        Saying it twice, or saying less than before, changes nothing. Raises ValueError for a
        record that does not exist yet.
        """
        target = through_seq + 1
        if target > self.next_seq:
            raise ValueError("record %d does not exist yet" % through_seq)
        if target <= self.committed_seq:
            return
        before = self.committed_seq
        self.committed_seq = target
        try:
            self._write_meta()
        except OSError:
            self.committed_seq = before
            raise

    def has_room(self, n):
        """Say whether n bytes more fit, without what no host has confirmed yet; raises OSError."""
        room = self._storage.free_bytes() - self._fill - self.spare_bytes
        for i in range(1, len(self._starts)):
            if room >= n or self._starts[i] > self.committed_seq:
                break
            room += self._storage.size(segment_name(self._starts[i - 1]))
        return room >= n

    def frames_from(self, seq):
        """Yield a memoryview of each stored frame from number `seq` on, in order.

        Ends with the last record there was at the call. The view's buffer is used again in the
        next step. Records may be appended meanwhile, also segments given up.
        """
        end_seq = self.next_seq
        try:
            self._spill()
        except (LogFull, OSError):
            end_seq = self._waiting_seq  # what could not be stored can still not be read
        buf = bytearray(READ_BYTES)
        view = memoryview(buf)
        starts = list(self._starts)
        for i in range(len(starts)):
            start = starts[i]
            if i + 1 < len(starts) and starts[i + 1] <= seq:
                continue
            if start not in self._starts:
                continue
            for found_seq, at, n in self._walk(start, buf):
                if found_seq >= end_seq:
                    return
                if found_seq >= seq:
                    yield view[at : at + n]

    # --- reading --------------------------------------------------------------------------------

    def _walk(self, start, buf):
        """Yield (seq, offset in buf, length) of each whole frame of a segment."""
        reader = SegmentReader(self._storage, segment_name(start), buf)
        try:
            for frame in reader.frames(start):
                yield frame
        except OSError:
            if start in self._starts:
                raise
            return  # given up for room while somebody read it
        self._good_end = reader.good_end
        if reader.damaged:
            self._damage[start] = reader.damaged

    def _recover_tail(self):
        """Cut an incomplete record off the last segment; return the number after its last one."""
        if not self._starts:
            return FIRST_SEQ
        start = self._starts[-1]
        next_seq = start
        buf = bytearray(READ_BYTES)
        for seq, at, _ in self._walk(start, buf):
            next_seq = seq + 1
            self._note_kind(buf[at + 4])
        name = segment_name(start)
        self._size = self._good_end
        self.torn_tail = self._storage.size(name) - self._good_end
        if self.torn_tail:
            self._damage[start] -= 1  # the torn tail is no damage
        if self.torn_tail or not self._size:
            self._cut_back(name)
        return next_seq

    def _restore(self, found_seq, waiting_bytes):
        """Keep the frames of the buffer that the storage does not have; return the next number."""
        buf, view = self._buf, self._view
        at = 0
        while True:
            frame = frame_at(buf, at, min(waiting_bytes, self._room))
            if frame is None:
                return found_seq
            seq, kind, _, n = frame
            if seq >= found_seq:
                view[self._fill : self._fill + n] = bytes(view[at : at + n])
                if not self._fill:
                    self._waiting_seq = seq
                self._fill += n
                self.restored += 1
                found_seq = seq + 1
                self._note_kind(kind)
            at += n

    def _note_kind(self, kind):
        if kind == REC_END:
            self.found_open = False
        elif kind in _OF_A_SESSION:
            self.found_open = True

    def _last_boot_id(self):
        """Return the highest boot_id of the SESSION records: the way back when meta is gone."""
        boot_id = 0
        buf = bytearray(READ_BYTES)
        for start in self._starts:
            for _, at, _ in self._walk(start, buf):
                if buf[at + 4] == REC_SESSION:
                    boot_id = max(boot_id, struct.unpack_from("<I", buf, at + HEADER_LEN)[0])
        return boot_id

    # --- writing --------------------------------------------------------------------------------

    def _spill(self):
        """Hand the waiting frames to the storage."""
        if not self._fill:
            return
        self._make_room()
        if not self._starts:
            self._begin_segment()
        elif self._size + self._fill > self._segment_bytes:
            # A hole in the middle of the log cannot be told from damage: the old segment is safe
            # before the new one exists.
            self._storage.sync()
            self._begin_segment()
        name = segment_name(self._starts[-1])
        try:
            self._storage.append(name, self._view[: self._fill])
        except OSError as error:
            self._cut_back(name)
            if error.args and error.args[0] == ENOSPC:
                raise LogFull("the flash is full") from error
            raise
        self._size += self._fill
        self._fill = 0

    def _begin_segment(self):
        if not self._starts or self._starts[-1] != self._waiting_seq:
            self._starts.append(self._waiting_seq)
        name = segment_name(self._waiting_seq)
        # Not 0 where an append failed and could not be undone: we go on behind the torn bytes.
        self._size = self._storage.size(name) if name in self._storage.names() else 0

    def _cut_back(self, name):
        """Undo an append that failed half way, so that the next one follows a whole frame."""
        try:
            if self._size:
                self._storage.truncate(name, self._size)
            else:
                self._starts.pop()
                if name in self._storage.names():
                    self._storage.remove(name)
                if self._starts:
                    self._size = self._storage.size(segment_name(self._starts[-1]))
        except OSError:
            self._size = self._segment_bytes  # leave the torn end behind; go on in a new segment

    def _make_room(self):
        """Give up confirmed segments, oldest first, until the waiting frames fit."""
        while self._storage.free_bytes() < self._fill + self.spare_bytes:
            behind = self._starts[1] if len(self._starts) > 1 else self._waiting_seq
            if not self._starts or behind > self.committed_seq:
                raise LogFull("the flash is full of records that no host has confirmed")
            start = self._starts[0]
            self._storage.remove(segment_name(start))
            self._starts.pop(0)
            self._damage.pop(start, None)

    def _reserve(self):
        """Promise the next numbers to the storage, before one of them is given."""
        before = self._reserved_seq
        self._reserved_seq = self.next_seq + RESERVED_SEQS
        try:
            self._write_meta()
        except OSError:
            self._reserved_seq = before
            raise

    # --- meta -----------------------------------------------------------------------------------

    def _write_meta(self):
        fields = self.log_id, self.boot_id, self.committed_seq, self._reserved_seq
        logmeta.write(self._storage, fields + (self.lost_records,))
        self._meta_dirty = False
