"""One night of one person with a band on each side: the columns of the nightly table for both.

Takes the scored nights of the left and of the right band; gives the row of `nights.columns`. Pure.
Counted is only what begins in the time in which both bands could count, so that both sides are
seen alike; what one band alone saw is left out and counted as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from notturno import refusals
from notturno.nights.columns import COLUMNS, RULES, index_suffix
from notturno.nights.spans import US_PER_H, shared, without
from notturno.nights.summary import made_by
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.movements.legs import rows_of
from notturno.scoring.onenight import both_legs, sleep_starts
from notturno.scoring.onenight.both_legs import HEADLINES
from notturno.scoring.onenight.nightly import NO_SECOND_VERDICT, Scored, as_row
from notturno.scoring.staging import Hypnogram
from notturno.scoring.versions import rules_version

DEVICE, BAND, SIDES = "person", "both legs", "LR"
MIN_SHARED = 0.5  # ours: of the shorter countable time; with less the two nights are not one
ONE_SIDE = "one_side"
ONE_BAND = Refusal("It is told of each band, not of both together.", refusals.ONE_BAND)
OF_RHYTHMS = (("rhythms_leg", False), ("rhythms_clonic", True))  # of 3-8 Hz or not


def row_of(left: Scored, right: Scored) -> dict:
    """Return the row of a person's night from its left and its right band."""
    sides = (left, right)
    columns = dict.fromkeys(left.columns)
    first, second = (side.columns for side in sides)
    errors = [side.columns["clock_error_ms"] for side in sides]
    dated = None not in (left.axis.origin_utc_ms, right.axis.origin_utc_ms, *errors)
    columns |= {key: first[key] for key in ("night", "date", "zone", "name_rule")}
    columns |= {
        "band": BAND,
        "device_id": DEVICE,
        "person_side": SIDES,
        "limb": first["limb"] if first["limb"] == second["limb"] else "",
        "clock": min((first["clock"], second["clock"]), key=_CLOCKS.index),
        "clock_error_ms": sum(errors) if dated else None,
        "sessions": first["sessions"] + second["sessions"],
        "state": max((first["state"], second["state"]), key=_STATES.index),
        "state_reason": " ".join(f"{s['band']}: {s['state_reason']}" for s in (first, second)),
        "warnings": [*first["warnings"], *second["warnings"]],
        "excluded": first["excluded"] or second["excluded"],
        "detector_version": made_by(side["detector_version"] for side in (first, second)),
        "names_version": made_by(side["names_version"] for side in (first, second)),
        "settings_sha256": made_by(side["settings_sha256"] for side in (first, second)),
        "firmware": made_by(side["firmware"] for side in (first, second)),
        "simulated": first["simulated"] or second["simulated"],
        "rules_version": rules_version(),
        "naps": [],
        "refusal": _verdict(first, second, dated),
    }
    if dated:
        columns |= _counted(left, right, columns)
    untold = ONE_BAND if columns["refusal"] is None else columns["refusal"]
    for column in COLUMNS:
        if column.kind in ("hours", "count", "rate", "value") and columns[column.key] is None:
            columns[column.key] = untold
    return as_row(columns)


_CLOCKS = ("unknown", "estimated", "measured")
_STATES = ("complete", "running", "partial")


def _verdict(first: dict, second: dict, dated: bool) -> refusals.Refusal | None:
    for side, row in (("left", first), ("right", second)):
        if row["refusal"] is not None:
            reason = row["refusal"].reason
            return Refusal(
                "On the {side_said}: {reason_said}",
                row["refusal"].code,
                side_said=side,
                reason_said=reason[:1].lower() + reason[1:],
            )
    if not dated:
        return Refusal(
            "The clock of a band is unknown, so left and right have no common time.",
            refusals.CLOCK_UNKNOWN,
        )
    return None


def _counted(left: Scored, right: Scored, columns: dict) -> dict:
    ours_ms, theirs_ms = left.axis.origin_utc_ms, right.axis.origin_utc_ms
    assert ours_ms is not None  # else it was refused
    assert theirs_ms is not None
    shift_us = (theirs_ms - ours_ms) * 1000
    both = shared(left.axis.countable, _moved(right.axis.countable, shift_us))
    recorded = shared(left.axis.recorded, _moved(right.axis.recorded, shift_us))
    worn = without(recorded, [*left.axis.not_worn, *_moved(right.axis.not_worn, shift_us)])
    countable_h = _h(both)
    least_h = min(side.columns["countable_h"] for side in (left, right))
    verdict = columns["refusal"]
    if verdict is None and countable_h < MIN_SHARED * least_h:
        verdict = Refusal(
            "Both bands could count at the same time for {countable_h:.1f} h only.",
            refusals.TOO_SHORT,
            countable_h=countable_h,
        )
    per_h = countable_h if verdict is None else verdict
    found = {"refusal": verdict, "countable_h": countable_h, "recorded_h": _h(recorded)}
    found["worn_h"] = _h(worn)
    found["start_utc_ms"] = min(side.columns["start_utc_ms"] for side in (left, right))
    found["end_utc_ms"] = max(side.columns["end_utc_ms"] for side in (left, right))
    inside: dict = {}
    for kind, key in (("jerk", "jerks"), ("lm", "lms"), ("rhythm", "rhythms")):
        inside[kind] = [
            event | {"onset_us": event["onset_us"] + shift}
            for axis, shift in ((left.axis, 0), (right.axis, shift_us))
            for event in axis.counted(kind)
            if any(a <= event["onset_us"] + shift < b for a, b in both)
        ]
        found[key] = len(inside[kind])
        found[f"{key}_left_out"] = _left_out(
            axis.left_out(kind) for axis in (left.axis, right.axis)
        )
        every = sum(side.columns[key] for side in (left, right))
        if every > found[key]:
            found[f"{key}_left_out"][ONE_SIDE] = every - found[key]
        found[f"{key}_all"] = found[key] + sum(found[f"{key}_left_out"].values())
    for key, clonic in OF_RHYTHMS:
        found[key] = sum(("clonic_band" in r["flag_names"]) == clonic for r in inside["rhythm"])
    found["jerks_per_h"] = refusals.per_h(found["jerks"], per_h)
    found["lms_per_h"] = refusals.per_h(found["lms"], per_h)
    found["largest_mg"] = max((event["peak_mg"] for event in inside["jerk"]), default=None)
    found |= _sleep_starts(sorted(e["onset_us"] for e in inside["jerk"]), both, left.slept)
    scored = both_legs.figures(
        rows_of(left.axis.counted("lm"), "L"),
        rows_of(right.axis.counted("lm"), "R", shift_us),
        both,
        round(columns["clock_error_ms"] * 1000),
        stages=None if is_refusal(left.slept) else left.slept["stages"],
        settings=NO_SECOND_VERDICT,
    )
    found["sleep_rule"] = left.columns["sleep_rule"]
    return found | _by_rules(scored, per_h)


