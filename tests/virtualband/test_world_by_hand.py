"""The virtual world by hand: nights and docks, a recording to and fro, a limb that is asked."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from notturno.errors import UserError
from notturno.virtualband import calendar, evening, world

DAY_S = 86_400


class Steady:
    """A source whose x says which it is, and whose y the time since it began."""

    def __init__(self, number):
        self.number, self.moved = number, []

    def accel_mg(self, first_s, step_s, n):
        t = first_s + step_s * np.arange(n)
        return np.column_stack([np.full(n, float(self.number)), t, np.zeros(n)])

    def move(self, t_s):
        self.moved.append(t_s)


# --- a timeline ---------------------------------------------------------------------------------


def timeline(**how):
    return world.Timeline([Steady(1), Steady(2)], **({"hours": [1, 2]} | how))


@pytest.mark.parametrize(
    ("t_s", "night"),
    [(-1, None), (0, 0), (3599.9, 0), (3600, None), (DAY_S - 1, None), (DAY_S, 1)]
    + [(DAY_S + 7199, 1), (DAY_S + 7200, None), (2 * DAY_S, None)],
)
def test_a_night_begins_with_each_day_and_lasts_its_hours(t_s, night):
    one = timeline()
    assert one.night_at(t_s) == night
    assert one.docked(t_s) is (night is None)
    assert one.temperature_c(t_s) == (25.0 if night is None else 31.0)
    x, y, _ = one.accel_mg(t_s, 1.0, 1)[0]
    if night is not None:
        assert (x, y) == (night + 1, t_s - night * DAY_S)


def test_samples_over_the_end_of_a_night_are_each_of_their_own_place():
    one = timeline()
    rows = one.accel_mg(3598.0, 1.0, 4)
    assert rows[:2, 0].tolist() == [1.0, 1.0] and rows[:2, 1].tolist() == [3598.0, 3599.0]
    dock = one.accel_mg(4000.0, 1.0, 1)[0].tolist()
    assert rows[2].tolist() == rows[3].tolist() == dock
    assert one.end_s == DAY_S + 7200 and len(one.accel_mg(0.0, 1.0, 0)) == 0


@pytest.mark.parametrize("hours", [[1], [1, 2, 3], [0, 1], [1, 23.9], [1, -1]])
def test_a_night_has_a_length_within_a_day(hours):
    with pytest.raises(ValueError):
        timeline(hours=hours)
    with pytest.raises(ValueError, match="one night or more"):
        world.Timeline([])
    assert timeline(hours=23.8).spans_s[1] == (DAY_S, DAY_S + 23.8 * 3600)


def test_a_press_lasts_so_long_and_no_longer():
    one = timeline(presses_s=[100.0])
    lasts_s = world.BUTTON_PRESS_S
    down = [one.button(t) for t in (99.99, 100.0, 100.0 + lasts_s - 0.001, 100.0 + lasts_s)]
    assert down == [False, True, True, False]


# --- a recording ---------------------------------------------------------------------------------


def played(to_and_fro, first_s, step_s, n, samples=5):
    acc = np.column_stack([np.arange(samples) * 10] * 3)
    recording = SimpleNamespace(acc=acc, mg_per_lsb=0.5, odr_hz=2.0)
    return world.RecordingSource(recording, to_and_fro).accel_mg(first_s, step_s, n)[:, 0].tolist()


def test_a_recording_is_felt_by_straight_lines_and_then_lies_as_at_its_end():
    assert played(False, 0.0, 0.25, 5) == [0.0, 2.5, 5.0, 7.5, 10.0]
    assert played(False, 1.5, 0.5, 4) == [15.0, 20.0, 20.0, 20.0]
    assert played(False, -1.0, 0.5, 3) == [0.0, 0.0, 0.0]


def test_a_recording_may_be_played_to_and_fro():
    assert played(True, 1.5, 0.5, 8) == [15.0, 20.0, 15.0, 10.0, 5.0, 0.0, 5.0, 10.0]
    assert played(True, 100.25, 0.25, 2) == [played(True, 100.25 % 4, 0.25, 2)[0]] + (
        played(True, 100.5 % 4, 0.25, 1)
    )
    assert played(True, 3.0, 1.0, 2, samples=1) == [0.0, 0.0]


def test_a_recordings_length_is_in_hours():
    recording = SimpleNamespace(acc=np.zeros((7200, 3)), mg_per_lsb=1, odr_hz=2.0)
    assert world.RecordingSource(recording).hours == 1.0


# --- an evening ----------------------------------------------------------------------------------


def test_a_person_does_what_is_asked_when_awake_and_as_things_are():
    limb = Steady(9)
    one = evening.Evening([Steady(1)], limb, hours=1)
    assert not one.asked(evening.PUT_ON, 3599.0)  # still asleep
    assert not one.asked(evening.MOVE, 4000.0) and not one.asked(evening.TAKE_OFF, 4000.0)
    assert one.asked(evening.PUT_ON, 4000.0) and one.asked(evening.PUT_ON, 4001.0)
    assert one.asked(evening.MOVE, 4002.0) and limb.moved == [4002.0]
    assert not one.asked(99, 4003.0)
    assert one.asked(evening.TAKE_OFF, 4010.0) and not one.asked(evening.MOVE, 4010.0)
    assert [one.docked(t) for t in (3999.9, 4000.0, 4009.9, 4010.0)] == [True, False, False, True]
    rows = one.accel_mg(3999.0, 1.0, 12)
    assert (rows[:, 0] == 9.0).tolist() == [False] + [True] * 10 + [False]
    assert rows[1:11, 1].tolist() == [4000.0 + k for k in range(10)]
    assert not one.docked(1800.0) and one.accel_mg(1800.0, 1.0, 1)[0, 0] == 1.0


def test_what_is_felt_is_settled_for_good_asleep_and_for_a_moment_awake():
    one = evening.Evening([Steady(1)], Steady(9), hours=1)
    assert one.foreseen_s(3599.9) == float("inf") and one.foreseen_s(3600.0) == 0.2


# --- which evening -------------------------------------------------------------------------------


def test_a_wall_time_is_of_its_zone_and_days_later_of_the_same_hour():
    utc = datetime(2026, 3, 28, 21, 30, tzinfo=UTC).timestamp()
    assert calendar.start_utc_s("2026-03-28 22:30", "Europe/Rome") == utc
    assert calendar.start_utc_s("2026-03-28 22:30", "Europe/Rome", 1) == utc + DAY_S - 3600
    assert calendar.start_utc_s("2026-03-28T22:30+01:00", "Asia/Tokyo") == utc
    first = datetime(2026, 1, 12, 21, 30, tzinfo=UTC).timestamp()
    assert calendar.start_utc_s(None, "Europe/Rome") == first
    for start, zone in (("soon", None), ("2026-03-28 22:30", "Mars/Base")):
        with pytest.raises(UserError):
            calendar.start_utc_s(start, zone)


@pytest.mark.parametrize("year", ["0001", "1969", "2136", "9999"])
def test_a_year_that_no_bands_clock_reaches_is_refused_and_not_wrapped(year):
    with pytest.raises(UserError, match=f"the year {int(year)}; start it from 1970 to 2135"):
        calendar.start_utc_s(f"{year}-12-31 22:30", "UTC")
    assert calendar.start_utc_s("2135-12-31 22:30", "UTC") < 946_684_800 + 2**32


def test_each_start_takes_the_evenings_after_those_it_slept(tmp_path):
    first = calendar.start_utc_s()
    at = [calendar.next_evening_utc_s(tmp_path, nights) for nights in (3, 1, 2)]
    assert at == [first, calendar.start_utc_s(days=3), calendar.start_utc_s(days=4)]
    (tmp_path / calendar.FILE_NAME).write_text("torn")
    assert calendar.next_evening_utc_s(tmp_path, 1) == first
