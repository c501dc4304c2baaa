"""Each chip's model against its maker's tables, register by register, without a driver.

Written out from the manuals that the models name, not from the models; what is an estimate stands
here as the estimate that it is. The LSM6DSOX has more in test_lsm6dsox_model.py.
"""

import math

import pytest
from fakes.worlds import RampWorld, StillWorld
from notturno.virtualband.chips import model
from notturno.virtualband.chips.bus import BusNak

MS, S = 1000, 1_000_000
NAMES = (
    *("LSM6DSOX", "LSM6DSO32", "LSM6DS3TR-C", "MPU-6050", "MPU-6500", "MPU-6886"),
    *("ICM-42688-P", "BMI270", "LIS3DH"),
)
each_chip = pytest.mark.parametrize("name", NAMES)


def part(name, world=None, temperature=26.0, **settings):
    """Return a part without errors: nominal rate, no offset, typical sensitivity."""
    world = world or StillWorld(temperature=temperature)
    settings = {"odr_error": 0.0, "offset_mg": (0, 0, 0), **settings}
    chip = model(name)(world, 1, **settings)
    chip.converter.sensitivity[:] = 1.0
    return chip


def byte(chip, reg, now_us):
    return chip.read(reg, 1, now_us)[0]


# --- as it comes up ------------------------------------------------------------------------------

# Every register that is not 0 behind a power-on at 26 degC, in power-down.
LSM = {0x0F: 0x6C, 0x12: 0x04, 0x18: 0xE0, 0x21: 0x01}
POWER_ON = {
    "LSM6DSOX": LSM,
    "LSM6DSO32": LSM,
    "LSM6DS3TR-C": {0x0F: 0x6A, 0x12: 0x04, 0x21: 0x01, 0x3B: 0x10},
    "MPU-6050": {0x75: 0x68, 0x6B: 0x40, 0x41: 0xF2, 0x42: 0x04},  # (26 - 36.53) * 340
    "MPU-6500": {0x75: 0x70, 0x6B: 0x01, 0x41: 0x06, 0x42: 0x85},  # (26 - 21) * 333.87
    "MPU-6886": {0x75: 0x19, 0x6B: 0x40, 0x1A: 0x80, 0x41: 0x01, 0x42: 0x47},  # 1 * 326.8
    "ICM-42688-P": {0x4C: 0x30, 0x4D: 0x91, 0x50: 0x06, 0x75: 0x47, 0x1E: 132},  # 1 * 132.48
    "BMI270": {
        **{0x00: 0x24, 0x40: 0xA8, 0x41: 0x02, 0x45: 0x88, 0x48: 0x02, 0x49: 0x10},
        **{0x7C: 0x03, 0x23: 0x80},  # 0x8000: no temperature
    },
    "LIS3DH": {0x0F: 0x33, 0x1E: 0x10, 0x20: 0x07, 0x2F: 0x20},  # the last: empty
}
MPU_OUTPUT = {"MPU-6500", "MPU-6886"}  # awake or not, nothing of the accelerometer is looked at


@each_chip
def test_the_registers_of_a_part_at_power_on(name):
    chip = part(name, StillWorld((0, 0, 0), 26.0))
    chip.converter._rng = chip.converter._aside_rng = type(
        "Quiet", (), {"standard_normal": staticmethod(lambda shape: 0.0)}
    )
    out = set(range(0x78, 0x7F)) if name.startswith("LSM6DSO") else {chip.FIFO_OUT}
    out |= {0x63} if name.startswith("LSM6DSO") else set()  # the part's own trim
    read = {reg: byte(chip, reg, 10 * MS) for reg in range(128) if reg not in out}
    assert {reg: value for reg, value in read.items() if value} == POWER_ON[name]


# How long a reset takes, us, and how the chip shows it: silence, or a bit of a register.
RESETS = {
    "LSM6DSOX": (0x12, 0x01, 50, 0x12, 0x01),
    "LSM6DSO32": (0x12, 0x01, 50, 0x12, 0x01),
    "LSM6DS3TR-C": (0x12, 0x01, 50, 0x12, 0x01),
    "MPU-6050": (0x6B, 0x80, 5000, 0x6B, 0x80),
    "MPU-6500": (0x6B, 0x80, 5000, 0x6B, 0x80),
    "MPU-6886": (0x6B, 0x80, 5000, 0x6B, 0x80),
    "ICM-42688-P": (0x11, 0x01, 1000, 0x75, None),
    "BMI270": (0x7E, 0xB6, 2000, 0x00, None),
}


