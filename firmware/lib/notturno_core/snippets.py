"""Which movements leave their waveform in the log, within a budget of flash a night.

Touches nothing. Speaks event fields as in `wire`, sample numbers of the session, bytes of flash.

    snippets = Snippets(config.SNIPPET_BYTES)           once; 0 switches it off and takes no RAM
    snippets.begin(odr_mhz, seed, pause_ms)             a session begins
    snippets.ring.extend(samples_buf, n)                after each drain, before its rows
    snippets.ring.gap()                                 samples are missing before the next one
    for payload in snippets.offer(values):              once for each movement, as soon as it is
        log.append(wire.REC_SNIPPET, payload)           known; log each before asking for the next
`values` are fields of wire.EVENT_FIELDS: number, kind, flags, onset_sample, duration_samples,
peak_mg. The same session with the same seed gives the same snippets.

A snippet lasts from 0.5 s before the onset to 0.5 s behind the end, 1 to 4 s; of a longer movement
it is the beginning; of what the ring no longer holds, or a gap cut off, nothing. Movements are
taken by three rules, none of which knows what is still to come:

first    the first FIRST of each kind: so that a doctor sees what a name stands for.
strong   one of the STRONGEST of its kind so far. Of n movements in any order the k strongest so
         far are met k (1 + ln (n / k)) times: 37 of 300. The strongest of the night is among them.
random   one an hour, by the rule of sequential sampling (Knuth, The Art of Computer Programming
         2, 3.4.2, algorithm S): with the probability of one in those still to come in the hour,
         whose number is foretold from this hour's rate so far and the last hour's. Measured over
         3200 hours of 12 to 400 movements: 95 to 99 % of them had one, and a movement's chance
         by the quarter of its hour was 0.86 to 1.17 of the mean. It is for checking the names.

What happens while awake is a kind of its own, or it would use up what is for sleep. Rows of
contexts (awake, not worn, gap) are no movements.

The budget grows from a part at once to all of it after NIGHT_MIN, so that a restless first hour
cannot use it up, and the first two rules leave RESERVE_BYTES of it to the third. A snippet is
written whole or not at all. Sessions less than three hours apart share one budget: they are one
night for the host too.

RAM: the ring and the coder (see `rawring`), 5.4 kB, and 0.3 kB of notes here; taken once.
"""

from array import array

from notturno_core.rawring import RING_SAMPLES, Coder, Ring
from notturno_core.wire import (
    EVENT_AWAKE,
    EVENT_GAP,
    EVENT_NOT_WORN,
    FLAG_IN_AWAKE,
    SNIPPET_FIRST,
    SNIPPET_RANDOM,
    SNIPPET_STRONG,
)

MARGIN_MS = 500  # before the onset and behind the end
SHORTEST_MS = 1000
LONGEST_MS = 4000
FIRST = 3
STRONGEST = 8
NIGHT_MIN = 540  # a long night; a longer one has all of its budget and no more
AT_ONCE_PCT = 25  # of the budget, from the first minute on: some 25 snippets of 2 s of 60 kB
RESERVE_BYTES = 1500  # one snippet of 4 s in movement: 1.2 kB
NEW_NIGHT_MS = 3 * 3600 * 1000
# Before the first movement: as if there had been so many in the hour before; a quiet sleeper's.
USUAL_AN_HOUR = 12
WEIGHT_MIN = 10  # the last hour's rate weighs as much as so many minutes of this one
KINDS = 8  # kinds that have a number below
CONTEXTS = (EVENT_AWAKE, EVENT_NOT_WORN, EVENT_GAP)


