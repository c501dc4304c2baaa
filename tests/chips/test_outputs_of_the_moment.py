"""A chip's outputs are those of the moment at which they are read, one by one and in a burst."""

import pytest
from fakes.worlds import StillWorld
from notturno.virtualband.chips import model

MS, S = 1000, 1_000_000


class WarmingWorld(StillWorld):
    """A tenth of a degree more each second, from 20 degC."""

    def temperature_c(self, t_s):
        return 20.0 + t_s / 10


def part(name, world=None):
    chip = model(name)(world or WarmingWorld(), 1, odr_error=0.0, offset_mg=(0, 0, 0))
    chip.converter.sensitivity[:] = 1.0
    return chip


def number(data, order):
    return int.from_bytes(data, order, signed=True)


# Register of the temperature, order of its bytes, counts a degree, degrees at zero.
THERMOMETERS = {
    "LSM6DSOX": (0x20, "little", 256, 25.0),
    "LSM6DS3TR-C": (0x20, "little", 256, 25.0),
    "MPU-6050": (0x41, "big", 340, 36.53),
    "MPU-6500": (0x41, "big", 333.87, 21.0),
    "MPU-6886": (0x41, "big", 326.8, 25.0),
    "ICM-42688-P": (0x1D, "little", 132.48, 25.0),
    "BMI270": (0x22, "little", 512, 23.0),
}


@pytest.mark.parametrize("name", THERMOMETERS)
@pytest.mark.parametrize("at_s", [10, 100])
def test_a_thermometer_shows_the_world_of_the_second_in_which_it_is_read(name, at_s):
    reg, order, per_c, zero_c = THERMOMETERS[name]
    chip = part(name)
    if name == "ICM-42688-P":  # the other order of bytes is the one after power-on
        chip.write(0x4C, b"\x20", S)
    if name == "BMI270":
        chip._regs[0x21], chip._regs[0x7D] = 1, 0x08
    found = number(chip.read(reg, 2, at_s * S), order)
    assert found == round((20.0 + at_s / 10 - zero_c) * per_c)


# What is written, until samples come; the place of the temperature in one; its counts a degree.
IN_A_PACKET = {
    "MPU-6886": (
        ((0x6B, 0x00), (0x19, 0x09), (0x1A, 0x03), (0x23, 0x08), (0x6A, 0x40)),
        *(slice(6, 8), "big", 326.8, 25.0),
    ),
    "ICM-42688-P": (
        ((0x50, 0x48), (0x5F, 0x05), (0x4E, 0x03), (0x16, 0x40)),
        *(slice(7, 8), "big", 2.07, 25.0),
    ),
}


@pytest.mark.parametrize("name", IN_A_PACKET)
def test_a_packets_temperature_is_of_its_time(name):
    writes, where, order, per_c, zero_c = IN_A_PACKET[name]
    chip, at_us = part(name), 200 * S
    for reg, value in writes:
        chip.write(reg, bytes([value]), at_us)
        at_us += MS
    packet = chip.read(chip.FIFO_OUT, 8, at_us + 11 * MS)
    # all that are prepared at once have one; none is older than 2.6 s
    assert number(packet[where], order) == pytest.approx((40.0 - zero_c) * per_c, abs=1)


# The first register of the three axes, the order of bytes, what is written, 2100 mg at 4 g.
AXES = {
    "LSM6DSOX": (0x28, "little", ((0x12, 0x44), (0x10, 0x48)), 17_213),
    "LSM6DS3TR-C": (0x28, "little", ((0x12, 0x44), (0x10, 0x48)), 17_213),
    "MPU-6050": (0x3B, "big", ((0x6B, 0x00), (0x1A, 0x03), (0x1C, 0x08)), 17_203),
    "ICM-42688-P": (0x1F, "big", ((0x50, 0x48), (0x4E, 0x03)), 17_203),
}


class Quiet:
    """No noise."""

    def standard_normal(self, shape):
        return 0.0


@pytest.mark.parametrize("name", AXES)
def test_each_byte_of_an_output_may_be_read_alone(name):
    """A new part each time, so that no reading before has brought a register up to date."""
    first, order, writes, counts = AXES[name]
    expected = b"".join(each.to_bytes(2, order, signed=True) for each in (counts, -counts, 1))
    for place in range(6):
        chip = part(name, StillWorld((2100, -2100, 0.122)))
        chip.converter._aside_rng = Quiet()
        for k, (reg, value) in enumerate(writes):
            chip.write(reg, bytes([value]), S + k * MS)
        assert chip.read(first + place, 1, 2 * S) == expected[place : place + 1]


