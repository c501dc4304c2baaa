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
from notturno.detect.runs import runs_of
from notturno.errors import Phrase

FLAT_S = 10.0  # ActiGraph's idle mode begins after ten still seconds
MUCH_S = 60.0  # so much of it, and the detector's own rule says nothing of this recording
NOT_WORN_S = 90 * 60.0
STILL_MG, STILL_OVER_S = 13.0, 10.0  # the spread of a logger that lies still (van Hees 2013)
ONE_IN = 4  # samples say how far they spread
_AT_A_TIME = 256  # spans of STILL_OVER_S: what they become stays in the processor's cache
DETECTOR_NEVER = {"not_worn_minutes": 65535}  # the rule is not asked: longer than any recording


def flat_runs(acc: np.ndarray, odr_hz: float) -> list[tuple[int, int]]:
    """Return the runs (first, end) of FLAT_S or more in which every sample is the same."""
    n = max(1, int(odr_hz))
    marks = np.ascontiguousarray(acc[::n].T)
    x, y, z = marks[:, 1:] == marks[:, :-1]
    edges = runs_of(x & y & z)
    runs, least = [], int(FLAT_S * odr_hz)
    long = (edges[:, 1] - edges[:, 0] + 2) * n >= least
    for first, last in edges[long].tolist():
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
    some = some[: len(some) // n * n].reshape(len(some) // n, n, 3)
    still = np.empty(len(some), bool)
    for k in range(0, len(some), _AT_A_TIME):
        still[k : k + _AT_A_TIME] = _are_still(some[k : k + _AT_A_TIME], mg_per_lsb)
    n *= ONE_IN
    spans = [(at_s(a * n), at_s(min(len(acc), b * n) - 1)) for a, b in runs_of(still).tolist()]
    return [(a, b) for a, b in spans if b - a >= NOT_WORN_S]


def _are_still(spans: np.ndarray, mg_per_lsb: float) -> np.ndarray:
    """Say of spans of counts, int16 (k, n, 3), in which of them no axis spreads by STILL_MG."""
    axes = np.ascontiguousarray(spans.transpose(2, 0, 1))
    # a spread is half the range at the most: of most of a night that is enough to know
    range_mg = (axes.max(axis=2).astype(np.int32) - axes.min(axis=2)).max(axis=0) * mg_per_lsb
    still = range_mg < 1.99 * STILL_MG
    unsure = np.flatnonzero(~still)
    spread_mg = axes[:, unsure].astype(np.float32).std(axis=2) * mg_per_lsb
    still[unsure] = spread_mg.max(axis=0) < STILL_MG
    return still


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
