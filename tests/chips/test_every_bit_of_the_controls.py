"""Each control register of each model with each of its 256 values: which bits mean what.

By the makers' register maps, as the models name them; the rest of a value means nothing here.
"""

import numpy as np
import pytest
from fakes.worlds import RampWorld, StillWorld
from notturno.virtualband.chips import model
from notturno.virtualband.chips.accelerometer import Converter

S = 1_000_000
EVERY = range(256)


def with_regs(name, **regs):
    """Return a part whose registers hold what is given (x10=0x48), whatever came before."""
    chip = model(name)(StillWorld(), 1, odr_error=0.0, offset_mg=(0, 0, 0))
    if name == "BMI270":
        chip._regs[0x21] = 1
    for reg, value in regs.items():
        chip._regs[int(reg[1:], 16)] = value
    return chip


# What runs a chip's FIFO: registers that are right, the one that varies, which values do it.
RUNS = [
    ("BMI270", {"x7D": 4, "x40": 8, "x49": 0x40, "x45": 0x80}, "x7D", lambda v: v & 0x04),
    ("BMI270", {"x7D": 4, "x40": 8, "x45": 0x80}, "x49", lambda v: v & 0x50 == 0x40),
    ("BMI270", {"x7D": 4, "x40": 8, "x49": 0x40}, "x45", lambda v: v & 0x80),
    ("BMI270", {"x7D": 4, "x49": 0x40, "x45": 0x80}, "x40", lambda v: 1 <= v & 0x0F <= 12),
    ("BMI270", {"x7D": 4, "x40": 8, "x49": 0x40, "x45": 0x80}, "x21", lambda v: v & 0x0F == 1),
    ("ICM-42688-P", {"x50": 8, "x16": 0x40, "x5F": 1}, "x4E", lambda v: v & 3 >= 2),
    ("ICM-42688-P", {"x50": 8, "x4E": 3, "x5F": 1}, "x16", lambda v: v >= 0x40),
    ("ICM-42688-P", {"x50": 8, "x4E": 3, "x16": 0x40}, "x5F", lambda v: v & 1),
    ("MPU-6050", {"x6A": 0x40, "x23": 8}, "x6B", lambda v: not v & 0x40),
    ("MPU-6050", {"x6B": 0, "x23": 8}, "x6A", lambda v: v & 0x40),
    ("MPU-6050", {"x6B": 0, "x6A": 0x40}, "x23", lambda v: v & 0x08),
    ("LSM6DS3TR-C", {"x10": 0x40, "x08": 1}, "x0A", lambda v: v & 7 and 1 <= v >> 3 & 15 <= 10),
    ("LSM6DS3TR-C", {"x0A": 0x26, "x08": 1}, "x10", lambda v: 1 <= v >> 4 <= 10),
    ("LSM6DS3TR-C", {"x0A": 0x26, "x10": 0x40}, "x08", lambda v: v & 7),
    ("LIS3DH", {"x20": 0x57, "x2E": 0x80}, "x24", lambda v: v & 0x40),
    ("LIS3DH", {"x20": 0x57, "x24": 0x40}, "x2E", lambda v: v >= 0x40),
    (
        *("LIS3DH", {"x24": 0x40, "x2E": 0x80}, "x20"),
        lambda v: 1 <= v >> 4 <= 7 or v >> 4 == 9 or v & 0xF8 == 0x88,
    ),
    ("LSM6DSOX", {"x10": 0x40, "x09": 4}, "x0A", lambda v: v & 7),
    ("LSM6DSOX", {"x09": 4, "x0A": 6}, "x10", lambda v: 1 <= v >> 4 <= 10),
    ("LSM6DSOX", {"x10": 0xB0, "x09": 11, "x0A": 6}, "x15", lambda v: v & 0x10),
    ("LSM6DSOX", {"x10": 0x40, "x0A": 6}, "x09", lambda v: 1 <= v & 15 <= 11),
]


@pytest.mark.parametrize(
    ("name", "regs", "varied", "runs"), RUNS, ids=[f"{each[0]} {each[2]}" for each in RUNS]
)
def test_which_bits_let_samples_into_the_fifo(name, regs, varied, runs):
    chip = with_regs(name, **regs)
    for value in EVERY:
        chip._regs[int(varied[1:], 16)] = value
        assert bool(chip._every()) is bool(runs(value)), hex(value)


STREAMS = [
    ("BMI270", "x48", lambda v: not v & 1),
    ("ICM-42688-P", "x16", lambda v: v >> 6 == 1),
    ("MPU-6050", "x1A", lambda v: True),
    ("MPU-6500", "x1A", lambda v: not v & 0x40),
    ("LSM6DS3TR-C", "x0A", lambda v: v & 7 != 1),
    ("LSM6DSOX", "x0A", lambda v: v & 7 != 1),
    ("LIS3DH", "x2E", lambda v: v >> 6 != 1),
]


@pytest.mark.parametrize(("name", "reg", "streams"), STREAMS, ids=[each[0] for each in STREAMS])
def test_which_bits_let_a_full_fifo_drop_its_oldest(name, reg, streams):
    chip = with_regs(name)
    for value in EVERY:
        chip._regs[int(reg[1:], 16)] = value
        assert bool(chip._streams()) is streams(value), hex(value)


