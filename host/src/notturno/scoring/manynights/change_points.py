"""Where in many nights the level changed, if anywhere.

Binary segmentation (Vostrikova 1981) of the nights' levels: the best place to cut is kept when it
divides the nights better than it would divide series without a change, in which neighbouring
nights are as alike as these are around their best cut (drawn from the belief of `neighbours`);
both parts are looked at again. Pure; numpy is imported inside, draws are seeded.
"""

from __future__ import annotations

from math import exp
from statistics import fmean
from typing import TYPE_CHECKING, Any

from notturno.errors import Phrase
from notturno.scoring.manynights import neighbours
from notturno.scoring.manynights.levels import Nights, is_counted, typical
from notturno.scoring.manynights.usable import MIN_NIGHTS

if TYPE_CHECKING:
    import numpy as np

DRAWS = 399
SEED = 20160117
# Ours, by measured false changes (NIGHTS.md): a stretch takes away some of the likeness of
# neighbours that it is held against, so these shares of draws must lie under the 5 % aimed at. A
# step is looked for first, since a search for two edges at once sees a single one less well.
P_STEP, P_STRETCH = 0.02, 0.005
MOST_EDGES = 60
NOTE = "the place of a change is a best guess; a slow drift is cut into steps too"


def change_points(nights: Nights, draws: int = DRAWS, seed: int = SEED) -> dict:
    """Return {change_points, segments, method, note}; no point where there are under six nights.

    A point: `night` (the first of the new level), `last_night_before`, `ratio` (of typical rates,
    or `difference` of values) and `p`.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    found, waiting = {}, [(0, len(nights))]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2 * MIN_NIGHTS:
            continue
        stretch, p = change_in(nights[start:end], rng, draws)
        if stretch is None:
            continue
        edges = [start, *(start + edge for edge in stretch if 0 < edge < end - start), end]
        found |= dict.fromkeys(edges[1:-1], p)
        waiting += list(zip(edges, edges[1:], strict=False))
    edges = [0, *sorted(found), len(nights)]
    parts = [nights[a:b] for a, b in zip(edges, edges[1:], strict=False)] if nights else []
    few = len(nights) < 2 * MIN_NIGHTS
    return {
        "change_points": [
            _point(before, after, found[at])
            for at, before, after in zip(sorted(found), parts, parts[1:], strict=False)
        ],
        "segments": [
            {
                "first_night": part[0].date,
                "last_night": part[-1].date,
                "nights": len(part),
                "typical": typical(part),
            }
            for part in parts
        ],
        "method": Phrase(
            "binary segmentation, {draws} drawn series without a "
            "change, p <= {p_step} for a step, {p_stretch} for a "
            "stretch, parts of {min_nights} nights or more",
            draws=draws,
            p_step=P_STEP,
            p_stretch=P_STRETCH,
            min_nights=MIN_NIGHTS,
        ),
        "note": Phrase("under {least} nights no change can be found", least=2 * MIN_NIGHTS)
        if few
        else NOTE,
    }


def _point(before: Any, after: Any, p: float) -> dict:
    levels = [fmean(night.level for night in part) for part in (before, after)]
    counted = is_counted(before)
    change = levels[1] - levels[0]
    return {
        "night": after[0].date,
        "last_night_before": before[-1].date,
        "ratio" if counted else "difference": exp(change) if counted else change,
        "p": p,
    }


def change_in(
    nights: Nights, rng: np.random.Generator, draws: int = DRAWS
) -> tuple[tuple[int, int] | None, float]:
    """Return ((first, end) of a stretch, p), or (None, p) where nothing changed."""
    pairs = stretches(len(nights))
    for_a_step = pairs[(pairs[:, 0] == 0) | (pairs[:, 1] == len(nights))]
    for tried, p_max in ((for_a_step, P_STEP), (pairs, P_STRETCH)):
        stretch, p = best_change(nights, tried, rng, draws)
        if p <= p_max:
            return stretch, p
    return None, p


def best_change(
    nights: Nights,
    pairs: np.ndarray,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> tuple[tuple[int, int], float]:
    """Return ((first, end) of the stretch that differs most, p).

    p: the share of series without a change in which some stretch differs as much.
    """
    import numpy as np

    levels = np.array([night.level for night in nights])
    n = len(levels)
    stretch, gain = best_stretch(levels[None, :], pairs)
    if gain[0] <= 0:
        return (0, n), 1.0
    first, end = _refined(levels, *map(int, stretch[0]))
    inside = (np.arange(n) >= first) & (np.arange(n) < end)
    found = neighbours.fit(nights, np.column_stack([np.ones(n), inside]).astype(float))
    lags = rng.choice(neighbours.LAGS, draws, p=neighbours.weights(found.log_likelihood))
    drawn = best_stretch(_unchanged(lags, neighbours.steps(nights), rng), pairs)[1]
    return (first, end), (1 + int((drawn >= gain[0] - 1e-12).sum())) / (1 + draws)


def stretches(n: int, most_edges: int = MOST_EDGES) -> np.ndarray:
    """Return pairs (first, end) of n nights: m x 2. Every part they leave has MIN_NIGHTS or none.

    Of many nights only some edges are tried, evenly spaced.
    """
    import numpy as np

    step = -(-n // most_edges)
    edges = np.array([0, *range(MIN_NIGHTS, n - MIN_NIGHTS + 1, step), n])
    first, end = np.meshgrid(edges, edges, indexing="ij")
    long_enough = (end - first >= MIN_NIGHTS) & (end - first <= n - MIN_NIGHTS)
    return np.column_stack([first[long_enough], end[long_enough]])


def best_stretch(rows: np.ndarray, pairs: np.ndarray) -> tuple[Any, np.ndarray]:
    """Return (m x 2 of pairs, gains) for m rows of levels: the stretch that differs most.

    gain: by how much two levels, inside and outside, lessen the sum of squares, as a share of it,
    so that rows of any spread can be held against each other; 0 where all levels are equal.
    """
    import numpy as np

    n = rows.shape[1]
    centred = rows - rows.mean(axis=1, keepdims=True)
    total = (centred**2).sum(axis=1)
    sums = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(centred, axis=1)], axis=1)
    inside = pairs[:, 1] - pairs[:, 0]
    gains = (sums[:, pairs[:, 1]] - sums[:, pairs[:, 0]]) ** 2 * (n / (inside * (n - inside)))
    best = gains.argmax(axis=1)
    gain = gains[np.arange(len(rows)), best]
    return pairs[best], np.where(total > 1e-12, gain / np.maximum(total, 1e-300), 0.0)


def _refined(levels: np.ndarray, first: int, end: int) -> Any:
    """Return the best stretch whose edges lie up to one step of `stretches` from those given."""
    n = len(levels)
    step = -(-n // MOST_EDGES)
    if step == 1:
        return first, end
    every = stretches(n, n)
    near = (abs(every[:, 0] - first) <= step * (first > 0)) & (
        abs(every[:, 1] - end) <= step * (end < n)
    )
    return tuple(map(int, best_stretch(levels[None, :], every[near])[0][0]))


def _unchanged(lags: np.ndarray, gaps: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one series without a change for each lag1: lags x nights, of variance 1."""
    import numpy as np

    rows = rng.standard_normal((len(lags), len(gaps) + 1))
    for i, gap in enumerate(gaps, start=1):
        alike = lags**gap
        rows[:, i] = alike * rows[:, i - 1] + np.sqrt(1 - alike**2) * rows[:, i]
    return rows
