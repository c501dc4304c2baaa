"""The clock that stamps tell, stamp by stamp: what is a gap, what is jitter, what runs back."""

from types import SimpleNamespace

import numpy as np
import pytest
from notturno.detect import engines, recording_time
from notturno.detect.recording_time import Break, Note, clock_of, notes_of

HOUR_S = 3600.0


def stamped(n=400, hz=100.0, start_s=1000.0, late=()):
    """Return (index, stamps): one a sample; late: (from which sample on, by how many s)."""
    index = np.arange(n)
    stamps_s = start_s + index / hz
    for first, by_s in late:
        stamps_s[first:] += by_s
    return index, stamps_s


def test_even_stamps_are_a_rate_and_a_start():
    clock = clock_of(*stamped(hz=62.5, start_s=-3.25))
    assert clock.odr_hz == pytest.approx(62.5) and clock.start_s == pytest.approx(-3.25)
    assert (clock.breaks, clock.notes) == ((), ())


@pytest.mark.parametrize(
    ("hz", "resolution_s", "least_s"),
    [
        (100.0, 0.0, 0.05),  # a twentieth of a second
        (25.0, 0.0, 0.1),  # two samples and a half
        (100.0, 1.0, 1.05),  # a little more than the stamps are coarse
        (100.0, 0.04, 0.05),
    ],
)
def test_a_gap_is_a_step_that_is_longer_than(hz, resolution_s, least_s):
    for by_s, found in ((least_s + 0.001, True), (least_s - 0.001, False)):
        clock = clock_of(*stamped(hz=hz, late=[(200, by_s)]), resolution_s)
        assert [each.sample for each in clock.breaks] == [200] * found
        if found:
            assert clock.breaks[0].missing_s == pytest.approx(by_s)
            assert clock.odr_hz == pytest.approx(hz) and clock.start_s == pytest.approx(1000.0)
            assert [note[:2] for note in clock.notes] == [("gaps", 1)]


@pytest.mark.parametrize(
    ("apart_s", "stamps", "is_gap"),
    # a second of stamps to each side has to agree, and three of them at the least
    [(1.0, 2, False), (1.0, 3, True), (10.0, 2, False), (10.0, 3, True), (0.1, 9, False)]
    + [(0.1, 10, True), (0.25, 3, False), (0.25, 4, True)],
)
def test_a_step_stays_or_is_none(apart_s, stamps, is_gap):
    index, stamps_s = np.arange(60) * 100, np.arange(60) * apart_s
    stamps_s[30 : 30 + stamps] += 0.45 * apart_s + 0.06
    clock = clock_of(index, stamps_s)
    assert [each.sample for each in clock.breaks] == [3000, 3000 + 100 * stamps] * is_gap
    assert clock.odr_hz == pytest.approx(100 / apart_s, rel=0.01)


def test_one_stamp_that_is_wrong_is_no_gap_unless_a_checksum_stands_over_it():
    index, stamps_s = np.arange(20) * 100, np.arange(20) * 1.0
    stamps_s[10] += 0.5
    assert clock_of(index, stamps_s).breaks == ()
    guarded = clock_of(index, stamps_s, guarded_hz=100.0)
    assert guarded.breaks == (Break(1000, pytest.approx(0.5)), Break(1100, 0.0))
    assert [note[:2] for note in guarded.notes] == [("gaps", 1), ("clock_back", 1)]


def test_a_guarded_rate_is_the_files_own_word_where_little_is_left():
    """Half of the blocks are lost: the median of stretches would be half of the rate."""
    index = np.arange(8) * 100
    stamps_s = np.array([0, 1, 3, 5, 7, 9, 11, 12.0])
    clock = clock_of(index, stamps_s, guarded_hz=100.0)
    assert clock.odr_hz == pytest.approx(100.0)
    assert [each.missing_s for each in clock.breaks] == pytest.approx([1.0] * 5)


def test_stamps_that_repeat_the_one_before_or_are_none_say_nothing():
    """Whole seconds of 50 Hz from 0.3 s on: the first began before the recording did."""
    index = np.arange(160)
    clock = clock_of(index, np.floor(index / 50 + 0.3))
    assert (clock.odr_hz, clock.start_s) == (pytest.approx(50.0), pytest.approx(0.3))
    # each twice is not coarse: the first counts
    twice = clock_of(np.arange(8), np.array([0, 0, 1, 1, 2, 2, 3.5, 3.5]), resolution_s=9)
    assert twice.odr_hz == pytest.approx(20 / 11.5)
    two = clock_of(np.arange(10), np.array([0.0] * 5 + [1.0] * 5))
    assert (two.odr_hz, two.start_s) == (5.0, 0.0)
    index, stamps_s = stamped(n=100)
    stamps_s[[0, 7, 50]] = [np.nan, np.inf, np.nan]
    assert clock_of(index, stamps_s).odr_hz == pytest.approx(100.0)


@pytest.mark.parametrize(
    "stamps_s", [[], [5.0], [5.0, 5.0, 5.0], [3.0, 2.0, 1.0], [0.0, 2.0, 1.0, 0.5, 0.0]]
)
def test_time_that_does_not_go_forward_is_none(stamps_s):
    with pytest.raises(ValueError, match="does not go forward"):
        clock_of(np.arange(len(stamps_s)), np.array(stamps_s))


