"""Each step of a band's test of itself on both sides of its bounds, with what it writes down."""

from types import SimpleNamespace

import pytest
import selftest
from drivers import SensorLost, WrongChip
from fakes.night import settings
from notturno_core import checks

CELL_CODES = {
    0: None,
    14: "DIVIDER_OPEN",
    15: "DIVIDER_RATIO",
    16: "DIVIDER_AT_3V3",
    17: "BATTERY_EMPTY",
}


class Imu:
    """A sensor that gives what it was told to, 26 samples at each look."""

    sensor_id, address, int1_high = 0x6C, 0x6B, False
    ug_per_lsb, odr_mhz, gravity_tolerance_mg, more = 122, 104_000, 60, False

    def __init__(self, xyz=lambda n: (0, 0, 8197), per_look=26):
        self.faults = SimpleNamespace(transfers=3)
        self.xyz, self.per_look = xyz, per_look
        self.n = self.looks = self.stops = 0
        self.fails_at_look = None
        self.begun = None

    def found(self):
        return self

    def start(self, *asked):
        self.begun = asked

    def stop(self):
        self.stops += 1

    def drain_into(self, buf):
        self.looks += 1
        assert len(buf) == 192, "64 samples of three axes"
        if self.looks == self.fails_at_look:
            raise SensorLost
        for i in range(self.per_look):
            for axis, count in enumerate(self.xyz(self.n)):
                buf[3 * i + axis] = count & 0xFFFF
            self.n += 1
        return self.per_look


class Time:
    def __init__(self):
        self.ms, self.slept = 1 << 33, []

    def sleep_ms(self, ms):
        self.slept.append(ms)
        self.ms += ms


def step(imu=None, board=None, battery_mv=3900, **known):
    """Return (a test, its time)."""
    time = Time()
    board = board or SimpleNamespace(button_pressed=lambda: False)
    power = SimpleNamespace(battery_mv=lambda: battery_mv)
    log = SimpleNamespace(boot_id=9, has_room=lambda n: n <= known.pop("room", 1 << 30))
    told = known.get("storage"), known.get("time_set"), known.get("cable", 0)
    parts = imu or Imu(), board, power, log, known.get("key", b"k"), settings()
    return selftest._Test(*parts, time.sleep_ms, lambda: time.ms, told), time


# --- the sensor ----------------------------------------------------------------------------------


def heard(xyz=lambda n: (0, 0, 8197), **more):
    imu = Imu(xyz, more.pop("per_look", 26))
    vars(imu).update(more)
    test, time = step(imu)
    assert test.sensor() is None and test.chip() is None
    assert test.bus() is None
    return test, time


def test_a_sensor_is_listened_to_for_two_and_a_half_seconds_in_quarters():
    test, time = heard()
    assert time.slept == [250] * 10 and (test.took_ms, test.n) == (2500, 260)
    assert test.imu.begun == (104, 4, 244)
    assert (test.sums, test.steps) == ([0, 0, 260 * 8197], [0, 0, 0])
    assert test.squares == [0, 0, 260 * 8197 * 8197]
    assert test.looked == 10 and test.pressed == 0
    assert test.values == {
        **{"boot_id": 9, "tick_ms": 0, "verdict": 0},  # 2^33 ms in 32 bits
        **{"sensor_id": 0x6C, "address": 0x6B},
    }
    test.rest()
    assert test.imu.stops == 1


def test_what_came_before_the_listening_is_not_counted():
    test, _ = heard(lambda n: (0, 0, 32_767 if n < 26 else 8197))
    assert test.most == [0, 0, 8197] and test.imu.n == 286


@pytest.mark.parametrize(("failed", "code"), [(0, None), (2, None), (3, checks.BUS_WEAK)])
def test_two_failed_transfers_are_forgiven(failed, code):
    imu = Imu()
    test, _ = step(imu)
    test.sensor()
    imu.faults.transfers += failed
    assert test.bus() == code


def test_a_sensor_that_is_lost_while_it_is_listened_to_is_a_weak_bus():
    imu = Imu()
    imu.fails_at_look = 4
    test, _ = step(imu)
    test.sensor()
    assert test.bus() == checks.BUS_WEAK
    assert test.axes() == test.gravity() == test.noise() == test.rate() == selftest.SKIP


