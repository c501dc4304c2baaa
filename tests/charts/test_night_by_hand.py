"""One night's picture, stroke by stroke: each mark in its lane, each name above it, each scale."""

import math

import pytest
from notturno.charts import lanes, night

START_MS, H_MS = 1_768_253_400_000, 3_600_000  # 22:30 in Rome
WIDTH, ROME = 1008, "Europe/Rome"


class Drawing:
    """Keeps what is drawn."""

    width = WIDTH

    def __init__(self):
        self.texts, self.rects, self.lines, self.diamonds, self.paths = [], [], [], [], []

    def text(self, x, y, words, kind, anchor="start", dx=0):
        self.texts.append((round(x, 3), round(y, 3), str(words), kind, anchor, dx))

    def rect(self, x, y, wide, high, kind, title=None, radius=0, no=None):
        self.rects.append((round(x, 3), round(y, 3), round(wide, 3), round(high, 3), kind, no))

    def line(self, x0, y0, x1, y1, kind, wide=1, title=None, no=None):
        self.lines.append(tuple(round(v, 3) for v in (x0, y0, x1, y1)) + (kind, wide, no))

    def diamond(self, x, y, kind, title, no):
        self.diamonds.append((round(x, 3), round(y, 3), no))

    def path(self, d, kind, top, bottom):
        self.paths.append((d, kind, top, bottom))


def axis(hours=8.0, zone=ROME):
    drawing = Drawing()
    start_ms = START_MS if zone else 0
    return drawing, lanes.Axis(drawing, start_ms, start_ms + round(hours * H_MS), zone)


# --- the axis ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "wide"), [(8.0, 9), (7.5, 8), (7.53, 8), (7.54, 9), (0.1, 1), (0.55, 2)]
)
def test_an_axis_begins_with_the_clocks_hour_and_ends_with_one_but_for_two_minutes(hours, wide):
    drawing, one = axis(hours)
    assert one.hours == wide and one.start_ms == START_MS - H_MS // 2
    assert one.x(one.start_ms) == 4 and one.x(one.start_ms + wide * H_MS) == pytest.approx(1004)
    assert [one.label(k) for k in (0, 1, 3)] == ["22:00", "23:00", "01:00"]
    assert one.label(1, "%H") == "23"


def test_without_a_clock_hours_count_from_the_start():
    _, one = axis(3.0, None)
    assert (one.hours, one.start_ms, one.label(2)) == (3, 0, "+2 h")
    assert lanes.when_text(90_000, None, "%H") == "+1.5 min"
    assert lanes.when_text(START_MS, ROME, "%H:%M:%S") == "22:30:00"
    assert lanes._hour_before(START_MS + 61_234, ROME) == START_MS - H_MS // 2


@pytest.mark.parametrize(
    ("hours", "step", "form"), [(6, 1, "22:00"), (12, 1, "22"), (13, 2, "22"), (24, 2, "22")]
)
def test_the_clock_below_has_room_for_its_words(hours, step, form):
    drawing, one = axis(hours - 0.5)
    assert one.hours == hours
    night._draw_clock(drawing, 100.0, one)
    at = [(x, anchor) for x, _, _, _, anchor, _ in drawing.texts]
    assert len(at) == hours // step + 1 and {text[1] for text in drawing.texts} == {112.0}
    assert drawing.texts[0][2] == form and at[0] == (4.0, "start")
    assert all(anchor == "middle" for _, anchor in at[1:-1])
    assert at[-1][1] == ("end" if hours % step == 0 else "middle")


def test_a_lane_is_a_plate_below_its_name_with_a_line_each_hour():
    drawing, one = axis(1.4)
    assert lanes.lane(drawing, 50.0, 20, one, "Name", "note") == 67.0
    assert drawing.texts == [
        (4, 61.0, "Name", "lane", "start", 0),
        (1004, 61.0, "note", "small", "end", 0),
    ]
    assert drawing.rects == [(4, 67.0, 1000, 20, "plate", None)]
    assert [line[:4] for line in drawing.lines] == [
        (x, 67.0, x, 87.0) for x in (4.0, 504.0, 1004.0)
    ]