@pytest.mark.parametrize(("steps", "refused"), [(100, False), (99, True)])
def test_a_clock_may_be_set_back_by_more_than_the_recording_lasts_but_seldom(steps, refused):
    """One step in a hundred."""
    index, stamps_s = stamped(n=steps + 1, late=[(50, -HOUR_S)])
    if refused:
        with pytest.raises(ValueError, match="does not go forward"):
            clock_of(index, stamps_s)
        return
    clock = clock_of(index, stamps_s)
    assert clock.odr_hz == pytest.approx(100.0) and clock.start_s == pytest.approx(1000.0)
    assert clock.breaks == (Break(50, 0.0),)
    assert [note[:2] for note in clock.notes] == [("clock_back", 1)]
    assert "by up to 3600.00 s" in clock.notes[0].reason


def test_the_usual_time_between_stamps_is_that_of_the_steps_forward():
    """An hour back at summer's end, of a recording of 20 s: the others still tell."""
    _, stamps_s = stamped(n=2001, late=[(1000, -HOUR_S)])
    assert recording_time._usual_s(stamps_s) == pytest.approx(0.01, rel=2e-3)
    assert recording_time._usual_s(np.array([0.0, 3.0, 4.0])) == 2.0


def test_several_gaps_are_each_where_they_are_and_the_rate_is_that_of_the_pieces():
    late = [(100, 0.3), (300, 2.0), (500, -0.2)]
    clock = clock_of(*stamped(n=700, hz=50.0, late=late))
    assert [each.sample for each in clock.breaks] == [100, 300, 500]
    assert [each.missing_s for each in clock.breaks] == pytest.approx([0.3, 2.0, 0.0])
    assert clock.odr_hz == pytest.approx(50.0)
    assert [note[:2] for note in clock.notes] == [("gaps", 2), ("clock_back", 1)]
    assert "2 gaps, 2.30 s in all, are" in clock.notes[0].reason
    assert "steps back 1 times, by up to 0.20 s" in clock.notes[1].reason


def test_a_rate_that_jitters_is_the_line_through_all_pieces():
    rng = np.random.default_rng(1)
    index, stamps_s = stamped(n=6000, hz=30.0, late=[(2000, 5.0), (4000, 1.0)])
    clock = clock_of(index, stamps_s + rng.normal(0, 0.004, 6000))
    assert clock.odr_hz == pytest.approx(30.0, rel=1e-5)
    assert clock.start_s == pytest.approx(1000.0, abs=1e-3)


def test_the_first_rate_is_a_median_that_a_few_gaps_do_not_move():
    index, stamps_s = np.arange(4000) * 10, np.arange(4000) * 0.1
    stamps_s[1000:] += 50.0
    # over a minute each: of the 3400 stretches 600 hold the gap
    assert recording_time._first_rate(index, stamps_s) == pytest.approx(100.0)
    short = recording_time._first_rate(np.arange(16), np.arange(16.0) ** 2)
    # over an eighth of all: 2 of 16; 2 k + 1 from square to square, so that 4 k + 4 pass
    assert short == pytest.approx(np.median([2 / (4 * k + 4) for k in range(14)]))


@pytest.mark.parametrize(
    ("breaks", "back_s", "said"),
    [
        ([], [], []),
        ([Break(5, 0.0)], [], []),
        ([Break(5, 0.25)], [], [("gaps", 1, "1 gap of 0.25 s is not recorded time.")]),
        (
            [Break(5, 0.25), Break(9, 0.0), Break(12, 1.5)],
            [0.5, 2.0],
            [
                ("gaps", 2, "2 gaps, 1.75 s in all, are not recorded time."),
                (
                    *("clock_back", 2),
                    "The clock steps back 2 times, by up to 2.00 s; time is counted on there.",
                ),
            ],
        ),
    ],
)
def test_what_is_to_be_known_of_breaks(breaks, back_s, said):
    assert notes_of(breaks, back_s) == tuple(Note(*each) for each in said)


@pytest.mark.parametrize(("seconds", "first"), [(1, 0), (2, 0), (3, 10), (4, 10)])
def test_the_first_of_three_whole_seconds_had_begun_before_the_recording(seconds, first):
    """Ten samples a second, each with its second: a second's stamp is that of its first sample."""
    index = np.arange(10 * seconds)
    at, stamps_s = recording_time._telling(index, 100.0 + index // 10)
    assert at.tolist() == list(range(first, 10 * seconds, 10))
    assert stamps_s.tolist() == [100.0 + k // 10 for k in at]


@pytest.mark.parametrize(
    ("breaks", "seconds"),
    [
        ((), {0: 0.0, 99: 1.98, 300: 6.0}),
        ([Break(100, 7.5), Break(300, 2.0)], {0: 0, 99: 1.98, 100: 9.5, 299: 13.48, 300: 15.5}),
    ],
)
def test_a_sample_is_as_late_as_what_is_missing_up_to_it(breaks, seconds):
    at_s = engines.seconds(SimpleNamespace(odr_hz=50.0, breaks=breaks))
    assert {sample: at_s(sample) for sample in seconds} == pytest.approx(seconds)
