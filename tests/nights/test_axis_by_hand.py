"""A night on its axis, span by span: minutes that were lost, gaps, ends, the bed; by hand."""

import pytest
from notturno.errors import UserError
from notturno.nights import axis
from notturno.nights.axis import night_axis

START_MS, TICK_MS, RATE_HZ = 1_768_253_400_000, 5000, 100.0
MIN_MS, MIN_US = 60_000, 60_000_000


def session(minutes=10, seq=0, at_min=0, dated=True, **values):
    start = START_MS + at_min * MIN_MS if dated else None
    return {
        "device_id": "a", "log_id": 1, "seq": seq, "boot_id": 1, "rate_hz": RATE_HZ,
        "tick_ms": TICK_MS + at_min * MIN_MS, "recorded_s": minutes * 60.0,
        "start_utc_ms": start, "end_utc_ms": start and start + round(minutes * MIN_MS),
    } | values  # fmt: skip


def minute(end_min, seq=0, samples=None, dated=True, flags=()):
    return {
        "log_id": 1, "session_seq": seq, "flag_names": list(flags),
        "end_sample": round(end_min * 60 * RATE_HZ) if samples is None else samples,
        "end_utc_ms": START_MS + round(end_min * MIN_MS) if dated else None,
        "tick_ms": TICK_MS + round(end_min * MIN_MS),
    }  # fmt: skip


def event(at_s, kind="jerk", lasts_s=0.1, flags=0, dated=True, seq=1):
    return {
        "log_id": 1, "session_seq": 0, "seq": seq, "kind": kind, "flags": flags, "flag_names": [],
        "onset_utc_ms": START_MS + round(at_s * 1000) if dated else None,
        "onset_s": at_s, "duration_s": lasts_s,
    }  # fmt: skip


def spans_min(spans):
    return [(a / MIN_US, b / MIN_US) for a, b in spans]


def test_a_minute_begins_where_the_one_before_it_ended_or_a_minute_earlier():
    rows = [minute(1), minute(2.02, samples=12_000), minute(4)]
    found = night_axis([], rows, [session()]).minutes
    assert spans_min((m["start_us"], m["end_us"]) for m in found) == [(0, 1), (1, 2.02), (3, 4)]
    # Of 90 s of samples one minute was lost; of less it was a long one.
    for samples, begins in ((6000 + 9000, 1), (6000 + 9001, 1.5)):
        rows = [minute(1), minute(2.5, samples=samples)]
        found = night_axis([], rows, [session()]).minutes
        assert found[1]["start_us"] / MIN_US == begins
    # The first minute of a recording is not of the time before it.
    late = night_axis([], [minute(2)], [session()]).minutes
    assert late[0]["start_us"] / MIN_US == 1


def test_minutes_without_a_clock_lie_by_the_tick():
    rows = [minute(1, dated=False), minute(2, dated=False)]
    axis = night_axis([], rows, [session(dated=False)])
    assert spans_min((m["start_us"], m["end_us"]) for m in axis.minutes) == [(0, 1), (1, 2)]
    assert axis.origin_utc_ms is None and axis.span_us == (0, 10 * MIN_US)
    (one,) = night_axis([event(90, dated=False)], [], [session(dated=False)]).events
    assert (one["onset_us"], one["end_us"]) == (90_000_000, 90_100_000)


def gap(a_min, b_min, dated=True):
    told = {}
    for name, at in (("start", a_min), ("end", b_min)):
        told[f"{name}_utc_ms"] = START_MS + round(at * MIN_MS) if dated else None
        told[f"{name}_tick_ms"] = TICK_MS + round(at * MIN_MS)
    return told


def test_without_an_end_a_recording_goes_on_behind_each_of_its_gaps():
    open_ended = session(10, end_utc_ms=None)
    axis = night_axis([], [], [open_ended], [gap(4, 6), gap(12, 13), gap(20, 30)])
    # Ten minutes recorded: to 4, from 6 to 12, and then none are left but the gap's own end.
    assert spans_min([axis.span_us]) == [(0, 13)]
    assert spans_min(axis.recorded) == [(0, 4), (6, 12)]
    undated = night_axis([], [], [session(10, dated=False)], [gap(4, 6, dated=False)])
    assert spans_min([undated.span_us]) == [(0, 12)]


