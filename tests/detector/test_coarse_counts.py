"""Loggers count in steps of 1 to 16 mg: the detector takes them for what they are, acceleration.

The nights are the sleeper's, rounded to what such a logger would have written.
"""

from functools import cache

import numpy as np
import pytest
from notturno import sleeper
from notturno.bench import metrics
from notturno.detect import engines, finer
from notturno.detect.recording import Recording
from notturno.sleeper import models, sensor
from notturno_core import segments

SEED, HOURS = 6, 0.5
AX3_MG = 1000 / 256  # of the commonest logger; E4: 1000 / 64


@cache
def night(profile):
    model = models.HELD_OUT[3]
    made = sleeper.night_world(profile, SEED, HOURS, model)
    acc, odr_hz = sensor.record(made, SEED, model=model)
    return made, acc * model.part.mg_per_lsb, odr_hz


def counted(profile, mg):
    made, acc_mg, odr_hz = night(profile)
    whole = Recording(np.round(acc_mg / mg).astype(np.int16), mg, odr_hz)
    return metrics.figures([metrics.tally(made.truth, engines.run(whole), HOURS)])


@pytest.mark.parametrize(
    ("mg", "band", "least"),
    [(1.0, "8-20", 0.9), (AX3_MG, "8-20", 0.85), (AX3_MG, "20-60", 0.95), (15.625, "20-60", 0.3)],
)
def test_jerks_well_above_a_count_are_found(mg, band, least):
    found, whole = counted("fragmentary", mg)["bands"][band]
    assert whole >= 2 and found >= least * whole


@pytest.mark.parametrize(("mg", "most"), [(1.0, 0), (AX3_MG, 2), (15.625, 2)])
def test_a_count_that_goes_up_and_down_is_no_movement(mg, most):
    figures = counted("quiet", mg)
    false = [figures["events"][kind] - figures["hits"][kind] for kind in ("jerk", "lm", "rhythm")]
    assert sum(false) <= most


@pytest.mark.parametrize(
    ("most", "mg", "times"),
    [
        (8000, 0.122, 0),  # a band's: its rows are made again as it made them
        (8000, 0.488, 0),
        (8000, 0.6, 2),
        (8000, 1.0, 2),  # 32 000, and not 64 000
        (7999, 1.0, 2),
        (8001, 1.0, 1),
        (4000, 1.0, 3),
        (100, 1.0, 3),  # 0.125 mg; 0.0625 would be finer than a band's
        (100, 0.96, 3),  # 0.12
        (100, 0.95, 2),
        (-128, 15.625, 7),  # 0.12207
        (20000, 3.9, 0),
        (0, 3.9, 5),
        (100, 65.535, 8),  # 65.5 mg is the coarsest that is taken
        (100, 65.536, 0),
    ],
)
def test_a_count_is_halved_down_to_a_bands_and_no_further_than_there_is_room(most, mg, times):
    acc = np.zeros((4, 3), np.int16)
    acc[2, 1] = most
    assert finer.doublings(acc, mg) == times
    assert finer.doublings(acc[:0], mg) == 0


def test_counts_below_nothing_stay_below_nothing():
    words = np.array([-5, 7, -4000], np.int16).view(np.uint16)
    assert finer.words(words, 3).view(np.int16).tolist() == [-40, 56, -32000]
    assert finer.words(words, 0) is words


def test_thresholds_are_never_below_what_a_count_makes_by_itself():
    assert finer.thresholds(0.122) == finer.thresholds(1.0) == {}
    assert finer.thresholds(4.0) == {"jerk_on_ug": 6800, "jerk_low_ug": 6000}
    assert finer.thresholds(16.0) == {
        "jerk_on_ug": 27200,
        "jerk_low_ug": 24000,
        "lm_on_ug": 19200,
        "lm_low_ug": 12800,
    }


def test_what_somebody_has_set_stays_set():
    acc = np.zeros((200, 3), np.int16)
    set_by_hand = engines.start(Recording(acc, 4.0, 100.0), {"jerk_on_ug": 3000})
    assert set_by_hand == segments.new_state(100000, 125, jerk_on_ug=3000, jerk_low_ug=6000)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_finer_counts_of_one_acceleration_give_its_rows(engine):
    made, acc_mg, odr_hz = night("fragmentary")
    first = int((made.truth[0]["onset_s"] - 10) * odr_hz)
    long = 70000 if engine == "native" else 9000  # more than the compiled loop takes at once
    acc = np.round(acc_mg[first : first + long]).astype(np.int16)
    assert np.abs(acc).max() < 4000
    coarse = Recording(acc, 1.0, odr_hz)
    by_hand = Recording(acc * np.int16(8), 0.125, odr_hz)
    assert engines.run(coarse, engine) == engines.run(by_hand, engine)
    assert len(engines.run(coarse, engine)) > 0
