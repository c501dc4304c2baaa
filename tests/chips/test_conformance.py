"""Every driver on every model of its chip keeps the contract of `drivers/__init__`.

The driver is the one that `find` names. RampWorld dates a sample: x grows by a known rate.
"""

import json
from array import array
from pathlib import Path

import numpy as np
import pytest
from drivers import GAP_OVERRUN, MAX_RUN, SensorLost, WrongChip, find
from drivers.sensor import Sensor
from fakes.worlds import RampWorld, SineWorld, StillWorld
from notturno.virtualband.chips import model, models
from notturno.virtualband.chips.bus import Clock, FakeI2C
from notturno_core import plausible, wire
from notturno_core.sensors import FAMILIES

CHIPS = sorted(models())
ROOT = Path(__file__).resolve().parents[2]
DRIVERS = {path.stem for path in (ROOT / "firmware" / "drivers").glob("*.py")}
PAGES = [
    page
    for page in sorted((ROOT / "hardware" / "chips").glob("*.json"))
    if json.loads(page.read_text(encoding="utf-8"))["driver"] in DRIVERS
]
# What the factory's trim explains of a part's rate, less a residual: estimated.
TRIMMED_PPM = {"LSM6DSOX": 6_000, "LSM6DSO32": 6_000}
each_chip = pytest.mark.parametrize("name", CHIPS)


class Bench:
    """A model on a bus, and the driver that finds it there."""

    def __init__(self, name, world=None, seed=1, board=True, driver=None, **settings):
        settings.setdefault("offset_mg", (0, 0, 0))
        self.chip = model(name)(world or StillWorld(), seed, **settings)
        self.clock = Clock(1000)
        self.i2c = FakeI2C({self.chip.address: self.chip}, self.clock)
        ways = (lambda: self.i2c, self.chip.unstick) if board else (None, None)
        if driver is None:
            self.imu = find.find(self.i2c, self.clock.sleep_ms, *ways)
        else:
            self.imu = driver(self.i2c, self.clock.sleep_ms, *ways, self.chip.address)
        self.buf = array("H", [0] * (3 * MAX_RUN))

    def drain(self):
        """Return [(gap before, [[x, y, z] in mg])] of one drain."""
        runs = []
        for _ in range(100):
            n = self.imu.drain_into(self.buf)
            counts = np.array(self.buf[: 3 * n], np.uint16).view(np.int16).reshape(n, 3)
            runs.append((self.imu.gap, counts * (self.imu.ug_per_lsb / 1000)))
            if not self.imu.more:
                return runs
        raise AssertionError("a drain that never ends")

    def drain_for(self, seconds, pauses_ms=None):
        """Drain at the driver's watermark, or after pauses as given; return (mg, gaps)."""
        own_ms = self.imu.watermark * 1_000_000 // self.imu.odr_mhz
        pauses_ms = pauses_ms or [own_ms]
        end_us = self.clock.now_us + seconds * 1_000_000
        parts, gaps, at = [], [], 0
        while self.clock.now_us < end_us:
            self.clock.sleep_ms(pauses_ms[at % len(pauses_ms)])
            at += 1
            for gap, mg in self.drain():
                if gap:
                    gaps.append((gap, sum(map(len, parts))))
                parts.append(mg)
        return np.concatenate(parts), gaps


def of_bench(name, **settings):
    bench = Bench(name, **settings)
    bench.imu.start()
    return bench


@each_chip
def test_find_names_the_chip_and_start_tells_it_apart(name):
    imu = of_bench(name).imu
    assert imu.chip_name == name
    assert imu.range_g == 4 and imu.fifo_samples > 2 * imu.watermark - 2 > 0


@each_chip
def test_the_table_of_families_says_what_the_driver_says(name):
    driver = type(Bench(name).imu)
    rows = [row for row in FAMILIES if row[1] == driver.__name__]
    assert [row[3:6] for row in rows] == [(driver.ADDRESSES, driver.WHO_AM_I, driver.IDS)]
    assert name in rows[0][2]


@each_chip
def test_the_other_address_is_found_too(name):
    bench = Bench(name)
    other = type(bench.imu).ADDRESSES[1]
    bench.i2c.chips = bench.i2c._wires.chips = {other: bench.chip}
    imu = find.find(bench.i2c, bench.clock.sleep_ms)
    imu.start()
    assert imu.chip_name == name


