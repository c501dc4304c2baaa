"""How a limb lay: spans of one direction, told by the angle to the one that was held longest."""

import math

import pytest
from notturno.nights.lying import STEADY_DEG, angle_deg, hours_turned, lying

MINUTE_US = 60_000_000


def towards(degrees, about="y"):
    """Return gravity in mg turned by so many degrees about an axis from straight along z."""
    sine, cosine = (1000 * f(math.radians(degrees)) for f in (math.sin, math.cos))
    return [round(sine), 0, round(cosine)] if about == "y" else [0, round(sine), round(cosine)]


def minutes(*gravities, first=0, flags=()):
    return [
        {
            "start_us": (first + i) * MINUTE_US,
            "end_us": (first + i + 1) * MINUTE_US,
            "gravity_mg": gravity,
            "flag_names": list(flags),
        }
        for i, gravity in enumerate(gravities)
    ]


def told(rows):
    return [
        (span.start_us // MINUTE_US, span.end_us // MINUTE_US, round(span.turned_deg))
        for span in lying(rows)
    ]


def test_the_longest_way_is_nothing_turned_and_over_is_180():
    rows = minutes(*[towards(0)] * 5, *[towards(180)] * 30, *[towards(90)] * 10)
    assert told(rows) == [(0, 5, 180), (5, 35, 0), (35, 45, 90)]


def test_two_visits_to_one_way_count_together():
    rows = minutes(*[towards(10)] * 9, *[towards(90)] * 12, *[towards(0)] * 9)
    assert [turned for _, _, turned in told(rows)] in ([0, 80, 10], [10, 90, 0])


@pytest.mark.parametrize(("by", "spans"), [(STEADY_DEG - 2, 1), (STEADY_DEG + 2, 2)])
def test_a_turn_is_the_detectors_own_bound(by, spans):
    assert STEADY_DEG == 20
    assert len(told(minutes(*[towards(0)] * 6, *[towards(by, "x")] * 5))) == spans


def test_a_slow_drift_ends_a_span_when_it_has_come_so_far():
    rows = minutes(*[towards(degrees) for degrees in range(0, 90, 2)])
    assert [end - start for start, end, _ in told(rows)] == [11, 11, 11, 11, 1]


@pytest.mark.parametrize("gravity", [[0, 0, 0], [0, 0, 500], [0, 1500, 0]])
def test_what_is_not_1_g_tells_nothing_and_parts_the_night(gravity):
    rows = minutes(*[towards(0)] * 4, gravity, *[towards(0)] * 4)
    assert told(rows) == [(0, 4, 0), (5, 9, 0)]


def test_a_band_not_worn_tells_nothing():
    rows = minutes(*[towards(0)] * 4)
    rows += minutes(*[towards(90)] * 40, first=4, flags=["not_worn"])
    assert told(rows) == [(0, 4, 0)]


def test_lost_minutes_part_the_night():
    rows = minutes(*[towards(0)] * 4) + minutes(*[towards(0)] * 4, first=10)
    assert told(rows) == [(0, 4, 0), (10, 14, 0)]


def test_nothing_is_told_of_nothing():
    assert lying([]) == [] and told(minutes([0, 0, 0])) == []


def test_hours_by_bounds():
    spans = [
        {"start_ms": 0, "end_ms": 3_600_000, "turned_deg": 44.9},
        {"start_ms": 3_600_000, "end_ms": 5_400_000, "turned_deg": 45.0},
        {"start_ms": 5_400_000, "end_ms": 6_300_000, "turned_deg": 180.0},
    ]
    assert hours_turned(spans, (45, 135)) == [1.0, 0.5, 0.25]


def test_an_angle_is_of_the_shorter_way():
    assert angle_deg((1, 0, 0), (0, 0, 1)) == pytest.approx(90)
    assert angle_deg((1, 0, 0), (-1, 0, 0)) == pytest.approx(180)
    assert angle_deg((1, 0, 1e-9), (1.0000000001, 0, 0)) == pytest.approx(0, abs=1e-6)