def test_a_sensor_that_gives_nothing_cannot_be_judged():
    imu = Imu(per_look=0)
    test, _ = step(imu)
    test.sensor()
    assert test.bus() is None and test.axes() == selftest.SKIP
    high = Imu()
    high.int1_high = True
    test, _ = step(high)
    test.sensor()
    assert test.bus() == checks.INT1_HIGH


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_axis_that_never_changes_is_dead(axis):
    def xyz(n):
        return tuple(100 if i == axis else 100 + n % 2 for i in range(3))

    assert heard(xyz)[0].axes() == checks.AXIS_DEAD
    assert heard(lambda n: (n % 2, -(n % 2), 8197 + n % 2))[0].axes() is None


MG = 1000 / 122  # counts of one


@pytest.mark.parametrize(
    ("gravity_mg", "code"),
    [
        (1000, None),
        (940, None),
        (939, checks.GRAVITY_OFF),
        (1060, None),
        (1061, checks.GRAVITY_OFF),
        (440, checks.GRAVITY_HALF),
        (439, checks.GRAVITY_OFF),
        (560, checks.GRAVITY_HALF),
        (561, checks.GRAVITY_OFF),
        (0, checks.GRAVITY_OFF),
    ],
)
def test_gravity_is_one_g_within_a_parts_tolerance_or_half_of_it(gravity_mg, code):
    test, _ = heard(lambda n: (0, -round(gravity_mg * MG), 0))
    assert test.gravity() == code
    assert test.values["gravity_mg"] == gravity_mg


def test_gravity_is_the_length_of_three_means():
    test, _ = heard(lambda n: tuple(round(mg * MG) for mg in (480, -600, 640)))
    assert test.gravity() is None and test.values["gravity_mg"] == 1000


