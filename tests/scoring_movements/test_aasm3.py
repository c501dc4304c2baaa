"""AASM v3 at every edge, and every choice that the manual leaves open."""

from decimal import Decimal

import pytest
from notturno.scoring.movements.bilateral import combine_aasm
from notturno.scoring.movements.legs import leg_movements, make_rows
from notturno.scoring.movements.score import score_night


def scored(items, settings=None, **options):
    return score_night(make_rows(items), "aasm3", settings=settings, **options)


def every(step_s, n=4, first="100", duration="2", side="L"):
    return [(str(Decimal(first) + Decimal(step_s) * i), duration, side) for i in range(n)]


def us(*pairs):
    return [(round(a * 1e6), round(b * 1e6)) for a, b in pairs]


@pytest.mark.parametrize(
    ("duration", "lm", "clm"),
    [("0.499", 0, 0), ("0.5", 1, 1), ("10.0", 1, 1), ("10.001", 1, 0)],
)
def test_an_lm_lasts_half_a_second_to_ten(duration, lm, clm):
    found = scored([("7", duration, "L")])
    assert (found["lm"], found["clm"]) == (lm, clm)


@pytest.mark.parametrize(
    ("imi", "plm"),
    [("4.999", 0), ("5", 4), ("5.001", 4), ("9.999", 4), ("10", 4), ("90", 4), ("90.001", 0)],
)
def test_both_ends_of_5_to_90_s_belong_to_the_interval(imi, plm):
    assert scored(every(imi))["plm"] == plm


@pytest.mark.parametrize(("n", "plm"), [(3, 0), (4, 4)])
def test_four_in_a_row_make_a_series(n, plm):
    assert scored(every("20", n))["plm"] == plm


def test_an_lm_longer_than_10_s_is_passed_over_and_breaks_nothing():
    items = [*every("20", 3), ("145", "10.001", "L"), *every("20", 3, first="170")]
    found = scored(items)
    assert (found["lm"], found["clm"], found["plm"]) == (7, 6, 6)
    assert found["series"][0]["onsets_s"] == [100, 120, 140, 170, 190, 210]


def test_a_long_interval_ends_the_series():
    found = scored(every("20", 4) + every("20", 4, first="250.001"))
    assert [b["reason"] for b in found["breaks"]] == ["long_imi", "end_of_list"]


def test_the_later_movement_of_a_short_interval_is_skipped_or_ends_the_series_by_choice():
    items = every("20", 3) + every("20", 3, first="144.999")
    skipped = scored(items)
    # 140, then 144.999 passed over, then 164.999: the interval runs from 140.
    assert skipped["plm"] == 5
    assert skipped["counts"]["clm_short_imi"] == 1
    assert scored(items, {"aasm_short_imi": "ends_series"})["plm"] == 0


def test_whether_the_movement_behind_a_short_interval_begins_a_series_is_a_choice():
    items = every("20", 3) + every("20", 4, first="144.999")
    ends = {"aasm_short_imi": "ends_series"}
    assert scored(items, ends)["series"][0]["start_s"] == 144.999
    forbidden = scored(items, ends | {"after_short_imi": "may_not_begin"})
    assert (forbidden["plm"], forbidden["counts"]["clm_short_imi"]) == (0, 1)
    skipped = scored(items, {"after_short_imi": "may_not_begin"})
    assert skipped["plm"] == scored(items)["plm"] == 6


@pytest.mark.parametrize(("second", "lm"), [("4.999999", 1), ("5", 2)])
def test_two_legs_with_onsets_under_5_s_apart_are_one(second, lm):
    assert scored([("0", "1", "L"), (second, "1", "R")])["lm"] == lm


