"""When the person slept, as far as a limb can tell: estimates from the band's minutes.

Takes the minutes of a `NightAxis`; gives stages for `staging.Hypnogram` and says by which rule.
Units: microseconds inside, minutes and degrees as named. Pure.

No rule here was made for this band. Each estimate carries its name and its limits, because the
hours of sleep divide every rate per hour of sleep (see NIGHTS.md).
"""

from collections.abc import Sequence
from statistics import median
from typing import Any

from notturno import refusals
from notturno.nights.axis import MINUTE_US, NightAxis
from notturno.nights.spans import merged
from notturno.refusals import Refusal
from notturno.scoring import versions
from notturno.scoring.staging import ASLEEP, END, SLEEP, UNSCORED, WAKE, Hypnogram

RULES, RULES_VERSION = "sleep", versions.SLEEP

# van Hees 2015, PLoS ONE 10(11):e0142533: no change of the arm angle over 5 degrees for 5 min.
TILT_MAX_DEG = 5
STILL_MIN = 5
# van Hees 2018, Sci Rep 8:12975: blocks in which the median change of angle over 5 min is small,
# of more than 30 min, joined across less than 60 min; the longest is the sleep period. Their
# threshold is made from the night's own 5 s changes; from minutes we can only take the 5 degrees.
MEDIAN_MIN = 5
BLOCK_MIN, JOIN_MIN = 30, 60
# Cole et al. 1992, Sleep 15(5):461-469, one-minute form for mean activity: minutes t-4 .. t+2.
COLE_KRIPKE = (0.106, 0.054, 0.058, 0.076, 0.230, 0.074, 0.067)
COLE_KRIPKE_BEFORE = 4
# Ours: a steady 15 mg, the ankle's movement threshold of Sicbaldi 2025, just reaches D = 1.
COUNTS_PER_MG = 1 / (15 * sum(COLE_KRIPKE))
MIN_MINUTES = 30  # ours: no window of sleep from less

LIMITS = {
    "van_hees_2015": "made for the wrist and for the angle of the forearm between 5 s epochs; "
    "here the limb's direction of gravity between 5 s means, as each minute's largest change. "
    "Lying awake without moving counts as sleep, and a limb that jerks counts as awake.",
    "cole_kripke_1992": "made for the counts of a wrist device of 1992; ours are mg of movement "
    "above the night's quiet level, scaled by a choice of ours and never calibrated against "
    "them, so the threshold is not the published one in effect.",
    "marks": "the time between the first and the last press of the button: time given to sleep, "
    "not sleep; short awakenings in it count as sleep.",
    "hypnogram": "given by the person or the laboratory; not checked here.",
}
SUMMARY_RULES = ("van_hees_2015", "cole_kripke_1992")


