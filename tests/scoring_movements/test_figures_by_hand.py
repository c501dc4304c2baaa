"""Figures of a night at their bounds: which hours, which intervals, which kind; each by hand."""

import math

import pytest
from notturno import refusals
from notturno.errors import UserError
from notturno.refusals import is_refusal
from notturno.scoring.movements import conventions, score
from notturno.scoring.movements.legs import make_rows

MIN_US, H_US = 60_000_000, 3_600_000_000


def every(step_s, n, first_s=0.0, lasts_s=2.0):
    return make_rows([(first_s + step_s * k, lasts_s, "L") for k in range(n)])


def wasm(rows, **options):
    return score.score_night(rows, "wasm2016", **options)


def at(*seconds):
    return make_rows([(second, 2, "L") for second in seconds])


# --- what a person may set -----------------------------------------------------------------------


def test_the_numbers_that_no_text_fixes_are_told():
    told = wasm([])["conventions"]
    numbers = {name: (told[name]["value"], told[name]["default"]) for name in conventions.NUMBERS}
    assert numbers == {
        "periodicity_min_lm_per_h": (10, 10),
        "rate_min_min": (5, 5),
        "max_gap_share": (0.2, 0.2),
    }


def test_a_choice_is_its_first_option_unless_another_is_set():
    usual = vars(conventions.resolve())
    assert (usual["imi_upper"], usual["log_imi_base"]) == ("included", "ln")
    assert vars(conventions.resolve({})) == usual
    other = vars(conventions.resolve({"imi_upper": "excluded", "rate_min_min": "0"}))
    assert other == usual | {"imi_upper": "excluded", "rate_min_min": 0.0}


@pytest.mark.parametrize(
    ("value", "taken"), [("0", True), ("0.0001", True), ("-0.0001", False), ("inf", False)]
)
def test_a_number_is_from_nothing_on_and_has_an_end(value, taken):
    if taken:
        assert conventions.resolve({"max_gap_share": value}).max_gap_share == float(value)
        return
    with pytest.raises(UserError, match="0 or a larger"):
        conventions.resolve({"max_gap_share": value})


def test_rules_that_nobody_has_are_refused():
    with pytest.raises(UserError, match="choose wasm2016, aasm3 or both"):
        score.score_night([], "wasm2006")
    assert set(score.score_night([], "both")) == {"wasm2016", "aasm3"}
    assert score.score_night([], "aasm3")["rules"] == "aasm3"


# --- hours and rates -----------------------------------------------------------------------------


@pytest.mark.parametrize(("sleep_s", "refused"), [(299, True), (300, False)])
def test_five_minutes_are_enough_for_a_rate(sleep_s, refused):
    stages = [(0, "W"), (H_US, "N2"), (H_US + sleep_s * 1_000_000, "END")]
    rate = wasm(every(20, 4, 3600), stages=stages)["plms_per_h"]
    assert is_refusal(rate) is refused
    if refused:
        assert rate.reason == "5.0 min (sleep) are too short for a rate per hour."
    else:
        assert rate == pytest.approx(4 * 12)
    none = wasm([], stages=[(0, "W"), (H_US, "END")], settings={"rate_min_min": "0"})
    assert none["plms_per_h"].code == refusals.TOO_SHORT


@pytest.mark.parametrize(("gap_min", "refused"), [(12, False), (12.1, True)])
def test_a_fifth_of_the_hours_may_be_missing(gap_min, refused):
    gaps = [(0, round(gap_min * MIN_US))]
    found = wasm(every(20, 4, 1800), gaps=gaps, recorded_us=(0, H_US))
    assert is_refusal(found["hours"]["recorded"]) is refused
    if not refused:
        assert found["hours"]["recorded"] == 0.8
        assert found["rates"]["plm_per_recorded_h"] == 5.0
        kept = wasm(every(20, 4, 1800), gaps=gaps, recorded_us=(0, H_US), settings=KEPT)
        assert kept["hours"]["recorded"] == 1.0 and kept["rates"]["lm_per_recorded_h"] == 4.0
    else:
        assert found["hours"]["recorded"].reason.startswith("20% of the hours (recorded)")


KEPT = {"gaps_in_hours": "kept"}


