"""An Actiwatch-like rule: 3 Hz high-pass (3-11 Hz), threshold 50 mg.

The corner is why it under-counts slow movements (Gschliesser 2009: 21.2 against 34.4/h). Offset
after 0.5 s below is the scoring rules', not the maker's. Touches numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.bench.baselines.spans import events, filtered, norm, spans

if TYPE_CHECKING:
    import numpy as np


def detect(acc_mg: np.ndarray, odr_hz: float) -> list[dict]:
    """Return events; see the package."""
    size = norm(filtered(acc_mg, odr_hz, 3.0, 11.0))
    return events(spans(size, 50, 50, int(0.5 * odr_hz)), size, odr_hz)
