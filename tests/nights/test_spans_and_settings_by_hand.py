"""Spans of time, times past midnight, settings and anchors of a clock, at their bounds."""

from decimal import Decimal

import pytest
from notturno.nights import anchors, lying, settings, spans, verdict
from notturno.nights.anchors import Anchor
from notturno.nights.state import Held, state_of

T0 = 1_768_253_400_000
H_MS = 3_600_000


# --- spans ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "us"),
    [
        ("0.5", 500_000),
        (" 12 ", 12_000_000),
        (3, 3_000_000),
        (0.1, 100_000),
        (Decimal("0.0000005"), 0),  # half to even
        (Decimal("0.0000015"), 2),
        ("-1.25", -1_250_000),
        ("1000000000", 10**15),
        (0.0000004, 0),
    ],
)
def test_seconds_become_whole_microseconds(said, us):
    found = spans.to_us(said)
    assert found == us and type(found) is int


@pytest.mark.parametrize(
    "said", ["1000000000.1", "x", "nan", "inf", "", float("nan"), float("inf")]
)
def test_what_is_no_number_of_seconds_is_none(said):
    with pytest.raises(ValueError, match="number"):
        spans.to_us(said)


@pytest.mark.parametrize(
    ("of_day", "after"),
    [
        ((22, 23, 1, 6), [22, 23, 25, 30]),
        ((22, 10), [22, 10]),  # just half a day back is still the same day
        ((22, 9), [22, 33]),
        ((22, 1, 13), [22, 25, 37]),  # just half a day on is the same one
        ((22, 1, 13.5), [22, 25, 13.5]),
        ((1, 22, 23), [1, 22, 23]),  # no day before the first
        ((22, None, 1, None), [22, None, 25, None]),
        ((22, 1, 22, 1), [22, 25, 22, 25]),
        ((), []),
    ],
)
def test_times_of_day_go_on_past_midnight(of_day, after):
    assert spans.past_midnight(of_day, 24) == after


def test_spans_that_touch_are_one_and_holes_leave_no_empty_pieces():
    assert spans.merged([(5, 7), (0, 3), (3, 4), (1, 2)]) == [(0, 4), (5, 7)]
    whole = [(0, 10), (20, 30)]
    assert spans.without(whole, [(0, 2), (9, 21), (25, 25), (30, 40)]) == [
        (2, 9),
        (21, 25),
        (25, 30),
    ]
    assert spans.without(whole, [(10, 20)]) == whole
    assert spans.without(whole, [(4, 6), (-5, 0)]) == [(0, 4), (6, 10), (20, 30)]
    assert spans.without(whole, [(-1, 100)]) == []
    assert spans.shared(whole, [(10, 20)]) == []
    assert spans.shared(whole, [(-5, 3), (8, 22), (29, 50)]) == [
        (0, 3),
        (8, 10),
        (20, 22),
        (29, 30),
    ]
    assert spans.shared([(0, 5), (5, 9)], [(4, 6)]) == [(4, 5), (5, 6)]
    assert spans.overlap_us(whole, [(8, 22), (0, 9)]) == 12


def test_of_near_pairs_the_nearest_go_first_and_each_is_used_once():
    assert spans.nearest_pairs([(5, 0, 0), (3, 0, 1), (4, 1, 1), (9, 1, 0)]) == [(0, 1), (1, 0)]
    assert spans.nearest_pairs([(1, 1, 0), (1, 0, 0)]) == [(0, 0)]


# --- a clock held against earlier settings -------------------------------------------------------


@pytest.mark.parametrize(
    ("utc_ms", "off_ms", "contradicts"),
    [
        (T0 + H_MS, 0, False),
        (T0 + H_MS + 74_030, 74_030, False),  # 2 s, 30 ms of the setting's own, 2 % of an hour
        (T0 + H_MS + 74_031, 74_031, True),
        (T0 + H_MS - 74_030, -74_030, False),
        (T0 + H_MS - 74_031, -74_031, True),
    ],
)
def test_a_clock_may_be_off_by_two_seconds_and_a_usual_drift(utc_ms, off_ms, contradicts):
    said = settings.judge([Anchor(1000, T0, 30)], 1000 + H_MS, utc_ms)
    assert (said.difference_ms, said.allowed_ms) == (off_ms, 74_030)
    assert said.contradicts is contradicts


def test_the_nearest_setting_is_the_witness_before_and_behind():
    early, late = Anchor(0, T0, 10), Anchor(10 * H_MS, T0 + 10 * H_MS, 20)
    assert settings.judge([late, early], 4 * H_MS, 0).against == early
    assert settings.judge([late, early], 6 * H_MS, 0).against == late
    before = settings.judge([late, early], 9 * H_MS, T0 + 9 * H_MS + 5)
    assert (before.against, before.difference_ms) == (late, 5)
    assert before.allowed_ms == 2000 + 20 + 72_000
    assert settings.judge([], 0, T0) is None


# --- anchors -------------------------------------------------------------------------------------


