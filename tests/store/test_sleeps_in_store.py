"""Sleeps in the logbook: what comes later, or moves, leaves every recording where it belongs."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
H_MS = 3_600_000
NAP_MS, NIGHT_MS = EVENING - 9 * H_MS, EVENING  # 13:30 and 22:30 of one day


def add(folder, pen):
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        pen.frames = []
        return [(row["night"], len(row["naps"])) for row in store.nights()]


def test_a_nap_alone_becomes_a_nap_when_the_night_of_its_day_comes(tmp_path):
    pen = Pen()
    pen.time(1000, NAP_MS)
    pen.night(2000, 45)
    assert add(tmp_path, pen) == [("2026-01-12", 0)]
    pen.night(2000 + 9 * H_MS, 480)
    assert add(tmp_path, pen) == [("2026-01-12", 1)]


def test_a_nap_is_alone_again_when_its_night_moves_to_another_day(tmp_path):
    pen = Pen()
    pen.time(1000, NAP_MS)
    pen.night(2000, 45)
    pen.boot_id = 2  # another start of the band, with a clock of its own
    pen.time(1000, NIGHT_MS)  # by a computer whose clock is five days behind
    pen.night(2000, 480)
    assert add(tmp_path, pen) == [("2026-01-12", 1)]
    for hours in (9, 10, 11, 12):
        pen.time(hours * H_MS, NIGHT_MS + (5 * 24 + hours) * H_MS - 1000)
    assert add(tmp_path, pen) == [("2026-01-12", 0), ("2026-01-17", 0)]


def test_the_quiet_sleep_of_a_date_is_the_night_and_the_longer_restless_one_the_nap(tmp_path):
    restless = {minute: {"tilt_max_deg": 6} for minute in range(1, 421)}
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 240)
    pen.night(2000 + 7 * H_MS, 420, minutes_as=restless)  # the same evening's, behind a pause
    assert add(tmp_path, pen) == [("2026-01-12", 1)]
    with Store.open(tmp_path) as store:
        (row,) = store.nights()
    assert row["recorded_h"] == 4.0 and row["naps"][0]["recorded_h"] == 7.0


def test_a_night_that_comes_late_renames_all_day_sleeps_that_follow_it(tmp_path):
    """Ten sleeps from 14:30 to 19:30, one a day: each is named after the one before it."""

    def recording(pen, at_h, hours):
        tick = 10_000 + round(at_h * H_MS)
        pen.session(tick)
        pen.segment(0, tick)
        pen.end(hours * 3600 * 104, tick + hours * H_MS)

    pen = Pen()
    pen.time(10_000, EVENING)
    recording(pen, 0, 7)  # the night of the 12th, to 05:30
    late = pen.frames[:]
    pen.frames.clear()
    for day in range(10):
        recording(pen, 16 + 24 * day, 5)
    with Store.open(tmp_path) as store:
        sync = store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0")
        store.add(sync, late[:1])
        store.add(sync, pen.frames)
        # The first has its middle at five, of the evening before; so the others follow it.
        assert store.night_names() == [f"2026-01-{day}" for day in range(12, 22)]
        store.add(sync, late[1:])
        assert store.night_names() == [f"2026-01-{day}" for day in range(12, 23)]
        rules = [night["name_rule"] for night in store.nights()]
        assert [rule.startswith("the date after") for rule in rules] == [False] + [True] * 10