def estimate(
    axis: NightAxis, rule: str = "van_hees_2015", counts_per_mg: float = COUNTS_PER_MG
) -> Refusal | dict[str, Any]:
    """Return {rule, limits, stages, window..., hours...} from the band's minutes, or a Refusal.

    rule: "van_hees_2015" or "cole_kripke_1992"; counts_per_mg belongs to the latter alone.
    `stages` are rows (onset_us, stage) for `Hypnogram`: S asleep, W awake, ? not known (gaps,
    minutes not worn, and outside the minutes).
    """
    if rule not in SUMMARY_RULES:
        raise ValueError(f"no such rule: {rule}")
    minutes = [m for m in axis.minutes if m["end_us"] - m["start_us"] >= MINUTE_US // 2]
    usable = [m for m in minutes if not {"not_worn", "gap"} & set(m["flag_names"])]
    if len(minutes) < MIN_MINUTES:
        return Refusal(
            "{n_minutes} minutes are too short for an estimate of sleep; it needs {min_minutes}.",
            refusals.TOO_SHORT,
            n_minutes=len(minutes),
            min_minutes=MIN_MINUTES,
        )
    if len(usable) < MIN_MINUTES:
        return Refusal(
            "The band was not worn long enough for an estimate of sleep.", refusals.NOT_WORN
        )
    runs = _unbroken(usable)
    if rule == "van_hees_2015":
        asleep = [span for run in runs for span in _still_spans(run)]
    else:
        quiet_mg = _quiet_level_mg(usable)
        asleep = [span for run in runs for span in _cole_kripke(run, quiet_mg, counts_per_mg)]
    known = [(run[0]["start_us"], run[-1]["end_us"]) for run in runs]
    window = sleep_window([span for run in runs for span in _quiet_blocks(run)])
    if axis.in_bed_us != axis.span_us:
        # What the person says goes before what is estimated; who rose as they lay down never lay.
        window = axis.in_bed_us if axis.in_bed_us[0] < axis.in_bed_us[1] else None
    # Stillness outside the sleep period is rest and not sleep (van Hees 2018).
    inside = [] if window is None else _clipped(merged(asleep), window)
    return _result(axis, rule, known, inside, window)


def _clipped(spans: list[tuple[int, int]], window: tuple[int, int]) -> list[tuple[int, int]]:
    low, high = window
    return [(max(a, low), min(b, high)) for a, b in spans if a < high and b > low]


def from_marks(axis: NightAxis, marks_us: list[int]) -> Refusal | dict[str, Any]:
    """Return the same from the person's button: asleep between the first and the last press.

    marks_us: instants on the night's axis. Refused with fewer than two marks 30 min apart.
    """
    marks_us = sorted(marks_us)
    if len(marks_us) < 2 or marks_us[-1] - marks_us[0] < MIN_MINUTES * MINUTE_US:
        return Refusal(
            "The button was not pressed at both ends of the night, at least "
            "{min_minutes} min apart.",
            refusals.NO_STAGES,
            min_minutes=MIN_MINUTES,
        )
    span = (max(marks_us[0], axis.span_us[0]), min(marks_us[-1], axis.span_us[1]))
    if span[0] >= span[1]:
        return Refusal("The button was pressed outside the recording.", refusals.NO_STAGES)
    return _result(axis, "marks", axis.recorded, [span], span)


def from_hypnogram(axis: NightAxis, stages: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """Return the same from given stages: rows (onset_us, stage) on the night's axis."""
    hypnogram = Hypnogram(stages)
    asleep = hypnogram.sleep_span_us()
    return {
        "rules": RULES,
        "rules_version": RULES_VERSION,
        "rule": "hypnogram",
        "limits": LIMITS["hypnogram"],
        "stages": stages,
        "window_s": Refusal("The stages hold no sleep.", refusals.NO_SLEEP)
        if asleep is None
        else [asleep[0] / 1e6, asleep[1] / 1e6],
        "sleep_h": hypnogram.hours(SLEEP, axis.uncountable, axis.span_us),
        "wake_h": hypnogram.hours((WAKE,), axis.uncountable, axis.span_us),
        "unknown_h": hypnogram.hours((UNSCORED,), axis.gaps, axis.span_us),
    }


def _result(
    axis: NightAxis,
    rule: str,
    known: list[tuple[int, int]],
    asleep: list[tuple[int, int]],
    window: tuple[int, int] | None,
) -> dict:
    rows = _rows(axis.span_us, known, asleep)
    hypnogram = Hypnogram(rows)
    if window is None:
        window_s = share = Refusal(
            "No block of more than {block_min} quiet minutes was found.",
            refusals.NO_SLEEP,
            block_min=BLOCK_MIN,
        )
    else:
        window_s = [window[0] / 1e6, window[1] / 1e6]
        share = sum(end - start for start, end in asleep) / (window[1] - window[0])
    return {
        "rules": RULES,
        "rules_version": RULES_VERSION,
        "rule": rule,
        "limits": LIMITS[rule],
        "stages": rows,
        "window_s": window_s,
        "window_asleep_share": share,
        "sleep_h": hypnogram.hours((ASLEEP,), axis.uncountable),
        "wake_h": hypnogram.hours((WAKE,), axis.uncountable),
        "unknown_h": hypnogram.hours((UNSCORED,), axis.gaps),
    }


def sleep_window(quiet: list[tuple[int, int]]) -> None:
    """Return (start_us, end_us) of the longest joined block (van Hees 2018), or None."""
    blocks = [span for span in quiet if _whole_minutes(span[1] - span[0]) > BLOCK_MIN]
    joined = []
    for start, end in blocks:
        if joined and _whole_minutes(start - joined[-1][1]) < JOIN_MIN:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return max(joined, key=lambda span: span[1] - span[0], default=None)


def _whole_minutes(lasts_us: int) -> int:
    """Return how many minutes that are: the millisecond of a clock must not turn a bound."""
    return round(lasts_us / MINUTE_US)


def _rows(
    span_us: tuple[int, int], known: list[tuple[int, int]], asleep: list[tuple[int, int]]
) -> list[tuple[int, str]]:
    """Return (onset_us, stage) rows of the whole night, END last; sleep goes before wake."""
    edges = {span_us[0], span_us[1]}
    for start, end in [*known, *asleep]:
        edges.update(at for at in (start, end) if span_us[0] < at < span_us[1])
    rows = []
    for at in sorted(edges)[:-1]:
        if any(start <= at < end for start, end in asleep):
            stage = ASLEEP
        elif any(start <= at < end for start, end in known):
            stage = WAKE
        else:
            stage = UNSCORED
        if not rows or rows[-1][1] != stage:
            rows.append((at, stage))
    # A night of no length at all is as long as can be told.
    rows = rows or [(span_us[0], UNSCORED)]
    rows.append((max(span_us[1], span_us[0] + 1), END))
    return rows


def _unbroken(minutes: list[dict]) -> list[list[dict]]:
    """Return runs of minutes that follow one another (within half a minute), made to touch."""
    runs = []
    for minute in minutes:
        if runs and minute["start_us"] - runs[-1][-1]["end_us"] < MINUTE_US // 2:
            runs[-1].append(minute | {"start_us": runs[-1][-1]["end_us"]})
        else:
            runs.append([minute])
    return runs


def _quiet_blocks(run: list[dict]) -> list[tuple[int, int]]:
    """Return spans of minutes whose median tilt over 5 min is small: a single turn ends none."""
    tilts, reach = [minute["tilt_max_deg"] for minute in run], MEDIAN_MIN // 2
    return merged(
        (minute["start_us"], minute["end_us"])
        for i, minute in enumerate(run)
        if median(tilts[max(0, i - reach) : i + reach + 1]) <= TILT_MAX_DEG
    )


def _still_spans(run: list[dict]) -> list[tuple[int, int]]:
    """Return spans of 5 min or more in a row without a change of more than 5 degrees."""
    spans: list[tuple[int, int]] = []
    start_us = end_us = length = 0
    for minute in [*run, None]:
        if minute is not None and minute["tilt_max_deg"] <= TILT_MAX_DEG:
            start_us = start_us if length else minute["start_us"]
            end_us = minute["end_us"]
            length += 1
            continue
        if length >= STILL_MIN:
            spans.append((start_us, end_us))
        length = 0
    return spans


def _quiet_level_mg(minutes: list[dict]) -> float:
    """Return the 10th percentile of the night's activity: what the sensor shows at rest."""
    values = sorted(minute["activity_mg"] for minute in minutes)
    return values[len(values) // 10]


def _cole_kripke(run: list[dict], quiet_mg: float, counts_per_mg: float) -> list[tuple[int, int]]:
    """Return spans of minutes with D < 1; minutes outside the run count as 0, as is usual."""
    counts = [max(0.0, minute["activity_mg"] - quiet_mg) * counts_per_mg for minute in run]
    padded = [0.0] * COLE_KRIPKE_BEFORE + counts + [0.0] * 2
    return [
        (minute["start_us"], minute["end_us"])
        for i, minute in enumerate(run)
        if sum(w * c for w, c in zip(COLE_KRIPKE, padded[i : i + 7], strict=True)) < 1
    ]
