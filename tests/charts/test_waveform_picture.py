"""The picture of one waveform: its curves fill the plate, and lie where their figures say."""

import re

import pytest
from notturno.charts import waveform as drawn
from notturno.nights.waveform import Waveform

RATE_HZ, ONSET, COUNT = 100.0, 1000, 201
FIRST = ONSET - 50  # half a second before the onset, a second and a half behind it


@pytest.fixture
def svg():
    counts = [(i - 100, 50, 8000 + (i % 7)) for i in range(COUNT)]
    given = Waveform(FIRST, counts, RATE_HZ, 122)
    return drawn.picture(given, ONSET, ONSET + 30, "title", "words")


def places(svg):
    """Return [(x, y), ...] of each curve."""
    paths = re.findall(r'd="([^"]+)"', svg) + re.findall(r'points="([^"]+)"', svg)
    numbers = [[float(n) for n in re.findall(r"-?\d+\.?\d*", path)] for path in paths]
    return [list(zip(n[0::2], n[1::2], strict=True)) for n in numbers if len(n) >= 2 * COUNT // 2]


def test_every_curve_fills_the_plate(svg):
    curves = places(svg)
    assert len(curves) == 4  # x, y, z and the norm
    for curve in curves:
        xs = [x for x, _ in curve]
        assert min(xs) == pytest.approx(drawn.LEFT, abs=0.6)
        assert max(xs) == pytest.approx(drawn.UNITS - drawn.RIGHT, abs=0.6)


def test_the_event_lies_where_it_was_and_is_as_wide_as_it_was_long(svg):
    plate = drawn.UNITS - drawn.LEFT - drawn.RIGHT
    rects = re.findall(r"<rect[^>]*>", svg)
    (event,) = [r for r in rects if "worn" in r]
    x, width = (10 * float(re.search(rf'\b{n}="([\d.]+)%"', event)[1]) for n in ("x", "width"))
    assert x == pytest.approx(drawn.LEFT + plate * 0.25, abs=0.6)
    assert width == pytest.approx(plate * 0.15, abs=0.6)


def test_a_rising_axis_rises(svg):
    ys = [y for _, y in places(svg)[0]]
    assert ys[0] > ys[len(ys) // 2] > ys[-1]
    assert ys[0] - ys[-1] <= drawn.PANEL + 0.6
