"""Times in a column of somebody's table, by hand: each form, and where one is taken as another."""

from datetime import datetime

import pytest
from notturno.nights.moments import length_of, moments_of, unreadable

S, MIN, H = 10**6, 60 * 10**6, 3600 * 10**6


class Wrong(Exception):
    """Which cell cannot be read, and why."""


def wrong(place, why):
    return Wrong(place, str(why))


def of(*cells, unit_us=S, comma=False):
    return moments_of(cells, unit_us, comma, wrong)


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit_us", "cells", "at_us"),
    [
        (S, ("1.5", "", "20"), [1_500_000, None, 20 * S]),
        (1000, ("1500", "0.5", "2"), [1_500_000, 500, 2000]),
        (1, ("7", "7.5", "8.5"), [7, 8, 8]),  # to the even one
        (MIN, ("0.5", "2", ""), [30 * S, 2 * MIN, None]),
    ],
)
def test_plain_numbers_are_of_their_unit(unit_us, cells, at_us):
    found = of(*cells, unit_us=unit_us)
    assert found.at_us == at_us and found.starts == [] and found.clock_us is None


def test_a_comma_is_a_decimal_where_commas_may_be_and_no_point_is_there():
    assert of("1,5", comma=True).at_us == [1_500_000]
    with pytest.raises(Wrong):
        of("1,5")
    with pytest.raises(Wrong):
        of("1,000.5", comma=True)


@pytest.mark.parametrize(
    ("first", "per_s"),
    [(1_768_253_400, 1), (1_768_253_400_000, 10**3)]
    + [(1_768_253_400_000_000, 10**6), (1_768_253_400 * 10**9, 10**9)],
)
def test_numbers_as_large_as_a_date_since_1970_are_one_in_s_ms_us_or_ns(first, per_s):
    found = of(str(first + 30 * per_s), str(first), unit_us=MIN)
    assert found.at_us == [30 * S, 0]


@pytest.mark.parametrize(
    ("low", "high", "dated"),
    [(10**9, 4 * 10**9, True), (10**9 - 1, 10**9, False), (10**9 - 9, 10**9 - 1, False)],
)
def test_a_date_is_of_2001_or_later_in_every_cell(low, high, dated):
    assert (of(str(low), str(high)).at_us[0] == 0) is dated


def test_a_number_behind_2096_is_no_date_and_no_time():
    with pytest.raises(Wrong, match="not a finite number of seconds"):
        of(str(10**9), str(4 * 10**9 + 1))


# --- the clock and what has run since ------------------------------------------------------------


def test_hours_that_begin_before_noon_and_stay_in_a_day_are_elapsed():
    found = of("00:00:10", "07:59:59.5", "")
    assert found.at_us == [10 * S, 8 * H - 500_000, None]
    assert (found.clock_us, found.elapsed) == (0, True)


@pytest.mark.parametrize(
    ("first", "elapsed"), [("11:59:59", True), ("12:00:00", False), ("22:00:00", False)]
)
def test_noon_parts_what_has_run_from_the_clock(first, elapsed):
    found = of(first, "23:00:00")
    assert found.elapsed is elapsed
    assert found.at_us[0] == (12 * H - S if elapsed else 0)


def test_what_goes_past_midnight_is_of_the_clock_whenever_it_began():
    found = of("11:00:00", "23:30:00", "00:30:00")
    assert found.at_us == [0, 12 * H + 30 * MIN, 13 * H + 30 * MIN]
    assert (found.clock_us, found.elapsed, found.starts) == (11 * H, False, [])
    found = of("22:10:05.250", "00:00:00")
    assert found.clock_us == 22 * H + 10 * MIN + 5_250_000


def test_an_hour_of_one_digit_is_of_no_clock():
    assert of("0:00:10", "7:10:00").clock_us is None and of("0:00:10").elapsed
    assert of("1:00:10 am", "02:00:00 am").clock_us == 0


@pytest.mark.parametrize(
    ("cell", "hour"), [("12:00 am", 0), ("12:00 PM", 12), ("1:00 p.m.", 13), ("11:00pm", 23)]
)
def test_twelve_hours_have_halves(cell, hour):
    found = of(cell, "11:59 pm")
    assert found.at_us[0] + (found.clock_us or 0) == hour * H


