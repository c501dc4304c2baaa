"""Nights, days and recordings as the chip will ask for them."""

from types import SimpleNamespace

import numpy as np
import pytest
from notturno.virtualband.world import DAY_S, RecordingSource, StillSource, Timeline


class Ramp:
    def accel_mg(self, first_s, step_s, n):
        return np.repeat((first_s + step_s * np.arange(n))[:, None], 3, axis=1)


def test_the_band_is_off_the_dock_at_night_alone():
    world = Timeline([StillSource(), StillSource()], hours=[8, 6])
    assert not world.docked(0) and not world.docked(8 * 3600 - 1)
    assert world.docked(8 * 3600) and world.docked(DAY_S - 1)
    assert not world.docked(DAY_S + 6 * 3600 - 1)
    assert world.docked(DAY_S + 6 * 3600) and world.docked(9 * DAY_S)
    assert world.end_s == DAY_S + 6 * 3600


def test_every_change_is_announced_before_it_comes():
    world = Timeline([StillSource(), StillSource()], hours=8, presses_s=[100.0])
    t_s, changes = 0.0, []
    while (t_s := world.next_change_s(t_s)) != float("inf"):
        before, after = t_s - 0.001, t_s + 0.001
        assert (world.docked(before), world.button(before)) != (
            world.docked(after),
            world.button(after),
        )
        changes.append(t_s)
    assert changes == pytest.approx([100.0, 100.3, 28800, DAY_S, DAY_S + 28800])


def test_a_night_counts_from_its_own_beginning_and_the_dock_is_still():
    world = Timeline([Ramp(), Ramp()], hours=1)
    assert world.accel_mg(DAY_S + 10, 1.0, 3)[:, 0].tolist() == [10, 11, 12]
    across = world.accel_mg(3598.0, 1.0, 4)
    assert across[:, 0].tolist() == [3598, 3599, 0, 0]
    assert across[3].tolist() == [0, 0, 1000]


def test_a_recording_is_felt_by_straight_lines_between_its_samples():
    acc = np.array([[0, 0, 100], [10, -20, 200], [20, -40, 300]], np.int16)
    source = RecordingSource(SimpleNamespace(acc=acc, mg_per_lsb=0.5, odr_hz=50.0))
    felt = source.accel_mg(0.0, 0.01, 5)
    assert felt[:, 0].tolist() == pytest.approx([0, 2.5, 5, 7.5, 10])
    assert felt[:, 2].tolist() == pytest.approx([50, 75, 100, 125, 150])
    assert source.accel_mg(3600.0, 0.01, 2).tolist() == [[10, -20, 150], [10, -20, 150]]


def test_a_short_recording_fills_a_night_without_a_seam():
    acc = np.stack([np.arange(5), np.zeros(5), np.zeros(5)], axis=1).astype(np.int16)
    recording = SimpleNamespace(acc=acc, mg_per_lsb=1.0, odr_hz=1.0)
    felt = RecordingSource(recording, to_and_fro=True).accel_mg(0.0, 0.5, 40)[:, 0]
    assert felt[:20:2].tolist() == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1]
    assert np.abs(np.diff(felt)).max() == 0.5


def test_a_recording_at_the_chips_own_rate_is_felt_exactly():
    acc = np.random.default_rng(1).integers(-3000, 3000, (500, 3)).astype(np.int16)
    source = RecordingSource(SimpleNamespace(acc=acc, mg_per_lsb=0.122, odr_hz=100.0))
    assert np.allclose(source.accel_mg(0.0, 0.01, 500), acc * 0.122)


@pytest.mark.parametrize("hours", [0, 24, [8], [8, 8, 8]])
def test_impossible_nights_are_refused(hours):
    with pytest.raises(ValueError):
        Timeline([StillSource(), StillSource()], hours=hours)
