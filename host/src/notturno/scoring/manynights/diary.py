"""Does the rate of a night go along with what the diary says of the day before it?

Takes nights of `levels` and diary entries (dose, caffeine, alcohol, stress, anything that is a
number); gives for every name a rank correlation with a permutation test, and p after Holm's
correction. Pure; numpy is imported inside, draws are seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.refusals import Refusal
from notturno.scoring.manynights.usable import too_few_nights

if TYPE_CHECKING:
    import numpy as np

    from notturno.scoring.manynights.levels import NightCount

MIN_ENTRIES = 6  # ours: five pairs have 120 orders, too few to survive any correction
DRAWS = 9_999
SEED = 20160118
CAVEAT = (
    "Many things were looked at; by chance alone one in twenty would look like a finding, hence "
    "the corrected p. Going along is not causing: a bad night may lead to the coffee."
)


def associations(
    counts: list[NightCount], entries: list[dict], draws: int = DRAWS, seed: int = SEED
) -> dict[str, Any]:
    """Return {"by_name": {name: dict or Refusal}, "looks", "caveat"}.

    entries: dicts with `night` (ISO date of the evening), `name` and `value` (a number; 0 and 1
    for no and yes). Nights without an entry of a name are left out of that name: no entry is not
    a zero. A name entered twice for a night counts with the sum.
    """
    by_name = {}
    for entry in entries:
        of_name = by_name.setdefault(entry["name"], {})
        of_name[entry["night"]] = of_name.get(entry["night"], 0) + entry["value"]
    found: dict[str, Any] = {
        name: _one(counts, by_name[name], draws, seed + i)
        for i, name in enumerate(sorted(by_name))
    }
    tested = [name for name, value in found.items() if not refusals.is_refusal(value)]
    for name, p in zip(tested, holm([found[name]["p"] for name in tested]), strict=True):
        found[name]["p_holm"] = p
        found[name]["clear"] = p <= 0.05
    return {"by_name": found, "looks": len(tested), "caveat": CAVEAT}


def _one(
    counts: list[NightCount], values: dict[str, float], draws: int, seed: int
) -> dict | refusals.Refusal:
    pairs = [(values[night.date], night.figure) for night in counts if night.date in values]
    if len(pairs) < MIN_ENTRIES:
        return too_few_nights(len(pairs), MIN_ENTRIES, "an association with the diary")
    diary, rates = zip(*pairs, strict=True)
    if len(set(diary)) == 1 or len(set(rates)) == 1:
        return Refusal(
            "It was the same in all nights, so nothing can go along with it.",
            refusals.TOO_FEW_NIGHTS,
        )
    rho, p = _spearman(diary, rates, draws, seed)
    return {
        "nights": len(pairs),
        "nights_without_entry": len(counts) - len(pairs),
        "rank_correlation": rho,
        "p": p,
        "method": f"Spearman's rho, {draws} random orders",
    }


def _spearman(
    a: Sequence[float], b: Sequence[float], draws: int, seed: int
) -> tuple[float, float]:
    import numpy as np

    ranks_a, ranks_b = _centred_ranks(a), _centred_ranks(b)
    scale = float(np.sqrt((ranks_a @ ranks_a) * (ranks_b @ ranks_b)))
    real = float(ranks_a @ ranks_b)  # of quarters, as each of those dealt: equal is equal
    rng = np.random.default_rng(seed)
    dealt = rng.permuted(np.broadcast_to(ranks_b, (draws, len(ranks_b))), axis=1)
    hits = int((np.abs(dealt @ ranks_a) >= abs(real)).sum())
    return real / scale, (1 + hits) / (1 + draws)


def _centred_ranks(values: Sequence[float]) -> np.ndarray:
    """Return ranks less their mean; equal values share the mean of their ranks."""
    import numpy as np

    _, inverse, counts = np.unique(
        np.asarray(values, float), return_inverse=True, return_counts=True
    )
    last = np.cumsum(counts)
    middles = (last - counts / 2)[inverse]  # half a rank below the mean of their ranks, each
    return middles - middles.mean()


def holm(p_values: list[float]) -> list[float]:
    """Return Holm's (1979) step-down corrected p-values, in the order given."""
    m = len(p_values)
    corrected, floor = list(p_values), 0.0
    for rank, i in enumerate(sorted(range(m), key=p_values.__getitem__)):
        floor = max(floor, min(1.0, (m - rank) * p_values[i]))
        corrected[i] = floor
    return corrected
