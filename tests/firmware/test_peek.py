"""A look out of deep sleep: what counts as worn, just below and above the bounds."""

import math

import config
import peek
import pytest
from fakes.bench_imu import Bench
from fakes.worlds import SineWorld, StillWorld


def look(world, before_mg=(0, 0, 1000), lost=False):
    bench = Bench(world, offset_mg=(0, 0, 0))
    if lost:
        bench.i2c.chips.clear()
    return peek.worn(bench.imu, config, before_mg, bench.clock.sleep_ms)


def turned(degrees):
    return (0, 1000 * math.sin(math.radians(degrees)), 1000 * math.cos(math.radians(degrees)))


@pytest.mark.parametrize(("degrees", "worn"), [(0, False), (16, False), (24, True), (90, True)])
def test_a_band_that_was_turned_has_been_put_on(degrees, worn):
    found, gravity_mg = look(StillWorld(turned(degrees)))
    assert found is worn
    assert gravity_mg == pytest.approx(turned(degrees), abs=25)


@pytest.mark.parametrize(("peak_mg", "worn"), [(8, False), (30, True), (300, True)])
def test_a_band_that_moves_is_worn_also_at_the_first_look(peak_mg, worn):
    assert look(SineWorld(peak_mg, 3.0), before_mg=(0, 0, 0))[0] is worn


def test_the_first_look_at_a_table_only_remembers_how_it_lies():
    found, gravity_mg = look(StillWorld((0, 1000, 0)), before_mg=(0, 0, 0))
    assert not found and gravity_mg == pytest.approx((0, 1000, 0), abs=25)


def test_a_sensor_that_does_not_answer_says_no_and_forgets_nothing():
    assert look(StillWorld(), before_mg=(1, 2, 3), lost=True) == (False, (1, 2, 3))


@pytest.mark.parametrize(("samples", "worn"), [(29, False), (30, True), (64, True)])
def test_a_look_needs_thirty_samples_in_seven_tenths_of_a_second(samples, worn):
    waited = []

    class Imu:
        ug_per_lsb = 122

        def found(self):
            return self

        def start(self, *asked):
            assert asked == (config.ODR_HZ, config.RANGE_G, config.WATERMARK)

        def stop(self):
            pass

        def drain_into(self, buf):
            assert len(buf) == 192
            for i in range(3 * samples):
                buf[i] = 8197 if i % 3 == 1 else 0
            return samples

    found, gravity_mg = peek.worn(Imu(), config, (0, 0, 1000), waited.append)
    assert found is worn and waited == [700]
    assert gravity_mg == ((0, 1000, 0) if worn else (0, 0, 1000))


@pytest.mark.parametrize(
    ("counts", "moves"),
    # half of the spread: 15 mg are 262 counts of 0.122 mg and a bit, 16 begin at 263
    [(250, False), (262, False), (263, True), (400, True)],
)
def test_more_than_fifteen_mg_to_either_side_is_a_movement(counts, moves):
    class Imu:
        ug_per_lsb = 122
        start = stop = lambda self, *asked: None

        def found(self):
            return self

        def drain_into(self, buf):
            for i in range(64):
                buf[3 * i + 2] = 8197 + counts * (i % 2)
            return 64

    assert peek.worn(Imu(), config, (0, 0, 0), lambda ms: None)[0] is moves


@pytest.mark.parametrize(("off_mg", "turned"), [(342, False), (343, True)])
def test_turned_by_more_than_342_mg(off_mg, turned):
    class Imu:
        ug_per_lsb = 1000
        start = stop = lambda self, *asked: None

        def found(self):
            return self

        def drain_into(self, buf):
            for i in range(64):
                buf[3 * i] = 1 + off_mg
            return 64

    assert peek.worn(Imu(), config, (1, 0, 0), lambda ms: None)[0] is turned