@pytest.mark.parametrize(
    ("items", "onsets"),
    [
        # By the note L 0.0 and R 4.5 are one, whatever the left leg does in between.
        ([(0.0, "L"), (4.0, "L"), (4.5, "R")], [0.0]),
        ([(0.0, "L"), (4.5, "R"), (4.6, "L")], [0.0]),
        ([(0.0, "L"), (1.0, "L"), (4.999999, "R")], [0.0]),
        ([(0.0, "L"), (1.0, "L"), (5.0, "R")], [0.0, 1.0]),  # L 1.0 and R 5.0 are one
        ([(0.0, "L"), (1.0, "L"), (6.0, "R")], [0.0, 1.0, 6.0]),
        ([(0.0, "L"), (1.0, "L"), (2.0, "L")], [0.0, 1.0, 2.0]),  # of one leg: nothing joins
        ([(0.0, "L"), (4.0, "R"), (8.0, "L"), (12.0, "R")], [0.0, 8.0]),  # no endless chain
        ([(0.0, "L"), (3.0, "R"), (5.0, "R"), (6.0, "L")], [0.0, 5.0]),
        ([(0.0, ""), (4.0, ""), (4.5, "R")], [0.0]),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_which_movements_of_two_legs_are_one_whatever_their_order(items, onsets, swapped):
    swap = {"L": "R", "R": "L", "": ""} if swapped else {"L": "L", "R": "R", "": ""}
    joined = combine_aasm(leg_movements(make_rows([(at, 0.6, swap[leg]) for at, leg in items])))
    assert [movement.onset_us / 1e6 for movement in joined] == onsets


def test_the_joining_of_legs_is_a_choice():
    items = [("0", "1", "L"), ("1.4", "1", "R"), ("4", "1", "R")]
    assert scored(items)["lm"] == 1
    assert scored(items, {"aasm_bilateral": "wasm_0_5_s"})["lm"] == 2
    assert scored(items, {"aasm_bilateral": "off"})["lm"] == 3


def test_the_five_seconds_run_from_the_first_onset_of_the_group():
    assert scored([("0", "1", "L"), ("3", "1", "R"), ("6", "1", "L")])["lm"] == 2


def test_ten_seconds_are_judged_before_or_after_joining_by_choice():
    items = [("0", "8", "L"), ("4", "8", "R")]
    assert scored(items)["clm"] == 1
    assert scored(items, {"aasm_duration": "after"})["clm"] == 0
    long_part = [("0", "11", "L"), ("4", "2", "R")]
    assert (scored(long_part)["lm"], scored(long_part)["clm"]) == (2, 1)


@pytest.mark.parametrize(
    ("event", "associated"),
    [
        ((80, 99.5), True),  # 0.5 s before the onset of the movement, included
        ((80, 99.499999), False),
        ((102.5, 130), True),
        ((102.500001, 130), False),
        ((90, 130), True),
    ],
)
def test_half_a_second_around_a_respiratory_event(event, associated):
    found = scored([("100", "2", "L")], resp=us(event))
    assert found["counts"]["clm_with_respiratory_event"] == associated


def test_an_lm_with_a_respiratory_event_is_not_scored_or_only_reported_by_choice():
    items, breath = every("20", 4), us((115, 125))
    assert scored(items, resp=breath)["plm"] == 0
    reported = scored(items, {"aasm_respiratory": "reported"}, resp=breath)
    assert (reported["plm"], reported["plm_nonresp"]) == (4, 0)


def test_only_lm_with_a_part_in_sleep_form_series_or_all_do_by_choice():
    stages = [(0, "N2"), (119_000_000, "W"), (121_900_000, "N2"), (3_600_000_000, "END")]
    # The second movement, 120-122 s, has its last 0.1 s in sleep.
    assert scored(every("20", 4), stages=stages)["plms"] == 4
    stages[2] = (122_000_000, "N2")
    found = scored(every("20", 4), stages=stages)
    assert (found["plm"], found["plms"], found["plmw"]) == (0, 0, 0)
    assert found["rates"]["plmw_per_h"].code == "not_in_rules"
    counted = scored(every("20", 4), {"aasm_sleep_rule": "count_only"}, stages=stages)
    assert (counted["plm"], counted["plms"], counted["plmw"]) == (4, 3, 1)


def test_a_gap_ends_the_series():
    found = scored(every("20", 8), gaps=us((161, 170)))
    assert [b["reason"] for b in found["breaks"]] == ["gap", "end_of_list"]
