"""Strap checks and the chosen zone: kept as people's, shown with bands and the nights after."""

import sqlite3
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import FILE_NAME, Store, schema
from notturno.strap.matching import Told, figures

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
HOUR_MS, MIN_MS = 3_600_000, 60_000
DAY_MS = 24 * HOUR_MS
ROME = "Europe/Rome"
OTHER = "564200000000000f"


def check(begun_utc_ms, found=2, device_id=DEVICE, lasts_ms=3 * MIN_MS):
    """Figures of a check with three cues, as the session gives them."""
    cues = [begun_utc_ms + 100_000 + 10_000 * k for k in range(3)]
    rows = [Told(cue + 400, cue + 2000, 1.0, "lm", None, 300) for cue in cues[:found]]
    span = {"begun_utc_ms": begun_utc_ms, "ended_utc_ms": begun_utc_ms + lasts_ms}
    head = {"device_id": device_id, "firmware": "0.1.0", "wearer_simulated": True}
    return head | span | figures(cues, rows, (begun_utc_ms, begun_utc_ms + MIN_MS))


def night(store, at_min=0, minutes=60, events=((5.0, {}), (30.0, {})), device=DEVICE):
    """One recording that begins `at_min` after EVENING, with two jerks in it."""
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(1000 + at_min * MIN_MS, minutes, list(events))
    store.add(store.begin_sync(device, LOG_ID, ROME, "0.1.0", EVENING), pen.frames)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def test_a_check_is_kept_whole_with_where_the_band_was_worn(store):
    night(store)
    store.name_band(DEVICE, "a", limb="calf", side="L", utc_ms=1)
    number = store.add_strap_check(check(EVENING - HOUR_MS))
    (kept,) = store.strap_checks(DEVICE)
    assert (kept["check_id"], kept["cues"], kept["found"]) == (number, 3, 2)
    assert (kept["limb"], kept["side"], kept["simulated"]) == ("calf", "L", True)
    assert kept["figures"]["answers"][2]["found"] is False
    assert store.strap_checks(OTHER) == [] and len(store.strap_checks()) == 1
    (band,) = store.bands()
    assert band["strap_check"]["check_id"] == number and "figures" not in band["strap_check"]


def test_a_night_names_the_last_check_before_its_end_and_never_a_later_one(store):
    night(store)
    assert store.nights()[0]["strap_check"] is None
    first = store.add_strap_check(check(EVENING - 2 * DAY_MS))
    second = store.add_strap_check(check(EVENING - HOUR_MS, found=3))
    store.add_strap_check(check(EVENING + HOUR_MS))  # begins where the night ends
    store.add_strap_check(check(EVENING - 30 * MIN_MS, device_id=OTHER))
    (row,) = store.nights()
    assert first < second == row["strap_check"]["check_id"]
    assert (row["strap_check"]["found"], row["strap_check"]["cues"]) == (3, 3)
    third = store.add_strap_check(check(EVENING + 59 * MIN_MS))  # laid down with its last cue
    (row,) = store.nights()
    assert row["strap_check"]["check_id"] == third
    # Nobody lay in bed: nothing of it counts, and no figure divides by nothing.
    assert (row["jerks"], row["countable_h"], row["jerks_per_h"]) == (0, 0.0, None)
    assert row["refusal"] is not None and row["asleep_h"] in (0.0, None)


def test_without_a_check_all_of_a_recording_counts_and_with_one_what_follows_it(store):
    night(store)
    assert store.nights()[0]["jerks"] == 2
    store.add_strap_check(check(EVENING + 3 * MIN_MS))  # until minute 6: a jerk lies in it
    (row,) = store.nights()
    assert (row["jerks"], row["jerks_left_out"]) == (1, {"out_of_bed": 1})
    assert row["countable_h"] == pytest.approx(54 / 60, abs=0.01)
    store.edit(row["night"], None, {"bed": "22:31"})  # what the person says stands above it
    assert store.nights()[0]["jerks"] == 2


def test_a_check_kept_before_its_recording_comes_counts_as_well(store):
    store.add_strap_check(check(EVENING + 3 * MIN_MS))
    night(store)
    assert store.nights()[0]["jerks"] == 1


def test_a_check_outside_a_recording_or_of_another_band_changes_no_figure(store):
    night(store)
    before = store.nights()[0] | {"strap_check": None}
    store.add_strap_check(check(EVENING - HOUR_MS))
    store.add_strap_check(check(EVENING + 2 * HOUR_MS))
    store.add_strap_check(check(EVENING + 3 * MIN_MS, device_id=OTHER))
    assert store.nights()[0] | {"strap_check": None} == before


def test_a_forgotten_band_takes_its_checks_along(store):
    night(store)
    night(store, device=OTHER)
    store.add_strap_check(check(EVENING))
    store.add_strap_check(check(EVENING, device_id=OTHER))
    store.forget_band(DEVICE)
    assert [kept["device_id"] for kept in store.strap_checks()] == [OTHER]


def test_the_zone_that_was_chosen_is_kept_and_taken_back(store):
    assert store.zone() is None
    store.keep_zone("Asia/Kathmandu")
    store.keep_zone(ROME)
    assert store.zone() == ROME
    store.keep_zone(None)
    assert store.zone() is None


def test_data_of_the_form_before_are_read_as_they_lie_and_written_on(tmp_path):
    with Store.open(tmp_path) as store:
        night(store)
    db = sqlite3.connect(tmp_path / FILE_NAME)
    for table in ("strap_checks", "home"):
        db.execute(f"drop table {table}")
    db.execute("delete from migrations where version >= 8")
    db.execute("alter table events drop column later_pct")
    db.execute("pragma user_version = 7")
    db.commit()
    db.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with Store.open(tmp_path, create=False) as store:
        assert (store.strap_checks(), store.zone()) == ([], None)
        assert store.nights()[0]["strap_check"] is None
    assert (tmp_path / FILE_NAME).read_bytes() == before
    with Store.open(tmp_path) as store:
        store.add_strap_check(check(EVENING - HOUR_MS))
        assert store.nights()[0]["strap_check"]["found"] == 2
    assert schema.MIGRATIONS[7][0].startswith("strap checks")
