"""A laboratory's hypnogram on the axis of a night: by its own date, or refused."""

from datetime import UTC, datetime, timedelta

import pytest
from notturno.errors import UserError
from notturno.scoring.onenight.lab_stages import place_stages

H_US, MIN_US = 3_600_000_000, 60_000_000
ROME = "Europe/Rome"
# 12 January 2026, 22:30 in Rome.
START_UTC_MS = round(datetime(2026, 1, 12, 21, 30, tzinfo=UTC).timestamp() * 1000)
STAGES = [(0, "W"), (20 * MIN_US, "N2"), (8 * H_US, "END")]


def placed(start=None, stages=STAGES, night_h=8.0, utc_ms=START_UTC_MS, zone=ROME, **options):
    length_us = round(night_h * H_US)
    return place_stages(stages, start, utc_ms, length_us, zone, **options)


def test_a_file_begun_30_min_earlier_lies_30_min_earlier():
    found = placed(datetime(2026, 1, 12, 22, 0))
    assert found.offset_s == -1800
    assert found.rows == [(at - 1800_000_000, stage) for at, stage in STAGES]
    assert "2026-01-12 22:00:00 (Europe/Rome)" in found.how


def test_microseconds_of_the_start_are_kept():
    found = placed(datetime(2026, 1, 12, 22, 30, 0, 250_001))
    assert found.rows[0] == (250_001, "W")


def test_what_the_person_adds_comes_on_top_and_is_said():
    found = placed(datetime(2026, 1, 12, 22, 0), offset_s="90.5")
    assert found.offset_s == -1709.5 and found.rows[0][0] == -1_709_500_000
    assert "moved by +90.5 s as asked" in found.how
    with pytest.raises(UserError, match="--stages-offset is 'soon'"):
        placed(offset_s="soon")


def test_a_file_without_a_date_begins_with_the_recording_and_says_so():
    found = placed(no_start="the date in the file was removed")
    assert (found.rows, found.offset_s) == (STAGES, 0)
    assert "begin with the recording (the date in the file was removed)" in found.how
    assert placed(offset_s=-60).rows[0][0] == -MIN_US


def test_a_night_of_an_unknown_clock_takes_the_file_from_its_own_start_and_says_so():
    found = placed(datetime(2020, 5, 5, 1, 0), utc_ms=None)
    assert found.rows == STAGES and "clock of the night is unknown" in found.how


@pytest.mark.parametrize(
    ("start", "fits"),
    [
        (datetime(2026, 1, 12, 18, 30), True),  # 4 of 8 h shared: just half
        (datetime(2026, 1, 12, 18, 29, 59), False),
        (datetime(2026, 1, 13, 2, 30), True),
        (datetime(2026, 1, 13, 2, 30, 1), False),
        (datetime(2026, 1, 11, 22, 30), False),
        (datetime(1989, 4, 24, 16, 13), False),
    ],
)
def test_a_hypnogram_and_a_night_share_half_of_the_shorter(start, fits):
    if fits:
        placed(start)
        return
    with pytest.raises(UserError, match="cannot be of this night") as caught:
        placed(start)
    ends = f"{start:%Y-%m-%d %H:%M} to {start + timedelta(hours=8):%Y-%m-%d %H:%M}"
    assert f"(it runs {ends}," in str(caught.value).replace(" Europe/Rome", "")
    assert "the night 2026-01-12 22:30 to 2026-01-13 06:30" in str(caught.value)


def test_a_band_that_ran_for_a_part_of_the_laboratorys_night_belongs_to_it():
    assert placed(datetime(2026, 1, 12, 19, 0), night_h=3).offset_s == -12_600
    day = [(0, "W"), (22 * H_US, "END")]
    assert placed(datetime(2026, 1, 12, 16, 13), day).rows[0][0] == -377 * MIN_US


@pytest.mark.parametrize(("hour", "offset_s"), [(2, 0), (1, -7200)])
def test_the_hour_that_autumn_repeats_is_the_one_that_fits_the_night(hour, offset_s):
    # 25 October 2026, 02:30 comes twice; the night began at the second, which is 01:30 UTC.
    utc_ms = round(datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp() * 1000)
    assert placed(datetime(2026, 10, 25, hour, 30), utc_ms=utc_ms).offset_s == offset_s


def test_summer_time_is_known():
    utc_ms = round(datetime(2026, 7, 1, 20, 30, tzinfo=UTC).timestamp() * 1000)
    assert placed(datetime(2026, 7, 1, 22, 30), utc_ms=utc_ms).offset_s == 0
