"""What each driver says to its chip, byte by byte and with its waits, by the makers' tables.

Written out from the data sheets and register headers, not from the driver: ST's lsm6dsox_reg.h,
lsm6dso32_reg.h, lsm6ds3tr-c_reg.h and lis3dh_reg.h, RM-MPU-6000A and RM-MPU-6500A, DS-000193,
DS-000347, Bosch's bmi2_defs.h. The chips' models are asked nothing here.
"""

from array import array

import pytest
from drivers import GAP_BUS, GAP_OVERRUN, SensorLost, WrongChip
from drivers.apart import is_halved
from drivers.bmi270 import Bmi270
from drivers.icm42688 import Icm42688
from drivers.lis3dh import Lis3dh
from drivers.lsm6ds3trc import Lsm6ds3trc
from drivers.lsm6dsox import Lsm6dsox
from drivers.mpu6050 import Mpu6050, Mpu6500, Mpu6886
from notturno.virtualband.chips.bmi270 import stand_in
from scripted_bus import ScriptedBus

# 1000 mg on z at 122 ug per count, as six bytes of the output registers
AT_REST = bytes([0, 0, 0, 0, 0x05, 0x20])
ST = {"rates": (26, 52, 104, 208), "ranges": (2, 4, 8, 16)}
OTHERS = {"rates": (25, 50, 100, 200), "ranges": (2, 4, 8, 16)}
CHIPS = {
    "LSM6DSOX": (Lsm6dsox, {"x0F": 0x6C, "x28": AT_REST}, ST, 0x78, 7, 496),
    "LSM6DS3TR-C": (Lsm6ds3trc, {"x0F": 0x6A}, ST, 0x3E, 6, 682),
    "MPU-6050": (Mpu6050, {"x75": 0x68}, OTHERS, 0x74, 6, 170),
    "MPU-6500": (Mpu6500, {"x75": 0x70}, OTHERS, 0x74, 6, 85),
    "MPU-6886": (Mpu6886, {"x75": 0x19}, OTHERS, 0x74, 8, 128),
    "ICM-42688-P": (Icm42688, {"x75": 0x47}, OTHERS, 0x30, 8, 256),
    "BMI270": (Bmi270, {"x00": 0x24, "x21": 1}, OTHERS, 0x26, 6, 341),
    # A burst's address has b7 set. Of 2 g a count is no whole ug, and full scale is no 16 g.
    "LIS3DH": (Lis3dh, {"x0F": 0x33}, OTHERS | {"ranges": (4, 8)}, 0xA8, 6, 32),
}
PLAIN = [name for name in CHIPS if name != "LSM6DSOX"]
each_chip = pytest.mark.parametrize("name", CHIPS)


def made(name, **more):
    driver, regs = CHIPS[name][:2]
    bus = ScriptedBus(**regs, **more)
    return driver(bus, bus.sleep_ms), bus


def started(name, *asked, **more):
    """Return (driver, bus) behind a start, and what the start wrote left out."""
    imu, bus = made(name, **more)
    imu.start(*asked)
    bus.wrote.clear()
    bus.waits_ms.clear()
    bus.asked.clear()
    return imu, bus


# --- a start, whole ------------------------------------------------------------------------------

