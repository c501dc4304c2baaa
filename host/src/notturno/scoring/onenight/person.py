"""One night of one person with a band on each side: the columns of the nightly table for both.

Takes the scored nights of the left and of the right band; gives the row of `nights.columns`. Pure.
Counted is only what begins in the time in which both bands could count, so that both sides are
seen alike; what one band alone saw is left out and counted as such.
"""

from notturno import refusals
from notturno.nights.columns import COLUMNS, RULES
from notturno.nights.spans import US_PER_H, shared, without
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.movements.legs import rows_of
from notturno.scoring.onenight import both_legs
from notturno.scoring.onenight.nightly import NO_SECOND_VERDICT, Scored, as_row
from notturno.scoring.versions import rules_version

DEVICE, BAND, SIDES = "person", "both legs", "LR"
MIN_SHARED = 0.5  # ours: of the shorter countable time; with less the two nights are not one
ONE_SIDE = "one_side"
OF_EACH_BAND = Refusal("It is told of each band alone.", refusals.OF_EACH_BAND)
FIGURES = tuple(c.key for c in COLUMNS if c.kind in ("hours", "count", "rate", "value"))


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
        "detector_version": first["detector_version"]
        if first["detector_version"] == second["detector_version"]
        else "several",
        "settings_sha256": first["settings_sha256"]
        if first["settings_sha256"] == second["settings_sha256"]
        else "several",
        "firmware": first["firmware"],
        "simulated": first["simulated"] or second["simulated"],
        "rules_version": rules_version(),
        "naps": [],
        "refusal": _verdict(first, second, dated),
    }
    if dated:
        columns |= dict.fromkeys(FIGURES, OF_EACH_BAND) | _counted(left, right, columns)
    return as_row(columns)


_CLOCKS = ("unknown", "estimated", "measured")
_STATES = ("complete", "running", "partial")


def _verdict(first, second, dated):
    for side, row in (("left", first), ("right", second)):
        if row["refusal"] is not None:
            reason = row["refusal"].reason
            return Refusal(f"On the {side}: {reason[:1].lower()}{reason[1:]}", row["refusal"].code)
    if not dated:
        return Refusal(
            "The clock of a band is unknown, so left and right have no common time.",
            refusals.CLOCK_UNKNOWN,
        )
    return None


def _counted(left, right, columns):
    shift_us = (right.axis.origin_utc_ms - left.axis.origin_utc_ms) * 1000
    both = shared(left.axis.countable, _moved(right.axis.countable, shift_us))
    recorded = shared(left.axis.recorded, _moved(right.axis.recorded, shift_us))
    worn = without(recorded, [*left.axis.not_worn, *_moved(right.axis.not_worn, shift_us)])
    countable_h = _h(both)
    least_h = min(side.columns["countable_h"] for side in (left, right))
    verdict = columns["refusal"]
    if verdict is None and countable_h < MIN_SHARED * least_h:
        verdict = Refusal(
            f"Both bands could count at the same time for {countable_h:.1f} h only.",
            refusals.TOO_SHORT,
        )
    per_h = countable_h if verdict is None else verdict
    found = {"refusal": verdict, "countable_h": countable_h, "recorded_h": _h(recorded)}
    found |= {"start_utc_ms": left.axis.origin_utc_ms, "worn_h": _h(worn)}
    found["end_utc_ms"] = max(side.columns["end_utc_ms"] for side in (left, right))
    for kind, key in (("jerk", "jerks"), ("lm", "lms"), ("rhythm", "rhythms")):
        inside = [
            sum(any(a <= e["onset_us"] + shift < b for a, b in both) for e in axis.counted(kind))
            for axis, shift in ((left.axis, 0), (right.axis, shift_us))
        ]
        every = sum(side.columns[key] for side in (left, right))
        found[key] = sum(inside)
        found[f"{key}_left_out"] = _left_out(left, right, key, every - sum(inside))
    for key in ("jerks_all", "lms_all"):
        found[key] = sum(side.columns[key] for side in (left, right))
    found["jerks_per_h"] = refusals.per_h(found["jerks"], per_h)
    found["lms_per_h"] = refusals.per_h(found["lms"], per_h)
    peaks = [s.columns["largest_mg"] for s in (left, right) if s.columns["largest_mg"]]
    found["largest_mg"] = max(peaks, default=None)
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


def _moved(spans, by_us):
    return [(start + by_us, end + by_us) for start, end in spans]


def _h(spans):
    return sum(end - start for start, end in spans) / US_PER_H


def _left_out(left, right, key, one_side):
    """Return how many events of both bands do not count, by reason."""
    found = {}
    for side in (left, right):
        for reason, count in side.columns[f"{key}_left_out"].items():
            found[reason] = found.get(reason, 0) + count
    return found | ({ONE_SIDE: one_side} if one_side else {})


def _by_rules(scored, per_h):
    """Return the columns of both rule sets; per_h: countable hours, or the verdict."""
    found = {"asleep_h": scored if is_refusal(scored) else scored[RULES[0][0]]["hours"]["sleep"]}
    for number, (rules, _) in enumerate(RULES):
        suffix = "" if number == 0 else f"_{rules}"
        for name in ("clm", "plm", "plms"):
            found[f"{name}_{rules}"] = _told(scored, rules, name)
        read = {
            f"plm_per_h_{rules}": _told(scored, rules, "plm", per_h),
            f"plms_per_h_{rules}": _told(scored, rules, "plms_per_h"),
            f"periodicity_index{suffix}": _told(scored, rules, "periodicity_index"),
            f"log_imi_mean{suffix}": _told(scored, rules, "log_imi_mean"),
            f"log_imi_sd{suffix}": _told(scored, rules, "log_imi_sd"),
        }
        found |= dict.fromkeys(read, per_h) if is_refusal(per_h) else read
    return found


def _told(scored, rules, name, hours=None):
    """Return a figure, by the hour where `hours` are given; a Refusal where clocks leave a range.

    hours: a number; where it is a Refusal, that is returned.
    """
    value = scored if is_refusal(scored) else scored[rules][name]
    if is_refusal(value) or is_refusal(hours):
        return value if is_refusal(value) else hours
    if isinstance(value, dict):
        low, high = (value[end] / (1 if hours is None else hours) for end in ("low", "high"))
        return Refusal(
            f"The clocks leave it open: {low:.4g} to {high:.4g}.", refusals.CLOCK_UNKNOWN
        )
    return value if hours is None else refusals.per_h(value, hours)
