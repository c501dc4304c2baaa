"""A BMI270 wants its maker's program after each reset: whole, in order, and the right one."""

import pytest
from drivers import WrongChip, bmi270
from fakes.worlds import StillWorld
from notturno.virtualband.chips.bmi270 import Bmi270, stand_in
from notturno.virtualband.chips.bus import Clock, FakeI2C
from notturno_core import checks
from test_selftest_of_chips import check


def started(clock=None):
    chip = Bmi270(StillWorld(), 1)
    clock = clock or Clock(10_000)
    i2c = FakeI2C({chip.address: chip}, clock)
    imu = bmi270.Bmi270(i2c, clock.sleep_ms)
    imu.start()
    return chip, i2c, clock, imu


def cut(data):
    return data[:-256]


def longer(data):
    return data + data[:256]  # the rest is not looked at


def one_bit(data):
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


def turned(data):
    return data[256:512] + data[:256] + data[512:]


def none_of_it(data):
    return b""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (cut, "has 7936 of its 8192 bytes"),
        (none_of_it, "has 0 of its 8192 bytes"),
        (one_bit, "was not taken (2)"),
        (turned, "was not taken (2)"),
    ],
)
def test_a_configuration_that_is_not_whole_is_refused_and_named(configuration, change, why):
    configuration.write_bytes(change(stand_in()))
    with pytest.raises(WrongChip) as error:
        started()
    assert str(error.value) == f"the BMI270's configuration {why}"
    assert error.value.lacks_config
    values, _, _ = check("BMI270")
    assert values["verdict"] == checks.SENSOR_UNCONFIGURED
    assert values["sensor_id"] == 0x24 and not values["failed"] & 1 << checks.SENSOR


def test_a_band_without_the_file_is_told_what_it_lacks(configuration):
    configuration.unlink()
    assert check("BMI270")[0]["verdict"] == checks.SENSOR_UNCONFIGURED
    configuration.write_bytes(longer(stand_in()))
    assert check("BMI270")[0]["verdict"] == 0


def test_no_transfer_of_it_is_cut_by_the_bus_and_a_start_takes_half_a_second():
    clock = Clock(10_000)
    _, i2c, _, imu = started(clock)
    assert imu.faults.transfers == 0
    assert 200 < (clock.now_us - 10_000) / 1000 < 500
    # The whole of it in one transfer would be cut.
    with pytest.raises(OSError):
        i2c.writeto_mem(0x68, bmi270.INIT_DATA, bytes(8192))


def test_a_bus_fault_within_it_is_made_good():
    for after in range(8, 60, 3):
        chip = Bmi270(StillWorld(), 1)
        clock = Clock(10_000)
        i2c = FakeI2C({chip.address: chip}, clock)
        chip.fail("nak", after=after)
        imu = bmi270.Bmi270(i2c, clock.sleep_ms, lambda bus=i2c: bus, chip.unstick)
        imu.start()
        assert imu.faults.transfers == 1
        clock.sleep_ms(1000)
        assert chip.level_bytes(clock.now_us) == pytest.approx(100 * 6, abs=24)


def test_what_is_written_in_power_save_is_lost():
    chip = Bmi270(StillWorld(), 1)
    chip.write(bmi270.ACC_CONF, b"\xa9", 10_000)
    chip.write(bmi270.ACC_RANGE, b"\x03", 10_400)
    assert chip.read(bmi270.ACC_RANGE, 1, 10_400) == b"\x02"
    chip.write(bmi270.ACC_RANGE, b"\x03", 10_450)
    assert chip.read(bmi270.ACC_RANGE, 1, 10_451) == b"\x03"


def test_the_unconfigured_chip_measures_nothing():
    chip = Bmi270(StillWorld(), 1)
    chip.write(bmi270.PWR_CONF, b"\x00", 10_000)
    chip.write(bmi270.PWR_CTRL, b"\x0c", 20_000)
    chip.write(bmi270.FIFO_CONFIG_1, b"\x40", 20_100)
    assert chip.level_bytes(5_000_000) == 0
    assert chip.read(bmi270.TEMPERATURE_0, 2, 5_000_000) == b"\x00\x80"
