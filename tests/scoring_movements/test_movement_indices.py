"""Periodicity, log-IMI, histograms, rates and refusals of a night."""

import json
import math

import pytest
from notturno.errors import UserError
from notturno.refusals import Refusal, is_refusal, to_json
from notturno.scoring.movements import indices
from notturno.scoring.movements.legs import make_rows, rows_of
from notturno.scoring.movements.score import score_night

HOUR = 3_600_000_000


def every(step_s, n, first=0.0, duration=2.0, side="L"):
    return make_rows([(first + step_s * i, duration, side) for i in range(n)])


def intervals(*imis_s):
    return [(i, i + 1, round(imi * 1e6)) for i, imi in enumerate(imis_s)]


@pytest.mark.parametrize(
    ("imis", "index"),
    [
        ((20, 20, 20), 1.0),
        ((20, 20), 0.0),  # two in a row are no run
        ((20, 20, 20, 5), 0.75),
        ((20, 20, 5, 20, 20, 20), 0.5),
        ((20, 20, 90.001, 20), 0.0),
        ((10, 20, 20, 20), 0.75),  # 10 s is excluded ...
        ((90, 90, 90), 1.0),  # ... and 90 s included
    ],
)
def test_periodicity_by_intervals_counts_runs_of_three(imis, index):
    assert indices.periodicity_of_intervals(intervals(*imis), False) == index


def test_periodicity_by_intervals_takes_ten_seconds_by_choice():
    assert indices.periodicity_of_intervals(intervals(10, 10, 10), True) == 1.0
    assert indices.periodicity_of_intervals(intervals(10, 10, 10), False) == 0.0


def test_periodicity_runs_do_not_cross_an_interval_that_was_not_measured():
    broken = [(0, 1, 20_000_000), (1, 2, 20_000_000), (4, 5, 20_000_000)]
    assert indices.periodicity_of_intervals(broken, False) == 0.0


def test_both_forms_of_periodicity_are_named_and_one_is_chosen():
    rows = every(20, 5) + every(200, 3, first=300)
    found = score_night(rows, "wasm2016")
    forms = found["periodicity_index_forms"]
    assert forms["movements"] == 5 / 8
    assert forms["intervals"] == 4 / 7
    assert found["periodicity_index"] == forms["intervals"]
    chosen = score_night(rows, "wasm2016", settings={"periodicity_form": "movements"})
    assert chosen["periodicity_index"] == 5 / 8


def test_periodicity_is_refused_below_ten_lm_an_hour():
    rows = every(20, 9)
    few = score_night(rows, "wasm2016", recorded_us=(0, HOUR))
    assert few["periodicity_index"].code == "too_few_movements"
    assert "9.0 LM an hour" in few["periodicity_index"].reason
    enough = score_night(every(20, 10), "wasm2016", recorded_us=(0, HOUR))
    assert enough["periodicity_index"] == 1.0


def test_log_imi_is_the_mean_and_sd_of_natural_logarithms_from_10_to_90_s():
    mean, sd = indices.log_imi([10_000_000, 90_000_000, 9_999_999, 90_000_001])
    assert mean == pytest.approx((math.log(10) + math.log(90)) / 2)
    assert sd == pytest.approx((math.log(90) - math.log(10)) / math.sqrt(2))
    mean10, sd10 = indices.log_imi([10_000_000, 90_000_000], "log10", "population")
    assert mean10 == pytest.approx((1 + math.log10(90)) / 2)
    assert sd10 == pytest.approx((math.log10(90) - 1) / 2)


def test_log_imi_refuses_without_intervals_and_the_sd_of_one():
    none, none_sd = indices.log_imi([5_000_000])
    assert is_refusal(none) and is_refusal(none_sd)
    mean, sd = indices.log_imi([20_000_000])
    assert mean == pytest.approx(math.log(20)) and is_refusal(sd)


def test_log_imi_may_take_the_intervals_of_series_only():
    rows = every(20, 4) + every(50, 2, first=200)
    everything = score_night(rows, "wasm2016")
    inside = score_night(rows, "wasm2016", settings={"log_imi_set": "plm_intervals"})
    assert inside["log_imi_mean"] == pytest.approx(math.log(20))
    assert everything["log_imi_mean"] == pytest.approx((3 * math.log(20) + math.log(50)) / 4)


