"""Two phases (before and after, with and without): how do their nights differ?

Takes nights of `levels` of one band for each phase, at least three each. Rates are compared by the
ratio of the typical (geometric mean) rates, values by the difference of means. The interval is
Welch's, with every variance of a mean grown by the likeness of neighbouring nights as
`neighbours` believes it; p comes from the same mixture. Pure; numpy and scipy inside.

None of it knows why the figure changed: whatever else changed with the phase changed it too.
"""

from math import exp
from statistics import fmean
from typing import Any

from notturno import refusals
from notturno.errors import Phrase
from notturno.refusals import Refusal
from notturno.scoring.manynights import neighbours, power
from notturno.scoring.manynights.levels import Nights, is_counted, typical
from notturno.scoring.manynights.usable import MIN_NIGHTS, too_few_nights

LEVEL = 0.95
LEAST_CHANGE = 0.02  # nights that show no change down to a fiftieth show none worth a number
FEW_EVENTS = 1.0  # a night: below, in both phases, half an added event decides much of the ratio
CAVEAT = (
    "A difference between phases is no proof of its cause: anything else that changed at the same "
    "time would show in the same way."
)
METHOD = (
    "Welch's interval, variances grown by the likeness of neighbouring nights (first-order "
    "autoregression over the calendar, every lag1 weighted by its restricted likelihood)"
)
RATIO_OF = "ratio of typical rates (geometric means of events/h + 0.0625)"
DIFFERENCE_OF = "difference of means"
FIGURES = ("", "_low", "_high")


def compare(
    first: Nights,
    second: Nights,
    level: Any = LEVEL,
    refusal: refusals.Refusal | None = None,
) -> dict:
    """Return what two phases say: second / first for rates, second - first for values.

    Keys: `ratio`, `ratio_low`, `ratio_high` (or `difference` ...), `p`, `lag1`, `smallest_change`,
    `nights_needed`, `method`, and of each phase `nights`, `typical` and for counts `events`,
    `hours`. Where nothing can be said, a Refusal stands under each of these figures. refusal: one
    that is known beforehand.
    """
    counted = is_counted([*first, *second])
    name = "ratio" if counted else "difference"
    found: dict = {"nights": [len(first), len(second)]}
    if counted:
        found["events"] = [sum(night.count for night in phase) for phase in (first, second)]
        found["hours"] = [sum(night.hours for night in phase) for phase in (first, second)]
    found["typical"] = [
        typical(phase) if phase else too_few_nights(0, 1, Phrase("a typical night"))
        for phase in (first, second)
    ]
    if refusal is None:
        refusal = _refused(first, second, counted)
    if refusal is not None:
        keys = [name + end for end in FIGURES]
        keys += ["p", "lag1", "smallest_change", "nights_needed"]
        found |= dict.fromkeys(keys, refusal)
    else:
        found |= _figures(first, second, counted, name, level)
    return found | {
        "level": level,
        "method": Phrase(
            "{of_said}; {how_said}",
            of_said=RATIO_OF if counted else DIFFERENCE_OF,
            how_said=METHOD,
        ),
        "caveat": _caveat(first, second, counted),
    }


def _refused(first: Nights, second: Nights, counted: bool) -> refusals.Refusal | None:
    fewest = min(len(first), len(second))
    if fewest < MIN_NIGHTS:
        return too_few_nights(fewest, MIN_NIGHTS, Phrase("a comparison of phases"))
    if counted and not any(night.count for night in (*first, *second)):
        return Refusal("No event in any night of both phases.", refusals.TOO_FEW_MOVEMENTS)
    if not counted and all(len({night.value for night in p}) == 1 for p in (first, second)):
        return Refusal(
            "Every night of a phase has the same value: nothing tells how far nights differ.",
            refusals.NO_SPREAD,
        )
    return None


def _caveat(first: Nights, second: Nights, counted: bool) -> str:
    if not counted or not first or not second:
        return CAVEAT
    most = max(fmean(night.count for night in phase) for phase in (first, second))
    if most >= FEW_EVENTS:
        return CAVEAT
    return Phrase(
        "{caveat_said} With less than one event a night the ratio is drawn toward 1.",
        caveat_said=CAVEAT,
    )


def _figures(
    first: Nights,
    second: Nights,
    counted: bool,
    name: str,
    level: float,
) -> dict:
    belief, believed, variance = believed_difference(first, second)
    centre = float(belief.centres[0])
    reach = belief.quantile(0.5 + level / 2) - centre
    values = (centre, centre - reach, centre + reach)
    if counted:
        values = tuple(exp(max(-700.0, min(value, 700.0))) for value in values)
    lag1 = neighbours.lag1_of(believed)
    smallest = power.smallest(belief, level)
    return {
        **{name + end: value for end, value in zip(FIGURES, values, strict=True)},
        "p": belief.p(),
        "lag1": lag1,
        "smallest_change": exp(-min(smallest, 700.0)) if counted else smallest,
        "nights_needed": power.nights_needed(variance, lag1, level)
        if counted
        else Refusal("A halving says nothing of a figure that is no rate.", refusals.NOT_IN_RULES),
    }


def believed_difference(first: Nights, second: Nights) -> tuple[neighbours.Belief, Any, float]:
    """Return (Belief of the difference of mean levels, belief by lag1, variance of one night)."""
    import numpy as np

    fits, variances, of_means = [], [], []
    for phase in (first, second):
        found = neighbours.fit(phase, np.ones((len(phase), 1)))
        grown = neighbours.mean_variance(neighbours.steps(phase))
        # Three nights alike by luck prove nothing: never narrower than counting allows.
        least = fmean(night.counting_variance for night in phase) / len(phase)
        fits.append(found)
        variances.append(found.variance)
        of_means.append(np.maximum(found.variance * grown, least))
    believed = neighbours.weights(*(found.log_likelihood for found in fits))
    total = of_means[0] + of_means[1]
    degrees = total**2 / sum(
        part**2 / found.degrees for part, found in zip(of_means, fits, strict=True)
    )
    difference = fmean(night.level for night in second) - fmean(night.level for night in first)
    belief = neighbours.Belief(
        believed, np.full(len(believed), difference), np.sqrt(total), degrees
    )
    return belief, believed, float((believed * (variances[0] + variances[1])).sum() / 2)
