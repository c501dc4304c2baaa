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
