"""What a night says of itself before any rule is applied: hours, counts, state and verdict.

Takes a `NightAxis` and the facts of its recordings; gives the columns of `columns.COLUMNS`
that are known here. Rates and what the rules say are added in `scoring.onenight.nightly`. Pure.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from notturno.battery import battery_pct
from notturno.nights.axis import NightAxis
from notturno.nights.spans import US_PER_H, overlap_us, shared
from notturno.nights.verdict import refusal_of

SEVERAL = " and "  # between makers that are told as one text
CLOCKS = ("unknown", "estimated", "measured")  # from the worst to the best


class Facts(NamedTuple):
    """What stands beside the rows of a night.

    night, date, name_rule: of `sleeps.Sleep`; band: the name that the person gave, or None; side,
    limb: as the person said; state, state_reason: of `state.state_of`; excluded: the person's
    reason or None; warnings, implausible, implausible_share: of `physics`; battery_mv: the last
    that is known; strap_check: the band's last one before the night's end, or None.
    """

    night: str
    date: str | None
    name_rule: str
    band: str | None = None
    side: str = ""
    limb: str = ""
    state: str = "complete"
    state_reason: str = ""
    excluded: str | None = None
    warnings: tuple = ()
    implausible: str | None = None
    implausible_share: float = 0.0
    battery_mv: int | None = None
    strap_check: dict | None = None


def of_band(axis: NightAxis, sessions: list[dict], facts: Facts) -> dict:
    """Return hours, counts, state and verdict (a Refusal or None under `refusal`) of one night."""
    dated = axis.origin_utc_ms is not None
    in_order = sorted(sessions, key=lambda s: s["start_utc_ms" if dated else "tick_ms"])
    first, last = in_order[0], in_order[-1]
    bed = shared([axis.span_us], [axis.in_bed_us])
    recorded_in_bed = shared(axis.recorded, bed)
    hours = hours_of(axis)
    jerks = axis.counted("jerk")
    told_c = [m["temperature_c"] for m in axis.minutes]
    temperatures = [at_c for at_c in told_c if at_c is not None]
    refusal = refusal_of(
        hours
        | {
            "recorded_h": _h(recorded_in_bed),
            "not_worn_h": overlap_us(recorded_in_bed, axis.not_worn) / US_PER_H,
        },
        _h(bed),
        facts.state,
        facts.state_reason,
        facts.excluded,
        facts.implausible_share,
        facts.implausible,
    )
    return {
        "night": facts.night,
        "date": facts.date,
        "band": facts.band or first["device_id"],
        "device_id": first["device_id"],
        "person_side": facts.side,
        "limb": facts.limb,
        "zone": first["zone"],
        "clock": min((s["clock"] for s in sessions), key=CLOCKS.index),
        "clock_error_ms": max(s["clock_error_ms"] for s in sessions) if dated else None,
        "start_utc_ms": axis.origin_utc_ms,
        "end_utc_ms": axis.origin_utc_ms + axis.span_us[1] // 1000 if dated else None,
        "sessions": len(sessions),
        "state": facts.state,
        "state_reason": facts.state_reason,
        "refusal": refusal,
        "warnings": list(facts.warnings),
        "excluded": facts.excluded,
        **hours,
        "jerks": len(jerks),
        "jerks_all": _all(axis, "jerk"),
        "jerks_left_out": axis.left_out("jerk"),
        "lms": len(axis.counted("lm")),
        "lms_all": _all(axis, "lm"),
        "lms_left_out": axis.left_out("lm"),
        "largest_mg": max((event["peak_mg"] for event in jerks), default=None),
        "rhythms": len(axis.counted("rhythm")),
        "rhythms_left_out": axis.left_out("rhythm"),
        "postures": len(axis.counted("posture")),
        "battery_mv": facts.battery_mv,
        "battery_pct": battery_pct(facts.battery_mv),
        "temperature_c": round(sum(temperatures) / len(temperatures), 1) if temperatures else None,
        "firmware": last["firmware"],
        "detector_version": made_by(session["detector_version"] for session in sessions),
        "name_rule": facts.name_rule,
        "strap_check": facts.strap_check,
        "simulated": any(s["simulated"] for s in sessions),
    }


def made_by(values: Iterable[str]) -> str:
    """Return the one maker that several things have in common; where they differ, all as text."""
    makers = sorted(set(values), key=str)
    return makers[0] if len(makers) == 1 else SEVERAL.join(map(str, makers))


def makers_in(values: Iterable[Any]) -> list[Any]:
    """Return each maker once, also of those that `made_by` told as one text."""
    found: dict[str, Any] = {}
    for value in values:
        parts = value.split(SEVERAL) if isinstance(value, str) and SEVERAL in value else [value]
        for part in parts:
            found.setdefault(str(part), part)
    return [found[key] for key in sorted(found)]


def hours_of(axis: NightAxis) -> dict[str, float]:
    """Return the hours of a night by kind, gaps taken off once, and how many gaps there are."""
    return {
        "recorded_h": axis.hours("recorded"),
        "countable_h": axis.hours("countable"),
        "worn_h": axis.hours("worn"),
        "awake_h": axis.hours("awake"),
        "not_worn_h": axis.hours("not_worn"),
        "gap_h": axis.hours("gaps"),
        "gaps": len(axis.gaps),
    }


def _all(axis: NightAxis, kind: str) -> int:
    return sum(event["kind"] == kind for event in axis.events)


def _h(spans: list[tuple[int, int]]) -> float:
    return sum(end - start for start, end in spans) / US_PER_H
