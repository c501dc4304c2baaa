"""Two bands, one on each leg: what both legs do, which goes first, and what alternates.

Takes the `NightAxis` of the left and of the right band, both with a known clock, and how far
their clocks may be off; gives dicts of figures. Units: microseconds inside, ms and s as named.
Pure. A lag is right minus left: positive where the left leg was first.
"""

from bisect import bisect_left
from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any

from notturno import refusals
from notturno.nights.axis import MIN_RATE_US, MINUTE_US, NightAxis
from notturno.nights.spans import US_PER_H, nearest_pairs, shared
from notturno.refusals import Refusal, is_refusal
from notturno.scoring import versions
from notturno.scoring.movements.bilateral import LINK_US, combine_wasm
from notturno.scoring.movements.legs import BOTH, Row, leg_movements, rows_of
from notturno.scoring.movements.score import RULE_SETS
from notturno.scoring.onenight import both_legs
from notturno.scoring.onenight.nightly import NO_SECOND_VERDICT, under

# Bursts of a rhythm or on a movement's edge are no single jerks, but they alternate all the same.
PART_OF_MORE = ("in_rhythm", "in_lm")
RULES, RULES_VERSION = "two_bands", versions.TWO_BANDS
# ALMA: 4 bursts or more, in turn left and right, 0.5-3 Hz (Chervin 2003; the limits after AASM).
ALMA_MIN = 4
ALMA_MIN_US, ALMA_MAX_US = 333_333, 2_000_000  # from one burst to the next, of the other leg
MIN_PAIRS = 5  # ours, for a distribution of lags


def figures(
    left: NightAxis,
    right: NightAxis,
    clock_errors_ms: Sequence[int | None],
    stages: list[tuple[int, str]] | None = None,
    verdict: refusals.Refusal | None = None,
) -> Refusal | dict[str, Any | Refusal] | dict[str, Any]:
    """Return bilateral, unilateral, synchronous and alternating counts, or a Refusal.

    left, right: NightAxis; clock_errors_ms: (left, right), by how much either may be off.
    stages: rows (onset_us, stage) on the left's axis, or None; verdict: the Refusal of any rate
    of the night of both, or None. `by_rules`: both legs as one patient (`both_legs.figures`).
    """
    ours_ms, theirs_ms = left.origin_utc_ms, right.origin_utc_ms
    errors_ms = [error_ms for error_ms in clock_errors_ms if error_ms is not None]
    if ours_ms is None or theirs_ms is None or len(errors_ms) < len(clock_errors_ms):
        return Refusal(
            "The clock of a band is unknown, so left and right have no common time.",
            refusals.CLOCK_UNKNOWN,
        )
    error_us = round(sum(errors_ms) * 1000)
    shift_us = (theirs_ms - ours_ms) * 1000
    both = shared(_countable(left, 0), _countable(right, shift_us))
    both_us = sum(end - start for start, end in both)
    if both_us < MIN_RATE_US:
        return Refusal(
            "Both bands were worn at the same time for {both_min:.1f} min only.",
            refusals.TOO_SHORT,
            both_min=both_us / MINUTE_US,
        )
    sides = [_events(left, 0, both), _events(right, shift_us, both)]
    found = {
        "rules": RULES,
        "rules_version": RULES_VERSION,
        "both_worn_h": both_us / US_PER_H,
        "lag_uncertainty_ms": error_us / 1000,
        "alternating": _alternating(sides, error_us),
        "by_rules": _by_rules(left, right, shift_us, both, error_us, stages, verdict),
    }
    if error_us >= LINK_US:
        unsure = Refusal(
            "The clocks may differ by {error_ms:.0f} ms; the 0.5 s rule needs less.",
            refusals.CLOCK_UNKNOWN,
            error_ms=error_us / 1000,
        )
        return found | {"jerks": unsure, "movements": unsure}
    return found | {"jerks": _jerks(sides, error_us, both_us), "movements": _movements(sides)}


def _by_rules(
    left: NightAxis,
    right: NightAxis,
    shift_us: int,
    both: list[tuple[int, int]],
    error_us: int,
    stages: list[tuple[int, str]] | None,
    verdict: refusals.Refusal | None,
) -> dict | refusals.Refusal:
    scored = both_legs.figures(
        rows_of(left.counted("lm")),
        rows_of(right.counted("lm"), shift_us=shift_us),
        both,
        error_us,
        stages=stages,
        settings=NO_SECOND_VERDICT,
    )
    if not is_refusal(scored):
        for rules in RULE_SETS:
            under(verdict, scored[rules])
    return scored


def _countable(axis: NightAxis, shift_us: int) -> list[tuple[int, int]]:
    return [(start + shift_us, end + shift_us) for start, end in axis.countable]


