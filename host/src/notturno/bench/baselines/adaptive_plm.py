"""An adaptive-floor rule for periodic limb movements, with the nearest open peer's parameters.

Re-derived from its published numbers: floor = 25th percentile of 120 s, then the median of what is
not above four times that; on at max(8 x floor, 20 mg), off at 0.3125 of it; a movement is found on
an RMS envelope of 0.5 s and placed on one of 0.15 s. The band 0.5-8 Hz is the peer's own
inference. Touches numpy.
"""

import numpy as np

from notturno.bench.baselines.spans import events, filtered, spans

FLOOR_WINDOW_S = 120.0
MASK = 4.0
ABOVE_FLOOR = 8.0
LEAST_MG = 20.0
OFF_RATIO = 0.3125


def detect(acc_mg: np.ndarray, odr_hz: float) -> list[dict]:
    """Return events; see the package."""
    square = (filtered(acc_mg, odr_hz, 0.5, 8.0) ** 2).sum(axis=1)
    slow, quick = _rms(square, int(0.5 * odr_hz)), _rms(square, int(0.15 * odr_hz))
    on = np.maximum(ABOVE_FLOOR * _floor(slow, odr_hz), LEAST_MG)
    found = []
    for first, last in spans(slow, on, OFF_RATIO * on, int(0.5 * odr_hz)):
        near = max(0, first - int(0.5 * odr_hz))
        above = near + np.flatnonzero(quick[near : last + 1] > OFF_RATIO * on[first])
        if len(above):
            found.append((int(above[0]), int(above[-1])))
    return events(found, np.sqrt(square), odr_hz)


def _rms(square: np.ndarray, n: int) -> np.ndarray:
    """Return the root of the mean over n samples around each one."""
    total = np.concatenate([[0.0], np.cumsum(square)])
    low = np.clip(np.arange(len(square)) - n // 2, 0, None)
    high = np.clip(low + n, None, len(square))
    return np.sqrt(np.maximum(total[high] - total[low], 0) / (high - low))


def _floor(envelope: np.ndarray, odr_hz: float) -> np.ndarray:
    n = int(FLOOR_WINDOW_S * odr_hz)
    out = np.empty(len(envelope))
    for first in range(0, len(envelope), n):
        part = envelope[first : first + n]
        quarter = np.percentile(part, 25)
        quiet = part[part <= MASK * quarter]
        out[first : first + n] = np.median(quiet) if len(quiet) else quarter
    return out
