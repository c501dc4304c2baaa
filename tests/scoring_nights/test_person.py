"""A night of both legs: the same time for both, every event told, each figure or its reason."""

import pytest
from night_rows import event, minutes, session
from notturno import refusals
from notturno.nights.axis import night_axis
from notturno.nights.columns import COLUMNS
from notturno.nights.summary import Facts
from notturno.scoring.onenight import nightly, person

FIGURES = [c.key for c in COLUMNS if c.kind in ("hours", "count", "rate", "value")]


def leg(side, events=(), n=480, shift_min=0, error_ms=1, mins=None, **facts):
    ms = shift_min * 60_000
    one = session(n, clock_error_ms=error_ms)
    moved = [one | {key: one[key] + ms for key in ("start_utc_ms", "end_utc_ms")}]
    events = [e | {"onset_utc_ms": e["onset_utc_ms"] + ms} for e in events]
    mins = [m | {"end_utc_ms": m["end_utc_ms"] + ms} for m in mins or minutes(n)]
    axis = night_axis(events, mins, moved)
    known = Facts("2026-01-12", "2026-01-12", "", band=f"calf-{side}", side=side, **facts)
    return nightly.score(axis, moved, known)


def lms(first_s, step_s=100, n=40):
    return [event(first_s + step_s * i, "lm", 2.0, seq=i) for i in range(n)]


def test_legs_that_alternate_are_80_plm_of_one_patient():
    row = person.row_of(leg("L", lms(100)), leg("R", lms(150)))
    assert row["plm_wasm2016"] == row["plms_wasm2016"] == row["plm_aasm3"] == 80
    assert row["plm_per_h_wasm2016"] == row["plms_per_h_wasm2016"] == 10.0
    assert leg("L", lms(100)).columns["plm_wasm2016"] == 0


def test_only_the_time_of_both_counts_and_sleep_is_not_longer_than_it():
    left = leg("L", [event(60), event(3600)])
    right = leg("R", [event(60), event(479 * 60, seq=9)], shift_min=30)
    row = person.row_of(left, right)
    assert (row["recorded_h"], row["countable_h"], row["asleep_h"]) == (7.5, 7.5, 7.5)
    assert row["sleep_rule"] == left.columns["sleep_rule"]
    assert (row["jerks"], row["jerks_all"]) == (2, 4)
    assert row["jerks_left_out"] == {"one_side": 2}
    assert row["jerks_per_h"] == 2 / 7.5


def test_recorded_and_worn_are_told_apart_from_countable_as_for_one_band():
    rows = minutes(420) + minutes(60, 420, flags=["not_worn"])
    awake = event(3600, "awake", 1800.0)
    inside = [awake, event(3700), event(3800, "jerk", flags=["in_rhythm"]), event(100, seq=5)]
    row = person.row_of(leg("L", inside), leg("R", mins=rows))
    assert [row[key] for key in ("recorded_h", "worn_h", "countable_h")] == [8.0, 7.0, 6.5]
    assert row["jerks_left_out"] == {"awake": 1, "in_rhythm": 1}
    assert row["jerks"] + sum(row["jerks_left_out"].values()) == row["jerks_all"] == 3


@pytest.mark.parametrize(("shift_min", "refused"), [(240, False), (241, True)])
def test_less_than_half_in_common_is_no_night_of_both(shift_min, refused):
    row = person.row_of(leg("L", [event(60)]), leg("R", [event(60)], shift_min=shift_min))
    assert (row["refusal"] is not None) == refused
    assert (row["jerks_per_h"] is None) == refused


def test_a_range_of_the_clocks_is_said_in_the_unit_of_its_figure():
    # Left to right 89.95 s, right to left 10.05 s: 100 ms may push one over 90 s.
    row = person.row_of(leg("L", lms(100), error_ms=50), leg("R", lms(189.95), error_ms=50))
    assert row["plm_wasm2016"] is None and row["plm_per_h_wasm2016"] is None
    assert row["refusals"]["plm_wasm2016"]["refused"].endswith("open: 0 to 80.")
    for key in ("plm_per_h_wasm2016", "plms_per_h_wasm2016"):
        assert row["refusals"][key]["refused"].endswith("open: 0 to 10.")
        assert row["refusals"][key]["code"] == refusals.CLOCK_UNKNOWN
    assert row["refusal"] is None and row["lms_per_h"] == 10.0


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_verdict_on_one_band_goes_before_every_rate_and_index(side):
    bad = {"state": "running", "state_reason": "Still recording."}
    left = leg("L", lms(100), error_ms=50, **(bad if side == "left" else {}))
    right = leg("R", lms(189.95), error_ms=50, **(bad if side == "right" else {}))
    row = person.row_of(left, right)
    refused = f"On the {side}: it is running. Still recording."
    told = {key: row["refusal"][key] for key in ("refused", "code")}
    assert told == {"refused": refused, "code": refusals.NOT_COMPLETE}
    for key in ("jerks_per_h", "lms_per_h", "plm_per_h_wasm2016", "plms_per_h_aasm3"):
        assert row[key] is None and row["refusals"][key] == row["refusal"]
    for key in ("periodicity_index", "log_imi_mean_aasm3"):
        assert row["refusals"][key] == row["refusal"]


def test_no_figure_is_null_without_a_reason():
    row = person.row_of(leg("L", [event(60)]), leg("R"))
    silent = [key for key in FIGURES if row[key] is None and key not in row["refusals"]]
    assert silent == []
    assert row["refusals"]["postures"]["code"] == refusals.ONE_BAND


@pytest.mark.parametrize("simulated", [(False, False), (False, True), (True, False)])
def test_a_night_of_both_is_simulated_where_one_band_is(simulated):
    legs = leg("L", [event(60)]), leg("R", [event(60)])
    for one, is_simulated in zip(legs, simulated, strict=True):
        one.columns["simulated"] = is_simulated
    assert person.row_of(*legs)["simulated"] is any(simulated)
