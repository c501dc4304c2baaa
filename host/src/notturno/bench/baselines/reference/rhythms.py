"""The reference's rhythms: stretches whose motion, or whose strength, repeats itself at a pace.

Touches numpy and scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from notturno.bench.baselines.reference.segments import Segment
    from notturno.bench.baselines.reference.signal import Prepared

GROUP_S = 2.3  # slowest pace
QUICK = (0.11, 0.36, 1.8, 0.62)  # shortest and longest lag, window, s; least likeness at the lag
SLOW = (0.33, 2.2, 6.5, 0.58)
HOP_S = 0.5
SMOOTH_S, LEVEL_S = 0.08, 2.4
NEARLY = 0.88  # of two lags this much alike the shorter is the pace
SAME = 0.3  # paces of neighbouring windows, ln
JOIN_S = 10.0
NEAR, WHOLE_TIMES = 20, 0.15
BEATS_LEAST, QUICK_BEATS_LEAST = 4.5, 7.0
WHOLE = 0.6  # of the movements that a rhythm touches, so much is rhythm
TURN_DEG = 25.0
SLOWER, SLOW_HZ, SLOWER_SHARE = 0.55, 1.0, 0.15
FADES = 5.0  # between the halves of a window
LEAST_MG = 17.0  # weaker ones come through the mattress


def found(night: Prepared, segments: list[Segment]) -> list[dict]:
    """Return the rhythms as events, in order."""
    out = []
    for group in _groups(segments):
        spans = _joined(_folded(_windows(night, group)))
        out += [event for span in spans if (event := _event(night, group, *span))]
    return out


def _groups(segments: list[Segment]) -> list[list[Segment]]:
    """Return lists of neighbouring segments, closer than the slowest beat; turns stand alone."""
    groups, end_s = [], -np.inf
    for segment in segments:
        if segment.turn_deg > TURN_DEG:
            end_s = -np.inf
            continue
        if segment.onset_s - end_s < GROUP_S:
            groups[-1].append(segment)
        else:
            groups.append([segment])
        end_s = segment.onset_s + segment.seconds
    return groups


def _windows(night: Prepared, group: list[Segment]) -> list[tuple[float, float]]:
    """Return (middle, pace) of the windows that repeat themselves, s, in order."""
    hz = night.odr_hz
    first, last = max(0, group[0].first - int(0.1 * hz)), group[-1].last + int(0.1 * hz)
    if last - first < 0.9 * hz:
        return []
    motion = night.quick[first:last]
    strength = ndimage.gaussian_filter1d(night.size[first:last], SMOOTH_S * hz)
    strength = strength - ndimage.uniform_filter1d(strength, int(LEVEL_S * hz))
    out = []
    for t in np.arange(0, (last - first) / hz, HOP_S):
        pace_s = _pace(motion, t, hz, *QUICK) or _pace(strength[:, None], t, hz, *SLOW)
        if pace_s:
            out.append((first / hz + t, pace_s))
    return out


def _pace(
    values: np.ndarray,
    middle_s: float,
    hz: float,
    shortest_s: float,
    longest_s: float,
    window_s: float,
    least: float,
) -> float | None:
    """Return the lag at which a window repeats itself, s; None where it does not."""
    n = int(window_s * hz)
    begin = min(max(0, int(middle_s * hz) - n // 2), max(0, len(values) - n))
    part = values[begin : begin + n]
    half = len(part) // 2
    power = (part**2).sum(axis=1)
    weaker, stronger = sorted((power[:half].sum(), power[half:].sum()))
    if half < 2.5 * shortest_s * hz or stronger >= FADES * weaker:  # as where all is nothing
        return None
    size = 1 << int(np.ceil(np.log2(2 * len(part))))
    bins = np.fft.rfft(part, size, axis=0)
    shared = np.fft.irfft((np.abs(bins) ** 2).sum(axis=1), size)[: len(part)]
    total = np.concatenate([[0], np.cumsum(power)])
    lags = np.arange(int(shortest_s * hz), min(int(longest_s * hz), 2 * len(part) // 5))
    if len(lags) < 3:
        return None
    like = shared[lags] / np.sqrt(total[len(part) - lags] * (total[-1] - total[lags]))
    tops = np.flatnonzero((like[1:-1] >= like[:-2]) & (like[1:-1] >= like[2:])) + 1
    tops = tops[like[tops] > least]
    if not len(tops):
        return None
    top = next(k for k in tops if like[k] > NEARLY * like[tops].max())
    return float(lags[top] / hz)


def _folded(windows: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the windows with paces of several beats divided into one, as neighbours show it."""
    out = []
    for k, (t, pace_s) in enumerate(windows):
        around = [p for _, p in windows[max(0, k - NEAR) : k + NEAR + 1]]
        base_s = float(np.percentile(around, 25))
        times = round(pace_s / base_s)
        if times > 1 and abs(pace_s / base_s / times - 1) < WHOLE_TIMES:
            pace_s /= times
        out.append((t, pace_s))
    return out


