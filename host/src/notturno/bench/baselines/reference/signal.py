"""The reference's signals: without gravity, without steady tones, and the floor of every instant.

Touches numpy and scipy. Speaks mg, Hz, seconds; everything is known for the whole night.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from notturno.bench.baselines.reference import tones

QUICK_HZ, QUICK_TOP_HZ = 1.5, 22.0
SLOW_HZ, SLOW_TOP_HZ = 0.4, 9.0
SMOOTH_S = 0.07
FLOOR_BLOCK_S = 1.5  # longer than a slow heart's beat
FLOOR_SPAN_S = 240.0
FLOOR_PERCENT = 25
FLOOR_MOST_MG = 16.0  # no pulse is stronger; what goes on above it is movement


@dataclass
class Prepared:
    """A night: rate, and arrays over its samples, (n, 3) or (n,)."""

    odr_hz: float
    raw: np.ndarray
    quick: np.ndarray
    slow: np.ndarray
    size: np.ndarray  # envelope of `quick`
    slow_size: np.ndarray
    floor: np.ndarray
    slow_floor: np.ndarray


def prepared(acc_mg: np.ndarray, odr_hz: float) -> Prepared:
    """Return the night's signals: Prepared."""
    raw = np.asarray(acc_mg, float)
    clean = tones.taken_off(raw - raw.mean(axis=0), odr_hz)
    quick = banded(clean, odr_hz, QUICK_HZ, QUICK_TOP_HZ)
    slow = banded(clean, odr_hz, SLOW_HZ, SLOW_TOP_HZ)
    size, slow_size = envelope(quick, odr_hz), envelope(slow, odr_hz)
    floors = floor_of(size, odr_hz), floor_of(slow_size, odr_hz)
    return Prepared(odr_hz, raw, quick, slow, size, slow_size, *floors)


def banded(acc_mg: np.ndarray, odr_hz: float, low_hz: float, high_hz: float) -> np.ndarray:
    """Return acc_mg through a zero-phase Butterworth of order 2 at each edge."""
    out = signal.sosfiltfilt(signal.butter(2, low_hz, "high", fs=odr_hz, output="sos"), acc_mg, 0)
    if high_hz < 0.45 * odr_hz:
        sos = signal.butter(2, high_hz, "low", fs=odr_hz, output="sos")
        out = signal.sosfiltfilt(sos, out, 0)
    return out


def envelope(acc_mg: np.ndarray, odr_hz: float) -> np.ndarray:
    """Return the root of the mean squared vector over SMOOTH_S around every sample."""
    n = max(1, int(SMOOTH_S * odr_hz)) | 1
    return np.sqrt(np.maximum(ndimage.uniform_filter1d((acc_mg**2).sum(axis=1), n), 0))


def floor_of(size: np.ndarray, odr_hz: float) -> np.ndarray:
    """Return what the envelope's maxima rarely stay below, in minutes around every sample.

    Maxima of blocks longer than a heartbeat: a pulse is part of the floor, single movements not.
    """
    n = int(FLOOR_BLOCK_S * odr_hz)
    blocks = size[: len(size) // n * n].reshape(len(size) // n, n).max(axis=1)
    if len(blocks) == 0:
        return np.full(len(size), size.max(initial=0.0))
    span = int(FLOOR_SPAN_S / FLOOR_BLOCK_S) | 1
    low = ndimage.percentile_filter(blocks, FLOOR_PERCENT, span, mode="nearest")
    low = np.minimum(low, FLOOR_MOST_MG)
    return np.interp(np.arange(len(size)), (np.arange(len(blocks)) + 0.5) * n, low)
