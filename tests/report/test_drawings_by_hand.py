"""Where the lines of a report's pictures lie: each place by hand, in parts of the field."""

import pytest
from notturno.report import drawings, pictures

NO = {"refused": "Too few nights.", "code": "too_few_nights"}
QUANTILES = ("p10", "p25", "p50", "p75", "p90")


def hour(number, *values, nights=9):
    made = dict(zip(QUANTILES, values or (1.0, 2.0, 3.0, 4.0, 5.0), strict=True))
    return made | {"hour": number, "clock": number % 24, "nights": nights}


def refused(number):
    return hour(number, *[NO] * 5, nights=2)


def hours(*rows, axis=(0.0, 5.0, 10.0), **more):
    return {"hours": list(rows), "axis": list(axis), "nights": 9, "left_for_length": 0} | more


# --- the hours -----------------------------------------------------------------------------------


def test_hours_lie_in_the_middle_of_their_part_and_as_high_as_their_rate():
    """Two hours have half of the width each; of an axis to 10 a rate of 3 is 0.7 from the top."""
    found = drawings.hours(hours(hour(23), hour(24, 0.0, 2.5, 5.0, 10.0, 12.0, nights=8)))
    assert found["lines"] == [[[0.25, 0.7], [0.75, 0.5]]]
    assert found["bands"] == [
        {"kind": "outer", "points": [[0.25, 0.5], [0.75, 0.0], [0.75, 1.0], [0.25, 0.9]]},
        {"kind": "inner", "points": [[0.25, 0.6], [0.75, 0.0], [0.75, 0.75], [0.25, 0.8]]},
    ]
    assert found["labels"] == [
        {"x": 0.25, "text": "23", "below": "(9)"},
        {"x": 0.75, "text": "0", "below": "(8)"},
    ]
    assert found["ticks"] == [
        {"y": 1.0, "text": "0"},
        {"y": 0.5, "text": "5"},
        {"y": 0.0, "text": "10"},
    ]


def test_an_hour_that_stands_alone_is_a_column_of_six_tenths_of_its_part():
    """Of four parts each is 0.25 wide: 0.075 on both sides of the middle."""
    found = drawings.hours(hours(hour(22), hour(23), refused(24), hour(25)))
    assert [len(line) for line in found["lines"]] == [2, 1]
    outer, inner = found["bands"][2:]
    assert (outer["kind"], inner["kind"]) == ("outer", "inner")
    assert [point[0] for point in outer["points"]] == pytest.approx([0.8, 0.95, 0.95, 0.8])
    assert [point[1] for point in outer["points"]] == [0.5, 0.5, 0.9, 0.9]
    assert [point[1] for point in inner["points"]] == [0.6, 0.6, 0.8, 0.8]
    assert [label["x"] for label in found["labels"]] == [0.125, 0.375, 0.875]


def test_the_hours_are_sixteen_at_most_and_none_is_no_picture():
    assert drawings.hours(hours()) == {} == drawings.hours(hours(refused(23)))
    found = drawings.hours(hours(*(hour(18 + k) for k in range(18))))
    assert len(found["labels"]) == 16 and found["labels"][-1]["text"] == "9"
    assert found["labels"][0]["x"] == round(1 / 32, 4)


@pytest.mark.parametrize(
    ("axis", "texts"), [((0.0, 0.5, 1.0), ["0.0", "0.5", "1.0"]), ((0, 1.0, 2), ["0", "1", "2"])]
)
def test_an_axis_has_a_decimal_where_a_step_of_it_needs_one(axis, texts):
    assert [tick["text"] for tick in drawings.hours(hours(hour(23), axis=axis))["ticks"]] == texts


# --- the nights ----------------------------------------------------------------------------------


def night(date, rate=5.0, low=4.0, high=6.0, refusal=None):
    made = {"night": date, "date": date, "refusal": refusal, "jerks_per_h": rate}
    return made | {"jerks_per_h_low": low, "jerks_per_h_high": high}