@pytest.mark.parametrize("name", RESETS)  # a LIS3DH has none
def test_a_reset_lasts_as_long_as_its_manual_says(name):
    reg, code, lasts_us, shown_in, bit = RESETS[name]
    chip = part(name)
    chip.write(reg, bytes([code]), S)
    for late_us, busy in ((0, True), (lasts_us - 1, True), (lasts_us, False)):
        if bit:
            assert bool(byte(chip, shown_in, S + late_us) & bit) is busy
        elif busy:
            with pytest.raises(BusNak):
                chip.read(shown_in, 1, S + late_us)
            with pytest.raises(BusNak):
                chip.write(0x40, b"\x00", S + late_us)
        else:
            assert byte(chip, shown_in, S + late_us) == POWER_ON[name][shown_in]


def test_an_mpu_in_its_reset_takes_nothing():
    chip = part("MPU-6050")
    chip.write(0x19, b"\x09", 4999)
    assert byte(chip, 0x19, 6000) == 0
    chip.write(0x19, b"\x09", 5000)
    assert byte(chip, 0x19, 6000) == 9


def test_an_icm_that_wakes_takes_no_write_for_200_us():
    chip = part("ICM-42688-P")
    chip.write(0x4E, b"\x03", S)
    chip.write(0x50, b"\x48", S + 199)
    assert byte(chip, 0x50, S + 199) == 0x06
    chip.write(0x50, b"\x48", S + 200)
    assert byte(chip, 0x50, S + 200) == 0x48
    chip.write(0x4E, b"\x02", S + 300)  # awake already
    chip.write(0x50, b"\x08", S + 301)
    assert byte(chip, 0x50, S + 301) == 0x08


# Registers that read otherwise than written: outputs, identity, commands.
LSM_FIXED = {0x0F, *range(0x1A, 0x44), 0x63, *range(0x78, 0x7F)}
MPU_FIXED = {*range(0x3A, 0x49), 0x72, 0x73, 0x74, 0x75}
FIXED = {
    "LSM6DSOX": LSM_FIXED,
    "LSM6DSO32": LSM_FIXED,
    "LSM6DS3TR-C": {0x0F, *range(0x1A, 0x40)},
    "MPU-6050": MPU_FIXED,
    "MPU-6500": MPU_FIXED,
    "MPU-6886": MPU_FIXED,
    "ICM-42688-P": {*range(0x1D, 0x31), 0x4B, 0x75},
    "BMI270": {*range(0x40), 0x5E, 0x7E},
    "LIS3DH": {
        *(*range(0x1E), *range(0x27, 0x2E), 0x2F),
        *(0x31, 0x35, 0x39, *range(0x40, 0x80)),
    },
}


@each_chip
def test_which_registers_can_be_written(name):
    chip = part(name)
    fixed = set()
    for reg in range(128):
        chip.lose_power(S * (reg + 1))
        at_us = S * (reg + 1) + 10 * MS
        chip.write(reg, b"\x28", at_us)
        if byte(chip, reg, at_us + MS) != 0x28:
            fixed.add(reg)
    assert fixed == FIXED[name]


# --- rates, ranges, noise ------------------------------------------------------------------------


def set_up(name, regs, initialised=True):
    """Return a part with registers as given, whatever they took to be set."""
    chip = part(name)
    for reg, value in regs.items():
        chip._regs[reg] = value
    if name == "BMI270":
        chip._regs[0x21] = initialised
    return chip


ST_HZ = {n: 6667 / 2 ** (10 - n) for n in range(1, 11)}
RATES = {
    "LSM6DSOX": ({}, 0x10, 4, ST_HZ),
    "LSM6DSO32": ({}, 0x10, 4, ST_HZ),
    "LSM6DS3TR-C": ({}, 0x10, 4, ST_HZ),
    "ICM-42688-P": (
        {0x4E: 3},
        *(0x50, 0, {6: 1000, 7: 200, 8: 100, 9: 50, 10: 25, 11: 12.5, 15: 500}),
    ),
    "BMI270": (
        {0x7D: 4},
        *(0x40, 0),
        {
            **{1: 0.78125, 2: 1.5625, 3: 3.125, 4: 6.25, 5: 12.5, 6: 25, 7: 50, 8: 100},
            **{9: 200, 10: 400, 11: 800, 12: 1600},
        },
    ),
    "LIS3DH": ({}, 0x20, 4, {1: 1, 2: 10, 3: 25, 4: 50, 5: 100, 6: 200, 7: 400, 9: 1344}),
}


