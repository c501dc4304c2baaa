"""The chip model against the datasheet, register by register, without the driver."""

import numpy as np
import pytest
from fakes.worlds import RampWorld, SineWorld, StillWorld
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.virtualband.chips.bus import BusNak, BusStuck, Clock, FakeI2C, transfer_us
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox

S = 1_000_000


def chip_with(writes=(), world=None, at_us=0, **settings):
    settings.setdefault("seed", 5)
    chip = Lsm6dsox(world or StillWorld(), **settings)
    for reg, value in writes:
        chip.write(reg, bytes([value]), at_us)
    return chip


def streaming(world=None, odr=4, fs=2, mode=6, bdr=None, extra=(), **settings):
    """A chip with IF_INC and BDU set, FIFO on last."""
    writes = [
        (0x12, 0x44),
        *extra,
        (0x09, odr if bdr is None else bdr),
        (0x10, odr << 4 | fs << 2),
    ]
    return chip_with([*writes, (0x0A, mode)], world, **settings)


def level(chip, now_us):
    low, high = chip.read(0x3A, 2, now_us)
    return low | (high & 3) << 8


def words(chip, now_us, limit=512):
    n = min(limit, level(chip, now_us))
    data = np.frombuffer(chip.read(0x78, 7 * n, now_us), np.uint8).reshape(n, 7)
    return data[:, 0], data[:, 1:].copy().view("<i2")


def test_a_chip_at_power_on_says_its_defaults():
    chip = chip_with()
    assert chip.read(0x0F, 1, 0) == b"\x6c"
    assert chip.read(0x12, 1, 100) == b"\x04"
    assert chip.read(0x18, 1, 100) == b"\xe0"
    assert level(chip, 5 * S) == 0


@pytest.mark.parametrize("code, hz", [(1, 13), (2, 26), (3, 52), (4, 104), (5, 208), (6, 417)])
def test_the_rate_code_decides_the_rate(code, hz):
    chip = streaming(odr=code, odr_error=0.0)
    assert level(chip, S) == pytest.approx(hz, abs=1.5)


@pytest.mark.parametrize("code", [0, 12, 13, 14, 15])
def test_rate_codes_that_do_not_exist_sample_nothing(code):
    assert level(streaming(odr=code), 5 * S) == 0


def test_1_6_hz_is_there_in_low_power_only():
    assert level(streaming(odr=11), 20 * S) == 0
    assert level(streaming(odr=11, extra=[(0x15, 0x10)]), 20 * S) > 20


@pytest.mark.parametrize("code, g", [(0, 2), (1, 16), (2, 4), (3, 8)])
def test_the_range_code_decides_scale_and_clipping(code, g):
    settings = {"offset_mg": (0, 0, 0)}
    _, counts = words(streaming(StillWorld((0, 0, 1000)), fs=code, **settings), S)
    mg_per_lsb = {2: 0.061, 4: 0.122, 8: 0.244, 16: 0.488}[g]
    assert counts[:, 2].mean() * mg_per_lsb == pytest.approx(1000, rel=0.01)
    _, counts = words(streaming(StillWorld((40000, -40000, 0)), fs=code, **settings), S)
    assert set(counts[:, 0]) == {32767} and set(counts[:, 1]) == {-32768}


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.02, 0.02), st.integers(0, 1000))
def test_the_trim_register_explains_the_rate_but_for_half_a_percent(odr_error, seed):
    chip = streaming(odr_error=odr_error, seed=seed)
    trim = int.from_bytes(chip.read(0x63, 1, 0), "little", signed=True)
    believed_hz = 6667 * (1 + 0.0015 * trim) / 64
    true_hz = 6667 * (1 + odr_error) / 64
    assert believed_hz == pytest.approx(true_hz, rel=0.005)
    assert level(chip, 4 * S) == pytest.approx(4 * true_hz, abs=1.5)


def test_the_trim_register_reads_one_lower_while_powered_down():
    chip = chip_with()
    off = chip.read(0x63, 1, 0)[0]
    chip.write(0x10, b"\x48", 0)
    assert (chip.read(0x63, 1, 0)[0] - off) & 0xFF == 1


