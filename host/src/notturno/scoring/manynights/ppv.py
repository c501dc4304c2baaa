"""How many of the counted events are what they are counted as, by the person's own labels.

Positive predictive value (PPV): of the counted events that bear a label, the share that the person
called their own. How many movements were missed cannot be known from labels, and is not said.
Takes, of each night, how many of the labelled events were the person's own; gives a dict, with a
Refusal where a share would mislead. Pure; scipy is imported inside.

The interval is Wilson's (1927), its number of events divided by the design effect of the nights
(Kish 1965): a night whose mattress shakes makes many events wrong together. The quantile is
Student's with one degree of freedom less than there are nights, where the nights do differ.
"""

from collections.abc import Iterable
from math import sqrt

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights.usable import MIN_NIGHTS, too_few_nights

LEVEL = 0.95
MIN_LABELS = 10  # ours: below, the interval spans most of what is possible
NOTE = (
    "Of the counted events that bear a label, the share called the person's own; it holds for the "
    "events that were labelled, and says nothing of those that were missed."
)


def share(nights: Iterable[tuple[int, int]], level: float = LEVEL) -> dict:
    """Return `ppv`, `ppv_low`, `ppv_high`, `labelled`, `own`, `nights`, `design_effect`, `note`.

    nights: (own, labelled) of each night that has a labelled event. Where there are too few
    nights or labels, a Refusal stands under the figures.
    """
    counts = [(own, labelled) for own, labelled in nights if labelled]
    own, labelled = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    found = {"labelled": labelled, "own": own, "nights": len(counts), "level": level}
    keys = ("ppv", "ppv_low", "ppv_high", "design_effect")
    if labelled < MIN_LABELS:
        refusal = Refusal(
            "Labelled events: {labelled}, too few for a share; it needs {min_labels}.",
            refusals.TOO_FEW_MOVEMENTS,
            labelled=labelled,
            min_labels=MIN_LABELS,
        )
        return found | dict.fromkeys(keys, refusal) | {"note": NOTE}
    if len(counts) < MIN_NIGHTS:
        refusal = too_few_nights(len(counts), MIN_NIGHTS, "a share with an interval")
        return found | dict.fromkeys(keys, refusal) | {"note": NOTE}
    low, high, effect = _interval(counts, own, labelled, level)
    values = (own / labelled, low, high, effect)
    return found | dict(zip(keys, values, strict=True)) | {"note": NOTE}


def _interval(
    counts: list[tuple[int, int]], own: int, labelled: int, level: float
) -> tuple[float, float, float]:
    from scipy.special import ndtri, stdtrit

    nights = len(counts)
    ratio = own / labelled
    between = sum((a - ratio * n) ** 2 for a, n in counts) * nights / (nights - 1) / labelled**2
    # Half pseudo-counts, or a share of 0 or 1 would make every spread infinitely unlikely.
    smoothed = (own + 1) / (labelled + 2)
    effect = max(1.0, between / (smoothed * (1 - smoothed) / labelled))
    tail = 0.5 + level / 2
    z = float(ndtri(tail))
    wide = float(stdtrit(nights - 1, tail)) if effect > 1 else z
    n = labelled / effect * (z / wide) ** 2
    centre = (ratio + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(ratio * (1 - ratio) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - reach), min(1.0, centre + reach), effect
