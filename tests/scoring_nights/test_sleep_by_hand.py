"""Estimates of sleep, and what lies near its onset, step by step; each value by hand."""

import math

import pytest
from night_rows import START_UTC_MS, gap, minutes, session
from notturno import refusals
from notturno.nights.axis import night_axis
from notturno.refusals import is_refusal
from notturno.scoring.onenight import lab_stages, sleep, sleep_starts
from notturno.scoring.staging import Hypnogram

MIN_US, H_US = 60_000_000, 3_600_000_000


def axis_of(rows, n_minutes=None, gaps=(), **said):
    return night_axis([], rows, [session(n_minutes or len(rows))], gaps, **said)


def minute(start_min, lasts_min=1.0, tilt_deg=0, activity_mg=0.0):
    start_us = round(start_min * MIN_US)
    return {
        "start_us": start_us,
        "end_us": start_us + round(lasts_min * MIN_US),
        "tilt_max_deg": tilt_deg,
        "activity_mg": activity_mg,
        "flag_names": [],
    }


def in_minutes(spans):
    return [(start / MIN_US, end / MIN_US) for start, end in spans]


# --- the rules' steps ----------------------------------------------------------------------------


def test_spans_are_clipped_to_a_window_and_those_outside_are_gone():
    spans = [(0, 5), (5, 10), (5, 15), (10, 20), (12, 14), (18, 30), (20, 30), (25, 35)]
    assert sleep._clipped(spans, (10, 20)) == [(10, 15), (10, 20), (12, 14), (18, 20)]


def test_a_window_is_of_blocks_of_over_30_min_joined_across_under_60():
    def window(*blocks_min):
        found = sleep.sleep_window([(a * MIN_US, b * MIN_US) for a, b in blocks_min])
        return None if found is None else (found[0] / MIN_US, found[1] / MIN_US)

    assert window() is None and window((0, 30)) is None
    assert window((0, 31)) == (0, 31)
    assert window((0, 40), (99, 140)) == (0, 140)
    assert window((0, 40), (100, 141)) == (100, 141)  # the longer of two
    assert window((0, 41), (101, 141)) == (0, 41)
    assert window((0, 40), (50, 80), (85, 120)) == (0, 120)  # 30 min are no block of their own
    # A millisecond of a clock turns no bound.
    assert sleep.sleep_window([(0, 30 * MIN_US + 1000)]) is None
    assert sleep.sleep_window([(0, 31 * MIN_US - 1000)]) == (0, 31 * MIN_US - 1000)


def test_minutes_half_a_minute_apart_are_two_runs_and_nearer_ones_touch():
    one = [minute(0), minute(1.49), minute(3)]
    first, second = sleep._unbroken(one)
    assert in_minutes([(m["start_us"], m["end_us"]) for m in first]) == [(0, 1), (1, 2.49)]
    assert [m["start_us"] for m in second] == [3 * MIN_US]
    assert len(sleep._unbroken([minute(0), minute(1.5)])) == 2


@pytest.mark.parametrize(
    ("tilts", "quiet"),
    [
        ((5, 5, 5), [(0, 3)]),
        ((0, 0, 6, 0, 0), [(0, 5)]),  # a single turn ends none
        ((0, 0, 6, 6, 0, 0), [(0, 6)]),
        ((0, 0, 6, 6, 6, 0, 0), [(0, 2), (5, 7)]),
        ((6, 0, 0, 0, 6), [(0, 5)]),
        # Of the first minute and the two behind it two are turns; of the next four also two.
        ((0, 6, 6, 0, 0, 0), [(1, 6)]),
    ],
)
def test_a_minute_is_quiet_by_the_median_of_the_five_around_it(tilts, quiet):
    run = [minute(at, tilt_deg=tilt) for at, tilt in enumerate(tilts)]
    assert in_minutes(sleep._quiet_blocks(run)) == quiet


