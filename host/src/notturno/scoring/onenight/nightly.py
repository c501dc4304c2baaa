"""One night of one band under every rule: the columns of the nightly table, and what made them.

I put the rooms together for one night; no rule stands here. Pure. A figure that cannot be given is
a Refusal; `as_row` makes of a night the plain row that is kept, printed and compared.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from notturno import refusals
from notturno.nights import summary
from notturno.nights.axis import NightAxis
from notturno.nights.columns import COLUMNS, RULES, index_suffix
from notturno.refusals import Refusal, is_refusal
from notturno.scoring import provenance
from notturno.scoring.movements.legs import rows_of
from notturno.scoring.movements.score import BOTH_RULES, score_night
from notturno.scoring.onenight import jerks, sleep
from notturno.scoring.staging import Hypnogram
from notturno.scoring.versions import rules_version

# The night's own verdict says whether so much is missing that no rate is given.
NO_SECOND_VERDICT = {"max_gap_share": "1"}


class Scored(NamedTuple):
    """One night under every rule: its axis, sleep, both rule sets' figures, jerks, its columns."""

    axis: NightAxis
    slept: dict | Refusal
    movements: dict
    jerks: dict
    columns: dict


def score(
    axis: NightAxis,
    sessions: list[dict],
    facts: summary.Facts,
    slept: dict | Refusal | None = None,
    settings: Any = None,
) -> Scored:
    """Return one band's night under every rule.

    sessions: rows of the logbook; slept: of `scoring.onenight.sleep` (None: estimated by the
    default rule); settings: conventions of the movement rules.
    """
    columns = summary.of_band(axis, sessions, facts)
    if slept is None:
        slept = sleep.estimate(axis)
    known = not is_refusal(slept)
    hypnogram = Hypnogram(slept["stages"]) if known else None
    sleep_of = slept["rule"] if known else None
    movements = score_night(
        rows_of(axis.counted("lm"), facts.side),
        rules=BOTH_RULES,
        stages=slept["stages"] if known else None,
        gaps=axis.uncountable,
        recorded_us=axis.span_us,
        settings=NO_SECOND_VERDICT | (settings or {}),
        source=provenance.of_sessions(sessions),
    )
    for figures in movements.values():
        figures["sleep_of"] = sleep_of
        figures["left_out"] = axis.left_out("lm")
        under(columns["refusal"], figures)
    of_jerks = jerks.figures(axis, hypnogram, sleep_of, columns["refusal"])
    columns |= _of_jerks(columns, of_jerks) | _of_sleep(slept, movements)
    for rules in [rule_set.key for rule_set in RULES]:
        columns |= _of_movements(rules, movements[rules], columns)
    hashes = [provenance.settings_sha256(session["settings"]) for session in sessions]
    columns["names_version"] = summary.made_by(map(provenance.named_by, sessions))
    columns["settings_sha256"] = summary.made_by(hashes)
    columns["rules_version"] = rules_version()
    return Scored(axis, slept, movements, of_jerks, columns)


def under(refusal: Refusal | None, figures: dict) -> None:
    """Put the night's verdict in the place of every figure of a rule set that it forbids."""
    if refusal is None:
        return
    for key in ("plms_per_h", "periodicity_index", "log_imi_mean", "log_imi_sd"):
        figures[key] = refusal
    figures["rates"] = dict.fromkeys(figures["rates"], refusal)


def _of_jerks(columns: dict, found: dict) -> dict:
    starts = found["sleep_starts"]
    runs = found["rhythms"]
    return {
        "jerks_per_h": found["rates"]["per_countable_h"],
        "lms_per_h": _per_countable_h(columns, columns["lms"]),
        "rhythms_leg": runs["leg_0.3_4_hz"]["runs"],
        "rhythms_clonic": runs["clonic_3_8_hz"]["runs"],
        "sleep_starts": starts if is_refusal(starts) else starts["around_first_onset"],
        "sleep_starts_by_chance": starts
        if is_refusal(starts)
        else starts["around_first_onset_by_chance"],
    }


def _per_countable_h(columns: dict, count: int) -> float | refusals.Refusal:
    verdict = columns["refusal"]
    return refusals.per_h(count, columns["countable_h"] if verdict is None else verdict)


def _of_sleep(slept: dict | refusals.Refusal, movements: dict[str, dict]) -> dict:
    if is_refusal(slept):
        return {"asleep_h": slept, "awake_in_bed_h": slept, "sleep_rule": None}
    hours = next(iter(movements.values()))["hours"]
    return {
        "asleep_h": hours["sleep"],
        "awake_in_bed_h": hours["wake"],
        "sleep_rule": slept["rule"],
    }


def _of_movements(rules: str, figures: dict, columns: dict) -> dict:
    suffix = index_suffix(rules)
    return {
        f"clm_{rules}": figures["clm"],
        f"plm_{rules}": figures["plm"],
        f"plms_{rules}": figures["plms"],
        f"plmw_{rules}": figures["plmw"],
        f"short_imi_{rules}": figures["counts"]["clm_short_imi"],
        f"isolated_{rules}": figures["counts"]["clm_isolated"],
        f"plm_per_h_{rules}": _per_countable_h(columns, figures["plm"]),
        f"plms_per_h_{rules}": figures["plms_per_h"],
        f"plmw_per_h_{rules}": figures["rates"]["plmw_per_h"],
        f"periodicity_index{suffix}": figures["periodicity_index"],
        f"log_imi_mean{suffix}": figures["log_imi_mean"],
        f"log_imi_sd{suffix}": figures["log_imi_sd"],
    }


def as_row(columns: dict) -> dict:
    """Return the plain row of a night: every column, null for a figure refused.

    The reasons stand under `refusals` by column; the night's own verdict under `refusal`.
    """
    reasons = {
        key: value.as_json()
        for key, value in columns.items()
        if is_refusal(value) and key != "refusal"
    }
    row = {}
    for column in COLUMNS:
        value = columns.get(column.key)
        row[column.key] = None if is_refusal(value) else value
    verdict = columns.get("refusal")
    row["refusal"] = verdict.as_json() if verdict is not None else None
    row["refusals"] = reasons
    return row
