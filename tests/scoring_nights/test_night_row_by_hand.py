"""The row of one night and its report, figure by figure; each value by hand."""

import pytest
from night_rows import START_UTC_MS, event, gap, minutes, session
from notturno import refusals
from notturno.errors import UserError
from notturno.nights import columns, counts, dictionary, summary
from notturno.nights.axis import night_axis
from notturno.nights.summary import Facts
from notturno.refusals import Refusal
from notturno.scoring.onenight import hours, nightly, report

MIN_US, H_US, MIN_MS = 60_000_000, 3_600_000_000, 60_000


def facts(**values):
    return Facts("2026-01-12", "2026-01-12", "rule", **values)


def row_of(events=(), mins=(), sessions=None, gaps=(), bed=(None, None), **values):
    sessions = sessions or [session(480)]
    axis = night_axis(list(events), list(mins), sessions, gaps, bed)
    return summary.of_band(axis, sessions, facts(**values))


def test_a_night_is_of_its_first_recording_and_its_last_firmware():
    late = session(60, seq=5, firmware="0.2.0", detector_version=2, clock="estimated")
    late |= {"clock_error_ms": 70, "simulated": True, "zone": "UTC"}
    late |= {key: late[key] + 500 * MIN_MS for key in ("start_utc_ms", "end_utc_ms", "tick_ms")}
    found = row_of(sessions=[late, session(480)])
    assert (found["zone"], found["firmware"]) == ("Europe/Rome", "0.2.0")
    assert (found["clock"], found["clock_error_ms"]) == ("estimated", 70)
    assert found["detector_version"] == "1 and 2" and found["simulated"] is True
    assert (found["start_utc_ms"], found["sessions"]) == (START_UTC_MS, 2)
    assert found["end_utc_ms"] == START_UTC_MS + 560 * MIN_MS
    assert (found["recorded_h"], found["gap_h"]) == (9.0, pytest.approx(1 / 3))


def test_a_night_without_a_clock_is_in_the_order_of_its_ticks():
    undated = {
        "start_utc_ms": None,
        "end_utc_ms": None,
        "clock": "unknown",
        "clock_error_ms": None,
    }
    first = session(30, **undated)
    second = session(30, seq=9, zone="UTC", firmware="0.2.0", **undated)
    second["tick_ms"] += 40 * MIN_MS
    found = row_of(sessions=[second, first])
    assert (found["zone"], found["firmware"]) == ("Europe/Rome", "0.2.0")
    assert (found["start_utc_ms"], found["end_utc_ms"]) == (None, None)
    assert (found["clock"], found["clock_error_ms"], found["recorded_h"]) == ("unknown", None, 1.0)


def test_a_band_is_called_by_its_name_else_by_its_id():
    named, bare = row_of(band="calf", side="L", limb="leg"), row_of()
    assert (named["band"], named["device_id"]) == ("calf", "a1")
    assert (named["person_side"], named["limb"]) == ("L", "leg")
    assert (bare["band"], bare["person_side"], bare["largest_mg"]) == ("a1", "", None)


def test_what_is_counted_and_what_is_left_out_by_hand():
    told = [
        event(100, peak_mg=50),
        event(200, peak_mg=900, flags=["in_rhythm"]),
        event(300, peak_mg=70),
        event(400, "lm", 2.0),
        event(500, "lm", 2.0, ["small"]),
        event(600, "rhythm", 9.0),
        event(700, "posture"),
        event(710, "posture"),
    ]
    found = row_of(told)
    assert (found["jerks"], found["jerks_all"], found["largest_mg"]) == (2, 3, 70)
    assert found["jerks_left_out"] == {"in_rhythm": 1} and found["lms_left_out"] == {"small": 1}
    assert (found["lms"], found["lms_all"], found["rhythms"], found["postures"]) == (1, 2, 1, 2)


def test_the_temperature_is_the_mean_of_the_minutes_that_have_one():
    rows = minutes(3)
    for row, told in zip(rows, (33.0, None, 33.25), strict=True):
        row["temperature_c"] = told
    assert row_of(mins=rows)["temperature_c"] == 33.1
    assert row_of(mins=[row | {"temperature_c": None} for row in rows])["temperature_c"] is None
    # 3000 mV is an empty battery.
    assert row_of(battery_mv=3870)["battery_mv"] == 3870 and row_of()["battery_pct"] is None


def test_the_verdict_is_of_the_time_in_bed():
    """Of ten hours the band was off for the last two; in bed were the first seven and a half."""
    off = minutes(480) + minutes(120, 480, flags=["not_worn"])
    one = [session(600)]
    assert row_of(mins=off, sessions=one)["refusal"] is None  # a fifth just may be
    more = minutes(479) + minutes(121, 479, flags=["not_worn"])
    assert row_of(mins=more, sessions=one)["refusal"].code == refusals.NOT_WORN
    bed = (START_UTC_MS, START_UTC_MS + 450 * MIN_MS)
    assert row_of(mins=more, sessions=one, bed=bed)["refusal"] is None
    hole = [gap(0, 100)]
    assert row_of(gaps=hole)["refusal"].code == refusals.TOO_MANY_GAPS
    late = (START_UTC_MS + 90 * MIN_MS, None)
    assert row_of(gaps=hole, bed=late)["refusal"] is None


# --- the plain row -------------------------------------------------------------------------------