@pytest.mark.parametrize("name", RATES)
def test_every_rate_code(name):
    more, reg, shift, known_hz = RATES[name]
    for code in range(16):
        chip = set_up(name, {**more, reg: code << shift})
        assert chip.rate_hz == pytest.approx(known_hz.get(code, 0))


@pytest.mark.parametrize("name", ["LSM6DSOX", "LSM6DSO32"])
def test_the_slowest_rate_is_of_low_power(name):
    assert set_up(name, {0x10: 0xB0, 0x15: 0x10}).rate_hz == pytest.approx(1.6, abs=0.03)


@pytest.mark.parametrize(("code", "hz"), [(5, 100), (8, 1600), (9, 5376)])
def test_a_lis3dh_of_low_power_has_two_rates_more_and_eight_bits(code, hz):
    chip = set_up("LIS3DH", {0x20: code << 4 | 0x08})
    assert chip.rate_hz == hz
    for ctrl_1, ctrl_4, clear in ((0x57, 0x88, 0x0F), (0x57, 0x80, 0x3F), (0x5F, 0x80, 0xFF)):
        chip = part("LIS3DH", StillWorld((10.3, 700.7, -333.3)))
        for reg, value in ((0x23, ctrl_4), (0x20, ctrl_1)):
            chip.write(reg, bytes([value]), S)
        low = chip.read(0xA8, 6, 2 * S)[::2]
        assert [byte & clear for byte in low] == [0, 0, 0]


def test_a_lis3dhs_fifo_holds_32_and_says_so_until_it_is_read():
    """OVRN comes with the 32nd sample, of which the count says 31; bypass empties."""
    chip = part("LIS3DH", RampWorld(mg_per_s=1000.0))
    for reg, value in ((0x23, 0x98), (0x24, 0x40), (0x2E, 0x8A), (0x20, 0x57)):
        chip.write(reg, bytes([value]), S)
    source = ((0, 0x20), (1, 1), (10, 10), (11, 0x80 | 11), (31, 0x80 | 31), (32, 0xC0 | 31))
    for samples, said in (*source, (40, 0xC0 | 31)):
        assert byte(chip, 0x2F, S + samples * 10 * MS + 5 * MS) == said
    data = chip.read(0xA8, 192, S + 405 * MS)
    x_mg = [int.from_bytes(data[k : k + 2], "little", signed=True) / 8 for k in range(0, 192, 6)]
    assert [b - a for a, b in zip(x_mg, x_mg[1:], strict=False)] == pytest.approx([10] * 31, abs=9)
    assert byte(chip, 0x2F, S + 405 * MS) == 0x20
    assert byte(chip, 0x2F, S + 455 * MS) == 5
    chip.write(0x2E, b"\x00", S + 456 * MS)
    assert byte(chip, 0x2F, S + 456 * MS) == 0x20


def test_a_lis3dhs_burst_wants_the_high_bit_of_its_address():
    chip = part("LIS3DH")
    assert chip.read(0x0F, 3, S) == b"\x33" * 3
    chip.write(0xA0, b"\x57\x01\x02", S)
    assert chip.read(0xA0, 3, S) == b"\x57\x01\x02"


@pytest.mark.parametrize("name", ["MPU-6050", "MPU-6500", "MPU-6886"])
def test_an_mpu_divides_one_kilohertz_or_eight_without_a_filter(name):
    for divider in (0, 4, 9, 19, 39, 255):
        for code in range(8):
            hz = 8000 if code in (0, 7) else 1000
            chip = set_up(name, {0x6B: 0, 0x19: divider, 0x1A: code})
            assert chip.rate_hz == pytest.approx(hz / (divider + 1))
    assert set_up(name, {0x6B: 0x40, 0x19: 9, 0x1A: 3}).rate_hz == 0  # asleep


