"""Bars of many nights, stroke by stroke: a slot a day, a bar a band, what is typical, a tag."""

from datetime import date

import pytest
from notturno.charts import how_it_lay, svg, trend
from test_night_by_hand import H_MS, START_MS, Drawing, axis

FIRST = date(2026, 1, 1)


def calendar(days=10):
    drawing = Drawing()
    return drawing, trend.Calendar(drawing, FIRST, date.fromordinal(FIRST.toordinal() + days - 1))


def night(day, value, device="a", countable_h=8.0):
    made = {"date": f"2026-01-{day:02}", "device_id": device, "band": device}
    return made | {
        "jerks_per_h": value,
        "countable_h": countable_h,
        "refusal": None,
        "refusals": {},
    }


@pytest.mark.parametrize(("days", "slot"), [(10, 100.0), (7, 1000 / 7), (3, 1000 / 7)])
def test_a_day_has_a_slot_and_a_week_is_the_least(days, slot):
    _, one = calendar(days)
    assert one.slot == pytest.approx(slot) and one.x(FIRST) == 4
    assert one.x(date(2026, 1, 3)) == pytest.approx(4 + 2 * slot)


def bars(nights, devices=("a",), days=10, base=122, scale=8.0):
    drawing, one = calendar(days)
    for each in nights:
        trend._draw_bar(drawing, each, "jerks_per_h", "jerk", list(devices), one, base, scale)
    return drawing


def test_a_bar_stands_in_the_middle_of_its_slot_with_its_figure_above():
    drawing = bars(
        [night(1, 5.0), night(3, 2.5, countable_h=3.99), night(4, 2.5, countable_h=4.0)]
    )
    assert drawing.rects == [
        (36.0, 82.0, 35, 40.0, "jerk", None),
        (236.0, 102.0, 35, 20.0, "jerk short", None),
        (336.0, 102.0, 35, 20.0, "jerk", None),
    ]
    assert [(t[0], t[1], t[2]) for t in drawing.texts] == [
        (54.0, 78.0, "5.0"),
        (254.0, 98.0, "2.5"),
        (354.0, 98.0, "2.5"),
    ]


def test_two_bands_stand_side_by_side_and_the_second_is_paler():
    drawing = bars([night(1, 5.0), night(1, 5.0, "b")], ("a", "b"))
    assert [(rect[0], rect[2], rect[4]) for rect in drawing.rects] == [
        (18.0, 35, "jerk"),
        (54.0, 35, "jerk b"),
    ]
    narrow = bars([night(1, 5.0), night(1, 5.0, "b")], ("a", "b"), days=20)
    assert [(rect[0], rect[2]) for rect in narrow.rects] == [(11.0, 17.0), (29.0, 17.0)]


def test_a_night_without_a_figure_is_a_hatched_mark_and_no_zero():
    drawing = bars([night(2, None)])
    assert drawing.rects == [(136.0, 112, 35, 10, "away", None)] and drawing.texts == []


@pytest.mark.parametrize(("days", "shown"), [(12, 1), (13, 0)])
def test_a_figure_stands_above_a_bar_where_two_would_not_touch(days, shown):
    """ "5.0" and one sign more take 80 units, a twelfth of the page less its margins 83.3."""
    assert len(bars([night(1, 5.0)], days=days).texts) == shown


def test_so_many_nights_are_strokes_of_two_paths():
    drawing, one = calendar(200)
    nights = [night(1, 5.0), night(2, None), night(3, 0.0)]
    trend._draw_strokes(drawing, nights, "jerks_per_h", "jerk", one, 122, 8.0)
    assert drawing.paths == [
        ("M6.5 122v-40.0M16.5 122v-0.5", "bars jerk", 18, 122),
        ("M11.5 122v-10.0", "bars away", 18, 122),
    ]


def test_what_is_typical_of_a_span_is_a_line_in_a_band():
    drawing, one = calendar()
    level = {"first_night": "2025-12-01", "last_night": "2026-01-02", "name": "before"}
    level |= {"typical": 5.0, "low": 2.5, "high": 10.0}
    trend._draw_levels(drawing, 122, 8.0, one, [level, level | {"last_night": None}])
    assert drawing.rects == [
        (4, 42.0, 200.0, 60.0, "spread", None),
        (4, 42.0, 1000.0, 60.0, "spread", None),
    ]
    assert [line[:5] for line in drawing.lines] == [
        (4, 82.0, 204.0, 82.0, "typical"),
        (4, 82.0, 1004.0, 82.0, "typical"),
    ]


def test_tags_are_brackets_in_as_few_rows_as_hold_them():
    drawing, one = calendar()
    tags = [
        {"name": n, "first_night": f"2026-01-{a:02}", "last_night": f"2026-01-{b:02}"}
        for n, a, b in (("a", 1, 3), ("b", 3, 5), ("c", 4, 6), ("d", 20, 22))
    ]
    assert trend._draw_tags(drawing, 100, tags, one) == 144
    assert [line[:4] for line in drawing.lines] == [
        (6.0, 100, 302.0, 100),
        (206.0, 120, 502.0, 120),
        (306.0, 100, 602.0, 100),
    ]
    assert [(t[0], t[1], t[2], t[4]) for t in drawing.texts] == [
        (6.0, 115, "a", "start"),
        (206.0, 135, "b", "start"),
        (306.0, 115, "c", "start"),
    ]
    late = [{"name": "e", "first_night": "2026-01-08", "last_night": None}]
    trend._draw_tags(again := Drawing(), 100, late, one)
    assert again.texts[0][:5] == (1002.0, 115, "e", "small", "end")
    assert trend._draw_tags(Drawing(), 100, [], one) == 100