def lsm6dsox():
    """Return a part that streams at 104 Hz with its time stamps on, three seconds ago."""
    chip = part("LSM6DSOX")
    for reg, value in ((0x12, 0x44), (0x19, 0x20), (0x07, 2), (0x09, 4), (0x10, 0x48), (0x0A, 6)):
        chip.write(reg, bytes([value]), S)
    return chip


@pytest.mark.parametrize(("first", "n"), [(0x20, 2), (0x3A, 2), (0x40, 4)])
def test_a_register_of_an_lsm6dsox_read_alone_is_that_of_a_burst(first, n):
    together = lsm6dsox().read(first, n, 4 * S)
    for place in range(n):
        assert lsm6dsox().read(first + place, 1, 4 * S) == together[place : place + 1]
        assert lsm6dsox().read(first + place - 1, 2, 4 * S)[1:] == together[place : place + 1]
    assert (
        together
        == {
            # 20.4 degC; 312 samples of 104.17 Hz, watermark reached; 4 s in steps of 25 us
            0x20: round(-4.6 * 256).to_bytes(2, "little", signed=True),
            0x3A: bytes([312 & 255, 312 >> 8 | 0x80]),
            0x40: (160_000).to_bytes(4, "little"),
        }[first]
    )


@pytest.mark.parametrize(
    ("reg", "on", "off"), [(0x0D, "int1", "int2"), (0x0E, "int2", "int1")], ids=["INT1", "INT2"]
)
@pytest.mark.parametrize(
    ("bit", "after_samples"), [(0x08, 2), (0x10, 514), (0x20, 511)], ids=["mark", "lost", "full"]
)
def test_each_pin_of_an_lsm6dsox_follows_the_flags_that_its_own_register_names(
    reg, on, off, bit, after_samples
):
    """Watermark of 2; full is 511 words; the 513th overwrites one. H_LACTIVE turns the level."""
    chip = lsm6dsox()
    chip.write(reg, bytes([bit]), S)
    period_us = 1e6 * 64 / 6667
    for samples, level in ((after_samples - 2, 0), (after_samples, 1)):
        at_us = S + round((samples + 0.5) * period_us)
        assert getattr(chip, on)(at_us) == level and getattr(chip, off)(at_us) == 0
    chip.write(0x12, b"\x64", at_us)
    assert getattr(chip, on)(at_us) == 0 and getattr(chip, off)(at_us) == 1


@pytest.mark.parametrize(("reg", "pin"), [(0x0D, "int1"), (0x0E, "int2")])
@pytest.mark.parametrize("bit", [0x01, 0x02, 0x04, 0x40, 0x80])
def test_a_pin_of_an_lsm6dsox_follows_no_other_flag_however_full_the_fifo(reg, pin, bit):
    chip = lsm6dsox()
    chip.write(reg, bytes([bit]), S)
    at_us = S + round(600 * 1e6 * 64 / 6667)
    assert getattr(chip, pin)(at_us) == 0
    chip.write(reg, bytes([bit | 0x20]), at_us)
    assert getattr(chip, pin)(at_us) == 1


# Until about 100 samples a second come; which registers empty the FIFO when 0 is written there.
GATHERING = {
    "LSM6DSOX": (((0x12, 0x44), (0x09, 4), (0x10, 0x48), (0x0A, 6)), {0x0A}),
    "LSM6DS3TR-C": (((0x12, 0x44), (0x08, 1), (0x10, 0x48), (0x0A, 0x26)), {0x0A}),
    "MPU-6050": (((0x6B, 0), (0x19, 9), (0x1A, 3), (0x23, 8), (0x6A, 0x40)), set()),
    "ICM-42688-P": (((0x50, 0x48), (0x5F, 5), (0x4E, 3), (0x16, 0x40)), {0x16}),
    "BMI270": (((0x7C, 0), (0x48, 0), (0x49, 0x40), (0x7D, 0x0C)), {0x48, 0x49}),
}


def gathering(name):
    """Return (a part with one second of samples, the us of then)."""
    chip, at_us = part(name, StillWorld()), S
    if name == "BMI270":
        chip._regs[0x21] = 1
    for reg, value in GATHERING[name][0]:
        chip.write(reg, bytes([value]), at_us)
        at_us += MS
    return chip, at_us + S


