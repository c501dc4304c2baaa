"""Measures the replay of a night against one numpy copy of the same array, in one run.

Touches the clock and numba. A ratio, so that the machine's speed cancels; both are medians of
alternating repeats. The night measured is the caller's: restless nights cost more than quiet ones.
"""

import time
from statistics import median

REPEATS = 9


def measure(recording, repeats: int = REPEATS) -> dict:
    """Return {samples, copy_s, replay_s, ratio} for a recording (acc int16 (n, 3), rates).

    The first replay, which compiles, is not counted. Raises UserError where numba is missing.
    """
    from notturno.detect import engines

    engines.rows_of(recording, "numba")
    copies, replays = [], []
    for _ in range(repeats):
        began = time.perf_counter()
        copy = recording.acc.copy()
        copies.append(time.perf_counter() - began)
        del copy
        began = time.perf_counter()
        engines.rows_of(recording, "numba")
        replays.append(time.perf_counter() - began)
    copy_s, replay_s = median(copies), median(replays)
    return {
        "samples": len(recording.acc),
        "copy_s": copy_s,
        "replay_s": replay_s,
        "ratio": replay_s / copy_s,
    }
