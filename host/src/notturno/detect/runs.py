"""Runs in which something holds, of a row of truths. Pure, numpy."""

import numpy as np


def runs_of(holds: np.ndarray) -> np.ndarray:
    """Return the runs in which `holds`, bool (n,), is true, as (first, end): int (k, 2)."""
    edges = np.flatnonzero(np.diff(np.pad(np.asarray(holds, np.int8), 1)))
    return np.column_stack([edges[::2], edges[1::2]])
