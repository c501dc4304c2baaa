"""A fixed threshold on jerk: |a[i] - a[i-1]| x rate, mg/s, and a limit on the duration.

No threshold is published for jerks of sleep; this one was chosen, in steps of 50, as the best F1
over all profiles on tuning seeds, so that the comparison is with this rule at its best. Touches
numpy.
"""

import numpy as np

from notturno.bench.baselines.spans import events, norm, spans

THRESHOLD_MG_PER_S = 500.0
QUIET_S = 0.25


def detect(
    acc_mg: np.ndarray, odr_hz: float, threshold_mg_per_s: float = THRESHOLD_MG_PER_S
) -> list[dict]:
    """Return events; see the package."""
    size = norm(np.diff(acc_mg, axis=0, prepend=acc_mg[:1])) * odr_hz
    found = spans(size, threshold_mg_per_s, threshold_mg_per_s / 2, int(QUIET_S * odr_hz))
    return events(found, norm(acc_mg - np.median(acc_mg, axis=0)), odr_hz)
