"""The seizure detectors' rule: power in 3-8 Hz over the whole, 5 s windows, threshold 57.

Band and threshold are OpenSeizureDetector's defaults. Its scaling (x10, so that 57 stands for 57 %
of the power here), the least power and 25 samples a second are from memory, as its code was not at
hand. It alarms after two windows in a row; here one is enough, or it would find no rhythm at all.
It gives rhythms only. Touches numpy.
"""

from typing import Any

import numpy as np

from notturno.bench.baselines.spans import filtered, norm
from notturno.detect.runs import runs_of

LOW_HZ, HIGH_HZ = 3.0, 8.0
RATIO = 57.0
WINDOW_S = 5.0
LEAST_POWER = 100.0
_RATE_HZ = 25.0


def detect(acc_mg: np.ndarray, odr_hz: float) -> list[dict[str, Any]]:
    """Return events of kind rhythm; see the package."""
    size = norm(filtered(acc_mg, odr_hz, None, 11.0))
    at = np.arange(0, len(size) - 1, odr_hz / _RATE_HZ)
    size = np.interp(at, np.arange(len(size)), size)
    n = int(WINDOW_S * _RATE_HZ)
    windows = size[: len(size) // n * n].reshape(len(size) // n, n)
    power = np.abs(np.fft.rfft(windows, axis=1)) ** 2
    hz = np.fft.rfftfreq(n, 1 / _RATE_HZ)
    band = (hz >= LOW_HZ) & (hz < HIGH_HZ)
    inside, whole = power[:, band].sum(axis=1), power[:, 1:].sum(axis=1)
    alarm = (100 * inside > RATIO * whole) & (inside / band.sum() / 1000 > LEAST_POWER)
    peak_hz = hz[band][power[:, band].argmax(axis=1)]
    return _runs(alarm, peak_hz)


def _runs(alarm: np.ndarray, peak_hz: np.ndarray) -> list[dict]:
    return [
        {
            "kind": "rhythm",
            "onset_s": first * WINDOW_S,
            "duration_s": (end - first) * WINDOW_S,
            "peak_mg": 0.0,
            "rhythm_hz": float(np.median(peak_hz[first:end])),
        }
        for first, end in runs_of(alarm)
    ]
