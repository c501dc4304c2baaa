"""Samples to ticks within a session, and the hours that they were really taken in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno.nights.anchors import Anchor
from notturno.nights.clocks import BootClock
from notturno.nights.samples import SampleClock
from notturno_core import wire

H_MS = 3_600_000
TICKS_ALONE = BootClock([])


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
    assert abs(clock.recorded_ms(sample, TICKS_ALONE) - sample * 1000 / 104) <= 2 * len(runs) + 1


def _night(drift, gap_ticks_ms=0):
    """Return 8 true hours at 104 Hz less a gap in their middle, by a tick that drifts."""
    half = round(4 * 3600 * 104)
    middle = round(4 * H_MS * (1 + drift))
    runs = [(0, 0, wire.SEGMENT_START), (half, middle + gap_ticks_ms, wire.SEGMENT_OVERRUN)]
    minutes = [(m * 60 * 104, round(m * 60_000 * (1 + drift))) for m in range(1, 241)]
    minutes += [(half + s, middle + gap_ticks_ms + t) for s, t in minutes]
    true_ms = 8 * H_MS + gap_ticks_ms / (1 + drift)
    end = round(true_ms * (1 + drift))
    clock = BootClock([Anchor(0, 10**12, 20), Anchor(end, 10**12 + round(true_ms), 20)])
    return SampleClock(104_000, runs, minutes), clock, 2 * half


@pytest.mark.parametrize("drift", [0.0, 0.02, 0.049, 0.1, -0.02, -0.06, -0.1])
def test_hours_go_through_the_clock_of_the_boot(drift):
    samples, clock, last = _night(drift)
    assert clock.kind == "measured"
    assert samples.recorded_ms(last, clock) / H_MS == pytest.approx(8, abs=0.002)
    assert samples.recorded_ms(last, TICKS_ALONE) / H_MS == pytest.approx(
        8 * (1 + drift), abs=0.01
    )
    assert samples.duration_ms(1000, 104 * 60, clock) == pytest.approx(60_000, abs=100)


@pytest.mark.parametrize("drift", [0.0, 0.1, -0.1])
def test_a_gap_is_taken_off_once_and_lasts_real_time(drift):
    gap_ms = 300_000
    samples, clock, last = _night(drift, round(gap_ms * (1 + drift)))
    (gap,) = samples.gaps()
    assert clock.span_ms(gap.start_tick_ms, gap.end_tick_ms) == pytest.approx(gap_ms, abs=100)
    assert samples.recorded_ms(last, clock) / H_MS == pytest.approx(8, abs=0.002)


def test_the_rate_is_compared_from_half_hour_to_half_hour_of_one_run():
    def ticks(minute):  # the tick runs 0.1 % faster in the second hour
        return round(60_000 * (minute + 0.001 * max(minute - 60, 0)))

    minutes = [(minute * 6240, ticks(minute)) for minute in range(1, 121)]
    changes = SampleClock(104_000, [(0, 0, wire.SEGMENT_START)], minutes).rate_changes()
    assert changes == pytest.approx([0, 0.001, 0], abs=1e-6)
    # Across a gap nothing is compared: the second run is alone.
    behind = [(0, 0, wire.SEGMENT_START), (60 * 6240, ticks(60) + 9000, wire.SEGMENT_OVERRUN)]
    minutes = minutes[:60] + [(sample, tick + 9000) for sample, tick in minutes[60:]]
    changes = SampleClock(104_000, behind, minutes).rate_changes()
    assert changes == pytest.approx([0, 0], abs=1e-6)
