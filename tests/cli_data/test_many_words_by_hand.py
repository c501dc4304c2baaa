"""How figures over many nights are said: digits, signs, intervals, what is left out."""

import pytest
from notturno.cli import many_words
from notturno.refusals import Refusal
from notturno.scoring.manynights.levels import NightCount
from notturno.scoring.manynights.trends import PERCENT_A_WEEK

FEW, NONE = Refusal("Too few.", "few"), Refusal("None at all.", "none")


@pytest.mark.parametrize(
    ("value", "sign", "said"),
    [
        (0, "", "0.00"),
        (1.2345, "", "1.23"),
        (9.995, "", "9.99"),
        (12.345, "", "12.3"),
        (123.4, "", "123"),
        (12345.6, "", "12346"),
        (0.12345, "", "0.123"),
        (0.0012345, "", "0.00123"),
        (0.00000012345, "", "0.000000"),
        (1.5, "+", "+1.50"),
        (-1.5, "+", "-1.50"),
    ],
)
def test_a_figure_has_three_figures_so_that_rates_divide_to_their_ratio(value, sign, said):
    assert many_words.three_figures(value, sign) == said


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.00009, "p < 0.0001"), (0.0001, "p 0.0001"), (0.04567, "p 0.0457"), (1, "p 1.0000")],
)
def test_a_chance_is_said_to_a_ten_thousandth(p, said):
    assert many_words.p_text(p) == said


@pytest.mark.parametrize(
    ("percent", "said"),
    [(12.34, "+12.3 %"), (-5, "-5.0 %"), (899.9, "+899.9 %"), (900, "over 10 times")],
)
def test_beyond_tenfold_a_change_has_no_size(percent, said):
    assert many_words.percent_text(percent) == said


def trend(unit=PERCENT_A_WEEK, **values):
    found = {"unit": unit, "direction": "rising", "level": 0.95, "nights": 9}
    return found | {"trend_per_week": 12.34, "trend_low": -1.0, "trend_high": 2000.0} | values


def test_a_trend_is_of_a_week_with_its_interval():
    assert many_words.trend_text(trend()) == (
        "trend: rising, +12.3 % a week (95% interval -1.0 % to over 10 times, 9 nights)"
    )
    assert many_words.trend_text(trend("h", trend_high=0.5)) == (
        "trend: rising, +12.3 a week (95% interval -1.00 to +0.500, 9 nights)"
    )


def measure(**values):
    found = {"typical": 4.0, "left_out": {}, "usable_nights": 9, "words": "jerks an hour"}
    found["variability"] = {"median": 4.125, "quartiles": (3, 5), "range": [1, 9]}
    found |= {"trend": {"trend_per_week": FEW}, "change_points": {"change_points": []}}
    return found | values


def printed(capsys, function, *arguments):
    function(*arguments)
    return capsys.readouterr().out.splitlines()


def test_a_measure_is_its_level_its_spread_its_trend_and_its_changes(capsys):
    points = [
        {"night": "2026-01-12", "ratio": 2.0, "p": 0.0123},
        {"night": "2026-01-20", "difference": -0.5, "p": 0.001},
    ]
    found = measure(change_points={"change_points": points})
    assert printed(capsys, many_words.print_level, "jerks", found) == [
        "jerks: 4.00 typical",
        "  nights: median 4.12, middle half 3.00 to 5.00, all 1.00 to 9.00",
        "  no trend: Too few.",
        "  level changed from the night 2026-01-12 on: 2.00 times (p 0.012)",
        "  level changed from the night 2026-01-20 on: by -0.500 (p 0.001)",
    ]


def test_nights_without_an_event_and_figures_that_are_refused_say_so(capsys):
    silent = measure(variability={"median": 0, "quartiles": (0, 0), "range": [0, 0]})
    assert printed(capsys, many_words.print_level, "x", silent)[0] == "x: 4.00 typical (no event)"
    few = printed(capsys, many_words.print_level, "x", measure(variability=FEW))
    assert few[:2] == ["x: 4.00 typical", "  no spread: Too few."]
    assert printed(capsys, many_words.print_level, "x", measure(typical=NONE)) == [
        "x: - (None at all.)"
    ]


def group(name, ratio=None, typical=4.0, **more):
    found = measure(typical=typical) | more
    if ratio is not None:
        found["against_first"] = {"ratio": ratio, "ratio_low": 0.5, "ratio_high": 3.0}
    return {"name": name, "measures": {"a": found}}


def test_phases_stand_in_rows_against_the_first(capsys):
    groups = [group("before"), group("drug", 2.0), group("after", FEW), group("x", typical=FEW)]
    lines = printed(capsys, many_words.print_groups, groups, "phase")
    assert lines[1] == "jerks an hour"
    rows = [[cell.strip() for cell in line.split("  ") if cell] for line in lines[3:7]]
    assert rows == [
        ["before", "9", "4.00"],
        ["drug", "9", "4.00", "2.00 times (0.500 to 3.00)"],
        ["after", "9", "4.00", "-"],
        ["x", "9", "-"],
    ]
    assert lines[7:] == ["-: Too few."]
    difference = {"difference": -0.5, "difference_low": -1.0, "difference_high": 0.25}
    by = [group("a"), group("b", against_first=difference)]
    assert printed(capsys, many_words.print_groups, by, "phase")[-1].endswith(
        "-0.500 (-1.00 to +0.250)"
    )
    months = printed(capsys, many_words.print_groups, groups[:2], "month")
    assert "than the first" not in months[2] and months[4].split() == ["drug", "9", "4.00"]
    assert printed(capsys, many_words.print_groups, [], "phase")[1].startswith("No phase to group")


@pytest.mark.parametrize(
    ("band", "said"),
    [
        (("LR", "both legs", "x", False), "both legs of a person"),
        (("L", None, "a1", False), "band a1"),
        (("L", "a1", "a1", False), "band a1"),
        (("L", "calf", "a1", False), "band calf (a1)"),
        (("L", "calf", "a1", True), "simulated band calf (a1)"),
    ],
)
def test_a_band_is_called_by_its_name_and_id(band, said):
    made = dict(zip(("person_side", "band", "device_id", "simulated"), band, strict=True))
    assert many_words.label(made) == said


def test_nights_left_out_stand_by_their_reason(capsys):
    left = {"left_out": {"n1": FEW, "n2": NONE, "n3": FEW}, "short_nights": ["n4", "n5"]}
    assert printed(capsys, many_words.print_left_out, left | {"short_h": 4.0}, "  ") == [
        "  left out n1, n3: Too few.",
        "  left out n2: None at all.",
        "  short (under 4 h, and so biased): n4, n5",
    ]
    assert printed(capsys, many_words.print_left_out, {"left_out": {}}, "") == []


def test_a_list_is_summed():
    nights = [NightCount("a", 1, 3, 7.25), NightCount("b", 2, 1, 8.0)]
    assert many_words.sums_text(nights) == "2 nights, 4 events in 15.2 h"
    assert many_words.sums_text(nights[1:]) == "1 night, 1 event in 8.0 h"
