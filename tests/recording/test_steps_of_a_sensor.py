"""A table's values show how coarsely its sensor counted, whatever unit they are written in."""

import tracemalloc

import numpy as np
import pytest
from notturno.detect.recording_step import step_mg
from notturno.detect.recording_table import counts_of

RNG = np.random.default_rng(5)
REST = RNG.normal(0, 9, (4000, 3)) + [300, -200, 932]


def as_written(mg, per_g, decimals, unit_mg=1000.0):
    """Return acceleration as a sensor of so many counts per g gives it, in a unit's decimals."""
    g = np.round(mg * per_g / 1000) / per_g
    return np.round(g * 1000 / unit_mg, decimals) * unit_mg


@pytest.mark.parametrize(
    ("per_g", "decimals", "unit_mg"),
    [
        (64, 6, 1000.0),  # Empatica E4
        (64, 3, 1000.0),
        (256, 6, 1000.0),  # Axivity AX3
        (256, 3, 1000.0),  # 0.004, 0.008, 0.012, 0.016
        (341, 3, 1000.0),  # ActiGraph
        (256, 0, 1.0),
        (128, 2, 1000 / 9.80665),
    ],
)
def test_a_coarse_sensors_step_is_found(per_g, decimals, unit_mg):
    acc_mg = as_written(REST, per_g, decimals, unit_mg)
    assert step_mg(acc_mg) == pytest.approx(1000 / per_g, rel=0.01)
    counts, mg_per_lsb = counts_of(acc_mg, "a.csv")
    assert mg_per_lsb == pytest.approx(1000 / per_g, rel=0.01)
    assert counts[:, 2].mean() == pytest.approx(932 * per_g / 1000, rel=0.01)


def test_decimals_alone_are_a_step_where_they_are_coarse():
    assert step_mg(np.round(REST, -1)) == pytest.approx(10)  # g with two decimals
    assert step_mg(np.round(REST)) is None  # with three


@pytest.mark.parametrize(
    "acc_mg",
    [
        REST,
        as_written(REST, 8192, 6),
        as_written(REST, 1024, 6),
        as_written(REST, 256, 6) * [1.0, 1.01, 0.99],  # each axis calibrated by its own gain
        as_written(REST, 256, 6) + [1.7, 0.0, 0.0],  # and by an offset
        np.zeros((400, 3)),
        np.tile([[0.0, 1000.0, 0.0], [0.0, 900.0, 100.0]], (9, 1)),
        as_written(REST, 256, 6)[:1],
        as_written(REST, 256, 6)[:0],
    ],
)
def test_no_step_is_made_up(acc_mg):
    assert step_mg(acc_mg) is None


@pytest.mark.parametrize(("step", "found"), [(1.5, True), (1.49, False)])
def test_steps_below_any_threshold_are_left(step, found):
    acc_mg = np.round(REST / step) * step
    assert (step_mg(acc_mg) is not None) == found


def test_a_wild_table_takes_little_memory():
    wild = np.round(RNG.normal(0, 6000, (20_000, 3)) / 2) * 2
    tracemalloc.start()
    try:
        assert step_mg(wild) == pytest.approx(2)
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()