def test_log_imi_may_be_taken_from_the_lm_before_as_one_program_does():
    # CLM at 0, 20, 110; an LM of 12 s (no CLM) at 140; CLM at 165, 175, 184.
    rows = every(20, 2) + make_rows([(110, 2, "L"), (140, 12, "L"), (165, 2, "L"), (175, 2, "L")])
    rows += make_rows([(184, 2, "L")])
    mean = score_night(rows, "wasm2016")["log_imi_mean"]
    assert mean == pytest.approx(math.log(20 * 90 * 10) / 3)  # 90 s and 10 s included
    lm_before = {"log_imi_set": "lm_before"}
    mean = score_night(rows, "wasm2016", settings=lm_before)["log_imi_mean"]
    assert mean == pytest.approx(math.log(20 * 25 * 10) / 3)  # 90 s excluded, 140 to 165 measured
    cut = score_night(rows, "wasm2016", settings=lm_before, gaps=[(150_000_000, 151_000_000)])
    assert cut["log_imi_mean"] == pytest.approx(math.log(20 * 10) / 2)
    stages = [(0, "W"), (160_000_000, "N2"), (3_600_000_000, "END")]
    slept = score_night(rows, "wasm2016", stages, settings=lm_before)
    assert slept["log_imi_mean"] == pytest.approx(math.log(25 * 10) / 2)


def test_imi_histogram_bins_hold_their_lower_edge_and_the_last_both():
    found = indices.imi_histogram([0, 1_999_999, 2_000_000, 88_000_000, 90_000_000, 90_000_001])
    assert found["counts"][0] == 2 and found["counts"][1] == 1 and found["counts"][44] == 2
    assert found["above"] == 1 and sum(found["counts"]) == 5


def test_log_imi_histogram_counts_every_interval_once():
    found = indices.log_imi_histogram([500_000, 1_000_000, 20_000_000, 90_000_000, 100_000_000])
    assert found["below"] == 1 and found["above"] == 1 and sum(found["counts"]) == 3
    assert found["counts"][0] == found["counts"][29] == found["counts"][44] == 1


