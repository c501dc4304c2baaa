"""Stimuli and answers step by step: the axis without gaps, the turns, the bins; by hand."""

import numpy as np
import pytest
from notturno.scoring.onenight import stimuli

MIN_US = 60_000_000


class Draws:
    """A generator whose every draw is this part of the room there is."""

    def __init__(self, part):
        self.part = part

    def integers(self, low, high):
        return (np.asarray(high) * self.part).astype(np.int64)


def test_recorded_time_is_joined_and_what_lies_outside_is_left_out():
    place, length = stimuli._joined([(10, 20), (30, 50)])
    assert length == 30
    assert list(place([9, 10, 19, 20, 25, 29, 30, 49, 50, 51])) == [0, 9, 10, 29]
    nothing, length = stimuli._joined([])
    assert (list(nothing([1, 2])), length) == ([], 0)


def test_a_block_of_twenty_minutes_is_turned_around_itself():
    at = np.array([0, 5, 19, 20, 30, 39]) * MIN_US
    turned = stimuli._turner(at, 40 * MIN_US, Draws(0.25))()
    assert [t / MIN_US for t in turned] == [5, 10, 4, 25, 35, 24]
    # 29 min are one block, 30 or 31 are two; none is shorter than a whole one.
    for length, after in ((29, 14.5), (31, 7.75)):
        (one,) = stimuli._turner(np.array([0]), length * MIN_US, Draws(0.5))()
        assert one / MIN_US == after
    (one,) = stimuli._turner(np.array([3]), 10, Draws(0.5))()
    assert one == 8


def test_an_answer_lies_from_the_begin_of_the_window_to_before_its_end():
    events = np.array([100, 250, 400])
    given = np.array([0, 99, 100, 101, 260])
    assert list(stimuli._answered(events, given, (0, 150))) == [True, True, True, True, True]
    assert list(stimuli._answered(events, given, (1, 150))) == [True, True, False, True, True]
    assert list(stimuli._answered(events, given, (0, 100))) == [False, True, True, False, False]
    assert list(stimuli._first_delays(events, given, 0)) == [100, 1, 0, 149, 140]
    assert list(stimuli._first_delays(events, given[:4], 50)) == [100, 151, 150, 149]
    assert list(stimuli._first_delays(events, given[:0], 0)) == []


def test_the_histogram_has_bins_of_50_ms_from_a_second_before_to_two_after():
    ms = 1000
    given = np.array([5_000 * ms, 60_000 * ms])
    near = [-1001, -1000, -951, -950, 0, 49, 50, 1999, 2000]
    events = np.sort(np.array([at + d * ms for at in given for d in near]))
    rows = {row["from_ms"]: row["count"] for row in stimuli._histogram(events, given)}
    assert len(rows) == 60 and min(rows) == -1000 and max(rows) == 1950
    assert {at: n for at, n in rows.items() if n} == {-1000: 4, -950: 2, 0: 4, 50: 2, 1950: 2}


def test_what_is_told_of_a_train_of_stimuli():
    """Ten stimuli a minute apart; seven are answered, 0.2 s behind them on the median."""
    given = [MIN_US * k for k in range(1, 11)]
    events = [at + 100_000 + 50_000 * k for k, at in enumerate(given[:7])]
    events += [at + 500_000 for at in given[7:]]
    found = stimuli.locked(events, given, [(0, 20 * MIN_US)], draws=39)
    assert (found["answered"], found["answered_share"], found["delay_ms"]) == (7, 0.7, 250.0)
    assert found["p"] == 1 / 40 and 0 <= found["answered_by_chance"] < 1
    assert found["response_ms"] == [0, 500]
    assert (stimuli.DRAWS, stimuli.MIN_STIMULI, stimuli.MIN_EVENTS) == (1999, 10, 5)
    assert "within every 20 min of the recording 39 times" in str(found["method"])
    later = stimuli.locked(events, given, [(0, 20 * MIN_US)], (300_000, 600_000), draws=39)
    assert later["answered"] == 3 + 3 and later["delay_ms"] == pytest.approx(450)
