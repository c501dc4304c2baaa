"""Every figure that is told beside the main ones, by hand: spans, bins, parameters, units.

The parameters are those of the published rules, in the units in which these give them.
"""

import math

import pytest
from night_rows import START_UTC_MS, event, gap, session
from notturno import refusals
from notturno.nights.axis import night_axis
from notturno.refusals import is_refusal
from notturno.scoring.movements import indices
from notturno.scoring.movements.score import RULE_SETS
from notturno.scoring.onenight import jerk_patterns, jerks, stimuli, two_bands
from notturno.scoring.staging import Hypnogram

MIN_US, H_US = 60_000_000, 3_600_000_000


def axis(events=(), n_minutes=60, gaps=(), shift_ms=0):
    one = session(n_minutes, start_utc_ms=START_UTC_MS + shift_ms)
    return night_axis(events, (), [one], gaps)


# --- the rules' own numbers ---------------------------------------------------------------------


def test_the_parameters_told_of_wasm_2016_are_those_of_the_standard():
    """Ferri et al., Sleep Med 2016; 26: 3.2.1, 3.2.2, 3.3.4, 3.4, and the bilateral rule."""
    assert RULE_SETS["wasm2016"].parameters() == {
        "lm_min_s": 0.5,
        "clm_max_s": 10.0,
        "bilateral_clm_max_s": 15.0,
        "bilateral_clm_max_parts": 4,
        "imi_min_s": 10.0,
        "imi_max_s": 90.0,
        "series_min": 4,
        "bilateral_link_below_s": 0.5,
        "respiratory_window_s": [-2.0, 10.25],
    }


def test_the_parameters_told_of_aasm_3_are_those_of_the_manual():
    """AASM Manual v3, movement rules: 0.5 to 10 s, 5 to 90 s, four or more, legs under 5 s."""
    assert RULE_SETS["aasm3"].parameters() == {
        "lm_min_s": 0.5,
        "lm_max_s": 10.0,
        "imi_min_s": 5.0,
        "imi_max_s": 90.0,
        "series_min": 4,
        "bilateral_onsets_below_s": 5.0,
        "respiratory_margin_s": 0.5,
    }


def test_the_bounds_that_no_text_fixes_are_told_as_they_are():
    told = {name: one["value"] for name, one in jerks.conventions().items()}
    assert told == {
        "sleep_start_before_min": 10,
        "sleep_start_after_min": 5,
        "later_onset_wake_min": 5,
        "cluster_min_jerks": 3,
        "cluster_max_interval_s": 10,
        "fragmentary_minutes": "on_end",
    }
    assert all(one["reason"] for one in jerks.conventions().values())


# --- histograms ----------------------------------------------------------------------------------


def test_intervals_are_counted_in_bins_of_two_seconds_to_ninety():
    imis_s = (0.5, 2, 3.999, 4, 88, 89.999, 90, 90.000001, 200)
    found = indices.imi_histogram([round(s * 1e6) for s in imis_s])
    assert (found["bin_s"], found["first_s"], found["above"]) == (2.0, 0.0, 2)
    counts = dict(enumerate(found["counts"]))
    assert len(counts) == 45
    assert {k: n for k, n in counts.items() if n} == {0: 1, 1: 2, 2: 1, 44: 3}


def test_logarithms_of_intervals_are_counted_in_bins_of_a_tenth_to_four_and_a_half():
    at = (-0.05, 0.05, 0.15, 2.349, 4.45, 4.55)
    found = indices.log_imi_histogram([round(math.exp(x) * 1e6) for x in at])
    assert (found["bin_ln_s"], found["first_ln_s"]) == (0.1, 0.0)
    assert (found["below"], found["above"], len(found["counts"])) == (1, 1, 45)
    assert {k: n for k, n in enumerate(found["counts"]) if n} == {0: 1, 1: 1, 23: 1, 44: 1}


def test_the_mean_of_logarithms_is_of_ten_to_ninety_seconds_both_included():
    imis = [round(s * 1e6) for s in (9.999999, 10, 90, 90.000001)]
    mean, sd = indices.log_imi(imis, "ln", "sample")
    half = (math.log(90) - math.log(10)) / 2
    assert mean == pytest.approx(math.log(30)) and sd == pytest.approx(half * math.sqrt(2))
    assert indices.log_imi(imis, "log10", "population") == pytest.approx(
        (math.log10(30), half / math.log(10))
    )
    assert all(map(is_refusal, indices.log_imi([1], "ln", "sample")))
    one, no_spread = indices.log_imi([20_000_000], "ln", "sample")
    assert one == pytest.approx(math.log(20)) and is_refusal(no_spread)


