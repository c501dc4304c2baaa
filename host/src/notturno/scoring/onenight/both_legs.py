"""Both legs of one person as one patient: WASM and AASM over the movements of two bands.

The two bands have a clock each, so the right leg's movements lie where they lie only within a
bound. A rule turns where an interval meets a bound of the text; I look for the shifts of the
right leg, inside the clocks' error, at which any rule could turn, score the night on each side
of them and give the range. Takes rows and spans on one axis; gives a dict of figures or a
Refusal. Units: microseconds inside. Pure.
"""

from bisect import bisect_left, bisect_right
from typing import Any

from notturno import refusals
from notturno.nights.axis import MIN_RATE_US, MINUTE_US
from notturno.nights.spans import US_PER_H, without
from notturno.refusals import Refusal, is_refusal
from notturno.scoring import versions
from notturno.scoring.movements import bilateral
from notturno.scoring.movements.legs import LM_MIN_US, Row
from notturno.scoring.movements.score import RULE_SETS, score_night
from notturno.scoring.staging import END, Hypnogram

RULES, RULES_VERSION = "both_legs", versions.BOTH_LEGS
HEADLINES = ("lm", "clm", "plm", "plms", "plms_per_h", "periodicity_index")
# Ours: from here on two movements could be one by AASM, or two, for the clocks' sake alone.
MAX_CLOCK_ERROR_US = bilateral.AASM_LINK_US
MAX_SHIFTS = 41  # ours: what a night is scored at most; where more could turn, evenly thinned
# Distances between two instants of different legs at which a rule turns: an onset that passes
# another, the links of the legs, the bounds of an interval, the limits of a movement's length.
ONSET_TO_ONSET_US = (0, bilateral.AASM_LINK_US) + tuple(
    imi_us for rules in RULE_SETS.values() for imi_us in (rules.IMI_MIN_US, rules.IMI_MAX_US)
)
END_TO_ONSET_US = (0, bilateral.LINK_US)
ONSET_TO_END_US = tuple(rules.longest_us() for rules in RULE_SETS.values())


def figures(
    left: list[Row],
    right: list[Row],
    countable: list[tuple[int, int]],
    clock_error_us: int | None,
    gaps: list[tuple[int, int]] | None = None,
    stages: list[tuple[int, str]] | None = None,
    settings: dict | None = None,
    source: dict | None = None,
) -> dict | Refusal:
    """Return both rule sets' figures over both legs, or a Refusal.

    left, right: Row lists of the LM of each leg, any order; their side is set here. countable:
    sorted disjoint spans in which both bands recorded, were worn and counted; a row that begins
    outside them is left out and counted. clock_error_us: by how much both clocks together may
    be off, a bound; None where a clock is unknown. gaps: spans in which a band saw nothing (they
    end series, and hours do without them); None for all time outside `countable`. stages: rows
    (onset_us, stage), or None. settings: conventions. All on one axis.

    `wasm2016` and `aasm3` hold what `score_night` gives of the merged list; where the clocks'
    error changes a headline figure it is {"low", "high", "at_0"} in its place, at_0 being the
    figure with the clocks as they are. `range_complete`: every shift that matters was scored
    (under the default `sleep_instant`s), else `MAX_SHIFTS` evenly chosen ones.
    """
    if clock_error_us is None:
        return Refusal(
            "The clock of a band is unknown, so left and right have no common time.",
            refusals.CLOCK_UNKNOWN,
        )
    if clock_error_us >= MAX_CLOCK_ERROR_US:
        return Refusal(
            "The clocks may differ by {error_s:.1f} s; which movements "
            "of the two legs are one needs less than {most_s:g} s.",
            refusals.CLOCK_UNKNOWN,
            error_s=clock_error_us / 1e6,
            most_s=MAX_CLOCK_ERROR_US / 1e6,
        )
    both_us = sum(end - start for start, end in countable)
    if both_us < MIN_RATE_US:
        return Refusal(
            "Both bands counted at the same time for {both_min:.1f} min only.",
            refusals.TOO_SHORT,
            both_min=both_us / MINUTE_US,
        )
    span = (countable[0][0], countable[-1][1])
    holes = without([span], countable) if gaps is None else gaps
    kept = [
        [row._replace(side=side) for row in rows if _begins_in(row, countable)]
        for side, rows in (("L", left), ("R", right))
    ]
    if stages:  # its end must not move with the last movement of the right leg
        hypnogram = Hypnogram(stages, max((r.end_us for rows in kept for r in rows), default=None))
        stages = [row for row in stages if row[1] != END] + [(hypnogram.end_us, END)]
    shifts, complete = _shifts(
        _turns(kept[0], kept[1], clock_error_us, holes, stages), clock_error_us
    )
    scored = {
        shift: score_night(
            kept[0] + [_moved(row, shift) for row in kept[1]],
            stages=stages,
            gaps=holes,
            recorded_us=span,
            settings=settings,
            source=source,
        )
        for shift in shifts
    }
    return {
        "rules": RULES,
        "rules_version": RULES_VERSION,
        "both_countable_h": both_us / US_PER_H,
        "clock_error_ms": clock_error_us / 1000,
        "shifts_scored": len(shifts),
        "range_complete": complete,
        "left_out": {"left": len(left) - len(kept[0]), "right": len(right) - len(kept[1])},
        **{
            name: _with_ranges(scored[0][name], [whole[name] for whole in scored.values()])
            for name in RULE_SETS
        },
        "note": "the movements of both legs taken as one patient's; a range is what the clocks "
        "of two bands leave open",
    }


