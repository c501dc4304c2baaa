"""What one count of the sensor was in a table of accelerations, where its values show it.

Touches numpy. A table tells g or m/s2 and not how coarsely the sensor counted; but a coarse one's
values are all multiples of one step, but for the decimals that were written.
"""

import numpy as np

_LEAST_MG = 1.5  # finer steps matter to no threshold of the detector; and decimals make such ones
_LOOKED_AT = 20_000  # samples
_LEAST_VALUES = 4  # of an axis: fewer are multiples of anything
_MOST_VALUES = 500  # that are tried
_OFF = 0.2  # of a step: what decimals may add, 0.5 mg of 3.9
_AROUND = np.linspace(0.9, 1.1, 2001)  # of a step that neighbours tell: what may be the true one


def step_mg(acc_mg: np.ndarray) -> float | None:
    """Return the step, mg, of which all values of a table (n, 3) are multiples; None without one.

    None too for one that is finer than any threshold, and where axes were calibrated.
    """
    axes = [np.unique(axis) for axis in acc_mg[:_LOOKED_AT].T]
    if min(len(values) for values in axes) < _LEAST_VALUES:
        return None
    apart = np.concatenate([np.diff(values) for values in axes])
    near_mg = float(apart[apart < 1.6 * apart.min()].mean())  # of those that are one step apart
    if near_mg < _LEAST_MG * _AROUND[0]:
        return None
    values = np.concatenate(axes)
    values = values[:: len(values) // _MOST_VALUES + 1]  # times _AROUND: they take memory
    steps = near_mg * _AROUND
    parts = values / steps[:, None]
    off = np.abs(parts - np.round(parts)).max(axis=1)
    best = int(off.argmin())
    if off[best] > _OFF:
        return None
    counts = np.round(values / steps[best])
    step = float(values @ counts / (counts @ counts))
    return step if step >= _LEAST_MG else None
