"""Calibrated counts stay sixteen bits wide, and what was clipped stays as it was."""

import numpy as np
import pytest
from notturno.loggers import calibration
from notturno.loggers.calibration import Fit


def applied(rows, gain=(1, 1, 1), offset_mg=(0, 0, 0), mg_per_lsb=0.1):
    found = Fit(np.array(gain, float), np.array(offset_mg, float), 20.0, 1.0)
    out = calibration.applied(np.array(rows, np.int16), mg_per_lsb, found)
    assert out.dtype == np.int16
    return out.tolist()


def test_each_axis_has_its_own_gain_and_offset_in_counts():
    rows = [[1000, -1000, 500], [0, 0, 0]]
    out = applied(rows, (1.1, 0.9, 1.0), (10, -20, 0.26), 0.5)
    assert out == [[1120, -940, 501], [20, -40, 1]]


def test_long_recordings_are_done_in_parts_that_fit_together():
    rows = np.arange(3 * 20_000, dtype=np.int64).reshape(-1, 3) % 9000
    out = np.array(applied(rows, (1.1, 1.0, 0.9), (5, 0, -5)))
    assert np.abs(out - (rows * [1.1, 1.0, 0.9] + [50, 0, -50])).max() <= 0.501


@pytest.mark.parametrize(
    ("count", "gain", "offset_mg", "kept"),
    [
        (30_000, 1.1, 0, 32_767),  # beyond the end of sixteen bits
        (-30_000, 1.1, 0, -32_768),
        (32_766, 1.0, 0.3, 32_767),
        (32_760, 1.0, 500, 32_767),
        (-32_760, 1.0, -500, -32_768),
        (32_767, 0.9, 0, 32_767),  # it clipped: how far it was is not known
        (-32_768, 0.9, 0, -32_768),
        (32_766, 0.9, 0, 29_489),
        (28_000, 1.15, 0, 32_200),
    ],
)
def test_what_goes_beyond_stays_at_the_end(count, gain, offset_mg, kept):
    assert applied([[count, 0, 0]], (gain, 1, 1), (offset_mg, 0, 0))[0][0] == kept
    assert applied([[0, 0, count]], (1, 1, gain), (0, 0, offset_mg))[0][2] == kept


@pytest.mark.parametrize("offset_mg", [(3000, 0, 0), (0, 0, -3000)])
def test_an_offset_alone_can_go_beyond(offset_mg):
    rows = [[3_000, 0, -3_000]]
    (out,) = applied(rows, offset_mg=offset_mg)
    assert out[0] in (3_000, 32_767) and out[2] in (-3_000, -32_768)
