"""One night of one band on one time axis, and the time of it in which something can be counted.

Takes rows of the logbook (dicts as `notturno.store` gives them); gives integer microseconds from
the start of the first recording. Units: microseconds (`_us`) inside, hours (`_h`) in sums. Pure.

Where the clock is known the axis is UTC; where it is not, the band's own ticks place the
recordings of one start of the firmware (one `boot_id`): intervals are right, only the date is not.

Countable is what was recorded, less the time in which the band was not worn, in which the person
was awake and moving, and what lies outside the time in bed that the person gave. Every count is of
it and every rate is by its hours, so that numerator and denominator speak of the same time.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notturno_core import wire

from notturno.errors import UserError
from notturno.nights.counts import left_out_as
from notturno.nights.spans import US_PER_H, merged, overlap_us, shared, to_us, without

MINUTE_US = 60_000_000
MOST_OF_A_MINUTE_S = 90  # samples of more are two minutes, of which one record did not come
MIN_RATE_US = 5 * MINUTE_US  # ours: no rate from less, be it of an hour or of a window
# A gap event tells again what a segment's gap tells; it lies at the first sample behind the gap.
SAME_GAP_US = 2_000_000
_KINDS = {name: kind for kind, name in wire.EVENT_NAMES.items()}


@dataclass
class NightAxis:
    """Events and minutes (dicts with `onset_us`, `end_us` or `start_us`, `end_us`), sorted.

    Each event has `left_out`: None where it counts, else why not. recorded, gaps, not_worn, awake,
    countable, uncountable: sorted disjoint spans (start_us, end_us); span_us: the whole night;
    in_bed_us: what the person gave, else the span; origin_utc_ms: UTC of instant 0, or None.
    """

    events: list
    minutes: list
    recorded: list
    gaps: list
    not_worn: list
    awake: list
    countable: list
    uncountable: list
    span_us: tuple
    in_bed_us: tuple
    origin_utc_ms: int | None

    def counted(self, kind: str) -> list:
        """Return the events of a kind (its name) that count, by onset."""
        return [e for e in self.events if e["kind"] == kind and e["left_out"] is None]

    def left_out(self, kind: str) -> dict[str, int]:
        """Return how many events of a kind do not count, by reason."""
        found: dict[str, int] = {}
        for event in self.events:
            if event["kind"] == kind and event["left_out"] is not None:
                found[event["left_out"]] = found.get(event["left_out"], 0) + 1
        return found

    def singles(self) -> list:
        """Return the single jerks, by onset."""
        return self.counted("jerk")

    def hours(self, what: str) -> float:
        """Return the hours "recorded", "countable", "worn", "awake", "not_worn" or of "gaps"."""
        if what == "worn":
            return _us(self.recorded) / US_PER_H - self.hours("not_worn")
        spans = getattr(self, what)
        return (
            overlap_us(self.recorded, spans) if what in _OF_RECORDED else _us(spans)
        ) / US_PER_H


_OF_RECORDED = ("awake", "not_worn")


def _us(spans: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def night_axis(
    events: list[dict],
    minutes: list[dict],
    sessions: list[dict],
    gaps: Sequence[dict] = (),
    in_bed_utc_ms: tuple[int | None, int | None] = (None, None),
) -> NightAxis:
    """Return the NightAxis of one band's night; dicts as the logbook gives them, in any order.

    in_bed_utc_ms: when the person went to bed and got up, each None where nothing was said.
    Raises UserError where there is no session, or where sessions cannot share an axis: two bands,
    or several starts of the firmware without a known clock.
    """
    _check(sessions)
    dated = all(session["start_utc_ms"] is not None for session in sessions)
    clock = "start_utc_ms" if dated else "tick_ms"
    origin_ms = min(session[clock] for session in sessions)
    starts = {(s["log_id"], s["seq"]): (s[clock] - origin_ms) * 1000 for s in sessions}
    inside = _gaps_inside(gaps, origin_ms, "utc" if dated else "tick")
    covered = merged(_session_span(s, starts, origin_ms, dated, inside) for s in sessions)
    whole = (covered[0][0], covered[-1][1])
    placed = sorted(
        (_placed(event, starts, origin_ms if dated else None) for event in events),
        key=lambda event: (event["onset_us"], event["end_us"], event["seq"]),
    )
    rates = {(s["log_id"], s["seq"]): s["rate_hz"] for s in sessions}
    timed = _timed(minutes, starts, rates, origin_ms, dated)
    recorded = without(covered, _holes(placed, inside))
    not_worn = merged(
        [(m["start_us"], m["end_us"]) for m in timed if "not_worn" in m["flag_names"]]
        + [(e["onset_us"], e["end_us"]) for e in placed if e["kind"] == "not_worn"]
    )
    awake = merged((e["onset_us"], e["end_us"]) for e in placed if e["kind"] == "awake")
    bed = whole
    if dated:
        said = [None if ms is None else (ms - origin_ms) * 1000 for ms in in_bed_utc_ms]
        begin, end = (last if at is None else at for at, last in zip(said, whole, strict=True))
        bed = (begin, end)
    countable = without(shared(recorded, [bed]), [*not_worn, *awake])
    axis = NightAxis(
        events=placed,
        minutes=timed,
        recorded=recorded,
        gaps=without([whole], recorded),
        not_worn=not_worn,
        awake=awake,
        countable=countable,
        uncountable=without([whole], countable),
        span_us=whole,
        in_bed_us=bed,
        origin_utc_ms=origin_ms if dated else None,
    )
    _judge(axis, {end for _, end in covered})
    return axis


def _check(sessions: list[dict]) -> None:
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


def _session_span(
    session: dict,
    starts: dict[tuple[int, int], int],
    origin_ms: int,
    dated: bool,
    gaps: list[tuple[int, int]],
) -> tuple[int, int]:
    start = starts[session["log_id"], session["seq"]]
    if dated and session["end_utc_ms"] is not None:
        return start, max(start, (session["end_utc_ms"] - origin_ms) * 1000)
    end = start + to_us(session["recorded_s"])
    for gap_start, gap_end in gaps:  # what was recorded goes on behind each of its gaps
        if start <= gap_start <= end:
            end += gap_end - gap_start
    return start, end


def _gaps_inside(gaps: Sequence[dict], origin_ms: int, clock: str) -> list[tuple[int, int]]:
    """Return the gaps that segments tell of as sorted spans, by the clock of the axis."""
    spans = [[gap[f"{end}_{clock}_ms"] for end in ("start", "end")] for gap in gaps]
    return sorted(
        ((start - origin_ms) * 1000, (end - origin_ms) * 1000)
        for start, end in spans
        if start is not None and end is not None
    )


def _holes(placed: list[dict], gaps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the gaps as spans, each once.

    A gap event is used only where no segment tells of the same gap (its record may be damaged):
    its own samples are missing ones, so it covers the time before its onset.
    """
    holes = list(gaps)
    told = sorted(end for _, end in holes)
    for event in placed:
        onset, lasts = event["onset_us"], event["end_us"] - event["onset_us"]
        if event["kind"] == "gap" and not any(abs(end - onset) <= SAME_GAP_US for end in told):
            holes.append((onset - lasts, onset))
    return holes


