"""Which rows of a band answer which cues, and the figures of a strap check. Pure.

Times are UTC in ms, of one clock. A row answers a cue where it begins within ANSWER_MS after it;
of several the first. A row that answers nothing is extra; one in the still time is false.
"""

from statistics import median
from typing import NamedTuple

from notturno.scoring.proportion import LEVEL, clopper_pearson

VERSION = "strap-1"
MOVEMENTS = ("jerk", "lm", "rhythm")  # kinds that somebody who moves a limb may cause
# A person needs some 0.2 to 0.6 s from hearing to moving; slow ones more (ours).
ANSWER_MS = 3000
# By so much a row may seem to begin before its cue: the band's clock is known by one answer over
# the radio, and a movement's onset is set where it first leaves the noise (ours).
EARLY_MS = 250


class Told(NamedTuple):
    """One event of the band as it was told.

    onset_utc_ms: when it began; first_utc_ms: when its first row, mostly a provisional one, came;
    late_s: from its end to then, None where unknown; kind, left_out, peak_mg: of its last row.
    """

    onset_utc_ms: float
    first_utc_ms: float
    late_s: float | None
    kind: str
    left_out: str | None
    peak_mg: int


class Answer(NamedTuple):
    """What became of one cue. told: None where nothing answered it."""

    cue_utc_ms: float
    told: Told | None


def answers(cues_utc_ms: list[float], told: list[Told]) -> list[Answer]:
    """Return one Answer a cue, in their order; no row answers two."""
    free = sorted((one for one in told if one.kind in MOVEMENTS), key=lambda one: one.onset_utc_ms)
    found = []
    for cue in sorted(cues_utc_ms):
        mine = next((one for one in free if _within(cue, one)), None)
        if mine is not None:
            free.remove(mine)
        found.append(Answer(cue, mine))
    return found


def _within(cue_utc_ms: float, one: Told) -> bool:
    return -EARLY_MS <= one.onset_utc_ms - cue_utc_ms <= ANSWER_MS


def figures(cues_utc_ms: list[float], told: list[Told], still_utc_ms: tuple[float, float]) -> dict:
    """Return the figures of a check, plain values.

    Keys: version, cues, found, found_low, found_high (exact, `level`), counted (of the found,
    those that would count as they were named), extra (rows in the time of the cues that answer
    none), latency_median_s, latency_p95_s (from the cue to the first row; the person's own
    reaction is in it), late_median_s, late_p95_s (from the movement's end to the first row),
    still_s, false_rows (in the still time), peak_low_mg, peak_high_mg, answers (a list).
    What nothing is known of is None. Raises ValueError without cues.
    """
    found = answers(cues_utc_ms, told)
    hit = [(answer.cue_utc_ms, answer.told) for answer in found if answer.told is not None]
    low, high = clopper_pearson(len(hit), len(found))
    begin, end = still_utc_ms
    moved = [one for one in told if one.kind in MOVEMENTS]
    first = min(cues_utc_ms) - EARLY_MS
    of_cues = sum(one.onset_utc_ms >= first for one in moved)
    latencies = [(one.first_utc_ms - cue_utc_ms) / 1000 for cue_utc_ms, one in hit]
    lates = [one.late_s for _, one in hit if one.late_s is not None]
    peaks = [one.peak_mg for _, one in hit]
    return {
        "version": VERSION,
        "cues": len(found),
        "found": len(hit),
        "found_low": round(low, 4),
        "found_high": round(high, 4),
        "level": LEVEL,
        "counted": sum(one.left_out is None for _, one in hit),
        "extra": of_cues - len(hit),
        "latency_median_s": _middle(latencies),
        "latency_p95_s": p95(latencies),
        "late_median_s": _middle(lates),
        "late_p95_s": p95(lates),
        "still_s": round((end - begin) / 1000, 1),
        "false_rows": sum(begin <= one.onset_utc_ms < end for one in moved),
        "peak_low_mg": min(peaks, default=None),
        "peak_high_mg": max(peaks, default=None),
        "answers": [_as_json(answer) for answer in found],
    }


def p95(values: list[float]) -> float | None:
    """Return the smallest value that 95 of 100 do not exceed (nearest rank); None for none."""
    if not values:
        return None
    rank = -(-95 * len(values) // 100)
    return round(sorted(values)[rank - 1], 2)


def _middle(values: list[float]) -> float | None:
    return round(median(values), 2) if values else None


def _as_json(answer: Answer) -> dict:
    told = answer.told
    return {
        "cue_utc_ms": round(answer.cue_utc_ms),
        "found": told is not None,
        "latency_s": None
        if told is None
        else round((told.first_utc_ms - answer.cue_utc_ms) / 1000, 2),
        "kind": None if told is None else told.kind,
        "left_out": None if told is None else told.left_out,
        "peak_mg": None if told is None else told.peak_mg,
    }
