"""The driver on the register-level chip: right data, every erratum, every fault."""

import ast
import random
from array import array
from pathlib import Path

import numpy as np
import pytest
from drivers import GAP_BUS, GAP_OVERRUN, SensorLost, WrongChip
from drivers import lsm6dsox as driver
from fakes import bench_imu
from fakes.bench_imu import Bench
from fakes.worlds import RampWorld, SineWorld, StillWorld
from hypothesis import given, settings
from hypothesis import strategies as st

SOURCE = Path(driver.__file__).read_text(encoding="utf-8")


def measure(**settings):
    """What the driver delivers for a known world, against what the world did.

    Returns the mistakes found, as words. Uses a 2 Hz sine of 500 mg on gravity.
    """
    mistakes = []
    bench = Bench(SineWorld(500, 2.0), odr_error=0.015, offset_mg=(0, 0, 0), **settings)
    try:
        bench.imu.start(104, 4, 208)
    except (SensorLost, WrongChip) as error:
        return ["start: %s" % error]
    samples, gaps = bench.drain_for(30)
    scale_mg = bench.imu.ug_per_lsb / 1000
    if gaps:
        mistakes.append("gaps")
    if len(samples) < 1000:
        return [*mistakes, "too few samples"]
    rate_hz = len(samples) / bench.sampled() * 104.17 * 1.015
    if abs(rate_hz - 104.17 * 1.015) > 0.5:
        mistakes.append("rate")
    if abs(bench.imu.odr_mhz / 1000 - 104.17 * 1.015) > 0.6:
        mistakes.append("believed rate")
    xyz = np.array(samples[1000:]) * scale_mg
    if abs(xyz[:, 2].mean() - 1000) > 15:
        mistakes.append("gravity")
    if abs(xyz[:, 0].std() * 2**0.5 - 500) > 15:
        mistakes.append("amplitude")
    if xyz[:, 1].std() > 0.7:
        mistakes.append("noise")
    if abs(np.array(samples[:5]) * scale_mg).max() > 1600:
        mistakes.append("first samples")
    if bench.level() > 100:
        mistakes.append("not drained")
    bench.clock.sleep_ms(2500)
    if not bench.chip.int2(bench.clock.now_us):
        mistakes.append("no watermark on INT2")
    if bench.chip.int1(bench.clock.now_us):
        mistakes.append("INT1 driven")
    bench.clock.sleep_ms(9000)
    if bench.drain()[0][0] != GAP_OVERRUN:
        mistakes.append("overrun not seen")
    place = bench.imu._place
    ticks = place[driver.U_TIMESTAMP_LO] | place[driver.U_TIMESTAMP_HI] << 16
    if abs(bench.clock.now_us * 1.015 - ticks * 25) > 700_000:
        mistakes.append("not the newest samples, or no timestamps")
    if abs(bench.imu.temperature_q8_c() - 30 * 256) > 2:
        mistakes.append("temperature")
    return mistakes


def test_the_driver_as_it_is_makes_no_mistake():
    assert measure() == []


