"""The reference's movements: where something stands above the floor, and what can be measured.

Touches numpy and scipy. Speaks mg, Hz, seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from notturno.bench.baselines.reference.signal import Prepared

ON_MG, ON_FLOOR = 3.0, 1.7
LOW_MG, LOW_FLOOR = 1.6, 1.25
SLOW_ON_MG, SLOW_ON_FLOOR = 10.0, 2.0
SLOW_LOW_MG, SLOW_LOW_FLOOR = 4.0, 1.4
JOIN_S = 0.45
FADE = 0.08  # of the peak: below it a movement is over
AWAY_MG, CLEAR = 8.0, 5.0  # breathing does not reach it
TAIL_S = 0.03  # the envelope's own width


@dataclass
class Segment:
    """One movement: samples first to last, and its facts."""

    first: int
    last: int
    onset_s: float
    seconds: float
    peak_mg: float
    quick_mg: float
    floor_mg: float
    effective_s: float
    centre_hz: float
    slow_share: float  # of the energy below 2 Hz
    along_gravity: float
    turn_deg: float
    uneven: float  # its strong seconds over its middling ones


def found(night: Prepared) -> list[Segment]:
    """Return the night's segments, in order."""
    low = np.maximum(LOW_MG, LOW_FLOOR * night.floor)
    on = np.maximum(ON_MG, ON_FLOOR * night.floor)
    slow_low = np.maximum(SLOW_LOW_MG, SLOW_LOW_FLOOR * night.slow_floor)
    slow_on = np.maximum(SLOW_ON_MG, SLOW_ON_FLOOR * night.slow_floor)
    above = np.flatnonzero((night.size > low) | (night.slow_size > slow_low))
    strong = (night.size > on) | (night.slow_size > slow_on)
    if not len(above):
        return []
    cuts = np.flatnonzero(np.diff(above) > JOIN_S * night.odr_hz) + 1
    out = []
    for run in np.split(above, cuts):
        if strong[run].any():
            out.append(_measured(night, run, low))
    return out


def _measured(night: Prepared, run: np.ndarray, low: np.ndarray) -> Segment:
    hz = night.odr_hz
    first, last = int(run[0]), int(run[-1])
    size = night.size[first : last + 1]
    away = _away(night, first, last)
    seen = away > max(AWAY_MG, FADE * away.max())
    if away.max() < CLEAR * AWAY_MG:  # where it is clear, no filter rings before it
        seen |= size > np.maximum(low[first : last + 1], FADE * size.max())
    seen = np.flatnonzero(seen)
    a, b = first, last
    if len(seen):
        a, b = first + int(seen[0]), first + int(seen[-1])
    quick = night.quick[a : b + 1]
    energy = (quick**2).sum(axis=1)
    whole = energy.sum()
    gravity, turn_deg = _gravity(night, a, b)
    swing = np.abs(quick @ gravity)
    return Segment(
        first=a,
        last=b,
        onset_s=a / hz + TAIL_S,
        seconds=max(0.03, (b - a + 1) / hz - 2 * TAIL_S),
        peak_mg=float(_peak(night, a, b)),
        quick_mg=float(size.max()),
        floor_mg=float(night.floor[a]),
        effective_s=float(whole / energy.max() / hz),
        centre_hz=_centre_hz(quick, hz),
        slow_share=float((night.slow[a : b + 1] ** 2).sum() / whole),
        along_gravity=float(np.sqrt((swing**2).sum() / whole)),
        turn_deg=turn_deg,
        uneven=_uneven(night.slow_size[a : b + 1], int(hz)),
    )


def _uneven(size: np.ndarray, n: int) -> float:
    if len(size) < 4 * n:
        return 1.0
    most = size[: len(size) // n * n].reshape(len(size) // n, n).max(axis=1)
    return float(np.percentile(most, 90) / np.median(most))


def _away(night: Prepared, first: int, last: int) -> np.ndarray:
    """How far it is from where it lay before and from where it lay after, the nearer, mg.

    The slow filter rings before and after a turn; this does not.
    """
    n, gap = int(1.2 * night.odr_hz), int(0.2 * night.odr_hz)
    before = night.raw[max(0, first - n) : max(1, first - gap)]
    after = night.raw[min(len(night.raw) - 1, last + gap) : last + n + 1]
    n = max(1, int(0.05 * night.odr_hz))
    part = ndimage.uniform_filter1d(night.raw[first : last + 1], n, 0)
    sides = [side for side in (before, after) if len(side)]
    return np.min(
        [np.linalg.norm(part - np.median(side, axis=0), axis=1) for side in sides], axis=0
    )


def _peak(night: Prepared, a: int, b: int) -> float:
    """The largest vector from where the limb lay just before."""
    before = night.raw[max(0, a - int(0.15 * night.odr_hz)) : a + 1].mean(axis=0)
    return np.linalg.norm(night.raw[a : b + 1] - before, axis=1).max()


def _centre_hz(quick: np.ndarray, hz: float) -> float:
    n = max(64, 1 << int(np.ceil(np.log2(len(quick)))))
    power = (np.abs(np.fft.rfft(quick, n, axis=0)) ** 2).sum(axis=1)
    return float((power * np.fft.rfftfreq(n, 1 / hz)).sum() / power.sum())


def _gravity(night: Prepared, a: int, b: int) -> tuple[np.ndarray, float]:
    """Return (direction before, by how many degrees it turned)."""
    n = int(2.5 * night.odr_hz)
    gap = int(0.3 * night.odr_hz)
    before = night.raw[max(0, a - n) : max(1, a - gap)]
    after = night.raw[min(len(night.raw) - 2, b + gap) : b + n]
    if not len(before) or not len(after):
        return np.array([0.0, 0.0, 1.0]), 0.0
    g0, g1 = (np.median(part, axis=0) for part in (before, after))
    g0, g1 = g0 / np.linalg.norm(g0), g1 / np.linalg.norm(g1)
    return g0, float(np.degrees(np.arccos(min(g0 @ g1, 1.0))))  # by rounding it may be more
