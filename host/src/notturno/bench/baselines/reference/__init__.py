"""A reference that no band could run: floating point, zero-phase filters, the whole night at hand.

It says what the sensor's signal still holds, so that a detector's misses can be told from what
nobody could find. Its constants were chosen on tuning models alone; none is published. The order:
`signal` cleans and frames, `segments` finds and measures movements, `names` says what they were.
Touches numpy and scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notturno.bench.baselines.reference import names, segments, signal

if TYPE_CHECKING:
    import numpy as np


def detect(acc_mg: np.ndarray, odr_hz: float) -> list[dict[str, float | str | Any]]:
    """Return events of a night, acc_mg (n, 3): as the other baselines, with awake and not_worn."""
    night = signal.prepared(acc_mg, odr_hz)
    found = segments.found(night)
    return sorted(names.named(night, found), key=lambda event: event["onset_s"])
