"""What a resting limb and a clock can show: each bound from both of its sides."""

import pytest
from notturno_core import plausible
from notturno_core.plausible import gravity_fault, rate_fault


@pytest.mark.parametrize(
    ("vector_mg", "fault"),
    [
        ((0, 0, 0), plausible.NO_ACCELERATION),
        ((1, 0, 0), plausible.GRAVITY_LOW),
        ((0, 0, 849), plausible.GRAVITY_LOW),
        ((0, 0, 850), 0),
        ((0, 0, 1000), 0),
        ((-577, 577, -577), 0),
        ((600, -600, 700), 0),
        ((0, -1150, 0), 0),
        ((0, -1151, 0), plausible.GRAVITY_HIGH),
        ((820, 820, 0), plausible.GRAVITY_HIGH),
        ((480, 480, 480), plausible.GRAVITY_LOW),
        ((32767, 32767, -32768), plausible.GRAVITY_HIGH),
        ((0, 0, -32768), plausible.GRAVITY_HIGH),
    ],
)
def test_a_limb_at_rest_shows_one_g_within_a_parts_errors(vector_mg, fault):
    assert gravity_fault(*vector_mg) == fault


@pytest.mark.parametrize(
    ("measured_mhz", "clock_ppm", "fault"),
    [
        (104_000, 0, 0),
        (106_080, 0, 0),  # 2 %, the chip's own
        (106_081, 0, plausible.RATE_HIGH),
        (101_920, 0, 0),
        (101_919, 0, plausible.RATE_LOW),
        (108_160, 20_000, 0),  # and 2 % of a clock that was never measured
        (108_161, 20_000, plausible.RATE_HIGH),
        (99_840, 20_000, 0),
        (99_839, 20_000, plausible.RATE_LOW),
        (208_000, 20_000, plausible.RATE_HIGH),  # another rate than was set
        (52_000, 20_000, plausible.RATE_LOW),
        (156_001, 10_000_000, plausible.RATE_HIGH),  # no clock excuses more than a half
        (0, 20_000, plausible.NO_RATE),
    ],
)
def test_a_rate_fits_the_ticks_within_what_chip_and_clock_may_be_off(
    measured_mhz, clock_ppm, fault
):
    assert rate_fault(measured_mhz, 104_000, clock_ppm, 0x6C) == fault


@pytest.mark.parametrize(
    ("sensor_id", "ppm"),
    [
        (0x6C, 20_000),
        (0x6A, 25_000),
        (0x68, 50_000),
        (0x70, 50_000),
        (0x19, 50_000),
        (0x24, 30_000),
        (0x47, 30_000),
        (0x33, 100_000),
        (0x34, 50_000),  # one that is not known
    ],
)
def test_each_chip_has_its_own_bound(sensor_id, ppm):
    may_be_mhz = 100_000 * ppm // 1_000_000
    for sign, fault in ((1, plausible.RATE_HIGH), (-1, plausible.RATE_LOW)):
        assert rate_fault(100_000 + sign * may_be_mhz, 100_000, 0, sensor_id) == 0
        assert rate_fault(100_000 + sign * (may_be_mhz + 1), 100_000, 0, sensor_id) == fault


def test_a_chip_that_names_no_rate_cannot_be_compared():
    assert rate_fault(104_000, 0, 20_000, 0x6C) == plausible.NO_RATE


def test_every_fault_has_words_of_its_own():
    codes = {plausible.NO_ACCELERATION, plausible.GRAVITY_LOW, plausible.GRAVITY_HIGH}
    codes |= {plausible.RATE_LOW, plausible.RATE_HIGH, plausible.NO_RATE}
    assert set(plausible.FAULTS) == codes
    assert len(set(plausible.FAULTS.values())) == len(codes) == 6
    assert 0 not in plausible.FAULTS
