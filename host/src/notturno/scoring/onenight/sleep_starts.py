"""Possible sleep starts: single jerks near an onset of sleep, beside what chance would put there.

I know where sleep begins by a hypnogram and how many of the night's jerks would lie near those
instants if they came at random. Takes plain instants and spans; gives a dict of figures or a
Refusal. Units: microseconds inside. Pure. Bounds that no text fixes are ours (NIGHTS.md).
"""

import math
from bisect import bisect_left, bisect_right
from typing import Any

from notturno import refusals
from notturno.nights.axis import MIN_RATE_US, MINUTE_US
from notturno.nights.spans import merged, overlap_us, without
from notturno.refusals import Refusal
from notturno.scoring.staging import SLEEP, Hypnogram

# Ours: no text gives a window for a sleep start, and the estimated onset is minutes off.
BEFORE_US = 10 * MINUTE_US
AFTER_US = 5 * MINUTE_US
LATER_ONSET_WAKE_US = 5 * MINUTE_US  # a later sleep onset follows this much wake or more

NO_SLEEP_KNOWN = Refusal(
    "When the person slept is not known; give a hypnogram or minutes of the band.",
    refusals.NO_STAGES,
)
NO_SLEEP = Refusal("No sleep was found in this recording.", refusals.NO_SLEEP)
NOTHING_ELSE = Refusal(
    "Too little of the night lies away from the onsets of sleep to say what chance would give.",
    refusals.TOO_SHORT,
)


def sleep_onsets(hypnogram: Hypnogram) -> list[int]:
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


def figures(
    onsets: list[int],
    countable: list[tuple[int, int]],
    hypnogram: Hypnogram | None = None,
    sleep_of: str | None = None,
) -> dict | Refusal:
    """Return the single jerks near onsets of sleep, and how many chance alone would put there.

    onsets: sorted instants of single jerks; countable: sorted disjoint spans in which a jerk
    would have been counted; both in us on the hypnogram's axis. sleep_of: words for where the
    hypnogram comes from. A window runs from 10 min before an onset of sleep to 5 min after it,
    both included; a jerk near the first onset is not counted again near a later one.

    By chance: the rate of single jerks in countable time outside all windows, times the
    countable time inside. `p_by_chance`: how likely so many or more would be inside if the rate
    were the same everywhere, one-sided and exact: given all the night's jerks, the number inside
    is binomial with the windows' share of the time (so the outer rate is not taken as known).
    """
    if hypnogram is None:
        return NO_SLEEP_KNOWN
    begins = sleep_onsets(hypnogram)
    if not begins:
        return NO_SLEEP
    windows = [(begin - BEFORE_US, begin + AFTER_US + 1) for begin in begins]
    first, later = windows[:1], without(merged(windows[1:]), windows[:1])
    usable = [onset for onset in onsets if _is_in(onset, countable)]
    at_first, at_later = _count(usable, first), _count(usable, later)
    parts = {
        "around_first_onset": (at_first, overlap_us(countable, first)),
        "around_later_onsets": (at_later, overlap_us(countable, later)),
    }
    inside, inside_us = (sum(values) for values in zip(*parts.values(), strict=True))
    outside = len(usable) - inside
    outside_us = sum(end - start for start, end in countable) - inside_us
    told = {name: count for name, (count, _) in parts.items()}
    told["around_any_onset"] = inside
    told["by_chance"], told["p_by_chance"] = _by_chance(inside, inside_us, outside, outside_us)
    for name, (count, part_us) in parts.items():
        expected, p = _by_chance(count, part_us, outside, outside_us)
        told[f"{name}_by_chance"], told[f"{name}_p_by_chance"] = expected, p
    return {
        "first_sleep_onset_s": begins[0] / 1e6,
        "asleep_from_the_start": begins[0] <= hypnogram.starts_us[0],
        "later_onsets": len(begins) - 1,
        **told,
        "not_in_countable_time": len(onsets) - len(usable),
        "sleep_of": sleep_of,
        "note": "possible sleep starts: single jerks near an onset of sleep; without EEG no "
        "more, and as many as `by_chance` would lie there by chance",
    }


def _is_in(onset: int, spans: list[tuple[int, int]]) -> bool:
    i = bisect_right(spans, onset, key=lambda span: span[0]) - 1
    return i >= 0 and onset < spans[i][1]


def _count(onsets: list[int], spans: list[tuple[int, int]]) -> int:
    return sum(bisect_left(onsets, end) - bisect_left(onsets, start) for start, end in spans)


def _by_chance(count: int, part_us: int, outside: int, outside_us: int) -> Any:
    """Return (expected count in `part_us`, p of so many or more), Refusals where unknown."""
    if outside_us < MIN_RATE_US:
        return NOTHING_ELSE, NOTHING_ELSE
    expected = outside * part_us / outside_us
    if count == 0:
        return expected, 1.0
    return expected, _binomial_tail(count, count + outside, part_us / (part_us + outside_us))


def _binomial_tail(k: int, n: int, share: float) -> float:
    """Return the chance that k or more of n fall into a share of the time."""
    if share <= 0:
        return 0.0
    log_in, log_out = math.log(share), math.log1p(-share)
    terms = [
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(i + 1)
            - math.lgamma(n - i + 1)
            + i * log_in
            + (n - i) * log_out
        )
        for i in range(k, n + 1)
    ]
    return min(1.0, math.fsum(terms))
