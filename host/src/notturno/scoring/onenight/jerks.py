"""Jerks of one night: how many, at which rates, near which onsets of sleep, how densely.

I count what the band found; the definition of a single jerk is `notturno.nights.is_single`, and
events that look like something outside the body are left out. Takes a `NightAxis`; gives a dict
of figures, with a Refusal wherever a number would not be one. Units: seconds, hours, mg. Pure.
Rules, sources and limits are in NIGHTS.md beside me.
"""

from bisect import bisect_left

from notturno import refusals
from notturno.nights.axis import MIN_RATE_US, MINUTE_US
from notturno.nights.spans import US_PER_H, merged, overlap_us, without
from notturno.refusals import Refusal
from notturno.scoring.onenight import jerk_patterns, sleep_starts
from notturno.scoring.onenight.jerk_patterns import rate
from notturno.scoring.onenight.sleep_starts import NO_SLEEP, NO_SLEEP_KNOWN
from notturno.scoring.staging import NREM, SLEEP

RULES, RULES_VERSION = "jerks", "jerks-2"

# Excessive fragmentary myoclonus: 5 or more a minute "during at least 20 minutes" of NREM sleep
# (ICSD/AASM, of EMG). Both bounds belong to the range. The text does not say whether the 20
# minutes lie on end or are a sum, so both readings are given.
FRAGMENTARY_PER_MIN = 5
FRAGMENTARY_MIN = 20
NO_NREM_KNOWN = Refusal(
    "Which sleep is NREM is not known; give a hypnogram with stages.", refusals.NO_STAGES
)


def figures(axis, hypnogram=None, sleep_of=None):
    """Return the figures of a night's jerks.

    hypnogram: a `staging.Hypnogram` on the same axis, or None; sleep_of: words for where it comes
    from, repeated beside every figure that rests on it.
    """
    singles = axis.singles()
    onsets = [event["onset_us"] for event in singles]
    jerks = [event for event in axis.events if event["kind"] == "jerk"]
    recorded_h, worn_h = axis.hours("recorded"), axis.hours("worn")
    countable = without(axis.recorded, axis.not_worn)
    worn = [not any(a <= onset < b for a, b in axis.not_worn) for onset in onsets]
    asleep = None
    sleep_h = NO_SLEEP_KNOWN
    if hypnogram is not None:
        asleep = [hypnogram.stage_at(onset) in SLEEP for onset in onsets]
        sleep_h = _sleep_hours(axis, hypnogram)
    return {
        "rules": RULES,
        "rules_version": RULES_VERSION,
        "single_jerks": len(singles),
        "single_jerks_in_sleep": NO_SLEEP_KNOWN if asleep is None else sum(asleep),
        "not_counted": _not_counted(jerks),
        "rates": {
            "per_recorded_h": rate(len(singles), recorded_h),
            "per_worn_h": rate(sum(worn), worn_h),
            "per_sleep_h": NO_SLEEP_KNOWN if asleep is None else rate(sum(asleep), sleep_h),
        },
        "denominators": {
            "per_recorded_h": "hours recorded, gaps taken off",
            "per_worn_h": "hours recorded and worn, gaps taken off",
            "per_sleep_h": f"hours of sleep recorded ({sleep_of or 'unknown'})",
        },
        "hours": {"recorded": recorded_h, "worn": worn_h, "sleep": sleep_h},
        "sleep_starts": sleep_starts.figures(onsets, countable, hypnogram, sleep_of),
        "fragmentary": _fragmentary(axis, onsets, hypnogram),
        "rhythms": jerk_patterns.rhythms(axis, recorded_h),
        "clusters": jerk_patterns.clusters(onsets, axis),
        "strength": jerk_patterns.strength(singles),
        "intervals": jerk_patterns.intervals(onsets, axis),
        "by_hour": jerk_patterns.by_hour(axis, onsets),
        "conventions": conventions(),
    }


def conventions():
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


def _sleep_hours(axis, hypnogram):
    hours = hypnogram.hours(SLEEP, axis.gaps)
    if hours == 0:
        return NO_SLEEP
    if hours * US_PER_H < MIN_RATE_US:
        return Refusal(
            f"{hours * 60:.1f} min of sleep are too short for a rate per hour.",
            refusals.TOO_SHORT,
        )
    return hours


def _not_counted(jerks):
    """Count jerks that are no single ones, each by the first reason that holds."""
    reasons = ("vibration", "in_awake", "in_rhythm", "in_lm")
    counted = dict.fromkeys(reasons, 0)
    for event in jerks:
        reason = next((name for name in reasons if name in event["flag_names"]), None)
        if reason is not None:
            counted[reason] += 1
    return counted


def _fragmentary(axis, onsets, hypnogram):
    """Minutes of 5 single jerks or more, and the longest run of them, between gaps."""
    minutes = []  # (start_us, count) of whole recorded minutes, in order
    for start, end in axis.recorded:
        for at in range(start, end - MINUTE_US + 1, MINUTE_US):
            count = bisect_left(onsets, at + MINUTE_US) - bisect_left(onsets, at)
            minutes.append((at, count))
    if len(minutes) < FRAGMENTARY_MIN:
        return Refusal(
            f"Whole minutes recorded: {len(minutes)}; the rule asks for {FRAGMENTARY_MIN}.",
            refusals.TOO_SHORT,
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


def _minutes_in(hypnogram, stages, spans):
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