class Chooser:
    """Says which movements to write. Minutes are those of the night."""

    def __init__(self, budget_bytes):
        self._budget = budget_bytes
        self._written = bytearray(2 * KINDS)  # by `_slot`: how many as one of the first
        self._peaks_mg = array("H", bytes(4 * KINDS * STRONGEST))  # by `_slot`: ascending
        self.begin(0)

    def begin(self, seed):
        """Begin a night with nothing spent. seed: of what is drawn at random; 16 bits count."""
        self._seed = seed & 0xFFFF
        self.spent = 0
        for i in range(len(self._written)):
            self._written[i] = 0
        for i in range(len(self._peaks_mg)):
            self._peaks_mg[i] = 0
        self._hour = 0
        self._in_hour = 0  # movements of this hour
        self._hour_before = USUAL_AN_HOUR
        self._drawn = False  # this hour's at random

    def why(self, number, kind, flags, peak_mg, minute):
        """Count a movement, and return what it is worth writing for: SNIPPET_*, or 0."""
        slot = _slot(kind, flags)
        why = SNIPPET_FIRST if self._written[slot] < FIRST else 0
        if self._rank(slot, peak_mg):
            why |= SNIPPET_STRONG
        if self._draw(number, minute):
            why |= SNIPPET_RANDOM
        return why

    def may(self, length, why, minute):
        """Say whether so many bytes may be written now."""
        at_once = self._budget * AT_ONCE_PCT // 100
        grown = (self._budget - at_once) * min(minute, NIGHT_MIN) // NIGHT_MIN
        reserve = 0 if why & SNIPPET_RANDOM else RESERVE_BYTES
        return self.spent + length + reserve <= at_once + grown

    def wrote(self, kind, flags, why, length):
        """Note what was written."""
        self.spent += length
        if why & SNIPPET_FIRST:
            self._written[_slot(kind, flags)] += 1
        if why & SNIPPET_RANDOM:
            self._drawn = True

    def _rank(self, slot, peak_mg):
        """Put a peak among the strongest of its kind, and say whether it is one of them."""
        peaks = self._peaks_mg
        at = slot * STRONGEST
        if peak_mg <= peaks[at]:
            return False
        last = at + STRONGEST - 1
        while at < last and peaks[at + 1] < peak_mg:
            peaks[at] = peaks[at + 1]
            at += 1
        peaks[at] = peak_mg
        return True

    def _draw(self, number, minute):
        """Say whether chance takes a movement for its hour."""
        hour = minute // 60
        if hour != self._hour:
            self._hour_before = self._in_hour if hour == self._hour + 1 else 0
            self._hour = hour
            self._in_hour = 0
            self._drawn = False
        self._in_hour += 1
        if self._drawn:
            return False
        gone = minute - 60 * hour
        seen = self._hour_before * WEIGHT_MIN + self._in_hour * 60  # times 60, in so many minutes:
        left = seen * (60 - gone) // (60 * (WEIGHT_MIN + gone))
        return _chance(number, self._seed) * (left + 1) < 65536


def _slot(kind, flags):
    return kind + KINDS if flags & FLAG_IN_AWAKE else kind


def _chance(number, seed):
    """Return 0 to 65535, as good as by chance, from a number and the seed of the night.

    Each of the two rounds is the 16-bit mixing of C. Wellons' hash-prospector.
    """
    x = number
    for key in (seed, 0):
        x = (x ^ x >> 8) * 0x88B5 & 0xFFFF
        x = (x ^ x >> 7) * 0xDB2D & 0xFFFF
        x ^= x >> 9 ^ key
    return x


class Snippets:
    """The ring, the coder and the choice of one band."""

    def __init__(self, budget_bytes, ring_samples=RING_SAMPLES):
        self.ring = Ring(ring_samples if budget_bytes else 0)
        self._coder = Coder(self.ring)
        self._chooser = Chooser(budget_bytes)
        self._hz = 1
        self._begun_min = 0  # minutes of the night before this session

    def begin(self, odr_mhz, seed, pause_ms=None):
        """A session begins. pause_ms: since the end of the one before; None where none was."""
        if pause_ms is None or pause_ms >= NEW_NIGHT_MS:
            self._chooser.begin(seed)
            self._begun_min = 0
        else:
            self._begun_min = self._minute() + pause_ms // 60000
        self._hz = odr_mhz // 1000
        self.ring.restart()

    def offer(self, values):
        """Yield the payloads of a movement's snippet, if it is to have one."""
        kind, flags = values["kind"], values.get("flags", 0)
        if not self.ring.samples or kind >= KINDS or kind in CONTEXTS:
            return
        number, minute = values["number"], self._minute()
        why = self._chooser.why(number, kind, flags, values["peak_mg"], minute)
        if not why:
            return
        onset = values["onset_sample"]
        first, end = self._window(onset, onset + values["duration_samples"])
        if first == end:
            return
        length = self._coder.length(first, end)
        if self._chooser.may(length, why, minute):
            self._chooser.wrote(kind, flags, why, length)
            for payload in self._coder.payloads(number, why, first, end):
                yield payload

    def _minute(self):
        return self._begun_min + self.ring.end // (60 * self._hz)

    def _window(self, onset, end):
        """Return the first sample of a movement's snippet and the one behind its last."""
        ring, hz = self.ring, self._hz
        margin = hz * MARGIN_MS // 1000
        first = max(ring.first, onset - margin)
        last = min(ring.end, end + margin, first + hz * LONGEST_MS // 1000)
        shortest = hz * SHORTEST_MS // 1000
        if last - first < shortest:
            first = max(ring.first, last - shortest)
            last = min(ring.end, first + shortest)
        if first >= end or last - first < shortest:
            return 0, 0
        return first, last
