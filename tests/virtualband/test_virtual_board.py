"""Bus and pins of the virtual band, beside the VM."""

import pytest
from notturno.virtualband import board as vb
from notturno.virtualband.chips.bus import BusNak, BusStuck, transfer_us
from notturno.virtualband.clock import FOREVER, Clock
from virtual_kit import short_world

CHIP = 0x6A


class Chip:
    """Counts what goes over the bus; fails on demand."""

    address = CHIP

    def __init__(self):
        self.sent = 0
        self.written = []
        self.fault = None
        self.unstuck = 0

    def read(self, register, n, now_us):
        if self.fault:
            raise self.fault
        self.sent += n
        return bytes(n)

    def write(self, register, data, now_us):
        if self.fault:
            raise self.fault
        self.written.append((register, bytes(data), now_us))

    def int2(self, now_us):
        return 1

    def unstick(self):
        self.unstuck += 1


@pytest.fixture
def board():
    return vb.Board(short_world(100.0, presses_s=[20.0]), Chip(), Clock(wall_s=lambda: 0.0))


def now_us(board):
    return board._clock.now_us()


def at(board, t_s):
    board._clock.pass_us(t_s * 1e6 - now_us(board))


def test_a_transfer_takes_its_time_on_the_wires(board):
    status, data = board.i2c_read(CHIP, 0x78, 448)
    assert (status, len(data)) == (0, 448)
    assert now_us(board) == transfer_us(448, 400_000)
    board.i2c_setup(100_000, 50_000)
    before_us = now_us(board)
    assert board.i2c_write(CHIP, 0x10, b"\x48") == 0
    assert now_us(board) - before_us == 4 * (transfer_us(1, 400_000))


def test_a_transfer_over_the_limit_times_out_and_its_bytes_are_lost(board):
    status, data = board.i2c_read(CHIP, 0x78, 3584)
    assert (status, data) == (-116, b"")
    assert now_us(board) == 50_000
    assert 2100 < board.chip.sent < 2300  # what 50 ms at 400 kHz carry


def test_faults_have_the_ports_error_numbers(board):
    assert board.i2c_read(0x1D, 0x0F, 1)[0] == -19
    assert board.i2c_probe(0x1D) == -19
    assert board.i2c_probe(CHIP) == 0
    board.chip.fault = BusNak()
    assert board.i2c_read(CHIP, 0x0F, 1)[0] == -19
    before_us = now_us(board)
    board.chip.fault = BusStuck()
    assert board.i2c_write(CHIP, 0x10, b"\x00") == -116
    assert now_us(board) - before_us == 50_000


def test_nine_pulses_on_the_clock_line_free_the_bus(board):
    for _ in range(8):
        board.pin(vb.PIN_SCL, vb.LOW)
        board.pin(vb.PIN_SCL, vb.HIGH)
    assert board.chip.unstuck == 0
    board.pin(vb.PIN_SCL, vb.LOW)
    assert board.chip.unstuck == 1


def test_pins_show_dock_button_and_battery(board):
    assert (board.pin(vb.PIN_VBUS), board.pin(vb.PIN_BUTTON)) == (0, 1)
    assert board.adc_uv(vb.PIN_VBAT) == board.world.battery_mv(0) * 500
    at(board, 20.1)
    assert board.pin(vb.PIN_BUTTON) == 0
    at(board, 101)
    assert board.pin(vb.PIN_VBUS) == 1


def test_a_watched_pin_tells_each_change_once(board):
    assert board.next_change_us() == FOREVER
    board.watch(vb.PIN_BUTTON, True)
    assert board.next_change_us() == 20e6
    assert board.changed_pins() == []
    at(board, 20.0)
    assert board.changed_pins() == [(vb.PIN_BUTTON, 0, True)]
    assert board.changed_pins() == []
    at(board, 20.3)
    assert board.changed_pins() == [(vb.PIN_BUTTON, 1, True)]
