"""What the baselines share: spans above a threshold with hysteresis. Touches numpy, scipy."""

import numpy as np

from notturno.errors import UserError

LM_S = 0.5  # shortest limb movement (AASM v3, WASM 2016)


def filtered(
    acc_mg: np.ndarray, odr_hz: float, low_hz: float | None = None, high_hz: float | None = None
) -> np.ndarray:
    """Return acc_mg (n, 3) through a causal Butterworth of order 2 per edge."""
    try:
        from scipy.signal import butter, sosfilt, sosfilt_zi
    except ImportError:
        raise UserError("The baselines need scipy; install it: pip install scipy.") from None
    out = acc_mg
    for edge_hz, kind in ((low_hz, "highpass"), (high_hz, "lowpass")):
        if edge_hz and edge_hz < 0.45 * odr_hz:
            sos = butter(2, edge_hz, kind, fs=odr_hz, output="sos")
            start = sosfilt_zi(sos)[:, :, None] * out[0]  # as if it had lain so before
            out, _ = sosfilt(sos, out, axis=0, zi=start)
    return out


def norm(acc_mg: np.ndarray) -> np.ndarray:
    """Return the length of each vector."""
    return np.sqrt((acc_mg**2).sum(axis=1))


def spans(
    size: np.ndarray, on: float | np.ndarray, off: float | np.ndarray, quiet_samples: int
) -> list[tuple[int, int]]:
    """Return (first, last) samples of spans: opened above `on`, ended by quiet below `off`.

    size, and if they vary on and off: (n,). A span reaches from its first sample above `on` to its
    last above `off` before `quiet_samples` or more below.
    """
    above = np.flatnonzero(size > off)
    if len(above) == 0:
        return []
    cuts = np.flatnonzero(np.diff(above) > quiet_samples) + 1
    strong = size > on
    out = []
    for run in np.split(above, cuts):
        inside = run[strong[run]]
        if len(inside):
            out.append((int(inside[0]), int(run[-1])))
    return out


def events(
    found: list[tuple[int, int]], size: np.ndarray, odr_hz: float, least_s: float = 0.0
) -> list[dict]:
    """Return spans as events: jerks below 0.5 s, limb movements from there on."""
    out = []
    for first, last in found:
        duration_s = (last - first + 1) / odr_hz
        if duration_s >= least_s:
            out.append(
                {
                    "kind": "jerk" if duration_s < LM_S else "lm",
                    "onset_s": first / odr_hz,
                    "duration_s": duration_s,
                    "peak_mg": float(size[first : last + 1].max()),
                    "rhythm_hz": None,
                }
            )
    return out
