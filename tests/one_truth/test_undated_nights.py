"""Nights whose clock was never set: hours and counts as true as those of a dated night."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno_core import wire
from surfaces import assert_one_truth, keep, rows, text

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
MIN_MS = 60_000
HZ = 104


def overrun(pen, tick_ms, told):
    """65 min of which the 5 behind minute 30 are lost; `told`: by segment, or by an event too."""
    pen.session(tick_ms)
    pen.segment(0, tick_ms)
    for minute in range(1, 31):
        pen.minute(minute * 60 * HZ, tick_ms + minute * MIN_MS)
    pen.segment(30 * 60 * HZ, tick_ms + 35 * MIN_MS, wire.SEGMENT_OVERRUN)
    if told == "twice":
        pen.event(30 * 60 * HZ, wire.EVENT_GAP, duration_samples=5 * 60 * HZ)
    pen.event(40 * 60 * HZ)
    flags = {31: wire.MINUTE_NOT_WORN, 32: wire.MINUTE_NOT_WORN}
    for minute in range(31, 61):
        at_ms = tick_ms + (minute + 5) * MIN_MS
        pen.minute(minute * 60 * HZ, at_ms, flags=flags.get(minute, 0))
    pen.event(31 * 60 * HZ)  # in a minute not worn, behind the gap
    pen.end(60 * 60 * HZ, tick_ms + 65 * MIN_MS)


@pytest.mark.parametrize("told", ["once", "twice"])
@pytest.mark.parametrize("dated", [True, False])
def test_a_gap_is_taken_off_once_with_and_without_a_date(tmp_path, told, dated):
    pen = Pen()
    if dated:
        pen.time(0, EVENING)
    overrun(pen, 1000, told)
    if dated:
        pen.time(66 * MIN_MS, EVENING + 66 * MIN_MS)
    keep(tmp_path, pen.frames, DEVICE, LOG_ID)
    (row,) = rows(tmp_path).values()
    assert row["recorded_h"] == pytest.approx(1.0, abs=1e-4)
    assert row["countable_h"] == pytest.approx(58 / 60, abs=1e-4)
    assert row["not_worn_h"] == pytest.approx(2 / 60, abs=1e-4)
    assert row["gap_h"] == pytest.approx(5 / 60, abs=1e-4) and row["gaps"] == 1
    assert row["jerks"] == 1 and row["jerks_left_out"] == {"not_worn": 1}
    assert "recorded 1.0 h" in text(tmp_path, "show") and "1 gap\n" in text(tmp_path, "show")
    assert_one_truth(tmp_path, row)


def test_a_band_wiped_twice_without_a_clock_is_stored(tmp_path):
    """Each log counts its starts from 1, so two logs have a first start each."""
    for log_id, jerks in ((1, 1), (2, 2)):
        pen = Pen()
        pen.night(2000, 60, [(10.0 + i, {}) for i in range(jerks)])
        keep(tmp_path, pen.frames, DEVICE, log_id)
    stored = rows(tmp_path)
    assert len(stored) == 2 and {row["jerks"] for row in stored.values()} == {1, 2}
    for row in stored.values():
        assert row["recorded_h"] == pytest.approx(1.0, abs=1e-3)
        assert_one_truth(tmp_path, row)
