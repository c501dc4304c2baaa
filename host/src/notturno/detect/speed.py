"""Measures the replay of a night against something else done with the same array, in one run.

Touches the clock and llvmlite. A ratio of alternating repeats, so that the machine's speed
cancels, each at its quickest, so that its other work does. The night measured is the caller's:
restless nights cost more than quiet ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.detect.recording import Recording

REPEATS = 60  # of 20 ms: a machine's other work often lasts longer than a few of them


def measure(recording: Recording, other: Callable, repeats: int = REPEATS) -> dict:
    """Return {samples, other_s, replay_s, ratio} for a recording (acc int16 (n, 3), rates).

    other: function (recording). The first run of each, which compiles or touches memory anew, is
    not counted. Raises UserError where llvmlite is missing.
    """
    from notturno.detect import engines

    took = {"other_s": [], "replay_s": []}
    runs = {"other_s": other, "replay_s": lambda whole: engines.rows_of(whole, "native")}
    for _ in range(repeats + 1):
        for name, run in runs.items():
            began = time.perf_counter()
            result = run(recording)
            took[name].append(time.perf_counter() - began)
            del result
    best = {name: min(seconds[1:]) for name, seconds in took.items()}
    return {
        "samples": len(recording.acc),
        **best,
        "ratio": best["replay_s"] / best["other_s"],
    }
