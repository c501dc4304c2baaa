"""Were the minutes called not worn those in which no limb was in the strap? Pure, lists in.

Touches nothing. A minute in which the strap was put on or taken off is not judged.
"""

MINUTE_S = 60.0


def minutes(truths: list[dict], events: list[dict], hours: float) -> list[int]:
    """Return [minutes right, minutes judged] of a night."""
    off, said = (
        [(row["onset_s"], row["onset_s"] + row["duration_s"]) for row in rows]
        for rows in ([r for r in part if r["kind"] == "not_worn"] for part in (truths, events))
    )
    right = judged = 0
    for k in range(int(hours * 3600 / MINUTE_S)):
        truth_s = _covered_s(off, k * MINUTE_S)
        if 0 < truth_s < MINUTE_S:
            continue
        judged += 1
        right += (_covered_s(said, k * MINUTE_S) >= MINUTE_S / 2) == (truth_s > 0)
    return [right, judged]


def _covered_s(spans: list[tuple[float, float]], begin_s: float) -> float:
    return sum(max(0.0, min(b, begin_s + MINUTE_S) - max(a, begin_s)) for a, b in spans)