def _judge(axis: NightAxis, ends: set[int]) -> None:
    """Say of each event whether it counts: by its flags, else by the time it begins in."""
    reasons = (
        (axis.not_worn, "not_worn"),
        (axis.awake, "awake"),
        (without([axis.span_us], [axis.in_bed_us]), "out_of_bed"),
    )
    inside = _within(axis.countable, ends)
    by_time = [(_within(spans, ends), name) for spans, name in reasons]
    for event in axis.events:
        kind = _KINDS.get(event["kind"], 0)
        event["left_out"] = left_out_as(kind, event["flags"])
        if event["left_out"] is None and event["kind"] in ("jerk", "lm", "rhythm"):
            at = event["onset_us"]
            if not inside(at):
                event["left_out"] = next(
                    (name for within, name in by_time if within(at)), "not_recorded"
                )


def _within(spans: list[tuple[int, int]], ends: set[int]) -> Callable:
    """Return a function that tells whether an instant lies in [start, end) of some span.

    ends: of the recordings; such an end belongs to its span: an event may begin there.
    """
    starts = [start for start, _ in spans]

    def within(at: int) -> bool:
        i = bisect_right(starts, at) - 1
        return i >= 0 and (at < spans[i][1] or (at in ends and at == spans[i][1]))

    return within


def _placed(event: dict, starts: dict[tuple[int, int], int], origin_ms: int | None) -> dict:
    if origin_ms is not None and event["onset_utc_ms"] is not None:
        onset_us = (event["onset_utc_ms"] - origin_ms) * 1000
    else:
        onset_us = starts[event["log_id"], event["session_seq"]] + to_us(event["onset_s"])
    return event | {"onset_us": onset_us, "end_us": onset_us + to_us(event["duration_s"])}


def _timed(
    minutes: list[dict],
    starts: dict[tuple[int, int], int],
    rates: dict[tuple[int, int], float],
    origin_ms: int,
    dated: bool,
) -> list[dict]:
    """Return the minutes with `start_us` and `end_us`, sorted.

    A minute begins where the one before it ended: it is so many samples, and how long they are is
    known to the clock alone. Where that one is missing it is a minute long.
    """
    found, before = [], {}
    for minute in sorted(minutes, key=lambda minute: minute["end_sample"]):
        key = minute["log_id"], minute["session_seq"]
        if dated and minute["end_utc_ms"] is not None:
            end_us = (minute["end_utc_ms"] - origin_ms) * 1000
        else:
            end_us = (minute["tick_ms"] - origin_ms) * 1000
        last_sample, start_us = before.get(key, (0, starts[key]))
        if minute["end_sample"] - last_sample > MOST_OF_A_MINUTE_S * rates[key]:
            start_us = max(start_us, end_us - MINUTE_US)
        before[key] = minute["end_sample"], end_us
        found.append(minute | {"start_us": start_us, "end_us": end_us})
    return sorted(found, key=lambda minute: minute["end_us"])
