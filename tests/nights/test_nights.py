"""Clocks and evenings: what becomes of samples and ticks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno.nights import calendar, counts
from notturno.nights.clocks import Anchor, BootClock, SampleClock
from notturno_core import wire

ROME = "Europe/Rome"
T0 = 1_768_253_400_000


def local_ms(text, zone=ROME, fold=0):
    return int(
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000
    )


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-01-12T12:00:00", "2026-01-12"),
        ("2026-01-12T23:59:59", "2026-01-12"),
        ("2026-01-13T00:00:00", "2026-01-12"),
        ("2026-01-13T11:59:59", "2026-01-12"),
        ("2026-03-28T23:00:00", "2026-03-28"),  # clocks go forward at 02:00 of the 29th
        ("2026-03-29T11:59:59", "2026-03-28"),
        ("2026-03-29T12:00:00", "2026-03-29"),
        ("2026-10-24T12:00:00", "2026-10-24"),  # and back at 03:00 of the 25th
        ("2026-10-25T11:59:59", "2026-10-24"),
        ("2026-10-25T12:00:00", "2026-10-25"),
    ],
)
def test_a_night_runs_from_local_noon_to_local_noon(moment, night):
    assert calendar.night_of(local_ms(moment), ROME) == night


def test_both_passes_of_the_repeated_hour_are_the_same_night():
    moments = [local_ms("2026-10-25T02:30:00", fold=fold) for fold in (0, 1)]
    assert moments[1] - moments[0] == 3_600_000
    assert {calendar.night_of(moment, ROME) for moment in moments} == {"2026-10-24"}


@given(
    st.integers(0, 4_000_000_000_000),
    st.sampled_from([ROME, "UTC", "Pacific/Auckland", "Asia/Kolkata", "America/St_Johns"]),
)
def test_noon_of_the_evening_is_the_latest_noon_before(utc_ms, zone):
    local = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    evening = datetime.fromisoformat(calendar.night_of(utc_ms, zone))
    since_noon = local.replace(tzinfo=None) - evening.replace(hour=12)
    assert 0 <= since_noon.total_seconds() < 86_400


def test_without_a_setting_the_clock_is_unknown():
    clock = BootClock([])
    assert (clock.kind, clock.utc_ms(5), clock.error_ms(5)) == ("unknown", None, None)


def test_one_setting_gives_an_offset_and_says_two_percent():
    clock = BootClock([Anchor(1000, T0, 20)])
    assert clock.kind == "estimated"
    assert clock.utc_ms(3_601_000) == T0 + 3_600_000
    assert clock.error_ms(3_601_000) == 20 + 72_000


@given(
    drift=st.floats(-0.02, 0.02), tick=st.integers(0, 40_000_000), start=st.integers(0, 10_000_000)
)
def test_two_settings_measure_the_drift(drift, tick, start):
    def true_utc(at):
        return T0 + at * (1 + drift)

    clock = BootClock([Anchor(at, round(true_utc(at)), 5) for at in (start, start + 30_000_000)])
    assert clock.kind == "measured"
    assert abs(clock.utc_ms(tick) - true_utc(tick)) <= 3
    assert clock.error_ms(tick) >= 5


def test_settings_minutes_apart_do_not_pretend_to_measure_the_drift():
    clock = BootClock([Anchor(1000, T0, 50), Anchor(2000, T0 + 1080, 10)])
    assert clock.kind == "estimated"
    assert clock.utc_ms(2000) == T0 + 1080  # the better of the two


def test_a_host_whose_clock_was_wrong_does_not_bend_the_nights():
    clock = BootClock([Anchor(0, T0, 5), Anchor(86_400_000, T0 + 86_400_000 + 7 * 86_400_000, 5)])
    assert clock.kind == "estimated"
    assert clock.utc_ms(3_600_000) == T0 + 3_600_000


@given(
    error=st.floats(-0.02, 0.02),
    sample=st.integers(0, 200_000),
    minutes=st.integers(3, 30),
)
def test_a_sample_is_placed_by_the_rate_it_was_really_taken_at(error, sample, minutes):
    rate = 104 * (1 + error)
    pairs = [(round(m * 60 * rate), 500 + m * 60_000) for m in range(1, minutes + 1)]
    clock = SampleClock(104_000, [(0, 500, 0)], pairs)
    assert abs(clock.rate_hz - rate) < 0.01
    last = pairs[-1][0]
    if sample <= last:
        assert abs(clock.tick_ms(sample) - (500 + sample * 1000 / rate)) < 10


@given(
    st.lists(st.tuples(st.integers(100, 20_000), st.integers(0, 90_000)), max_size=5),
    st.lists(st.integers(0, 120_000), min_size=2, max_size=40),
)
def test_later_samples_have_later_ticks_across_gaps(runs, samples):
    sample = tick = 0
    segments = [(0, 0, wire.SEGMENT_START)]
    for length, gap_ms in runs:
        sample += length
        tick += round(length * 1000 / 104) + gap_ms
        segments.append((sample, tick, wire.SEGMENT_OVERRUN))
    clock = SampleClock(104_000, segments, [])
    ticks = [clock.tick_ms(s) for s in sorted(samples)]
    assert all(a <= b + 1 for a, b in zip(ticks, ticks[1:], strict=False))
    assert len(clock.gaps()) == len(runs)
    lost = sum(gap.end_tick_ms - gap.start_tick_ms for gap in clock.gaps())
    assert abs(lost - sum(gap for _, gap in runs)) <= len(runs) + 1
    assert abs(clock.recorded_ms(sample) - sample * 1000 / 104) <= 2 * len(runs) + 1


def test_only_jerks_outside_rhythms_movements_and_waking_count():
    assert counts.is_single(wire.EVENT_JERK, wire.FLAG_CLIPPED)
    assert not counts.is_single(wire.EVENT_LM, 0)
    for flag in (wire.FLAG_IN_RHYTHM, wire.FLAG_IN_AWAKE, wire.FLAG_IN_LM):
        assert not counts.is_single(wire.EVENT_JERK, flag)
