"""A waveform's picture, stroke by stroke: four panels on one scale, lines of time, the event."""

import pytest
from notturno.charts import waveform as drawn
from notturno.nights.waveform import Waveform
from test_night_by_hand import Drawing


class Curves(Drawing):
    """Keeps the curves, too; as wide as a page's picture."""

    width = 1000

    def __init__(self):
        super().__init__()
        self.curves = []

    def curve(self, points, kind):
        self.curves.append(([(round(x, 2), round(y, 2)) for x, y in points], kind))


def waveform(counts, rate_hz=100.0, first=1000):
    return Waveform(first, counts, rate_hz, 1000)  # a count is a mg


def test_panels_are_as_high_for_all_and_each_lies_around_its_middle():
    """The widest spans 100 mg, 104 with its margin; a flat one lies in the middle of as many."""
    limits = drawn.limits_mg({"x": [0.0, 100.0, None], "y": [7.0, 7.0]})
    assert limits["x"] == pytest.approx((-2.0, 102.0))
    assert limits["y"] == pytest.approx((-45.0, 59.0))
    assert drawn.limits_mg({"x": [5.0, 5.5]})["x"] == pytest.approx((4.73, 5.77))  # 1 mg at least


@pytest.mark.parametrize(
    ("first_s", "last_s", "lines"),
    [
        (-0.5, 1.0, [-0.5, 0.0, 0.5, 1.0]),
        (-0.49, 0.99, [0.0, 0.5]),
        (0.1, 0.4, []),
        (0.5, 0.5, [0.5]),
    ],
)
def test_a_line_of_time_stands_at_each_half_second(first_s, last_s, lines):
    assert drawn._seconds(first_s, last_s) == lines


@pytest.fixture
def picture():
    """Two seconds from half a second before the onset on: 992 units, 248 the half second."""
    counts = [(0, 0, 0)] * 201
    counts[100] = (100, 0, 0)
    counts[50] = None
    drawing = Curves()
    below = drawn._draw(drawing, 62, waveform(counts), 1050, 1080)
    return drawing, below


def test_four_panels_stand_on_a_plate_and_the_event_as_long_as_it_was(picture):
    drawing, below = picture
    assert below == 62 + 4 * 102 + 10
    assert drawing.rects == [
        (4, 62, 992, 396, "plate", None),
        (252.0, 62, 148.8, 396, "worn", None),
    ]


def test_the_lines_of_time_bear_their_seconds_from_the_onset(picture):
    drawing, _ = picture
    assert [line[:5] for line in drawing.lines] == [
        (x, 62, x, 458, "grid") for x in (4.0, 252.0, 500.0, 748.0, 996.0)
    ]
    times = [text for text in drawing.texts if text[1] == 472]
    assert [(text[0], text[2], text[4]) for text in times] == [
        (4.0, "-0.5 s", "start"),
        (252.0, "0 s", "middle"),
        (500.0, "0.5 s", "middle"),
        (748.0, "1 s", "middle"),
        (996.0, "1.5 s", "end"),
    ]


def test_each_panel_bears_its_name_and_its_edges(picture):
    drawing, _ = picture
    texts = [text for text in drawing.texts if text[1] != 472]
    tops = [62, 62, 62 + 102, 62 + 204, 62 + 306]
    names = [text for text in texts if text[3] == "lane"]
    assert [(text[0], text[1], text[2], text[5]) for text in names] == [
        (4, top + 12, name, 4) for top, name in zip(tops[1:], ("x", "y", "z", "norm"), strict=True)
    ]
    edges = [text for text in texts if text[3] == "small"]
    assert edges[:4] == [
        (996, 74, "102 mg", "small", "end", -4),
        (996, 150, "-2 mg", "small", "end", -4),
        (996, 176, "52 mg", "small", "end", -4),
        (996, 252, "-52 mg", "small", "end", -4),
    ]


def test_a_lost_sample_parts_a_curve_and_a_peak_stands_where_it_was(picture):
    drawing, _ = picture
    assert [len(points) for points, _ in drawing.curves] == [50, 150] * 4
    (before, kind), (behind, _) = drawing.curves[:2]
    assert kind == "curve" and before[0] == (4.0, 150.27) and before[-1][0] == 247.04
    # 100 mg of a panel from 102 to -2: 2/104 of its 90 px below its top.
    assert behind[49] == (500.0, 63.73) and behind[-1] == (996.0, 150.27)


def test_what_reaches_beyond_the_samples_ends_with_them():
    drawing = Curves()
    drawn._draw(drawing, 0, waveform([(0, 0, 0)] * 101), 950, 951)
    assert drawing.rects[1][:3] == (4.0, 0, 1.0)  # over before the first sample, and still seen
    drawn._draw(late := Curves(), 0, waveform([(0, 0, 0)] * 101), 1050, 1500)
    assert late.rects[1][:3] == (500.0, 0, 496.0)
    drawn._draw(one := Curves(), 0, waveform([(0, 0, 0)]), 1000, 1001)
    assert one.curves[0][0] == [(4.0, 45.0)]
