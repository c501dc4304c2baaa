"""The executors of the one detector, side by side, for tests; python is the reference."""

from array import array
from functools import cache

from notturno.detect import native, source, xtensa
from notturno.detect.rv32 import Rv32Machine
from notturno.detect.xtensa import XtensaMachine
from notturno_core import detector, segments

NAMES = ("native", "rv32imc", "xtensawin")


@cache
def _machine(name):
    return Rv32Machine() if name == "rv32imc" else XtensaMachine()


@cache
def executor(name):
    """Return a detector module whose stages are run by `name`."""
    if name == "native":
        return source.detector_with(native.load().stages())
    return _machine(name).detector()


def runnable(name):
    return name != "xtensawin" or xtensa.available()


def new_out():
    return array("i", bytes(4 * segments.OUT_WORDS * segments.MAX_ROWS))


class Run:
    """One executor's state and rows; `feed` takes words and a count, as the firmware does."""

    def __init__(self, module, odr_mhz=104000, ug_per_lsb=122):
        self.module = module
        self.state = segments.new_state(odr_mhz, ug_per_lsb)
        self.out = new_out()
        self.rows = array("i")

    def _keep(self, got):
        self.rows.extend(self.out[: got * segments.OUT_WORDS])
        return got

    def feed(self, words, n):
        return self._keep(self.module.process(self.state, words, n, self.out))

    def cut(self):
        return self._keep(self.module.cut(self.state, self.out))

    def in_order(self):
        """Return the facts of all rows, by the sample at which each was closed."""
        count = len(self.rows) // segments.OUT_WORDS
        return detector.facts_in_order(self.state, self.rows, count)


def told(run, words, sizes, gap_every=0):
    """Yield what a run is after each chunk and each gap: (where, rows given, state, row buffer).

    A gap of the recording stands behind every `gap_every` chunks, and at its end; 0: there alone.
    """
    for number, (part, n) in enumerate(chunks_of(words, sizes), start=1):
        yield f"chunk {number}", run.feed(part, n), run.state, run.out
        if gap_every and number % gap_every == 0:
            yield f"gap behind chunk {number}", run.cut(), run.state, run.out
    yield "end", run.cut(), run.state, run.out


_references = {}


def reference_of(words, odr_mhz, sizes, gap_every=0):
    """Return the reference's Run and the bytes of all that `told` says of it; run once for each.

    The reference is Python, and takes longer than those that are held against it.
    """
    key = words.tobytes(), odr_mhz, tuple(sizes), gap_every
    if key not in _references:
        run = Run(segments, odr_mhz)
        said = [
            (where, got, state.tobytes(), out.tobytes())
            for where, got, state, out in told(run, words, sizes, gap_every)
        ]
        _references[key] = run, said
    return _references[key]


def chunks_of(words, sizes):
    """Yield (words, n) of the given sizes, the last of which repeats to the end."""
    at, k = 0, 0
    total = len(words) // 3
    while at < total:
        n = min(sizes[min(k, len(sizes) - 1)], total - at)
        yield words[3 * at : 3 * (at + n)], n
        at += n
        k += 1
