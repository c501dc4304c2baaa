"""Pins, cell, watchdog, ledger and days of a virtual band, number by number, without its VM."""

from types import SimpleNamespace

import numpy as np
import pytest
from fakes.worlds import StillWorld
from notturno.virtualband import builds, vmlink
from notturno.virtualband.board import HIGH, Board
from notturno.virtualband.builds import Build, BuiltBoard
from notturno.virtualband.calendar import next_evening_utc_s, start_utc_s
from notturno.virtualband.clock import FOREVER, Clock
from notturno.virtualband.faults import Faults
from notturno.virtualband.ledger import Ledger
from notturno.virtualband.watchdog import Watchdog
from notturno.virtualband.wholeday import WholeDay
from notturno.virtualband.world import StillSource, Timeline

DAY_S = 86_400.0
VBUS, BUTTON, INT2, VBAT, SDA, SCL = 1, 2, 3, 4, 5, 6  # of the virtual board


class Lived(StillWorld):
    """Docked, pressed and changing as a test says."""

    on_dock = pressed = False
    mv = 3900
    changes_s = 7.5

    def docked(self, t_s):
        return self.on_dock

    def button(self, t_s):
        return self.pressed

    def battery_mv(self, t_s):
        return self.mv

    def next_change_s(self, t_s):
        return t_s + self.changes_s


class Chip:
    address = 0x6A
    level = freed = 0

    def int2(self, now_us):
        return self.level

    def unstick(self):
        self.freed += 1

    def read(self, register, n, now_us):
        return bytes([register] * n)

    def write(self, register, data, now_us):
        pass


def body(chip=None):
    world, clock = Lived(), Clock(lambda: 0.0)
    return Board(world, chip, clock), world, clock


def test_each_pin_says_what_hangs_on_it():
    chip = Chip()
    board, world, _ = body(chip)
    assert [board.pin(number) for number in (VBUS, BUTTON, INT2, 9)] == [0, 1, 0, 1]
    world.on_dock = world.pressed = True
    chip.level = 1
    assert [board.pin(number) for number in (VBUS, BUTTON, INT2, 9)] == [1, 0, 1, 1]
    board.chip = None
    assert board.pin(INT2) == 0


def test_the_divider_halves_the_cell_in_microvolts():
    board, world, _ = body()
    world.mv = 3801
    assert board.adc_uv(VBAT) == 1_900_500
    assert [board.adc_uv(number) for number in (1, 2, 3, 5, 6)] == [0] * 5


def test_nine_pulses_of_the_clock_line_free_the_bus():
    chip = Chip()
    board, _, _ = body(chip)
    for pulse in range(1, 19):
        assert board.pin(SCL, 2) == 0 and board.pin(SCL, 1) == 0
        assert chip.freed == pulse // 9
    for _ in range(20):
        board.pin(SDA, 1)
    assert chip.freed == 2
    for _ in range(8):
        board.pin(SCL, 1)
    board.power_on()
    board.pin(SCL, 1)
    assert chip.freed == 2, "counted anew"
    board.chip = None
    for _ in range(9):
        board.pin(SCL, 1)