@pytest.mark.parametrize(
    ("tilts", "still"),
    [
        ((0,) * 5, [(0, 5)]),
        ((0,) * 4, []),
        ((5,) * 5 + (6,) + (0,) * 4, [(0, 5)]),
        ((6,) + (0,) * 6 + (9,) + (5,) * 5, [(1, 7), (8, 13)]),
    ],
)
def test_stillness_is_five_minutes_on_end_of_five_degrees_or_less(tilts, still):
    run = [minute(at, tilt_deg=tilt) for at, tilt in enumerate(tilts)]
    assert in_minutes(sleep._still_spans(run)) == still


def test_the_quiet_level_is_the_tenth_of_a_nights_minutes():
    rows = [minute(at, activity_mg=float(at)) for at in range(40)]
    assert sleep._quiet_level_mg(rows[::-1]) == 4.0
    assert sleep._quiet_level_mg(rows[:9]) == 0.0
    assert sleep._quiet_level_mg(rows[:10]) == 1.0


def test_cole_kripkes_weights_are_the_published_ones():
    """Cole et al. 1992, one minute, mean activity: from four minutes before to two after."""
    assert sleep.COLE_KRIPKE == (0.106, 0.054, 0.058, 0.076, 0.230, 0.074, 0.067)
    assert pytest.approx(1 / (15 * 0.665)) == sleep.COUNTS_PER_MG
    loud = [minute(at, activity_mg=0.0) for at in range(12)]
    for at, weight in ((5, 0.230), (6, 0.076), (7, 0.058), (8, 0.054), (9, 0.106), (4, 0.074)):
        # So loud that D of the minute `at` alone is just below 1, or just 1.
        for share, asleep in ((0.9999, True), (1.0001, False)):
            loud[5] = minute(5, activity_mg=3.0 + share / weight)
            found = sleep._cole_kripke(loud, 3.0, 1.0)
            assert ((at * MIN_US, (at + 1) * MIN_US) in found) is asleep
    loud[5] = minute(5, activity_mg=2.0)  # below the quiet level is nothing, and not less
    loud[6] = minute(6, activity_mg=3.0 + 0.9999 / 0.230)
    assert (6 * MIN_US, 7 * MIN_US) in sleep._cole_kripke(loud, 3.0, 1.0)
    assert len(sleep._cole_kripke(loud[:1], 0.0, 1.0)) == 1


# --- a whole estimate ----------------------------------------------------------------------------


def test_minutes_of_less_than_a_half_are_no_minutes():
    rows = minutes(31)
    whole = sleep.estimate(axis_of(rows))
    assert whole["stages"] == [(0, "S"), (31 * MIN_US, "END")]
    cut = [row | {"end_utc_ms": START_UTC_MS + (i + 1) * 29_999} for i, row in enumerate(rows)]
    assert sleep.estimate(axis_of(cut, 31)).reason.startswith("0 minutes are too short")
    half = [row | {"end_utc_ms": START_UTC_MS + (i + 1) * 30_000} for i, row in enumerate(rows)]
    assert not is_refusal(sleep.estimate(axis_of(half, 31)))


def test_what_is_asleep_of_the_window_is_told_and_stillness_outside_is_rest():
    """40 quiet min, 60 restless, 50 quiet with a turn of 3 min, 70 restless, 20 quiet."""
    moving = {"tilt_deg": 40, "activity_mg": 80.0}
    rows, at = [], 0
    for count, values in (
        *((40, {}), (60, moving), (25, {}), (1, moving), (24, {}), (70, moving), (20, {})),
    ):
        rows += minutes(count, at, **values)
        at += count
    found = sleep.estimate(axis_of(rows))
    assert found["window_s"] == [6000.0, 9000.0]
    assert found["window_asleep_share"] == pytest.approx(49 / 50)
    assert found["sleep_h"] * 60 == pytest.approx(49)
    assert found["wake_h"] * 60 == pytest.approx(240 - 49) and found["unknown_h"] == 0