@pytest.mark.parametrize("name", GATHERING)
def test_what_was_gathered_stays_whatever_else_is_written(name):
    chip, at_us = gathering(name)
    held = chip.level_bytes(at_us)
    assert held > 90 * chip.SAMPLE_BYTES
    for reg in set(range(128)) - GATHERING[name][1]:
        chip.write(reg, b"\0", at_us)
        if name == "LSM6DSOX" and reg in (0x09, 0x10, 0x15):
            held += 7  # a sample that never was: the configuration changed under the FIFO
        assert chip.level_bytes(at_us) == held, hex(reg)
    for reg in GATHERING[name][1]:
        other, at_us = gathering(name)
        other.write(reg, b"\0", at_us)
        assert other.level_bytes(at_us) == 0


def test_the_head_of_a_full_lsm6ds3trc_is_the_word_that_follows_what_was_dropped():
    """Of 3 n words 2048 are kept: 3 n - 2048 are gone, one more than whole samples."""
    chip, at_us = gathering("LSM6DS3TR-C")
    assert chip.read(0x3C, 1, at_us) == b"\0"
    assert chip.read(0x3C, 1, at_us + 7 * S) == b"\1"
    assert chip.read(0x3C, 1, at_us + 60 * S) == b"\1"


def slots_of(chip, at_us, n):
    """Return the slot counters of n words of an LSM6DSOX: bits 1 and 2 of each tag."""
    return [tag >> 1 & 3 for tag in chip.read(0x78, 7 * n, at_us)[::7]]


def streaming(world=None, **more):
    chip = model("LSM6DSOX")(world or StillWorld(), 1, odr_error=0.0, **more)
    for reg, value in ((0x12, 0x44), (0x09, 4), (0x10, 0x48), (0x0A, 6)):
        chip.write(reg, bytes([value]), S)
    return chip


def test_the_slots_of_an_lsm6dsox_are_counted_from_one_and_none_is_left_out():
    chip = streaming()
    assert slots_of(chip, 2 * S, 9) == [1, 2, 3, 0, 1, 2, 3, 0, 1]
    chip.read(0x78, 7 * 95, 2 * S)  # all of the first second
    chip.write(0x09, b"\x04", 2 * S)  # leaves a word that never was, with the next number
    numbers = [1, *slots_of(chip, 3 * S, 100)]
    first = (9 + 95) % 4
    assert numbers[1:] == [(first + 1 + k) % 4 for k in range(100)]


class SoonWorld(StillWorld):
    """Settled for three samples of 104 Hz and no longer."""

    def foreseen_s(self, t_s):
        return 0.03


def test_samples_that_are_made_a_few_at_a_time_are_numbered_through():
    assert slots_of(streaming(SoonWorld()), 4 * S, 300) == [(1 + k) % 4 for k in range(300)]
    one, two = streaming(SoonWorld()), streaming()
    assert one.level_bytes(4 * S) == two.level_bytes(4 * S) == 7 * 312


def test_a_stamp_stands_before_the_first_of_so_many_samples():
    """AN5192: one time stamp for 8 samples; kinds 4 and 2 of a tag's five highest bits."""
    chip = model("LSM6DSOX")(StillWorld(), 1, odr_error=0.0)
    for reg, value in ((0x12, 0x44), (0x19, 0x20), (0x09, 4), (0x10, 0x48), (0x0A, 0x86)):
        chip.write(reg, bytes([value]), S)
    kinds = [tag >> 3 for tag in chip.read(0x78, 7 * 27, 2 * S)[::7]]
    assert kinds == [4, *[2] * 8] * 3


def test_a_sample_is_there_at_its_very_instant():
    chip = part("ICM-42688-P", StillWorld())
    for reg, value in ((0x50, 0x48), (0x5F, 5), (0x4E, 3)):
        chip.write(reg, bytes([value]), S)
    chip.write(0x16, b"\x40", S + MS)
    levels = [chip.level_bytes(S + MS + us) for us in (5_000, 9_999, 10_000, 19_999, 20_000)]
    assert levels == [0, 0, 8, 8, 16]


@pytest.mark.parametrize("name", ["LSM6DSOX", "LSM6DS3TR-C", "MPU-6050", "ICM-42688-P", "BMI270"])
def test_a_burst_over_the_last_register_goes_on_at_the_first(name):
    chip = part(name, StillWorld())
    chip._regs[0x7F], chip._regs[0] = 0xA5, 0x5A
    assert chip.read(0x7F, 2, S) == b"\xa5\x5a"
    if name not in ("LSM6DSOX",):
        assert chip.int1(S) == chip.int2(S) == 0  # not modelled
