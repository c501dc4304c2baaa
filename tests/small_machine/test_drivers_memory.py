"""No driver takes of the heap in a drain: each runs in MicroPython, its answers on a tape."""

from array import array

import pytest
import small_kit
from drivers import GAP_OVERRUN, MAX_RUN, bmi270, find
from fakes.worlds import SineWorld
from notturno.virtualband.chips import model, models
from notturno.virtualband.chips.bmi270 import stand_in
from notturno.virtualband.chips.bus import Clock, FakeI2C

HEAP = "256K"


class Recorded(FakeI2C):
    """A bus that keeps what was read, in order."""

    def __init__(self, *rest):
        super().__init__(*rest)
        self.answers = bytearray()

    def readfrom_mem_into(self, address, register, buf):
        super().readfrom_mem_into(address, register, buf)
        self.answers += buf


def record(name):
    """Return (driver, answers, samples of each drain): a quiet minute, and one overrun."""
    chip = model(name)(SineWorld(400, 2.0), 1)
    clock = Clock(1000)
    bus = Recorded({chip.address: chip}, clock)
    imu = find.find(bus, clock.sleep_ms)
    bus.answers.clear()  # what the search asked
    imu.start()
    buf = array("H", [0] * (3 * MAX_RUN))
    counts = []
    for turn in range(24):
        due_ms = imu.watermark * 1_000_000 // imu.odr_mhz
        clock.sleep_ms(20 * due_ms if turn == 12 else due_ms)
        counts.append(imu.drain_into(buf))
        while imu.more:
            counts.append(imu.drain_into(buf))
    return type(imu), bytes(bus.answers), counts


@pytest.mark.parametrize("name", sorted(models()))
def test_a_drain_takes_nothing(name, tmp_path, firmware, monkeypatch):
    config = tmp_path / "bmi270.bin"
    config.write_bytes(stand_in())
    monkeypatch.setattr(bmi270, "CONFIG", str(config))
    driver, answers, counts = record(name)
    (tmp_path / "tape.bin").write_bytes(answers)
    module = driver.__module__.removeprefix("drivers.")
    arguments = (module, driver.__name__, tmp_path / "tape.bin", len(counts), config)
    drains = small_kit.run_unix("tape.py", firmware, HEAP, *arguments)
    assert [drain["n"] for drain in drains] == counts and max(counts) >= min(
        21, driver.fifo_samples // 2
    )
    assert [drain["gap"] for drain in drains].count(GAP_OVERRUN) == 1
    assert {drain["taken"] for drain in drains} == {0}
