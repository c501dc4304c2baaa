"""What must not move a figure does not: whole days, names, and edits that are taken back."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store
from notturno_core import wire
from surfaces import assert_one_truth, keep, printed, rows, text

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
H_MS = 3_600_000
DAY_MS = 24 * H_MS
RIGHT = b"VB\0\0\0\0\0\2".hex()
NIGHT = "2026-01-12"
DATES = {"night", "date", "start_utc_ms", "end_utc_ms", "age_of_newest_s", "naps"}


def a_logbook(folder, from_ms=EVENING, devices=(DEVICE, RIGHT), nights=2):
    """Store nights of bands with jerks, periodic LM, an hour awake, and minutes not worn."""
    for number, device in enumerate(devices):
        pen = Pen()
        pen.time(0, from_ms)
        events = [(31.0 + 17 * i, {"peak_mg": 60 + i}) for i in range(20)]
        lm = {"kind": wire.EVENT_LM, "duration_samples": 156}
        events += [(20.3 + 0.5 * i + number / 4, lm) for i in range(30)]
        events += [(100.0, {"kind": wire.EVENT_AWAKE, "duration_samples": 60 * 60 * 104})]
        away = dict.fromkeys(range(2, 9), {"flags": wire.MINUTE_NOT_WORN})
        for day in range(nights):
            pen.night(1000 + day * DAY_MS, 400, events, minutes_as=away)
        pen.night(1000 + (nights - 1) * DAY_MS + 15 * H_MS, 40, [(20.0, {})])
        pen.time(nights * DAY_MS, from_ms + nights * DAY_MS)
        keep(folder, pen.frames, device, LOG_ID)


def figures(row, without=DATES):
    return {key: value for key, value in row.items() if key not in without}


def said(folder):
    """Every row of bands and persons, by night and device."""
    whole = printed(folder, "nights")
    found = [*whole["nights"], *whole["person_nights"]]
    return {(row["night"], row["device_id"]): row for row in found}


@pytest.mark.parametrize("days", [1, 31, 364, -365])
def test_whole_days_move_dates_and_nothing_else(tmp_path, days):
    a_logbook(tmp_path / "a", devices=(DEVICE,))
    a_logbook(tmp_path / "b", EVENING + days * DAY_MS, devices=(DEVICE,))
    first, second = rows(tmp_path / "a").values(), rows(tmp_path / "b").values()
    for a, b in zip(first, second, strict=True):
        assert b["start_utc_ms"] - a["start_utc_ms"] == days * DAY_MS
        assert figures(a) == figures(b)
        assert [nap["jerks"] for nap in a["naps"]] == [nap["jerks"] for nap in b["naps"]]
    assert (
        text(tmp_path / "a", "show", NIGHT).splitlines()[1:]
        == (text(tmp_path / "b", "show", list(second)[0]["night"]).splitlines()[1:])
    )


def test_a_name_and_a_side_change_no_figure_of_a_band(tmp_path):
    a_logbook(tmp_path)
    before = rows(tmp_path)
    text(tmp_path, "bands", "name", DEVICE, "calf-left", "--limb", "calf", "--side", "L")
    text(tmp_path, "bands", "name", RIGHT, "calf-right", "--limb", "calf", "--side", "R")
    after = rows(tmp_path)
    moved = {"band", "person_side", "limb"}
    assert {k: figures(r, moved) for k, r in before.items()} == {
        k: figures(r, moved) for k, r in after.items()
    }
    assert [row["person_side"] for row in after.values()] == ["L", "R"] * 2
    persons = printed(tmp_path, "nights")["person_nights"]
    assert [row["night"] for row in persons] == [NIGHT, "2026-01-13"]
    assert all(row["plm_wasm2016"] > 0 for row in persons)
    for row in after.values():
        assert_one_truth(tmp_path, row)


@pytest.mark.parametrize("back", [("--include",), ("--undo",)])
def test_an_exclusion_taken_back_leaves_the_row_as_it_was(tmp_path, back):
    a_logbook(tmp_path)
    for device, name, side in ((DEVICE, "left", "L"), (RIGHT, "right", "R")):
        text(tmp_path, "bands", "name", device, name, "--side", side)
    before = said(tmp_path)
    text(tmp_path, "edit", NIGHT, "--band", "left", "--exclude", "flu")
    between = said(tmp_path)
    for device in (DEVICE, "person"):
        row = between[NIGHT, device]
        assert row["refusal"]["code"] == "excluded" and row["jerks_per_h"] is None
    assert between[NIGHT, RIGHT] == before[NIGHT, RIGHT]
    assert_one_truth(tmp_path, between[NIGHT, DEVICE])
    text(tmp_path, "edit", NIGHT, "--band", "left", *back)
    assert said(tmp_path) == before


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Asia/Kathmandu"])
def test_a_zone_moves_names_and_clock_times_only(tmp_path, zone):
    a_logbook(tmp_path, devices=(DEVICE,), nights=1)
    (before,) = rows(tmp_path).values()
    text(tmp_path, "edit", NIGHT, "--zone", zone)
    (after,) = [r for r in rows(tmp_path).values() if r["zone"] == zone]
    moved = {"zone", "night", "date", "name_rule", "naps"}
    assert figures(before, moved) == figures(after, moved)
    assert_one_truth(tmp_path, after)
    text(tmp_path, "edit", after["night"], "--undo")
    assert rows(tmp_path) == {(NIGHT, DEVICE): before}


@pytest.mark.parametrize(
    ("options", "less_h", "left_out"),
    [
        (("--bed", "22:45"), 15 / 60 - 7 / 60, 0),  # 7 of these 15 min were not worn
        (("--bed", "23:30"), 1 - 7 / 60, 2),
        (("--wake", "05:00"), 10 / 60, 0),
        (("--wake", "04:00"), 70 / 60, 2),
        (("--bed", "23:30", "--wake", "04:00"), 1 + 70 / 60 - 7 / 60, 4),
    ],
)
def test_bed_and_wake_take_off_just_what_lies_outside(tmp_path, options, less_h, left_out):
    a_logbook(tmp_path, devices=(DEVICE,), nights=1)
    (before,) = rows(tmp_path).values()
    text(tmp_path, "edit", NIGHT, *options)
    (after,) = rows(tmp_path).values()
    assert before["countable_h"] - after["countable_h"] == pytest.approx(less_h, abs=2e-3)
    assert after["jerks_left_out"].get("out_of_bed", 0) == left_out
    assert before["jerks"] - after["jerks"] == left_out
    kept = ("recorded_h", "worn_h", "awake_h", "gap_h", "jerks_all", "lms_all")
    assert {key: before[key] for key in kept} == {key: after[key] for key in kept}
    assert after["jerks_per_h"] == after["jerks"] / after["countable_h"]
    assert_one_truth(tmp_path, after)


def test_a_person_has_no_night_of_a_band_that_moved_away(tmp_path):
    """The left band's clock proves to have been set to a wrong day: its night goes elsewhere."""
    a_logbook(tmp_path, devices=(DEVICE, RIGHT), nights=1)
    for device, name, side in ((DEVICE, "left", "L"), (RIGHT, "right", "R")):
        text(tmp_path, "bands", "name", device, name, "--side", side)
    assert len(printed(tmp_path, "nights")["person_nights"]) == 1
    text(tmp_path, "edit", NIGHT, "--band", "left", "--zone", "America/Los_Angeles")
    names = {row["device_id"]: row["night"] for row in rows(tmp_path).values()}
    assert names[DEVICE] != names[RIGHT] == NIGHT
    assert printed(tmp_path, "nights")["person_nights"] == []
    assert printed(tmp_path, "show", NIGHT)["person"] == []
    with Store.open(tmp_path, create=False) as store:
        assert store._db.execute("select count(*) from person_nights").fetchone()[0] == 0
