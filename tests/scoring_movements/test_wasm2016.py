"""WASM/IRLSSG 2016 at every edge; each case names its clause."""

import pytest
from notturno.refusals import is_refusal
from notturno.scoring.movements import conventions
from notturno.scoring.movements.legs import Movement, make_rows
from notturno.scoring.movements.score import RULE_SETS, score_night


def scored(items, **options):
    settings = options.pop("settings", None)
    return score_night(make_rows(items), "wasm2016", settings=settings, **options)


def every(step_s, n=4, side="L", first="100", duration="2"):
    """n movements `step_s` apart, as decimal text."""
    from decimal import Decimal

    return [(str(Decimal(first) + Decimal(step_s) * i), duration, side) for i in range(n)]


def us(*pairs):
    return [(round(a * 1e6), round(b * 1e6)) for a, b in pairs]


@pytest.mark.parametrize(
    ("duration", "lm", "clm"),
    [("0.499", 0, 0), ("0.499999", 0, 0), ("0.5", 1, 1), ("10.0", 1, 1), ("10.001", 1, 0)],
)
def test_3_2_1_monolateral_clm_lasts_half_a_second_to_ten(duration, lm, clm):
    found = scored([("7", duration, "L")])
    assert (found["lm"], found["clm"]) == (lm, clm)


@pytest.mark.parametrize(
    ("imi", "plm", "log_intervals"),
    [("9.999", 0, 0), ("10", 4, 3), ("10.001", 4, 3), ("90", 4, 3), ("90.001", 0, 0)],
)
def test_3_3_4_both_ends_of_10_to_90_s_belong_to_the_interval(imi, plm, log_intervals):
    found = scored(every(imi))
    assert found["plm"] == plm
    assert is_refusal(found["log_imi_mean"]) == (log_intervals == 0)


@pytest.mark.parametrize("onset", ["0.1", "0.3", "1234.7", "28800.123"])
def test_3_3_4_decimal_onsets_do_not_move_the_bound(onset):
    assert scored(every("10", first=onset))["plm"] == 4
    assert scored(every("90", first=onset))["plm"] == 4
    assert scored(every("9.999999", first=onset))["plm"] == 0
    assert scored(every("90.000001", first=onset))["plm"] == 0


def test_floats_as_a_program_would_sum_them_do_not_move_the_bound():
    onsets = [0.1]
    for _ in range(3):
        onsets.append(onsets[-1] + 10.0)
    assert scored([(onset, 0.5, "L") for onset in onsets])["plm"] == 4


@pytest.mark.parametrize(("n", "plm"), [(3, 0), (4, 4), (5, 5)])
def test_3_3_5_four_in_a_row_make_a_series(n, plm):
    assert scored(every("20", n))["plm"] == plm


def ended(found):
    return [(part["movements"], part["ended_by"]) for part in found["series"]]


def test_3_3_6_a_long_interval_ends_the_series_and_the_next_begins_with_that_movement():
    items = every("20", 4) + every("20", 4, first="250.001")
    found = scored(items)
    assert ended(found) == [(4, "long_imi"), (4, "end_of_list")]
    assert found["breaks"][0] == {"series": 0, "reason": "long_imi", "at_s": 250.001}


def test_3_3_6_a_short_interval_ends_the_series_and_its_movement_begins_the_next():
    items = every("20", 4) + every("20", 4, first="169.999")
    assert ended(scored(items)) == [(4, "short_imi"), (4, "end_of_list")]
    # With one fewer behind the break, the rest is no series of its own.
    items = every("20", 4) + every("20", 3, first="169.999")
    assert ended(scored(items)) == [(4, "short_imi")]


def test_3_3_6_a_short_interval_in_the_middle_leaves_two_runs_too_short():
    items = every("20", 3) + every("20", 3, first="149.999")
    assert scored(items)["plm"] == 0
    assert scored(every("20", 3) + every("20", 3, first="150"))["plm"] == 6


def test_3_3_6_a_movement_that_is_no_clm_ends_the_series():
    items = [*every("20", 4), ("165", "10.001", "L"), *every("20", 4, first="180")]
    found = scored(items)
    assert ended(found) == [(4, "non_clm"), (4, "end_of_list")]
    assert found["breaks"][0]["at_s"] == 165.0
    # Six intervals: the one across the movement of 10.001 s is not measured.
    assert found["intervals_measured"] == 6


