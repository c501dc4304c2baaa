"""Stillness that a logger held flat, told apart from a strap without a limb. Pure, numpy.

Idle mode (ActiGraph), and counts too coarse for a breath, give the same sample again and again
while a person sleeps. The detector's own rule needs the sensor's noise and a breath, and would
call that not worn. Where much is flat, not worn is what stays flat for an hour and a half: the
rule of Choi 2011 for the same loggers' counts (90 minutes of zeros).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from notturno.detect.recording_time import Note
from notturno.errors import Phrase

FLAT_S = 10.0  # ActiGraph's idle mode begins after ten still seconds
MUCH_S = 60.0  # so much of it, and the detector's own rule says nothing of this recording
NOT_WORN_S = 90 * 60.0
STILL_MG, STILL_OVER_S = 13.0, 10.0  # the spread of a logger that lies still (van Hees 2013)
ONE_IN = 4  # samples say how far they spread
DETECTOR_NEVER = {"not_worn_minutes": 65535}  # the rule is not asked: longer than any recording


def flat_runs(acc: np.ndarray, odr_hz: float) -> list[tuple[int, int]]:
    """Return the runs (first, end) of FLAT_S or more in which every sample is the same."""
    n = max(1, int(odr_hz))
    marks = acc[::n]
    same = (marks[1:] == marks[:-1]).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype(np.int8), [0]])))
    runs, least = [], int(FLAT_S * odr_hz)
    for first, last in edges.reshape(-1, 2).tolist():
        if (last - first + 2) * n < least:
            continue
        begin, end = max(0, (first - 1) * n + 1), min(len(acc), (last + 1) * n)
        part = acc[begin:end]
        moved = np.flatnonzero((part[1:] != part[:-1]).any(axis=1)) + 1
        bounds = [0, *moved.tolist(), len(part)]
        for a, b in zip(bounds[:-1], bounds[1:], strict=True):
            if b - a >= least:
                runs.append((begin + a, begin + b))
    return runs


def still_spans(
    acc: np.ndarray, mg_per_lsb: float, odr_hz: float, at_s: Callable
) -> list[tuple[float, float]]:
    """Return the spans (s) of NOT_WORN_S or more in which no axis spreads by 13 mg.

    For counts too coarse for the detector's own rule: as actipy and GGIR tell not worn.
    """
    n = max(1, round(STILL_OVER_S * odr_hz / ONE_IN))
    some = acc[::ONE_IN]
    some = some[: len(some) // n * n].reshape(-1, n, 3)
    spread_mg = np.column_stack(
        [some[:, :, axis].astype(np.float32).std(axis=1) * mg_per_lsb for axis in range(3)]
    )
    still = spread_mg.max(axis=1) < STILL_MG
    n *= ONE_IN
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(np.int8), [0]])))
    spans = [
        (at_s(a * n), at_s(min(len(acc), b * n) - 1)) for a, b in edges.reshape(-1, 2).tolist()
    ]
    return [(a, b) for a, b in spans if b - a >= NOT_WORN_S]


def judged(runs: Any, at_s: Callable) -> Any:
    """Return (spans held flat, spans not worn, Note or None); in seconds.

    runs: of flat_runs; at_s: sample -> s. None of it is said where little is flat.
    """
    spans = [(at_s(first), at_s(end - 1)) for first, end in runs]
    flat_s = sum(b - a for a, b in spans)
    if flat_s < MUCH_S:
        return [], [], None
    off = [(a, b) for a, b in spans if b - a >= NOT_WORN_S]
    reason = Phrase(
        "{hours:.2f} h stand flat (idle mode, or coarse counts): counted as still unless for 90 "
        "minutes on end; small movements are not in them.",
        hours=flat_s / 3600,
    )
    return spans, off, Note("flat", len(spans), reason)