# --- strength and marks --------------------------------------------------------------------------


def test_strength_is_logarithmic_from_ten_to_four_thousand_mg():
    assert [night._strength(mg) for mg in (0, 10, 4000, 9000)] == [0.0, 0.0, 1.0, 1.0]
    assert night._strength(200) == pytest.approx(0.5)
    assert night._strength(100) == pytest.approx(math.log(10) / math.log(400))


def event(at_h, kind="jerk", peak_mg=10, left_out=None, lasts_s=0.5, no=1):
    start_ms = START_MS + round(at_h * H_MS)
    made = {"kind": kind, "peak_mg": peak_mg, "left_out": left_out, "no": no, "rhythm_hz": None}
    made |= {"start_ms": start_ms, "end_ms": start_ms + round(lasts_s * 1000)}
    return made | {"duration_s": lasts_s, "beats": None}


def test_a_jerk_stands_on_the_lane_as_high_as_it_is_strong_the_counted_ones_on_top():
    drawing, one = axis(1.4)
    jerks = [event(0.5, peak_mg=4000, no=1), event(0.75, peak_mg=10, left_out="small", no=2)]
    assert night._draw_jerks(drawing, 0.0, one, jerks) == 17 + 84 + 8
    marks = [line for line in drawing.lines if line[4] in ("jerk", "passive")]
    assert marks == [
        (629.0, 97.0, 629.0, 97.0, "passive", 1.5, 2),
        (504.0, 97.0, 504.0, 25.0, "jerk", 2.5, 1),
    ]
    grid = [line[1] for line in drawing.lines if line[4] == "grid" and line[0] != line[2]]
    tens = [97 - 72 * math.log(mg / 10) / math.log(400) for mg in (10, 100, 1000)]
    assert grid == pytest.approx(tens, abs=1e-3)
    scale = [text for text in drawing.texts if text[3] == "scale"]
    assert [(text[1], text[2]) for text in scale] == [
        (round(at - 3, 3), f"{mg} mg") for at, mg in zip(tens, (10, 100, 1000), strict=True)
    ]
    assert {text[0] for text in scale} == {1004}


def test_a_movement_lies_within_its_lane_and_is_never_a_hair():
    drawing, one = axis(1.4)
    events = [event(0.5, "lm", lasts_s=36), event(0.6, "lm", lasts_s=0.5, left_out="small")]
    assert night._draw_lane(drawing, 10.0, one, [*events, event(1, "rhythm")], "lm", "x") == 55.0
    assert drawing.rects[1:] == [
        (504.0, 30.0, 5.0, 14, "lm", 1),
        (554.0, 30.0, 2, 14, "passive", 1),
    ]


def test_a_turn_stands_in_the_middle_of_its_lane():
    drawing, one = axis(1.4)
    assert night._draw_posture(drawing, 0.0, one, [event(0.5, "posture", no=4)]) == 43.0
    assert drawing.diamonds == [(504.0, 26.0, 4)]


def test_movement_is_a_path_of_roots_that_a_gap_parts():
    drawing, one = axis(1.4)
    minutes = [
        {
            "start_ms": START_MS + k * 60_000,
            "end_ms": START_MS + (k + 1) * 60_000,
            "activity_mg": a,
        }
        for k, a in ((0, 4.0), (1, 1.0), (5, 0.0))
    ]
    assert night._draw_activity(drawing, 0.0, one, minutes) == 65.0
    ((d, kind, top, base),) = drawing.paths
    assert (kind, top, base) == ("activity", 17.0, 57.0)
    assert d == "M254.0 57.0V21.0H262.3V39.0H270.7V57.0zM295.7 57.0V57.0H304.0V57.0z"
    night._draw_activity(empty := Drawing(), 0.0, one, [])
    assert empty.paths == []