def nights(*rows, groups=(), typical=5.0, axis=(0.0, 10.0)):
    found = {"nights": list(rows), "measure": "jerks_per_h", "axis": list(axis)}
    return drawings.nights(found, {"groups": list(groups)}, typical)


def test_a_night_is_a_dot_in_its_day_with_the_ends_of_its_interval():
    found = nights(
        night("2026-01-30"),
        night("2026-01-31", None, None, None, refusal=NO),
        night("2026-02-01", NO),
        night("2026-02-02", 10.0, 2.5, 20.0),
        night(None),
    )
    assert found["dots"] == [
        {"x": 0.125, "y": 0.5, "low": 0.6, "high": 0.4},
        {"x": 0.875, "y": 0.0, "low": 0.75, "high": 0.0},
    ]
    assert found["refused"] == [0.375, 0.625]
    assert found["phases"] == [{"x": 0, "width": 1, "name": "", "y": 0.5}]


def test_nights_without_a_date_are_no_picture_and_numbered_days_are_days():
    assert nights(night(None)) == {} == nights()
    found = nights(night("day-3"), night("day-12"), typical=NO)
    assert [dot["x"] for dot in found["dots"]] == [0.05, 0.95] and found["phases"] == []


def test_a_phase_lies_from_the_morning_of_its_first_night_to_the_end_of_its_last():
    def group(name, first, last, typical):
        measures = {"jerks_per_h": {"typical": typical}}
        return {"name": name, "first_night": first, "last_night": last, "measures": measures}

    found = nights(
        *(night(f"2026-01-{day}") for day in (10, 11, 12, 13)),
        groups=(
            group("a", "2026-01-10", "2026-01-11", 2.5),
            group("none", None, None, NO),
            group("b", "2026-01-13", "2026-01-13", NO),
        ),
    )
    assert found["phases"] == [
        {"x": 0.0, "width": 0.5, "name": "a", "y": 0.75},
        {"x": 0.75, "width": 0.25, "name": "b", "y": None},
    ]


@pytest.mark.parametrize(
    ("count", "picked"),
    [(1, [1]), (2, [1, 2]), (4, [1, 2, 3, 4]), (5, [1, 2, 3, 4, 5]), (9, [1, 3, 5, 7, 9])],
)
def test_five_dates_at_most_stand_below_evenly_from_the_first_to_the_last(count, picked):
    labels = nights(*(night(f"day-{k + 1}") for k in range(count)))["labels"]
    assert [label["text"] for label in labels] == [f"day {k}" for k in picked]
    assert [label["x"] for label in labels] == [round((k - 0.5) / count, 4) for k in picked]
    assert {label["below"] for label in labels} == {""}


# --- the words around ----------------------------------------------------------------------------


def picture(*rows, side="L", band="calf", **more):
    found = {"hours": hours(*rows, band=band, **more), "subject": {"side": side}}
    return pictures.hours_picture(found)


def test_the_picture_of_the_hours_says_over_how_many_nights_and_of_which_band():
    assert picture(hour(23), nights=1)["what"] == (
        "single jerks an hour by the clock, over 1 night; in brackets the nights of each hour"
    )
    assert ", over 9 nights;" in picture(hour(23))["what"]
    assert ", over the last 9 nights;" in picture(hour(23), left_for_length=1)["what"]
    assert picture(hour(23), side="LR")["what"].endswith(" (of calf alone)")
    assert "alone" not in picture(hour(23), side="LR", band=None)["what"]


def test_who_cannot_see_the_hours_is_told_the_median_of_each_that_has_one():
    alt = picture(hour(23), refused(24), hour(25, 1, 1, 2.25, 3, 4))["alt"]
    assert alt.endswith("by hour of the night. 23 o'clock: 3.0; 1 o'clock: 2.2")


def test_without_an_hour_the_reason_is_that_of_the_hour_with_most_nights():
    other = refused(25) | {"p50": {"refused": "Others.", "code": "x"}, "nights": 3}
    assert picture(refused(24), other)["refusal"] == "Others."
    assert picture()["refusal"] == "There is no night to draw."
    assert picture(hour(23))["refusal"] is None