# "after ms: register=value": the recipe of AN5192, behind the question which of the two it is.
LSM6DSOX_START = [
    "0: 0A=00 10=00 12=01",
    "1: 18=E2 12=44 15=00 10=48",  # 104 Hz and 4 g, to see gravity
    "191: 0A=00 10=00 12=01",  # 30 ms settling, 16 samples of 10 ms
    "192: 18=E2 12=44 15=00 19=20 07=D0 08=00 09=04 0E=08 10=48",
    "212: 0A=C6",  # two sample times
]
MPU6050_START = [
    "0: 6B=80",
    "50: 6B=00 6C=07 19=09 1A=03 1C=08 23=08",
    "80: 6A=04 6A=40",
]
MPU6500_START = [
    "0: 6B=80",
    "50: 6B=00 6C=07 19=09 1A=03 1C=08 1D=03 23=08",
    "80: 6A=04 6A=40",
]
STARTS = {
    "LSM6DSOX": LSM6DSOX_START,
    "LSM6DS3TR-C": [
        "0: 0A=00 10=00 12=01",
        "1: 12=44 15=00 08=01 10=48",
        "21: 0A=26",  # rate code 4 at b3, continuous
    ],
    "MPU-6050": MPU6050_START,
    "MPU-6500": MPU6500_START,
    "MPU-6886": MPU6500_START,
    "ICM-42688-P": [
        "0: 76=00 11=01",
        "2: 4C=20 50=48 5F=05 4E=03",
        "52: 4B=02 16=40",
    ],
    "BMI270": [
        "0: 7E=B6",
        "3: 7C=00",
        "4: 59=00 59=01 40=A8 41=01 48=00 49=40 7D=0C",
        "54: 7E=B0",
    ],
    "LIS3DH": [  # it has no reset: FIFO and rate off, then no filter, high resolution, FIFO on
        "0: 2E=00 20=00 21=00 23=98 24=40 20=57",
        "71: 2E=80",  # seven samples settle
    ],
}


