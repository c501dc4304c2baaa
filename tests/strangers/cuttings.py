"""Pieces cut from real recordings: rests, quick strokes, movements, turns, and minutes awake.

A piece keeps the form that a real limb and a real sensor gave it; only its time and strength are
scaled later. The recordings' own rests serve as noise: a real wrist, pulse and chip.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from notturno.recordings import FOLDER
from scipy import signal
from worn import peak_of

FAST = (
    "paradigma_wrist_100hz",
    "paradigma_axivity_100hz",
    "ggirread_axivity_99hz",
    "ggirread_matrix_102hz",
    "skdh_axivity_197hz",
)
SLOW = ("asleep_wrist_30hz_240min", "ggirread_matrix_26hz", "e4_wrist_32hz_104min")
RATE_HZ = 100.0  # all pieces have it


@dataclass(frozen=True)
class Piece:
    """Samples (n, 3) in mg at RATE_HZ, gravity before and after it among them."""

    mg: np.ndarray
    source: str

    @property
    def turn_deg(self) -> float:
        """Return by how much gravity at its ends differs."""
        a, b = self.mg[:5].mean(axis=0), self.mg[-5:].mean(axis=0)
        cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-9)
        return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))

    @property
    def stroke_mg(self) -> np.ndarray:
        """Return what is left when the line between its ends is taken off, faded in and out."""
        a, b = self.mg[:3].mean(axis=0), self.mg[-3:].mean(axis=0)
        line = a + (b - a) * np.linspace(0, 1, len(self.mg))[:, None]
        edge = max(2, len(self.mg) // 8)
        fade = np.ones(len(self.mg))
        fade[:edge] = np.linspace(0, 1, edge)
        fade[-edge:] = np.linspace(1, 0, edge)
        return (self.mg - line) * fade[:, None]


@cache
def recording(name: str) -> np.ndarray:
    """Return a recording in mg, 1000 at rest, at RATE_HZ."""
    with np.load(FOLDER / f"{name}.npz") as held:
        mg = held["acc"] * float(held["mg_per_lsb"])
        rate_hz = float(held["odr_hz"])
    mg = mg * (1000 / np.median(np.linalg.norm(mg, axis=1)))
    return resampled(mg, RATE_HZ / rate_hz)


def resampled(mg: np.ndarray, factor: float) -> np.ndarray:
    """Return `mg` (n, 3) with `factor` as many samples; nothing folds back when that is fewer."""
    if factor < 1:
        sos = signal.butter(4, 0.9 * factor, output="sos")
        mg = signal.sosfiltfilt(sos, mg, axis=0) if len(mg) > 30 else mg
    at = np.arange(int(len(mg) * factor)) / factor
    return np.stack([np.interp(at, np.arange(len(mg)), mg[:, i]) for i in range(3)], axis=1)


def liveliness(mg: np.ndarray) -> np.ndarray:
    """Return the size of what is quicker than 1 Hz at each sample."""
    sos = signal.butter(2, 1.0, "high", fs=RATE_HZ, output="sos")
    size = np.linalg.norm(signal.sosfiltfilt(sos, mg, axis=0), axis=1)
    return np.convolve(size, np.ones(5) / 5, "same")


@cache
def rests() -> list[list[np.ndarray]]:
    """Return two-second windows of a limb or chip at rest, by recording.

    Mean and slope are taken off, and the noisiest axis has 1 mg rms: a chip's noise keeps its
    strength, though the limb that wore it did not keep still.
    """
    sources = []
    for name in FAST:
        found: list[np.ndarray] = []
        mg = recording(name)
        for first in range(0, len(mg) - 200, 200):
            part = signal.detrend(mg[first : first + 200], axis=0)
            spread = part.std(axis=0)
            quarters = part.reshape(4, 50, 3).std(axis=1)
            even = (quarters.max(axis=0) < 1.5 * quarters.min(axis=0)).all()
            if 0.3 < spread.max() < 6 and even and (np.abs(part) < 4.2 * spread).all():
                found.append(part / spread.max())  # a tap would have stood out of it
        if len(found) >= 8:
            sources.append(found)
    return sources


def spans(lively: np.ndarray, level_mg: float, quiet_s: float) -> list[tuple[int, int]]:
    """Return where it is lively, parted by at least `quiet_s` of calm."""
    on = np.flatnonzero(lively > level_mg)
    if not len(on):
        return []
    cut = np.flatnonzero(np.diff(on) > quiet_s * RATE_HZ)
    starts, ends = np.append(on[0], on[cut + 1]), np.append(on[cut], on[-1])
    return [(int(a), int(b) + 1) for a, b in zip(starts, ends, strict=True)]


@cache
def strokes() -> list[Piece]:
    """Return quick strokes: a fraction of a second, far above what is before and after."""
    found = []
    for name in FAST:
        mg = recording(name)
        lively = liveliness(mg)
        tops, _ = signal.find_peaks(lively, height=60, distance=40)
        for top in tops:
            low = 0.15 * lively[top]
            before = np.flatnonzero(lively[max(0, top - 40) : top] < low)
            after = np.flatnonzero(lively[top : top + 40] < low)
            if not len(before) or not len(after):
                continue
            first, last = max(0, top - 40) + before[-1] - 3, top + after[0] + 4
            sides = np.concatenate([lively[first - 25 : first], lively[last : last + 25]])
            if first > 25 and 12 <= last - first <= 60 and sides.mean() < 1.3 * low:
                found.append(Piece(mg[first:last], name))
    return found


@cache
def movements() -> list[Piece]:
    """Return movements of 0.7 to 5.7 s, with margins, that end about where they began."""
    return [p for p in _whole() if 100 <= len(p.mg) <= 600 and p.turn_deg < 25]


@cache
def turns() -> list[Piece]:
    """Return turns: whole movements of up to 20 s, that end 30 degrees from their start."""
    return [p for p in _whole() if 100 <= len(p.mg) <= 2000 and p.turn_deg > 30]


@cache
def _whole() -> list[Piece]:
    found = []
    for name in (*SLOW, *FAST[3:4]):
        mg = recording(name)
        coarse = name.startswith("e4")
        for first, last in spans(liveliness(mg), 40 if coarse else 25, 0.5):
            part = mg[max(0, first - 15) : last + 15]
            if peak_of(part, RATE_HZ) > 60 and len(part) > 30:
                found.append(Piece(part, name))
    return found


@cache
def tremors() -> list[Piece]:
    """Return five-second windows of a Parkinson wrist in which one rate of 3 to 8 Hz leads."""
    mg = recording("paradigma_wrist_100hz")
    found = []
    for first in range(0, len(mg) - 500, 125):
        part = mg[first : first + 500]
        high = signal.detrend(part, axis=0)
        power = (np.abs(np.fft.rfft(high * np.hanning(500)[:, None], axis=0)) ** 2).sum(axis=1)
        hz = np.fft.rfftfreq(500, 0.01)
        band = (hz >= 3) & (hz <= 8)
        top = hz[band][power[band].argmax()]
        near = np.abs(hz - top) < 0.7
        if power[near].sum() > 0.5 * power[hz > 0.7].sum() and high[:, :].std() > 8:
            found.append(Piece(part, "tremor"))
    return found


def waking(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """Return a stretch of a wrist that is awake and busy."""
    mg = recording("e4_wrist_32hz_49min" if rng.random() < 0.5 else "e4_wrist_32hz_104min")
    n = int(seconds * RATE_HZ)
    first = int(rng.integers(0, len(mg) - n))
    return mg[first : first + n]
