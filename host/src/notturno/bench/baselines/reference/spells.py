"""The reference's contexts: spells awake, and spans in which no body is in the strap.

Touches numpy and scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage, signal

from notturno.detect.runs import runs_of

if TYPE_CHECKING:
    from notturno.bench.baselines.reference.segments import Segment
    from notturno.bench.baselines.reference.signal import Prepared

AWAKE_WINDOW_S = 60.0
AWAKE_SHARE = 0.3
AWAKE_MG = 50.0
THICK_S = 3.7  # median from onset to onset; periodic movements are 5 s apart or more
AWAKE_GAP_S, AWAKE_SPREAD = 6.0, 0.48  # the same, where the spread over their mean is larger
AWAKE_LEAST_S = 90.0
LONG_S, UNEVEN = 20.0, 2.0  # no limb movement is so long; a rhythm is steadier
RUN_ON_S, FULL_SHARE = 11.0, 0.5  # movements that run into each other
WORN_WINDOW_S = 60.0
BODY_LOW_HZ, BODY_HIGH_HZ = 0.12, 9.0
QUIET_LOW_HZ = 11.0
BODY_OVER = 1.12  # power of breathing and pulse over a sensor's own
OFF_LEAST_MIN = 5


def awake(found: list[Segment], runs: list[dict], length_s: float) -> list[tuple[float, float]]:
    """Return spans (begin, end), s, full of large movements in no order."""
    spans = [(run["onset_s"], run["onset_s"] + run["duration_s"]) for run in runs]
    large = [
        s
        for s in found
        if s.peak_mg > AWAKE_MG
        and s.seconds > 0.3
        and (s.uneven > UNEVEN or not any(a - 1 < s.onset_s < b for a, b in spans))
    ]
    onsets = np.array([s.onset_s for s in large])
    ends = np.array([s.onset_s + s.seconds for s in large])
    step_s, half_s = 5.0, AWAKE_WINDOW_S / 2
    marks = []
    for t in np.arange(0, length_s, step_s):
        near = (ends > t - half_s) & (onsets < t + half_s)
        share = (np.minimum(ends[near], t + half_s) - np.maximum(onsets[near], t - half_s)).sum()
        share /= AWAKE_WINDOW_S
        marks.append(share > AWAKE_SHARE and _irregular(large, near, share))
    out = []
    for a, b in runs_of(np.array(marks, bool)):
        begin, end = a * step_s, (b - 1) * step_s
        if out and begin - out[-1][1] < AWAKE_WINDOW_S:
            out[-1] = (out[-1][0], end)
        else:
            out.append((begin, end))
    wide = [(max(0.0, a - half_s / 2), b + half_s / 2) for a, b in out]
    return [(float(a), float(b)) for a, b in wide if b - a >= AWAKE_LEAST_S]


def _irregular(large: list[Segment], near: np.ndarray, share: float) -> Any:
    """Say whether movements come thick, or in no pace, or are turns."""
    chosen = [s for s, inside in zip(large, near, strict=True) if inside]
    longest_s = max((s.seconds for s in chosen), default=0.0)
    if longest_s > LONG_S or (longest_s > RUN_ON_S and share > FULL_SHARE):
        return True
    if len(chosen) < 4:
        return sum(s.turn_deg > 25 for s in chosen) >= 2
    gaps = np.diff([s.onset_s for s in chosen])
    uneven = np.median(gaps) < AWAKE_GAP_S and np.std(gaps) > AWAKE_SPREAD * np.mean(gaps)
    return uneven or np.median(gaps) < THICK_S


def not_worn(night: Prepared) -> list | list[tuple[float, float]]:
    """Return spans (begin, end), s, whose slow half of the spectrum holds no more than noise."""
    n = int(WORN_WINDOW_S * night.odr_hz)
    count = len(night.raw) // n
    if count < OFF_LEAST_MIN:
        return []
    ratio = np.array(
        [_body_over_noise(night.raw[k * n : (k + 1) * n], night) for k in range(count)]
    )
    steady = ndimage.median_filter(ratio, 3, mode="nearest")
    return [
        (float(a * WORN_WINDOW_S), float(b * WORN_WINDOW_S))
        for a, b in runs_of(steady < BODY_OVER)
        if b - a >= OFF_LEAST_MIN
    ]


def _body_over_noise(part: np.ndarray, night: Prepared) -> Any:
    frame = min(len(part), int(20 * night.odr_hz))
    hz, power = signal.welch(part, night.odr_hz, nperseg=frame, axis=0, average="median")
    total = power.sum(axis=1)
    body = total[(hz > BODY_LOW_HZ) & (hz < BODY_HIGH_HZ)]
    quiet = total[hz > min(QUIET_LOW_HZ, 0.3 * night.odr_hz)]
    most = max(np.mean(np.sort(body)[-6:]) / np.mean(np.sort(quiet)[-6:]), 0)
    return max(np.mean(body) / np.mean(quiet), most / 1.6)