def test_dates_stand_below_their_nights_and_not_on_one_another():
    drawing, one = calendar(10)
    trend._draw_dates(drawing, 50, one)
    ticks = [line[:4] for line in drawing.lines]
    assert ticks == [(54.0 + 200 * k, 50, 54.0 + 200 * k, 54) for k in range(5)]
    assert [(t[0], t[1], t[2], t[4]) for t in drawing.texts] == [
        (4.0, 66, "1 Jan 2026", "start"),
        (254.0, 66, "3 Jan", "middle"),
        (454.0, 66, "5 Jan", "middle"),
        (654.0, 66, "7 Jan", "middle"),
        (854.0, 66, "9 Jan", "middle"),
    ]


@pytest.mark.parametrize(
    ("nights", "said"),
    [
        ([night(1, 1.0)], []),
        ([night(1, 1.0, countable_h=3.9)], ["Pale: fewer than 4 countable hours."]),
        ([night(1, None, countable_h=3.9)], ["Hatched: no figure, and why."]),
    ],
)
def test_of_marks_is_said_what_has_to_be(nights, said):
    assert trend.notes(nights, ("jerks_per_h",), ["a"]) == said
    assert trend.notes(nights, ("jerks_per_h",), ["a", "b"]) == [*said, "Left to right: a, b."]


@pytest.mark.parametrize(
    ("key", "words"), [("jerks_per_h", "Single jerks per hour"), ("countable_h", "Countable (h)")]
)
def test_a_measure_is_headed_with_its_unit_where_its_words_lack_it(key, words):
    assert trend.heading(key).lower().startswith(words.lower()[:6])
    assert trend.heading(key)[0].isupper()
    assert trend.heading(key).endswith(")") is words.endswith(")")


def test_a_row_of_bars_has_its_scale_from_nothing_to_a_round_top():
    drawing, one = calendar()
    trend._draw_measure(drawing, 0, [night(1, 7.0)], "jerks_per_h", ["a"], one, ())
    grid = [(line[1], line[4]) for line in drawing.lines]
    assert grid == [
        (122.0, "axis"),
        (100.0, "grid"),
        (78.0, "grid"),
        (56.0, "grid"),
        (34.0, "grid"),
    ]
    scale = [(t[1], t[2]) for t in drawing.texts if t[3] == "scale"]
    assert scale == [(98.0, "2"), (76.0, "4"), (54.0, "6"), (32.0, "8")]
    assert drawing.rects[0][:4] == (36.0, 45.0, 35, 77.0)


# --- how it lay, and the writer itself -----------------------------------------------------------


def test_how_it_lay_is_a_block_as_tall_as_its_turn():
    drawing, one = axis(1.4)
    spans = [
        {"start_ms": START_MS + a * H_MS // 4, "end_ms": START_MS + b * H_MS // 4, "turned_deg": d}
        for a, b, d in ((0, 1, 90.0), (1, 2, 0.0), (2, 3, 180.0))
    ]
    assert how_it_lay.draw(drawing, 0.0, one, spans) == 59.0
    assert [rect[:4] for rect in drawing.rects[1:]] == [
        (254.0, 34.0, 125.0, 17.0),
        (379.0, 49.0, 125.0, 2),
        (504.0, 17.0, 125.0, 34.0),
    ]
    scale = [(t[1], t[2]) for t in drawing.texts if t[3] == "scale"]
    assert scale == [(44.0, "90°"), (27.0, "180°")]


def test_units_are_written_as_parts_of_the_width_and_pixels_as_they_are():
    one = svg.Drawing()
    one.rect(250, 10.04, 500.5, 5, "plate", no=3)
    one.line(0, 1.25, 1000, 2, "grid", 1.5)
    one.text(4, 7, "a < b", "small", "end", -2)
    one.diamond(33.333, 5, "posture", "A & B")
    assert one.parts == [
        '<rect x="25%" y="10" width="50.05%" height="5" class="plate" data-no="3"/>',
        '<line x1="0%" y1="1.2" x2="100%" y2="2" class="grid" stroke-width="1.5"/>',
        '<text x="0.4%" y="7" class="small" text-anchor="end" dx="-2">a &lt; b</text>',
        '<use href="#diamond" x="3.33%" y="5" class="posture"><title>A &amp; B</title></use>',
    ]
    one.parts = []
    one.curve([(1, 2), (3, 4.04)], "curve")
    one.curve([(10, 20)], "curve")
    one.rect(0, 0, -5, -5, "x")
    one.path("M0 0L9 0", "level", 7, 7.4)  # a level line is a pixel high, or it is not drawn
    one.path("M0 0L9 1", "slope", 7, 8.5)
    assert 'viewBox="0 2 1000 2" ' in one.parts[0] and 'd="M1.0 2.0L3.0 4.0"' in one.parts[0]
    assert one.parts[1] == '<circle cx="1%" cy="20" r="1" class="curve"/>'
    assert 'width="0%" height="0"' in one.parts[2]
    assert 'y="7" width="100%" height="1" viewBox="0 7 1000 1" ' in one.parts[3]
    assert 'y="7" width="100%" height="1.5" viewBox="0 7 1000 1.5" ' in one.parts[4]


@pytest.mark.parametrize(
    ("top", "wanted", "steps"),
    [(0, 4, [0, 1]), (4, 4, [0, 1, 2, 3, 4]), (5, 4, [0, 2, 4, 6]), (9, 4, [0, 5, 10])]
    + [(21, 4, [0, 10, 20, 30]), (100, 4, [0, 50, 100]), (90, 3, [0, 50, 100])],
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(top, wanted, steps):
    assert svg.round_steps(top, wanted) == steps
    assert svg.number(2.0) == "2" and svg.number(2.5) == "2.5"