# --- hours ---------------------------------------------------------------------------------------


def hour(at, rate, whole=True, events=3):
    return {
        "start_ms": START_MS - H_MS // 2 + at * H_MS,
        "per_countable_h": {"refused": "x", "code": "y"} if rate is None else rate,
        "whole": whole,
        "events": events,
        "countable_h": 0.5,
    }


def test_an_hours_bar_is_as_high_as_its_rate_with_its_figure_above():
    drawing, one = axis(3.4)
    rows = [hour(0, 5.0), hour(1, 10.0, whole=False), hour(2, None), hour(3, 9.94)]
    assert night._draw_hours(drawing, 0.0, one, rows) == 97 + 8 + 4
    assert [rect[:4] for rect in drawing.rects] == [
        (6.0, 65.0, 246.0, 32.0),
        (256.0, 33.0, 246.0, 64.0),
        (506.0, 97.0, 246.0, 0),
        (756.0, 33.384, 246.0, 63.616),
    ]
    assert [rect[4] for rect in drawing.rects] == ["jerk", "jerk short", "jerk", "jerk"]
    counts = [text for text in drawing.texts if text[3] == "count"]
    assert [(x, y, words) for x, y, words, *_ in counts] == [
        (129.0, 61.0, "5.0"),
        (379.0, 29.0, "(10)"),
        (629.0, 93.0, "-"),
        (879.0, 29.384, "9.9"),
    ]
    assert ("( ): of a part of it" in [text[2] for text in drawing.texts]) is True
    grid = [line[1] for line in drawing.lines if line[4] == "grid"]
    scale = [(y, words) for _, y, words, kind, *_ in drawing.texts if kind == "scale"]
    assert grid[-1] == 33.0 and scale[-1] == (31.0, "10")
    assert [round(y + 2, 3) for y, _ in scale] == grid
    night._draw_hours(whole := Drawing(), 0.0, one, [hour(0, 5.0)])
    assert not any("part of it" in text[2] for text in whole.texts)


def test_an_hours_title_says_its_events_and_minutes():
    assert night._title_of_hour("22:00", hour(0, 5.04, events=1)) == (
        "22:00: 5.0 an hour (1 single jerk in 30 min)"
    )
    assert "hardly anything" in night._title_of_hour("22:00", hour(0, None))
    assert night.title_of(event(0.5, left_out="in_awake"), ROME) == (
        "23:00:00 jerk, 10 mg, 0.50 s, not counted: while awake"
    )
    rhythm = event(0, "rhythm") | {"rhythm_hz": 1.26, "beats": 12}
    assert night.title_of(rhythm, ROME) == "22:30:00 rhythm, 10 mg, 0.50 s, 1.3 Hz, 12 beats"


def test_what_the_record_is_worth_lies_in_one_lane():
    drawing, one = axis(1.4)
    at = [START_MS + round(h * H_MS) for h in (0, 0.25, 0.5, 1.0, 1.4)]
    spans = {"countable": [[at[0], at[1]]], "recorded": [[at[0], at[4]]], "not_worn": []}
    spans |= {"awake": [[at[1], at[2]]], "gaps": [[at[2], at[2] + 1]]}
    view = {"spans": spans, "in_bed": [at[0], at[3]], "gaps": []}
    assert night._draw_quality(drawing, 0.0, one, view) == 39.0
    kinds = [(x, y, wide, high, kind) for x, y, wide, high, kind, _ in drawing.rects[1:]]
    assert kinds == [
        (254.0, 17.0, 125.0, 14, "worn"),
        (754.0, 17.0, 200.0, 14, "passive"),
        (379.0, 17.0, 125.0, 14, "awake"),
        (504.0, 17.0, 2, 14, "gap"),
    ]
    assert night._draw_asleep(again := Drawing(), 0.0, one, [[at[0], at[1]]]) == 35.0
    assert again.rects[1] == (254.0, 17.0, 125.0, 10, "asleep", None)
