"""The search for a chip on the bus: who is asked what, how often, and what a silence costs."""

import pytest
from drivers import FaultCounts, SensorLost, WrongChip, find
from notturno_core.sensors import FAMILIES
from scripted_bus import ScriptedBus

# By the makers: (driver, its identity's register, what it says, its addresses).
KNOWN = [
    ("Lsm6dsox", 0x0F, 0x6C, (0x6A, 0x6B)),
    ("Lsm6ds3trc", 0x0F, 0x6A, (0x6A, 0x6B)),
    ("Mpu6050", 0x75, 0x68, (0x68, 0x69)),
    ("Mpu6500", 0x75, 0x70, (0x68, 0x69)),
    ("Mpu6886", 0x75, 0x19, (0x68, 0x69)),
    ("Icm42688", 0x75, 0x47, (0x68, 0x69)),
    ("Lis3dh", 0x0F, 0x33, (0x18, 0x19)),
    ("Bmi270", 0x00, 0x24, (0x68, 0x69)),
]


class Alone(ScriptedBus):
    """A bus with one chip, or none: the other addresses do not answer."""

    def __init__(self, address=None, **regs):
        super().__init__(**regs)
        self.address = address
        self.tried = []

    def readfrom_mem_into(self, address, register, buf):
        self.asked.append((address, register, len(buf)))
        if address != self.address:
            raise OSError(19)
        self._refuse()
        buf[:] = bytes([self.regs.get(register, 0)] * len(buf))

    def writeto_mem(self, address, register, buf):
        self.tried.append((address, register, bytes(buf)))
        if address != self.address:
            raise OSError(19)


@pytest.mark.parametrize(("driver", "register", "says", "addresses"), KNOWN)
@pytest.mark.parametrize("place", [0, 1])
def test_each_chip_is_found_at_both_of_its_addresses(driver, register, says, addresses, place):
    bus = Alone(addresses[place], **{f"x{register:02X}": says})
    imu = find.find(bus, bus.sleep_ms)
    assert type(imu).__name__ == driver and imu.address == addresses[place]
    assert not imu.int1_high and bus.waits_ms == [] and bus.tried == []


def test_a_search_in_vain_asks_for_each_chip_in_five_rounds_five_milliseconds_apart():
    bus, helped = Alone(), []
    with pytest.raises(SensorLost) as error:
        find.find(
            *(bus, bus.sleep_ms),
            *(lambda: helped.append("made anew") or bus, lambda: helped.append("clocked free")),
        )
    assert len(bus.asked) == 5 * len(FAMILIES) * 2 and {n for _, _, n in bus.asked} == {1}
    assert bus.waits_ms == [5, 5, 5, 5]
    assert bus.tried == [(0x6A, 0x18, b"\xe2"), (0x6B, 0x18, b"\xe2")]
    assert helped == ["made anew", "clocked free", "made anew"]
    names = ", ".join(row[2] for row in FAMILIES)
    assert f"(known are {names})" in str(error.value)
    each = [row[:2] for row in bus.asked[: 2 * len(FAMILIES)]]
    known = [(address, register) for _, register, _, both in KNOWN for address in both]
    in_turn = iter(each)
    assert all(asked in in_turn for asked in known), "in this order, whoever stands between"
    assert each[-2:] == known[-2:], "whose register means nothing elsewhere"


def test_a_chip_that_no_family_knows_is_told_with_all_that_it_said():
    bus = Alone(0x69, x75=0x71, x00=0x05)
    with pytest.raises(WrongChip) as error:
        find.find(bus, bus.sleep_ms)
    assert "0x05 at 0x69 (register 0x00) and 0x71 at 0x69 (register 0x75)" in str(error.value)
    assert (error.value.sensor_id, error.value.address) == (0x05, 0x69)
    assert bus.tried == [], "it may be one that such a write harms"


def test_what_stands_for_a_chip_remembers_who_was_there():
    bus = Alone(0x68, x75=0x71)
    unfound = find.Unfound(bus, bus.sleep_ms)
    with pytest.raises(WrongChip):
        unfound.start()
    assert (unfound.sensor_id, unfound.address) == (0x00, 0x68)
    assert unfound.faults.transfers == 0
    bus.address = None
    for faults in (1, 2):
        with pytest.raises(SensorLost):
            unfound.found()
        assert unfound.faults.transfers == faults
    bus.address = 0x68
    bus.regs[0x75] = 0x68
    with pytest.raises(SensorLost, match="just come"):
        unfound.start()
    assert set(vars(FaultCounts()).values()) == {0}


@pytest.mark.parametrize(("says", "is_i3c"), [(0x6C, True), (0x6A, False)])
def test_a_chip_that_the_call_out_of_i3c_woke_says_so(says, is_i3c):
    bus = Alone(None, x0F=says)
    write = bus.writeto_mem

    def wakes(address, register, buf):
        bus.address = 0x6A
        write(address, register, buf)

    bus.writeto_mem = wakes
    imu = find.find(bus, bus.sleep_ms)
    assert imu.int1_high is is_i3c and bus.waits_ms == [5, 5]
