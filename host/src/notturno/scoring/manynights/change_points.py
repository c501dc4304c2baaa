"""Where in many nights the level of the rate changed, if anywhere.

Binary segmentation (Vostrikova 1981) of ln(rate): the best place to cut is kept when it divides
the nights better than 95 of 100 random orders of them do, and both parts are looked at again.
Takes `NightCount`s; gives dicts. Pure; numpy is imported inside, draws are seeded.
"""

from math import exp
from statistics import mean

from notturno.scoring.manynights.usable import MIN_NIGHTS, rate_of, too_few_nights

DRAWS = 999
SEED = 20160117
P_MAX = 0.05


def change_points(counts, draws=DRAWS, seed=SEED, p_max=P_MAX):
    """Return {points, segments, note}, or a Refusal below two parts of three nights."""
    import numpy as np

    if len(counts) < 2 * MIN_NIGHTS:
        return too_few_nights(len(counts), 2 * MIN_NIGHTS, "a change point")
    values = np.array([night.log_rate for night in counts])
    rng = np.random.default_rng(seed)
    found = {}
    waiting = [(0, len(values))]
    while waiting:
        start, end = waiting.pop()
        part = values[start:end]
        if len(part) < 2 * MIN_NIGHTS:
            continue
        cut, gain = _best_cut(part[None, :])
        dealt = rng.permuted(np.broadcast_to(part, (draws, len(part))), axis=1)
        p = (1 + int((_best_cut(dealt)[1] >= gain[0] - 1e-12).sum())) / (1 + draws)
        if gain[0] > 0 and p <= p_max:
            at = start + int(cut[0])
            found[at] = p
            waiting += [(start, at), (at, end)]
    edges = [0, *sorted(found), len(counts)]
    parts = [counts[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    return {
        "points": [
            {
                "first_night_after": counts[at].date,
                "last_night_before": counts[at - 1].date,
                "rate_ratio": exp(mean(_logs(after)) - mean(_logs(before))),
                "p": found[at],
            }
            for at, before, after in zip(sorted(found), parts, parts[1:], strict=False)
        ],
        "segments": [
            {
                "first_night": part[0].date,
                "last_night": part[-1].date,
                "nights": len(part),
                "per_recorded_h": rate_of(part),
            }
            for part in parts
        ],
        "method": f"binary segmentation of ln(rate), {draws} random orders, p <= {p_max} for each "
        f"cut, parts of {MIN_NIGHTS} nights or more",
        "note": "the place of a change is a best guess; a slow drift is cut into steps too",
    }


def _logs(part):
    return [night.log_rate for night in part]


def _best_cut(rows):
    """Return (cut, gain) of each row: the cut that takes most from the sum of squares.

    rows: m x n. The parts have MIN_NIGHTS values or more. gain is 0 where all values are equal.
    """
    import numpy as np

    n = rows.shape[1]
    sums = np.cumsum(rows - rows.mean(axis=1, keepdims=True), axis=1)
    cuts = np.arange(MIN_NIGHTS, n - MIN_NIGHTS + 1)
    gains = sums[:, cuts - 1] ** 2 * n / (cuts * (n - cuts))
    best = gains.argmax(axis=1)
    gain = gains[np.arange(len(rows)), best]
    return cuts[best], np.where(gain > 1e-12, gain, 0.0)
