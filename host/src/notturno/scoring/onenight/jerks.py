"""Jerks of one night: how many, at which rates, near which onsets of sleep, how densely.

I count what the band found; what counts is said in `notturno.nights.counts`. Takes a `NightAxis`;
gives a dict of figures, with a Refusal wherever a number would not be one. Units: s, h, mg. Pure.
Rules, sources and limits are in NIGHTS.md beside me.
"""

from bisect import bisect_left
from collections.abc import Collection
from typing import Any

from notturno import refusals
from notturno.nights.axis import MINUTE_US, NightAxis
from notturno.nights.spans import merged, overlap_us
from notturno.refusals import Refusal
from notturno.scoring import versions
from notturno.scoring.onenight import jerk_patterns, sleep_starts
from notturno.scoring.onenight.sleep_starts import NO_SLEEP, NO_SLEEP_KNOWN
from notturno.scoring.staging import NREM, SLEEP, Hypnogram

RULES, RULES_VERSION = "jerks", versions.JERKS

# Excessive fragmentary myoclonus: 5 or more a minute "during at least 20 minutes" of NREM sleep
# (ICSD/AASM, of EMG). Both bounds belong to the range. The text does not say whether the 20
# minutes lie on end or are a sum, so both readings are given.
FRAGMENTARY_PER_MIN = 5
FRAGMENTARY_MIN = 20
NO_NREM_KNOWN = Refusal(
    "Which sleep is NREM is not known; give a hypnogram with stages.", refusals.NO_STAGES
)


def figures(
    axis: NightAxis,
    hypnogram: Hypnogram | None = None,
    sleep_of: str | None = None,
    refusal: refusals.Refusal | None = None,
) -> dict[str, Any]:
    """Return the figures of a night's jerks.

    hypnogram: a `staging.Hypnogram` on the same axis, or None; sleep_of: words for where it comes
    from, repeated beside every figure that rests on it; refusal: the night's verdict, which goes
    before every rate.
    """
    singles = axis.singles()
    onsets = [event["onset_us"] for event in singles]
    countable_h = axis.hours("countable") if refusal is None else refusal
    asleep = None
    sleep_h = NO_SLEEP_KNOWN
    if hypnogram is not None:
        asleep = [hypnogram.stage_at(onset) in SLEEP for onset in onsets]
        sleep_h = hypnogram.hours(SLEEP, axis.uncountable, axis.span_us) or NO_SLEEP
    return {
        "rules": RULES,
        "rules_version": RULES_VERSION,
        "single_jerks": len(singles),
        "single_jerks_in_sleep": NO_SLEEP_KNOWN if asleep is None else sum(asleep),
        "not_counted": axis.left_out("jerk"),
        "rates": {
            "per_countable_h": refusals.per_h(len(singles), countable_h),
            "per_sleep_h": NO_SLEEP_KNOWN
            if asleep is None
            else refusals.per_h(sum(asleep), sleep_h if refusal is None else refusal),
        },
        "denominators": {
            "per_countable_h": "hours recorded, less gaps, not worn and awake",
            "per_sleep_h": f"hours of sleep in which something could be counted "
            f"({sleep_of or 'unknown'})",
        },
        "hours": {"countable": axis.hours("countable"), "sleep": sleep_h},
        "sleep_starts": sleep_starts.figures(onsets, axis.countable, hypnogram, sleep_of),
        "fragmentary": _fragmentary(axis, onsets, hypnogram),
        "rhythms": jerk_patterns.rhythms(axis, countable_h),
        "clusters": jerk_patterns.clusters(onsets, axis),
        "strength": jerk_patterns.strength(singles),
        "intervals": jerk_patterns.intervals(onsets, axis),
        "by_hour": jerk_patterns.by_hour(axis, onsets),
        "conventions": conventions(),
    }