def _moved(spans: list[tuple[int, int]], by_us: int) -> list[tuple[int, int]]:
    return [(start + by_us, end + by_us) for start, end in spans]


def _h(spans: list[tuple[int, int]]) -> float:
    return sum(end - start for start, end in spans) / US_PER_H


def _left_out(sides: Iterable) -> dict[str, int]:
    """Return how many did not count, by reason, of both sides together."""
    found: dict = {}
    for reasons in sides:
        for reason, count in reasons.items():
            found[reason] = found.get(reason, 0) + count
    return found


def _sleep_starts(
    onsets_us: list[int], both: list[tuple[int, int]], slept: dict | refusals.Refusal
) -> dict:
    """Return the possible sleep starts of both sides around the onsets of the left one's sleep."""
    hypnogram = None if is_refusal(slept) else Hypnogram(slept["stages"])
    found = sleep_starts.figures(onsets_us, both, hypnogram)
    if is_refusal(found):
        return {"sleep_starts": found, "sleep_starts_by_chance": found}
    return {
        "sleep_starts": found["around_first_onset"],
        "sleep_starts_by_chance": found["around_first_onset_by_chance"],
    }


def _by_rules(scored: dict | refusals.Refusal, per_h: float | refusals.Refusal) -> dict:
    """Return the columns of both rule sets; scored: of `both_legs.figures`."""
    found = {}
    for rules in [rule_set.key for rule_set in RULES]:
        suffix = index_suffix(rules)
        figures = scored if is_refusal(scored) else scored[rules]
        counts = {
            f"{name}_{rules}": _figure(figures, name) for name in ("clm", "plm", "plms", "plmw")
        }
        counts |= {
            f"short_imi_{rules}": _figure(figures, "counts", "clm_short_imi"),
            f"isolated_{rules}": _figure(figures, "counts", "clm_isolated"),
        }
        rates = {
            f"plm_per_h_{rules}": _plm_per_h(figures, counts[f"plm_{rules}"], per_h),
            f"plms_per_h_{rules}": _figure(figures, "plms_per_h"),
            f"plmw_per_h_{rules}": _figure(figures, "rates", "plmw_per_h"),
        }
        rates |= {
            f"{name}{suffix}": _figure(figures, name)
            for name in ("periodicity_index", "log_imi_mean", "log_imi_sd")
        }
        found |= counts | (dict.fromkeys(rates, per_h) if is_refusal(per_h) else rates)
        found["asleep_h"] = _figure(figures, "hours", "sleep")
        found["awake_in_bed_h"] = _figure(figures, "hours", "wake")
    return found


def _plm_per_h(
    figures: dict | refusals.Refusal,
    plm: refusals.Refusal | float | Refusal,
    per_h: float | refusals.Refusal,
) -> float | refusals.Refusal:
    """Return PLM an hour; what the clocks leave open is said in that unit."""
    open_ = None if is_refusal(figures) or is_refusal(per_h) else figures["plm"]
    if isinstance(open_, dict):
        return _open(open_["low"] / per_h, open_["high"] / per_h)
    return refusals.per_h(plm, per_h)


def _open(low: float, high: float, what: str = "") -> refusals.Refusal:
    return Refusal(
        "The clocks leave it open: {low:.4g} to {high:.4g}{what}.",
        refusals.CLOCK_UNKNOWN,
        low=low,
        high=high,
        what=what,
    )


def _figure(figures: dict | refusals.Refusal, *names: str) -> Any:
    """Return one figure of a rule set; a Refusal where the two clocks leave it open."""
    if is_refusal(figures):
        return figures
    # What rests on a count that is open is open too; only headlines have their range.
    for name in (names[-1], "clm", "plm"):
        value = figures.get(name)
        if isinstance(value, dict) and names[0] != "hours":
            what = "" if name == names[-1] else f" {name.upper()}"
            return _open(value["low"], value["high"], what)
        if names[-1] in HEADLINES:
            break
    found: Any = figures
    for name in names:
        found = found[name]
    return found
