"""The hardest shaking a sensor can tell, broken by gaps: does the arithmetic stay inside 32 bits?

Touches the detector under watch (the detector's own tests bring it) and numpy; not a night of a
sleeper. The streams are the same every run.
"""

import sys
from pathlib import Path

import numpy as np

try:
    from checked import checked_detector
except ImportError:  # run as a program: the folder beside this one is not on the path yet
    sys.path.append(str(Path(__file__).resolve().parents[1] / "detector"))
    from checked import checked_detector
from executors import Run, chunks_of
from notturno_core import segments

ODR_HZ, MG_PER_LSB = 26, 0.122
GAP_S = 120
SHAKINGS = ("square", "white", "flips", "swelling", "by turns")


def shaking(kind, seconds, rng):
    """Return counts int16 (n, 3) of full-scale shaking, one of SHAKINGS."""
    n = seconds * ODR_HZ
    t = np.arange(n)
    if kind == "square":
        return np.where(t % 2, 32767, -32768)[:, None].repeat(3, axis=1).astype(np.int16)
    if kind == "flips":
        return np.where(rng.random((n, 3)) < 0.5, 32767, -32768).astype(np.int16)
    white = rng.integers(-32768, 32768, (n, 3))
    if kind == "swelling":  # from nothing to all between two gaps
        white = white * ((t % (GAP_S * ODR_HZ)) / (GAP_S * ODR_HZ))[:, None]
    if kind == "by turns":  # four seconds of each
        white = np.where((t // (4 * ODR_HZ) % 2)[:, None], white, [0, 0, 8192])
    return white.astype(np.int16)


def leaves_32_bits(kind, minutes, seed) -> str:
    """Return what left 32 bits in so many minutes of shaking, or nothing ("")."""
    acc = shaking(kind, 60 * minutes, np.random.default_rng([12, seed]))
    run = Run(checked_detector(), ODR_HZ * 1000, round(MG_PER_LSB * 1000))
    words = memoryview(acc.view(np.uint16).reshape(-1)).cast("B").cast("H")
    size = segments.MAX_CHUNK
    each = GAP_S * ODR_HZ // size
    try:
        for number, (part, n) in enumerate(chunks_of(words, [size]), start=1):
            run.feed(part, n)
            if number % each == 0:
                run.cut()
        run.cut()
    except (AssertionError, OverflowError) as error:
        return f"{kind}, seed {seed}: {error}"
    return ""


def print_all(minutes=20, seeds=3):
    """Print a line a kind of shaking."""
    for kind in SHAKINGS:
        wrong = [leaves_32_bits(kind, minutes, seed) for seed in range(seeds)]
        told = "; ".join(filter(None, wrong)) or "inside 32 bits"
        print(f"{'FAIL' if any(wrong) else 'ok  '} 12 gaps and shaking, {kind}: {told}")
