"""May this night be read as a rate? One answer, with its reason, for every surface.

Pure. Takes hours and states; gives a Refusal or None. All bounds are ours.
"""

from notturno import refusals
from notturno.nights.state import COMPLETE
from notturno.refusals import Refusal

MIN_RATE_H = 0.5  # less countable time makes a rate an accident
MAX_GAP_SHARE = 0.2  # of the night; more missing, and the rest may be of another kind
MAX_NOT_WORN_SHARE = 0.2  # of what was recorded
MAX_NIGHT_H = 20.0  # a band worn day and night tells of no night
MAX_IMPLAUSIBLE_SHARE = 0.2  # of the minutes whose gravity or rate contradicts physics


def refusal_of(
    hours: dict,
    span_h: float,
    state: str,
    state_reason: str,
    excluded: str | None,
    implausible_share: float,
    implausible: str | None,
) -> Refusal | None:
    """Return why a night may not be read as a rate, the weightiest reason first; None if it may.

    hours: of `summary.hours_of`; span_h: from its first to its last sample; excluded: the person's
    own reason; implausible: one sentence on what contradicts physics.
    """
    recorded_h = hours["recorded_h"]
    if excluded is not None:
        return Refusal("Left out by the person: {excluded}.", refusals.EXCLUDED, excluded=excluded)
    if state != COMPLETE:
        return Refusal(
            "It is {state_said}. {reason_said}",
            refusals.NOT_COMPLETE,
            state_said=state,
            reason_said=state_reason,
        )
    if implausible is not None and implausible_share > MAX_IMPLAUSIBLE_SHARE:
        return Refusal(implausible, refusals.IMPLAUSIBLE)
    if span_h > MAX_NIGHT_H:
        return Refusal(
            "It is one recording of {span_h:.0f} h; say when you went to bed "
            "and got up (notturno edit).",
            refusals.TOO_LONG,
            span_h=span_h,
        )
    if span_h and (span_h - recorded_h) / span_h > MAX_GAP_SHARE:
        return Refusal(
            "{share:.0%} of it was not recorded.",
            refusals.TOO_MANY_GAPS,
            share=(span_h - recorded_h) / span_h,
        )
    if recorded_h and hours["not_worn_h"] / recorded_h > MAX_NOT_WORN_SHARE:
        return Refusal(
            "The band was not worn for {not_worn_h:.1f} of {recorded_h:.1f} h.",
            refusals.NOT_WORN,
            not_worn_h=hours["not_worn_h"],
            recorded_h=recorded_h,
        )
    if hours["countable_h"] < MIN_RATE_H:
        return Refusal(
            "{counted_min:.0f} min could be counted in; a rate needs {least_min:.0f}.",
            refusals.TOO_SHORT,
            counted_min=int(hours["countable_h"] * 60),  # 29.9 are not the 30 that are needed
            least_min=MIN_RATE_H * 60,
        )
    return None