def test_a_band_is_set_between_2020_and_2120():
    from datetime import UTC, datetime

    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000 for year in (2020, 2120))
    for at, is_one in ((first - 1, False), (first, True), (last - 1, True), (last, False)):
        assert anchors.is_a_time(round(at)) is is_one


def test_a_date_carried_over_a_reset_is_off_by_a_twentieth_of_the_time():
    assert anchors.carried_error_ms(20, 0) == 20
    assert anchors.carried_error_ms(20, 100) == 20 + 5000


def test_settings_within_a_minute_that_agree_are_one_witness():
    def kept(*said):
        return [one.tick_ms for one in anchors.witnesses([Anchor(*one) for one in said])]

    assert kept((0, T0, 20), (59_999, T0 + 59_999, 20)) == [0]
    assert kept((0, T0, 20), (60_000, T0 + 60_000, 20)) == [0, 60_000]
    assert kept((0, T0, 20), (1000, T0 + 1000, 19)) == [1000]  # the better of the two
    # 20 + 30 ms of their errors, 12 % of the time between, and 10 ms.
    assert kept((0, T0, 20), (10_000, T0 + 11_260, 30)) == [0]
    assert kept((0, T0, 20), (10_000, T0 + 11_261, 30)) == [0, 10_000]
    assert kept((0, T0, 20), (10_000, T0 + 8740, 30)) == [0]
    assert kept((0, T0, 20), (10_000, T0 + 8739, 30)) == [0, 10_000]
    # A sitting is a minute from its first, however many there are.
    assert kept((0, T0, 20), (40_000, T0 + 40_000, 20), (80_000, T0 + 80_000, 20)) == [0, 80_000]


def every(step_ms, n, first_ms=0):
    return [Anchor(first_ms + step_ms * i, T0 + first_ms + step_ms * i, 20) for i in range(n)]


def test_four_settings_an_hour_apart_speak_on_either_side():
    known = every(H_MS, 30)
    near = [one.tick_ms // H_MS for one in anchors.near(known, 10.5 * H_MS, 12.5 * H_MS)]
    assert near == [7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    at = [one.tick_ms // H_MS for one in anchors.near(known, 10 * H_MS, 12 * H_MS)]
    assert at == [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]  # an end belongs to what is inside
    close = every(H_MS - 1, 30)
    assert len(anchors.near(close, 40 * H_MS, 50 * H_MS)) == 8  # two go for one
    flood = every(1000, 500)
    assert len(anchors.near(flood, 10**9, 10**9)) == 16
    assert len(anchors.near(flood, -1, -1)) == 16


# --- lying ---------------------------------------------------------------------------------------


def test_hours_are_told_by_how_far_the_limb_was_turned():
    turned = [(0, 29.9), (1, 30), (2, 59), (3, 60), (4, 180)]
    rows = [
        {"start_ms": at * H_MS, "end_ms": at * H_MS + H_MS // 2, "turned_deg": deg}
        for at, deg in turned
    ]
    assert lying.hours_turned(rows, (30, 60)) == [0.5, 1.0, 1.0]
    assert lying.hours_turned([], (30,)) == [0.0, 0.0]
    assert lying.angle_deg((1, 0, 0), (0, 1, 0)) == pytest.approx(90)
    assert lying.angle_deg((0.6, 0.8, 0), (-0.6, -0.8, 0)) == pytest.approx(180)
    assert lying.angle_deg((0, 0, 1), (0, 0.6, 0.8)) == pytest.approx(36.8699, abs=1e-3)


# --- state and verdict ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "which"),
    [
        (((7, 8),), "records 7 to 8 nothing"),
        (((7, 7), (9, 10)), "record 7 and 2 records more nothing"),
        (((7, 7), (9, 9), (11, 11)), "record 7 and 2 records more nothing"),
    ],
)
def test_records_that_never_came_are_counted(lost, which):
    assert which in str(state_of("docked", False, Held(100, lost=lost))[1])
    # What is still on the band goes before what is lost.
    said = str(state_of("docked", False, Held(100, band_next=102, lost=lost))[1])
    assert said.startswith("2 records are still on the band")
    assert state_of("docked", False, Held(100, band_next=99)) == state_of(
        "docked", False, Held(100)
    )


def test_a_refused_night_says_how_much_of_it():
    def why(span_h=8.0, recorded_h=8.0, not_worn_h=0.0, countable_h=8.0):
        hours = {"recorded_h": recorded_h, "not_worn_h": not_worn_h, "countable_h": countable_h}
        return verdict.refusal_of(hours, span_h, "complete", "", None, 0.0, None).reason

    assert why(recorded_h=6.0) == "25% of it was not recorded."
    assert why(not_worn_h=2.0) == "The band was not worn for 2.0 of 8.0 h."
    assert why(countable_h=0.25) == "15 min could be counted in; a rate needs 30."
    assert why(span_h=21.0, recorded_h=21.0).startswith("It is one recording of 21 h")
    nothing = why(span_h=0.0, recorded_h=0.0, countable_h=0.0)
    assert nothing == "0 min could be counted in; a rate needs 30."