SCALES = [
    ("BMI270", "x41", lambda v: 61.0352 * 2 ** (v & 3)),
    ("ICM-42688-P", "x50", lambda v: 488.28125 / 2 ** (v >> 5)),
    ("MPU-6050", "x1C", lambda v: 61.0352 * 2 ** (v >> 3 & 3)),
    ("LSM6DS3TR-C", "x10", lambda v: (61, 488, 122, 244)[v >> 2 & 3]),
    ("LSM6DSOX", "x10", lambda v: (61, 488, 122, 244)[v >> 2 & 3]),
    ("LSM6DSO32", "x10", lambda v: (122, 976, 244, 488)[v >> 2 & 3]),
    ("LIS3DH", "x23", lambda v: (62.5, 125, 250, 750)[v >> 4 & 3]),
]


@pytest.mark.parametrize(("name", "reg", "ug"), SCALES, ids=[each[0] for each in SCALES])
def test_which_bits_are_the_range(name, reg, ug):
    chip = with_regs(name)
    for value in EVERY:
        chip._regs[int(reg[1:], 16)] = value
        assert chip._scale(100.0)[0] == pytest.approx(ug(value), rel=1e-5), hex(value)


NOISES = [
    ("MPU-6050", "x1A", lambda v: 0.4 * (218, 218, 99, 45, 21, 10, 5, 420)[v & 7] ** 0.5),
    ("MPU-6500", "x1D", lambda v: 0.3 * (218, 218, 99, 45, 21, 10, 5, 420)[v & 7] ** 0.5),
    ("LSM6DSOX", "x15", lambda v: 1.8 if v & 0x10 else 0.07 * 50**0.5),
    ("LSM6DS3TR-C", "x15", lambda v: 1.7 if v & 0x10 else 0.09 * 50**0.5),
]


@pytest.mark.parametrize(("name", "reg", "mg"), NOISES, ids=[each[0] for each in NOISES])
def test_which_bits_are_the_filter_or_the_low_power(name, reg, mg):
    chip = with_regs(name)
    for value in EVERY:
        chip._regs[int(reg[1:], 16)] = value
        assert chip._scale(100.0)[1] == pytest.approx(mg(value)), hex(value)


def test_the_bits_of_an_icms_order_of_bytes():
    chip = with_regs("ICM-42688-P")
    chip.world.temperature = 35.0  # ten degrees of 132.48 counts: 0x052D
    chip._fifo += bytes(8 * 3)
    for value in EVERY:
        chip._regs[0x4C] = value
        assert chip.read(0x1D, 2, S) == (b"\x05\x2d" if value & 0x10 else b"\x2d\x05")
        count = 3 if value & 0x40 else 24
        assert chip.read(0x2E, 2, S) == (bytes([0, count]) if value & 0x20 else bytes([count, 0]))


def test_only_the_two_highest_bits_of_an_icms_fifo_empty_it():
    chip = with_regs("ICM-42688-P")
    for value in EVERY:
        chip._fifo[:] = bytes(16)
        chip.write(0x16, bytes([value]), S)
        assert len(chip._fifo) == (16 if value & 0xC0 else 0)


def test_an_lsm6dsoxs_watermark_has_nine_bits_and_may_be_where_it_stops():
    chip = with_regs("LSM6DSOX", x07=5)
    chip._fifo += bytes(7 * 11)
    for value in EVERY:
        chip._regs[0x08] = value
        assert chip.read(0x3B, 1, S)[0] & 0x80 == (0 if value & 1 else 0x80)  # 261 or 5
        words = (261 if value & 1 else 5) if value & 0x80 else 512
        assert chip._capacity_bytes() == 7 * words


@pytest.mark.parametrize(("watermark", "reached"), [(0, 0), (10, 1), (11, 1), (12, 0)])
def test_a_watermark_of_none_is_never_reached(watermark, reached):
    chip = with_regs("LSM6DSOX", x07=watermark)
    chip._fifo += bytes(7 * 11)
    assert chip.read(0x3B, 1, S)[0] >> 7 == reached


# --- the converter -------------------------------------------------------------------------------


class Quiet:
    """No noise, no spread."""

    def standard_normal(self, shape):
        return 0.0

    def normal(self, mean, spread, n):
        return np.zeros(n)

    def spawn(self, n):
        return [self] * n


def test_a_sample_is_the_mean_of_four_instants_of_its_last_conversion():
    """A ramp of 1 g a second shows when: at the end of a conversion, less 3/8 of its length."""
    converter = Converter(RampWorld(1000.0), Quiet(), 0.0)
    one = converter.counts(10.0, 1.0, 3, 1, 1000.0, 0.0)
    assert one[:, 0].tolist() == [10_625, 11_625, 12_625]
    # the last of two conversions, half as long
    two = converter.counts(10.0, 1.0, 3, 2, 1000.0, 0.0)
    assert two[:, 0].tolist() == [round(10_812.5), round(11_812.5), round(12_812.5)]
    now = converter.counts_now(10.0, 2.0, 1000.0, 0.0)
    assert now.tolist() == [[round(9_812.5), 0, 1000]]


def test_counts_end_at_sixteen_bits_and_are_the_nearest():
    converter = Converter(StillWorld((40_000, -40_000, 100.6)), Quiet(), 0.0)
    assert converter.counts(0.0, 1.0, 1, 1, 1000.0, 0.0).tolist() == [[32_767, -32_768, 101]]
    assert converter.counts(0.0, 1.0, 1, 1, 500.0, 0.0)[0, 2] == 201


def test_reading_an_output_register_changes_no_later_sample():
    made = [model("LSM6DSOX")(StillWorld(), 5) for _ in range(2)]
    for chip in made:
        for reg, value in ((0x12, 0x44), (0x09, 4), (0x10, 0x48), (0x0A, 6)):
            chip.write(reg, bytes([value]), S)
    made[0].read(0x28, 6, 2 * S)
    assert made[0].read(0x78, 7 * 50, 2 * S) == made[1].read(0x78, 7 * 50, 2 * S)
