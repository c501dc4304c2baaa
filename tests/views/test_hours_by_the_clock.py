"""A night's hours, cut by the clock where there is one, by hand; and its spans in milliseconds."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "scoring_nights"))
from night_rows import START_UTC_MS, event, session  # noqa: E402
from notturno.nights.axis import night_axis  # noqa: E402
from notturno.views import night  # noqa: E402

MIN_MS, H_MS = 60_000, 3_600_000  # START_UTC_MS is 22:30 in Rome, 21:30 UTC


def axis(events=(), n_minutes=200, start_ms=START_UTC_MS):
    return night_axis(events, (), [session(n_minutes, start_utc_ms=start_ms)])


def hours(*events, zone="Europe/Rome", **how):
    found = night.clock_hours(axis(events, **how), zone)
    assert all("start_us" not in row for row in found)
    return [(row["hour"], row["start_ms"] - START_UTC_MS, row["events"]) for row in found]


def test_hours_begin_with_the_clocks_and_go_on_behind_midnight():
    events = (event(60), event(29 * 60), event(31 * 60), event(91 * 60))
    assert hours(*events) == [
        (22, -30 * MIN_MS, 2),
        (23, 30 * MIN_MS, 1),
        (24, 90 * MIN_MS, 1),
        (25, 150 * MIN_MS, 0),
    ]


@pytest.mark.parametrize(
    ("zone", "first", "into_min"),
    [
        ("UTC", 21, 30),
        ("Asia/Kolkata", 27, 0),
        ("Asia/Tokyo", 30, 30),
        ("America/New_York", 16, 30),
    ],
)
def test_before_noon_a_hour_is_one_behind_midnight(zone, first, into_min):
    rows = hours(zone=zone, n_minutes=90)
    assert rows[0][:2] == (first, -into_min * MIN_MS)


def test_seconds_and_their_parts_are_of_the_hour_too():
    rows = night.clock_hours(axis(start_ms=START_UTC_MS + 12_345, n_minutes=60), "Europe/Rome")
    assert [row["start_ms"] - START_UTC_MS for row in rows] == [-30 * MIN_MS, 30 * MIN_MS]


def test_without_a_clock_hours_count_from_the_start():
    one = night_axis([event(3700)], (), [session(90, start_utc_ms=None, end_utc_ms=None)])
    assert one.origin_utc_ms is None
    found = night.clock_hours(one, "Europe/Rome")
    assert [(row["hour"], row["start_ms"], row["events"]) for row in found] == [
        (0, 0, 0),
        (1, H_MS, 1),
    ]


def test_instants_are_rounded_to_milliseconds_from_the_origin():
    ms_of = night._to_ms(1000)
    assert [ms_of(us) for us in (0, 499, 501, -1500, 2_000_000)] == [1000, 1000, 1001, 998, 3000]
    assert night._pairs([(0, 1000), (2000, 3000)], ms_of) == [[1000, 1001], [1002, 1003]]


def test_sleep_is_not_seen_by_a_band_that_is_not_worn():
    slept = {"stages": [(0, "W"), (10_000, "S"), (50_000, "W"), (60_000, "S"), (90_000, "END")]}
    assert night._asleep(slept, [(20_000, 30_000), (85_000, 99_000)], night._to_ms(0)) == [
        [10, 20],
        [30, 50],
        [60, 85],
    ]