STAGES = [(0, "W"), (HOUR // 2, "N2"), (2 * HOUR, "R"), (5 * HOUR // 2, "W"), (3 * HOUR, "END")]


def test_rates_divide_by_the_hours_that_they_name():
    rows = every(20, 6, first=600) + every(20, 8, first=3600) + every(20, 5, first=7300)
    found = score_night(rows, "wasm2016", stages=STAGES, resp=[], arousal_events=[])
    assert found["hours"] == {"sleep": 2.0, "wake": 1.0, "nrem": 1.5, "rem": 0.5, "recorded": 3.0}
    assert (found["plm"], found["plms"], found["plmw"]) == (19, 13, 6)
    assert found["plms_per_h"] == 6.5
    rates = found["rates"]
    assert rates["plmw_per_h"] == 6.0
    assert rates["plms_nrem_per_h"] == pytest.approx(8 / 1.5)
    assert rates["plms_rem_per_h"] == 10.0
    assert rates["plm_per_recorded_h"] == pytest.approx(19 / 3)
    assert rates["plms_nonresp_per_h"] == 6.5
    assert rates["plms_arousal_per_h"] == 0.0
    assert set(found["denominators"]) == set(rates)
    assert found["denominators"]["plms_rem_per_h"] == "rem_h"


def test_short_interval_and_isolated_movements_are_told_apart():
    # A series of 4; a movement 5 s behind it; one alone after that.
    rows = every(20, 4, first=2000) + make_rows([(2065, 2, "L"), (2500, 2, "L")])
    found = score_night(rows, "wasm2016", stages=STAGES)
    assert found["counts"]["clm_short_imi"] == 1
    assert found["counts"]["clm_isolated"] == 1
    assert found["rates"]["short_imi_per_sleep_h"] == 0.5
    assert found["rates"]["isolated_per_sleep_h"] == 0.5


def test_a_periodic_movement_behind_a_short_interval_is_periodic_alone():
    rows = every(20, 4, first=2000) + every(20, 4, first=2065)
    counts = score_night(rows, "wasm2016", stages=STAGES)["counts"]
    assert (counts["clm_short_imi"], counts["clm_isolated"]) == (0, 0)


def test_mean_durations_are_told_by_kind_or_refused():
    rows = every(20, 4, duration=3) + make_rows([(500, 1, "L")])
    durations = score_night(rows, "wasm2016")["mean_duration_s"]
    assert durations["plm"] == 3.0 and durations["clm_isolated"] == 1.0
    assert durations["lm"] == 2.6
    assert durations["clm_short_imi"].code == "too_few_movements"


def test_the_night_is_told_hour_by_hour_and_in_halves():
    rows = every(20, 4, first=1900) + every(20, 2, first=7300) + every(20, 4, first=8000)
    found = score_night(rows, "wasm2016", stages=STAGES)
    assert [(row["lm"], row["plm"]) for row in found["by_hour"]] == [(4, 4), (0, 0), (6, 4)]
    half = found["by_half"]
    assert (half["start_s"], half["middle_s"], half["end_s"]) == (1800, 5400, 9000)
    assert half["first"] == {"lm": 4, "plm": 4} and half["second"] == {"lm": 6, "plm": 4}


def test_without_stages_what_sleep_decides_is_refused_and_named():
    found = score_night(every(20, 4), "wasm2016")
    for key in ("plms", "plmw", "plms_per_h"):
        assert found[key].code == "no_stages"
    assert found["hours"]["recorded"].code == "no_recording_span"
    assert json.loads(json.dumps(to_json(found)))["plms"]["code"] == "no_stages"


def test_a_night_without_sleep_gives_no_rate_of_sleep():
    found = score_night(every(20, 4), "wasm2016", stages=[(0, "W"), (HOUR, "END")])
    assert found["plms"] == 0
    assert found["plms_per_h"].code == "too_short"


def test_too_little_sleep_and_too_many_gaps_are_refused():
    short = score_night(every(20, 4), "wasm2016", stages=[(0, "N2"), (299_000_000, "W")])
    assert short["plms_per_h"].code == "too_short"
    gaps = [(HOUR, HOUR + 901_000_000)]
    holes = score_night(every(20, 4), "wasm2016", stages=STAGES, gaps=gaps)
    assert holes["hours"]["sleep"] == pytest.approx(2 - 901 / 3600)
    gaps = [(HOUR, 2 * HOUR)]
    assert score_night(every(20, 4), "wasm2016", stages=STAGES, gaps=gaps)["plms_per_h"].code == (
        "too_many_gaps"
    )


def test_a_night_without_movements_is_a_night():
    for found in score_night([], "both", stages=STAGES, resp=[]).values():
        assert (found["lm"], found["plm"], found["plms"], found["plms_per_h"]) == (0, 0, 0, 0)
        assert is_refusal(found["periodicity_index"]) and found["series"] == []
        json.dumps(to_json(found))


def test_every_open_choice_is_reported_with_options_and_reason():
    both = score_night(every(20, 4))
    for name in ("bilateral_part_over_10_s", "plm_nonresp", "sleep_instant"):
        assert both["wasm2016"]["conventions"][name]["value"]
    for name in ("aasm_short_imi", "aasm_bilateral", "aasm_duration", "aasm_sleep_rule"):
        assert both["aasm3"]["conventions"][name]["options"]
        assert name not in both["wasm2016"]["conventions"]
    for name in ("periodicity_form", "log_imi_base", "log_imi_set"):
        assert both["wasm2016"]["conventions"][name]["reason"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"plm_nonresp": "guessed"}, "rebuilt"),
        ({"periodicity_min_lm_per_h": "ten"}, "number"),
        ({"periodicity_min_lm_per_h": "nan"}, "0 or a larger"),
    ],
)
def test_a_setting_that_does_not_exist_is_named(settings, named):
    with pytest.raises(UserError, match=named):
        score_night([], settings=settings)


def test_the_hash_of_the_movements_does_not_know_their_order_and_feels_a_microsecond():
    rows = every(20, 4)
    one = score_night(rows, "wasm2016")["provenance"]["movements_sha256"]
    assert score_night(rows[::-1], "aasm3")["provenance"]["movements_sha256"] == one
    assert "events_sha256" not in score_night(rows, "wasm2016")["provenance"]
    moved = [rows[0]._replace(end_us=rows[0].end_us + 1), *rows[1:]]
    assert score_night(moved, "wasm2016")["provenance"]["movements_sha256"] != one


def test_events_of_our_own_band_become_rows_on_any_axis():
    events = [
        {"onset_us": 1_500_000, "end_us": 3_500_000, "flag_names": []},
        {"onset_us": 20_000_000, "end_us": 22_000_000, "flag_names": ["no_morphology"]},
    ]
    assert rows_of(events, "L") == [
        (1_500_000, 3_500_000, "L", True),
        (20_000_000, 22_000_000, "L", False),
    ]
    assert rows_of(events[:1], shift_us=-500_000) == [(1_000_000, 3_000_000, "", True)]


def test_a_refusal_is_no_number_and_tells_why():
    refusal = Refusal("too short", "too_short")
    assert to_json({"a": [refusal, 1]}) == {
        "a": [{"refused": "too short", "code": "too_short"}, 1]
    }
    assert not refusal and is_refusal(refusal) and not is_refusal(0)