@each_chip
@pytest.mark.parametrize("odr_hz", [26, 52, 104, 208])
def test_the_rate_is_what_it_says_within_the_parts_tolerance(name, odr_hz):
    for odr_error in (-0.02, 0.0, 0.02):
        bench = Bench(name, odr_error=odr_error)
        bench.imu.start(odr_hz)
        assert bench.imu.odr_mhz == pytest.approx(odr_hz * 1000, rel=0.05)
        true_mhz = bench.chip.rate_hz * 1000
        off_ppm = abs(bench.imu.odr_mhz / true_mhz - 1) * 1e6
        assert off_ppm <= min(bench.imu.odr_ppm, TRIMMED_PPM.get(name, 50_000))
        began_us = bench.clock.now_us
        mg, gaps = bench.drain_for(6)
        lasted_s = (bench.clock.now_us - began_us) / 1e6
        assert not gaps and len(mg) == pytest.approx(lasted_s * bench.chip.rate_hz, abs=14)


@each_chip
@pytest.mark.parametrize("asked_g, at_most_g", [(2, 4), (4, 4), (8, 8), (16, 16)])
def test_gravity_is_1000_mg_at_every_range(name, asked_g, at_most_g):
    bench = Bench(name, StillWorld((0, 600, -800)))
    bench.imu.start()
    if asked_g > max(bench.imu.RANGES):
        with pytest.raises(ValueError, match=name):
            bench.imu.start(range_g=asked_g)
        return
    bench.imu.start(range_g=asked_g)
    assert asked_g <= bench.imu.range_g <= at_most_g
    mg, _ = bench.drain_for(3)
    mean_mg = mg[20:].mean(axis=0)
    assert np.linalg.norm(mean_mg) == pytest.approx(1000, abs=15)
    assert mean_mg == pytest.approx([0, 600, -800], abs=15)
    bench.chip.converter._world = StillWorld((0, 0, 40000))
    # A count of a whole mg ends a range at 2048 of them, and not at 2000.
    assert 0.98 <= bench.drain_for(8)[0][-1, 2] / (bench.imu.range_g * 1000) <= 1.03


@each_chip
def test_a_part_with_its_own_offset_is_plausible(name):
    for seed in range(5):
        bench = of_bench(name, seed=seed, offset_mg=None)
        mg, _ = bench.drain_for(3)
        assert not plausible.gravity_fault(*[int(axis) for axis in mg.mean(axis=0)])


@each_chip
def test_a_movement_has_its_amplitude_and_its_noise(name):
    bench = of_bench(name, world=SineWorld(500, 2.0))
    mg, gaps = bench.drain_for(20)
    assert not gaps
    assert mg[:, 0].std() * 2**0.5 == pytest.approx(500, abs=15)
    assert 0.2 < mg[:, 1].std() < 4.0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_model_at_rest_is_as_noisy_as_the_page_of_its_chip_says(page):
    """White noise of so much per root of Hz within what the chip lets through.

    That is half of its rate, or the page's `passes_share` of it.
    """
    told = json.loads(page.read_text(encoding="utf-8"))
    said, share = told["noise_ug_rthz"], told.get("passes_share", {"value": 0.5})["value"]
    (name,) = [name for name in CHIPS if name.replace("-", "").startswith(page.stem.upper())]
    bench = of_bench(name)
    mg, _ = bench.drain_for(40)
    step_mg = bench.imu.ug_per_lsb / 1000
    noise_mg = np.sqrt(mg[50:, 0].var() - step_mg**2 / 12)
    density_ug = 1000 * noise_mg / np.sqrt(bench.chip.rate_hz * share)
    low, high = said.get("low", said["value"]), said.get("high", said["value"])
    assert 0.95 * low < density_ug < 1.05 * high


