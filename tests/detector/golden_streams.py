"""The streams whose rows are the detector's golden output: they never change.

Touches the four recordings in golden/: five minutes each, cut at 540 s (restless: 300 s) from
synthetic nights of 0.3 h by the sleeper of the day, seeds 18, 7, 4 and 10 in the order of NIGHTS.
They are kept as files, and the hand-made streams are integers alone, so that no change of the
sleeper, of numpy or of a machine's sine moves a sample.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from notturno.detect import recording

FOLDER = Path(__file__).with_name("golden")
NIGHTS = ("sleep_starts", "fragmentary", "foot_tremor", "restless")


@dataclass(frozen=True)
class Stream:
    """acc int16 (n, 3) as a recording has it; gap_every: chunks of 64 between gaps, 0 for none."""

    acc: np.ndarray
    mg_per_lsb: float
    odr_hz: float
    gap_every: int = 0


def streams():
    """Return name -> Stream, the nights first."""
    out = {}
    for name in NIGHTS:
        night = recording.load(FOLDER / f"{name}.npz")
        out[name] = Stream(night.acc, night.mg_per_lsb, night.odr_hz)
    out["taken off, knocked at, put on"] = Stream(_taken_off(), 0.122, 104.0)
    out["beats and their neighbours at 52 Hz"] = Stream(_beats(), 0.122, 52.0)
    out["awake and turned at 26 Hz"] = Stream(_awake(), 0.244, 26.0)
    out["full scale with gaps at 208 Hz"] = Stream(_full_scale(), 0.488, 208.0, gap_every=37)
    return out


def _still(n, gravity):
    """Counts of a sensor at rest: a few counts of noise made by multiplying, and gravity."""
    i = np.arange(3 * n, dtype=np.int64)
    noise = ((i * 2654435761 % 4294967296) >> 13) % 15 - 7
    return noise.reshape(n, 3) + np.array(gravity)


def _add(a, at, axis, peak, period, decay):
    """A ring of triangles that falls off by one in `decay` parts a sample."""
    level = peak
    for k in range(4 * decay):
        phase = k % period
        wave = min(phase, period - phase) * 4 - period
        a[at + k, axis] += level * wave // period
        level -= level // decay


def _taken_off():
    a = _still(104 * 60 * 19, (5700, 0, 5900))
    _add(a, 104 * 60 * 17 + 900, 2, 75, 2, 3)
    for k, peak in enumerate((70, 150, 400, 1500, 60000)):
        _add(a, 104 * (60 * 18 + 2 + 9 * k), k % 3, peak, 14, 10)
    return _clipped(a)


def _beats():
    a = _still(52 * 180, (0, 8200, 0))
    for k in range(9):
        _add(a, 52 * 10 + 97 * k, 0, 500, 8, 5)  # 1.9 s apart
    for k in range(3):
        _add(a, 52 * 60 + 97 * k, 1, 500, 8, 5)  # one too few
    for k in range(52 * 6):
        a[52 * 90 + k, 2] += (min(k % 13, 13 - k % 13) - 3) * 130  # 4 Hz
    for k in range(52 * 4):
        a[52 * 130 + k, k // 9 % 3] += (min(k % 22, 22 - k % 22) - 5) * 160 * (k % 5) // 3
    return _clipped(a)


def _awake():
    a = _still(26 * 600, (0, 0, 4100))
    for k in range(26 * 200):
        a[26 * 60 + k] += np.array([1, -2, 1]) * ((k * k // 7 + 3 * k) % 29 - 14) * (k % 31) // 2
    a[26 * 260 :] = a[26 * 260 :][:, [2, 0, 1]]
    for k in range(5):
        _add(a, 26 * (505 + 17 * k), 1, 84, 4 + 2 * k, 4)
    return _clipped(a)


def _full_scale():
    n = 208 * 70
    i = np.arange(n)
    holds = np.stack([(i // (3 + i // 800) * step) % 5 - 2 for step in (1, 2, 3)], 1)
    return _clipped(_still(n, (0, 0, 2050)) + holds * 20000)


def _clipped(a):
    return np.clip(a, -32768, 32767).astype(np.int16)