def _begins_in(row: Row, spans: list[tuple[int, int]]) -> bool:
    i = bisect_right(spans, row.onset_us, key=lambda span: span[0]) - 1
    return i >= 0 and row.onset_us < spans[i][1]


def _moved(row: Row, shift_us: int) -> Row:
    return row._replace(onset_us=row.onset_us + shift_us, end_us=row.end_us + shift_us)


def _turns(
    left: list[Row],
    right: list[Row],
    error_us: int,
    holes: list[tuple[int, int]],
    stages: list[tuple[int, str]] | None,
) -> list[int]:
    """Return the sorted shifts of the right leg, within the error, at which a rule may turn."""
    left, right = (
        [row for row in rows if row.end_us - row.onset_us >= LM_MIN_US] for rows in (left, right)
    )
    onsets, ends = ([[row[i] for row in rows] for rows in (left, right)] for i in (0, 1))
    turns = set()

    def meet(ours: Any, theirs: Any, distances: tuple[int, ...]) -> None:
        """Where one of `theirs`, moved, lies at one of these distances from one of `ours`."""
        ours = sorted(ours)
        for at in theirs:
            for distance in {*distances, *(-d for d in distances)}:
                i = bisect_left(ours, at + distance - error_us)
                while i < len(ours) and ours[i] <= at + distance + error_us:
                    turns.add(ours[i] - distance - at)
                    i += 1

    meet(onsets[0], onsets[1], ONSET_TO_ONSET_US)
    meet(ends[0], onsets[1], END_TO_ONSET_US + ONSET_TO_END_US)
    meet(onsets[0], ends[1], END_TO_ONSET_US + ONSET_TO_END_US)
    meet(ends[0], ends[1], (0,))
    borders = {instant for hole in holes for instant in hole} | {at for at, _ in stages or ()}
    meet(borders, onsets[1] + ends[1], (0,))
    return sorted(turns)


def _shifts(turns: list[int], error_us: int) -> tuple[list[int], bool]:
    """Return (the shifts to score, 0 among them; whether they are all that matter).

    Between two neighbouring turns nothing changes, so one shift stands for all: each turn and
    the microsecond behind it. Where that is too many, evenly chosen ones, with both ends.
    """
    found = {0}
    if turns:
        found |= {-error_us, *turns, *(turn + 1 for turn in turns if turn < error_us)}
    found = sorted(found)
    if len(found) <= MAX_SHIFTS:
        return found, True
    last = len(found) - 1
    chosen = {found[round(i * last / (MAX_SHIFTS - 2))] for i in range(MAX_SHIFTS - 1)}
    return sorted(chosen | {0}), False


def _with_ranges(at_0: dict, all_scored: list[dict]) -> dict:
    """Return the figures as they are, with a range where a headline is not the same at all."""
    told = dict(at_0)
    for key in HEADLINES:
        values = [scored[key] for scored in all_scored]
        numbers = [value for value in values if not is_refusal(value)]
        if numbers and (min(numbers) != max(numbers) or len(numbers) < len(values)):
            told[key] = {"low": min(numbers), "high": max(numbers), "at_0": at_0[key]}
            if len(numbers) < len(values):
                told[key]["refused_at_some"] = True
    return told
