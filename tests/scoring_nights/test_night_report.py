"""The report of a night: it holds together, says where it came from, and can be printed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from night_rows import START_UTC_MS, event, gap, minutes, session
from notturno import refusals
from notturno.refusals import is_refusal
from notturno.scoring import provenance
from notturno.scoring.onenight.report import changes, night_report

HOUR_MIN = 60


def some_night(n_minutes=8 * HOUR_MIN):
    events = [event(600 + 40 * i, "lm", 2.0, seq=i) for i in range(200)]
    events += [event(605 + 90 * i, seq=1000 + i, peak_mg=50 + i) for i in range(90)]
    events += [event(9000, "rhythm", 12.0, seq=2000, rhythm_hz=1.2, beats=14)]
    return events, minutes(n_minutes), [session(n_minutes)]


def printed(report):
    return json.loads(json.dumps(refusals.to_json(report)))


def test_a_report_holds_jerks_both_rule_sets_sleep_and_provenance():
    found = printed(night_report(*some_night()))
    assert found["jerks"]["single_jerks"] == 90
    assert {name: one["rules"] for name, one in found["movements"].items()} == {
        "wasm2016": "wasm2016",
        "aasm3": "aasm3",
    }
    assert found["movements"]["wasm2016"]["plms"] == 200
    assert found["movements"]["wasm2016"]["plms_per_h"] == 25.0
    assert found["movements"]["wasm2016"]["sleep_of"] == "van_hees_2015"
    assert found["sleep"]["sleep_h"] == 8.0
    assert set(found["provenance"]["rules"]) == {"jerks", "sleep", "wasm2016", "aasm3"}
    assert set(found["sleep_by_rule"]) == {"van_hees_2015", "cole_kripke_1992"}


@pytest.mark.parametrize("section", ["jerks", "sleep"])
def test_every_section_says_what_made_it(section):
    source = night_report(*some_night())[section]["provenance"]["source"]
    assert (source["firmware"], source["detector_version"]) == (["0.1.0"], [1])
    assert source["settings_sha256"] == [provenance.settings_sha256([1, 2, 3])]
    assert night_report(*some_night())["movements"]["aasm3"]["provenance"]["source"] == source


def test_a_given_hypnogram_goes_before_any_estimate():
    stages = [(0, "W"), (4 * 3_600_000_000, "N2"), (8 * 3_600_000_000, "END")]
    found = night_report(*some_night(), stages=stages)
    assert found["sleep"]["rule"] == "hypnogram"
    assert found["jerks"]["hours"]["sleep"] == 4.0
    assert found["movements"]["wasm2016"]["hours"]["nrem"] == 4.0


def test_marks_bound_the_sleep_when_asked_for():
    marks = [{"utc_ms": START_UTC_MS + m * 60_000} for m in (30, 450)]
    found = night_report(*some_night(), marks=marks, sleep_rule="marks")
    assert found["sleep"]["sleep_h"] == 7.0
    assert found["jerks"]["denominators"]["per_sleep_h"].endswith("(marks)")
    assert is_refusal(night_report(*some_night(), sleep_rule="marks")["sleep"])


def test_without_minutes_sleep_figures_are_refused_and_the_rest_stands():
    events, _, sessions = some_night()
    found = night_report(events, [], sessions)
    assert is_refusal(found["sleep"]) and is_refusal(found["movements"]["wasm2016"]["plms_per_h"])
    assert is_refusal(found["jerks"]["rates"]["per_sleep_h"])
    assert found["jerks"]["rates"]["per_countable_h"] == found["jerks_per_h"] == 90 / 8
    printed(found)


def test_an_estimate_knows_no_nrem_and_claims_none():
    rates = night_report(*some_night())["movements"]["wasm2016"]["rates"]
    assert is_refusal(rates["plms_nrem_per_h"]) and is_refusal(rates["plms_rem_per_h"])


def test_awake_movements_are_left_out_and_counted():
    events, rows, sessions = some_night()
    events.append(event(20_000, "lm", 3.0, ["in_awake"], seq=5000))
    found = night_report(events, rows, sessions)["movements"]["aasm3"]
    assert (found["lm"], found["left_out"]) == (200, {"in_awake": 1})


def test_a_broken_night_is_refused_not_scaled_up():
    events, rows, sessions = some_night()
    found = night_report(events, rows, sessions, [gap(100, 300)])
    assert found["refusal"].code == refusals.TOO_MANY_GAPS
    refused = [found["jerks_per_h"], found["jerks"]["rates"]["per_countable_h"]]
    for figures in found["movements"].values():
        refused += [figures["plms_per_h"], figures["periodicity_index"]]
        refused += figures["rates"].values()
    assert {value.code for value in refused} == {refusals.TOO_MANY_GAPS}


def test_awake_time_is_to_a_series_what_a_gap_is():
    events, rows, sessions = some_night()
    events.append(event(60 * 60, "awake", 12 * 60.0, seq=5001))
    found = night_report(events, rows, sessions)
    scored = found["movements"]["wasm2016"]
    assert scored["series"][0]["ended_by"] == "gap"
    assert scored["hours"]["recorded"] == found["countable_h"] == pytest.approx(7.8)
    assert scored["rates"]["plm_per_recorded_h"] == pytest.approx(scored["plm"] / 7.8)
    assert found["columns"]["plm_per_h_wasm2016"] == pytest.approx(scored["plm"] / 7.8)


def test_sleep_before_and_behind_the_recording_is_in_no_hour_and_in_no_rate():
    inside = [(0, "N2"), (480 * 60_000_000, "END")]
    longer = [(-30 * 60_000_000, "N2"), (500 * 60_000_000, "END")]
    found, wanted = (night_report(*some_night(), stages=rows) for rows in (longer, inside))
    for report in (found, wanted):
        assert report["asleep_h"] == report["sleep"]["sleep_h"] == report["countable_h"] == 8.0
    assert found["jerks"]["rates"] == wanted["jerks"]["rates"]
    for rules in ("wasm2016", "aasm3"):
        figures, there = found["movements"][rules], wanted["movements"][rules]
        assert figures["plms_per_h"] == there["plms_per_h"] == there["plms"] / 8


def test_a_gap_ends_a_series_and_takes_its_time_off_the_hours():
    events, rows, sessions = some_night()
    found = night_report(events, rows, sessions, [gap(60, 72)])["movements"]["wasm2016"]
    assert [one["ended_by"] for one in found["series"]][0] == "gap"
    assert found["hours"]["recorded"] == pytest.approx(7.8)
    assert found["hours"]["sleep"] == pytest.approx(7.8)


def test_what_new_rules_change_is_told_and_the_events_are_the_same():
    old = printed(night_report(*some_night()))
    new = printed(night_report(*some_night(), settings={"log_imi_base": "log10"}))
    told = changes(old, new)
    assert told["wasm2016"]["conventions"] == {"log_imi_base": ["ln", "log10"]}
    assert "log_imi_mean" in told["wasm2016"]["figures"]
    assert not told["jerks"]["events_changed"] and not told["jerks"]["figures"]


def test_other_events_are_another_hash():
    events, rows, sessions = some_night()
    one = printed(night_report(events, rows, sessions))
    other = printed(night_report(events[:-2], rows, sessions))
    assert changes(one, other)["jerks"]["events_changed"]
    assert changes(one, other)["jerks"]["figures"]["single_jerks"] == [90, 89]


def test_a_better_clock_is_no_other_event():
    events = some_night()[0]
    later = [one | {"onset_utc_ms": one["onset_utc_ms"] + 777} for one in events]
    assert provenance.events_sha256(events) == provenance.events_sha256(later)


@settings(max_examples=15, deadline=None)
@given(st.randoms())
def test_the_order_of_rows_changes_no_figure(random):
    events, rows, sessions = some_night(90)
    one = printed(night_report(events, rows, sessions))
    random.shuffle(events)
    random.shuffle(rows)
    assert printed(night_report(events, rows, sessions)) == one


def test_an_empty_night_is_all_refusals_and_zeros():
    found = printed(night_report([], [], [session(480)]))
    assert found["jerks"]["single_jerks"] == found["movements"]["aasm3"]["lm"] == 0
    assert found["jerks"]["rates"]["per_countable_h"] == 0.0
    assert "refused" in found["sleep"]