def test_parts_differ_and_the_same_part_is_always_the_same():
    errors = {Lsm6dsox(StillWorld(), seed=s).odr_error for s in range(20)}
    assert len(errors) == 20 and max(abs(e) for e in errors) <= 0.02
    one, two = streaming(seed=7), streaming(seed=7)
    # however the reads fall
    level(two, S // 3)
    level(two, S // 2)
    assert one.read(0x78, 700, S) == two.read(0x78, 700, S)


def test_stream_mode_keeps_the_newest_512_words_and_latches_the_overrun():
    chip = streaming(RampWorld(mg_per_s=100), odr_error=0.0, offset_mg=(0, 0, 0))
    assert level(chip, 4 * S) < 512
    status = chip.read(0x3A, 2, 8 * S)
    assert status[0] | (status[1] & 3) << 8 == 512
    assert status[1] & 0x08
    assert not chip.read(0x3B, 1, 8 * S)[0] & 0x08, "reading clears the latch"
    _, counts = words(chip, 8 * S)
    assert counts[-1, 0] * 0.122 == pytest.approx(800, abs=5)
    assert counts[0, 0] * 0.122 == pytest.approx(100 * (8 - 512 / 104.17), abs=5)


def test_fifo_mode_stops_when_full_and_bypass_holds_nothing():
    chip = streaming(RampWorld(mg_per_s=100), mode=1, odr_error=0.0)
    _, counts = words(chip, 8 * S)
    assert len(counts) == 512 and counts[-1, 0] * 0.122 < 530
    assert level(streaming(mode=0), 8 * S) == 0


def test_stop_on_watermark_limits_the_depth():
    chip = streaming(extra=[(0x07, 100), (0x08, 0x80)])
    assert level(chip, 8 * S) == 100


def test_hours_without_a_reader_cost_nothing_and_keep_the_clock():
    chip = streaming(RampWorld(mg_per_s=0.01), odr_error=0.0, offset_mg=(0, 0, 0))
    _, counts = words(chip, 36000 * S)
    assert len(counts) == 512
    assert counts[-100:, 0].mean() * 0.122 == pytest.approx(360, abs=3)


def test_words_carry_kind_parity_and_a_slot_counter():
    chip = streaming(extra=[(0x19, 0x20)], mode=0xC6)
    tags, data = words(chip, 4 * S)
    assert all(bin(t).count("1") % 2 == 0 for t in tags)
    kinds = tags >> 3
    assert set(kinds) == {2, 4}
    slots = (tags >> 1 & 3)[kinds == 2].astype(int)
    assert set(np.diff(slots) % 4) == {1}
    assert np.sum(kinds == 2) / np.sum(kinds == 4) == pytest.approx(32, abs=3)
    ticks = data[kinds == 4][:, :2].copy().view("<u4")[:, 0].astype(np.int64)
    assert np.diff(ticks) * 25e-6 == pytest.approx(32 * 64 / 6667, rel=1e-3)


def test_the_slots_go_on_where_a_person_may_yet_move():
    """There no more samples are made ahead than are sure, three at a time."""
    world = StillWorld()
    world.foreseen_s = lambda at_s: 0.03
    tags, _ = words(streaming(world), S)
    assert len(tags) > 90 and (np.diff(tags >> 1 & 3) % 4 == 1).all()


def test_the_tag_parity_of_known_words_is_even():
    chip = streaming(odr_error=0.0)
    tags, _ = words(chip, S)
    assert sorted(set(tags)) == [0x11, 0x12, 0x14, 0x17]


def test_the_watermark_is_a_level_on_int2_that_falls_below_it_only():
    chip = streaming(extra=[(0x07, 50), (0x0E, 0x08)])
    assert not chip.int2(S // 4)
    assert chip.int2(S)
    chip.read(0x78, 7 * (level(chip, S) - 50), S)
    assert chip.int2(S) and not chip.int1(S)
    chip.read(0x78, 7, S)
    assert not chip.int2(S)


def test_a_reset_is_refused_while_the_fifo_streams_and_clears_everything_else():
    chip = streaming()
    with pytest.raises(BusNak):
        chip.write(0x12, b"\x01", S)
    chip.write(0x0A, b"\x00", S)
    chip.write(0x12, b"\x01", S)
    assert chip.read(0x12, 1, S)[0] & 1
    assert chip.read(0x12, 1, S + 100) == b"\x04"
    assert chip.read(0x10, 1, S + 100) == b"\x00"


def test_int1_high_at_power_on_locks_i2c_until_i3c_is_disabled():
    chip = chip_with(int1_high=True)
    for attempt in (lambda: chip.read(0x0F, 1, 0), lambda: chip.write(0x10, b"\x40", 0)):
        with pytest.raises(BusNak):
            attempt()
    chip.write(0x18, b"\xe2", 0)
    assert chip.read(0x0F, 1, 0) == b"\x6c"
    chip.write(0x12, b"\x01", 0)
    with pytest.raises(BusNak):
        chip.read(0x12, 1, 100)


def test_configuring_under_a_running_fifo_leaves_a_wrong_first_sample():
    late = chip_with([(0x12, 0x44), (0x0A, 6), (0x09, 4), (0x10, 0x48)])
    _, counts = words(late, S)
    assert tuple(counts[0]) == (32767,) * 3
    _, counts = words(streaming(), S)
    assert np.abs(counts[0]).max() < 10000


def test_high_performance_noise_is_a_third_of_low_power_noise():
    def noise_mg(extra):
        _, counts = words(streaming(extra=extra), 4 * S)
        return counts.std(axis=0).mean() * 0.122

    assert noise_mg([(0x15, 0x00)]) == pytest.approx(0.54, rel=0.1)
    assert noise_mg([(0x15, 0x10)]) == pytest.approx(2.0, rel=0.1)


def test_the_low_pass_takes_out_what_would_alias():
    def amplitude(frequency_hz):
        world = SineWorld(1000, frequency_hz)
        _, counts = words(streaming(world, odr_error=0.0), 4 * S)
        return counts[:, 0].std() * 0.122 * np.sqrt(2)

    assert amplitude(2) == pytest.approx(1000, rel=0.02)
    assert amplitude(95) < 200


def test_samples_are_dated_within_one_period():
    chip = streaming(RampWorld(mg_per_s=1000), odr_error=0.01, offset_mg=(0, 0, 0))
    chip.converter.sensitivity[:] = 1
    _, counts = words(chip, 2 * S)
    assert counts[:, 0] * 0.122 == pytest.approx(
        np.arange(1, len(counts) + 1) / (6667 * 1.01 / 64) * 1000, abs=12
    )


def test_temperature_is_256_counts_a_degree_from_25():
    chip = chip_with([(0x12, 0x44)], StillWorld())
    chip.world.temperature = 33.5
    assert int.from_bytes(chip.read(0x20, 2, 0), "little", signed=True) == round(8.5 * 256)


def test_without_address_increment_a_burst_repeats_one_register():
    chip = chip_with([(0x12, 0x40)])
    assert chip.read(0x0F, 3, 0) == b"\x6c" * 3


def test_writes_to_read_only_registers_change_nothing():
    chip = chip_with([(0x0F, 0x11), (0x63, 0x11)])
    assert chip.read(0x0F, 1, 0) == b"\x6c"


def test_faults_come_when_asked_for():
    chip = chip_with()
    chip.fail("nak", after=1)
    chip.read(0x0F, 1, 0)
    with pytest.raises(BusNak):
        chip.read(0x0F, 1, 0)
    chip.fail("stuck")
    for _ in range(3):
        with pytest.raises(BusStuck):
            chip.read(0x0F, 1, 0)
    chip.unstick()
    assert chip.read(0x0F, 1, 0) == b"\x6c"
    with pytest.raises(ValueError):
        chip.fail("gremlin")


def test_a_part_out_of_its_tolerance_is_refused():
    with pytest.raises(ValueError):
        Lsm6dsox(StillWorld(), odr_error=0.1)


def test_the_bus_speaks_micropythons_errors_and_takes_time():
    chip, clock = streaming(), Clock()
    bus = FakeI2C({0x6A: chip}, clock)
    bus.readfrom_mem(0x6A, 0x78, 448)
    assert clock.now_us == transfer_us(448, 400_000) == pytest.approx(10_150, rel=0.01)
    with pytest.raises(OSError) as error:
        bus.readfrom_mem(0x6A, 0x78, 3584)
    assert error.value.args[0] == 116, "a whole FIFO takes longer than a transfer may"
    before_us = clock.now_us
    with pytest.raises(OSError) as error:
        bus.readfrom_mem(0x6B, 0x0F, 1)
    assert error.value.args[0] == 19
    chip.fail("nak")
    with pytest.raises(OSError) as error:
        bus.readfrom_mem(0x6A, 0x0F, 1)
    assert error.value.args[0] == 19
    # addresses and register alone: three bytes of nine clocks at 400 kHz, each time
    assert clock.now_us - before_us == 2 * 67
    chip.fail("stuck")
    with pytest.raises(OSError) as error:
        bus.writeto_mem(0x6A, 0x10, b"\x00")
    assert error.value.args[0] == 116


def ticks(chip, now_us):
    return int.from_bytes(chip.read(0x40, 4, now_us), "little")


def test_its_clock_goes_in_25_us_and_begins_anew_when_it_is_told_so_and_by_nothing_else():
    chip = chip_with([(0x12, 0x44), (0x19, 0x20)], odr_error=0.0)
    assert ticks(chip, S) == 40_000
    chip.write(0x41, b"\xaa", S)  # its own byte: read only
    chip.write(0x73, b"\xaa", S)  # an offset
    chip.write(0x42, b"\xab", S)
    assert ticks(chip, S) == 40_000
    chip.write(0x42, b"\xaa", S)
    assert ticks(chip, S) == 0 and ticks(chip, 2 * S) == 40_000
    chip.write(0x19, b"\0", 2 * S)
    assert ticks(chip, 2 * S) == 0, "off"