def test_a_transfer_has_400_khz_and_50_ms():
    board, _, clock = body(Chip())
    status, data = board.i2c_read(0x6A, 5, 100)
    assert (status, data, clock.now_us()) == (0, b"\5" * 100, 103 * 9 * 2.5 // 1)
    assert board.i2c_read(0x6A, 5, 3000) == (-116, b"")
    assert clock.now_us() == 2317 + 50_000
    assert board.i2c_setup(100_000, 10_000) == 0
    assert board.i2c_write(0x6A, 5, bytes(10)) == 0
    assert clock.now_us() == 52_317 + 13 * 90
    assert board.i2c_probe(0x6B) == -19 and board.i2c_probe(0x6A) == 0


@pytest.mark.parametrize(
    ("wakes", "is_change", "ends_at"),
    [(0, False, None), (1, True, None), (2, False, 0), (3, False, 1)],
)
def test_a_watched_pin_is_told_once_and_may_wake(wakes, is_change, ends_at):
    board, world, _ = body()
    assert board.next_change_us() == FOREVER
    board.watch(BUTTON, wakes)
    board.watch(BUTTON, 0)  # a later word without a way to wake takes none away
    assert board.next_change_us() == 7.5e6
    assert board.changed_pins() == [] and board.wakes_now() is (ends_at == 1)
    world.pressed = True
    assert board.changed_pins() == [(BUTTON, 0, is_change)] and board.changed_pins() == []
    assert board.wakes_now() is (ends_at == 0)
    world.pressed = False
    assert board.changed_pins() == [(BUTTON, 1, is_change)]
    board.watch(INT2, 1)
    board.chip = SimpleNamespace(address=1, int2=lambda now_us: 1)
    assert board.changed_pins() == [], "of the sensor's pin nobody is told"


# --- a board as somebody wired it ----------------------------------------------------------------


def built(**how):
    world = Lived()
    return BuiltBoard(Build(**how), world, Clock(lambda: 0.0), seed=3), world


@pytest.mark.parametrize(
    ("how", "lines", "answers"),
    [
        ({}, (1, 1), [0x6A]),
        ({"sda": False}, (0, 1), []),
        ({"scl": False}, (1, 0), []),
        ({"powered": False}, (0, 0), []),
        ({"swapped": True}, (1, 1), []),
        ({"answers_at": 0x6B}, (1, 1), [0x6B]),
    ],
)
def test_wires_that_do_not_hold(how, lines, answers):
    board, _ = built(**how)
    assert board.bus_lines() == lines == (board.pin(SDA), board.pin(SCL))
    assert (board.pin(SDA, HIGH), board.pin(SCL, HIGH)) == (0, 0), "driven, and not read"
    assert [at for at in range(8, 0x78) if board.i2c_probe(at) == 0] == answers


@pytest.mark.parametrize(
    ("divider", "uv"),
    [
        ("right", 1_950_000),
        ("open", 200_000),
        ("rail", 1_650_000),
        ("none of it", 3_100_000),
        (None, 0),
    ],
)
def test_what_a_divider_reads(divider, uv):
    board, _ = built(divider=divider)
    assert board.adc_uv(VBAT) == uv and board.adc_uv(3) == 0
    board, world = built(divider=divider)
    world.mv = 3000
    low = {"right": 1_500_000, "none of it": 3_000_000}
    assert board.adc_uv(VBAT) == low.get(divider, uv)


@pytest.mark.parametrize(
    ("vbus", "on_table", "on_dock"),
    [("right", {0}, {1}), ("high", {1}, {1}), ("low", {0}, {0}), (None, {0}, {0})],
)
def test_what_a_chargers_pin_reads(vbus, on_table, on_dock):
    board, world = built(vbus=vbus)
    assert {board.pin(VBUS) for _ in range(64)} == on_table
    world.on_dock = True
    assert {board.pin(VBUS) for _ in range(64)} == on_dock


def test_a_chargers_pin_that_is_wrong_is_no_other_pin():
    for vbus, other in (("low", BUTTON), ("high", INT2)):
        board, _ = built(vbus=vbus)
        assert board.pin(other) == built()[0].pin(other) == (other == BUTTON)
    low, _ = built(button="down")
    assert low.pin(9) == 1


def test_a_pin_that_floats_reads_either_half_of_the_time():
    board, _ = built(vbus="floats")
    assert 420 < sum(board.pin(VBUS) for _ in range(1000)) < 580


@pytest.mark.parametrize(("button", "up", "down"), [("right", 1, 0), ("down", 0, 0), (None, 1, 1)])
def test_what_a_button_reads(button, up, down):
    board, world = built(button=button)
    assert board.pin(BUTTON) == up
    world.pressed = True
    assert board.pin(BUTTON) == down


def test_transfers_that_nobody_acknowledges_come_in_their_share():
    board, _ = built(refused=0.15)
    failed = sum(board.i2c_read(0x6A, 0x0F, 1)[0] == -19 for _ in range(1000))
    failed += sum(board.i2c_write(0x6A, 0x10, b"\0") == -19 for _ in range(1000))
    assert 250 < failed < 350
    right, _ = built()
    assert {right.i2c_read(0x6A, 0x0F, 1) for _ in range(200)} == {(0, b"\x6c")}
    other, _ = built(who_am_i=0x69)
    assert other.i2c_read(0x6A, 0x0F, 1) == (0, b"\x69")


def felt(**how):
    """Return 500 samples of a build at 4 g and 104 Hz, mg."""
    board, _ = built(**how)
    counts = board.chip.converter.counts(0.0, 1 / 104, 500, 1, 122, 0.0)
    assert counts.min() >= -32768 and counts.max() <= 32767
    return counts * 0.122, board.chip


def test_what_a_sensor_shows_of_the_truth():
    right, chip = felt()
    assert abs(right[:, 2].mean() - 1000) < 40 and right.std(axis=0).max() < 0.1
    assert felt(scale=0.8)[0][:, 2].mean() == pytest.approx(0.8 * right[:, 2].mean(), abs=0.2)
    dead = felt(dead_axis=1)[0]
    assert (dead[:, 1] == 0).all() and (dead[:, 2] != 0).all()
    # twenty times 75 ug per root of Hz, over 52 Hz
    assert felt(noise=20.0)[0].std(axis=0) == pytest.approx([10.8] * 3, rel=0.12)
    assert felt(rate_off=-0.2)[1].odr_error == pytest.approx(chip.odr_error - 0.2)


def test_each_wrong_build_is_wrong_in_one_thing():
    right = vars(Build())
    for build in builds.WRONG:
        assert sum(vars(build)[key] != right[key] for key in right if key != "name") == 1
    by_name = {build.name: build for build in builds.WRONG}
    assert len(by_name) == len(builds.WRONG) == 26
    assert by_name["an LSM6DS3TR-C"].who_am_i == 0x6A
    assert by_name["an LSM6DS3"].who_am_i == 0x69
    assert by_name["address 0x6B"].answers_at == 0x6B
    assert (by_name["rate 20 % slow"].rate_off, by_name["rate 20 % fast"].rate_off) == (-0.2, 0.2)
    assert by_name["gravity of 800 mg"].scale == 0.8
    assert (right["answers_at"], right["who_am_i"], right["scale"]) == (0x6A, 0x6C, 1.0)


# --- the watchdog, the ledger --------------------------------------------------------------------


def test_a_watchdog_bites_at_its_limit_and_not_before_it_is_fed():
    clock = Clock(lambda: 0.0)
    dog = Watchdog(clock)
    dog.feed(0)
    assert not dog.on and not dog.overdue and dog.deadline_us == FOREVER
    dog.feed(8000)
    assert dog.on and dog.deadline_us == 8_000_000
    clock.pass_us(7_999_999)
    assert not dog.overdue
    clock.pass_us(1)
    assert dog.overdue
    dog.feed(0)
    assert dog.deadline_us == 16_000_000
    dog.feed(3_600_000)
    assert dog.deadline_us == 3_608_000_000
    dog.off()
    assert not dog.on and not dog.overdue


def test_a_ledger_books_each_second_once():
    ledger = Ledger()
    for now_s, asleep, radio, imu_on in (
        (10, "", "", False),
        (13, "light", "", True),
        (18, "deep", "", False),
        (25, "", "idle", True),
        (36, "", "connected", True),
        (30, "", "connected", True),  # a clock never steps back: nothing
    ):
        ledger.spend(now_s * 1e6, asleep, radio, imu_on)
    for what, times in (("light_sleeps", 3), ("flash_writes", 2), ("starts", 1)):
        for _ in range(times):
            ledger.count(what)
    assert ledger.rows() == {
        **{"all_s": 36.0, "awake_s": 28.0, "light_sleep_s": 3.0, "deep_sleep_s": 5.0},
        **{"radio_idle_s": 7.0, "radio_connected_s": 11.0, "imu_on_s": 21.0},
        **{"light_sleeps": 3, "flash_writes": 2, "starts": 1},
    }


# --- days ----------------------------------------------------------------------------------------


def test_a_night_of_a_timeline():
    world = Timeline([StillSource(), StillSource()], hours=8, presses_s=[100.0, 50.0])
    assert world.spans_s == [(0.0, 28_800.0), (DAY_S, DAY_S + 28_800.0)]
    assert [world.button(t) for t in (49.9, 50.0, 50.29, 50.3, 100.1)] == [
        *[False, True, True, False, True],
    ]
    # a tenth of 4100 to 3500 mV a night
    assert [world.battery_mv(t) for t in (0.0, 14_400.0, 28_799.0)] == [4100, 4070, 4040]
    assert world.battery_mv(28_800.0) == 4100 == world.battery_mv(3 * DAY_S)
    assert world.battery_mv(DAY_S + 14_400.0) == 4070
    assert (world.temperature_c(10.0), world.temperature_c(30_000.0)) == (31.0, 25.0)
    assert world.accel_mg(30_000.0, 1.0, 2).tolist() == [[0.0, 0.0, 1000.0]] * 2


@pytest.mark.parametrize("hours", [0.001, 23.89])
def test_a_night_may_be_short_or_nearly_a_day(hours):
    assert Timeline([StillSource()], hours=hours).end_s == pytest.approx(hours * 3600)
    with pytest.raises(ValueError, match=r"less than 23\.9"):
        Timeline([StillSource()], hours=23.9)


class Limb:
    def accel_mg(self, first_s, step_s, n):
        return np.full((n, 3), first_s)


def test_a_whole_day_is_a_night_a_table_and_the_next_evening():
    day = WholeDay(Limb())
    assert day.morning_s == 60 + 9 * 3600
    assert day.spans_s == [(0.0, day.morning_s + 120)] and day.end_s == 60 + DAY_S
    worn = [day.night_at(t) for t in (0.0, day.morning_s + 119.9, day.morning_s + 120, DAY_S)]
    assert worn == [0, 0, None, 0]
    assert day.accel_mg(DAY_S + 5, 1.0, 1).tolist() == [[5.0] * 3]
    assert day.accel_mg(50_000.0, 1.0, 1).tolist() == [[0.0, 0.0, 1000.0]]
    assert (day.temperature_c(10.0), day.temperature_c(50_000.0)) == (31.0, 22.0)
    assert not day.docked(50_000.0) and day.battery_mv(5.0) == 3900
    pressed = [day.button(day.morning_s + t) for t in (-0.1, 0.0, 1.9, 2.0)]
    assert pressed == [False, True, True, False]
    assert [day.button(DAY_S + t) for t in (-0.1, 0.0, 0.29, 0.3)] == [False, True, True, False]
    changes = [day.next_change_s(t) for t in (0.0, day.morning_s, day.morning_s + 2, DAY_S)]
    assert changes == [day.morning_s, day.morning_s + 2, DAY_S, DAY_S + 0.3]
    assert day.next_change_s(DAY_S + 0.3) == float("inf")
    quiet = WholeDay(Limb(), fetched=False, night_s=3600.0)
    assert not quiet.button(quiet.morning_s) and quiet.morning_s == 3660


def test_the_first_evening_and_those_after_it(tmp_path):
    first_s = start_utc_s(zone="UTC")
    assert first_s == 1_768_257_000.0  # 2026-01-12 22:30
    assert start_utc_s("2026-03-28 22:30", "Europe/Berlin", 1) == 1_774_816_200.0  # one hour less
    assert start_utc_s(zone="UTC", days=3) == first_s + 3 * DAY_S
    begun = [next_evening_utc_s(tmp_path, nights) for nights in (2, 1, 5)]
    assert [at_s - begun[0] for at_s in begun] == [0.0, 2 * DAY_S, 3 * DAY_S]
    (tmp_path / "nights-slept").write_text("?")
    assert next_evening_utc_s(tmp_path, 1) == begun[0]


# --- what goes wrong on the air, and what the VM is told -----------------------------------------


def test_a_fault_strikes_its_packet_and_once():
    faults = Faults()
    assert not faults.strikes("lose_link_after")
    faults.lose_link_after = 2
    assert [faults.strikes("lose_link_after") for _ in range(5)] == [
        *[False, False, True, False, False],
    ]
    faults.silence_after = 0
    assert faults.strikes("silence_after") and faults.silence_after is None
    assert (faults.pool_packets, faults.delay_s, faults.supervision_s) == (12, 0.0, None)


def test_the_numbers_of_the_line_to_the_vm():
    assert (vmlink.REQUEST.size, vmlink.ANSWER.size, vmlink.EVENT.size) == (20, 28, 3)
    assert (vmlink.OP_POLL, vmlink.OP_WAIT, vmlink.OP_SYNCED) == (0, 1, 16)
    assert (vmlink.EVENT_BLE, vmlink.EVENT_STDIN, vmlink.EVENT_PIN) == (1, 2, 3)
    assert (vmlink.WAKE_ON_STDIN, vmlink.WAKE_ON_PIN, vmlink.DEEP) == (1, 2, 4)
    assert (vmlink.STATE_RUNNING, vmlink.STATE_AT_PROMPT) == (1, 2)
    # machine.reset_cause() of the ESP32 port
    assert (vmlink.RESET_POWER_ON, vmlink.RESET_WATCHDOG, vmlink.RESET_SOFT) == (1, 3, 5)
    assert vmlink.KEPT_BYTES == 2048 and vmlink.FLASH_CAPACITY_BYTES == 4_194_304
    assert vmlink.EPOCH_2000_S == 946_684_800
