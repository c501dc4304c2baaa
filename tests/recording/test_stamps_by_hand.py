"""Date-times of loggers in seconds since 1970, form by form, against the calendar module."""

import calendar
import math

import pytest
from notturno.detect import recording_stamps
from notturno.detect.recording_stamps import date_times
from notturno.errors import UserError

AT_S = calendar.timegm((2026, 1, 27, 22, 0, 0))


def seconds(*cells, **how):
    found = date_times(list(cells), "x.csv", **how)
    return found.seconds.tolist(), found


@pytest.mark.parametrize(
    ("cell", "at_s", "is_utc"),
    [
        ("2026-01-27 22:00:00", AT_S, False),
        ("2026-01-27T22:00:00.250", AT_S + 0.25, False),
        ("2026-01-27 22:00:00:500", AT_S + 0.5, False),  # GENEActiv
        ("2026-01-27 22:00:00:050", AT_S + 0.05, False),
        ("2026-01-27T22:00:00Z", AT_S, True),
        ("2026-01-27T22:00:00.5+01:00", AT_S - 3600 + 0.5, True),
        ("2026-01-27T22:00:00-0530", AT_S + 5.5 * 3600, True),
        ("1969-12-31 23:59:59", -1, False),
        ("2026-01-27", AT_S - 22 * 3600, False),  # -27 is no zone
    ],
)
def test_a_stamp_is_seconds_since_1970(cell, at_s, is_utc):
    told, found = seconds(cell, cell)
    assert told == pytest.approx([at_s, at_s], abs=1e-6)
    assert (found.is_utc, found.is_dated, found.notes) == (is_utc, True, ())


def test_what_has_no_zone_is_utc_where_it_is_said():
    assert seconds("2026-01-27 22:00:00", is_utc=True)[1].is_utc is True


def test_a_cell_that_is_none_is_none_and_the_others_stay():
    told, _ = seconds(
        "2026-01-27 22:00:00", "", "junk", "2026-01-27 22:00:01", "2026-01-27 22:00:02"
    )
    assert told[0] == AT_S and told[3:] == [AT_S + 1, AT_S + 2]
    assert math.isnan(told[1]) and math.isnan(told[2])


def test_a_zone_in_some_cells_only_is_taken_for_no_stamp_there():
    told, _ = seconds("2026-01-27T22:00:00Z", "2026-01-27T22:00:01Z", "2026-01-27T22:00:02")
    assert told[:2] == [AT_S, AT_S + 1] and math.isnan(told[2])
    told, _ = seconds("2026-01-27T22:00:00", "2026-01-27T22:00:01", "2026-01-27T22:00:02Z")
    assert told[:2] == [AT_S, AT_S + 1] and math.isnan(told[2])


def test_half_of_them_may_be_none_and_no_more():
    assert seconds("2026-01-27 22:00:00", "junk")[0][0] == AT_S
    with pytest.raises(UserError, match=r"x.csv: the time 2026-01-27 22:00:00 is not understood"):
        date_times(["2026-01-27 22:00:00", "junk", "junk"], "x.csv")


def test_what_is_not_understood_is_told_by_its_beginning():
    with pytest.raises(UserError) as error:
        date_times(["", "y" * 50], "x.csv")
    assert f"the time {'y' * 40} is not" in str(error.value)


@pytest.mark.parametrize(
    ("cells", "told", "is_dated", "doubtful"),
    [
        (["27.01.2026 22:00:00", "27.01.2026 22:00:01"], [AT_S, AT_S + 1], True, False),
        (["1/27/2026 10:00:00 PM", "1/27/2026 10:00:01 PM"], [AT_S, AT_S + 1], True, False),
        (["22:00:00", "22:00:01"], [79_200, 79_201], False, False),
        (
            ["02/01/2026 22:00:00", "02/01/2026 22:00:01"],
            [calendar.timegm((2026, 1, 2, 22, 0, s)) for s in (0, 1)],
            True,
            True,
        ),
    ],
)
def test_forms_that_people_write(cells, told, is_dated, doubtful):
    at_s, found = seconds(*cells)
    if doubtful:
        assert [note.code for note in found.notes] == ["date_in_doubt"]
        other = calendar.timegm((2026, 2, 1, 22, 0, 0))
        assert at_s[0] in (told[0], other) and at_s[1] == at_s[0] + 1
        reason = str(found.notes[0].reason)
        assert "2026-01-02" in reason and "2026-02-01" in reason
    else:
        assert at_s == told and found.notes == ()
    assert found.is_dated is is_dated


def test_one_stamp_alone():
    assert recording_stamps._one("2026-01-27 22:00:00", False) == AT_S
    assert recording_stamps._one("1970-01-01 00:00:00:125", False) == 0.125
    assert math.isnan(recording_stamps._one("2026-02-30 22:00:00", False))
