"""One bus for who tests in one process and for the VM: the same transfer ends alike on both."""

import pytest
from fakes.worlds import StillWorld
from notturno.virtualband.board import Board
from notturno.virtualband.chips.bus import ENODEV, ETIMEDOUT, Clock, FakeI2C
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox

ADDRESS, WHO_AM_I = 0x6A, 0x0F
TAG, STATUS1, STATUS2 = 0x78, 0x3A, 0x3B
ON = ((0x12, 0x44), (0x0A, 6), (0x09, 4), (0x10, 0x48))  # the FIFO gathers at 104 Hz


class VirtualClock:
    """The clock of a board."""

    def __init__(self):
        self.us = 0

    def now_us(self):
        return self.us

    def pass_us(self, us):
        self.us += us


class InProcess:
    def __init__(self):
        self.clock = Clock()
        self.chip = Lsm6dsox(StillWorld(), seed=1)
        self.bus = FakeI2C({ADDRESS: self.chip}, self.clock)

    def wait(self, us):
        self.clock.advance_us(us)

    def limit(self, freq_hz, timeout_us):
        self.bus._wires.freq_hz, self.bus._wires.timeout_us = freq_hz, timeout_us

    def read(self, register, n, address=ADDRESS):
        began_us = self.clock.now_us
        try:
            said = 0, self.bus.readfrom_mem(address, register, n)
        except OSError as fault:
            said = -fault.args[0], b""
        return *said, self.clock.now_us - began_us

    def write(self, register, data):
        self.bus.writeto_mem(ADDRESS, register, data)


class OfTheVM:
    def __init__(self):
        self.clock = VirtualClock()
        self.chip = Lsm6dsox(StillWorld(), seed=1)
        self.board = Board(StillWorld(), self.chip, self.clock)

    def wait(self, us):
        self.clock.pass_us(us)

    def limit(self, freq_hz, timeout_us):
        self.board.i2c_setup(freq_hz, timeout_us)

    def read(self, register, n, address=ADDRESS):
        began_us = self.clock.us
        said = self.board.i2c_read(address, register, n)
        return *said, self.clock.us - began_us

    def write(self, register, data):
        assert self.board.i2c_write(ADDRESS, register, data) == 0


BUSES = [InProcess, OfTheVM]


def words_left(bus):
    _, low, _ = bus.read(STATUS1, 1)
    _, high, _ = bus.read(STATUS2, 1)
    return low[0] + 256 * (high[0] & 3)


def lost_by(bus, n):
    """Return (status, whether bytes came, time, words that are gone) of a read of n words."""
    for register, value in ON:
        bus.write(register, bytes([value]))
    bus.wait(4_000_000)
    bus.write(0x10, b"\0")  # nothing comes to it any more
    before = words_left(bus)
    status, data, took_us = bus.read(TAG, 7 * n)
    return status, len(data), took_us, before - words_left(bus)


@pytest.mark.parametrize("make", BUSES)
def test_a_whole_read_takes_what_it_gives(make):
    status, came, took_us, gone = lost_by(make(), 100)
    assert (status, came, gone) == (0, 700, 100)
    assert took_us == (700 + 3) * 9 * 1_000_000 // 400_000  # nine clocks a byte, three before


@pytest.mark.parametrize("make", BUSES)
def test_a_read_over_the_limit_gives_nothing_and_takes_words(make):
    bus = make()
    bus.limit(400_000, 10_000)
    status, came, took_us, gone = lost_by(bus, 100)
    # 700 bytes need 15.8 ms; within 10 ms the chip gives 442: 63 words, and one of the next
    assert (status, came, took_us) == (-ETIMEDOUT, 0, 10_000)
    assert gone == 64


@pytest.mark.parametrize("make", BUSES)
def test_nobody_answers_within_three_bytes(make):
    status, came, took_us = make().read(WHO_AM_I, 1, address=0x6B)
    assert (status, came, took_us) == (-ENODEV, b"", 67)


@pytest.mark.parametrize("freq_hz", [100_000, 400_000])
@pytest.mark.parametrize("timeout_us", [400, 9_000, 50_000])
@pytest.mark.parametrize("words", [1, 17, 90])
def test_both_lose_the_same(freq_hz, timeout_us, words):
    found = []
    for make in BUSES:
        bus = make()
        bus.limit(freq_hz, timeout_us)
        for register, value in ON:
            bus.write(register, bytes([value]))
        bus.wait(3_000_000)
        found.append([bus.read(TAG, 7 * words), bus.read(STATUS1, 1), bus.read(TAG, 7)])
    assert found[0] == found[1]