def moving(rms_mg, samples):
    """A square wave of so many samples, on gravity."""
    count = round(rms_mg * MG)
    return lambda n: (count if n // samples % 2 else -count, 0, round(700 * MG))


@pytest.mark.parametrize(
    ("rms_mg", "samples", "gravity", "noise"),
    [
        # slow: a limb that moves by more than 15 mg is not judged
        (14, 13, checks.GRAVITY_OFF, selftest.SKIP),
        (16, 13, selftest.SKIP, selftest.SKIP),
        # as quick as noise: it is noise, whatever its size
        (5.8, 1, checks.GRAVITY_OFF, checks.NOISY),
        (16, 1, checks.GRAVITY_OFF, checks.NOISY),
    ],
)
def test_a_limb_that_moves_is_told_from_a_sensor_that_trembles(rms_mg, samples, gravity, noise):
    test, _ = heard(moving(rms_mg, samples))
    assert (test.gravity(), test.noise()) == (gravity, noise)


@pytest.mark.parametrize(("counts", "code"), [(35, None), (36, checks.NOISY)])
def test_a_tremble_of_six_mg_is_too_much(counts, code):
    """A square wave that changes at each sample has twice the rms in its differences' half."""
    test, _ = heard(lambda n: (counts if n % 2 else -counts, 0, 8197))
    rms_ug = 2**0.5 * counts * 122  # of 25 differences in 26 samples, each 2 * counts
    assert test.noise() == code
    assert test.values["noise_ug"] == pytest.approx(rms_ug * (25 / 26) ** 0.5, abs=2)


def test_what_a_sensor_of_another_world_shows_has_sixteen_bits():
    """Where a count is 4 mg, full scale is 131 g."""
    test, _ = heard(lambda n: (30_000 if n % 2 else -30_000, 0, 32_000), ug_per_lsb=4000)
    assert test.noise() == checks.NOISY and test.gravity() == checks.GRAVITY_OFF
    assert test.values["noise_ug"] == test.values["gravity_mg"] == 65_535


def test_noise_is_judged_by_its_loudest_axis():
    for axis in range(3):
        test, _ = heard(lambda n, axis=axis: tuple(80 * (n % 2) * (i == axis) for i in range(3)))
        assert test.noise() == checks.NOISY


# 260 samples in 2.5 s are 104 Hz; of an LSM6DSOX 3.5 % are allowed with the counting.
@pytest.mark.parametrize(
    ("believed_mhz", "code"),
    [
        (104_000, None),
        (107_700, None),
        (107_900, checks.RATE_OFF),
        (100_500, None),
        (100_400, checks.RATE_OFF),
    ],
)
def test_the_rate_is_that_of_its_name_within_chip_and_count(believed_mhz, code):
    test, _ = heard(odr_mhz=believed_mhz)
    assert test.rate() == code
    assert test.values["rate_mhz"] == 104_000


# --- nobody answers ------------------------------------------------------------------------------


class Bus:
    def __init__(self, address=None, says=0x33):
        self.address, self.says, self.asked = address, says, []

    def readfrom_mem_into(self, address, register, buf):
        self.asked.append((address, register, len(buf)))
        if address != self.address:
            raise OSError(19)
        buf[0] = self.says


def silent(board):
    imu = Imu()
    imu.sensor_id = 0

    def start(*_):
        raise SensorLost

    imu.start = start
    return step(imu, board)[0]


@pytest.mark.parametrize(
    ("lines", "code"), [((1, 1), 1), ((0, 1), 2), ((1, 0), 3), ((0, 0), 4), (None, 27)]
)
def test_a_silent_bus_is_judged_by_its_lines(lines, code):
    board = SimpleNamespace(i2c=Bus(), bus_lines=lambda: lines)
    assert silent(board).sensor() == code
    assert board.i2c.asked == [
        (address, 0x0F, 1) for address in (0x6A, 0x6B, 0x68, 0x69, 0x18, 0x19)
    ]
    assert silent(SimpleNamespace(i2c=Bus())).sensor() == 27, "a board that cannot say"


@pytest.mark.parametrize("address", [0x6B, 0x18, 0x19])
def test_whoever_answers_elsewhere_is_named(address):
    test = silent(SimpleNamespace(i2c=Bus(address)))
    assert test.sensor() == checks.OTHER_ADDRESS
    assert (test.values["address"], test.values["sensor_id"]) == (address, 0x33)
    test.rest()
    assert test.imu.stops == 0, "it never began"


@pytest.mark.parametrize(("lacks", "code"), [(False, 6), (True, 28)])
def test_another_chip_and_one_without_its_program(lacks, code):
    imu = Imu()

    def start(*_):
        error = WrongChip("no")
        error.lacks_config = lacks
        raise error

    imu.start = start
    test, _ = step(imu)
    assert test.sensor() is None and test.chip() == code
    assert test.bus() == selftest.SKIP


# --- the board -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mv", "code"),
    [
        *[(0, 14), (1499, 14), (1500, 17), (3249, 17), (3250, 16), (3350, 16), (3351, 0)],
        *[(3900, 0), (4400, 0), (4401, 15), (70_000, 15)],
    ],
)
def test_a_cell_by_its_voltage(mv, code):
    test, _ = step(board=SimpleNamespace(VBAT=1), battery_mv=mv)
    name = CELL_CODES[code]
    assert test.battery() == (getattr(checks, name) if name else None)
    assert test.values["battery_mv"] == min(mv, 65_535)
    assert step(board=SimpleNamespace())[0].battery() == selftest.SKIP


@pytest.mark.parametrize(
    ("high", "cable", "code"),
    [
        *[(0, 0, None), (64, 0, None), (1, 0, 20), (63, 0, 20), (32, 2, 20)],
        *[(64, 1, 18), (64, 2, None), (0, 2, 19), (0, 1, None)],
    ],
)
def test_a_chargers_pin_is_read_64_times(high, cable, code):
    levels = iter([True] * high + [False] * (64 - high))
    board = SimpleNamespace(VBUS=1, docked=lambda: next(levels))
    assert step(board=board, cable=cable)[0].vbus() == code
    assert list(levels) == []
    assert step(board=SimpleNamespace())[0].vbus() == selftest.SKIP


