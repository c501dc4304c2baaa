"""What the page of two phases says of a comparison, each sentence at its bound."""

import pytest

pytest.importorskip("starlette")
from notturno.dashboard import of_phases  # noqa: E402

HOLDS_1 = "The interval holds 1: these nights do not show a difference."
NO_CHANGE = "These nights could show no change worth a number."


def ratio(low=0.5, value=0.75, high=0.9, smallest=0.5, needed=12):
    return {
        "ratio": value,
        "ratio_low": low,
        "ratio_high": high,
        "smallest_change": smallest,
        "nights_needed": needed,
    }


def lines(found):
    return of_phases._lines(found, "before", "clonazepam")


def test_a_ratio_is_said_with_its_interval_what_could_be_shown_and_what_is_needed():
    assert lines(ratio()) == [
        "clonazepam has 0.75 times as many as before (95 % interval 0.50 to 0.90).",
        "Smallest change that these nights could show: to 0.50 times, or to 2.00.",
        "To show a halving, about 12 nights in each phase are needed.",
    ]


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [(0.5, 0.99, False), (0.5, 1, True), (0.9, 1.1, True), (1, 1.4, True), (1.01, 1.4, False)],
)
def test_an_interval_that_holds_1_shows_no_difference(low, high, holds):
    assert (HOLDS_1 in lines(ratio(low=low, high=high))) is holds


@pytest.mark.parametrize(("smallest", "none"), [(0.0199, True), (0.02, False), (0.03, False)])
def test_nights_that_show_no_change_to_a_fiftieth_show_none_worth_a_number(smallest, none):
    found = lines(ratio(smallest=smallest))
    assert (NO_CHANGE in found) is none
    assert any("Smallest change" in line for line in found) is not none


def test_of_a_value_the_difference_is_said_and_nothing_of_a_halving():
    found = {"difference": -0.5, "difference_low": -1.25, "difference_high": 0.25}
    assert lines(found | {"smallest_change": 0.8}) == [
        "clonazepam differs from before by -0.50 (95 % interval -1.25 to 0.25).",
        "Smallest change that these nights could show: 0.80 either way.",
    ]


def test_what_is_refused_says_why():
    why = {"refused": "Too few nights.", "code": "too_few_nights"}
    assert lines(ratio(value=why)) == ["No comparison: Too few nights."]
    assert lines(ratio(needed=why))[-1] == "Too few nights."
    assert of_phases._interval(ratio(value=why)) is None
    assert of_phases._interval({"difference": 1}) is None
    assert of_phases._interval(ratio()) == [0.5, 0.75, 0.9]


def test_each_night_left_out_is_said_with_its_reason():
    of = {"left_out": {"2026-01-02": {"refused": "Left out by the person.", "code": "excluded"}}}
    assert of_phases._left_out([{"left_out": {}}, of]) == [
        {"night": "2026-01-02", "why": "Left out by the person."}
    ]