@pytest.mark.parametrize(("power", "runs"), [(0, 0), (1, 0), (2, 1), (3, 1), (0x0C, 0)])
def test_an_icm_runs_in_two_of_four_modes(power, runs):
    assert bool(set_up("ICM-42688-P", {0x4E: power, 0x50: 8}).rate_hz) == bool(runs)


@pytest.mark.parametrize(
    ("low", "high", "at"), [(0, 0, 0), (1, 0, 2), (0x0F, 0, 30), (0xF3, 0, 6), (2, 1, 36)]
)
def test_a_piece_of_a_bmi270s_program_goes_where_two_registers_say(low, high, at):
    """BST-BMI270-DS000, INIT_ADDR_0 (4 bits) and INIT_ADDR_1 (8): the address counts words."""
    chip = part("BMI270")
    chip._regs[0x7C] = 0
    chip._regs[0x5B], chip._regs[0x5C] = low, high
    chip._load(b"\xa5\x5a")
    assert [i for i, byte in enumerate(chip._program) if byte] == [at, at + 1]
    assert len(chip._program) == 8192
    for saving, loading in ((1, 0), (0, 1)):  # power is saved, or the start has been told
        chip._regs[0x7C], chip._regs[0x59] = saving, loading
        chip._load(b"\1\1")
        assert chip._program[at] == 0xA5


def test_a_bmi270_runs_with_its_program_and_its_accelerometer_on():
    assert set_up("BMI270", {0x7D: 4}).rate_hz == 100
    assert set_up("BMI270", {0x7D: 8}).rate_hz == 0
    assert set_up("BMI270", {0x7D: 4}, initialised=False).rate_hz == 0


# By range code, 1/1000 mg a count.
ST_UG, TWOS_UG = (61, 488, 122, 244), (61.0352, 122.0703, 244.1406, 488.2813)
RANGES = {
    "LSM6DSOX": (0x10, 2, ST_UG),
    "LSM6DSO32": (0x10, 2, (122, 976, 244, 488)),
    "LSM6DS3TR-C": (0x10, 2, ST_UG),
    "MPU-6050": (0x1C, 3, TWOS_UG),
    "MPU-6500": (0x1C, 3, TWOS_UG),
    "MPU-6886": (0x1C, 3, TWOS_UG),
    "ICM-42688-P": (0x50, 5, TWOS_UG[::-1]),
    "BMI270": (0x41, 0, TWOS_UG),
    "LIS3DH": (0x23, 4, (62.5, 125, 250, 750)),  # 1, 2, 4, 12 mg of twelve bits, in sixteen
}


@each_chip
def test_every_range_code(name):
    reg, shift, scales = RANGES[name]
    for code, ug_per_lsb in enumerate(scales):
        chip = set_up(name, {reg: code << shift})
        assert chip._scale(100.0)[0] == pytest.approx(ug_per_lsb, rel=1e-5)


