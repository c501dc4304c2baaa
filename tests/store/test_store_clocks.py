"""What the logbook makes of a band whose tick drifts, and of hosts whose clocks were wrong."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
H_MS = 3_600_000
DAY_MS = 24 * H_MS


def add(store, frames):
    store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), frames)


@pytest.mark.parametrize("drift", [0.0, 0.02, 0.049, 0.06, 0.10, -0.051, -0.06, -0.10])
def test_events_and_hours_are_right_at_any_drift(tmp_path, drift):
    pen = Pen()
    pen.time(0, EVENING)
    minutes = round(8 * 60 * (1 + drift))
    rate_hz = 104 / (1 + drift)  # in samples per second of the tick
    long = round(60 * 104)  # a minute in samples
    events = [(200.5, {}), (300.5, {"kind": wire.EVENT_AWAKE, "duration_samples": long})]
    pen.night(0, minutes, events, rate_hz=rate_hz)
    pen.time(round(9 * H_MS * (1 + drift)), EVENING + 9 * H_MS)
    with Store.open(tmp_path) as store:
        add(store, pen.frames)
        (session,), (jerk, awake), (night,) = store.sessions(), store.events(), store.nights()
    assert night["recorded_h"] == pytest.approx(minutes / 60 / (1 + drift), abs=0.005)
    true_utc_ms = EVENING + 200.5 * 60_000 / (1 + drift)
    off_ms = abs(jerk["onset_utc_ms"] - true_utc_ms)
    assert off_ms < 1000 and off_ms <= session["clock_error_ms"]
    assert jerk["onset_s"] == pytest.approx(200.5 * 60 / (1 + drift), abs=1)
    assert awake["duration_s"] == pytest.approx(60, abs=0.1)
    assert session["clock"] == "measured"


def test_a_gap_lies_where_it_was_and_lasts_real_time(tmp_path):
    drift, half = 0.1, 4 * 3600 * 104
    middle, behind = (round(h * H_MS * (1 + drift)) for h in (4, 4.1))
    pen = Pen()
    pen.time(0, EVENING)
    pen.session(0)
    pen.segment(0, 0)
    pen.minute(half, middle)
    pen.segment(half, behind, wire.SEGMENT_OVERRUN)
    pen.minute(2 * half, behind + middle)
    pen.end(2 * half, behind + middle)
    pen.time(round(9 * H_MS * (1 + drift)), EVENING + 9 * H_MS)
    with Store.open(tmp_path) as store:
        add(store, pen.frames)
        (gap,), (night,) = store.gaps(), store.nights()
    assert gap["duration_s"] == pytest.approx(360, abs=1)
    assert gap["start_utc_ms"] == pytest.approx(EVENING + 4 * H_MS, abs=5000)
    assert gap["end_utc_ms"] - gap["start_utc_ms"] == pytest.approx(360_000, abs=1000)
    assert night["recorded_h"] == pytest.approx(8, abs=0.01)


def test_the_error_of_a_session_is_that_of_its_worst_moment(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 480, [(470.0, {})])
    with Store.open(tmp_path) as store:
        add(store, pen.frames)
        (session,) = store.sessions()
    assert session["clock"] == "estimated"
    assert session["clock_error_ms"] > 0.1 * 8 * H_MS  # one setting, and 10 % are possible


@pytest.mark.parametrize("wrong_ms", [3 * DAY_MS, H_MS, -H_MS])
def test_a_wrong_setting_loses_and_the_nights_go_back_to_where_they_were(tmp_path, wrong_ms):
    syncs = []
    seq = 1
    for day in range(4):
        pen = Pen(first_seq=seq)
        if day == 0:
            pen.time(0, EVENING)
        start = day * DAY_MS + H_MS
        pen.night(start, 480, [(30.0, {})])
        off_ms = wrong_ms if day == 1 else 0
        pen.time(start + 9 * H_MS, EVENING + start + 9 * H_MS + off_ms)
        syncs.append(pen.frames)
        seq = pen.seq
    folders = tmp_path / "nightly", tmp_path / "at once"
    for folder in folders:
        folder.mkdir()
    with Store.open(folders[0]) as store:
        for frames in syncs:
            add(store, frames)
            errors_ms = {s["seq"]: s["clock_error_ms"] for s in store.sessions()}
            events = sorted(store.events(), key=lambda event: event["seq"])
            for day, event in enumerate(events):
                off_ms = event["onset_utc_ms"] - (EVENING + day * DAY_MS + 1.5 * H_MS)
                assert abs(off_ms) <= errors_ms[event["session_seq"]]
        for day, event in enumerate(events):
            assert abs(event["onset_utc_ms"] - (EVENING + day * DAY_MS + 1.5 * H_MS)) < 2000
        nights = [night["night"] for night in store.nights()]
        assert nights == [f"2026-01-{12 + day}" for day in range(4)]
        nightly = store.nights(now_ms=0), store.sessions(), store.events()
    with Store.open(folders[1]) as store:
        add(store, [frame for frames in syncs for frame in frames])
        assert (store.nights(now_ms=0), store.sessions(), store.events()) == nightly


def test_a_date_carried_over_a_reset_counts_for_less_the_longer_it_was_carried(tmp_path):
    errors = {}
    for carried_s in (0, 3600, 6 * 3600):
        pen = Pen()
        pen.time(0, EVENING, error_ms=200, carried_s=carried_s)
        pen.night(1000, 60)
        folder = tmp_path / str(carried_s)
        folder.mkdir()
        with Store.open(folder) as store:
            add(store, pen.frames)
            (session,), (night,) = store.sessions(), store.nights()
        assert night["night"] == "2026-01-12" and session["start_utc_ms"] == EVENING + 1000
        errors[carried_s] = session["clock_error_ms"]
    # Three minutes for an hour on an RC oscillator (5 %), six times that for six; the errors of
    # what is not carried add as squares.
    own = {at: (error**2 - errors[0] ** 2) ** 0.5 for at, error in errors.items()}
    assert 265_000 < own[3600] < 320_000
    assert 5.5 < own[6 * 3600] / own[3600] < 6.5
