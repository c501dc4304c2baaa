"""The detector's door: samples in, named rows out. Joins `segments` (machine code) and `namer`.

Touches its arguments alone. It holds the buffers, so that a night allocates nothing for them.
"""

import struct

from notturno_core import namer, segments

VERSION = segments.DETECTOR_VERSION
MAX_CHUNK = segments.MAX_CHUNK
PROVISIONAL, FINAL, MINUTE = namer.PROVISIONAL, namer.FINAL, namer.MINUTE
# Settings a user may change: (name, default, what it means). Units stand in the names.
SETTINGS = segments.SETTINGS + namer.RULES
DEFAULTS = {name: value for name, value, _ in SETTINGS}
NOTHING = ()
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
    """The detector of one recording after another. RAM: 7.8 kB of buffers, taken once.

    Without a rate it waits for `restart`.
    """

    def __init__(self, odr_mhz=None, ug_per_lsb=None, **settings):
        self.state = segments.blank(segments.STATE_WORDS)
        self._out = segments.blank(segments.OUT_WORDS * segments.MAX_ROWS)
        self._facts = []
        self._namer = None
        if odr_mhz is not None:
            self.restart(odr_mhz, ug_per_lsb, **settings)

    def restart(self, odr_mhz, ug_per_lsb, **settings):
        """A recording begins: forget the one before. Raises ValueError as segments.begin does."""
        of_segments, rules = split(settings)
        segments.begin(self.state, odr_mhz, ug_per_lsb, **of_segments)
        self._namer = namer.Namer(odr_mhz, rules)
        self._facts.clear()

    def process(self, samples, n):
        """Take n <= MAX_CHUNK samples (uint16 x y z); return what is told: (what, values, sample).

        Where nothing is told it takes no memory: the answer is then an empty tuple.
        """
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
        return list(self._tell(self.state[segments.S_SAMPLE]))

    def _tell(self, now):
        if not self._facts and not self._namer.is_due(now):
            return NOTHING
        told = []
        self._facts.sort(key=_order)
        while self._facts and self._facts[0]["closed_sample"] <= now:
            told += self._namer.feed(self._facts.pop(0))
        told += self._namer.advance(now)
        return told
