"""PAM-RL's rule: 0.3-20 Hz, a movement begins at 200 mg and ends after 1 s below 100 mg.

Parameters as published for the PAM-RL (its sampling at 40 Hz is not imitated). Touches numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.bench.baselines.spans import events, filtered, norm, spans

if TYPE_CHECKING:
    import numpy as np


def detect(acc_mg: np.ndarray, odr_hz: float) -> list[dict]:
    """Return events; see the package."""
    size = norm(filtered(acc_mg, odr_hz, 0.3, 20))
    return events(spans(size, 200, 100, int(1.0 * odr_hz)), size, odr_hz)
