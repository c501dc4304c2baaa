"""The charge of a cell by its voltage: each point of the curve, between them, and beyond its ends.

The curve is ours (drawn between published charts of lithium polymer cells at rest); the empty end
is where a band stops recording, 3450 mV.
"""

import pytest
from notturno_core.charge import battery_pct

POINTS = {
    **{3450: 0, 3600: 4, 3700: 12, 3750: 26, 3800: 42, 3850: 55},
    **{3900: 64, 3950: 71, 4000: 78, 4050: 85, 4100: 91, 4200: 100},
}


@pytest.mark.parametrize("mv", POINTS)
def test_each_point_of_the_curve(mv):
    assert battery_pct(mv) == POINTS[mv]


@pytest.mark.parametrize(
    ("mv", "pct"),
    [
        # between two points, in proportion
        *[(3525, 2), (3650, 8), (3725, 19), (3775, 34), (3825, 48), (3875, 60), (3925, 68)],
        *[(3975, 74), (4025, 82), (4075, 88), (4150, 96), (3710, 15), (4190, 99), (3451, 0)],
        # beyond the ends, up to what no cell has
        *[(4201, 100), (4400, 100), (4401, None), (3449, 0), (2500, 0), (2499, None)],
        *[(0, None), (None, None), (-3900, None)],
    ],
)
def test_between_the_points_and_beyond_them(mv, pct):
    assert battery_pct(mv) == pct