def conventions() -> dict[str, dict[str, Any]]:
    """Return {name: {value, reason}} of the bounds that no text fixes."""
    said = (
        ("sleep_start_before_min", sleep_starts.BEFORE_US // MINUTE_US, "ours; no text gives it"),
        ("sleep_start_after_min", sleep_starts.AFTER_US // MINUTE_US, "ours; no text gives it"),
        (
            "later_onset_wake_min",
            sleep_starts.LATER_ONSET_WAKE_US // MINUTE_US,
            "ours; no text gives it",
        ),
        ("cluster_min_jerks", jerk_patterns.CLUSTER_MIN, "ours; no text gives it"),
        (
            "cluster_max_interval_s",
            jerk_patterns.CLUSTER_GAP_US // 1_000_000,
            "ours; no text gives it",
        ),
        (
            "fragmentary_minutes",
            "on_end",
            "the text says 'during at least 20 min': `possible_on_end` asks for them on end, "
            "`possible_in_total` for their sum; `possible` is the first",
        ),
    )
    return {name: {"value": value, "reason": reason} for name, value, reason in said}


def _fragmentary(
    axis: NightAxis, onsets: list[int], hypnogram: Hypnogram | None
) -> dict | refusals.Refusal:
    """Minutes of 5 single jerks or more, and the longest run of them, between gaps."""
    minutes = []  # (start_us, count) of whole recorded minutes, in order
    for start, end in axis.countable:
        for at in range(start, end - MINUTE_US + 1, MINUTE_US):
            count = bisect_left(onsets, at + MINUTE_US) - bisect_left(onsets, at)
            minutes.append((at, count))
    if len(minutes) < FRAGMENTARY_MIN:
        return Refusal(
            "Whole minutes recorded: {n_minutes}; the rule asks for {fragmentary_min}.",
            refusals.TOO_SHORT,
            n_minutes=len(minutes),
            fragmentary_min=FRAGMENTARY_MIN,
        )
    dense = [at for at, count in minutes if count >= FRAGMENTARY_PER_MIN]
    runs = []
    for at in dense:
        if runs and at == runs[-1][1]:
            runs[-1][1] = at + MINUTE_US
        else:
            runs.append([at, at + MINUTE_US])
    longest = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    longest_min = (longest[1] - longest[0]) // MINUTE_US
    spans = merged((at, at + MINUTE_US) for at in dense)
    on_end = longest_min >= FRAGMENTARY_MIN
    return {
        "possible": on_end,
        "possible_on_end": on_end,
        "possible_in_total": len(dense) >= FRAGMENTARY_MIN,
        "longest_run_min": longest_min,
        "longest_run_min_in_sleep": _minutes_in(hypnogram, SLEEP, [tuple(longest)]),
        "dense_min": len(dense),
        "dense_min_in_sleep": _minutes_in(hypnogram, SLEEP, spans),
        "dense_min_in_nrem": _minutes_in(hypnogram, NREM, spans),
        "runs": [
            {"start_s": a / 1e6, "minutes": (b - a) // MINUTE_US}
            for a, b in runs
            if b - a >= FRAGMENTARY_MIN * MINUTE_US
        ],
        "note": "a possibility, not a diagnosis: the rule is written for EMG bursts in NREM "
        "sleep, most of which move no limb; `possible_on_end` asks for 20 min on end, "
        "`possible_in_total` for 20 min in all, of the recording",
    }


def _minutes_in(
    hypnogram: Hypnogram | None, stages: Collection[str], spans: Any
) -> float | refusals.Refusal:
    """Return how many minutes of some spans lie in the given stages, or a Refusal."""
    if hypnogram is None:
        return NO_SLEEP_KNOWN
    if stages is NREM and not set(NREM) & set(hypnogram.stages):
        return NO_NREM_KNOWN
    wanted = [
        (a, b)
        for a, b, stage in zip(
            hypnogram.starts_us, hypnogram.ends_us, hypnogram.stages, strict=True
        )
        if stage in stages
    ]
    return overlap_us(wanted, spans) / MINUTE_US