MUTATIONS = {
    "WHO_AM_I_VALUE": 0x6B,
    "ADDRESS": 0x6B,
    "FIFO_CTRL1": 0x06,
    "FIFO_CTRL2": 0x07,
    "FIFO_CTRL3": 0x0B,
    "FIFO_CTRL4": 0x0B,
    "INT2_CTRL": 0x0D,
    "WHO_AM_I": 0x10,
    "CTRL1_XL": 0x11,
    "CTRL3_C": 0x13,
    "CTRL10_C": 0x1A,
    "OUT_TEMP_L": 0x22,
    "FIFO_STATUS1": 0x3C,
    "INTERNAL_FREQ_FINE": 0x62,
    "FIFO_DATA_OUT_TAG": 0x79,
    "SW_RESET": 0x02,
    "BDU_IF_INC": 0x40,
    "XL_HIGH_PERFORMANCE": 0x10,
    "TIMESTAMP_EN": 0x00,
    "INT2_FIFO_TH": 0x01,
    "FIFO_STREAM_TIMESTAMP_32": 0xC1,
    "STATUS2_DIFF_MASK": 0x01,
    "RATES": {104: (0x3, 64)},
    "RANGES": {4: (0x1, 122)},
    "TAG_ACCEL": 1,
    "TAG_TIMESTAMP": 5,
    "WORD_BYTES": 6,
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_wrong_register_code_shows_as_wrong_data(monkeypatch, name):
    # The chip was in use before: what the driver does not set right stays wrong.
    source = mutated(SOURCE, name, MUTATIONS[name])
    monkeypatch.setattr(bench_imu, "Lsm6dsox", source["Lsm6dsox"])
    try:
        mistakes = measure_after_use()
    except (IndexError, ValueError, WrongChip, SensorLost) as error:
        mistakes = [str(error)]
    assert mistakes


def mutated(text, name, value):
    """Return the names of a driver's source with one of its constants set to another value."""
    tree = ast.parse(text)
    hits = 0
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            node.value = ast.parse(repr(value), mode="eval").body
            hits += 1
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            names = [element.id for element in node.targets[0].elts]
            if name in names:
                node.value.elts[names.index(name)] = ast.Constant(value)
                hits += 1
    assert hits == 1, f"{name} is no constant of the driver"
    names = {"__name__": "mutated"}
    exec(compile(ast.fix_missing_locations(tree), "mutated", "exec"), names)
    return names


def measure_after_use():
    """`measure` on a fresh chip, then some on one that another firmware left in disorder."""
    mistakes = measure()
    bench = Bench(StillWorld(), seed=4)
    for reg, value in ((0x15, 0x10), (0x12, 0x20), (0x0D, 0x08), (0x07, 9), (0x10, 0x44)):
        bench.chip.write(reg, bytes([value]), 0)
    bench.chip.write(0x0A, b"\x06", 0)
    try:
        bench.imu.start()
        samples, gaps = bench.drain_for(10)
    except SensorLost as error:
        return [*mistakes, str(error)]
    if gaps or len(samples) < 900 or abs(len(samples) - bench.sampled()) > 3:
        return [*mistakes, "after use"]
    if np.array(samples).std(axis=0).max() * 0.122 > 0.7:
        mistakes.append("noise after use")
    bench.clock.sleep_ms(2500)
    if not bench.chip.int2(bench.clock.now_us):
        mistakes.append("watermark after use")
    if bench.chip.int1(bench.clock.now_us):
        mistakes.append("INT1 after use")
    return mistakes


def test_a_chip_that_another_firmware_left_streaming_is_taken_over():
    assert measure_after_use() == []


@pytest.mark.parametrize("odr_hz", driver.RATES)
@pytest.mark.parametrize("range_g", driver.RANGES)
def test_every_rate_and_range_is_what_it_says(odr_hz, range_g):
    bench = Bench(StillWorld((0, 0, 1000)), odr_error=0.0, offset_mg=(0, 0, 0))
    bench.imu.start(odr_hz, range_g, 208)
    samples, gaps = bench.drain_for(6)
    assert not gaps
    assert len(samples) == pytest.approx(bench.sampled(), abs=3)
    assert bench.chip.rate_hz == pytest.approx(odr_hz, rel=0.01)
    assert bench.imu.odr_mhz == pytest.approx(odr_hz * 1000, rel=0.01)
    z_mg = np.array(samples)[:, 2].mean() * bench.imu.ug_per_lsb / 1000
    assert z_mg == pytest.approx(1000, rel=0.012)
    assert bench.imu.range_g == range_g


@pytest.mark.parametrize("wrong", [{"odr_hz": 70}, {"range_g": 17}])
def test_rates_and_ranges_that_the_chip_has_not_are_refused(wrong):
    with pytest.raises(ValueError):
        Bench().imu.start(**wrong)


def test_another_chip_at_the_address_is_named():
    bench = Bench()
    bench.chip._regs[0x0F] = 0x71
    with pytest.raises(WrongChip, match="0x71.*0x6c"):
        bench.imu.start()


def test_no_chip_at_all_is_sensor_lost():
    bench = Bench()
    bench.i2c.chips.clear()
    with pytest.raises(SensorLost, match="wires"):
        bench.imu.start()
    assert bench.imu.faults.recreated and bench.imu.faults.unstuck


def test_int1_high_at_power_on_is_survived():
    bench = Bench(int1_high=True)
    bench.imu.start()
    samples, gaps = bench.drain_for(4)
    assert len(samples) > 380 and not gaps


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4400), min_size=1, max_size=12), st.integers(0, 50))
def test_every_sample_arrives_once_whatever_the_rhythm_of_drains(pauses_ms, seed):
    bench = Bench(RampWorld(mg_per_s=20.0), seed=seed)
    bench.imu.start()
    zero_us = bench.clock.now_us
    samples = []
    for pause_ms in pauses_ms:
        bench.clock.sleep_ms(pause_ms)
        for gap, xyz in bench.drain():
            assert not gap
            samples += xyz
    elapsed_s = (bench.clock.now_us - zero_us) / 1e6
    assert len(samples) <= elapsed_s * bench.chip.rate_hz + 1
    # The ramp dates the samples: neither a hole nor a repetition of more than noise.
    x = np.array([s[0] for s in samples[:: max(1, len(samples) // 200)]])
    assert np.all(np.diff(x) > -30)


def test_samples_are_bit_for_bit_what_the_chip_put_into_its_fifo():
    one, two = Bench(seed=9), Bench(seed=9)
    one.imu.start()
    two.imu.start()
    samples, _ = one.drain_for(2)
    two.clock.sleep_ms(2000)
    raw = two.chip.read(0x78, 7 * 250, two.clock.now_us)
    words = np.frombuffer(raw, np.uint8).reshape(-1, 7)
    accel = words[words[:, 0] >> 3 == 2][:, 1:].copy().view("<i2")
    assert [tuple(w) for w in accel[: len(samples)]] == samples


def test_an_overrun_is_reported_before_the_samples_that_follow_it():
    bench = Bench(RampWorld(mg_per_s=10.0))
    bench.imu.start()
    bench.drain_for(4)
    bench.clock.sleep_ms(9000)
    runs = bench.drain()
    assert runs[0][0] == GAP_OVERRUN and all(gap == 0 for gap, _ in runs[1:])
    assert bench.imu.faults.overruns == 1
    assert sum(len(xyz) for _, xyz in runs) > 480
    bench.clock.sleep_ms(1000)
    assert all(gap == 0 for gap, _ in bench.drain())


def test_wire_traffic_stays_below_the_transfer_limit_with_a_full_fifo():
    bench = Bench()
    bench.imu.start()
    bench.clock.sleep_ms(6000)
    bench.drain()
    assert bench.imu.faults.transfers == 0


@pytest.mark.parametrize("kind", ["nak", "stuck"])
@pytest.mark.parametrize("after", range(8))
def test_one_bus_fault_anywhere_costs_no_sample(kind, after):
    bench = Bench()
    bench.imu.start()
    bench.chip.fail(kind, after=after)
    samples, gaps = bench.drain_for(8)
    assert not gaps
    assert len(samples) == pytest.approx(bench.sampled(), abs=3)
    assert bench.imu.faults.transfers >= 1
    assert bool(bench.imu.faults.unstuck) == (kind == "stuck")


@pytest.mark.parametrize("words", [1, 2, 3, 4, 5, 17, 40])
def test_a_burst_that_breaks_off_is_a_gap_and_never_a_repetition(words):
    bench = Bench(RampWorld(mg_per_s=50.0), offset_mg=(0, 0, 0))
    bench.imu.start()
    bench.drain_for(4)
    bench.chip.fail("broken", after=2, words=words)
    samples, gaps = bench.drain_for(4)
    assert [gap for gap, _ in gaps] == [GAP_BUS]
    lost = bench.sampled() - len(samples)
    assert lost == pytest.approx(words, abs=3)
    x = np.array([s[0] for s in samples])
    at = gaps[0][1]
    assert np.all(np.diff(x[:at]) > -30) and np.all(np.diff(x[at:]) > -30)
    assert x[at] - x[at - 1] == pytest.approx((words + 1) * 50 / 104 / 0.122, abs=40)


def test_a_dead_bus_is_sensor_lost_after_the_whole_ladder_and_start_revives_it():
    bench = Bench()
    bench.imu.start()
    bench.drain_for(4)
    bench.chip.fail("nak", count=200)
    with pytest.raises(SensorLost):
        bench.drain_for(4)
    assert bench.imu.faults.recreated == 2 and bench.imu.faults.unstuck == 1
    bench.chip._faults.clear()
    bench.imu.start()
    assert len(bench.drain_for(4)[0]) > 380


def test_without_help_from_the_board_the_ladder_is_shorter_and_ends():
    bench = Bench(board=False)
    bench.imu.start()
    bench.chip.fail("stuck")
    with pytest.raises(SensorLost):
        bench.drain_for(2)


def words_of(kinds_and_slots, damage=()):
    """FIFO words with the slot number as x."""
    out = bytearray()
    for i, (kind, slot) in enumerate(kinds_and_slots):
        tag = kind << 3 | (slot & 3) << 1
        tag |= bin(tag).count("1") & 1
        if i in damage:
            tag ^= 0x10
        out += bytes([tag]) + slot.to_bytes(2, "little") + bytes(4)
    return out


def unpack_all(words, n):
    """Run `unpack` to the end; return the runs of x and the place array."""
    place = driver.new_place()
    runs = []
    while True:
        samples = array("H", [0] * (3 * 64))
        count = driver.unpack(words, n, samples, place)
        runs.append(list(samples[: 3 * count : 3]))
        if not place[driver.U_BROKEN]:
            return runs, place
        place[driver.U_BROKEN] = 0


def test_unpack_breaks_the_run_at_a_lost_slot_a_damaged_tag_and_a_new_configuration():
    lost = [(2, s) for s in (5, 6, 7, 9, 10)]
    assert unpack_all(words_of(lost), 5)[0] == [[5, 6, 7], [9, 10]]
    whole = [(2, s) for s in range(6)]
    runs, place = unpack_all(words_of(whole, damage=[2]), 6)
    assert runs == [[0, 1], [3, 4, 5]] and place[driver.U_PARITY] == 1
    changed = [(2, 0), (2, 1), (5, 1), (2, 2)]
    runs, place = unpack_all(words_of(changed), 4)
    assert runs == [[0, 1], [2]] and place[driver.U_SKIPPED] == 1


def test_unpack_takes_timestamps_and_temperature_out_of_the_stream():
    stream = [(2, 0), (4, 1), (2, 1), (3, 1), (2, 2), (9, 2), (2, 3)]
    runs, place = unpack_all(words_of(stream), len(stream))
    assert runs == [[0, 1, 2, 3]]
    assert place[driver.U_TIMESTAMP_LO] == 1
    assert place[driver.U_TEMPERATURE_LSB] == 1
    assert place[driver.U_SKIPPED] == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=448, max_size=448), st.integers(0, 64))
def test_unpack_survives_any_bytes_and_stays_in_its_buffers(words, n):
    runs, place = unpack_all(words, n)
    assert sum(len(run) for run in runs) <= n
    assert place[driver.U_WORD] == n
    assert all(-(2**31) <= value < 2**31 for value in place)


def test_flipped_bits_on_the_wire_never_pass_as_an_unbroken_stream_when_a_tag_is_hit():
    rng = random.Random(1)
    for _ in range(200):
        stream = [(2, s) for s in range(20)]
        words = words_of(stream)
        at = rng.randrange(1, 19)
        words[at * 7] ^= 1 << rng.randrange(8)
        runs, _ = unpack_all(words, 20)
        assert at not in [x for run in runs for x in run]
        assert len(runs) > 1


def test_one_word_in_33_that_it_holds_is_a_timestamp():
    bench = Bench()
    bench.imu.start(104, 4, 208)
    bench.drain()
    bench.clock.sleep_ms(3500)
    words = bench.level()
    bench.imu._ask()
    assert words > 330 and bench.imu.held == words - words // 33
