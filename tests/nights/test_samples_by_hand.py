"""Samples on the band's ticks, by hand: a believed rate of 100 Hz, so 10 ms a sample."""

import pytest
from notturno.nights.clocks import BootClock
from notturno.nights.samples import Gap, SampleClock
from notturno_core import wire

START, OVERRUN, BUS = wire.SEGMENT_START, wire.SEGMENT_OVERRUN, wire.SEGMENT_BUS_FAULT
TICKS_ALONE = BootClock([])


def clock(*pairs, segments=(), lost=(), start_tick_ms=0):
    return SampleClock(100_000, list(segments), list(pairs), start_tick_ms, lost)


def test_without_anything_samples_go_on_from_the_start_at_the_believed_rate():
    assert clock(start_tick_ms=500).tick_ms(100) == 1500
    assert clock().rate_hz == 100 and clock().last_sample == 0
    assert SampleClock(0, [], []).tick_ms(104) == 1000  # a rate that nobody said is the usual one
    assert clock(segments=[(10, 200, START)]).tick_ms(0) == 100  # and so they came before


def test_between_two_pairs_samples_are_even_and_behind_them_the_rate_goes_on():
    told = clock((100, 1000), (200, 2100))
    assert [told.tick_ms(at) for at in (0, 50, 100, 150, 200, 300)] == [
        0, 500, 1000, 1550, 2100, 3100,
    ]  # fmt: skip
    assert told.last_sample == 200


def test_a_pair_that_goes_back_or_stands_still_is_none():
    for pair in ((100, 1000), (150, 1000), (150, 999)):
        assert clock((100, 1000), pair).last_sample == 100
    assert clock((100, 1000), (101, 1001)).tick_ms(101) == 1001
    assert clock((100, 1000), (100, 1100)).tick_ms(150) == 1500  # said twice: the first holds
    assert clock((5, 900), segments=[(10, 200, START)]).tick_ms(20) == 300  # before its run


@pytest.mark.parametrize(("samples", "rate_hz"), [(5999, 100), (6000, 1000 / 10.2)])
def test_a_run_of_a_minute_knows_its_rate_and_a_shorter_one_believes(samples, rate_hz):
    assert clock((samples, samples * 10.2)).rate_hz == pytest.approx(rate_hz)


def test_a_short_run_has_the_rate_of_the_longest():
    told = clock((12_000, 132_000), segments=[(0, 0, START), (12_000, 150_000, OVERRUN)])
    assert told.rate_hz == pytest.approx(1000 / 11)
    assert told.tick_ms(12_100) == pytest.approx(150_000 + 1100)
    assert told.duration_ms(12_000, 200, TICKS_ALONE) == pytest.approx(2200)


@pytest.mark.parametrize(
    ("lasts_ms", "slope"), [(599_999, None), (600_000, 60_600 * 10 / 600_000 - 1)]
)
def test_ten_minutes_tell_the_drift_that_samples_show(lasts_ms, slope):
    found = clock((60_600, 7000 + lasts_ms), start_tick_ms=7000).slope
    assert found == (slope if slope is None else pytest.approx(0.01))


def test_a_minute_that_ends_a_run_bears_the_next_ones_number():
    told = clock((1000, 9900), segments=[(0, 0, START), (1000, 20_000, OVERRUN)])
    assert told.gaps() == [Gap(9900, 20_000, OVERRUN)]
    assert told.tick_ms(999) == pytest.approx(9890.1) and told.tick_ms(1000) == 20_000
    assert told.recorded_ms(1100, TICKS_ALONE) == 21_000 - 10_100


def test_a_gap_that_no_pair_ends_begins_where_the_rate_leads_and_no_later_than_its_end():
    held = [(0, 0, START), (1000, 20_000, BUS), (1500, 20_100, OVERRUN), (2000, 99_000, START)]
    told = clock((900, 9500), segments=held)
    # 100 samples behind the pair; then 500 samples in 100 ms, which leaves no gap.
    assert told.gaps() == [Gap(10_500, 20_000, BUS), Gap(20_100, 20_100, OVERRUN)]
    assert told.recorded_ms(1500, TICKS_ALONE) == 20_100 - 9500
    assert told.recorded_ms(-5000, TICKS_ALONE) == 0


@pytest.mark.parametrize(
    ("lost", "begins_ms", "at_950_ms"),
    [
        (500, 15_000, 12_000),  # measured by the band: 5 s before the next run
        (1100, 9000, 9000),  # as soon as the last pair
        (1101, 10_000, 9500),  # sooner than it: not believed
    ],
)
def test_where_the_band_measured_the_gap_the_run_ends_there(lost, begins_ms, at_950_ms):
    held = [(0, 0, START), (1000, 20_000, OVERRUN)]
    told = clock((900, 9000), segments=held, lost=[(1000, lost), (77, 5)])
    assert told.gaps() == [Gap(begins_ms, 20_000, OVERRUN)]
    assert told.tick_ms(950) == pytest.approx(at_950_ms)


def test_a_start_of_the_firmware_is_no_gap_however_much_was_lost():
    held = [(0, 0, START), (1000, 20_000, START)]
    told = clock((900, 9000), segments=held, lost=[(1000, 500)])
    assert told.gaps() == [] and told.tick_ms(950) == 9500


def test_a_rate_changes_from_half_hour_to_half_hour_of_one_run():
    half_ms = 1_800_000
    held = [(0, 0, START), (600_000, 7_000_000, OVERRUN)]
    pairs = [(179_999, half_ms - 1), (180_000, half_ms), (360_000, 2 * half_ms + 18_000)]
    told = clock(*pairs, (700_000, 8_800_000), segments=held)
    # 10 ms a sample, then 10.1; the other run is no half hour behind the first.
    assert told.rate_changes() == pytest.approx([0.01])
    # A half hour that begins a little late ends a little late.
    late = clock((180_100, half_ms + 1000), (360_100, 2 * half_ms + 999), (361_000, 3_610_000))
    first, second = (half_ms + 1000) / 180_100, (3_610_000 - half_ms - 1000) / 180_900
    assert late.rate_changes() == pytest.approx([second / first - 1])
