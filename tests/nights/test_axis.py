"""Countable time, what counts in it, and that every event is counted or left out by name."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.nights import counts
from notturno.nights.axis import night_axis
from notturno.nights.spans import shared, without
from notturno_core import wire

sys.path.append(str(Path(__file__).resolve().parents[1] / "scoring_nights"))
import night_rows
from night_rows import START_UTC_MS, gap, minutes, session
from whole import whole_or

MIN = 60


def event(kind, at_s, lasts_s=0.1, **values):
    return night_rows.event(at_s, kind, lasts_s, **values)


def axis_of(events=(), mins=None, n=480, gaps=(), **options):
    return night_axis(list(events), mins or minutes(n), [session(n)], gaps, **options)


def hours(axis, *names):
    return [round(axis.hours(name), 4) for name in names]


def test_a_gap_told_twice_is_taken_off_once():
    told = event("gap", 35 * MIN, 5 * MIN)  # dated behind the gap, as the band does
    axis = axis_of([told], n=65, gaps=[gap(30, 35)])
    assert hours(axis, "recorded", "countable", "gaps") == [1.0, 1.0, 0.0833]


def test_a_gap_that_only_the_event_tells_of_lies_before_it():
    axis = axis_of([event("gap", 35 * MIN, 5 * MIN), event("jerk", 36 * MIN)], n=65)
    assert hours(axis, "recorded") == [1.0]
    assert [span[0] // 60_000_000 for span in axis.gaps] == [30]
    assert len(axis.singles()) == 1


def test_the_segments_know_a_gap_better_than_its_event():
    told = event("gap", 35 * MIN + 1, 8 * MIN)  # samples times the rate that the band believed
    assert hours(axis_of([told], n=65, gaps=[gap(30, 35)]), "gaps") == [round(5 / 60, 4)]


@pytest.mark.parametrize(
    ("apart_s", "missing_s"), [(-2.0, 6.0), (2.0, 6.0), (-2.1, 32.1), (2.1, 30.0)]
)
def test_an_event_within_two_seconds_tells_of_the_same_gap(apart_s, missing_s):
    told = event("gap", 40 * MIN + apart_s, 30)
    gaps = axis_of([told], n=65, gaps=[gap(39.9, 40)]).gaps
    assert sum(end - start for start, end in gaps) / 1e6 == pytest.approx(missing_s, abs=0.01)


def test_two_gaps_a_few_seconds_apart_are_both_taken_off():
    axis = axis_of(
        [event("gap", 35 * MIN, 60), event("gap", 35 * MIN + 5, 3)], n=65, gaps=[gap(34, 35)]
    )
    assert hours(axis, "gaps") == [round(63 / 3600, 4)]


@pytest.mark.parametrize(
    ("flag", "left_out"),
    [(name, name) for name in ("in_rhythm", "in_awake", "in_lm", "truncated", "vibration")]
    + [("small", "small"), ("slow", "slow")]
    + [(name, None) for name in ("clipped", "after_gap", "posture_changed", "no_morphology")],
)
def test_a_jerk_counts_unless_a_flag_keeps_it_out(flag, left_out):
    axis = axis_of([event("jerk", 100, flags=[flag])])
    assert axis.events[0]["left_out"] == left_out
    assert len(axis.singles()) == (left_out is None)
    assert counts.left_out_as(wire.EVENT_JERK, counts.flags_of([flag])) == left_out


def test_a_later_move_of_one_turn_is_no_turn_more_and_one_amid_waking_is():
    turns = [event("posture", 100), event("posture", 104, flags=["in_lm"])]
    axis = axis_of([*turns, event("posture", 500, flags=["in_awake", "posture_changed"])])
    assert [e["left_out"] for e in axis.events] == [None, "posture_changed", None]
    assert len(axis.counted("posture")) == 2


OUT = ("in_awake", "truncated", "vibration", "in_rhythm", "small")


@pytest.mark.parametrize(
    ("kind", "out", "kept"),
    [
        ("lm", ("posture_changed", "in_lm"), ("large", "no_morphology", "slow")),
        ("rhythm", ("in_lm",), ("posture_changed", "large", "clonic_band", "slow")),
    ],
)
def test_a_movement_counts_unless_a_flag_keeps_it_out(kind, out, kept):
    for flag in (*OUT, *out):
        axis = axis_of([event(kind, 100, 2.0, flags=[flag])])
        assert axis.events[0]["left_out"] == flag and axis.counted(kind) == []
    for flag in kept:
        axis = axis_of([event(kind, 100, 2.0, flags=[flag])])
        assert axis.events[0]["left_out"] is None


def test_the_first_reason_is_named_where_there_are_several():
    said = ["slow", "small", "in_lm", "in_rhythm", "in_awake", "vibration", "truncated"]
    for i in range(len(said)):
        (event_,) = axis_of([event("jerk", 100, flags=said[: i + 1])]).events
        assert event_["left_out"] == said[i]


def test_the_hand_at_the_dock_is_no_limb_movement():
    axis = axis_of([event("lm", 479 * MIN, 3.0, flags=["truncated"])])
    assert axis.counted("lm") == [] and axis.left_out("lm") == {"truncated": 1}


def test_nothing_counts_while_awake_or_not_worn_and_no_rate_divides_by_it():
    mins = minutes(60, flags=["not_worn"]) + minutes(420, first=60)
    awake = event("awake", 120 * MIN, 180 * MIN)
    inside = [event("jerk", s * MIN) for s in (30, 119.9, 120, 299.9, 300, 400)]
    axis = axis_of([awake, *inside, event("lm", 200 * MIN, 2.0)], mins)
    assert hours(axis, "recorded", "worn", "awake", "not_worn", "countable") == [8, 7, 3, 1, 4]
    assert axis.left_out("jerk") == {"not_worn": 1, "awake": 2}
    assert axis.left_out("lm") == {"awake": 1}
    assert len(axis.singles()) == 3


def test_a_span_not_worn_counts_once_whether_minutes_or_an_event_tell_of_it():
    mins = minutes(60, flags=["not_worn"]) + minutes(420, first=60)
    axis = axis_of([event("not_worn", 10 * MIN, 80 * MIN)], mins)
    assert hours(axis, "not_worn") == [1.5]


def test_what_the_person_says_of_bed_goes_before_the_recording():
    bed = (START_UTC_MS + 60 * 60_000, START_UTC_MS + 7 * 3_600_000)
    axis = axis_of([event("jerk", 30 * MIN), event("jerk", 90 * MIN)], in_bed_utc_ms=bed)
    assert hours(axis, "recorded", "countable") == [8, 6]
    assert axis.left_out("jerk") == {"out_of_bed": 1}


def test_an_event_with_the_last_sample_counts():
    assert len(axis_of([event("jerk", 480 * MIN)]).singles()) == 1


def test_every_reason_has_words():
    names = {name for rows in counts.BY_FLAGS.values() for _, name in rows}
    assert names | set(counts.BY_TIME) | {"one_side"} == set(counts.WORDS)


FLAGS = ["in_rhythm", "in_awake", "in_lm", "truncated", "vibration", "clipped", "large"]
FLAGS += ["small", "slow", "posture_changed"]


@settings(max_examples=whole_or(150, 60), deadline=None)
@given(
    found=st.lists(
        st.tuples(
            st.sampled_from(["jerk", "lm", "rhythm", "awake", "not_worn", "posture", "gap"]),
            st.integers(0, 8 * 3600 - 1),
            st.integers(0, 5400),
            st.sets(st.sampled_from(FLAGS), max_size=2),
        ),
        max_size=30,
    ),
    unworn=st.tuples(st.integers(0, 480), st.integers(0, 240)),
    holes=st.lists(st.tuples(st.integers(0, 470), st.integers(1, 60)), max_size=3),
)
def test_counted_and_left_out_are_all_and_hours_add_up(found, unworn, holes):
    events = [
        event(kind, s, lasts if kind in ("awake", "not_worn") else 1.0, flags=flags, seq=i)
        for i, (kind, s, lasts, flags) in enumerate(found)
    ]
    first, n = unworn
    n = min(n, 480 - first)
    mins = (
        minutes(first)
        + minutes(n, first, flags=["not_worn"])
        + minutes(480 - first - n, first + n)
    )
    axis = axis_of(events, mins, gaps=[gap(a, min(480, a + b)) for a, b in holes])
    for kind in ("jerk", "lm", "rhythm"):
        every = sum(e["kind"] == kind for e in axis.events)
        assert len(axis.counted(kind)) + sum(axis.left_out(kind).values()) == every
        for one in axis.counted(kind):
            at = one["onset_us"]
            assert any(a <= at <= b for a, b in axis.countable)
    assert without([axis.span_us], axis.countable) == axis.uncountable
    assert shared(axis.countable, axis.not_worn) == shared(axis.countable, axis.awake) == []
    assert shared(axis.countable, axis.gaps) == []
    assert axis.hours("worn") + axis.hours("not_worn") == pytest.approx(axis.hours("recorded"))
    assert axis.hours("countable") <= axis.hours("worn") + 1e-9
