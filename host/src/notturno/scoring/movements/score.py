"""Score one night of limb movements by one rule set or both: rows in, a dict of figures out.

I put the rooms of scoring together; no rule stands here. `score_night` is what others call.
Every figure that cannot be given is a Refusal; `refusals.to_json` makes the dict printable.
The meaning of every key is in RULES.md beside me. Units: seconds and hours outside. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from notturno.errors import UserError
from notturno.nights.columns import RULES
from notturno.nights.spans import merged
from notturno.scoring.movements import companions, conventions, figures
from notturno.scoring.movements.base import Base
from notturno.scoring.movements.denominators import Night
from notturno.scoring.movements.kinds import Found
from notturno.scoring.movements.legs import Row, leg_movements
from notturno.scoring.movements.series import Runs, restarts_of
from notturno.scoring.staging import Hypnogram

RULE_SETS: dict[str, Base] = {
    row.key: import_module(f"notturno.scoring.movements.{row.key}").Rules(row) for row in RULES
}
BOTH_RULES = "both"


def score_night(
    rows: Sequence[tuple[int, int, str, None] | Row],
    rules: str = BOTH_RULES,
    stages: list[tuple[int, str]] | None = None,
    resp: list[tuple[int, int]] | None = None,
    arousal_events: Any = None,
    gaps: Sequence[tuple[int, int]] = (),
    recorded_us: tuple[int, int] | None = None,
    settings: dict[str, str] | None = None,
    source: dict | None = None,
) -> dict:
    """Return the figures of one night.

    rows: Row list (`legs.make_rows`, `legs.rows_of`, `lists.read_movements`), any
    order. stages: [(onset_us, stage)] or None. resp, arousal_events: [(onset_us, end_us)], or
    None where nobody looked, which is not the same as an empty list. gaps: [(start_us, end_us)].
    recorded_us: (start, end) of the recording. settings: {convention: value}. source: dict of
    what made the events (firmware, detector version, settings), repeated under `provenance`.

    For one rule set: its dict. For "both": {name: dict} of all of RULE_SETS.
    """
    choices = conventions.resolve(settings)
    rows = [row if type(row) is Row else Row(*row) for row in rows]
    night, found = find(rows, choices, rules, stages, resp, arousal_events, gaps, recorded_us)
    # The hash is of the rows alone, so that new rules on old movements show the same hash.
    provenance = {"movements_sha256": movements_sha256(rows), "source": source}
    scored = {
        name: figures.of(RULE_SETS[name], night, choices, each, provenance)
        for name, each in found.items()
    }
    return scored if rules == BOTH_RULES else scored[rules]


def check_rules(rules: str) -> None:
    """Raise a UserError where no rules have this name."""
    if rules != BOTH_RULES and rules not in RULE_SETS:
        raise UserError(
            "There are no rules {rules!r}; choose {known} or both.",
            rules=rules,
            known=", ".join(RULE_SETS),
        )


def find(
    rows: Sequence[tuple[int, int, str, None] | Row],
    choices: conventions.Choices,
    rules: str = BOTH_RULES,
    stages: list[tuple[int, str]] | None = None,
    resp: list[tuple[int, int]] | None = None,
    arousal_events: list[tuple[int, int]] | None = None,
    gaps: Sequence[tuple[int, int]] = (),
    recorded_us: tuple[int, int] | None = None,
) -> tuple[Night, dict[str, Found]]:
    """Return (denominators.Night, {rule set: Found}) of one night.

    choices: of `conventions.resolve`; rows may be plain tuples of a Row's fields; the rest as for
    `score_night`.
    """
    check_rules(rules)
    legs = leg_movements(rows, choices.morphology == "required")
    hypnogram = None
    if stages is not None:
        hypnogram = Hypnogram(stages, max((leg.end_us for leg in legs), default=None))
    night = Night(
        rows=rows,
        legs=legs,
        hypnogram=hypnogram,
        gaps=merged(gaps),
        recorded_us=recorded_us,
        arousals_given=arousal_events is not None,
        resp_given=resp is not None,
    )
    names = list(RULE_SETS) if rules == BOTH_RULES else [rules]
    return night, {
        name: _found_by(RULE_SETS[name], night, choices, resp or (), arousal_events or ())
        for name in names
    }


def movements_sha256(rows: Sequence[Row]) -> str:
    """Return the SHA-256 (hex) of the rows, whatever their order: onset, end, side, morphology."""
    lines = sorted([f"{onset},{end},{side},{said}\n" for onset, end, side, said in rows])
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _found_by(
    rule_set: Base,
    night: Night,
    choices: conventions.Choices,
    resp: Sequence[tuple[int, int]],
    arousal_events: Sequence[tuple[int, int]],
) -> Found:
    movements = rule_set.combine(night.legs, choices)
    candidate = [rule_set.is_candidate(movement, choices) for movement in movements]
    restarts = restarts_of(night.gaps)
    with_resp = rule_set.with_breathing(movements, resp, choices)
    asleep = night.asleep(movements, rule_set.sleep_instant(choices))
    passed_over = rule_set.passed_over(with_resp, asleep, choices)

    def walk(left_out: set[int]) -> Runs:
        return rule_set.walk(movements, candidate, choices, restarts, left_out)

    runs = walk(passed_over)
    nonresp = None
    if night.resp_given:
        left_out = {i for i in with_resp if candidate[i]}
        if choices.plm_nonresp == "rebuilt_without_any":
            left_out = with_resp
        if not left_out or choices.plm_nonresp == "not_counted":
            nonresp = runs.periodic() - left_out
        else:
            nonresp = walk(left_out | passed_over).periodic()
    return Found(
        movements=movements,
        candidate=candidate,
        runs=runs,
        asleep=asleep,
        with_resp=with_resp,
        with_arousal=companions.with_arousal(movements, arousal_events, choices.arousal_link),
        nonresp=nonresp,
    )
