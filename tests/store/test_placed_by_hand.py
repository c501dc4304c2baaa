"""What one recording's row says once it is placed: quiet minutes, bounds, samples and rate."""

from types import SimpleNamespace

import pytest
from fakes.nights_by_hand import DEVICE, Pen
from notturno.store import Store, placing
from notturno_core import wire

ROME, LOG_ID = "Europe/Rome", 7
EVENING = 1_767_996_000_000  # 2026-01-09 22:00 UTC
TICK = 2000


def placed(tmp_path, pen):
    with Store.open(tmp_path, create=True) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0", EVENING), pen.frames)
        rows = store._db.execute("select * from sessions").fetchall()
        events = store._db.execute("select * from events order by seq").fetchall()
    assert len(rows) == 1
    return dict(rows[0]), [dict(event) for event in events]


def recorded(pen, minutes, events=(), rate_hz=104.0):
    """A recording of so many minutes of 6240 samples each, from TICK on."""
    pen.session(TICK)
    pen.segment(0, TICK)
    for sample, values in events:
        pen.event(sample, **values)
    for number, values in enumerate(minutes, start=1):
        pen.minute(6240 * number, TICK + round(6240_000 * number / rate_hz), **values)


@pytest.mark.parametrize(
    ("minute", "is_quiet"),
    [
        ({"tilt_max_deg": 0}, True),
        ({"tilt_max_deg": 5}, True),  # van Hees 2015: 5 degrees or less is no change
        ({"tilt_max_deg": 6}, False),
        ({"tilt_max_deg": 1, "flags": wire.MINUTE_NOT_WORN}, False),
        ({"tilt_max_deg": 1, "flags": wire.MINUTE_AWAKE}, False),
        ({"tilt_max_deg": 1, "flags": wire.MINUTE_AWAKE | wire.MINUTE_NOT_WORN}, False),
    ],
)
def test_a_minute_is_quiet_up_to_five_degrees_worn_and_not_awake(tmp_path, minute, is_quiet):
    pen = Pen()
    recorded(pen, [{"tilt_max_deg": 90}, minute, {"tilt_max_deg": 90}])
    assert placed(tmp_path, pen)[0]["quiet_min"] == is_quiet


def test_a_recording_reaches_to_its_last_minute_or_event(tmp_path):
    pen = Pen()
    recorded(pen, [{}, {}], events=[(14_000, {})])
    row, (event,) = placed(tmp_path, pen)
    assert row["samples"] == 14_000
    assert row["recorded_ms"] == pytest.approx(14_000 / 0.104, abs=2)
    assert event["onset_ms"] == pytest.approx(14_000 / 0.104, abs=2)
    assert event["duration_ms"] == pytest.approx(13 / 0.104, abs=1)


@pytest.mark.parametrize(("ended_ms", "lasts_ms"), [(150_000, 150_000), (None, 120_000)])
def test_a_recording_ends_when_its_end_says_so_or_with_its_last_sample(
    tmp_path, ended_ms, lasts_ms
):
    pen = Pen()
    pen.time(TICK, EVENING)
    recorded(pen, [{}, {}])
    if ended_ms:
        pen.end(12_480, TICK + ended_ms)
    row, _ = placed(tmp_path, pen)
    assert row["end_utc_ms"] - row["start_utc_ms"] == pytest.approx(lasts_ms, abs=2)
    assert row["samples"] == 12_480


def test_a_sample_that_nobody_can_have_taken_stretches_nothing(tmp_path):
    """At 104 samples a second 4 000 000 000 would be 445 days, beyond the 49.7 of a tick."""
    pen = Pen()
    recorded(pen, [{}, {}], events=[(4_000_000_000, {})])
    assert placed(tmp_path, pen)[0]["samples"] == 12_480


@pytest.mark.parametrize("slow", [1.0, 1.001, 0.998])
def test_the_rate_is_told_in_real_time_where_two_syncs_tell_the_tick(tmp_path, slow):
    pen = Pen()
    pen.time(TICK, EVENING)
    recorded(pen, [{}] * 60)
    tick = TICK + 3_600_000
    pen.end(6240 * 60, tick)
    pen.time(tick, EVENING + round(3_600_000 * slow))
    row, _ = placed(tmp_path, pen)
    assert row["rate_hz"] == pytest.approx(104 / slow, rel=2e-5)
    assert row["start_utc_ms"] == pytest.approx(EVENING, abs=2)
    assert row["end_utc_ms"] == pytest.approx(EVENING + 3_600_000 * slow, abs=2)


@pytest.mark.parametrize(("tick_ms", "sample"), [(2**32 - 2, 9), (2**32 - 1, 9), (2**32, 0)])
def test_a_sample_whose_tick_fits_no_record_is_nobodys(tick_ms, sample):
    taken = SimpleNamespace(tick_ms=lambda number: tick_ms)
    assert placing._possible(taken, 9) == sample