@each_chip
def test_a_start_at_104_hz_and_4_g_is_written_as_its_maker_says(name):
    imu, bus = made(name)
    imu.start(104, 4, 208)
    bus.wrote = [row for row in bus.wrote if row[1] not in (0x5B, 0x5E)]  # the BMI270's program
    assert bus.words() == STARTS[name]
    most = CHIPS[name][5]
    assert imu.watermark == min(208, most // 2) and imu.fifo_samples == most


ADDRESSES = {name: (0x6A, 0x6B) if name.startswith("LSM") else (0x68, 0x69) for name in CHIPS}
ADDRESSES["LIS3DH"] = (0x18, 0x19)


@each_chip
def test_a_chip_is_asked_at_its_makers_address_or_where_it_was_found(name):
    driver = CHIPS[name][0]
    assert driver.ADDRESSES == ADDRESSES[name]
    for address, at in ((None, ADDRESSES[name][0]), (0x33, 0x33)):
        bus = ScriptedBus()
        driver(bus, bus.sleep_ms, address=address)._read(driver.WHO_AM_I)
        assert [row[0] for row in bus.asked] == [at]


@each_chip
def test_a_start_without_a_word_is_104_hz_4_g_and_208_samples(name):
    imu, bus = made(name)
    imu.start()
    bus.wrote = [row for row in bus.wrote if row[1] not in (0x5B, 0x5E)]
    assert bus.words() == STARTS[name]


STOPS = {
    "LSM6DSOX": "0: 0A=00 10=00",
    "LSM6DS3TR-C": "0: 0A=00 10=00",
    "MPU-6050": "0: 6A=04 6B=40",
    "MPU-6500": "0: 6A=04 6B=40",
    "MPU-6886": "0: 6A=04 6B=40",
    "ICM-42688-P": "0: 16=00 4E=00",
    "BMI270": "0: 7D=00 7E=B0 7C=03",
    "LIS3DH": "0: 2E=00 20=00",
}


@each_chip
def test_a_stop_powers_the_sensor_down(name):
    imu, bus = started(name)
    imu.stop()
    assert bus.words() == [STOPS[name]]


# --- rates and ranges ----------------------------------------------------------------------------

# Register of the rate, and by nominal Hz (value at 4 g, believed 1/1000 Hz, wait before samples).
LSM_RATES = {26: 0x28, 52: 0x38, 104: 0x48, 208: 0x58}
RATES = {
    # 6667 Hz by 256, 128, 64, 32; two sample times and one ms
    "LSM6DSOX": (0x10, LSM_RATES, (26042, 52085, 104171, 208343), (77, 39, 20, 10)),
    # the same by powers of two, of 26043
    "LSM6DS3TR-C": (0x10, LSM_RATES, (26043, 52086, 104172, 208344), (77, 39, 20, 10)),
    # 1 kHz by 40, 20, 10, 5: the divider is one less
    "MPU-6050": (0x19, {25: 39, 50: 19, 100: 9, 200: 4}, (25000, 50000, 100000, 200000), 30),
    "MPU-6500": (0x19, {25: 39, 50: 19, 100: 9, 200: 4}, (25000, 50000, 100000, 200000), 30),
    "MPU-6886": (0x19, {25: 39, 50: 19, 100: 9, 200: 4}, (25000, 50000, 100000, 200000), 30),
    "ICM-42688-P": (
        *(0x50, {25: 0x4A, 50: 0x49, 100: 0x48, 200: 0x47}),
        *((25000, 50000, 100000, 200000), 50),
    ),
    "BMI270": (
        *(0x40, {25: 0xA6, 50: 0xA7, 100: 0xA8, 200: 0xA9}),
        *((25000, 50000, 100000, 200000), 50),
    ),
    "LIS3DH": (
        *(0x20, {25: 0x37, 50: 0x47, 100: 0x57, 200: 0x67}),
        *((25000, 50000, 100000, 200000), (281, 141, 71, 36)),
    ),
}
# Register of the range, and by g (value at the rate of about 104 Hz, 1/1000 mg a count).
LSM_RANGES = {2: (0x40, 61), 4: (0x48, 122), 8: (0x4C, 244), 16: (0x44, 488)}
MPU_RANGES = {2: (0x00, 61), 4: (0x08, 122), 8: (0x10, 244), 16: (0x18, 488)}
RANGES = {
    "LSM6DSOX": (0x10, LSM_RANGES),
    "LSM6DS3TR-C": (0x10, LSM_RANGES),
    "MPU-6050": (0x1C, MPU_RANGES),
    "MPU-6500": (0x1C, MPU_RANGES),
    "MPU-6886": (0x1C, MPU_RANGES),
    "ICM-42688-P": (0x50, {2: (0x68, 61), 4: (0x48, 122), 8: (0x28, 244), 16: (0x08, 488)}),
    "BMI270": (0x41, {2: (0x00, 61), 4: (0x01, 122), 8: (0x02, 244), 16: (0x03, 488)}),
    "LIS3DH": (0x23, {4: (0x98, 125), 8: (0xA8, 250)}),  # 2 and 4 mg of 12 bits, in 16
}


@each_chip
def test_every_rate_has_its_makers_code(name):
    register, codes, rates_mhz, settles = RATES[name]
    assert tuple(codes) == CHIPS[name][2]["rates"]
    for n, (hz, code) in enumerate(codes.items()):
        imu, bus = made(name)
        imu.start(hz, 4)
        assert [data for _, reg, data in bus.wrote if reg == register][-1] == bytes([code])
        assert imu.odr_mhz == rates_mhz[n]
        settle_ms = settles if isinstance(settles, int) else settles[n]
        assert bus.waits_ms[-1] == settle_ms
        if name == "LSM6DSOX":  # the FIFO's own rate
            assert [data for _, reg, data in bus.wrote if reg == 0x09] == [bytes([code >> 4])]
        if name == "LSM6DS3TR-C":
            assert bus.wrote[-1][1:] == (0x0A, bytes([(code >> 4) << 3 | 6]))


@each_chip
def test_every_range_has_its_makers_code_and_scale(name):
    register, codes = RANGES[name]
    assert tuple(codes) == CHIPS[name][2]["ranges"]
    for g, (code, ug_per_lsb) in codes.items():
        imu, bus = made(name)
        imu.start(104, g)
        assert [data for _, reg, data in bus.wrote if reg == register][-1] == bytes([code])
        assert (imu.ug_per_lsb, imu.range_g) == (ug_per_lsb, g)


# Gravity at 4 g reads as half on the DSO32: by lsm6dso32_reg.h the same codes are 4, 32, 8, 16 g.
@pytest.mark.parametrize(
    ("g", "code", "ug_per_lsb"), [(4, 0x40, 122), (8, 0x48, 244), (16, 0x4C, 488), (32, 0x44, 976)]
)
def test_a_dso32_has_ranges_of_its_own(g, code, ug_per_lsb):
    imu, bus = made("LSM6DSOX")
    bus.regs[0x28] = bytes([0, 0, 0, 0, 0x02, 0x10])  # 4098 counts: 500 mg at 122
    imu.start(104, g)
    assert imu.chip_name == "LSM6DSO32"
    assert [data for _, reg, data in bus.wrote if reg == 0x10][-1] == bytes([code])
    assert (imu.ug_per_lsb, imu.range_g) == (ug_per_lsb, g)


# INTERNAL_FREQ_FINE: 0.15 % a count, signed.
@pytest.mark.parametrize(
    ("trim", "rate_mhz"),
    [(0, 104171), (1, 104328), (10, 105734), (0x7F, 124016), (0xFF, 104015), (0x80, 84170)],
)
def test_the_factorys_trim_corrects_the_rate(trim, rate_mhz):
    imu, _ = started("LSM6DSOX", x63=trim)
    assert imu.odr_mhz == rate_mhz


@pytest.mark.parametrize(
    ("asked", "got"), [(0, 1), (1, 1), (32, 32), (247, 247), (248, 248), (249, 248)]
)
def test_a_watermark_is_at_most_half_the_fifo(asked, got):
    imu, bus = made("LSM6DSOX")
    imu.start(104, 4, asked)
    assert imu.watermark == got
    assert [data for _, reg, data in bus.wrote if reg == 0x07] == [bytes([got])]


# 5 % from the nearest rate: 99.05 to 109.47 Hz of 104, 95.24 to 105.26 of 100.
@pytest.mark.parametrize(
    ("name", "fits", "does_not"),
    [("LSM6DSOX", (100, 109), (99, 110)), ("MPU-6050", (96, 105), (95, 106))],
)
def test_a_rate_fits_within_five_percent(name, fits, does_not):
    for hz in fits:
        started(name, hz)
    for hz in does_not:
        with pytest.raises(ValueError, match=f"{hz} Hz"):
            started(name, hz)


# --- the temperature -----------------------------------------------------------------------------

# (register, bytes as read, 1/256 degC): offset and slope of each maker.
TEMPERATURES = [
    ("LSM6DSOX", 0x20, b"\x00\x00", 25 * 256),
    ("LSM6DSOX", 0x20, b"\x00\x01", 26 * 256),
    ("LSM6DSOX", 0x20, b"\x00\xfe", 23 * 256),
    ("LSM6DS3TR-C", 0x20, b"\x00\x00", 25 * 256),
    ("LSM6DS3TR-C", 0x20, b"\x80\x01", 26 * 256 + 128),
    ("LSM6DS3TR-C", 0x20, b"\x00\xfe", 23 * 256),
    ("MPU-6050", 0x41, b"\x00\x00", 9351),  # 36.53 degC
    ("MPU-6050", 0x41, b"\x0d\x48", 9351 + 10 * 256),  # 3400 counts: ten degrees
    ("MPU-6050", 0x41, b"\xf2\xb8", 9351 - 10 * 256),
    ("MPU-6500", 0x41, b"\x00\x00", 21 * 256),
    ("MPU-6500", 0x41, b"\x82\x6b", 21 * 256 - 24651),  # -32149 counts of 333.87: -96.3 degC
    ("MPU-6886", 0x41, b"\x00\x00", 25 * 256),
    ("MPU-6886", 0x41, b"\x0c\xc4", 25 * 256 + 10 * 256),  # 3268 counts
    ("ICM-42688-P", 0x1D, b"\x00\x00", 25 * 256),
    ("ICM-42688-P", 0x1D, b"\xc0\x33", 100 * 256 + 25 * 256),  # 13248 of 132.48 a degree
    ("BMI270", 0x22, b"\x00\x00", 23 * 256),
    ("BMI270", 0x22, b"\x00\x02", 24 * 256),
    ("BMI270", 0x22, b"\x00\xfc", 21 * 256),
]


@pytest.mark.parametrize(("name", "register", "read", "q8_c"), TEMPERATURES)
def test_the_thermometer_has_its_makers_zero_and_slope(name, register, read, q8_c):
    imu, bus = started(name)
    bus.regs[register] = read
    assert imu.temperature_q8_c() == q8_c
    assert bus.asked == [(imu.address, register, 2)]


# --- the FIFO's level, and what it lost ----------------------------------------------------------


def level_of(name, samples, odd_bytes=0):
    """Return {register: bytes} by which a chip says that its FIFO holds so much."""
    held = samples * CHIPS[name][4] + odd_bytes
    if name == "LSM6DSOX":
        return {0x3A: bytes([samples & 255, samples >> 8])}
    if name == "LSM6DS3TR-C":  # counts words
        return {0x3A: bytes([held // 2 & 255, held // 2 >> 8])}
    if name == "BMI270":
        return {0x24: bytes([held & 255, held >> 8])}
    if name == "LIS3DH":  # counts samples, in the byte that says what was lost
        return {0x2F: bytes([samples])}
    return {(0x2E if name == "ICM-42688-P" else 0x72): bytes([held >> 8, held & 255])}


# Where a chip says that it has overwritten samples, and what it says then.
LOST = {
    "LSM6DSOX": (0x3A, b"\x20\x08"),
    "LSM6DS3TR-C": (0x3A, b"\x20\x40"),
    "MPU-6050": (0x3A, b"\x10"),
    "MPU-6500": (0x3A, b"\x10"),
    "MPU-6886": (0x3A, b"\x10"),
    "ICM-42688-P": (0x2D, b"\x02"),
    "BMI270": (0x1D, b"\x01"),
    "LIS3DH": (0x2F, b"\x40"),
}
LEVEL_BITS = {"LSM6DSOX": 2, "LSM6DS3TR-C": 3, "LIS3DH": 5}  # of that byte
EMPTIED = {
    "LSM6DS3TR-C": "0A=00 0A=26",
    "MPU-6050": "6A=04 6A=40",
    "MPU-6500": "6A=04 6A=40",
    "MPU-6886": "6A=04 6A=40",
    "ICM-42688-P": "4B=02",
    "BMI270": "7E=B0",
    "LIS3DH": "2E=00 2E=80",
}


def drained(imu):
    return imu.drain_into(array("H", [0] * 192))


@pytest.mark.parametrize("name", [name for name, chip in CHIPS.items() if chip[5] > 70])
def test_a_drain_reads_what_the_chip_holds_sixty_four_samples_at_a_time(name):
    imu, bus = started(name)
    bus.regs.update(level_of(name, 70))
    out, size = CHIPS[name][3:5]
    drained(imu)
    assert bus.asked[-1] == (imu.address, out, 64 * size) and imu.more and imu.gap == 0
    assert imu.held == (70 - 70 // 33 if name == "LSM6DSOX" else 70)
    drained(imu)
    assert bus.asked[-1] == (imu.address, out, 6 * size) and not imu.more
    assert imu.asks == 1


@each_chip
def test_a_high_level_needs_its_high_byte(name):
    samples = min(300, CHIPS[name][5] - 4)
    imu, bus = started(name)
    bus.regs.update(level_of(name, samples))
    drained(imu)
    assert imu.held == (samples - samples // 33 if name == "LSM6DSOX" else samples)


@each_chip
def test_a_chip_that_lost_samples_says_so_in_its_own_bit_alone(name):
    register, said = LOST[name]
    for other in range(8):  # no other bit of that byte means it
        bit = bytes([1 << other])
        level = level_of(name, 5)
        both = register in level
        if other < LEVEL_BITS.get(name, 0):
            continue
        said_now = bit
        if both:
            said_now = level[register][:-1] + bytes([level[register][-1] | bit[0]])
        imu, bus = started(name)
        bus.regs.update({**level, register: said_now})
        drained(imu)
        lost = bit == said[-1:]
        assert imu.gap == (GAP_OVERRUN if lost else 0) and imu.faults.overruns == lost
        if lost and name in EMPTIED:
            assert bus.words() == [f"0: {EMPTIED[name]}"] and imu.held == 0


@pytest.mark.parametrize("name", PLAIN)
def test_a_fifo_within_four_samples_of_full_is_emptied(name):
    most = CHIPS[name][5]
    for samples, lost in ((most - 4, False), (most - 3, True)):
        imu, bus = started(name)
        bus.regs.update(level_of(name, samples))
        drained(imu)
        assert (imu.gap == GAP_OVERRUN) is lost
        assert bus.words() == ([f"0: {EMPTIED[name]}"] if lost else [])


@pytest.mark.parametrize("name", ["MPU-6050", "MPU-6886", "ICM-42688-P", "BMI270"])
def test_half_a_sample_is_asked_for_again_and_then_thrown_away(name):
    odd, whole = level_of(name, 4, odd_bytes=3), level_of(name, 5)
    (register,) = odd
    imu, bus = started(name)
    bus.queued[register] = [odd[register]]
    bus.regs.update(whole)
    drained(imu)
    assert (imu.held, imu.gap, bus.waits_ms) == (5, 0, [1])
    imu, bus = started(name)
    bus.regs.update(odd)
    drained(imu)
    assert (imu.held, imu.gap, imu.faults.skipped) == (0, GAP_BUS, 1)
    assert bus.words() == [f"1: {EMPTIED[name]}"]


# --- the order of bytes --------------------------------------------------------------------------

# One sample of x = 0x0102, y = 0x7FFE, z = -2, as it lies in each FIFO.
LOW_FIRST, HIGH_FIRST = b"\x02\x01\xfe\x7f\xfe\xff", b"\x01\x02\x7f\xfe\xff\xfe"
SAMPLES = {
    "LSM6DSOX": b"\x11" + LOW_FIRST,
    "LSM6DS3TR-C": LOW_FIRST,
    "MPU-6050": HIGH_FIRST,
    "MPU-6500": HIGH_FIRST,
    "MPU-6886": HIGH_FIRST + b"\x12\x34",  # and the temperature
    "ICM-42688-P": b"\x40" + LOW_FIRST + b"\x05",
    "BMI270": LOW_FIRST,
    "LIS3DH": LOW_FIRST,
}


@each_chip
def test_a_sample_is_read_in_its_makers_order(name):
    imu, bus = started(name)
    bus.regs.update(level_of(name, 2))
    second = b"\x12" + SAMPLES[name][1:] if name == "LSM6DSOX" else SAMPLES[name]
    bus.regs[CHIPS[name][3]] = SAMPLES[name] + second
    samples = array("H", [0] * 192)
    assert imu.drain_into(samples) == 2
    assert list(samples[:7]) == [0x0102, 0x7FFE, 0xFFFE, 0x0102, 0x7FFE, 0xFFFE, 0]


# --- waiting, and giving up ----------------------------------------------------------------------


# Each where its chip says that a reset is under way: for up to 60 questions, a millisecond apart.
@pytest.mark.parametrize(
    ("name", "register", "busy"),
    [
        ("LSM6DS3TR-C", 0x12, 0x01),
        ("MPU-6050", 0x6B, 0x80),
        ("ICM-42688-P", 0x11, 0x01),
    ],
)
def test_a_reset_may_take_sixty_milliseconds(name, register, busy):
    imu, bus = made(name)
    bus.queued[register] = [busy] * 59
    before = len(STARTS[name])
    imu.start()
    assert len(bus.words()) == before
    assert bus.waits_ms.count(1) >= 59 and not bus.queued[register]
    imu, bus = made(name)
    bus.queued[register] = [busy] * 60
    with pytest.raises(SensorLost, match="reset"):
        imu.start()


def test_a_bmi270_has_a_hundred_and_fifty_milliseconds_to_take_its_program(configuration):
    configuration.write_bytes(stand_in())
    imu, bus = made("BMI270")
    bus.queued[0x21] = [0] * 149
    imu.start()
    imu, bus = made("BMI270")
    bus.regs[0x21] = 0
    with pytest.raises(WrongChip, match=r"was not taken \(0\)"):
        imu.start()
    assert bus.waits_ms.count(1) == 151  # and one before it
    for status, told in ((0x11, None), (0x02, "(2)"), (0xF2, "(2)")):  # [3:0] alone count
        imu, bus = made("BMI270")
        bus.regs[0x21] = status
        if told is None:
            imu.start()
            continue
        with pytest.raises(WrongChip) as error:
            imu.start()
        assert told in str(error.value)


def test_a_bmi270s_program_is_written_in_pieces_each_to_its_place_in_words(configuration):
    data = stand_in()
    configuration.write_bytes(data)
    imu, bus = made("BMI270")
    imu.start()
    rows = [(reg, said) for _, reg, said in bus.wrote if reg in (0x5B, 0x5E)]
    assert len(rows) == 2 * 32
    for n in range(32):
        words = n * 128  # 256 bytes
        assert rows[2 * n] == (0x5B, bytes([words & 15, words >> 4]))
        assert rows[2 * n + 1] == (0x5E, data[256 * n : 256 * n + 256])


# A transfer is tried once, three times again, three on a bus made anew, three on one clocked free.
@pytest.mark.parametrize(
    ("refused", "recreated", "unstuck"),
    [(0, 0, 0), (1, 0, 0), (3, 0, 0), (4, 1, 0), (6, 1, 0), (7, 2, 1), (9, 2, 1)],
)
def test_the_ladder_has_three_tries_a_rung_a_millisecond_apart(refused, recreated, unstuck):
    bus = ScriptedBus(x75=0x68)
    pulses = []
    imu = Mpu6050(bus, bus.sleep_ms, lambda: bus, lambda: pulses.append(1))
    bus.refused = refused
    imu.temperature_q8_c()
    assert (imu.faults.recreated, imu.faults.unstuck) == (recreated, unstuck)
    assert imu.faults.transfers == refused and bus.waits_ms == [1] * refused
    assert len(pulses) == unstuck


def test_behind_the_ladder_the_sensor_is_lost():
    bus = ScriptedBus()
    imu = Mpu6050(bus, bus.sleep_ms, lambda: bus, lambda: None)
    bus.refused = 10
    with pytest.raises(SensorLost, match="wires"):
        imu.temperature_q8_c()
    assert imu.faults.transfers == 10 and bus.refused == 0
    bus.refused = 4  # without help from the board: a try and three
    alone = Mpu6050(bus, bus.sleep_ms)
    with pytest.raises(SensorLost):
        alone.temperature_q8_c()
    assert bus.refused == 0


@pytest.mark.parametrize(("broken", "ends"), [(8, False), (9, True)])
def test_a_fifo_is_read_nine_times_before_it_is_given_up(broken, ends):
    imu, bus = started("MPU-6050")
    bus.regs.update(level_of("MPU-6050", 20))
    ask, bursts = bus.readfrom_mem_into, []

    def burst(address, register, buf):
        if register == 0x74:
            bursts.append(len(buf))
            if len(bursts) <= broken:
                raise OSError(116)
        ask(address, register, buf)

    bus.readfrom_mem_into = burst
    if ends:
        with pytest.raises(SensorLost, match="FIFO"):
            drained(imu)
    else:
        assert drained(imu) == 20 and imu.gap == GAP_BUS
    assert bursts == [120] * 9 and bus.waits_ms == [1] * broken


# --- which of the two it is ----------------------------------------------------------------------


def asked_apart(samples_mg):
    """Return (what `is_halved` says, ms waited, samples taken); the last of them goes on."""
    waits, taken = [], []

    def read_mg():
        taken.append(samples_mg[min(len(taken), len(samples_mg) - 1)])
        return taken[-1]

    return is_halved(read_mg, waits.append), sum(waits), len(taken)


@pytest.mark.parametrize(
    ("still_mg", "said"),
    [
        (1000, (False, True)),
        (850, (False, True)),
        (1150, (False, True)),
        (500, (True, True)),
        (425, (True, True)),
        (575, (True, True)),
    ],
)
def test_sixteen_samples_at_rest_say_which_chip_it_is(still_mg, said):
    assert asked_apart([(0, 0, still_mg)]) == (said, 160, 16)


@pytest.mark.parametrize("still_mg", [0, 100, 424, 576, 700, 849, 1151, 2000])
def test_at_rest_and_neither_is_a_broken_sensor_and_is_asked_for_two_seconds(still_mg):
    assert asked_apart([(0, 0, still_mg)]) == ((False, False), 1920, 192)


@pytest.mark.parametrize(("off_mg", "is_still"), [(40, True), (41, False)])
def test_an_axis_at_rest_stays_within_40_mg(off_mg, is_still):
    swaying = [(0, -off_mg * (n % 2), 1000) for n in range(400)]
    assert asked_apart(swaying)[0][1] is is_still


# Of a moving limb the root mean square decides: 250 to 707 mg is half of gravity.
@pytest.mark.parametrize(
    ("rms_mg", "halved"), [(249, False), (251, True), (500, True), (705, True), (709, False)]
)
def test_a_moving_limb_is_judged_by_its_root_mean_square(rms_mg, halved):
    moving = [((1, -1)[n % 2] * rms_mg, 0, 0) for n in range(400)]
    assert asked_apart(moving) == ((halved, False), 1920, 192)


def test_rest_between_two_movements_is_enough():
    moving = [((1, -1)[n % 2] * 600, 0, 0) for n in range(16)]
    assert asked_apart([*moving, (0, 1000, 0)]) == ((False, True), 320, 32)


@pytest.mark.parametrize(("overran", "gap"), [(False, GAP_BUS), (True, GAP_OVERRUN)])
def test_a_part_of_a_sample_is_a_fault_of_the_bus_but_where_samples_were_lost(overran, gap):
    """An MPU-6050 whose level is no whole sample, twice: its FIFO is emptied."""
    bus = ScriptedBus(x75=0x68)
    imu = Mpu6050(bus, bus.sleep_ms)
    emptied = []
    imu._look, imu._empty, imu._overran = lambda: 6 * 5 + 1, lambda: emptied.append(1), overran
    imu._ask()
    assert (imu.gap, imu.faults.skipped, imu.faults.overruns) == (gap, 1, overran)
    assert emptied == [1] and imu._level == imu.held == 0


@pytest.mark.parametrize(("level", "words", "more"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_there_is_more_where_a_sample_is_left_in_the_chip_or_in_the_chunk(level, words, more):
    bus = ScriptedBus(x75=0x68)
    imu = Mpu6050(bus, bus.sleep_ms)

    def fetch():
        imu._level, imu._chunk_words = level, words

    imu._ask, imu._fetch, imu._take = lambda: None, fetch, lambda samples: 7
    assert imu.drain_into(array("h")) == 7 and imu.more is more
