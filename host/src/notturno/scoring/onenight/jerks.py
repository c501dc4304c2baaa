"""Jerks of one night: how many, at which rates, near which onsets of sleep, how densely.

I count what the band found; what counts is said in `notturno.nights.counts`. Takes a `NightAxis`;
gives a dict of figures, with a Refusal wherever a number would not be one. Units: s, h, mg. Pure.
Rules, sources and limits are in NIGHTS.md beside me.
"""

from bisect import bisect_left

from notturno import refusals
from notturno.nights.axis import MINUTE_US
from notturno.nights.spans import overlap_us
from notturno.refusals import Refusal
from notturno.scoring.onenight import jerk_patterns
from notturno.scoring.staging import SLEEP

RULES, RULES_VERSION = "jerks", "jerks-1"

# Excessive fragmentary myoclonus: 5 or more a minute for 20 minutes or more (ICSD/AASM, of EMG
# in NREM sleep). Both bounds belong to the range. We read "for" as 20 minutes on end.
FRAGMENTARY_PER_MIN = 5
FRAGMENTARY_MIN = 20
# Ours: no text gives a window for a sleep start, and the estimated onset is minutes off.
SLEEP_START_BEFORE_US = 10 * MINUTE_US
SLEEP_START_AFTER_US = 5 * MINUTE_US
LATER_ONSET_WAKE_US = 5 * MINUTE_US  # a later sleep onset follows this much wake or more

NO_SLEEP_KNOWN = Refusal(
    "When the person slept is not known; give a hypnogram or minutes of the band.",
    refusals.NO_STAGES,
)
NO_SLEEP = Refusal("No sleep was found in this recording.", refusals.NO_SLEEP)


def figures(axis, hypnogram=None, sleep_of=None, refusal=None):
    """Return the figures of a night's jerks.

    hypnogram: a `staging.Hypnogram` on the same axis, or None; sleep_of: words for where it comes
    from, repeated beside every figure that rests on it; refusal: the night's verdict, which goes
    before every rate.
    """
    singles = axis.singles()
    onsets = [event["onset_us"] for event in singles]
    countable_h = refusal or axis.hours("countable")
    asleep = None
    sleep_h = NO_SLEEP_KNOWN
    if hypnogram is not None:
        asleep = [hypnogram.stage_at(onset) in SLEEP for onset in onsets]
        sleep_h = hypnogram.hours(SLEEP, axis.uncountable) or NO_SLEEP
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
            else refusals.per_h(sum(asleep), refusal or sleep_h),
        },
        "denominators": {
            "per_countable_h": "hours recorded, less gaps, not worn and awake",
            "per_sleep_h": f"hours of sleep in which something could be counted "
            f"({sleep_of or 'unknown'})",
        },
        "hours": {"countable": axis.hours("countable"), "sleep": sleep_h},
        "sleep_starts": _sleep_starts(onsets, hypnogram, sleep_of),
        "fragmentary": _fragmentary(axis, onsets, hypnogram),
        "rhythms": jerk_patterns.rhythms(axis, countable_h),
        "clusters": jerk_patterns.clusters(onsets, axis),
        "strength": jerk_patterns.strength(singles),
        "intervals": jerk_patterns.intervals(onsets, axis),
        "by_hour": jerk_patterns.by_hour(axis, onsets),
        "conventions": conventions(),
    }


def conventions():
    """Return {name: {value, reason}} of the bounds that no text fixes."""
    said = (
        ("sleep_start_before_min", SLEEP_START_BEFORE_US // MINUTE_US, "ours; no text gives it"),
        ("sleep_start_after_min", SLEEP_START_AFTER_US // MINUTE_US, "ours; no text gives it"),
        ("later_onset_wake_min", LATER_ONSET_WAKE_US // MINUTE_US, "ours; no text gives it"),
        ("cluster_min_jerks", jerk_patterns.CLUSTER_MIN, "ours; no text gives it"),
        (
            "cluster_max_interval_s",
            jerk_patterns.CLUSTER_GAP_US // 1_000_000,
            "ours; no text gives it",
        ),
        (
            "fragmentary_minutes",
            "on end",
            "the text says 'for at least 20 min'; the sum of such minutes is given beside it",
        ),
    )
    return {name: {"value": value, "reason": reason} for name, value, reason in said}


def sleep_onsets(hypnogram):
    """Return the instants (us) at which sleep begins: the first, and those after 5 min of wake."""
    found, wake_us = [], None
    for start, end, stage in zip(
        hypnogram.starts_us, hypnogram.ends_us, hypnogram.stages, strict=True
    ):
        if stage in SLEEP:
            if not found or (wake_us is not None and wake_us >= LATER_ONSET_WAKE_US):
                found.append(start)
            wake_us = 0
        elif wake_us is not None:
            wake_us += end - start
    return found


def _sleep_starts(onsets, hypnogram, sleep_of):
    if hypnogram is None:
        return NO_SLEEP_KNOWN
    begins = sleep_onsets(hypnogram)
    if not begins:
        return NO_SLEEP

    def around(begin):
        first, last = begin - SLEEP_START_BEFORE_US, begin + SLEEP_START_AFTER_US
        return {i for i, onset in enumerate(onsets) if first <= onset <= last}

    at_first = around(begins[0])
    later = set().union(*(around(begin) for begin in begins[1:])) - at_first
    return {
        "first_sleep_onset_s": begins[0] / 1e6,
        "asleep_from_the_start": begins[0] <= hypnogram.starts_us[0],
        "around_first_onset": len(at_first),
        "around_later_onsets": len(later),
        "later_onsets": len(begins) - 1,
        "sleep_of": sleep_of,
        "note": "possible sleep starts: single jerks near an onset of sleep; without EEG no more",
    }


def _fragmentary(axis, onsets, hypnogram):
    """Minutes of 5 single jerks or more, and the longest run of them, between gaps."""
    minutes = []  # (start_us, count) of whole recorded minutes, in order
    for start, end in axis.countable:
        for at in range(start, end - MINUTE_US + 1, MINUTE_US):
            count = bisect_left(onsets, at + MINUTE_US) - bisect_left(onsets, at)
            minutes.append((at, count))
    if len(minutes) < FRAGMENTARY_MIN:
        return Refusal(
            f"{len(minutes)} whole minutes are fewer than the {FRAGMENTARY_MIN} that the rule "
            "asks for.",
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
    in_sleep = NO_SLEEP_KNOWN
    if hypnogram is not None:
        asleep = [
            (a, b)
            for a, b, stage in zip(
                hypnogram.starts_us, hypnogram.ends_us, hypnogram.stages, strict=True
            )
            if stage in SLEEP
        ]
        in_sleep = overlap_us(asleep, [tuple(longest)]) / MINUTE_US if longest_min else 0.0
    return {
        "possible": longest_min >= FRAGMENTARY_MIN,
        "longest_run_min": longest_min,
        "longest_run_min_in_sleep": in_sleep,
        "dense_min": len(dense),
        "runs": [
            {"start_s": a / 1e6, "minutes": (b - a) // MINUTE_US}
            for a, b in runs
            if b - a >= FRAGMENTARY_MIN * MINUTE_US
        ],
        "note": "a possibility, not a diagnosis: the rule is written for EMG bursts in NREM "
        "sleep, most of which move no limb, and a sensor knows no NREM",
    }