def test_strengths_are_counted_in_bins_that_double_the_first_from_nothing():
    peaks = (0, 0.5, 1, 1.9, 2, 3.99, 4, 100, 128)
    assert jerk_patterns._octaves(list(peaks), 1) == [
        {"from": 0, "to": 2, "count": 4},
        {"from": 2, "to": 4, "count": 2},
        {"from": 4, "to": 8, "count": 1},
        {"from": 64, "to": 128, "count": 1},
        {"from": 128, "to": 256, "count": 1},
    ]


# --- how jerks lie -------------------------------------------------------------------------------


def test_strength_is_told_by_percentiles_and_by_how_many_were_clipped():
    singles = axis([event(10 * k, peak_mg=10 * k) for k in range(1, 22)]).singles()
    found = jerk_patterns.strength(singles)
    assert found["peak_mg"] == {
        "p5": 20,
        "p25": 60,
        "p50": 110,
        "p75": 160,
        "p95": 200,
        "min": 10,
        "max": 210,
    }
    assert sum(row["count"] for row in found["histogram_mg"]) == 21
    assert (found["clipped"], found["note"]) == (0, "no peak was clipped")
    clipped = axis([event(10 * k, flags=["clipped"] * (k < 3)) for k in range(1, 6)]).singles()
    found = jerk_patterns.strength(clipped)
    assert found["clipped"] == 2 and "lower bounds" in found["note"]


@pytest.mark.parametrize(("n", "refused"), [(4, True), (5, False)])
def test_a_distribution_needs_five(n, refused):
    events = [event(10 * k) for k in range(1, n + 1)]
    assert is_refusal(jerk_patterns.strength(axis(events).singles())) is refused
    onsets = [10_000_000 * k for k in range(n + 1)]
    assert is_refusal(jerk_patterns.intervals(onsets, axis())) is refused


def test_intervals_are_told_in_seconds_and_none_across_a_gap():
    onsets = [60_000_000 * k for k in (1, 2, 3, 4, 5, 6, 20, 21)]
    found = jerk_patterns.intervals(onsets, axis(gaps=[gap(10, 12)]))
    assert (found["measured"], found["across_uncountable"]) == (6, 1)
    assert found["interval_s"]["p5"] == found["interval_s"]["p95"] == 60.0
    assert found["histogram_s"] == [{"from": 32, "to": 64, "count": 6}]
    quick = [round(60e6 + 1e6 * at) for at in (0, 0.5, 2, 3.5, 6.5, 9.5)]
    assert jerk_patterns.intervals(quick, axis())["histogram_s"] == [
        {"from": 0, "to": 2, "count": 3},
        {"from": 2, "to": 4, "count": 2},
    ]


def test_clusters_are_told_with_where_they_lie():
    at_s = (100, 110, 120, 130.5, 200, 210, 219.5, 229.5, 400)
    found = jerk_patterns.clusters([round(s * 1e6) for s in at_s], axis())
    assert found == {
        "clusters": 2,
        "jerks_in_clusters": 7,
        "largest": 4,
        "spans": [
            {"start_s": 100.0, "end_s": 120.0, "jerks": 3},
            {"start_s": 200.0, "end_s": 229.5, "jerks": 4},
        ],
    }


def test_rhythms_are_told_by_their_band_with_lengths_beats_and_paces():
    rows = [
        event(100, "rhythm", 10.0, rhythm_hz=1.0, beats=11),
        event(200, "rhythm", 20.0, rhythm_hz=2.0, beats=41),
        event(300, "rhythm", 60.0, rhythm_hz=None, beats=None),
        event(500, "rhythm", 4.0, flags=["clonic_band"], rhythm_hz=5.0, beats=21),
    ]
    found = jerk_patterns.rhythms(axis(rows), 0.5)
    assert found["leg_0.3_4_hz"] == {
        "runs": 3,
        "runs_per_countable_h": 6.0,
        "beats": 52,
        "length_s": {"min": 10.0, "median": 20.0, "max": 60.0},
        "length_total_s": 90.0,
        "frequency_hz": {"min": 1.0, "median": 1.5, "max": 2.0},
    }
    assert found["clonic_3_8_hz"]["frequency_hz"] == {"min": 5.0, "median": 5.0, "max": 5.0}
    none = jerk_patterns.rhythms(axis(), 0.5)["leg_0.3_4_hz"]
    assert (none["runs"], none["length_total_s"]) == (0, 0) and is_refusal(none["frequency_hz"])


def test_an_hour_tells_its_countable_minutes_and_its_rate():
    found = jerk_patterns.by_hour(axis(n_minutes=90), [MIN_US, 2 * MIN_US, 70 * MIN_US])
    assert [row["hour"] for row in found] == [1, 2]
    assert [row["countable_min"] for row in found] == [60.0, 30.0]
    assert [row["single_jerks"] for row in found] == [2, 1]
    assert [row["per_countable_h"] for row in found] == [2.0, 2.0]


