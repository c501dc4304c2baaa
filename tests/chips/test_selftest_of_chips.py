"""The band's test of itself with every chip: a right part passes, a halved gravity is told."""

from types import SimpleNamespace

import config
import pytest
import selftest
from drivers import SensorLost, find
from fakes.memory_storage import MemoryStorage
from fakes.worlds import StillWorld
from notturno.virtualband.chips import model, models
from notturno.virtualband.chips.bus import Clock, FakeI2C
from notturno_core import checks, plausible
from notturno_core.eventlog import EventLog

CHIPS = sorted(models())
each_chip = pytest.mark.parametrize("name", CHIPS)
# Zero-g offset of a part that its maker calls typical, mg, along (x, y, z): MPU-6050 by
# PS-MPU-6000A; LSM6DSOX and its kin by ST; the others from memory.
TYPICAL_MG = {"MPU-6050": (50, 50, 80), "MPU-6500": (60, 60, 60), "MPU-6886": (40, 40, 40)}
TYPICAL_MG["LSM6DS3TR-C"] = (40, 40, 40)
OTHERS_MG = (20, 20, 20)


def check(name, world=None, change=None, unfound=True, **settings):
    """Return (values of the CHECK record, the chip, what the search stands for)."""
    chip = model(name)(world or StillWorld(), settings.pop("seed", 1), **settings)
    if change:
        change(chip)
    clock = Clock(1000)
    i2c = FakeI2C({chip.address: chip}, clock)
    board = SimpleNamespace(i2c=i2c, VBAT=None, VBUS=None, BUTTON=None, ble=object)
    board.button_pressed = lambda: False
    imu = find.Unfound(i2c, clock.sleep_ms, lambda: i2c, chip.unstick)
    log = EventLog(MemoryStorage(1_000_000), lambda: 7)
    log.open()
    now_ms = lambda: clock.now_us // 1000  # noqa: E731
    values = selftest.run(
        imu if unfound else imu.found(),
        *(board, None, log, b"k" * 32, config, clock.sleep_ms, now_ms),
    )
    return values, chip, imu


@each_chip
@pytest.mark.parametrize("sign", [1, -1])
def test_a_part_with_its_typical_offset_is_no_false_alarm(name, sign):
    offset_mg = TYPICAL_MG.get(name, OTHERS_MG)
    along = [sign * mg for mg in offset_mg]
    length = sum(mg * mg for mg in offset_mg) ** 0.5
    pull = tuple(1000 * mg / length for mg in offset_mg)  # gravity along the offset: the worst
    values, _, _ = check(name, StillWorld(pull), offset_mg=along)
    assert (values["verdict"], values["failed"]) == (0, 0)
    assert abs(values["gravity_mg"] - 1000) == pytest.approx(length, abs=15)


@each_chip
def test_more_than_a_parts_errors_is_told(name):
    limit_mg = type(check(name)[2].found()).gravity_tolerance_mg
    assert sum(mg * mg for mg in TYPICAL_MG.get(name, OTHERS_MG)) ** 0.5 < limit_mg
    # All that a band takes for gravity is what a night may show of it.
    assert limit_mg <= plausible.GRAVITY_MOST_MG - 1000 == 1000 - plausible.GRAVITY_LEAST_MG
    for off_mg, verdict in ((limit_mg - 12, 0), (limit_mg + 12, checks.GRAVITY_OFF)):
        exact = {"offset_mg": (0, 0, off_mg), "change": as_by_design}
        assert check(name, **exact)[0]["verdict"] == verdict
    # Its lower bound is as far away.
    for off_mg, verdict in ((limit_mg - 12, 0), (limit_mg + 12, checks.GRAVITY_OFF)):
        exact = {"offset_mg": (0, 0, -off_mg), "change": as_by_design}
        assert check(name, **exact)[0]["verdict"] == verdict


def as_by_design(chip):
    """Let a part have the sensitivity that its data sheet calls typical."""
    chip.converter.sensitivity[:] = 1.0


@each_chip
def test_a_range_twice_as_wide_is_told_or_told_apart(name):
    def halve(chip):
        scale = chip._scale
        chip._scale = lambda rate_hz: (2 * scale(rate_hz)[0], scale(rate_hz)[1])

    values, _, _ = check(name, change=halve)
    if name == "LSM6DSOX":  # is an LSM6DSO32, then
        assert values["verdict"] == 0 and abs(values["gravity_mg"] - 1000) < 60
    elif name == "LSM6DSO32":  # is neither
        assert values["verdict"] == checks.GRAVITY_OFF
    else:
        assert values["verdict"] == checks.GRAVITY_HALF


@each_chip
def test_the_sensor_is_powered_down_behind_the_test(name):
    _, chip, _ = check(name)
    assert chip.rate_hz == 0


@pytest.mark.parametrize("unfound", [True, False])
def test_int1_tied_high_is_told_whoever_meets_it_first(unfound):
    for name in ("LSM6DSOX", "LSM6DSO32"):
        values, _, _ = check(name, unfound=unfound, int1_high=True)
        assert values["verdict"] == checks.INT1_HIGH


def test_int1_tied_high_is_told_again_the_second_time():
    """Called back, the chip answers at once, until it is reset."""
    _, chip, imu = check("LSM6DSOX", int1_high=True)
    clock = Clock(9_000_000)
    i2c = FakeI2C({chip.address: chip}, clock)
    again = find.find(i2c, clock.sleep_ms)
    assert not again.int1_high
    again.start()
    assert again.int1_high


def test_a_chip_without_i3c_that_comes_late_is_not_int1():
    def silent_twice(chip):
        chip.fail("nak", count=4)  # two of each round of the search are for it

    values, _, imu = check("LSM6DS3TR-C", change=silent_twice)
    assert values["verdict"] == 0 and not imu.found().int1_high


def test_another_chip_is_not_written_to():
    written = []

    def other(chip):
        chip._regs[0x0F] = 0x69
        chip._write = lambda reg, data, now_us: written.append(reg)

    from drivers.lsm6dsox import Lsm6dsox

    chip = model("LSM6DSOX")(StillWorld(), 1)
    other(chip)
    clock = Clock(1000)
    i2c = FakeI2C({chip.address: chip}, clock)
    test = selftest.SensorTest(
        *(Lsm6dsox(i2c, clock.sleep_ms), None, None, SimpleNamespace(boot_id=1), None, config),
        *(clock.sleep_ms, lambda: 0, (None, None, None)),
    )
    test.sensor()
    assert test.chip() == checks.WRONG_CHIP
    test.rest()
    assert written == []


@pytest.mark.parametrize("after", range(30))
def test_one_refused_transfer_is_not_int1(after):
    values, _, _ = check("LSM6DSOX", change=lambda chip: chip.fail("nak", after=after))
    assert values["verdict"] == 0


def test_nothing_on_the_bus_and_another_chip_are_told_without_a_search_before():
    values, _, _ = check("LSM6DSOX", change=lambda chip: setattr(chip, "address", 0x30))
    assert values["verdict"] == checks.SENSOR_LOST
    values, _, imu = check("LSM6DSOX", change=lambda chip: chip._regs.__setitem__(0x0F, 0x69))
    assert values["verdict"] == checks.WRONG_CHIP
    assert (values["sensor_id"], values["address"]) == (0x69, 0x6A)
    with pytest.raises(SensorLost):
        find.Unfound(FakeI2C({}, Clock()), Clock().sleep_ms).start()