def _events(axis: NightAxis, shift_us: int, both: list[tuple[int, int]]) -> list[dict]:
    """Return the events of one side on the left's axis, inside the shared time, by onset."""
    events = []
    for event in axis.events:
        onset = event["onset_us"] + shift_us
        if event["left_out"] not in (None, *PART_OF_MORE):
            continue
        if any(start <= onset < end for start, end in both):
            events.append(event | {"onset_us": onset, "end_us": event["end_us"] + shift_us})
    return events


def pairs(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return [(i, j)]: spans (onset_us, end_us) of two sides, each used once, nearest first.

    Two are a pair when they overlap or the later starts strictly less than 0.5 s after the end
    of the earlier (WASM 2016, bilateral LM). Both lists sorted by onset.
    """
    onsets = [onset for onset, _ in right]
    if not right:
        return []
    longest = max(end - onset for onset, end in right)
    candidates = []
    for i, (onset, end) in enumerate(left):
        j = bisect_left(onsets, onset - longest - LINK_US)
        while j < len(right) and onsets[j] < end + LINK_US:
            if onset < right[j][1] + LINK_US:
                candidates.append((abs(onsets[j] - onset), i, j))
            j += 1
    return nearest_pairs(candidates)


def _jerks(sides: list[list[dict]], error_us: int, both_us: int) -> dict:
    left, right = ([(e["onset_us"], e["end_us"]) for e in side if e["single"]] for side in sides)
    paired = pairs(left, right)
    lags = [(right[j][0] - left[i][0]) / 1000 for i, j in paired]
    error_ms = error_us / 1000
    mean_s = sum(end - onset for onset, end in left + right) / max(1, len(left) + len(right)) / 1e6
    reach_s = 2 * (LINK_US / 1e6 + mean_s)
    return {
        "bilateral": len(paired),
        "left_only": len(left) - len(paired),
        "right_only": len(right) - len(paired),
        "bilateral_by_chance": len(left) * len(right) * reach_s / (both_us / 1e6),
        "left_first": sum(lag > error_ms for lag in lags),
        "right_first": sum(lag < -error_ms for lag in lags),
        "synchronous_within_clocks": sum(abs(lag) <= error_ms for lag in lags),
        "lag_ms": _lags(lags, error_ms),
    }


def _lags(lags: list[float], error_ms: float) -> dict | refusals.Refusal:
    if len(lags) < MIN_PAIRS:
        return Refusal(
            "A lag needs {min_pairs} bilateral jerks; there is 1."
            if len(lags) == 1
            else "A lag needs {min_pairs} bilateral jerks; there are {n}.",
            refusals.TOO_FEW_MOVEMENTS,
            min_pairs=MIN_PAIRS,
            n=len(lags),
        )
    cuts = quantiles(lags, n=4, method="inclusive")
    return {
        "median": median(lags),
        "quartiles": [cuts[0], cuts[2]],
        "uncertainty": error_ms,
        "pairs": len(lags),
        "note": "right minus left; the uncertainty is of both clocks together, as a bound, and "
        "the same for all lags of a night",
    }


def _movements(sides: list[list[dict]]) -> dict[str, int]:
    rows = [
        Row(event["onset_us"], event["end_us"], name)
        for name, side in zip("LR", sides, strict=True)
        for event in side
        if event["kind"] == "lm" and event["left_out"] is None
    ]
    counts = {"L": 0, "R": 0, BOTH: 0}
    for movement in combine_wasm(leg_movements(rows)):
        counts[movement.side] += 1
    return {"bilateral": counts[BOTH], "left_only": counts["L"], "right_only": counts["R"]}


def _alternating(sides: list[list[dict]], error_us: int) -> dict | refusals.Refusal:
    """Find runs of jerks in turn left and right; members of rhythmic runs belong here too."""
    if error_us >= ALMA_MIN_US:
        return Refusal(
            "The clocks may differ by {error_ms:.0f} ms, so which leg moved "
            "first in an alternating run is not known.",
            refusals.CLOCK_UNKNOWN,
            error_ms=error_us / 1000,
        )
    bursts = sorted(
        (event["onset_us"], name)
        for name, side in zip("LR", sides, strict=True)
        for event in side
        if event["kind"] == "jerk"
    )
    runs = []
    for onset, side in bursts:
        last = runs[-1][-1] if runs else None
        if last is not None and last[1] != side and ALMA_MIN_US <= onset - last[0] <= ALMA_MAX_US:
            runs[-1].append((onset, side))
        else:
            runs.append([(onset, side)])
    found = [run for run in runs if len(run) >= ALMA_MIN]
    return {
        "runs": len(found),
        "bursts": sum(map(len, found)),
        "spans": [
            {
                "start_s": run[0][0] / 1e6,
                "length_s": (run[-1][0] - run[0][0]) / 1e6,
                "bursts": len(run),
                "frequency_hz": (len(run) - 1) * 1e6 / (run[-1][0] - run[0][0]),
            }
            for run in found
        ],
        "note": "possible ALMA: 4 or more bursts in turn left and right at 0.5-3 Hz; the limits "
        "are AASM's and written for EMG",
    }