def test_dense_minutes_are_told_with_their_runs():
    events = [event(60 * m + 10 * k + 1) for m in range(3, 25) for k in range(5)]
    found = jerks.figures(axis(events), None, "")["fragmentary"]
    assert found["runs"] == [{"start_s": 180.0, "minutes": 22}]
    assert found["dense_min"] == found["longest_run_min"] == 22
    whole = Hypnogram([(0, "N2"), (10 * MIN_US, "W"), (H_US, "END")])
    assert jerks.figures(axis(events), whole, "x")["fragmentary"]["longest_run_min_in_sleep"] == 7


def test_jerks_in_sleep_are_told_apart_with_where_sleep_comes_from():
    whole = Hypnogram([(0, "W"), (30 * MIN_US, "N2"), (H_US, "END")])
    found = jerks.figures(axis([event(60), event(1860), event(1870)]), whole, "a list")
    assert (found["single_jerks"], found["single_jerks_in_sleep"]) == (3, 2)
    assert found["hours"] == {"countable": 1.0, "sleep": 0.5}
    assert found["rates"] == {"per_countable_h": 3.0, "per_sleep_h": 4.0}
    assert "(a list)" in found["denominators"]["per_sleep_h"]
    unknown = jerks.figures(axis([event(60)]), None, "")
    assert "(unknown)" in unknown["denominators"]["per_sleep_h"]
    assert unknown["single_jerks_in_sleep"].code == refusals.NO_STAGES


def test_jerks_near_an_onset_of_sleep_are_told_with_their_place():
    whole = Hypnogram([(0, "W"), (20 * MIN_US, "N2"), (H_US, "END")])
    found = jerks.figures(axis([event(19 * 60), event(50 * 60)]), whole, "x")["sleep_starts"]
    assert found["first_sleep_onset_s"] == 1200.0 and not found["asleep_from_the_start"]
    assert (found["later_onsets"], found["around_first_onset"]) == (0, 1)
    assert (found["around_any_onset"], found["not_in_countable_time"]) == (1, 0)
    # one jerk in the 45 min outside, of which the window of 15 min would hold a third by chance
    assert found["around_first_onset_by_chance"] == pytest.approx(1 / 3, rel=1e-3)
    assert found["around_first_onset_p_by_chance"] == pytest.approx(1 - 0.75**2, rel=1e-3)
    awake = Hypnogram([(0, "N2"), (H_US, "END")])
    at_once = jerks.figures(axis([]), awake, "x")["sleep_starts"]
    assert at_once["asleep_from_the_start"] and at_once["first_sleep_onset_s"] == 0.0


# --- both legs -----------------------------------------------------------------------------------


def test_what_alternates_is_told_with_where_how_long_and_how_quick():
    left, right = [event(100), event(102)], [event(101), event(103), event(500)]
    found = two_bands.figures(axis(left), axis(right), (10, 10))
    spans = found["alternating"]["spans"]
    assert spans == [{"start_s": 100.0, "length_s": 3.0, "bursts": 4, "frequency_hz": 1.0}]
    assert (found["alternating"]["runs"], found["alternating"]["bursts"]) == (1, 4)
    assert (found["both_worn_h"], found["lag_uncertainty_ms"]) == (1.0, 20.0)


def test_pairs_by_chance_are_the_reach_of_a_pair_times_how_many_there_are():
    """Two of 0.1 s are a pair within 0.6 s on either side: 1.2 s of the hour, three times four."""
    left = [event(200 * k) for k in (1, 2, 3)]
    right = [event(200 * k + 100) for k in (1, 2, 3, 4)]
    found = two_bands.figures(axis(left), axis(right), (0, 0))["jerks"]
    assert found["bilateral_by_chance"] == pytest.approx(3 * 4 * 1.2 / 3600)


@pytest.mark.parametrize(("minutes_both", "refused"), [(4.99, True), (5, False)])
def test_both_have_to_be_worn_for_as_long_as_any_rate_needs(minutes_both, refused):
    shift_ms = round((60 - minutes_both) * 60_000)
    found = two_bands.figures(axis(), axis(shift_ms=shift_ms), (0, 0))
    assert is_refusal(found) is refused


# --- stimuli -------------------------------------------------------------------------------------


def test_answers_to_stimuli_are_told_with_their_share_window_and_delay():
    at = [60_000_000 * k for k in range(1, 31)]
    events = [t + 400_000 for t in at[:24]] + [t + 30_000_000 for t in at[:5]]
    found = stimuli.locked(events, at, [(0, H_US)], draws=19)
    assert (found["stimuli"], found["events"], found["answered"]) == (30, 29, 24)
    assert found["answered_share"] == 0.8 and found["delay_ms"] == 400.0
    assert found["stimuli_left_out"] == 0 and found["p"] == 1 / 20
    low_us, high_us = stimuli.RESPONSE_US
    assert found["response_ms"] == [low_us / 1000, high_us / 1000]
    outside = stimuli.locked(events, [*at, 2 * H_US], [(0, H_US)], draws=19)
    assert (outside["stimuli"], outside["stimuli_left_out"]) == (30, 1)