def test_what_the_person_says_of_the_bed_goes_before_the_estimated_window():
    moving = minutes(20, 40, tilt_deg=40)
    rows = [*minutes(40), *moving, *minutes(60, 60)]
    begin = START_UTC_MS + 30 * 60_000
    found = sleep.estimate(axis_of(rows, in_bed_utc_ms=(begin, begin + 60 * 60_000)))
    assert found["window_s"] == [1800.0, 5400.0]
    assert found["sleep_h"] * 60 == pytest.approx(40)
    assert found["window_asleep_share"] == pytest.approx(40 / 60)
    never = sleep.estimate(axis_of(rows, in_bed_utc_ms=(begin, begin)))
    assert never["window_s"].code == refusals.NO_SLEEP and never["sleep_h"] == 0


def test_a_press_outside_the_recording_ends_at_its_ends():
    axis = axis_of(minutes(60))
    found = sleep.from_marks(axis, [-10 * MIN_US, 40 * MIN_US, 90 * MIN_US])
    assert found["window_s"] == [0.0, 3600.0] and found["window_asleep_share"] == 1.0
    assert (found["sleep_h"], found["wake_h"], found["unknown_h"]) == (1.0, 0.0, 0.0)
    part = sleep.from_marks(axis, [10 * MIN_US, 40 * MIN_US])
    assert part["wake_h"] == pytest.approx(0.5)
    for outside in ([-60 * MIN_US, -20 * MIN_US], [-60 * MIN_US, 0], [60 * MIN_US, 100 * MIN_US]):
        assert sleep.from_marks(axis, outside).code == refusals.NO_STAGES
    assert is_refusal(sleep.from_marks(axis, [10 * MIN_US, 40 * MIN_US - 1]))
    assert is_refusal(sleep.from_marks(axis, []))


def test_a_given_hypnogram_is_told_without_the_time_that_could_not_count():
    stages = [(10 * MIN_US, "W"), (20 * MIN_US, "N2"), (50 * MIN_US, "?"), (2 * H_US, "END")]
    axis = axis_of(minutes(60), gaps=[gap(25, 31)])
    found = sleep.from_hypnogram(axis, stages)
    assert found["window_s"] == [1200.0, 3000.0] and found["stages"] == stages
    assert found["sleep_h"] * 60 == pytest.approx(24)
    assert found["wake_h"] * 60 == pytest.approx(10)
    assert found["unknown_h"] * 60 == pytest.approx(10)  # of the recording, to its 60th minute
    awake = sleep.from_hypnogram(axis, [(0, "W"), (H_US, "END")])
    assert awake["window_s"].code == refusals.NO_SLEEP


def test_a_night_of_no_length_is_as_long_as_can_be_told():
    assert sleep._rows((5, 5), [], []) == [(5, "?"), (6, "END")]
    rows = sleep._rows((0, 100), [(10, 90)], [(20, 40), (90, 200)])
    assert rows == [(0, "?"), (10, "W"), (20, "S"), (40, "W"), (90, "S"), (100, "END")]


# --- sleep starts --------------------------------------------------------------------------------


def test_sleep_begins_first_and_after_five_minutes_of_wake():
    def onsets(*rows):
        found = sleep_starts.sleep_onsets(Hypnogram([(at * MIN_US, s) for at, s in rows]))
        return [at / MIN_US for at in found]

    assert onsets((0, "W"), (10, "N1"), (20, "W"), (25, "N2"), (60, "END")) == [10, 25]
    assert onsets((0, "W"), (10, "N1"), (20, "W"), (24.99, "N2"), (60, "END")) == [10]
    # Wake in two pieces, and an unscored one between, is one stretch without sleep.
    assert onsets((0, "N1"), (20, "W"), (22, "?"), (24, "W"), (26, "R"), (60, "END")) == [0, 26]
    assert onsets((0, "W"), (60, "END")) == []
    rows = ((0, "N1"), (5, "W"), (9, "N2"), (14, "W"), (18, "N2"), (60, "END"))
    assert onsets(*rows) == [0]  # four minutes twice are no five


def test_the_chance_that_so_many_or_more_of_n_fall_into_a_share_of_the_time():
    exact = [math.comb(5, k) * 0.3**k * 0.7 ** (5 - k) for k in range(6)]
    for k in range(6):
        assert sleep_starts._binomial_tail(k, 5, 0.3) == pytest.approx(sum(exact[k:]))
    assert sleep_starts._binomial_tail(1, 5, 0.0) == 0.0
    assert sleep_starts._binomial_tail(2, 2, 0.5) == pytest.approx(0.25)