def test_3_3_6_a_movement_of_ten_seconds_does_not_end_it():
    items = [*every("20", 4), ("180", "10", "L"), *every("20", 4, first="200")]
    assert ended(scored(items)) == [(9, "end_of_list")]


def test_rows_under_half_a_second_neither_count_nor_break_nor_glue():
    plain = every("20", 4)
    short = [("105", "0.499", "L"), ("125", "0.2", "R"), ("141.999", "0.499", "R"), ("9", "0", "")]
    found = scored(plain + short)
    assert (found["lm"], found["plm"]) == (4, 4)
    # 0.4 s of the right leg between two left movements 0.8 s apart joins nothing.
    apart = scored([("0", "1", "L"), ("1.2", "0.4", "R"), ("1.8", "1", "L")])
    assert apart["lm"] == 2
    # Nor do two short overlapping rows make a long one, nor a short row lengthen another.
    assert scored([("0", "0.4", "L"), ("0.3", "0.4", "L")])["lm"] == 0
    lengthened = scored([("0", "10", "L"), ("9.9", "0.4", "L")])
    assert (lengthened["lm"], lengthened["clm"]) == (1, 1)


@pytest.mark.parametrize(
    ("second", "lm"),
    [("0.9", 1), ("1", 2), ("1.3", 2)],
)
def test_overlapping_rows_of_one_leg_are_one_movement(second, lm):
    assert scored([("0", "1", "L"), (second, "1", "L")])["lm"] == lm


def test_a_row_inside_another_of_the_same_leg_does_not_shorten_it():
    found = scored([("0", "10.001", "L"), ("1", "2", "L"), ("9", "1", "L")])
    assert (found["lm"], found["clm"]) == (1, 0)


@pytest.mark.parametrize(
    ("second", "lm"),
    [("0", 1), ("1.5", 1), ("2", 1), ("2.499", 1), ("2.499999", 1), ("2.5", 2), ("2.501", 2)],
)
def test_3_2_2_two_legs_are_one_below_half_a_second_from_end_to_onset(second, lm):
    found = scored([("0", "2", "L"), (second, "2", "R")])
    assert found["lm"] == lm
    assert found["counts"]["lm_by_side"]["both"] == (lm == 1)


def test_3_2_2_the_onset_of_a_bilateral_movement_is_the_earliest():
    items = []
    for i in range(4):
        # The right leg leads by 0.4 s; intervals of 10 s run from its onsets.
        items += [(f"{10 * i + 0.4:.1f}", "2", "L"), (f"{10 * i}", "0.5", "R")]
    found = scored(items)
    assert (found["lm"], found["plm"]) == (4, 4)
    assert found["series"][0]["onsets_s"] == [0.0, 10.0, 20.0, 30.0]


@pytest.mark.parametrize(("last", "clm"), [("14.9", 1), ("15", 1), ("15.001", 0), ("15.1", 0)])
def test_3_2_2_a_bilateral_clm_lasts_at_most_15_s(last, clm):
    from decimal import Decimal

    items = [("0", "8", "L"), ("7", str(Decimal(last) - 7), "R")]
    found = scored(items)
    assert (found["lm"], found["clm"]) == (1, clm)


@pytest.mark.parametrize(("parts", "clm"), [(2, 1), (3, 1), (4, 1), (5, 0)])
def test_3_2_2_a_bilateral_clm_has_at_most_four_parts(parts, clm):
    found = scored([(f"{i}", "0.7", "LR"[i % 2]) for i in range(parts)])
    assert (found["lm"], found["clm"]) == (1, clm)


def test_3_2_2_a_part_that_is_no_clm_spoils_the_bilateral_one_by_choice():
    items = [("0", "10.001", "L"), ("1", "2", "R")]
    assert scored(items)["clm"] == 0
    assert scored(items, settings={"bilateral_part_over_10_s": "allowed"})["clm"] == 1
    assert scored([("0", "10", "L"), ("1", "2", "R")])["clm"] == 1


def test_3_2_2_more_than_four_parts_or_15_s_end_a_series():
    for spoiled in (
        [(f"{180 + i}", "0.7", "LR"[i % 2]) for i in range(5)],
        [("180", "8", "L"), ("187", "8.1", "R")],
    ):
        found = scored(every("20", 4) + spoiled + every("20", 4, first="200"))
        assert ended(found) == [(4, "non_clm"), (4, "end_of_list")]