# Noise: 1/1000 mg per root of Hz within the band that the filter leaves, or in low power whole.
DENSITIES = {
    "LSM6DSOX": ((70, 110, 75, 80), (1.8, 3.0, 2.0, 2.4)),
    "LSM6DSO32": ((110, 180, 120, 130), (2.8, 4.8, 3.0, 3.4)),
    "LSM6DS3TR-C": ((90, 130, 90, 110), (1.7, 3.0, 2.0, 2.4)),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_the_noise_of_an_st_by_its_range_and_mode(name):
    for code in range(4):
        density_ug, low_power_mg = DENSITIES[name][0][code], DENSITIES[name][1][code]
        quiet, loud = set_up(name, {0x10: code << 2}), set_up(name, {0x10: code << 2, 0x15: 0x10})
        assert quiet._scale(200.0)[1] == pytest.approx(density_ug / 1000 * 10)
        assert loud._scale(200.0)[1] == low_power_mg


@pytest.mark.parametrize(
    ("name", "filter_reg", "density_ug"),
    [("MPU-6050", 0x1A, 400), ("MPU-6500", 0x1D, 300), ("MPU-6886", 0x1D, 100)],
)
def test_the_noise_of_an_mpu_by_its_filter(name, filter_reg, density_ug):
    for code, hz in enumerate((218, 218, 99, 45, 21, 10, 5, 420)):  # RM-MPU-6500A, rounded
        chip = set_up(name, {filter_reg: code})
        assert chip._scale(100.0)[1] == pytest.approx(density_ug * math.sqrt(hz) / 1000)


def test_the_noise_of_the_others():
    icm = set_up("ICM-42688-P", {0x50: 0x48})
    assert icm._scale(100.0)[1] == pytest.approx(70 * 5 / 1000)  # a quarter of the rate
    for code, share in enumerate((0.16, 0.3, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4)):
        bmi = set_up("BMI270", {0x40: 0x88 | code << 4})
        assert bmi._scale(100.0)[1] == pytest.approx(160 * math.sqrt(100 * share) / 1000)


# --- parts differ --------------------------------------------------------------------------------

# Up to how far a part's rate is drawn, and may be set; the spread of its offset, mg by axis.
PARTS = {
    "LSM6DSOX": (0.02, 0.025, (8, 8, 8)),
    "LSM6DSO32": (0.02, 0.025, (8, 8, 8)),
    "LSM6DS3TR-C": (0.02, 0.025, (13, 13, 13)),
    "MPU-6050": (0.02, 0.05, (25, 25, 40)),
    "MPU-6500": (0.02, 0.05, (25, 25, 40)),
    "MPU-6886": (0.02, 0.05, (20, 20, 20)),
    "ICM-42688-P": (0.02, 0.03, (10, 10, 10)),
    "BMI270": (0.02, 0.03, (10, 10, 10)),
    "LIS3DH": (0.05, 0.1, (20, 20, 20)),
}


@each_chip
def test_how_far_parts_differ(name):
    drawn, worst, spread_mg = PARTS[name]
    many = [model(name)(StillWorld(), seed) for seed in range(400)]
    errors = [chip.odr_error for chip in many]
    assert -drawn <= min(errors) < -0.97 * drawn and 0.97 * drawn < max(errors) <= drawn
    for axis in range(3):
        off_mg = math.sqrt(sum(chip.converter.offset_mg[axis] ** 2 for chip in many) / len(many))
        assert off_mg == pytest.approx(spread_mg[axis], rel=0.12)
        off = sum((chip.converter.sensitivity[axis] - 1) ** 2 for chip in many) / len(many)
        assert math.sqrt(off) == pytest.approx(0.003, rel=0.12)
    for sign in (1, -1):
        part(name, odr_error=sign * worst)
        with pytest.raises(ValueError, match=str(worst)):
            part(name, odr_error=sign * (worst + 1e-4))


def test_no_two_kinds_of_chip_draw_the_same():
    kinds = {name: model(name).KEY for name in NAMES if name != "LSM6DSO32"}
    assert len(set(kinds.values())) == len(kinds)


# --- the FIFO ------------------------------------------------------------------------------------

# (register, value) in turn, a millisecond apart, until samples of about 100 Hz and 4 g come;
# of which bytes; how many bytes the FIFO holds.
MPU_ON = ((0x6B, 0x00), (0x19, 0x09), (0x1A, 0x03), (0x1C, 0x08), (0x23, 0x08), (0x6A, 0x40))
ICM_ON = ((0x4C, 0x20), (0x50, 0x48), (0x5F, 0x05), (0x4E, 0x03), (0x16, 0x40))
BMI_ON = ((0x7C, 0), (0x40, 0xA8), (0x41, 0x01), (0x48, 0), (0x49, 0x40), (0x7D, 0x0C))
FIFOS = {
    "LSM6DS3TR-C": (((0x12, 0x44), (0x08, 1), (0x10, 0x48), (0x0A, 0x26)), 6, 4096, 104.17),
    "MPU-6050": (MPU_ON, 6, 1024, 100),
    "MPU-6500": (MPU_ON, 6, 512, 100),
    "MPU-6886": (MPU_ON, 8, 1024, 100),
    "ICM-42688-P": (ICM_ON, 8, 2048, 100),
    "BMI270": (BMI_ON, 6, 2046, 100),  # 341 whole frames
    "LIS3DH": (((0x23, 0x98), (0x24, 0x40), (0x2E, 0x80), (0x20, 0x57)), 6, 192, 100),
}
STOPS_WHEN_FULL = {  # register and value in the place of that above
    "LSM6DS3TR-C": (0x0A, 0x21),
    "MPU-6500": (0x1A, 0x43),
    "MPU-6886": (0x1A, 0x43),
    "ICM-42688-P": (0x16, 0x80),
    "BMI270": (0x48, 0x01),
}
each_plain = pytest.mark.parametrize("name", FIFOS)


def running(name, world=None, other=None, **settings):
    """Return (a part that gathers, the us at which it began)."""
    chip = part(name, world, **settings)
    now_us = 10 * MS
    if name == "BMI270":
        chip._regs[0x21] = 1
    for reg, value in FIFOS[name][0]:
        if other and other[0] == reg:
            value = other[1]
        chip.write(reg, bytes([value]), now_us)
        now_us += MS
    return chip, now_us - MS


@each_plain
def test_a_sample_comes_each_period(name):
    _, size, _, hz = FIFOS[name]
    chip, began_us = running(name)
    for n in (1, 2, 25):
        at_us = began_us + round(n * S / hz)
        assert chip.level_bytes(at_us - 200) == (n - 1) * size
        assert chip.level_bytes(at_us + 200) == n * size


def said_of_level(name, chip, now_us):
    """Return (level, lost) as the registers say them: bytes, and whether a sample was lost."""
    if name == "LSM6DS3TR-C":
        low, high = chip.read(0x3A, 2, now_us)
        return 2 * (low | (high & 7) << 8), bool(high & 0x40)
    if name == "ICM-42688-P":
        lost = bool(chip.read(0x2D, 1, now_us)[0] & 0x02)
        return int.from_bytes(chip.read(0x2E, 2, now_us), "big"), lost
    if name == "BMI270":
        lost = bool(chip.read(0x1D, 1, now_us)[0] & 0x01)
        return int.from_bytes(chip.read(0x24, 2, now_us), "little"), lost
    lost = bool(chip.read(0x3A, 1, now_us)[0] & 0x10)
    return int.from_bytes(chip.read(0x72, 2, now_us), "big"), lost


@pytest.mark.parametrize("name", [name for name in FIFOS if name != "LIS3DH"])
def test_a_fifo_is_as_deep_as_its_maker_says_and_tells_once_that_it_lost(name):
    _, size, deep, hz = FIFOS[name]
    chip, began_us = running(name)
    just_us = began_us + int((deep // size + 0.5) * S / hz)
    assert said_of_level(name, chip, just_us) == (deep // size * size & 0xFFE, False) or (
        name == "LSM6DS3TR-C"  # 2046 words
    )
    level, lost = said_of_level(name, chip, just_us + round(2 * S / hz))
    assert lost and (level == deep or name == "LSM6DS3TR-C" and level == deep % 4096)
    if name == "LSM6DS3TR-C":  # until words are read
        chip.read(0x3E, 6, just_us)
    assert not said_of_level(name, chip, just_us + round(2 * S / hz))[1]


@pytest.mark.parametrize("name", STOPS_WHEN_FULL)
def test_a_fifo_keeps_the_newest_or_as_told_the_oldest(name):
    _, size, deep, _ = FIFOS[name]
    oldest_mg = {}
    for other in (None, STOPS_WHEN_FULL[name]):
        chip, began_us = running(name, RampWorld(mg_per_s=100.0), other)
        data = chip.read(chip.FIFO_OUT, deep, began_us + 20 * S)
        order = "big" if name.startswith("MPU") else "little"
        first = 1 if name == "ICM-42688-P" else 0
        cut = (deep - size) // size * size if other else deep - size
        x = int.from_bytes(data[cut + first : cut + first + 2], order, signed=True) * 0.122
        oldest_mg[other] = x
    assert oldest_mg[None] == pytest.approx(2000, abs=20)
    assert oldest_mg[STOPS_WHEN_FULL[name]] < 750


@each_plain
def test_what_a_fifo_gives_that_is_empty(name):
    chip, began_us = running(name)
    filler = {"ICM-42688-P": b"\x80" * 8, "BMI270": b"\x00\x80" * 4}.get(name, bytes(8))
    assert chip.read(chip.FIFO_OUT, 8, began_us + 100) == filler


def test_a_packet_of_an_icm():
    chip, began_us = running("ICM-42688-P", temperature=73.0)
    packet = chip.read(0x30, 8, began_us + 11 * MS)
    assert packet[0] == 0x40 and packet[7] == 99  # accelerometer; 48 degrees of 2.07 counts
    z = int.from_bytes(packet[5:7], "little", signed=True)
    assert z * 0.12207 == pytest.approx(1000, abs=3)
    hot, began_us = running("ICM-42688-P", temperature=99.0)
    assert hot.read(0x30, 8, began_us + 11 * MS)[7] == 127


@pytest.mark.parametrize("config", [0x00, 0x10, 0x20, 0x30, 0x40, 0x60, 0x70])
def test_the_order_of_bytes_of_an_icm_is_set(config):
    """INTF_CONFIG0: b4 the data, b5 the count high byte first, b6 packets counted, not bytes."""
    chip, began_us = running("ICM-42688-P", other=(0x4C, config), temperature=35.0)
    at_us = began_us + 55 * MS
    count = chip.read(0x2E, 2, at_us)
    assert int.from_bytes(count, "big" if config & 0x20 else "little") == (
        5 if config & 0x40 else 40
    )
    order = "big" if config & 0x10 else "little"
    assert int.from_bytes(chip.read(0x1D, 2, at_us), order) == 1325
    z = int.from_bytes(chip.read(0x23, 2, at_us), order, signed=True)
    in_packet = int.from_bytes(chip.read(0x30, 8, at_us)[5:7], order, signed=True)
    assert z * 0.12207 == pytest.approx(1000, abs=3) == in_packet * 0.12207


def test_a_packet_of_an_mpu6886_ends_with_its_temperature():
    chip, began_us = running("MPU-6886", temperature=35.0)
    packet = chip.read(0x74, 8, began_us + 11 * MS)
    assert packet[6:] == (3268).to_bytes(2, "big")
    assert int.from_bytes(packet[4:6], "big", signed=True) * 0.12207 == pytest.approx(1000, abs=9)


def test_the_words_of_an_lsm6ds3trc_are_counted_and_their_place_in_a_sample_told():
    chip, began_us = running("LSM6DS3TR-C")
    at_us = began_us + S  # 104 samples: 312 words
    assert chip.read(0x3A, 3, at_us) == bytes([312 & 255, 312 >> 8, 0])
    for words, pattern in ((1, 1), (1, 2), (1, 0), (5, 2)):
        chip.read(0x3E, 2 * words, at_us)
        assert byte(chip, 0x3C, at_us) == pattern
    assert int.from_bytes(chip.read(0x3A, 2, at_us), "little") == 304
    chip.read(0x3F, 1, at_us)  # the high byte alone takes the word too
    assert int.from_bytes(chip.read(0x3A, 2, at_us), "little") == 303
    chip.write(0x0A, b"\x00", at_us)
    assert chip.read(0x3A, 3, at_us) == b"\x00\x10\x00"  # bypass: empty, from the beginning
    full, began_us = running("LSM6DS3TR-C")
    for samples, said in ((681, 0), (682, 0x20)):
        assert byte(full, 0x3B, began_us + int((samples + 0.5) * S / 104.17)) & 0x70 == said


@pytest.mark.parametrize(
    ("code", "divided"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 8), (6, 16), (7, 32)]
)
def test_an_lsm6ds3trc_takes_every_nth_sample(code, divided):
    chip, began_us = running("LSM6DS3TR-C", other=(0x08, code))
    samples = 104 // divided if divided else 0
    assert chip.level_bytes(began_us + S) == 6 * samples


@pytest.mark.parametrize(("fifo_code", "samples"), [(2, 26), (3, 52), (4, 104), (5, 104), (0, 0)])
def test_an_lsm6ds3trcs_fifo_has_a_rate_of_its_own(fifo_code, samples):
    chip, began_us = running("LSM6DS3TR-C", other=(0x0A, fifo_code << 3 | 6))
    assert chip.level_bytes(began_us + S) == 6 * samples


@pytest.mark.parametrize(
    ("name", "reg", "value"),
    [
        ("MPU-6050", 0x23, 0x10),  # the gyroscope's bit
        ("MPU-6050", 0x6A, 0x20),
        ("ICM-42688-P", 0x5F, 0x04),
        ("ICM-42688-P", 0x16, 0x00),
        ("BMI270", 0x49, 0x50),  # with headers: not modelled
        ("BMI270", 0x49, 0x80),
        ("LSM6DS3TR-C", 0x0A, 0x20),
        ("LIS3DH", 0x24, 0x00),
        ("LIS3DH", 0x2E, 0x00),
    ],
)
def test_a_fifo_that_is_not_told_to_gathers_nothing(name, reg, value):
    chip, began_us = running(name, other=(reg, value))
    assert chip.level_bytes(began_us + S) == 0


def test_a_bmi270_of_unfiltered_data_gathers_nothing():
    chip, began_us = running("BMI270")
    chip._regs[0x45] = 0x08
    assert chip.level_bytes(began_us + S) == 0


@pytest.mark.parametrize(
    ("name", "reg", "value"),
    [
        ("MPU-6050", 0x6A, 0x44),
        ("ICM-42688-P", 0x4B, 0x02),
        ("ICM-42688-P", 0x16, 0x00),
        ("BMI270", 0x7E, 0xB0),
        ("BMI270", 0x48, 0x00),
        ("LSM6DS3TR-C", 0x0A, 0x00),
    ],
)
def test_a_fifo_is_emptied_as_its_maker_says(name, reg, value):
    chip, began_us = running(name)
    assert chip.level_bytes(began_us + S) > 500
    chip.write(reg, bytes([value]), began_us + S)
    assert chip.level_bytes(began_us + S) == 0
    if (name, reg) == ("MPU-6050", 0x6A):
        assert byte(chip, 0x6A, began_us + S) == 0x40  # the reset bit clears itself


def test_a_burst_of_the_fifo_stays_at_its_register_also_in_writing():
    for name in ("MPU-6050", "ICM-42688-P"):
        chip, began_us = running(name)
        chip.write(chip.FIFO_OUT, b"\x01\x02\x03", began_us)
        assert byte(chip, chip.FIFO_OUT + 1, began_us) == POWER_ON[name].get(chip.FIFO_OUT + 1, 0)


# --- temperature, and what a burst of registers gives --------------------------------------------


@pytest.mark.parametrize(
    ("name", "reg", "degrees", "read"),
    [
        ("LSM6DSOX", 0x20, 300.0, b"\xff\x7f"),
        ("LSM6DSOX", 0x20, -300.0, b"\x00\x80"),
        ("LSM6DS3TR-C", 0x20, 300.0, b"\xff\x7f"),
        ("LSM6DS3TR-C", 0x20, -300.0, b"\x00\x80"),
        ("MPU-6050", 0x41, 300.0, b"\x7f\xff"),
        ("MPU-6050", 0x41, -300.0, b"\x80\x00"),
        ("ICM-42688-P", 0x1D, 300.0, b"\x7f\xff"),
        ("ICM-42688-P", 0x1D, -300.0, b"\x80\x00"),
    ],
)
def test_a_thermometer_ends_at_sixteen_bits(name, reg, degrees, read):
    assert part(name, temperature=degrees).read(reg, 2, 10 * MS) == read


@pytest.mark.parametrize(
    ("on", "degrees", "read"),
    [(0x08, 24.0, b"\x00\x02"), (0x08, 22.0, b"\x00\xfe"), (0x04, 24.0, b"\x00\x80")],
)
def test_a_bmi270_says_its_temperature_where_that_is_on(on, degrees, read):
    chip = part("BMI270", temperature=degrees)
    chip._regs[0x21] = 1
    chip._regs[0x7D] = on
    assert chip.read(0x22, 2, 10 * MS) == read


# Where the three axes of the last conversion stand, and in which order of bytes.
OUTPUTS = {
    "LSM6DS3TR-C": (0x28, "little"),
    "MPU-6050": (0x3B, "big"),
    "ICM-42688-P": (0x1F, "little"),
    "BMI270": (0x0C, "little"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_output_registers_show_the_moment(name):
    reg, order = OUTPUTS[name]
    chip, began_us = running(name, StillWorld((250, -500, 1000)))
    data = chip.read(reg, 6, began_us + S)
    mg = [int.from_bytes(data[i : i + 2], order, signed=True) * 0.122 for i in (0, 2, 4)]
    assert mg == pytest.approx([250, -500, 1000], abs=12)
