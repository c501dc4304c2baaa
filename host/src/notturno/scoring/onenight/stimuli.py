"""Do events follow stimuli (a sound, a light, a touch) more often than chance would have it?

Takes event onsets and stimulus times on one axis; gives the histogram around the stimuli and a
test that turns the stimuli of each block of the recording around it as around a circle: that keeps
the rhythm of both, and how both thin out through the night, and breaks only their tie. Units:
microseconds inside, ms and s as named. Pure; numpy is imported inside, draws are seeded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.errors import Phrase
from notturno.refusals import Refusal

if TYPE_CHECKING:
    import numpy as np

MIN_STIMULI, MIN_EVENTS = 10, 5  # ours
BEFORE_US, AFTER_US, BIN_US = 1_000_000, 2_000_000, 50_000
# Ours: a reflex jerk follows in tens of ms, a startle within some hundred; the band adds its own.
RESPONSE_US = (0, 500_000)
# Ours: within a block neither may change its rate much, or a common rise looks like an answer;
# shorter ones leave a regular train of stimuli less room to be turned.
BLOCK_US = 20 * 60_000_000
DRAWS = 1_999
SEED = 20160119


def locked(
    onsets_us: list[int],
    stimuli_us: list[int],
    recorded: list[tuple[int, int]],
    response_us: tuple[int, int] = RESPONSE_US,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Refusal | dict[str, Any]:
    """Return the peri-stimulus histogram and the test, or a Refusal.

    onsets_us, stimuli_us: any order; recorded: sorted disjoint spans (start_us, end_us): what
    lies outside is left out and counted. response_us: an event from the first (included) to the
    second (excluded) after a stimulus is a response.
    """
    import numpy as np

    axis, length = _joined(recorded)
    events = axis(onsets_us)
    stimuli = axis(stimuli_us)
    if len(stimuli) < MIN_STIMULI:
        return Refusal(
            "{n_stimuli} stimuli in the recording are too few; it needs {min_stimuli}.",
            refusals.TOO_FEW_MOVEMENTS,
            n_stimuli=len(stimuli),
            min_stimuli=MIN_STIMULI,
        )
    if len(events) < MIN_EVENTS:
        return Refusal(
            "{n_events} events in the recording are too few; it needs {min_events}.",
            refusals.TOO_FEW_MOVEMENTS,
            n_events=len(events),
            min_events=MIN_EVENTS,
        )
    answered = _answered(events, stimuli, response_us)
    rng = np.random.default_rng(seed)
    turned = _turner(stimuli, length, rng)
    by_chance = np.array([_answered(events, turned(), response_us).sum() for _ in range(draws)])
    real = int(answered.sum())
    delays = _first_delays(events, stimuli[answered], response_us[0])
    return {
        "stimuli": len(stimuli),
        "stimuli_left_out": len(stimuli_us) - len(stimuli),
        "events": len(events),
        "answered": real,
        "answered_share": real / len(stimuli),
        "answered_by_chance": float(by_chance.mean()),
        "p": float((1 + (by_chance >= real).sum()) / (1 + draws)),
        "delay_ms": float(np.median(delays)) / 1000
        if real
        else Refusal("No stimulus was answered.", refusals.TOO_FEW_MOVEMENTS),
        "response_ms": [response_us[0] / 1000, response_us[1] / 1000],
        "histogram": _histogram(events, stimuli),
        "method": Phrase(
            "stimuli turned around within every {block_min} min "
            "of the recording {draws} times, one-sided",
            block_min=BLOCK_US // 60_000_000,
            draws=draws,
        ),
        "note": Phrase(
            "stimuli at strictly even distances resemble their own turns: then p is too large"
        ),
    }


def _joined(recorded: list[tuple[int, int]]) -> tuple[Callable, int]:
    """Return (function onto an axis of recorded time without gaps, its length in us)."""
    import numpy as np

    starts = np.array([start for start, _ in recorded], dtype=np.int64)
    ends = np.array([end for _, end in recorded], dtype=np.int64)
    before = np.concatenate([[0], np.cumsum(ends - starts)])

    def place(times_us: list[int]) -> np.ndarray:
        times = np.sort(np.asarray(list(times_us), dtype=np.int64))
        if not len(starts):
            return times[:0]
        i = np.searchsorted(starts, times, side="right") - 1
        inside = (i >= 0) & (times < ends[np.maximum(i, 0)])
        return times[inside] - starts[i[inside]] + before[i[inside]]

    return place, int(before[-1])


def _turner(stimuli: np.ndarray, length: int, rng: np.random.Generator) -> Callable:
    """Return function() -> the stimuli, those of each block turned around it by a new draw."""
    import numpy as np

    blocks = max(1, round(length / BLOCK_US))
    edges = np.linspace(0, length, blocks + 1).astype(np.int64)
    sizes = np.diff(edges)
    at = np.searchsorted(edges, stimuli, side="right") - 1
    start, size = edges[at], sizes[at]
    return lambda: start + (stimuli - start + rng.integers(0, sizes)[at]) % size


def _answered(events: np.ndarray, stimuli: np.ndarray, response_us: tuple[int, int]) -> np.ndarray:
    """Return one bool a stimulus: is there an event in its window?"""
    import numpy as np

    first = np.searchsorted(events, stimuli + response_us[0], side="left")
    last = np.searchsorted(events, stimuli + response_us[1], side="left")
    return last > first


def _first_delays(events: np.ndarray, stimuli: np.ndarray, from_us: int) -> np.ndarray:
    import numpy as np

    if not len(stimuli):
        return np.array([])
    return events[np.searchsorted(events, stimuli + from_us, side="left")] - stimuli


def _histogram(events: np.ndarray, stimuli: np.ndarray) -> list[dict[str, int]]:
    """Return bins of 50 ms from 1 s before to 2 s after, with the count over all stimuli."""
    import numpy as np

    edges = np.arange(-BEFORE_US, AFTER_US + 1, BIN_US)
    total = np.zeros(len(edges) - 1, dtype=np.int64)
    for stimulus in stimuli:
        near = events[
            np.searchsorted(events, stimulus - BEFORE_US) : np.searchsorted(
                events, stimulus + AFTER_US
            )
        ]
        total += np.bincount((near - stimulus + BEFORE_US) // BIN_US, minlength=len(total))
    return [
        {"from_ms": int(edge) // 1000, "count": int(count)}
        for edge, count in zip(edges, total, strict=False)
    ]
