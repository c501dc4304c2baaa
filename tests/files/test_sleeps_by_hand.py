"""Trackers' sleeps by hand: when one can be, in which zone it is, which device is believed."""

from datetime import UTC, datetime, timedelta

import pytest
from notturno.files import sleeps
from notturno.files.sleeps import OfDevice

NIGHT = datetime(2026, 1, 12, 22, 0, tzinfo=UTC)
H = timedelta(hours=1)


def gathered(start, end):
    return sleeps._gathered("x", [("line 1", start, end, "UTC")])


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (datetime(2010, 1, 1, tzinfo=UTC), datetime(2010, 1, 1, 8, tzinfo=UTC), None),
        (
            datetime(2009, 12, 31, 23, tzinfo=UTC),
            datetime(2010, 1, 1, 8, tzinfo=UTC),
            "it lies at",
        ),
        (NIGHT, NIGHT + timedelta(minutes=10), None),
        (NIGHT, NIGHT + timedelta(minutes=9.99), "which is no sleep"),
        (NIGHT, NIGHT + 24 * H, None),
        (NIGHT, NIGHT + 24 * H + timedelta(seconds=1), "24.0 h, which is no sleep"),
        (NIGHT, NIGHT, "it ends before it begins"),
        (NIGHT, NIGHT - H, "it ends before it begins"),
        (None, NIGHT, "its times cannot be read"),
        (NIGHT, None, "its times cannot be read"),
    ],
)
def test_a_sleep_is_one_that_can_be(start, end, why):
    found = gathered(start, end)
    if why is None:
        assert not found.refused and found.found[0]["start_utc_ms"] == start.timestamp() * 1000
        assert found.found[0]["end_utc_ms"] == end.timestamp() * 1000
    else:
        assert not found.found and why in str(found.refused[0])
        assert str(found.refused[0]).startswith("line 1: ")


@pytest.mark.parametrize(("ahead_h", "kept"), [(23.9, True), (24.1, False)])
def test_a_sleep_ends_within_a_day_from_now(ahead_h, kept):
    end = datetime.now(UTC) + ahead_h * H
    assert bool(gathered(end - 8 * H, end).found) is kept


def device(name, begins_h, lasts_h, rank=0):
    begin = NIGHT + begins_h * H
    return OfDevice(name, rank, f"{name} {begins_h}", begin, begin + lasts_h * H, "UTC")


def believed(*spans):
    found = sleeps.of_devices("x", spans)
    hours = [
        ((s["start_utc_ms"] / 1000 - NIGHT.timestamp()) / 3600, s["end_utc_ms"])
        for s in found.found
    ]
    return sorted(h for h, _ in hours), [str(one) for one in found.refused]


def test_of_devices_at_one_time_the_one_that_saw_most_is_believed_and_rank_goes_before():
    assert believed(device("a", 0, 8), device("b", 1, 6)) == (
        [0],
        ["1 more of other devices at the same times"],
    )
    assert believed(device("a", 0, 3), device("a", 4, 3), device("b", 1, 5))[0] == [0, 4]
    assert believed(device("a", 0, 8), device("b", 1, 6, rank=1))[0] == [1]
    assert believed(device("a", 0, 8), device("b", 0, 8))[0] == [0]  # one of two equal ones


def test_sleeps_that_follow_each_other_are_each_one_and_a_chain_is_one_night():
    assert believed(device("a", 0, 2), device("b", 2, 2)) == ([0, 2], [])
    chained = believed(device("a", 0, 3), device("b", 2, 4), device("c", 5, 2))
    assert chained[0] == [2] and chained[1][0].startswith("2 more")


def test_one_that_cannot_be_read_is_told_whatever_the_others_are():
    broken = OfDevice("a", 0, "row 7", None, NIGHT, "UTC")
    found, refused = believed(device("b", 0, 8), broken)
    assert found == [0] and refused == ["row 7: its times cannot be read"]


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("2026-01-12T22:30:00", "2026-01-12T21:30:00"),  # Rome's winter
        ("2026-07-12 22:30", "2026-07-12T20:30:00"),
        ("2026-01-12T22:30:00+05:00", "2026-01-12T17:30:00"),
        ("2026-01-12T22:30:00Z", "2026-01-12T22:30:00"),
        ("2026-01-12", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_time_without_an_offset_is_meant_where_the_person_was(said, utc):
    found = sleeps._iso(said, "Europe/Rome")
    told = None if found is None else found.astimezone(UTC).isoformat()[:19]
    assert told == utc


def test_moments_are_ms_since_1970():
    assert sleeps.moment(1500) == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert sleeps.moment("x") is sleeps.moment(None) is sleeps.moment(1e30) is None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Id,Tz,From,To\n1,UTC,12. 01. 2026 22:00,13. 01. 2026 06:00", "sleep-as-android"),
        (
            "x\ny\nStart Time,End Time,Minutes Asleep\n2026-01-12 10:00PM,2026-01-13 06:00AM,9",
            "fitbit",
        ),
        ("from,to,light (s)\n2026-01-12T22:00:00,2026-01-13T06:00:00,9", "withings"),
        ("Wake;Bed\n2026-01-13 06:00;2026-01-12 22:00", "csv"),
        ("x\ny\nz\nStart Time,End Time,Minutes Asleep\n", None),
        ("bed,zone\n", None),
        ("", None),
    ],
)
def test_a_tracker_is_known_by_its_first_lines(text, source):
    found = sleeps.of_text("\ufeff" + text, "UTC")
    assert (None if found is None else found.source) == source
    if source:
        (one,) = found.found
        assert one["start_utc_ms"] == NIGHT.timestamp() * 1000
        assert one["end_utc_ms"] - one["start_utc_ms"] == 8 * 3_600_000


@pytest.mark.parametrize("head", ["wake,zone", "bed,zone", "bedtime,wake", "", "from,to"])
def test_a_table_without_bed_and_wake_is_no_list_of_sleeps(head):
    row = "2026-03-28T22:15,2026-03-29T04:45"
    assert sleeps.of_text(f"{head}\n{row}\n", "UTC") is None


def test_what_separates_columns_is_what_separates_their_names():
    row = "2026-03-28T22:15;2026-03-29T04:45;tea, milk, honey, late"
    found = sleeps.of_text(f"bed;wake;note\n{row}\n", "UTC")
    assert len(found.found) == 1 and found.refused == []


def test_a_row_that_is_no_row_is_refused_beside_the_others():
    night = {
        "bedtime_start": "2026-01-12T22:00:00+01:00",
        "bedtime_end": "2026-01-13T06:00:00+01:00",
    }
    found = sleeps.of_json({"data": [night, "x", {"type": "deleted"} | night]}, "UTC")
    assert len(found.found) == 1
