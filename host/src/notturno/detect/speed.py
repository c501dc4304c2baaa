"""Measures the replay of a night against something else done with the same array, in one run.

Touches the clock and llvmlite. A ratio of alternating repeats, so that the machine's speed
cancels, each at its quickest, so that its other work does. Time of this process alone, where that
is told finely: on a busy machine the time of day gave 1.3 to 1.5 for 1.5. The night measured is
the caller's: restless nights cost more than quiet ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.detect.recording import Recording

FINE_S = 1e-4  # Windows tells 16 ms
REPEATS = 60  # of 20 ms: a machine's other work often lasts longer than a few of them


def measure(recording: Recording, other: Callable, repeats: int = REPEATS) -> dict:
    """Return {samples, other_s, replay_s, ratio} for a recording (acc int16 (n, 3), rates).

    other: function (recording). The first run of each, which compiles or touches memory anew, is
    not counted. Raises UserError where llvmlite is missing.
    """
    from notturno.detect import engines

    is_fine = time.get_clock_info("process_time").resolution <= FINE_S
    clock = time.process_time if is_fine else time.perf_counter
    took = {"other_s": [], "replay_s": []}
    runs = {"other_s": other, "replay_s": lambda whole: engines.rows_of(whole, "native")}
    for _ in range(repeats + 1):
        for name, run in runs.items():
            began = clock()
            result = run(recording)
            took[name].append(clock() - began)
            del result
    best = {name: min(seconds[1:]) for name, seconds in took.items()}
    return {
        "samples": len(recording.acc),
        **best,
        "ratio": best["replay_s"] / best["other_s"],
    }