@pytest.mark.parametrize(
    ("cell", "at_us"),
    [("01:02", 3720 * S), ("01:02:03", 3723 * S), ("01:02:03,5", 3_723_500_000)]
    + [("01:02:03:5", 3_723_500_000), ("01:02:03.000001", 3_723_000_001)],
)
def test_seconds_and_their_parts_may_be_left_out(cell, at_us):
    assert of(cell).at_us == [at_us]


@pytest.mark.parametrize("cells", [("01:02", "soon"), ("01:60", ""), ("01:2:03", "")])
def test_what_is_no_time_is_named_by_its_place(cells):
    with pytest.raises(Wrong) as error:
        of("", *cells)
    assert error.value.args[0] in (1, 2)


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "start"),
    [
        (("2026-03-01 22:00", "2026-03-02 06:00"), datetime(2026, 3, 1, 22)),
        (("2026/03/01T22:00:00", "2026/03/02T06:00:00"), datetime(2026, 3, 1, 22)),
        (("01.03.2026 22:00", "02.03.2026 06:00"), datetime(2026, 3, 1, 22)),
        (("01.03.26, 22:00", "02.03.26, 06:00"), datetime(2026, 3, 1, 22)),
        (("31/12/2025 22:00", "01/01/2026 06:00"), datetime(2025, 12, 31, 22)),
        (("03/01/2026 22:00", "03/02/2026 06:00"), datetime(2026, 3, 1, 22)),
        (("13/01/2026 10:00 pm", "14/01/2026 6:00 am"), datetime(2026, 1, 13, 22)),
    ],
)
def test_a_date_is_read_so_that_the_night_is_shortest(cells, start):
    found = of(*cells)
    assert found.at_us == [0, 8 * H] and found.starts == [start]


def test_a_date_that_may_be_of_two_days_has_two_starts():
    assert of("03/01/2026 22:00").starts == [datetime(2026, 1, 3, 22), datetime(2026, 3, 1, 22)]
    assert of("03/03/2026 22:00").starts == [datetime(2026, 3, 3, 22)]
    assert of("03.01.2026 22:00").starts == [datetime(2026, 1, 3, 22)]


def test_zones_part_moments_and_stay_out_of_the_local_start():
    found = of("2026-03-29 01:30:00+01:00", "2026-03-29 03:30:00+02:00")
    assert found.at_us == [0, H] and found.starts == [datetime(2026, 3, 29, 1, 30)]
    assert of("2026-03-29 01:30Z", "2026-03-29 03:30+0200").at_us == [0, 0]


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        (("2026-03-01 22:00", "23:00"), 1),
        (("22:00", "2026-03-01 23:00"), 0),
        (("2026-03-01 22:00Z", "2026-03-01 23:00"), 1),
        (("2026-13-41 22:00", "2026-03-01 23:00"), 0),
    ],
)
def test_one_column_is_written_in_one_way(cells, place):
    with pytest.raises(Wrong) as error:
        of(*cells)
    assert error.value.args[0] == place


# --- lengths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "unit_us", "us"),
    [("2.5", S, 2_500_000), ("1:30", S, 90 * S), ("1:02:03.5", S, 3_723_500_000)]
    + [("0:00:00,25", S, 250_000), ("4", MIN, 4 * MIN), ("1:30", MIN, 90 * S)],
)
def test_a_length_is_a_number_or_minutes_and_seconds(cell, unit_us, us):
    assert length_of(cell, unit_us, False) == us


@pytest.mark.parametrize("cell", ["1:2:3:4", "x:30", "1:x", "-1:30"])
def test_what_is_no_length_is_none(cell):
    with pytest.raises(ValueError):
        length_of(cell, S, False)


def test_an_error_names_file_line_column_and_cell():
    said = str(unreadable("a.csv", "onset", ["1", "x"], [2, 9])(1, "no time"))
    assert said == "a.csv, line 9: onset is 'x', no time; correct it."