@each_chip
@pytest.mark.parametrize("share", [(1, 1), (3, 2), (1, 9, 4), (16, 10)])
def test_samples_come_once_and_in_order_whatever_the_rhythm(name, share):
    bench = of_bench(name, world=RampWorld(mg_per_s=100.0), odr_error=0.01)
    own_ms = bench.imu.watermark * 1_000_000 // bench.imu.odr_mhz
    pauses = [max(1, own_ms * part // 10) for part in share]
    zero_us = bench.clock.now_us
    mg, gaps = bench.drain_for(15, pauses)
    assert not gaps
    # one sample of each period, and every one a step further up the ramp
    rate_hz = bench.chip.rate_hz
    held = bench.chip.level_bytes(bench.clock.now_us) // bench.chip.SAMPLE_BYTES
    assert len(mg) + held == pytest.approx((bench.clock.now_us - zero_us) / 1e6 * rate_hz, abs=12)
    x = mg[:, 0]
    slope = np.polyfit(np.arange(len(x)), x, 1)[0]
    assert slope == pytest.approx(100 / rate_hz, rel=0.01)
    straight = x[0] + slope * np.arange(len(x))
    assert np.abs(x - straight - np.mean(x - straight)).max() < 15


@each_chip
def test_an_overrun_is_told_before_the_samples_that_follow(name):
    bench = of_bench(name, world=RampWorld(mg_per_s=10.0))
    before, _ = bench.drain_for(4)
    bench.clock.sleep_ms(bench.imu.fifo_samples * 1_500_000 // bench.imu.odr_mhz)
    runs = bench.drain()
    assert runs[0][0] == GAP_OVERRUN and bench.imu.faults.overruns == 1
    after, gaps = bench.drain_for(4)
    assert not gaps, "told once"
    steps = np.diff(after[:, 0])
    assert np.abs(steps).max() < 20, "no sample is put together of two"
    assert abs(np.median(after[:, 2]) - 1000) < 20


@each_chip
def test_the_chips_own_word_for_an_overrun_is_enough(name):
    bench = of_bench(name)
    bench.drain_for(4)
    bench.clock.sleep_ms(500)
    bench.chip._overran()  # and it is not full
    assert bench.drain()[0][0] == GAP_OVERRUN and bench.imu.faults.overruns == 1
    assert not bench.drain_for(4)[1], "told once"


@each_chip
def test_a_start_on_a_sound_bus_fails_no_transfer(name):
    bench = Bench(name)
    bench.clock.sleep_ms(50)  # it has come up
    failed = bench.imu.faults.transfers
    for _ in range(2):
        bench.imu.start()
        bench.drain_for(1)
    assert bench.imu.faults.transfers == failed


@each_chip
@pytest.mark.parametrize("kind", ["nak", "stuck"])
@pytest.mark.parametrize("after", range(6))
def test_one_bus_fault_costs_nothing_or_is_told(name, kind, after):
    bench = of_bench(name, world=RampWorld(mg_per_s=100.0))
    bench.drain_for(2)
    bench.chip.fail(kind, after=after)
    mg, gaps = bench.drain_for(6)
    assert bench.imu.faults.transfers >= 1 and len(gaps) <= 1
    assert bool(bench.imu.faults.unstuck) == (kind == "stuck")
    steps = np.diff(mg[:, 0])
    for _, at in gaps:
        steps[at - 1] = 0
    assert np.abs(steps).max() < 25
    assert len(mg) > 5 * bench.chip.rate_hz


@each_chip
@pytest.mark.parametrize("samples", [0.5, 1, 1.5, 3, 17, 40])
def test_a_burst_that_breaks_off_is_a_gap_and_never_a_repetition(name, samples):
    bench = of_bench(name, world=RampWorld(mg_per_s=100.0))
    bench.drain_for(2)
    # the burst that gives samples is the first read of the FIFO's output
    fault, out = bench.chip._fault, bench.chip.FIFO_OUT

    def fault_at_burst(reg, now_us):
        if reg == out and not bench.chip._faults and not done:
            done.append(1)
            bench.chip.fail("broken", words=samples)
        fault(reg, now_us)

    done = []
    bench.chip._fault = fault_at_burst
    mg, gaps = bench.drain_for(4)
    assert done and len(gaps) >= 1
    steps = np.diff(mg[:, 0])
    assert np.abs(np.delete(steps, [at - 1 for _, at in gaps])).max() < 25
    assert steps.min() > -25, "nothing is given twice"
    assert abs(np.median(mg[:, 2]) - 1000) < 20


@each_chip
def test_a_dead_bus_is_sensor_lost_after_the_whole_ladder_and_start_revives_it(name):
    bench = of_bench(name)
    bench.drain_for(2)
    bench.chip.fail("nak", count=300)
    with pytest.raises(SensorLost):
        bench.drain_for(4)
    assert bench.imu.faults.recreated == 2 and bench.imu.faults.unstuck == 1
    bench.chip._faults.clear()
    bench.imu.start()
    assert len(bench.drain_for(4)[0]) > 3.5 * bench.chip.rate_hz


@each_chip
def test_without_help_from_the_board_the_ladder_ends(name):
    bench = Bench(name, board=False)
    bench.imu.start()
    bench.chip.fail("stuck")
    with pytest.raises(SensorLost, match="wires"):
        bench.drain_for(2)


@each_chip
def test_a_chip_that_lost_its_power_gives_nothing_until_it_is_started(name):
    bench = of_bench(name)
    bench.drain_for(2)
    bench.chip.lose_power(bench.clock.now_us)
    bench.drain()  # what was read before
    mg, _ = bench.drain_for(4)
    assert len(mg) == 0
    bench.imu.start()
    mg, _ = bench.drain_for(4)
    assert len(mg) > 3.5 * bench.chip.rate_hz and abs(np.median(mg[:, 2]) - 1000) < 20


@each_chip
def test_start_and_stop_may_come_twice_and_in_any_state(name):
    bench = Bench(name)
    bench.imu.stop()
    bench.imu.start(208, 8)
    bench.drain_for(2)
    bench.imu.start()
    bench.imu.start()
    mg, gaps = bench.drain_for(3)
    assert not gaps and len(mg) > 2.5 * bench.chip.rate_hz
    bench.imu.stop()
    bench.imu.stop()
    assert bench.chip.rate_hz == 0
    bench.imu.start()
    assert len(bench.drain_for(3)[0]) > 2.5 * bench.chip.rate_hz


@each_chip
@pytest.mark.parametrize("temperature", [-5.0, 20.0, 33.5])
def test_the_temperature(name, temperature):
    imu = of_bench(name, world=StillWorld(temperature=temperature)).imu
    if type(imu).temperature_q8_c is Sensor.temperature_q8_c:  # a chip without a thermometer
        assert imu.temperature_q8_c() == wire.NO_TEMPERATURE_Q8_C
    else:
        assert imu.temperature_q8_c() == pytest.approx(temperature * 256, abs=2)


@each_chip
@pytest.mark.parametrize("wrong", [{"odr_hz": 70}, {"range_g": 40}])
def test_a_rate_or_range_that_it_has_not_is_refused(name, wrong):
    with pytest.raises(ValueError, match=name):
        Bench(name).imu.start(**wrong)


@each_chip
def test_another_chip_in_its_place_is_refused_in_one_sentence(name):
    bench = Bench(name)
    register = type(bench.imu).WHO_AM_I
    bench.chip.read = lambda reg, n, now: bytes([0xEA]) * n
    with pytest.raises(WrongChip, match="0xea"):
        bench.imu.start()
    with pytest.raises(WrongChip) as error:
        find.find(bench.i2c, bench.clock.sleep_ms)
    said = str(error.value)
    assert f"0xea at 0x{bench.chip.address:02x} (register 0x{register:02x})" in said
    assert all(chip in said for chip in CHIPS)


def test_nothing_on_the_bus_is_sensor_lost():
    clock = Clock()
    with pytest.raises(SensorLost, match="wires"):
        find.find(FakeI2C({}, clock), clock.sleep_ms)


@each_chip
@pytest.mark.parametrize("kind", ["nak", "stuck"])
def test_a_bus_that_fails_at_first_hides_no_chip(name, kind):
    bench = Bench(name)
    bench.chip.fail(kind)
    imu = find.find(bench.i2c, bench.clock.sleep_ms, lambda: bench.i2c, bench.chip.unstick)
    imu.start()
    assert imu.chip_name == name


def test_a_chip_that_waits_for_i3c_is_found():
    bench = Bench("LSM6DSOX", int1_high=True)
    bench.imu.start()
    assert len(bench.drain_for(3)[0]) > 290


class TwitchWorld(StillWorld):
    """A limb that is being moved: 2 Hz of 400 mg and 5 Hz of 200 mg on gravity."""

    def accel_mg(self, first_s, step_s, n):
        out = super().accel_mg(first_s, step_s, n)
        t_s = first_s + step_s * np.arange(n)
        out[:, 0] += 400 * np.sin(2 * np.pi * 2 * t_s)
        out[:, 2] += 200 * np.sin(2 * np.pi * 5 * t_s)
        return out


@pytest.mark.parametrize("name", ["LSM6DSOX", "LSM6DSO32"])
def test_a_moving_limb_tells_the_dso32_for_now_and_rest_for_good(name):
    bench = of_bench(name, world=TwitchWorld())
    assert bench.imu.chip_name == name and not bench.imu._told_apart
    bench.chip.converter._world = StillWorld()
    bench.imu.start()
    assert bench.imu.chip_name == name and bench.imu._told_apart
    mg, _ = bench.drain_for(2)
    assert np.median(mg[:, 2]) == pytest.approx(1000, abs=15)
