"""One night as both rule sets see it: its rows, sleep and gaps, and the hours to divide by.

A figure that cannot be given is a Refusal. Units: microseconds inside, hours outside. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from notturno import refusals
from notturno.nights.spans import US_PER_H, overlap_us
from notturno.refusals import Refusal
from notturno.scoring.staging import NREM, REM, SLEEP, WAKE, Hypnogram

if TYPE_CHECKING:
    from notturno.scoring.movements.conventions import Choices
    from notturno.scoring.movements.legs import Movement

NO_STAGES = Refusal(
    "Which movements are in sleep is not known; give the stages of sleep.", refusals.NO_STAGES
)
NO_RESP = Refusal("No list of respiratory events was given.", refusals.NO_RESPIRATION)
NO_AROUSALS = Refusal("No list of arousals was given.", refusals.NO_AROUSALS)
NO_SPAN = Refusal(
    "How long was recorded is not known; give the stages or the recorded span.",
    refusals.NO_RECORDING_SPAN,
)
NOT_IN_WAKE = Refusal(
    "These rules score no periodic movement in wake (aasm_sleep_rule: asleep_only).",
    refusals.NOT_IN_RULES,
)


@dataclass
class Night:
    """What is common to both rule sets: rows, movements by leg, sleep, gaps, the span."""

    rows: Sequence
    legs: list
    hypnogram: Hypnogram | None
    gaps: list
    recorded_us: tuple | None
    arousals_given: bool
    resp_given: bool
    _hours: dict = field(default_factory=dict)
    _stages: dict = field(default_factory=dict)

    def asleep(self, movements: list[Movement], instant: str) -> list[bool] | list | None:
        """Return one bool a movement, or None without stages."""
        if self.hypnogram is None:
            return None
        if instant == "onset":
            return [stage in SLEEP for stage in self.stages_at_onsets(movements)]
        if instant == "any_part":
            return self.hypnogram.any_sleep_each(movements)
        return [self.hypnogram.asleep(movement, instant) for movement in movements]

    def stages_at_onsets(self, movements: list[Movement]) -> list[str]:
        """Return the stage at each onset, looked up once for a list; there must be stages."""
        known = self._stages.get(id(movements))
        if known is None:  # the list is kept, so that no other gets its id
            assert self.hypnogram is not None
            known = (movements, self.hypnogram.stages_at_onsets(movements))
            self._stages[id(movements)] = known
        return known[1]

    def span_us(self) -> tuple[Any, ...] | tuple[Any, int] | None:
        """Return (start, end) of the recording: as given, else of the stages, else None."""
        if self.recorded_us is not None:
            return self.recorded_us
        if self.hypnogram is not None:
            return self.hypnogram.starts_us[0], self.hypnogram.end_us
        return None

    def hours(self, what: str, choices: Choices) -> float | refusals.Refusal:
        """Return hours of "sleep", "wake", "nrem", "rem" or "recorded", or a Refusal."""
        key = (what, choices.gaps_in_hours)
        if key not in self._hours:
            self._hours[key] = self._hours_of(what, choices)
        return self._hours[key]

    def _hours_of(self, what: str, choices: Choices) -> float | refusals.Refusal:
        if what == "recorded":
            span = self.span_us()
            if span is None:
                return NO_SPAN
            full = (span[1] - span[0]) / US_PER_H
            net = full - overlap_us([span], self.gaps) / US_PER_H
        else:
            if self.hypnogram is None:
                return NO_STAGES
            stages = {"sleep": SLEEP, "wake": (WAKE,), "nrem": NREM, "rem": (REM,)}[what]
            full = self.hypnogram.hours(stages, within=self.recorded_us)
            net = full
            if self.gaps:
                net = self.hypnogram.hours(stages, self.gaps, self.recorded_us)
        if full > 0 and (full - net) / full > choices.max_gap_share:
            return Refusal(
                "{share:.0%} of the hours ({what_said}) were not recorded.",
                refusals.TOO_MANY_GAPS,
                share=(full - net) / full,
                what_said=what,
            )
        return full if choices.gaps_in_hours == "kept" else net

    def rate(self, count: int | Refusal, what: str, choices: Choices) -> float | Refusal:
        """Return count per hour of "sleep" and so on, or the Refusal that stands in its place."""
        hours = self.hours(what, choices)
        if isinstance(count, Refusal):
            return count
        if isinstance(hours, Refusal):
            return hours
        if hours <= 0 or hours * 60 < choices.rate_min_min:
            return Refusal(
                "{length_min:.1f} min ({what_said}) are too short for a rate per hour.",
                refusals.TOO_SHORT,
                length_min=hours * 60,
                what_said=what,
            )
        return count / hours
