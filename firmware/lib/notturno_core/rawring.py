"""The last seconds of raw samples, and how a piece of them becomes payloads of SNIPPET records.

Touches nothing. Speaks raw counts (int16 as uint16), sample numbers of the session, bytes.

A payload is wire.SNIPPET_FIELDS and then, for coding wire.CODING_RICE:
    its first sample as it is: x, y, z, int16 little-endian;
    the others in blocks of BLOCK samples, the last one of what is left, as a stream of bits, the
    highest bit of a byte first. Of a block all of x, then y, then z; each of them
        1 bit    o: 0 differences of successive samples, 1 differences of those
        4 bits   k
        per sample the difference, mod 65536, folded to z (0 -1 1 -2 2 ... to 0 1 2 3 4 ...), by
        Rice's code: z >> k zeros, a one, the k lowest bits of z.
The two samples before a record's first count as equal to it, so each record is decoded alone.

Measured on synthetic nights (noise of 4 to 6 counts, limbs of 4 to 14 Hz at 104 Hz), bytes an axis
and sample: 0.64 in quiet, 0.69 to 0.77 in movement; frames and headers add a seventh. One width
for each block takes 0.04 to 0.06 more, blocks of 8 take 0.03 more, first differences alone up to
0.04 more in movement. k is the logarithm of the mean: the best k of all is shorter by 0.001 at
most, and no block takes more than 3 bits a value above that logarithm: no code is too long.
"""

import struct
from array import array

from notturno_core.wire import (
    CODING_RICE,
    CRC_LEN,
    HEADER_LEN,
    MAX_PAYLOAD_LEN,
    SNIPPET_FIELDS,
    format_of,
)

# Names the viper emitter knows; elsewhere annotations are never evaluated to any use.
ptr16 = ptr32 = object

RING_SAMPLES = 832  # 8 s at 104 Hz: a row comes within 2 s of the end of a movement of 4 s
BLOCK = 16
BLOCK_HEAD_BITS = 5  # per axis: o and k
HEAD_FORMAT = format_of(SNIPPET_FIELDS)
HEAD_LEN = struct.calcsize(HEAD_FORMAT)
FRAME_LEN = HEADER_LEN + CRC_LEN  # what a record takes beside its payload
_FIRST_LEN = 6
_ROOM_BITS = 8 * (MAX_PAYLOAD_LEN - HEAD_LEN - _FIRST_LEN)
_K_MOST = 15


def put(ring: ptr16, samples: ptr16, n: int, place: ptr32) -> int:
    """Copy n samples into the ring, round its end. place: word to write next, words of the ring.

    One by one, for a slice would take memory at every drain.
    """
    at = place[0]
    size = place[1]
    n = n * 3
    i = 0
    while i < n:
        ring[at] = samples[i]
        ring[at + 1] = samples[i + 1]
        ring[at + 2] = samples[i + 2]
        i = i + 3
        at = at + 3
        if at == size:
            at = 0
    place[0] = at
    return at


class Ring:
    """The newest samples since the last gap: `first` is the oldest held, `end` the next to come.

    RAM: 6 bytes a sample (4992 by default), taken once.
    """

    def __init__(self, samples=RING_SAMPLES):
        self.samples = samples
        self.words = array("H", range(3 * samples))  # whatever is in it: a list would stand behind
        self._place = array("i", (0, 3 * samples))  # see `put`
        self.restart()

    def restart(self):
        """A session begins: the next sample is number 0."""
        self.end = 0
        self._unbroken = 0

    def gap(self):
        """Samples are missing before the next one: what is held cannot be joined to it."""
        self._unbroken = self.end

    @property
    def first(self):
        """The number of the oldest sample that is kept."""
        return max(self._unbroken, self.end - self.samples)

    def extend(self, buf, n):
        """Take n samples, at most as many as the ring holds: array of 'H', x y z interleaved."""
        if not self.samples:
            return
        self._place[0] = 3 * (self.end % self.samples)
        put(self.words, buf, n, self._place)
        self.end += n