def test_lm_an_hour_are_of_sleep_else_of_the_recording_else_of_the_movements():
    rows = every(20, 6)  # from 0 to 102 s
    stages = [(0, "N2"), (60_000_000, "W"), (H_US, "END")]
    kept = {"rate_min_min": "0.5"}
    for options, rate, of_what in (
        ({"stages": stages}, 3 / (60 / 3600), "sleep"),
        ({"stages": stages, "settings": {"index_span": "whole"}}, 6, "recorded"),
        ({"recorded_us": (0, H_US // 2)}, 12, "recorded"),
        ({}, 6 / (102 / 3600), "movements"),
    ):
        options = options | {"settings": kept | options.get("settings", {})}
        forms = wasm(rows, **options)["periodicity_index_forms"]
        assert forms["lm_per_h"] == pytest.approx(rate), of_what
        assert forms["lm_hours_of"] == of_what
    assert wasm([])["periodicity_index_forms"]["lm_hours_of"] == "movements"
    # A movement that begins first may end last.
    long = make_rows([(0, 400, "L"), (100, 2, "R"), (200, 2, "R")])
    told = wasm(long, settings={"bilateral_chain": "any_leg"})["periodicity_index_forms"]
    assert told["lm_hours_of"] == "movements"


@pytest.mark.parametrize(("n", "refused"), [(9, True), (10, False)])
def test_the_index_needs_ten_lm_an_hour_of_sleep(n, refused):
    stages = [(0, "N2"), (H_US, "W"), (2 * H_US, "END")]
    rows = every(20, n) + every(300, 4, 3700)  # those awake count for nothing here
    found = wasm(rows, stages=stages)
    assert is_refusal(found["periodicity_index"]) is refused
    whole = wasm(rows, stages=stages, settings={"index_span": "whole"})
    assert is_refusal(whole["periodicity_index"]) is (n + 4 < 20)


# --- intervals -----------------------------------------------------------------------------------


def test_an_interval_is_of_sleep_where_both_its_movements_are():
    """Asleep at 0 to 50 s and from 130 s on: of five intervals two are between two asleep."""
    stages = [(0, "N2"), (50_000_000, "W"), (130_000_000, "N2"), (H_US, "END")]
    rows = at(10, 35, 70, 100, 140, 170)
    found = wasm(rows, stages=stages)
    assert found["intervals_measured"] == 2
    assert found["log_imi_mean"] == pytest.approx(math.log(25 * 30) / 2)
    whole = wasm(rows, stages=stages, settings={"index_span": "whole"})
    assert whole["intervals_measured"] == 5


def test_intervals_inside_series_are_those_between_two_of_one_series():
    # Two series of four, 95 s apart; the movement at 500 s is of none.
    rows = at(0, 20, 40, 60, 155, 175, 195, 215, 260, 500)
    settings = {"log_imi_set": "plm_intervals"}
    found = wasm(at(0, 20, 40, 60, 155, 185, 215, 245, 500), settings=settings)
    assert found["log_imi_mean"] == pytest.approx((3 * math.log(20) + 3 * math.log(30)) / 6)
    assert wasm(rows, settings=settings)["plm"] == 9


@pytest.mark.parametrize(("imi_s", "in_it"), [(89.999999, True), (90, False), (90.000001, False)])
def test_the_interval_from_the_lm_before_ends_below_90_s(imi_s, in_it):
    settings = {"log_imi_set": "lm_before"}
    mean = wasm(at(0, 20, 20 + imi_s), settings=settings)["log_imi_mean"]
    wanted = math.log(20 * imi_s) / 2 if in_it else math.log(20)
    assert mean == pytest.approx(wanted)


# --- kinds ---------------------------------------------------------------------------------------


def test_a_movement_that_reaches_into_sleep_is_of_sleep_or_of_wake_and_not_of_both():
    """Onset 1 s before sleep: by its onset awake, by any part of it asleep."""
    stages = [(0, "W"), (101_000_000, "N2"), (130_000_000, "?"), (150_000_000, "W"), (H_US, "END")]
    rows = at(100, 120, 140, 160)
    by_onset = wasm(rows, stages=stages)
    assert (by_onset["plm"], by_onset["plms"], by_onset["plmw"]) == (4, 1, 2)
    by_part = wasm(rows, stages=stages, settings={"sleep_instant": "any_part"})
    assert (by_part["plms"], by_part["plmw"]) == (2, 1)


def test_series_and_breaks_are_told_in_seconds():
    rows = at(1.5, 21.5, 41.5, 61.5, 64, 164, 184, 204, 224)
    found = wasm(rows)
    assert found["series"] == [
        {
            "movements": 4,
            "start_s": 1.5,
            "end_s": 63.5,
            "onsets_s": [1.5, 21.5, 41.5, 61.5],
            "ended_by": "short_imi",
        },
        {
            "movements": 4,
            "start_s": 164.0,
            "end_s": 226.0,
            "onsets_s": [164.0, 184.0, 204.0, 224.0],
            "ended_by": "end_of_list",
        },
    ]
    assert found["breaks"] == [
        {"series": 0, "reason": "short_imi", "at_s": 64.0},
        {"series": 1, "reason": "end_of_list", "at_s": None},
    ]
    assert found["run_breaks"] == {"short_imi": 1, "long_imi": 1, "end_of_list": 1}
    counts = found["counts"]
    assert (counts["clm_short_imi"], counts["clm_isolated"]) == (1, 0)
    assert counts["lm_by_side"] == {"left": 9, "right": 0, "both": 0, "unknown": 0}


def test_hours_are_counted_from_the_start_of_the_recording():
    found = wasm(at(3590, 3600, 3620), recorded_us=(0, 2 * H_US))["by_hour"]
    assert [(row["hour"], row["lm"]) for row in found] == [(0, 1), (1, 2)]
    moved = wasm(at(3590, 3600, 3620), recorded_us=(1_000_000, 2 * H_US))["by_hour"]
    assert [row["lm"] for row in moved] == [2, 1]
    early = wasm(at(100, 200), recorded_us=(150_000_000, H_US))["by_hour"]
    assert [(row["hour"], row["lm"]) for row in early] == [(-1, 1), (0, 1)]
    assert wasm(at(100))["by_hour"] == [{"hour": 0, "lm": 1, "clm": 1, "plm": 0}]


def test_breathing_and_arousals_that_nobody_looked_for_are_no_zero():
    rows = every(20, 5)
    unknown, looked = wasm(rows), wasm(rows, resp=[], arousal_events=[])
    for key in ("clm_with_respiratory_event", "plm_with_arousal"):
        assert is_refusal(unknown["counts"][key]) and looked["counts"][key] == 0
    assert unknown["plm_nonresp"].code == refusals.NO_RESPIRATION
    assert looked["plm_nonresp"] == 5
    # One event ends with the second movement, and an arousal begins there.
    event = [(15_000_000, 21_000_000)]
    found = wasm(rows, resp=event, arousal_events=[(21_000_000, 24_000_000)])
    assert found["counts"]["clm_with_respiratory_event"] == 1
    assert found["counts"]["plm_with_arousal"] == 1
    # Without it the interval is 40 s, and four are still a series.
    assert found["plm_nonresp"] == 4
    few = wasm(every(20, 4), resp=event)
    assert few["plm_nonresp"] == 0
    kept = wasm(every(20, 4), resp=event, settings={"plm_nonresp": "not_counted"})
    assert kept["plm_nonresp"] == 3


def test_aasm_counts_no_lm_that_is_wholly_awake_unless_asked():
    stages = [(0, "N2"), (50_000_000, "W"), (H_US, "END")]
    rows = every(20, 5)
    asleep = score.score_night(rows, "aasm3", stages)
    assert (asleep["plm"], asleep["plms"]) == (0, 0)
    assert asleep["rates"]["plmw_per_h"].code == refusals.NOT_IN_RULES
    counted = score.score_night(rows, "aasm3", stages, settings={"aasm_sleep_rule": "count_only"})
    assert (counted["plm"], counted["plms"], counted["plmw"]) == (5, 3, 2)
    assert counted["rates"]["plmw_per_h"] == pytest.approx(2 / (3550 / 3600))
    assert wasm(rows, stages=stages)["plm"] == 5


def test_without_a_recordings_span_hours_are_counted_from_the_lists_own_zero():
    hours = wasm(at(0, 3590, 3600, 7190))["by_hour"]
    assert [(row["hour"], row["lm"]) for row in hours] == [(0, 2), (1, 2)]
