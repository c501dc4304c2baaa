"""The hypnogram: instants, hours, and its end."""

import pytest
from notturno.errors import UserError
from notturno.nights.spans import overlap_us
from notturno.scoring.movements.legs import Movement
from notturno.scoring.staging import SLEEP, Hypnogram

S = 1_000_000


def hypnogram(*rows, events_end_s=None):
    return Hypnogram(
        [(round(at * S), stage) for at, stage in rows],
        None if events_end_s is None else round(events_end_s * S),
    )


def test_a_stage_lasts_from_its_onset_up_to_the_next():
    found = hypnogram((0, "W"), (30, "N2"), (60, "W"))
    assert found.stage_at(30 * S) == "N2"
    assert found.stage_at(60 * S - 1) == "N2"
    assert found.stage_at(60 * S) == "W"
    assert found.stage_at(-1) == "?" and found.stage_at(90 * S) == "?"


def test_stages_of_many_onsets_are_those_of_each():
    found = hypnogram((5, "W"), (30, "N2"), (60, "R"), (61, "END"))
    onsets = (0, 5, 29.999999, 30, 30, 59, 60, 60.5, 61, 100)
    movements = [Movement(round(at * S), round(at * S) + S, "L", 1, S) for at in onsets]
    assert found.stages_at_onsets(movements) == [found.stage_at(m.onset_us) for m in movements]


def test_the_last_of_equal_epochs_is_one_epoch_long():
    assert hypnogram((0, "N2"), (20, "N2"), (40, "R")).end_us == 60 * S


def test_the_last_change_of_stage_lasts_to_the_last_movement_or_an_epoch():
    assert hypnogram((0, "W"), (600, "N2"), events_end_s=9000).end_us == 9000 * S
    assert hypnogram((0, "W"), (600, "N2"), events_end_s=10).end_us == 630 * S
    assert hypnogram((0, "N2"), (3600, "END"), events_end_s=9000).end_us == 3600 * S


def test_hours_leave_out_wake_unscored_time_and_gaps():
    found = hypnogram((0, "W"), (3600, "N2"), (7200, "?"), (10800, "R"), (14400, "END"))
    assert found.hours(SLEEP) == 2.0
    assert found.hours(("W",)) == 1.0
    # Two gaps that overlap, half of them in sleep.
    assert found.hours(SLEEP, [(1800 * S, 5400 * S), (3600 * S, 5400 * S)]) == 1.5


@pytest.mark.parametrize(
    ("instant", "asleep"), [("onset", False), ("midpoint", False), ("any_part", True)]
)
def test_which_instant_puts_a_movement_in_sleep(instant, asleep):
    found = hypnogram((0, "W"), (30, "N1"), (60, "END"))
    assert found.asleep(Movement(27 * S, 31 * S, "L", 1, 4 * S), instant) == asleep


def test_a_movement_that_ends_where_sleep_begins_has_no_part_in_it():
    found = hypnogram((0, "W"), (30, "N1"), (60, "END"))
    assert not found.any_sleep(28 * S, 30 * S)
    assert not found.any_sleep(60 * S, 62 * S)
    assert found.any_sleep(0, 90 * S)


def test_a_hypnogram_must_rise_and_hold_a_stage():
    for rows in ([], [(0, "END")], [(0, "W"), (0, "N2")], [(0, "W"), (5, "END"), (9, "W")]):
        with pytest.raises(UserError):
            Hypnogram(rows)


def test_overlap_counts_shared_time_once():
    spans = [(0, 10), (20, 30)]
    assert overlap_us(spans, [(5, 25), (8, 22)]) == 10
    assert overlap_us(spans, []) == 0
    assert overlap_us(spans, [(10, 20)]) == 0