class Coder:
    """Codes pieces of a ring. RAM: 400 bytes of buffers, taken once."""

    def __init__(self, ring):
        self._ring = ring
        self._single = array("H", bytes(6 * BLOCK))  # folded differences: x, then y, then z
        self._double = array("H", bytes(6 * BLOCK))
        self._how = bytearray(6)  # o and k of each axis
        self._payload = bytearray(MAX_PAYLOAD_LEN)
        self._view = memoryview(self._payload)

    def length(self, first, end):
        """Return the bytes of flash that the records of samples first .. end - 1 take."""
        total = 0
        while first < end:
            count, length = self._record(first, end, False)
            total += length + FRAME_LEN
            first += count
        return total

    def payloads(self, number, why, first, end):
        """Yield the payloads of samples first .. end - 1, each one's bytes until the next step.

        The ring must hold them all, and must not move on meanwhile.
        """
        at = first
        while at < end:
            count, length = self._record(at, end, True)
            head = (number & 0xFFFF, first, end - first, at - first, count, why, CODING_RICE)
            struct.pack_into(HEAD_FORMAT, self._payload, 0, *head)
            yield self._view[:length]
            at += count

    def _record(self, first, end, write):
        """Code from sample `first` on until the payload is full; return (samples, its bytes)."""
        words = self._ring.words
        base = 3 * (first % self._ring.samples)
        struct.pack_into(
            "<HHH", self._payload, HEAD_LEN, words[base], words[base + 1], words[base + 2]
        )
        self._at = HEAD_LEN + _FIRST_LEN
        self._kept = self._kept_bits = 0
        bits = 0
        at = first + 1
        while at < end:
            n = min(BLOCK, end - at)
            block_bits = self._weigh(first, at, n)
            full = bits + block_bits > _ROOM_BITS
            while n and bits + block_bits > _ROOM_BITS:  # a full payload's last block is shorter
                n = n * (_ROOM_BITS - bits) // block_bits
                block_bits = self._weigh(first, at, n)
            if n:
                bits += block_bits
                at += n
                if write:
                    self._write(n)
            if full:
                break
        if self._kept_bits:
            self._put(0, 8 - self._kept_bits)
        return at - first, HEAD_LEN + _FIRST_LEN + (bits + 7) // 8

    def _weigh(self, first, at, n):
        """Find the differences and the code of samples at .. at + n - 1; return their bits."""
        words = self._ring.words
        size = len(words)
        single, double, how = self._single, self._double, self._how
        bits = 0
        for axis in range(3):
            i = (3 * at + axis) % size
            one = words[i - 3]  # sample before; index -3 .. -1 is the end of the ring
            two = words[i - 6] if at - 2 >= first else one
            step = one - two
            sum_1 = sum_2 = 0
            for j in range(axis * BLOCK, axis * BLOCK + n):
                value = words[i]
                i += 3
                if i >= size:
                    i -= size
                turn = value - one - step
                step = value - one
                one = value
                z = (step & 0x7FFF) << 1
                if step & 0x8000:
                    z = 0xFFFF - z
                single[j] = z
                sum_1 += z
                z = (turn & 0x7FFF) << 1
                if turn & 0x8000:
                    z = 0xFFFF - z
                double[j] = z
                sum_2 += z
            least = sum_1
            how[2 * axis] = 0
            values = single
            if sum_2 < sum_1:
                least = sum_2
                how[2 * axis] = 1
                values = double
            k = 0
            while k < _K_MOST and n << (k + 1) <= least:
                k += 1
            how[2 * axis + 1] = k
            bits += BLOCK_HEAD_BITS + n * (k + 1)
            for j in range(axis * BLOCK, axis * BLOCK + n):
                bits += values[j] >> k
        return bits

    def _write(self, n):
        """Write the block that was weighed last."""
        for axis in range(3):
            double, k = self._how[2 * axis], self._how[2 * axis + 1]
            self._put(double << 4 | k, BLOCK_HEAD_BITS)
            values = self._double if double else self._single
            one = 1 << k
            for j in range(axis * BLOCK, axis * BLOCK + n):
                z = values[j]
                zeros = z >> k
                while zeros > 7:
                    self._put(0, 8)
                    zeros -= 8
                self._put(one | z & (one - 1), zeros + 1 + k)

    def _put(self, value, bits):
        """Append a number of up to 23 bits; with the 7 that may wait, it stays a small integer."""
        value |= self._kept << bits
        bits += self._kept_bits
        while bits > 7:
            bits -= 8
            self._payload[self._at] = value >> bits
            self._at += 1
            value &= (1 << bits) - 1
        self._kept, self._kept_bits = value, bits
