"""Nights of a batch, scored: the columns of the tables nights, events and qc.

The rules run as they do for one night (`score.find`, `figures.core_of`); only what no table holds
(lists of series, histograms) is not made. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from notturno.errors import Phrase, UserError
from notturno.labs.night import NOTED, REFUSED, LabNight, Note
from notturno.labs.tables import EVENTS, NIGHTS
from notturno.nights.columns import RULES, index_suffix
from notturno.nights.spans import US_PER_H, overlap_us
from notturno.refusals import Refusal, is_refusal
from notturno.scoring import versions
from notturno.scoring.movements import figures
from notturno.scoring.movements.score import RULE_SETS, find, movements_sha256

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices
    from notturno.scoring.movements.denominators import Night
    from notturno.scoring.movements.legs import Movement

SLEEP_RULE = "stages"  # whose sleep it is, in the column sleep_rule
LM = "lm"  # the one kind of event that a list of movements holds
VERSIONS = " ".join(versions.OF_MOVEMENTS)
# Figure of a rule set -> column without the rule's name; by `rates` of figures.core_of.
RATES = (
    ("plm_per_recorded_h", "plm_per_h"),
    ("plms_per_h", "plms_per_h"),
    ("plmw_per_h", "plmw_per_h"),
    ("plms_nrem_per_h", "plms_nrem_per_h"),
    ("plms_rem_per_h", "plms_rem_per_h"),
    ("plms_nonresp_per_h", "plms_nonresp_per_h"),
    ("plms_arousal_per_h", "plms_arousal_per_h"),
)
HOURS = (
    ("recorded", "recorded_h"),
    ("recorded", "countable_h"),
    ("sleep", "asleep_h"),
    ("wake", "awake_in_bed_h"),
    ("nrem", "nrem_h"),
    ("rem", "rem_h"),
)


def score_nights(nights: list[LabNight], choices: Choices, rules: str = "both") -> dict:
    """Return {"nights": columns, "events": columns, "qc": rows} of LabNights, in their order.

    choices: of `conventions.resolve`; rules: wasm2016, aasm3 or both; the columns of rules that
    were not asked for are empty. A night that the rules refuse is in qc alone.
    """
    rows, marked, qc = [], [], []
    for night in nights:
        who = {"source": night.source, "person": night.person, "night": night.night}
        try:
            scored, found = find(
                night.rows,
                choices,
                rules,
                night.stages,
                night.resp,
                night.arousals,
                night.gaps,
                night.recorded_us,
            )
            row = _row(night, scored, found, choices)
        except UserError as error:
            qc.append(who | {"what": REFUSED, "code": "not_scored", "n": 1, "reason": str(error)})
            continue
        twice = len(night.rows) - len({each[:3] for each in night.rows})
        if twice:
            reason = Phrase("Movements that are there twice, scored once: {n}.", n=twice)
            night.notes.append(Note("same_rows", twice, reason))
        rows.append(row)
        marked.append((night, scored, found))
        for note in night.notes:
            qc.append(who | {"what": NOTED} | note._asdict())
    return {
        "nights": {field.name: [row.get(field.name) for row in rows] for field in NIGHTS},
        "events": _events(marked),
        "qc": qc,
    }


def _row(
    night: LabNight, scored: Night, found: dict[str, figures.Found], choices: Choices
) -> dict:
    refused = {}

    sides = {leg.side for leg in scored.legs} - {""}
    row = {
        "person": night.person,
        "night": night.night,
        "side": "LR" if len(sides) > 1 else "".join(sides),
        "source": night.source,
        "format": night.format,
        "start_local": night.start_local,
        "movements_sha256": movements_sha256(night.rows),
        "rows": len(night.rows),
        "lms": len(scored.legs),
        "gaps": len(scored.gaps),
        "sleep_rule": None if scored.hypnogram is None else SLEEP_RULE,
        "unknown_stages": sum(night.unknown.values()),
        "rules_version": VERSIONS,
    }
    span = scored.span_us()
    row["gap_h"] = (
        sum(end - start for start, end in scored.gaps)
        if span is None
        else overlap_us([span], scored.gaps)
    ) / US_PER_H

    def put(key: str, value: float | Refusal) -> None:
        row[key] = None if is_refusal(value) else value
        if is_refusal(value):
            refused[key] = value.code

    for what, key in HOURS:
        put(key, scored.hours(what, choices))
    put("lms_per_h", scored.rate(len(scored.legs), "recorded", choices))
    for name, each in found.items():
        core = figures.core_of(RULE_SETS[name], scored, choices, each)
        told, kinds = core.figures, core.kinds
        suffix = f"_{name}"
        for key in ("lm", "clm", "plm", "plms", "plmw", "plm_nonresp"):
            put(key + suffix, told[key])
        row["short_imi" + suffix] = len(kinds.short)
        row["isolated" + suffix] = len(kinds.isolated)
        row["series" + suffix] = len(each.runs.series())
        for key, column in RATES:
            put(column + suffix, told["rates"][key])
        suffix = index_suffix(name)
        for key in ("periodicity_index", "log_imi_mean", "log_imi_sd"):
            put(key + suffix, told[key])
    row["refusals"] = json.dumps(refused, sort_keys=True) if refused else None
    return row


# --- the movements of one leg, one row each ------------------------------------------------------


def _events(marked: list[tuple[LabNight, Night, dict]]) -> dict:
    """Return the columns of events: a leg's movement each, and what each rule set made of it."""
    import pyarrow

    legs = [leg for _, scored, _ in marked for leg in scored.legs]
    of_night = np.repeat(
        np.arange(len(marked), dtype=np.int64), [len(scored.legs) for _, scored, _ in marked]
    )

    def repeated(texts: list[str]):
        return pyarrow.array(texts, pyarrow.string()).take(pyarrow.array(of_night))

    onset = np.array([leg.onset_us for leg in legs], dtype=np.int64)
    end = np.array([leg.end_us for leg in legs], dtype=np.int64)
    columns = {
        "person": repeated([night.person for night, _, _ in marked]),
        "night": repeated([night.night for night, _, _ in marked]),
        "kind": repeated([LM] * len(marked)),
        "side": [leg.side for leg in legs],
        "onset_s": onset / 1e6,
        "duration_s": (end - onset) / 1e6,
        "stage": [stage for _, scored, _ in marked for stage in _stages(scored)],
    }
    for name in [rule_set.key for rule_set in RULES]:
        number, candidate, periodic = [], [], []
        for _, scored, found in marked:
            of_rules = found.get(name)
            if of_rules is None:
                for column in (number, candidate, periodic):
                    column += [None] * len(scored.legs)
                continue
            places = places_of(scored.legs, of_rules.movements)
            inside = of_rules.runs.periodic()
            number += places
            candidate += [of_rules.candidate[at] for at in places]
            periodic += [at in inside for at in places]
        columns |= {
            f"movement_{name}": number,
            f"clm_{name}": candidate,
            f"plm_{name}": periodic,
        }
    return {field.name: columns[field.name] for field in EVENTS}


def _stages(scored: Night) -> Sequence[str | None]:
    if scored.hypnogram is None:
        return [None] * len(scored.legs)
    return scored.stages_at_onsets(scored.legs)


def places_of(legs: list[Movement], movements: list[Movement]) -> list[int] | list:
    """Return for each leg's movement the place of the movement that it is, or is part of.

    A movement of one leg that joined nothing is the same object in both lists; every other leg
    belongs to the joined movement with the latest onset that is not after its own.
    """
    if len(legs) == len(movements):
        return list(range(len(legs)))
    alone = {id(movement): at for at, movement in enumerate(movements)}
    joined = [(m.onset_us, at) for at, m in enumerate(movements) if m.parts > 1]
    found, now = [], -1
    for leg in legs:
        at = alone.get(id(leg))
        if at is None:
            while now + 1 < len(joined) and joined[now + 1][0] <= leg.onset_us:
                now += 1
            at = joined[now][1]
        found.append(at)
    return found
