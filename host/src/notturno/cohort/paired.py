"""Differences within people, over people: two phases, or left against right.

Takes of each person one number, the mean difference of levels (logarithms of rates, or values);
gives the mean over people with Student's interval, so that one person is one observation however
many nights there are. Pure; scipy is imported inside.
"""

from math import exp, sqrt
from statistics import mean, stdev

from notturno.cohort.mixed import MIN_PEOPLE, TOO_FEW_PEOPLE
from notturno.refusals import Refusal

LEVEL = 0.95
MOST = 700.0  # exp() of more is no number
OF_TEN = 0.8  # the middle of people that `people_low` and `people_high` hold
METHOD = "mean over people of each one's difference of mean levels; Student's interval over people"


def over_people(differences: list[float], counted: bool, level: float = LEVEL) -> dict:
    """Return `ratio` (of rates) or `difference` with `_low`, `_high`, and `p`, `people`.

    people_low, people_high: between them lie eight of ten people's own, as a prediction: a normal
    distribution, its width not known better than from so many people. Below MIN_PEOPLE all are
    None, and `refusal` says why.
    """
    name = "ratio" if counted else "difference"
    keys = (name, f"{name}_low", f"{name}_high", "people_low", "people_high", "p")
    n = len(differences)
    found = {"people": n, "level": level, "refusal": None}
    if n < MIN_PEOPLE:
        refusal = Refusal(
            "People with such nights: {n}; a difference needs {needed}.",
            TOO_FEW_PEOPLE,
            n=n,
            needed=MIN_PEOPLE,
        )
        return found | dict.fromkeys(keys) | {"refusal": refusal}
    from scipy.special import stdtr, stdtrit

    centre, spread = mean(differences), stdev(differences)
    error = spread / sqrt(n)
    reach = float(stdtrit(n - 1, 0.5 + level / 2)) * error
    wide = float(stdtrit(n - 1, 0.5 + OF_TEN / 2)) * spread * sqrt(1 + 1 / n)
    said = [centre, centre - reach, centre + reach, centre - wide, centre + wide]
    if counted:
        said = [exp(max(-MOST, min(value, MOST))) for value in said]
    p = (
        1.0
        if centre == 0
        else 0.0
        if error == 0
        else 2 * float(stdtr(n - 1, -abs(centre) / error))
    )
    return found | dict(zip(keys, (*said, p), strict=True))