def test_one_leg_within_half_a_second_joins_only_through_the_other():
    assert scored([("0", "1", "L"), ("1.3", "1", "L")])["lm"] == 2
    assert scored([("0", "1", "L"), ("1.3", "1", "L"), ("2.2", "1", "R")])["lm"] == 2
    assert scored([("0", "1", "L"), ("1.3", "1", "L"), ("1.4", "1", "R")])["lm"] == 1
    # Left, right, left: each link under 0.5 s.
    assert scored([("0", "1", "L"), ("1.4", "1", "R"), ("2.8", "1", "L")])["lm"] == 1


def test_3_2_2_a_movement_of_both_legs_ends_with_the_later_of_them_or_not_by_choice():
    items = [("0", "5", "L"), ("1", "1", "R"), ("5.3", "1", "L")]
    assert scored(items)["lm"] == 1
    assert scored(items, settings={"bilateral_chain": "linked"})["lm"] == 2
    assert scored([("0", "5", "L"), ("1", "1", "R"), ("5.499999", "1", "L")])["lm"] == 1
    assert scored([("0", "5", "L"), ("1", "1", "R"), ("5.5", "1", "L")])["lm"] == 2
    # The movement before held one leg alone: nothing is taken up after it.
    assert scored([("0", "5", "L"), ("5.3", "1", "L"), ("6.2", "1", "R")])["lm"] == 2


def test_rows_without_a_side_are_one_leg_of_their_own():
    assert scored([("0", "1", ""), ("1.3", "1", "")])["lm"] == 2
    assert scored([("0", "1", ""), ("1.3", "1", "L")])["lm"] == 1
    assert scored(every("20", 4, side=""))["plm"] == 4


def test_3_3_3_no_interval_is_measured_across_a_gap():
    items = every("20", 8)
    found = scored(items, gaps=us((161, 170)))
    assert ended(found) == [(4, "gap"), (4, "end_of_list")]
    assert found["intervals_measured"] == 6


@pytest.mark.parametrize(
    ("gap", "whole"),
    [
        ((100, 100), True),  # the restart is at the onset of the first: nothing before it
        ((159, 160), False),  # the fourth movement begins at the restart
        ((159, 160.000001), False),  # the restart falls inside it: the next is the first
        ((170, 170), False),  # a restart without lost time is one all the same
        ((50, 90), True),
        ((300, 400), True),
    ],
)
def test_3_3_3_a_restart_breaks_before_the_first_onset_at_or_after_it(gap, whole):
    assert (scored(every("20", 5), gaps=us(gap))["plm"] == 5) == whole


def test_3_3_6_whether_the_movement_behind_a_short_interval_begins_a_series_is_a_choice():
    items = every("20", 4) + every("20", 4, first="169.999")
    forbidden = scored(items, settings={"after_short_imi": "may_not_begin"})
    assert ended(forbidden) == [(4, "short_imi")]
    assert (forbidden["plm"], forbidden["counts"]["clm_short_imi"]) == (4, 1)
    assert forbidden["counts"]["clm_isolated"] == 3
    # The movement behind that one begins the series; the interval to it is measured.
    longer = scored(
        every("20", 4) + every("20", 5, first="169.999"),
        settings={"after_short_imi": "may_not_begin"},
    )
    assert ended(longer) == [(4, "short_imi"), (4, "end_of_list")]
    assert longer["series"][1]["start_s"] == 189.999
    assert longer["intervals_measured"] == 8
    # Two short intervals one behind the other: the movement behind both begins nothing either.
    twice = every("20", 4) + every("5", 2, first="165") + every("20", 3, first="190")
    assert [part["start_s"] for part in scored(twice)["series"]] == [100, 170]
    found = scored(twice, settings={"after_short_imi": "may_not_begin"})
    assert [part["start_s"] for part in found["series"]] == [100]


@pytest.mark.parametrize(
    ("event_end", "associated"),
    [
        (104, True),  # 2 s after the movement's end: the window's early end, included
        (104.000001, False),
        (89.75, True),  # 10.25 s before its onset: the late end, included
        (89.749999, False),
        (101, True),
    ],
)
def test_3_4_respiratory_window_runs_from_2_s_before_to_10_25_s_after_the_end(
    event_end, associated
):
    found = scored([("100", "2", "L")], resp=us((event_end - 10, event_end)))
    assert found["counts"]["clm_with_respiratory_event"] == associated