def test_a_refused_figure_is_null_with_its_reason_and_the_verdict_stands_alone():
    verdict, own = Refusal("worn too little", "not_worn"), Refusal("too short", "too_short")
    row = nightly.as_row({"night": "n", "jerks": 5, "jerks_per_h": own, "refusal": verdict})
    assert (row["night"], row["jerks"], row["jerks_per_h"], row["lms"]) == ("n", 5, None, None)
    assert row["refusals"] == {"jerks_per_h": {"refused": "too short", "code": "too_short"}}
    assert row["refusal"] == {"refused": "worn too little", "code": "not_worn"}
    assert set(row) == {column.key for column in columns.COLUMNS} | {"refusal", "refusals"}
    assert nightly.as_row({})["refusal"] is None


def test_the_nights_verdict_goes_before_rates_and_indices_and_no_count():
    figures = {"plm": 4, "plms_per_h": 1.0, "periodicity_index": 0.5, "rates": {"a": 1, "b": 2}}
    figures |= {"log_imi_mean": 3.0, "log_imi_sd": 0.1}
    same = dict(figures)
    nightly.under(None, figures)
    assert figures == same
    verdict = Refusal("x", "y")
    nightly.under(verdict, figures)
    assert figures == {"plm": 4, "rates": {"a": verdict, "b": verdict}} | dict.fromkeys(
        ("plms_per_h", "periodicity_index", "log_imi_mean", "log_imi_sd"), verdict
    )


def test_the_first_rule_sets_indices_have_no_name_of_their_own():
    names = [rule_set.key for rule_set in columns.RULES]
    assert names == ["wasm2016", "aasm3"]
    assert [columns.index_suffix(rules) for rules in names] == ["", "_aasm3"]
    keys = [column.key for column in columns.COLUMNS]
    assert len(keys) == len(set(keys))
    for key in ("periodicity_index", "periodicity_index_aasm3", "plms_per_h_aasm3", "log_imi_sd"):
        assert key in keys


def test_names_of_flags_are_bits_again():
    from notturno_core import wire

    assert counts.flags_of([]) == 0
    assert counts.flags_of(["small", "in_lm"]) == wire.FLAG_SMALL | wire.FLAG_IN_LM
    with pytest.raises(KeyError):
        counts.flags_of(["no such flag"])


def test_the_dictionary_tells_each_column_with_its_unit_or_a_dash():
    page = dictionary.page()
    assert "| `recorded_h` | h |" in page and "| `jerks` | - |" in page
    assert "## Why something is not counted" in page and "| `in_rhythm` |" in page


# --- hours ---------------------------------------------------------------------------------------


def test_hours_are_cut_from_the_start_or_by_the_clock():
    axis = night_axis([], [], [session(150)], [gap(50, 57)])
    onsets = [0, H_US - 1, H_US, 150 * MIN_US]
    found = hours.by_hour(axis, onsets)
    assert [(h["hour"], h["start_us"], h["events"]) for h in found] == [
        (0, 0, 2),
        (1, H_US, 1),
        (2, 2 * H_US, 1),  # with the last sample
    ]
    assert [h["countable_h"] for h in found] == [pytest.approx(53 / 60), 1.0, 0.5]
    assert [h["whole"] for h in found] == [False, True, False]
    assert found[0]["per_countable_h"] == pytest.approx(2 / (53 / 60))
    assert found[2]["per_countable_h"] == 2.0
    shifted = hours.by_hour(axis, onsets, -56 * MIN_US, 22)
    assert [(h["hour"], h["events"]) for h in shifted] == [(22, 1), (23, 2), (24, 0), (25, 1)]
    assert shifted[0]["per_countable_h"].code == refusals.TOO_SHORT  # of four minutes
    just = hours.by_hour(axis, onsets, -55 * MIN_US)
    assert just[0]["per_countable_h"] == 12.0
    whole = hours.by_hour(night_axis([], [], [session(120)], []), [H_US, 2 * H_US])
    assert [h["events"] for h in whole] == [0, 2]  # also where the last hour is a whole one


# --- a report ------------------------------------------------------------------------------------


def press(minute):
    return {"utc_ms": None if minute is None else START_UTC_MS + minute * MIN_MS}


def test_the_presses_of_the_button_are_the_ends_of_sleep():
    told = [press(30), press(None), press(450)]
    found = report.night_report([], minutes(480), [session(480)], marks=told, sleep_rule="marks")
    assert found["sleep"]["window_s"] == [1800.0, 27_000.0]
    assert found["sleep"]["sleep_h"] == 7.0 and "provenance" in found["sleep"]
    assert found["night"] == "2026-01-12" and found["device_id"] == "a1"
    undated = session(
        480, start_utc_ms=None, end_utc_ms=None, clock="unknown", clock_error_ms=None
    )
    rows = [row | {"end_utc_ms": None} for row in minutes(480)]
    none = report.night_report([], rows, [undated], marks=told, sleep_rule="marks")
    assert none["sleep"].code == refusals.NO_STAGES
    with pytest.raises(UserError, match="no recording in this night"):
        report.night_report([], [], [])


def test_two_reports_differ_in_sleep_only_where_both_have_it():
    one = {"jerks": {"a": 1}, "movements": {"wasm2016": {}, "aasm3": {}}, "sleep": {"sleep_h": 7}}
    other = one | {"jerks": {"a": 2}, "sleep": {"sleep_h": 6}}
    found = report.changes(one, other)
    assert found["jerks"]["figures"] == {"a": [1, 2]}
    assert found["sleep"]["figures"] == {"sleep_h": [7, 6]}
    refused = one | {"sleep": {"refused": "x", "code": "y"}}
    assert "sleep" not in report.changes(one, refused)
    assert "sleep" not in report.changes(refused, one)