@pytest.mark.parametrize(("pressed", "code"), [(0, None), (9, None), (10, 21)])
def test_a_button_that_is_down_at_each_of_ten_looks_is_stuck(pressed, code):
    levels = iter([True] * pressed + [False] * (10 - pressed))
    board = SimpleNamespace(BUTTON=1, button_pressed=lambda: next(levels))
    test, time = step(board=board)
    assert test.button() == code and list(levels) == [] and time.slept == [250] * 10
    assert step(board=SimpleNamespace())[0].button() == selftest.SKIP


class Flash:
    def __init__(self, free=5_000_000, refuses=None, cut=0, spoils=b""):
        self.free, self.refuses, self.cut, self.spoils = free, refuses, cut, spoils
        self.files, self.removed = {}, []

    def free_bytes(self):
        return self.free

    def replace(self, name, data):
        if self.refuses:
            raise OSError(self.refuses)
        self.files[name] = data

    def sync(self):
        pass

    def read_into(self, name, offset, buf):
        data = self.spoils or self.files[name][offset:]
        buf[: len(data)] = data
        return len(buf) - self.cut

    def remove(self, name):
        self.removed.append(name)


@pytest.mark.parametrize(
    ("flash", "code"),
    [
        (Flash(), None),
        (Flash(refuses=28), checks.FLASH_FULL),
        (Flash(refuses=5), checks.FLASH_REFUSES),
        (Flash(cut=1), checks.FLASH_REFUSES),
        (Flash(spoils=b"another"), checks.FLASH_REFUSES),
    ],
)
def test_a_flash_gives_back_what_it_was_given(flash, code):
    assert step(storage=flash)[0].flash() == code
    assert flash.removed == ([] if flash.refuses else ["check.tmp"])
    assert step()[0].flash() == selftest.SKIP


@pytest.mark.parametrize(
    ("free", "free_kb"), [(1023, 0), (1024, 1), (5_000_000, 4882), (1 << 40, 65_535)]
)
def test_free_room_is_told_in_kilobytes(free, free_kb):
    test, _ = step(storage=Flash(free))
    test.flash()
    assert test.values["free_kb"] == free_kb


@pytest.mark.parametrize(("room", "code"), [(200_000, None), (199_999, checks.FLASH_FULL)])
def test_a_night_takes_two_hundred_kilobytes(room, code):
    test, _ = step(storage=Flash())
    test.log.has_room = lambda n: n <= room
    assert test.flash() == code


def test_key_radio_and_clock():
    assert step(key=b"")[0].key() == checks.KEY_MISSING and step()[0].key() is None
    assert step(time_set=True)[0].clock() is None and step()[0].clock() == selftest.SKIP
    assert step(time_set=False)[0].clock() == checks.CLOCK_UNSET

    def refuses():
        raise OSError(5)

    assert step(board=SimpleNamespace(ble=refuses))[0].radio() == checks.RADIO_MISSING
    assert step(board=SimpleNamespace(ble=object))[0].radio() is None


def test_the_first_step_that_fails_gives_the_verdict_and_a_step_that_raises_its_number():
    board = SimpleNamespace(button_pressed=lambda: False, VBAT=1)  # no ble: that step raises
    power = SimpleNamespace(battery_mv=lambda: 1000)
    log, time = SimpleNamespace(boot_id=1), Time()
    parts = Imu(), board, power, log, b"", settings(), time.sleep_ms, lambda: time.ms
    values = selftest.run(*parts, why=2)
    assert values["verdict"] == checks.AXIS_DEAD and values["why"] == 2
    # bits: axes 3, battery 7, key 11, radio 12; charger's pin 8, button 9, flash 10, clock 13
    assert values["failed"] == 1 << 3 | 1 << 7 | 1 << 11 | 1 << 12
    assert values["skipped"] == 1 << 8 | 1 << 9 | 1 << 10 | 1 << 13
    assert values["passed"] == 0b1110111
    board.VBAT, parts[0].xyz = None, lambda n: (n % 2, n % 2, 8197 + n % 2)
    values = selftest.run(*parts[:4], b"k", *parts[5:])
    assert values["verdict"] == 112 and values["failed"] == 1 << 12
