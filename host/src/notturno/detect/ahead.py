"""The compiled loop over a piece of a recording: it goes ahead while its first rows are named.

Touches a thread and the compiled code. The loop needs no interpreter, and naming nothing else, so
that on two processors a night takes no longer than its names do.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from notturno_core import segments

from notturno.errors import UserError

if TYPE_CHECKING:
    import numpy as np

GOES_ON = "goes on"  # after the rows of a part that is not the last
_ROWS_A_CALL = 4096  # rows that one call of the compiled loop may gather
# After so many samples the loop hands its rows over to be named, and goes on; then after twice as
# many each time, for naming takes longer than finding.
_FIRST_SAMPLES = 1024 * segments.MAX_CHUNK


def found(
    state: array, words: np.ndarray, ends: str, times: int = 0
) -> Iterator[tuple[array, array, str, int]]:
    """Yield (state, rows, how it ends, samples seen) of each part of a piece.

    words: uint16, x y z interleaved; ends: how the piece does; times: of `finer.doublings`. The
    last rows come from the detector itself. Raises UserError where llvmlite is missing.
    """
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from notturno.detect import native

    try:
        night = native.load().night
    except ImportError:
        raise UserError(
            "llvmlite is not installed; install the extra `fast`, or use --engine python."
        ) from None
    size = segments.OUT_WORDS * segments.MAX_ROWS
    out = np.zeros(size, np.int32)
    gathered = np.zeros(_ROWS_A_CALL * segments.OUT_WORDS, np.int32)
    view = np.frombuffer(state, np.int32)

    def looped(first: int, end: int) -> array:
        rows, at = array("i"), first
        while at < end:
            at, counted = night(view, words, at, end, out, gathered, times)
            rows.frombytes(gathered[:counted].tobytes())
        return rows

    n, before = len(words) // 3, state[segments.S_SAMPLE]
    edges, take = [0], _FIRST_SAMPLES
    while edges[-1] + take < n:
        edges.append(edges[-1] + take)
        take *= 2
    edges.append(n)
    if len(edges) == 2:
        rows = looped(0, n)
    else:
        with ThreadPoolExecutor(1) as beside:
            # all at once: what is asked for while rows are named waits until those let it begin
            *parts, ending = [beside.submit(looped, *each) for each in pairwise(edges)]
            for part, end in zip(parts, edges[1:], strict=False):
                yield state, part.result(), GOES_ON, before + end
            rows = ending.result()
    last = array("i", bytes(4 * size))
    got = segments.cut(state, last)
    rows.extend(last[: got * segments.OUT_WORDS])
    yield state, rows, ends, before + n