def _joined(windows: list[tuple[float, float]]) -> list[tuple[float, float, float]]:
    """Return (first middle, last middle, pace) of windows of one pace; others between are passed.

    A stretch of another pace within a longer one is an accident of some beats.
    """
    runs = []
    for t, pace_s in windows:
        for run in reversed(runs):
            alike = abs(np.log(pace_s / np.median([p for _, p in run[-9:]]))) < SAME
            if alike and t - run[-1][0] < JOIN_S:
                run.append((t, pace_s))
                break
        else:
            runs.append([(t, pace_s)])
    spans = [(run[0][0], run[-1][0], float(np.median([p for _, p in run]))) for run in runs]
    spans.sort(key=lambda span: span[0] - span[1])  # the longest first
    out = []
    for span in spans:
        if not any(a < span[1] + HOP_S and span[0] - HOP_S < b for a, b, _ in out):
            out.append(span)
    return sorted(out)


def _event(
    night: Prepared, group: list[Segment], begin_s: float, end_s: float, pace_s: float
) -> dict | None:
    """Return the rhythm as an event; None where it is but part of another movement."""
    window_s = QUICK[2] if pace_s < QUICK[1] else SLOW[2]
    begin_s, end_s = begin_s - window_s / 2, end_s + window_s / 2
    touched = [s for s in group if s.onset_s < end_s and s.onset_s + s.seconds > begin_s]
    if not touched:
        return None
    first_s, last_s = touched[0].onset_s, touched[-1].onset_s + touched[-1].seconds
    begin_s, end_s = max(begin_s, first_s), min(end_s, last_s)
    beats = QUICK_BEATS_LEAST if pace_s < QUICK[1] + 0.04 else BEATS_LEAST
    if end_s - begin_s < max(WHOLE * (last_s - first_s), beats * pace_s):
        return None
    hz = night.odr_hz
    peak_mg = float(np.linalg.norm(night.quick[touched[0].first : touched[-1].last], axis=1).max())
    if not _nothing_slower(night.raw[int(first_s * hz) : int(last_s * hz)], hz, pace_s):
        return None
    return {
        "kind": "rhythm",
        "onset_s": first_s,
        "duration_s": last_s - first_s,
        "peak_mg": peak_mg,
        "rhythm_hz": 1 / pace_s,
        "flags": ["vibration"] * (peak_mg < LEAST_MG),
    }


def _nothing_slower(part: np.ndarray, hz: float, pace_s: float) -> bool:
    """Say whether little of a stretch is slower than its beats, as a movement's turns are."""
    at = np.linspace(-1, 1, len(part))[:, None]
    part = part - part.mean(axis=0)
    part = part - at * (part * at).mean(axis=0) / (at**2).mean()
    power = (np.abs(np.fft.rfft(part * np.hanning(len(part))[:, None], axis=0)) ** 2).sum(axis=1)
    slower = np.fft.rfftfreq(len(part), 1 / hz) < max(SLOW_HZ, SLOWER / pace_s)
    return power[slower].sum() < SLOWER_SHARE * power.sum()
