"""The reference's steady tones: found over minutes, followed by medians, and taken off.

Touches numpy and scipy. A tone is estimated from what most of some seconds say, so that a movement
on top of it stays whole.
"""

from typing import Any

import numpy as np
from scipy import ndimage, signal

WINDOW_S, STEP_S = 300.0, 60.0  # no rhythm of a limb lasts most of a window
PERCENT = 40
OVER = 6.0  # power of a line over its neighbourhood
FRAME_S = 4.0
NEAR_HZ = 2.5
LEAST_HZ = 3.0
FOLLOW_S, FOLLOW_HZ = 9.0, 4.0
COHERENT = 0.7
PASSES = 2  # what the strongest line hides is seen when it is gone


def taken_off(acc_mg: np.ndarray, odr_hz: float) -> np.ndarray:
    """Return acc_mg (n, 3) without lines that stand above the spectrum for minutes."""
    out = np.array(acc_mg, float)
    high = signal.sosfiltfilt(
        signal.butter(4, LEAST_HZ / 2, "high", fs=odr_hz, output="sos"), out, 0
    )
    for _ in range(PASSES):
        found = _lines(high, odr_hz)
        for hz, begin, end in found:
            tone = _tone(high[begin:end], odr_hz, hz)
            out[begin:end] -= tone
            high[begin:end] -= tone
    return out


def _lines(acc_mg: np.ndarray, odr_hz: float) -> list[tuple[float, int, int]]:
    """Return lines (Hz, first sample, end), each over all the windows that show it."""
    frame = int(FRAME_S * odr_hz) // 2 * 2
    if len(acc_mg) < 4 * frame:
        return []
    unpadded: Any = None
    hz, times, bins = signal.stft(acc_mg, odr_hz, nperseg=frame, axis=0, boundary=unpadded)
    power = (np.abs(bins) ** 2).sum(axis=1)
    near = int(NEAR_HZ * frame / odr_hz) * 2 + 1
    per_s = 1 / (times[1] - times[0])
    span, step = int(WINDOW_S * per_s), int(STEP_S * per_s)
    found = []
    for first in range(0, max(1, power.shape[1] - span + step), step):
        steady = np.percentile(power[:, first : first + span], PERCENT, axis=1)
        around = ndimage.median_filter(steady, near, mode="nearest")
        over = steady / np.maximum(around, 1e-12)
        tops = (over > OVER) & (over == ndimage.maximum_filter1d(over, 5)) & (hz > LEAST_HZ)
        begin, end = first / per_s * odr_hz, (first + span) / per_s * odr_hz
        for top in np.flatnonzero(tops):
            _note(found, float(hz[top]), int(begin), min(int(end), len(acc_mg)))
    return [tuple(line) for line in found]


def _note(found: list[list[float]], hz: float, begin: int, end: int) -> None:
    for line in found:
        if abs(line[0] - hz) < 1.5 / FRAME_S and begin <= line[2]:
            line[2] = max(line[2], end)
            return
    found.append([hz, begin, end])


def _tone(acc_mg: np.ndarray, odr_hz: float, near_hz: float) -> np.ndarray:
    """Return the tone near a frequency, (n, 3), as its medians over FOLLOW_S say.

    Nothing where it keeps no phase: what swings near a frequency anew each time is no tone.
    """
    n = len(acc_mg)
    most_mg = 4 * np.median(np.abs(acc_mg)) + 1e-9
    acc_mg = np.clip(acc_mg, -most_mg, most_mg)  # single movements say nothing about a tone
    size = 1 << int(np.ceil(np.log2(n)))
    power = (np.abs(np.fft.rfft(acc_mg, size, axis=0)) ** 2).sum(axis=1)
    at_hz = np.fft.rfftfreq(size, 1 / odr_hz)
    close = np.abs(at_hz - near_hz) < 1.5 / FRAME_S
    hz = at_hz[close][power[close].argmax()]
    turn = np.exp(-2j * np.pi * hz * np.arange(n) / odr_hz)
    block = max(1, int(odr_hz / FOLLOW_HZ))
    count = n // block
    if count < 8:
        return np.zeros_like(acc_mg)
    spun = (acc_mg * turn[:, None])[: count * block].reshape(count, block, 3).mean(axis=1)
    span = int(FOLLOW_S * FOLLOW_HZ) | 1
    steady = _median(spun.real, span) + 1j * _median(spun.imag, span)
    sizes = np.linalg.norm(np.abs(steady), axis=1), np.linalg.norm(spun, axis=1)
    coherent = sizes[0] > COHERENT * ndimage.median_filter(sizes[1], span, mode="nearest")
    steady *= ndimage.median_filter(coherent.astype(float), span, mode="nearest")[:, None]
    middle = (np.arange(count) + 0.5) * block
    out = np.empty_like(acc_mg)
    for axis in range(3):
        real, imag = (
            np.interp(np.arange(n), middle, part)
            for part in (steady[:, axis].real, steady[:, axis].imag)
        )
        out[:, axis] = 2 * ((real + 1j * imag) * turn.conj()).real
    return out


def _median(values: np.ndarray, span: int) -> np.ndarray:
    return ndimage.median_filter(values, (span, 1), mode="nearest")
