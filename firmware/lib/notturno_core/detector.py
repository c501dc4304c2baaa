"""The detector's door: samples in, named rows out. Joins `segments` (machine code) and `namer`.

Touches its arguments alone. It holds the buffers, so that a night allocates nothing for them.
"""

import struct
from array import array

from notturno_core import namer, segments

VERSION = segments.DETECTOR_VERSION
MAX_CHUNK = segments.MAX_CHUNK
PROVISIONAL, FINAL, MINUTE = namer.PROVISIONAL, namer.FINAL, namer.MINUTE
# Settings a user may change: (name, default, what it means). Units stand in the names.
SETTINGS = segments.SETTINGS + namer.RULES
DEFAULTS = {name: value for name, value, _ in SETTINGS}
SYNC = 32  # rows are told at multiples of so many samples, in order, however the caller cuts


def split(settings):
    """Return settings as (those of the segments, all rules); raises ValueError for an unknown."""
    for name in settings:
        if name not in DEFAULTS:
            raise ValueError(
                "no setting is called %s; there are: %s" % (name, ", ".join(DEFAULTS))
            )
    of_segments = {n: int(v) for n, v in settings.items() if n in segments.DEFAULTS}
    rules = dict(namer.DEFAULTS)
    rules.update({n: int(v) for n, v in settings.items() if n in rules})
    return of_segments, rules


def packed(settings):
    """Return the values of all settings, in the order of SETTINGS, as the log keeps them.

    int32 each for the segments, uint16 each for the rules.
    """
    of_segments, rules = split(settings)
    values = [of_segments.get(name, value) for name, value, _ in segments.SETTINGS]
    values += [rules[name] for name, _, _ in namer.RULES]
    return struct.pack("<%di%dH" % (len(segments.SETTINGS), len(namer.RULES)), *values)


def facts_in_order(state, out, rows):
    """Return the facts of some rows, by the sample at which each was closed."""
    found = []
    for row in range(rows):
        if out[row * segments.OUT_WORDS] == segments.ROW_MINUTE:
            found.append(segments.minute_facts(state, out, row))
        else:
            found.append(segments.facts(state, out, row))
    found.sort(key=_order)
    return found


def _order(found):
    return found["closed_sample"] * 8 + found["row"]


class Detector:
    """A recording's detector. Raises ValueError as segments.new_state does."""

    def __init__(self, odr_mhz, ug_per_lsb, **settings):
        of_segments, rules = split(settings)
        self.state = segments.new_state(odr_mhz, ug_per_lsb, **of_segments)
        self._out = array("i", (0 for _ in range(segments.OUT_WORDS * segments.MAX_ROWS)))
        self._namer = namer.Namer(odr_mhz, rules)
        self._facts = []

    def process(self, samples, n):
        """Take n <= MAX_CHUNK samples (uint16 x y z); return a list of (what, values)."""
        rows = segments.process(self.state, samples, n, self._out)
        if rows:
            self._facts += facts_in_order(self.state, self._out, rows)
        now = self.state[segments.S_SAMPLE]
        return self._tell(now - now % SYNC)

    def next_number(self):
        """Return the number of a row that the caller makes, and do not give it again."""
        return self._namer.next_number()

    def gap(self):
        """Say that samples are missing before the next; return what is known now."""
        told = self._close()
        return told + self._namer.gap()

    def finish(self):
        """Return all that waits: the recording ends here."""
        told = self._close()
        return told + self._namer.finish(self.state[segments.S_SAMPLE])

    def _close(self):
        rows = segments.cut(self.state, self._out)
        self._facts += facts_in_order(self.state, self._out, rows)
        return self._tell(self.state[segments.S_SAMPLE])

    def _tell(self, now):
        told = []
        if self._facts:
            self._facts.sort(key=_order)
            while self._facts and self._facts[0]["closed_sample"] <= now:
                told += self._namer.feed(self._facts.pop(0))
        told += self._namer.advance(now)
        return told
