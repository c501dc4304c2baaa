"""Shapes that models of limbs differ in: muscle pulses, heartbeats at the limb, coloured noise.

Pure, numpy. A muscle pulse is a force of largest value 1 over its own length; a heartbeat is an
acceleration of largest size 1 over the seconds since the beat began.
"""

from typing import Any

import numpy as np

from notturno.sleeper.body import RENDER_HZ

BEAT_S = 0.7  # a heartbeat has died away after it


def _raised_cosine(u: np.ndarray) -> np.ndarray:
    return np.sin(np.pi * u) ** 2


def _half_sine(u: np.ndarray) -> np.ndarray:
    return np.sin(np.pi * u)


def _gaussian_doublet(u: np.ndarray) -> np.ndarray:
    """Two volleys, the second weaker: what a surface EMG of a jerk often shows."""
    return np.exp(-(((u - 0.28) / 0.12) ** 2)) + 0.7 * np.exp(-(((u - 0.72) / 0.12) ** 2))


def _triangular(u: np.ndarray) -> np.ndarray:
    """Rises in a third of its length and falls off slowly."""
    return np.where(u < 0.35, u / 0.35, (1 - u) / 0.65)


MUSCLES = {
    "raised_cosine": _raised_cosine,
    "half_sine": _half_sine,
    "gaussian_doublet": _gaussian_doublet,
    "triangular": _triangular,
}


def muscle(shape: str, seconds: float) -> np.ndarray:
    """Return the force of one contraction (n,), at RENDER_HZ."""
    n = max(3, int(round(seconds * RENDER_HZ)))
    return MUSCLES[shape]((np.arange(n) + 0.5) / n)


def _ring(t: np.ndarray) -> np.ndarray:
    return np.exp(-t / 0.09) * np.sin(2 * np.pi * 5.5 * t)


def _ijk(t: np.ndarray) -> Any:
    """The waves I, J, K and L of a ballistocardiogram; their places from memory."""
    waves = ((-0.6, 0.10, 0.030), (1.0, 0.16, 0.030), (-0.7, 0.23, 0.035), (0.3, 0.31, 0.040))
    return sum(size * np.exp(-(((t - at) / width) ** 2)) for size, at, width in waves)


def _gabor(t: np.ndarray) -> np.ndarray:
    return np.exp(-(((t - 0.2) / 0.07) ** 2)) * np.cos(2 * np.pi * 7.5 * (t - 0.2))


def _two_thumps(t: np.ndarray) -> np.ndarray:
    """A slow thump, and a weaker one where the valve closes."""
    late = np.clip(t - 0.3, 0, None)
    first = np.exp(-t / 0.11) * np.sin(2 * np.pi * 3.6 * t)
    return first + 0.5 * np.exp(-late / 0.07) * np.sin(2 * np.pi * 4.5 * late)


HEARTS = {"ring": _ring, "ijk": _ijk, "gabor": _gabor, "two_thumps": _two_thumps}


def heartbeat(shape: str, since_s: np.ndarray) -> np.ndarray:
    """Return the acceleration of a beat, of largest size 1, `since_s` (n,) after its beginning."""
    grid = np.linspace(0, BEAT_S, 1401)
    top = np.abs(HEARTS[shape](grid)).max()
    inside = (since_s >= 0) & (since_s < BEAT_S)
    return np.where(inside, HEARTS[shape](np.clip(since_s, 0, BEAT_S)), 0) / top


def coloured(white: np.ndarray, odr_hz: float, corner_hz: float) -> np.ndarray:
    """Return noise (n, 3) of the same power, which grows as 1/f below `corner_hz` (0: white)."""
    if not corner_hz:
        return white
    n = len(white)
    hz = np.fft.rfftfreq(n, 1 / odr_hz)
    hz[0] = hz[1]
    gain = np.sqrt(1 + corner_hz / hz)
    gain /= np.sqrt(np.mean(gain**2))
    return np.fft.irfft(np.fft.rfft(white, axis=0) * gain[:, None], n, axis=0)


def band_noise(
    rng: np.random.Generator, n: int, low_hz: float, high_hz: float, fall: int = 0
) -> np.ndarray:
    """Return noise (n,) of low_hz to high_hz at RENDER_HZ, of rms 1, soft at its edges.

    fall: within the band it falls as the frequency to this power.
    """
    hz = np.fft.rfftfreq(n, 1 / RENDER_HZ)
    low = (hz / low_hz) ** 4 / (1 + (hz / low_hz) ** 4)
    gain = low / (1 + (hz / high_hz) ** 4) / np.maximum(hz, low_hz / 2) ** fall
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=n)) * gain, n)
    return noise / (np.sqrt(np.mean(noise**2)) or 1)
