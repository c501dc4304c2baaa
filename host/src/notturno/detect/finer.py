"""A coarse sensor's counts, made finer for a detector that reckons in quarters of them.

Touches numpy. The detector's least floor is four counts, and its thresholds follow its floors:
half a mg with a band's sensor, but 16 mg with a logger's whose count is 3.9 mg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno_core import detector

if TYPE_CHECKING:
    import numpy as np

# No band's sensor counts as coarsely (0.488 mg at 16 g), so that its rows are made again as it
# made them; and a finer count than a band's would find no more.
COARSE_MG = 0.6
FINE_MG = 0.12
MOST_MG = 65.535  # what the detector takes; a larger scale is refused as it is
MOST = 32000  # a count of full scale says that it clipped, and nothing else may come there


def doublings(acc: np.ndarray, mg_per_lsb: float) -> int:
    """Return how often counts (n, 3) of so many mg can be halved: 0 for those of a band."""
    if not COARSE_MG <= mg_per_lsb <= MOST_MG or not len(acc):
        return 0
    most = max(1, int(acc.max()), -int(acc.min()))
    times = 0
    while most << (times + 1) <= MOST and mg_per_lsb / (2 << times) >= FINE_MG:
        times += 1
    return times


def words(counts: np.ndarray, times: int) -> np.ndarray:
    """Return counts, as uint16, of which each is now 2 ** times; the same ones for 0."""
    return counts << times if times else counts


# Where a sensor's own noise is smaller than a count, one axis or two go up and down by one, and
# the filters pass that on, most of all when a logger's idle mode has let the floors fall to
# nothing: name of a setting -> what it is at least, of a count. The slow path has sums of several
# samples. Ours, by the sleeper's nights in counts of 3.9 and 15.6 mg.
LEAST_OF_A_COUNT = {
    "jerk_on_ug": 1.7,
    "jerk_low_ug": 1.5,
    "lm_on_ug": 1.2,
    "lm_low_ug": 0.8,
}


def thresholds(mg_per_lsb: float) -> dict[str, int]:
    """Return the detector's settings that must be higher than their defaults for such counts."""
    least = {name: round(k * mg_per_lsb * 1000) for name, k in LEAST_OF_A_COUNT.items()}
    return {name: ug for name, ug in least.items() if ug > detector.DEFAULTS[name]}
