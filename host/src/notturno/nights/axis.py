"""One night of one band on one time axis, from the rows of the logbook.

I turn events, minutes, sessions and gaps (dicts as `notturno.store` gives them) into integer
microseconds from the start of the first session, and say when something was recorded and worn.
Units: microseconds (`_us`) inside, hours (`_h`) in sums. Pure.

Where the clock is known the axis is UTC; where it is not, the band's own ticks place the sessions
of one start of the firmware (one `boot_id`), so that intervals are right and only the date is not.
"""

from dataclasses import dataclass

from notturno import refusals
from notturno.errors import UserError
from notturno.nights.spans import US_PER_H, merged, overlap_us, to_us, without
from notturno.refusals import Refusal

MINUTE_US = 60_000_000
# Ours: below this a rate per hour is an accident, and above these shares it is of another night.
MIN_RATE_US = 5 * MINUTE_US
MAX_GAP_SHARE = 0.2
MAX_NOT_WORN_SHARE = 0.2
NOT_OF_THE_SLEEPER = ("in_awake", "vibration")


@dataclass
class NightAxis:
    """Events and minutes (dicts with `onset_us`, `end_us` or `start_us`, `end_us`), sorted.

    recorded, gaps, not_worn: sorted disjoint spans (start_us, end_us); span_us: the whole night;
    origin_utc_ms: UTC of instant 0, or None where the clock is unknown.
    """

    events: list
    minutes: list
    recorded: list
    gaps: list
    not_worn: list
    span_us: tuple
    origin_utc_ms: int | None

    def singles(self):
        """Return the single jerks, by onset."""
        return [
            event
            for event in self.events
            if event["single"] and "vibration" not in event["flag_names"]
        ]

    def hours(self, what="recorded"):
        """Return hours "recorded" (gaps taken off) or "worn" (gaps and unworn minutes taken off).

        A Refusal where that is too little, or too much of the night is missing.
        """
        recorded_us = sum(end - start for start, end in self.recorded)
        whole_us = self.span_us[1] - self.span_us[0]
        if recorded_us < MIN_RATE_US:
            return Refusal(
                f"Only {recorded_us / MINUTE_US:.1f} min were recorded; a rate needs at least "
                f"{MIN_RATE_US // MINUTE_US} min.",
                refusals.TOO_SHORT,
            )
        missing_us = whole_us - recorded_us
        if missing_us > MAX_GAP_SHARE * whole_us:
            return Refusal(
                f"{missing_us / whole_us:.0%} of the night was not recorded.",
                refusals.TOO_MANY_GAPS,
            )
        unworn_us = overlap_us(self.recorded, self.not_worn)
        if what == "recorded":
            if unworn_us > MAX_NOT_WORN_SHARE * recorded_us:
                return Refusal(
                    f"The band was not worn for {unworn_us / recorded_us:.0%} of the recording; "
                    "see the rate per worn hour.",
                    refusals.NOT_WORN,
                )
            return recorded_us / US_PER_H
        worn_us = recorded_us - unworn_us
        if worn_us < MIN_RATE_US:
            return Refusal("The band was hardly worn in this recording.", refusals.NOT_WORN)
        return worn_us / US_PER_H


def night_axis(events, minutes, sessions, gaps=()):
    """Return the NightAxis of one band's night; dicts as the logbook gives them, in any order.

    Raises UserError where there is no session, or where sessions cannot share an axis: two bands,
    or several starts of the firmware without a known clock.
    """
    if not sessions:
        raise UserError("There is no recording in this night; choose another (notturno nights).")
    if len({session["device_id"] for session in sessions}) > 1:
        raise UserError("This night holds two bands; give one of them with its device id.")
    dated = all(session["start_utc_ms"] is not None for session in sessions)
    if not dated and len({(s["log_id"], s["boot_id"]) for s in sessions}) > 1:
        raise UserError(
            "The clock of this night is unknown and the band was restarted in it, so its parts "
            "have no common time; score them one by one."
        )
    clock = "start_utc_ms" if dated else "tick_ms"
    origin_ms = min(session[clock] for session in sessions)
    starts = {(s["log_id"], s["seq"]): (s[clock] - origin_ms) * 1000 for s in sessions}
    rates = {(s["log_id"], s["seq"]): s["rate_hz"] for s in sessions}
    spans = []
    for session in sessions:
        start = starts[session["log_id"], session["seq"]]
        if dated and session["end_utc_ms"] is not None:
            end = (session["end_utc_ms"] - origin_ms) * 1000
        else:
            end = start + to_us(session["recorded_s"])
        spans.append((start, max(start, end)))
    placed = sorted(
        (_placed(event, starts, origin_ms if dated else None) for event in events),
        key=lambda event: (event["onset_us"], event["end_us"], event["seq"]),
    )
    timed = sorted(
        (_timed(minute, starts, rates, origin_ms if dated else None) for minute in minutes),
        key=lambda minute: minute["end_us"],
    )
    holes = [(e["onset_us"], e["end_us"]) for e in placed if e["kind"] == "gap"]
    holes += [
        tuple((gap[key] - origin_ms) * 1000 for key in ("start_utc_ms", "end_utc_ms"))
        for gap in gaps
        if dated and gap["start_utc_ms"] is not None and gap["end_utc_ms"] is not None
    ]
    covered = merged(spans)
    whole = (covered[0][0], covered[-1][1])
    recorded = without(covered, holes)
    unworn = merged((m["start_us"], m["end_us"]) for m in timed if "not_worn" in m["flag_names"])
    return NightAxis(
        events=placed,
        minutes=timed,
        recorded=recorded,
        gaps=without([whole], recorded),
        not_worn=unworn,
        span_us=whole,
        origin_utc_ms=origin_ms if dated else None,
    )


def _placed(event, starts, origin_ms):
    if origin_ms is not None and event["onset_utc_ms"] is not None:
        onset_us = (event["onset_utc_ms"] - origin_ms) * 1000
    else:
        onset_us = starts[event["log_id"], event["session_seq"]] + to_us(event["onset_s"])
    return event | {"onset_us": onset_us, "end_us": onset_us + to_us(event["duration_s"])}


def _timed(minute, starts, rates, origin_ms):
    key = minute["log_id"], minute["session_seq"]
    if origin_ms is not None and minute["end_utc_ms"] is not None:
        end_us = (minute["end_utc_ms"] - origin_ms) * 1000
    else:
        end_us = starts[key] + round(minute["end_sample"] / rates[key] * 1e6)
    return minute | {"start_us": max(starts[key], end_us - MINUTE_US), "end_us": end_us}
