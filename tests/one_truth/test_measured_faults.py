"""The faults that were measured on whole nights, each held from the records to every surface."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE
from notturno.cli import cli
from notturno.scoring.onenight import sleep
from notturno.store import Store
from notturno_core import wire
from whole_nights import (
    DAY_S,
    EVENING_MS,
    H_S,
    JERK,
    LM,
    OTHER,
    Band,
    flagged,
    run,
    spread,
    the_same,
    told,
)

NIGHT = "2026-01-12"
AWAKE = {"kind": wire.EVENT_AWAKE}


def one_night(folder, lasts_h=8, drift=0.0, **plan):
    """Store one night of a band whose clock was set before and after it."""
    band = Band(drift=drift)
    band.set_clock(-30)
    band.record(0, lasts_h * H_S, **plan)
    band.set_clock(lasts_h * H_S + 60)
    band.sync(folder)
    return band


def row_of(folder, night=NIGHT):
    (row,) = the_same(folder, night).values()
    return row


# --- rates -------------------------------------------------------------------------------------


def test_three_hours_awake_leave_the_rate_of_the_rest_as_it_was(tmp_path):
    still, moving = tmp_path / "still", tmp_path / "moving"
    one_night(still, events=spread(32, 8 * H_S) + spread(32, 8 * H_S, LM, 300))
    behind = 3 * H_S + 1
    awake = [{"at_s": 0, "lasts_s": 3 * H_S, **AWAKE}]
    inside = spread(40, 3 * H_S, flags=wire.FLAG_IN_AWAKE)
    inside += spread(40, 3 * H_S, LM, flags=wire.FLAG_IN_AWAKE)
    asleep = spread(20, 5 * H_S, JERK, behind) + spread(20, 5 * H_S, LM, behind + 300)
    one_night(moving, events=awake + inside + asleep)
    without, with_ = row_of(still), row_of(moving)
    assert (without["recorded_h"], with_["recorded_h"]) == (8.0, 8.0)
    assert (without["countable_h"], with_["countable_h"]) == (8.0, 5.0)
    assert with_["awake_h"] == 3.0 and with_["worn_h"] == 8.0
    for key in ("jerks_per_h", "lms_per_h"):
        assert without[key] == with_[key] == 4.0
    assert (with_["jerks"], with_["jerks_all"]) == (20, 60)
    assert with_["jerks_left_out"] == with_["lms_left_out"] == {"in_awake": 40}


def test_what_lies_in_an_awake_span_is_left_out_also_without_its_flag(tmp_path):
    one_night(
        tmp_path,
        events=[{"at_s": 600, "lasts_s": 1800, **AWAKE}, *spread(6, 1800, JERK, 610)]
        + spread(4, H_S, JERK, 3000),
    )
    row = row_of(tmp_path)
    assert (row["jerks"], row["jerks_left_out"]) == (4, {"awake": 6})
    assert row["countable_h"] == 7.5


@pytest.mark.parametrize("not_worn", [0, 94])
def test_minutes_not_worn_take_their_hours_and_their_movements(tmp_path, not_worn):
    lasts = (480 - not_worn) * 60
    events = spread(2 * (480 - not_worn), lasts, JERK, 15) + spread(60, lasts, LM, 45)
    events += spread(30, not_worn * 60, JERK, lasts + 1) if not_worn else []
    one_night(tmp_path, events=events, minutes=flagged(wire.MINUTE_NOT_WORN, 480 - not_worn, 480))
    row = row_of(tmp_path)
    assert row["jerks_per_h"] == 120 and row["worn_h"] == row["countable_h"] == lasts / H_S
    assert row["not_worn_h"] == not_worn / 60
    assert row["jerks_left_out"] == ({"not_worn": 30} if not_worn else {})


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        (wire.FLAG_IN_AWAKE, "in_awake"),
        (wire.FLAG_VIBRATION, "vibration"),
        (wire.FLAG_TRUNCATED, "truncated"),
    ],
)
def test_movements_that_do_not_count_add_nothing_to_any_figure(tmp_path, flag, reason):
    plain, more = tmp_path / "plain", tmp_path / "more"
    periodic = spread(60, 60 * 25, LM, 300)
    one_night(plain, events=periodic)
    one_night(more, events=periodic + spread(60, 7 * H_S, LM, 2000, flags=flag))
    without, with_ = row_of(plain), row_of(more)
    changed = {key for key in without if without[key] != with_[key]}
    assert changed <= {"lms_all", "lms_left_out", "age_of_newest_s"}
    assert (with_["lms"], with_["lms_all"], with_["lms_left_out"]) == (60, 120, {reason: 60})
    assert with_["plm_wasm2016"] == with_["plm_aasm3"] == 60


def test_series_and_scattered_movements_are_told_apart_night_by_night(tmp_path):
    band = Band()
    band.set_clock(-30)
    band.record(0, 8 * H_S, spread(184, 184 * 30, LM, 1800))
    band.record(DAY_S, 8 * H_S, spread(184, 8 * H_S, LM, 60))
    band.set_clock(DAY_S + 9 * H_S)
    band.sync(tmp_path)
    before, after = told(tmp_path, "nights")["nights"]
    assert before["lms"] == after["lms"] == 184
    assert (before["plm_wasm2016"], after["plm_wasm2016"]) == (184, 0)
    assert before["plm_per_h_wasm2016"] == 23.0 and after["plm_per_h_wasm2016"] == 0.0
    assert before["periodicity_index"] == 1.0 and after["periodicity_index"] == 0.0
    assert after["isolated_wasm2016"] == 184


@pytest.mark.parametrize("worn", [120, 0])
def test_a_night_hardly_worn_has_no_rate_anywhere(tmp_path, worn):
    events = spread(40, worn * 60) if worn else []
    one_night(tmp_path, events=events, minutes=flagged(wire.MINUTE_NOT_WORN, worn, 480))
    row = row_of(tmp_path)
    assert row["refusal"]["code"] == "not_worn" and row["worn_h"] == worn / 60
    rates = [key for key in row if "_per_h" in key or key.startswith(("period", "log_imi"))]
    assert len(rates) > 10 and {row[key] for key in rates} == {None}
    reason = row["refusal"]["refused"]
    assert "not worn" in reason
    table = run(tmp_path, "nights")
    line = next(line for line in table.splitlines() if line.startswith(NIGHT))
    assert "- (1)" in line and "5.0" not in line and "0.0/h" not in table
    assert f"(1) {reason}" in table
    for words in (
        run(tmp_path, "show"),
        run(tmp_path, "chart", "--out", tmp_path / "x.svg"),
        run(tmp_path, "stats", "--night", NIGHT),
    ):
        assert reason.rstrip(".") in words
        assert "5.0 an hour" not in words and "0.0 an hour" not in words


# --- gaps and clocks ---------------------------------------------------------------------------


@pytest.mark.parametrize("told_by", ["segment", "both"])
def test_a_gap_is_taken_off_once_however_often_it_is_told(tmp_path, told_by):
    one_night(
        tmp_path,
        lasts_h=65 / 60,
        events=spread(12, 1700, JERK, 60) + spread(12, 1700, JERK, 2160),
        gaps=[(1800, 300, told_by)],
    )
    row = row_of(tmp_path)
    assert row["recorded_h"] == pytest.approx(1.0, abs=2e-5)
    assert row["countable_h"] == pytest.approx(1.0, abs=2e-5)
    assert (row["gaps"], row["jerks"]) == (1, 24)
    assert row["gap_h"] == pytest.approx(300 / 3600, abs=2e-5)
    assert row["jerks_per_h"] == pytest.approx(24.0, abs=1e-3)


@pytest.mark.parametrize("told_by", ["segment", "both"])
def test_without_a_clock_a_gap_is_taken_off_once_too(tmp_path, told_by):
    band = Band()
    band.record(0, 65 * 60, spread(24, 1700, JERK, 60), gaps=[(1800, 300, told_by)])
    band.sync(tmp_path)
    row = row_of(tmp_path, "undated-1")
    assert row["recorded_h"] == row["countable_h"] == pytest.approx(1.0, abs=2e-5)
    assert (row["gaps"], row["jerks"], row["jerks_left_out"]) == (1, 24, {})
    assert row["gap_h"] == pytest.approx(300 / 3600, abs=2e-5)


@pytest.mark.parametrize("drift", [-0.049, -0.02, 0.02, 0.049])
def test_hours_are_true_hours_and_not_those_of_the_bands_tick(tmp_path, drift):
    one_night(tmp_path, drift=drift, events=spread(32, 8 * H_S) + spread(16, 8 * H_S, LM, 100))
    row = row_of(tmp_path)
    for key in ("recorded_h", "countable_h", "worn_h"):
        assert row[key] == pytest.approx(8.0, abs=0.001), key
    assert row["jerks_per_h"] == pytest.approx(4.0, abs=0.001)


@pytest.mark.parametrize("off_us", [-2000, 0, 2000])
def test_a_block_of_sleep_has_its_minutes_whatever_the_milliseconds_of_the_clock(off_us):
    minute_us = 60_000_000
    block = (0, 40 * minute_us)
    assert sleep.sleep_window([(0, 30 * minute_us + off_us)]) is None
    assert sleep.sleep_window([(0, 31 * minute_us + off_us)]) is not None
    for pause, joined in ((59, True), (60, False)):
        start_us = (40 + pause) * minute_us + off_us
        window = sleep.sleep_window([block, (start_us, start_us + 50 * minute_us)])
        assert (window[0] == 0) == joined


# --- what is known of a night ------------------------------------------------------------------


def test_a_half_fetched_night_says_so_and_gives_no_rate(tmp_path):
    band = Band()
    band.set_clock(-30)
    band.record(0, 3 * H_S, spread(60, 3 * H_S) + spread(60, 3 * H_S, LM, 60))
    records = band.frames
    first = records[: len(records) * 6 // 10]
    with Store.open(tmp_path) as store:
        store.note_band(DEVICE, band.log_id, {"next_seq": band.seq, "first_seq": 1}, "0.1.0")
        pen = store.begin_sync(DEVICE, band.log_id, "Europe/Rome", "0.1.0")
        store.add(pen, first)
    row = row_of(tmp_path)
    assert row["state"] == "partial" and row["jerks_per_h"] is None
    assert f"{len(records) - len(first)} records are still on the band" in row["state_reason"]
    assert row["refusal"]["code"] == "not_complete"
    assert "partial" in run(tmp_path, "nights")
    with Store.open(tmp_path) as store:
        store.add(pen, records)
    row = row_of(tmp_path)
    assert row["state"] == "complete" and row["jerks_per_h"] == 20.0


def test_a_band_that_stopped_says_how_old_its_newest_record_is(tmp_path):
    one_night(tmp_path, lasts_h=2)
    with Store.open(tmp_path, create=False) as store:
        (row,) = store.nights(now_ms=EVENING_MS + 50 * H_S * 1000)
    assert row["age_of_newest_s"] == 48 * H_S


@pytest.mark.parametrize("drift", [-0.045, 0.045])
@pytest.mark.parametrize("settings", [0, 1])
def test_time_not_worn_is_whole_whatever_the_bands_tick(tmp_path, drift, settings):
    band = Band(drift=drift)
    if settings:
        band.set_clock(-30)
    inside = spread(120, 3600, JERK, 3600 * 2 + 15)
    band.record(
        0,
        6 * H_S,
        [*spread(60, 2 * H_S), *inside],
        minutes=flagged(wire.MINUTE_NOT_WORN, 120, 180),
    )
    band.sync(tmp_path)
    row = row_of(tmp_path, NIGHT if settings else "undated-1")
    assert row["not_worn_h"] == pytest.approx(1 + drift, abs=1e-4)
    assert (row["jerks"], row["jerks_left_out"]) == (60, {"not_worn": 120})


# --- sleeps and naps ---------------------------------------------------------------------------


def test_a_nap_costs_the_night_nothing(tmp_path):
    band = Band()
    band.set_clock(-30)
    band.record(0, 8 * H_S, spread(32, 8 * H_S))
    band.record(15.5 * H_S, 45 * 60, spread(3, 45 * 60))  # 14:00 in Rome
    band.set_clock(17 * H_S)
    band.sync(tmp_path)
    row = row_of(tmp_path)
    assert (row["recorded_h"], row["gaps"], row["jerks"], row["refusal"]) == (8.0, 0, 32, None)
    (listed,) = told(tmp_path, "nights")["nights"]
    (nap,) = listed["naps"]
    assert nap["recorded_h"] == 0.75 and nap["jerks"] == 3
    assert row_of(tmp_path, nap["night"])["jerks_per_h"] == 4.0


def test_a_nap_stays_a_nap_whatever_is_synced_days_later(tmp_path):
    band = Band()
    band.set_clock(-30)
    band.record(0, 8 * H_S)
    band.record(15.5 * H_S, 45 * 60)
    band.sync(tmp_path)
    for day in (1, 2, 3):
        band.record(day * DAY_S, 8 * H_S)
        band.sync(tmp_path)
    band.record(4 * DAY_S - 9.5 * H_S, 45 * 60)  # its 72 hours begin between night and nap
    band.sync(tmp_path)
    rows = told(tmp_path, "nights")["nights"]
    assert [row["recorded_h"] for row in rows] == pytest.approx([8.0] * 4, abs=1e-4)
    assert [len(row["naps"]) for row in rows] == [0, 1, 0, 1]  # each on its own day


def test_sleep_across_noon_is_one_night_and_shifts_have_names_in_a_row(tmp_path):
    band = Band()
    band.set_clock(-30)
    band.record(5.5 * H_S, 8 * H_S + 300)  # 04:00 to 12:05
    band.record(13.75 * H_S, 1.75 * H_S)  # 12:15 to 14:00
    band.record(DAY_S * 10 + 13 * H_S, 7 * H_S)  # 11:30 to 18:30
    band.record(DAY_S * 11 + 14 * H_S, 7 * H_S)  # 12:30 to 19:30
    band.set_clock(12 * DAY_S)
    band.sync(tmp_path)
    rows = told(tmp_path, "nights")["nights"]
    assert len(rows) == 3
    assert rows[0]["recorded_h"] == pytest.approx(8 + 1 / 12 + 1.75, abs=1e-4)
    assert rows[0]["gap_h"] == pytest.approx(10 / 60, abs=1e-4)
    days = [int(row["night"][-2:]) for row in rows[1:]]
    assert days[1] == days[0] + 1


# --- two bands ---------------------------------------------------------------------------------


def scores(path):
    """Return {rules: what `score` says of a list}."""
    shown = CliRunner().invoke(cli, ["score", str(path), "--rules", "both", "--json"])
    return json.loads(shown.output)


def two_legs(folder, sides=True, **other):
    for device, first_s in ((DEVICE, 600), (OTHER, 650)):
        band = Band(device=device, log_id=7)
        band.set_clock(-30)
        band.record(0, 8 * H_S, spread(40, 4000, LM, first_s), **other)
        band.set_clock(8 * H_S + 30)
        band.sync(folder)
    if sides:
        with Store.open(folder) as store:
            store.name_band(DEVICE, "links", "calf", "L")
            store.name_band(OTHER, "rechts", "calf", "R")


def test_legs_that_alternate_are_scored_as_the_merged_list_is(tmp_path):
    two_legs(tmp_path)
    rows = the_same(tmp_path, NIGHT)
    assert [row["plm_wasm2016"] for row in rows.values()] == [0, 0]
    (person,) = told(tmp_path, "nights")["person_nights"]
    newest_ms = max(row["end_utc_ms"] for row in rows.values())
    with Store.open(tmp_path) as store:
        (aged,) = store.person_nights([NIGHT], now_ms=newest_ms + 7_200_000)
    assert aged["age_of_newest_s"] == 7200 < person["age_of_newest_s"]
    listed = [f"{600 + 100 * i},1,L" for i in range(40)] + [
        f"{650 + 100 * i},1,R" for i in range(40)
    ]
    (tmp_path / "list.csv").write_text("\n".join(["onset_s,duration_s,side", *listed]) + "\n")
    scored = scores(tmp_path / "list.csv")
    for rules in ("wasm2016", "aasm3"):
        assert person[f"plm_{rules}"] == scored[rules]["plm"] == 80
    assert person["plm_per_h_wasm2016"] == 10.0 and person["lms"] == 80
    report = told(tmp_path, "stats", "--night", NIGHT)["two_bands"]
    assert report["by_rules"]["wasm2016"]["plm"] == 80
    assert report["both_worn_h"] == person["countable_h"] == 8.0
    assert person == told(tmp_path, "show", NIGHT)["person"][0]


def test_two_bands_are_two_rows_and_one_night_on_every_surface(tmp_path):
    two_legs(tmp_path, sides=False)
    assert set(the_same(tmp_path, NIGHT)) == {DEVICE, OTHER}
    assert len(told(tmp_path, "nights", "--last", "1")["nights"]) == 2
    assert told(tmp_path, "chart", "--out", tmp_path / "x.svg")["nights"] == 1
    heads, *lines = run(tmp_path, "show").split("time", 1)[1].splitlines()
    assert heads.split()[-1] == "band"
    assert {line.split()[-1] for line in lines if " lm " in line} == {DEVICE, OTHER}
    picture = (tmp_path / "x.svg").read_text()
    assert DEVICE in picture and OTHER in picture


def test_a_persons_night_counts_what_it_leaves_out_too(tmp_path):
    two_legs(tmp_path, minutes=flagged(wire.MINUTE_NOT_WORN, 60, 90))
    (person,) = told(tmp_path, "nights")["person_nights"]
    rows = the_same(tmp_path, NIGHT).values()
    assert person["lms_all"] == sum(row["lms_all"] for row in rows) == 80
    assert person["lms"] + sum(person["lms_left_out"].values()) == 80
    assert person["lms_left_out"]["not_worn"] == sum(
        row["lms_left_out"]["not_worn"] for row in rows
    )


def test_two_bands_without_clocks_are_listed_and_their_night_together_is_refused(tmp_path):
    for device in (DEVICE, OTHER):
        band = Band(device=device, log_id=7)
        band.record(0, 2 * H_S, spread(8, 2 * H_S))
        band.sync(tmp_path)
    with Store.open(tmp_path) as store:
        store.name_band(DEVICE, "links", "calf", "L")
        store.name_band(OTHER, "rechts", "calf", "R")
    picture = tmp_path / "x.svg"
    for words in (
        run(tmp_path, "nights"),
        run(tmp_path, "show"),
        run(tmp_path, "chart", "--out", picture),
        picture.read_text(),
    ):
        assert "left and right have no common" in words
        assert "None" not in words
    assert [row["jerks_per_h"] for row in the_same(tmp_path, "undated-1").values()] == [4.0, 4.0]


def test_show_says_nothing_of_a_persons_night_that_it_does_not_know(tmp_path):
    two_legs(tmp_path)
    assert "None" not in run(tmp_path, "show")


# --- zones, makers -----------------------------------------------------------------------------


def test_a_zone_moves_names_and_clock_times_and_nothing_else(tmp_path):
    band = one_night(tmp_path, events=spread(32, 8 * H_S))
    before = row_of(tmp_path)
    assert "22:30" in run(tmp_path, "show") and band.device == DEVICE
    run(tmp_path, "edit", NIGHT, "--zone", "Asia/Tokyo")
    (after,) = told(tmp_path, "nights")["nights"]
    changed = {key for key in before if before[key] != after[key]} - {"age_of_newest_s"}
    assert changed == {"zone"} | ({"night", "date"} if after["night"] != NIGHT else set())
    assert "06:30" in run(tmp_path, "show")
    run(tmp_path, "edit", after["night"], "--undo")
    again = row_of(tmp_path)
    assert again | {"age_of_newest_s": 0} == before | {"age_of_newest_s": 0}


def test_a_night_of_one_person_goes_with_the_names_of_both_of_its_nights(tmp_path):
    two_legs(tmp_path)
    run(tmp_path, "edit", NIGHT, "--zone", "America/Los_Angeles", "--band", "links")
    names = {row["device_id"]: row["night"] for row in told(tmp_path, "nights")["nights"]}
    assert names[DEVICE] != names[OTHER]
    assert told(tmp_path, "nights")["person_nights"] == []


def test_a_night_of_two_detectors_names_neither_as_its_maker(tmp_path):
    band = Band()
    band.set_clock(-30)
    for number, start_s in enumerate((0, 4 * H_S)):
        band.record(start_s, 3 * H_S, spread(12, 3 * H_S), detector_version=1 + number)
    band.sync(tmp_path)
    assert row_of(tmp_path)["detector_version"] == "1 and 2"