@pytest.mark.parametrize(("outside_us", "refused"), [(5 * MIN_US - 1, True), (5 * MIN_US, False)])
def test_what_chance_gives_needs_five_minutes_elsewhere(outside_us, refused):
    found = sleep_starts._by_chance(2, 10 * MIN_US, 3, outside_us)
    assert is_refusal(found[0]) is refused
    if not refused:
        # Three in 5 min are six in 10; two of five or more, in two thirds of the time.
        tail = 1 - (1 / 3) ** 5 - 5 * (2 / 3) * (1 / 3) ** 4
        assert found == pytest.approx((6.0, tail))
        assert sleep_starts._by_chance(0, 10 * MIN_US, 3, outside_us) == (6.0, 1.0)


def test_a_jerk_is_near_an_onset_from_ten_minutes_before_to_five_after_both_included():
    whole = Hypnogram([(0, "W"), (30 * MIN_US, "N2"), (2 * H_US, "END")])
    edges = [20 * MIN_US - 1, 20 * MIN_US, 35 * MIN_US, 35 * MIN_US + 1]
    found = sleep_starts.figures(edges, [(0, 2 * H_US)], whole)
    assert (found["around_first_onset"], found["around_any_onset"]) == (2, 2)
    assert found["first_sleep_onset_s"] == 1800.0
    # What lies in no countable span is told: a span holds its begin and not its end.
    spans = [(20 * MIN_US, 35 * MIN_US), (60 * MIN_US, 2 * H_US)]
    found = sleep_starts.figures(edges, spans, whole)
    assert (found["around_first_onset"], found["not_in_countable_time"]) == (1, 3)


def test_a_jerk_near_two_onsets_is_of_the_first():
    rows = [(0, "N2"), (10 * MIN_US, "W"), (16 * MIN_US, "N2"), (2 * H_US, "END")]
    onsets = [MIN_US, 6 * MIN_US, 30 * MIN_US]
    found = sleep_starts.figures(onsets, [(0, 2 * H_US)], Hypnogram(rows))
    assert (found["around_first_onset"], found["around_later_onsets"]) == (1, 1)
    assert (found["around_any_onset"], found["later_onsets"]) == (2, 1)
    # Windows of 0 to 5 and of 6 to 21 min: one jerk in the 100 min outside.
    assert found["by_chance"] == pytest.approx(20 / 100, rel=1e-5)
    assert found["around_later_onsets_by_chance"] == pytest.approx(15 / 100, rel=1e-5)


# --- a laboratory's stages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "shared"),
    [(-20, 0), (-10, 0), (-5, 5), (0, 10), (5, 10), (90, 10), (95, 5), (100, 0), (200, 0)],
)
def test_what_a_file_and_a_night_share(offset, shared):
    assert lab_stages._shared_us((0, 10), offset, 100) == shared
    assert lab_stages._shared_us((7, 17), offset - 7, 100) == shared


def test_a_local_time_lies_on_the_nights_axis_to_the_microsecond():
    from datetime import datetime

    at = datetime(2026, 1, 14, 0, 0, 1, 5)  # 25.5 h and a second behind 22:30 of the 12th
    assert lab_stages._starts_us(at, "Europe/Rome", START_UTC_MS) == [
        (25 * 3600 + 1800 + 1) * 1_000_000 + 5
    ]
    before = datetime(2026, 1, 12, 22, 29, 59)
    assert lab_stages._starts_us(before, "Europe/Rome", START_UTC_MS) == [-1_000_000]
    # The hour that comes twice lies at two places, the sooner first.
    utc_ms = 1_792_889_400_000  # 2026-10-25 00:50 UTC
    autumn = lab_stages._starts_us(datetime(2026, 10, 25, 2, 50), "Europe/Rome", utc_ms)
    assert autumn == [0, H_US]