def test_plm_without_respiratory_events_are_rebuilt_or_only_not_counted():
    items = every("20", 8)
    breath = us((170, 178))  # goes with the fifth movement, at 180 s
    rebuilt = scored(items, resp=breath)
    assert (rebuilt["plm"], rebuilt["plm_nonresp"]) == (8, 7)
    # Of five, one in the middle: rebuilt, four follow on, 40 s across; of four, none are left.
    assert scored(every("20", 5), resp=us((130, 138)))["plm_nonresp"] == 4
    assert scored(every("20", 4), resp=us((130, 138)))["plm_nonresp"] == 0
    kept = scored(every("20", 4), resp=us((130, 138)), settings={"plm_nonresp": "not_counted"})
    assert kept["plm_nonresp"] == 3


def test_without_a_list_of_breathing_the_figure_is_refused_and_an_empty_list_is_an_answer():
    assert scored(every("20", 4))["plm_nonresp"].code == "no_respiration"
    assert scored(every("20", 4), resp=[])["plm_nonresp"] == 4


@pytest.mark.parametrize(
    ("arousal", "associated"),
    [
        ((90, 99.5), False),  # 0.5 s before the onset: not less than 0.5 s
        ((90, 99.500001), True),
        ((102.499999, 110), True),
        ((102.5, 110), False),
        ((90, 119.4), True),
    ],
)
def test_an_arousal_goes_with_a_movement_below_half_a_second(arousal, associated):
    found = scored(every("20", 4), arousal_events=us(arousal))
    assert found["counts"]["plm_with_arousal"] == associated


def test_3_2_1_d_morphology_is_reported_and_required_by_choice():
    items = [(onset, duration, side, False) for onset, duration, side in every("20", 4)]
    assert scored(items)["plm"] == 4
    assert scored(items)["counts"]["rows_without_morphology"] == 4
    assert scored(items, settings={"morphology": "required"})["lm"] == 0


def test_2_4_4_a_series_may_cross_from_wake_to_sleep():
    stages = [(0, "W"), (131_000_000, "N2"), (3_600_000_000, "END")]
    found = scored(every("20", 4), stages=stages)
    assert (found["plm"], found["plms"], found["plmw"]) == (4, 2, 2)


@pytest.mark.parametrize(
    ("apart", "as_wasm", "up_to"),
    [("0.499999", 1, 1), ("0.5", 2, 1), ("0.500001", 2, 2)],
)
def test_half_a_second_between_two_legs_joins_only_where_it_was_chosen(apart, as_wasm, up_to):
    """Appendix 1 says less than 0.5 s; other scorers take 0.5 s itself as near enough."""
    from decimal import Decimal

    items = [("100", "2", "L"), (str(102 + Decimal(apart)), "2", "R")]
    assert scored(items)["lm"] == as_wasm
    assert scored(items, settings={"bilateral_link": "up_to_0_5_s"})["lm"] == up_to


@pytest.mark.parametrize(
    ("onsets_s", "others", "may_begin", "not_near"),
    [
        ([0, 20, 40], [], [[0, 1, 2]], [[0, 1, 2]]),
        ([0, 9, 29], [0], [[1, 2]], [[2]]),  # an LM 9 s before
        ([0, 10, 30], [0], [[1, 2]], [[1, 2]]),
        ([0, 20, 29, 49], [], [[0, 1], [2, 3]], [[0, 1], [3]]),  # a CLM 9 s before
        ([0, 20, 29, 38], [2], [[0, 1], [3]], [[0, 1]]),
    ],
)
def test_with_not_near_any_lm_no_run_begins_under_10_s_behind_one(
    onsets_s, others, may_begin, not_near
):
    """others: LM that are no CLM. By hand; the convention of profiles that ask for it."""
    movements = [Movement(at * 10**6, at * 10**6 + 10**6, "L", 1, 10**6) for at in onsets_s]
    candidate = [i not in others for i in range(len(movements))]
    for after, runs in (("may_begin", may_begin), ("not_near_any_lm", not_near)):
        choices = conventions.resolve({"after_short_imi": after})
        assert RULE_SETS["wasm2016"].walk(movements, candidate, choices).runs == runs
