"""Panels as a whole: lanes of a night below one another, rows of many nights, notes and dates."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
from notturno.charts import days, dots, how_it_lay, lanes, night, page, trend
from test_night_by_hand import H_MS, ROME, START_MS, Drawing, hour
from test_trend_by_hand import night as a_night

LANES = (
    *("Single jerks an hour", "Each jerk", "Limb movements", "Rhythms", "Turning over"),
    *("How it lay", "Movement", "Asleep", "Record"),
)


def view(zone=ROME, **values):
    start_ms = START_MS if zone else 0
    spans = ("countable", "recorded", "not_worn", "awake", "gaps", "asleep")
    made = {"row": {"zone": ROME}, "dated": zone is not None, "hours": [hour(0, 5.0)]}
    made |= {"span": (start_ms, start_ms + round(1.4 * H_MS)), "events": [], "lying": []}
    made |= {"minutes": [], "marks": [], "gaps": [], "in_bed": [start_ms, start_ms + H_MS]}
    return made | {"spans": dict.fromkeys(spans, [])} | values


def test_the_lanes_of_a_night_stand_below_one_another():
    """Heights: hours and jerks 109, two of 45, turns 43, how it lay 59, then 65, 35, 39."""
    drawing = Drawing()
    assert night.draw(drawing, 10, view()) == 10 + 549 + 14
    names = [(y, words) for _, y, words, kind, *_ in drawing.texts if kind == "lane"]
    tops = [20, 130, 239, 284, 329, 372, 431, 496, 531]
    assert names == list(zip(tops, LANES, strict=True))
    clock = [(x, y, words) for x, y, words, kind, *_ in drawing.texts if y == 569]
    assert clock == [(4, 569, "22:00"), (504, 569, "23:00"), (1004, 569, "00:00")]


def test_a_press_of_the_button_is_a_line_through_all_lanes_below_the_hours():
    drawing = Drawing()
    marks = [{"utc_ms": START_MS}, {"utc_ms": None}]
    night.draw(drawing, 10, view(marks=marks))
    (line,) = [line for line in drawing.lines if line[4] == "axis" and line[0] == line[2]]
    assert line[:4] == (254, 136, 254, 559)
    (text,) = [text for text in drawing.texts if text[2] == "button"]
    assert text == (254, 128, "button", "small", "middle", 0)


def test_the_bars_of_the_hours_stand_on_a_line_across_the_picture():
    drawing = Drawing()
    night.draw(drawing, 10, view())
    assert [line[:4] for line in drawing.lines if line[4] == "axis"] == [(4, 107, 1004, 107)]
    grid = [line[:4] for line in drawing.lines if line[4] == "grid" and line[1] < 107]
    assert grid and all((x0, x1) == (4, 1004) for x0, _, x1, _ in grid)


def test_without_a_clock_a_night_begins_at_its_start():
    drawing = Drawing()
    rows = [hour(0, 5.0) | {"start_ms": 0}]
    night.draw(drawing, 0, view(None, hours=rows))
    assert [text[2] for text in drawing.texts if text[1] == 559] == ["+0 h", "+1 h", "+2 h"]


@pytest.mark.parametrize(
    ("end_ms", "hours"),
    [(H_MS, 1), (H_MS + 120_000, 1), (H_MS + 120_001, 2), (0, 1), (60_000, 1)],
)
def test_two_minutes_behind_an_hour_need_no_further_one(end_ms, hours):
    axis = lanes.Axis(Drawing(), 0, end_ms, None)
    assert axis.hours == hours and axis.x(0) == 4
    assert axis.x(hours * H_MS) == pytest.approx(1004)


def test_a_number_of_a_scale_ends_two_pixels_before_the_right_edge():
    drawing = Drawing()
    lanes.scale_text(drawing, 30, "5")
    assert drawing.texts == [(1004, 30, "5", "scale", "end", -2)]


def test_degrees_lie_as_high_as_they_are_and_above_the_blocks():
    drawing, axis = Drawing(), lanes.Axis(Drawing(), 0, H_MS, None)
    span = {"start_ms": 0, "end_ms": 1, "turned_deg": 90.0}
    how_it_lay.draw(drawing, 0, axis, [span])
    grid = [line[:4] for line in drawing.lines if line[0] != line[2]]
    assert grid == [(4, 34.0, 1004, 34.0), (4, 17.0, 1004, 17.0)]
    assert drawing.rects[1][:4] == (4, 34.0, 1, 17.0)  # a span is never a hair
    assert how_it_lay._title_of(span | {"end_ms": 90_000, "turned_deg": 89.6}, None) == (
        "+0.0 min: turned by 90 degrees, for 2 min"
    )


def test_a_night_without_a_jerk_has_a_scale_to_one():
    drawing = Drawing()
    night.draw(drawing, 0, view(hours=[hour(0, 0.0), hour(1, None)]))
    scale = [text[2] for text in drawing.texts if text[3] == "scale" and text[1] < 97]
    assert scale == ["1"]


def test_a_night_stands_below_its_heading_and_its_figures():
    """The title takes 48, the heading and one line of figures 40 more; 26 lie below the night."""
    row = {"night": "n", "date": None, "band": "calf", "zone": ROME, "countable_h": None}
    row |= {"refusal": {"refused": "Too short.", "code": "too_short"}, "refusals": {}}
    one = view() | {"row": row}
    text, _ = page.picture([row | {"simulated": False}], [one, one], [], [])
    places = re.findall(r'<text x="[\d.]+%" y="([\d.]+)"[^>]*>([^<]*)<', text)
    found = {}
    for y, words in places:
        found.setdefault(words, []).append(float(y))
    assert found["A night without a date (n), calf"] == [56, 56 + 629]
    assert found["Too short."] == [76, 76 + 629]
    assert found["Single jerks an hour"] == [98, 98 + 629]
    assert found["single jerk: counted"] == [677 + 629]


# --- many nights ---------------------------------------------------------------------------------


def nights(*rows):
    made = [a_night(*row) | {"lms_per_h": row[1]} for row in rows]
    return [one | {"jerks": one["jerks_per_h"], "recorded_h": 8.0} for one in made]


def test_each_measure_is_a_row_and_below_them_are_dates_notes_and_tags():
    """A row: 18 for its name, 104, and 22 below it; the dates take the last 22 anew."""
    drawing = Drawing()
    tag = {"name": "a", "first_night": "2026-01-01", "last_night": None}
    rows = nights((1, 5.0), (3, None), (7, 2.0))
    assert trend.draw(drawing, 10, rows, [tag]) == 10 + 2 * 144 + 14 + 8 + 24
    names = [(x, y) for x, y, _, kind, *_ in drawing.texts if kind == "lane"]
    assert names == [(4, 21), (4, 165)]
    axes = [line[:4] for line in drawing.lines if line[4] == "axis" and line[0] == 4]
    assert axes == [(4, 132, 1004, 132), (4, 276, 1004, 276)]
    (note,) = [text for text in drawing.texts if "Hatched" in text[2]]
    assert note[:2] == (4, 308)
    (name,) = [text for text in drawing.texts if text[2] == "a"]
    assert name[:2] == (6, 335)
    dates = {text[1] for text in drawing.texts if text[2].endswith("Jan")}
    assert dates == {276 + 16}


def test_notes_stand_below_one_another():
    drawing = Drawing()
    rows = nights((1, 5.0, "a", 3.0), (3, None, "b"))
    trend.draw(drawing, 0, rows, [], ("jerks_per_h",))
    noted = [(text[1], text[2][:4]) for text in drawing.texts if text[1] > 144]
    assert noted == [(154, "Pale"), (168, "Hatc"), (182, "Left")]


@pytest.mark.parametrize(
    ("key", "kind"),
    [("jerks_per_h", "jerk"), ("jerks", "jerk"), ("lms_per_h", "lm"), ("recorded_h", "lm")],
)
def test_what_is_counted_has_its_colour(key, kind):
    drawing = Drawing()
    trend.draw(drawing, 0, nights((1, 5.0)), [], (key,))
    assert [rect[4] for rect in drawing.rects] == [kind]


def test_a_scale_reaches_what_is_typical_too():
    drawing = Drawing()
    level = {"first_night": "2026-01-01", "last_night": None, "name": "n"}
    level |= {"typical": 7.0, "low": 6.0, "high": 8.0}
    trend.draw(drawing, 0, nights((1, 1.0)), [], ("jerks_per_h",), {"jerks_per_h": [level]})
    scale = [text[2] for text in drawing.texts if text[3] == "scale"]
    assert scale == ["2", "4", "6", "8"]
    assert drawing.rects[0][4] == "spread"
    empty = Drawing()
    trend.draw(empty, 0, nights((1, None)), [], ("jerks_per_h",))
    assert [text[2] for text in empty.texts if text[3] == "scale"] == ["1"]


@pytest.mark.parametrize(("count", "strokes"), [(166, 0), (167, 1)])
def test_below_six_units_a_night_bars_are_strokes(count, strokes):
    """A thousand units of 166 days are 6.02 each, of 167 days 5.99."""
    first, drawing = date(2026, 1, 1), Drawing()
    rows = nights((1, 5.0), (2, 5.0))
    rows[1]["date"] = date.fromordinal(first.toordinal() + count - 1).isoformat()
    trend.draw(drawing, 0, rows, [], ("jerks_per_h",))
    assert len(drawing.paths) == strokes and len(drawing.rects) == (0 if strokes else 2)


def test_a_title_of_a_bar_has_four_figures_or_the_reason():
    class Titles(Drawing):
        def rect(self, x, y, wide, high, kind, title=None, radius=0, no=None):
            self.texts.append(title)

    drawing = Titles()
    one = trend.Calendar(drawing, date(2026, 1, 1), date(2026, 1, 10))
    for row in (a_night(1, 1.23456), a_night(2, None)):
        trend._draw_bar(drawing, row, "jerks_per_h", "jerk", ["a"], one, 122, 8.0)
    titles = [text for text in drawing.texts if isinstance(text, str)]
    assert titles[0].startswith("2026-01-01: 1.235, ")
    assert titles[1] == "2026-01-02: not known"


@pytest.mark.parametrize(
    ("length", "step"),
    [(6, 1), (7, 2), (12, 2), (13, 7), (42, 7), (43, 14), (84, 14)],
)
def test_days_bear_words_by_days_or_weeks_as_many_as_fit(length, step):
    first = date(2026, 1, 1)
    found = days.ticks(first, date.fromordinal(first.toordinal() + length - 1))
    assert found[1][0].toordinal() - found[0][0].toordinal() == step
    assert len(found) == -(-length // step)


@pytest.mark.parametrize(
    ("length", "months"),
    [(85, [1, 2, 3]), (181, [1, 2, 3, 4, 5, 6]), (183, [1, 3, 5, 7]), (364, [1, 3, 5, 7, 9, 11])],
)
def test_beyond_twelve_weeks_months_do(length, months):
    first = date(2026, 1, 1)
    found = days.ticks(first, date.fromordinal(first.toordinal() + length - 1))
    assert [day.month for day, _ in found] == months


def test_a_curve_in_ascii_has_two_dots_a_character():
    assert dots.lines([0.0, 10.0], 0.0, 10.0, 2, 1, braille=False) == [".'"]
    assert dots._row(10.0, 0.0, 10.0, 8) == 0 and dots._row(0.0, 0.0, 10.0, 8) == 7
    assert dots._row(99.0, 0.0, 10.0, 8) == 0 and dots._row(-99.0, 0.0, 10.0, 8) == 7
    assert dots._row(5.0, 0.0, 10.0, 8) == 4


@pytest.mark.parametrize(
    ("x", "anchor", "at"),
    [(59, "start", 59), (60, "middle", 65), (940, "middle", 945), (941, "end", 946)],
)
def test_a_date_near_an_edge_is_written_away_from_it(monkeypatch, x, anchor, at):
    drawing = Drawing()
    drawing.width = 1000
    monkeypatch.setattr(trend.days, "ticks", lambda first, last: [(first, "12 Jan")])
    calendar = SimpleNamespace(first=date(2026, 1, 12), days=9, slot=10, x=lambda day: x)
    trend._draw_dates(drawing, 100, calendar)
    assert drawing.texts == [(at, 116, "12 Jan", "small", anchor, 0)]
    assert drawing.lines[0][:4] == (x + 5, 100, x + 5, 104)


def test_a_date_that_would_touch_the_one_before_bears_no_word():
    """Eleven signs from 4 on and one of room end at 208; the second would begin at 180."""
    drawing = Drawing()
    trend._draw_dates(drawing, 0, trend.Calendar(drawing, date(2026, 1, 12), date(2026, 1, 22)))
    words = [text[2] for text in drawing.texts]
    assert words == ["12 Jan 2026", "16 Jan", "18 Jan", "20 Jan", "22 Jan"]
    assert len(drawing.lines) == 6
