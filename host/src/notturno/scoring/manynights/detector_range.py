"""Between which bounds does a figure lie, if the detector misses and invents as it does on trial?

Of a series of movements, what is found of its periodic ones is close to what is found of its
movements: one that is missed makes one interval twice as long, which still is one of 10 to 90 s,
and ends no series. So a rate m stands for no less than m x PPV (the invented taken off) and no
more than m / found (the missed added). Takes both shares of the worst limb of a trial. Pure.

It says nothing of movements that a sensor at this place cannot feel.
"""

from notturno import refusals
from notturno.refusals import Refusal, is_refusal

NOTE = (
    "measured rate x PPV to measured rate / found, by the detector's worst held-out synthetic "
    "sleeper with periodic movements; movements that do not move the sensor are not in it"
)


def range_of(rate: float | Refusal, found: float, ppv: float) -> dict | Refusal:
    """Return `low` and `high` of the true rate, in the rate's unit; the rate's own Refusal.

    found, ppv: shares of 0 to 1. A Refusal where the trial found less than half or was right in
    less than half: then the figure has no known bounds.
    """
    if is_refusal(rate):
        return rate
    if found < 0.5 or ppv < 0.5:
        return Refusal(
            "On trial the detector was wrong too often to say between which bounds it lies.",
            refusals.IMPLAUSIBLE,
        )
    return {"low": rate * ppv, "high": rate / found, "found": found, "ppv": ppv}
