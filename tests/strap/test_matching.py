"""Which rows answer which cues, and the figures of a strap check: cases held out from the code."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno.scoring.proportion import clopper_pearson
from notturno.strap.matching import ANSWER_MS, EARLY_MS, Told, answers, figures, p95

STILL = (0, 60_000)


def told(onset_ms, after_ms=2000, kind="jerk", left_out=None, peak_mg=300, late_s=1.0):
    return Told(onset_ms, onset_ms + after_ms, late_s, kind, left_out, peak_mg)


def found(cues, rows):
    return [answer.told is not None for answer in answers(cues, rows)]


def test_a_row_soon_after_its_cue_answers_it():
    rows = [told(100_400), told(110_500, kind="lm"), told(120_300, kind="rhythm")]
    assert found([100_000, 110_000, 120_000], rows) == [True, True, True]


@pytest.mark.parametrize(
    ("after_ms", "answered"),
    [(-EARLY_MS - 1, False), (-EARLY_MS, True), (0, True), (ANSWER_MS, True)]
    + [(ANSWER_MS + 1, False), (-800, False), (4000, False), (250 - 1, True)],
)
def test_a_movement_before_its_cue_or_long_after_it_is_no_answer(after_ms, answered):
    assert found([100_000], [told(100_000 + after_ms)]) == [answered]


def test_the_bounds_are_a_quarter_and_three_seconds():
    assert (EARLY_MS, ANSWER_MS) == (250, 3000)


def test_two_rows_for_one_cue_are_one_found_and_one_extra():
    rows = [told(100_900, peak_mg=500), told(100_300, peak_mg=200)]
    got = figures([100_000], rows, STILL)
    assert (got["found"], got["extra"]) == (1, 1)
    assert (got["peak_low_mg"], got["peak_high_mg"]) == (200, 200)  # the first of them


def test_one_row_answers_one_cue_even_where_two_are_near():
    assert found([100_000, 101_000], [told(101_200)]) == [True, False]
    assert found([100_000, 101_000], [told(100_500), told(101_500)]) == [True, True]


def test_no_row_at_all():
    got = figures([100_000, 110_000], [], STILL)
    assert (got["found"], got["cues"], got["found_low"]) == (0, 2, 0.0)
    none = ("latency_median_s", "latency_p95_s", "late_median_s", "peak_low_mg", "peak_high_mg")
    assert [got[key] for key in none] == [None] * 5
    with pytest.raises(ValueError):
        figures([], [], STILL)


@pytest.mark.parametrize(
    ("onset_ms", "false_rows", "extra"),
    [(-1, 0, 0), (0, 1, 0), (59_999, 1, 0), (60_000, 0, 0), (99_000, 0, 0), (104_000, 0, 1)],
)
def test_a_row_in_the_still_minute_is_false_and_one_beside_the_cues_extra(
    onset_ms, false_rows, extra
):
    got = figures([100_000], [told(onset_ms)], STILL)
    assert (got["false_rows"], got["extra"], got["found"]) == (false_rows, extra, 0)
    assert got["still_s"] == 60.0


@pytest.mark.parametrize("kind", ["posture", "awake", "not_worn", "gap", "kind 99"])
def test_what_is_no_movement_neither_answers_nor_is_false(kind):
    got = figures([100_000], [told(100_400, kind=kind), told(5000, kind=kind)], STILL)
    assert (got["found"], got["extra"], got["false_rows"]) == (0, 0, 0)


def test_the_times_are_from_the_cue_and_from_the_movements_end():
    cues = [100_000 + 10_000 * k for k in range(5)]
    rows = [
        told(cue + 400, after_ms=1000 + 500 * k, late_s=0.5 + k, peak_mg=100 * (k + 1))
        for k, cue in enumerate(cues)
    ]
    got = figures(cues, rows, STILL)
    assert (got["latency_median_s"], got["latency_p95_s"]) == (2.4, 3.4)
    assert (got["late_median_s"], got["late_p95_s"]) == (2.5, 4.5)
    assert (got["peak_low_mg"], got["peak_high_mg"]) == (100, 500)
    assert [one["latency_s"] for one in got["answers"]] == [1.4, 1.9, 2.4, 2.9, 3.4]


def test_what_is_found_and_would_not_count_is_said():
    rows = [told(100_400), told(110_400, left_out="in_awake")]
    got = figures([100_000, 110_000], rows, STILL)
    assert (got["found"], got["counted"]) == (2, 1)


def test_the_95th_of_100_is_the_nearest_rank():
    assert p95([float(k) for k in range(1, 101)]) == 95.0
    assert p95([float(k) for k in range(1, 21)]) == 19.0
    assert p95([3.0]) == 3.0 and p95([]) is None


def test_the_interval_is_exact():
    """By its definition: at the bounds, what was found or more extreme has 2.5 %."""
    low, high = clopper_pearson(7, 10)
    at_least = sum(math.comb(10, k) * low**k * (1 - low) ** (10 - k) for k in range(7, 11))
    at_most = sum(math.comb(10, k) * high**k * (1 - high) ** (10 - k) for k in range(8))
    assert at_least == pytest.approx(0.025) and at_most == pytest.approx(0.025)
    assert clopper_pearson(10, 10) == (pytest.approx(0.025**0.1), 1.0)  # 69 %
    assert clopper_pearson(0, 10) == (0.0, pytest.approx(1 - 0.025**0.1))
    for wrong in ((1, 0), (3, 2), (-1, 5)):
        with pytest.raises(ValueError):
            clopper_pearson(*wrong)


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=20, unique=True),
    st.lists(st.integers(0, 400), max_size=40),
)
def test_no_row_is_used_twice_and_every_row_has_one_place(cues, onsets):
    cues = [100_000 + 500 * cue for cue in cues]
    rows = [told(95_000 + 500 * onset, peak_mg=n) for n, onset in enumerate(onsets)]
    got = answers(cues, rows)
    used = [answer.told.peak_mg for answer in got if answer.told]
    assert len(used) == len(set(used)) and len(got) == len(cues)
    for answer in got:
        if answer.told:
            assert -EARLY_MS <= answer.told.onset_utc_ms - answer.cue_utc_ms <= ANSWER_MS
    counted = figures(cues, rows, STILL)
    assert counted["found"] + counted["extra"] <= len(rows)
    assert counted["found_low"] <= counted["found"] / len(cues) <= counted["found_high"]


def test_the_still_time_is_what_lies_between_its_ends():
    got = figures([100_000], [told(30_000), told(74_999), told(75_000)], (30_000, 75_000))
    assert (got["still_s"], got["false_rows"]) == (45.0, 2)


@pytest.mark.parametrize(("before_ms", "extra"), [(EARLY_MS, 1), (EARLY_MS + 1, 0)])
def test_a_row_is_of_the_cues_from_a_moment_before_the_first_one_on(before_ms, extra):
    cue = 100_000.0
    rows = [Told(cue - before_ms, cue, 1.0, "jerk", None, 50)]
    rows += [Told(cue - before_ms + 1, cue, 1.0, "jerk", None, 50)] * (before_ms == EARLY_MS)
    found = figures([cue], rows, (0.0, 50_000.0))
    assert (found["found"], found["extra"]) == (1 if extra else 0, extra)