def test_a_gap_event_covers_the_time_before_it_unless_a_segment_told():
    told = [event(300, "gap", 60.0)]
    assert spans_min(night_axis(told, [], [session()]).gaps) == [(4, 5)]
    # A segment tells of its second half: within two seconds of its end it is the same gap.
    for off_s, same in ((2, True), (2.001, False), (-2, True), (-2.001, False)):
        held = [gap(4.5, 5 + off_s / 60)]
        axis = night_axis(told, [], [session()], held)
        lost_s = 30 + off_s if same else 60 + max(off_s, 0)
        assert axis.hours("gaps") * 3600 == pytest.approx(lost_s)
        assert len(axis.gaps) == 1


def test_time_in_bed_may_be_said_at_either_end():
    def bed(begin_min, end_min):
        said = [None if at is None else START_MS + at * MIN_MS for at in (begin_min, end_min)]
        axis = night_axis([event(30), event(300), event(570)], [], [session()], (), tuple(said))
        left_out = [one["left_out"] for one in axis.events]
        return spans_min([axis.in_bed_us]), axis.hours("countable") * 60, left_out

    assert bed(None, None) == ([(0, 10)], 10, [None] * 3)
    assert bed(1, None) == ([(1, 10)], pytest.approx(9), ["out_of_bed", None, None])
    assert bed(None, 9) == ([(0, 9)], pytest.approx(9), [None, None, "out_of_bed"])
    assert bed(-5, 30) == ([(-5, 30)], 10, [None] * 3)


def test_what_begins_where_nothing_counts_says_why():
    off = [minute(k, flags=["not_worn"] if k == 3 else []) for k in range(1, 11)]
    told = [
        event(299, "awake", 31.0),
        event(120),  # at the begin of the minute not worn
        event(179.9),
        event(180),
        event(310),
        event(330),  # where being awake ends
        event(600),  # with the last sample
        event(600.001),
        event(250, "posture"),
    ]
    axis = night_axis(told, off, [session()])
    by_time = {one["onset_us"] / 1e6: one["left_out"] for one in axis.events}
    assert by_time == {
        299: None, 120: "not_worn", 179.9: "not_worn", 180: None, 310: "awake", 330: None,
        600: None, 600.001: "not_recorded", 250: None,
    }  # fmt: skip
    hours = {what: axis.hours(what) * 60 for what in ("recorded", "worn", "not_worn", "awake")}
    assert hours == pytest.approx({"recorded": 10, "worn": 9, "not_worn": 1, "awake": 31 / 60})
    assert axis.hours("countable") * 60 == pytest.approx(10 - 1 - 31 / 60)
    assert axis.left_out("jerk") == {"not_worn": 2, "awake": 1, "not_recorded": 1}
    assert len(axis.singles()) == len(axis.counted("jerk")) == 3


def test_several_recordings_are_on_the_axis_of_the_first():
    axis = night_axis([], [], [session(5, 9, at_min=20), session(10)])
    assert spans_min(axis.recorded) == [(0, 10), (20, 25)] and spans_min(axis.gaps) == [(10, 20)]
    assert axis.origin_utc_ms == START_MS
    undated = [session(10, dated=False), session(5, 9, at_min=20, dated=False)]
    assert spans_min(night_axis([], [], undated).recorded) == [(0, 10), (20, 25)]
    undated[1]["boot_id"] = 2
    with pytest.raises(UserError, match="no common time"):
        night_axis([], [], undated)
    half = [session(10), session(5, 9, at_min=20, dated=False)]
    assert night_axis([], [], half).origin_utc_ms is None
    with pytest.raises(UserError, match="two bands"):
        night_axis([], [], [session(10), session(5, 9, 20, device_id="b")])


def test_a_gap_of_which_one_end_is_not_known_is_no_span():
    def gap(start_ms, end_ms):
        return {"start_utc_ms": start_ms, "end_utc_ms": end_ms}

    gaps = [gap(9000, 9500), gap(5000, None), gap(None, 7000), gap(1000, 2500)]
    found = axis._gaps_inside(gaps, 1000, "utc")
    assert found == [(0, 1_500_000), (8_000_000, 8_500_000)]
