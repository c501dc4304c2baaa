"""What is counted over nights, and the bounds that a detector's error puts round a rate."""

import pytest
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.manynights import counting, detector_range, diary_sums
from notturno.scoring.manynights.levels import NightCount


def coverage(rate, hours, level):
    """Return in which share of all nights the interval holds the rate, summed exactly."""
    from math import exp, lgamma, log

    due, held = rate * hours, 0.0
    for count in range(200):
        low, high = counting.poisson_interval(count, hours, level)
        if low <= rate <= high:
            held += exp(count * log(due) - due - lgamma(count + 1))
    return held


@pytest.mark.parametrize("rate", [1.9, 3.3, 7.4])
@pytest.mark.parametrize("level", [0.80, 0.95])
def test_an_interval_of_a_count_holds_the_rate_as_often_as_it_says(rate, level):
    held = coverage(rate, 7.0, level)
    assert level <= held <= level + 0.6 * (1 - level)


@pytest.mark.parametrize(
    ("count", "low", "high"),  # Ulm 1990, American Journal of Epidemiology 131:373, table 1
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390), (50, 37.111, 65.919)],
)
def test_an_interval_is_the_one_of_the_tables(count, low, high):
    assert counting.poisson_interval(count, 1.0) == pytest.approx((low, high), abs=6e-4)
    assert counting.poisson_interval(count, 4.0) == pytest.approx((low / 4, high / 4), abs=6e-4)


def test_a_night_at_the_limit_is_not_above_it():
    nights = [NightCount("2026-01-01", 1, count, 2.0) for count in (29, 30, 31)]
    assert counting.above(nights, 15) == {"limit": 15, "above": 1, "nights": 3}


def test_reasons_are_summed_and_the_most_frequent_stands_first():
    rows = [{"left": {"slow": 2, "small": 1}}, {"left": None}, {"left": {"small": 4}}]
    assert list(counting.by_reason(rows, "left").items()) == [("small", 5), ("slow", 2)]


def test_a_sum_without_a_figure_is_refused_and_no_zero():
    assert counting.total([{"x": None}, {"x": 2}, {"x": 3}], "x") == 5
    assert is_refusal(counting.total([{"x": None}], "x"))


def test_sleep_starts_are_summed_over_the_nights_that_give_both_figures():
    rows = [
        {"sleep_starts": 4, "sleep_starts_by_chance": 1.5},
        {"sleep_starts": 3, "sleep_starts_by_chance": None},
        {"sleep_starts": None, "sleep_starts_by_chance": 2.0},
        {"sleep_starts": 6, "sleep_starts_by_chance": 2.25},
    ]
    found = counting.against_chance(rows)
    assert (found["nights"], found["counted"], found["by_chance"]) == (2, 10, 3.75)
    assert (found["low"], found["high"]) == pytest.approx((4.795, 18.390), abs=6e-4)
    why = counting.against_chance([])["by_chance"]
    assert is_refusal(why) and why.reason == "0 usable nights; a sum of sleep starts needs 1."


def test_what_is_wrong_an_hour_follows_from_the_share_that_is_right():
    share = {"ppv": 0.8, "ppv_low": 0.7, "ppv_high": 0.9}
    found = counting.wrong_per_h(5.0, share)
    assert found == pytest.approx({"wrong": 1.0, "low": 0.5, "high": 1.5})
    refusal = Refusal("too few", "x")
    assert counting.wrong_per_h(5.0, share | {"ppv": refusal}) is refusal
    assert counting.wrong_per_h(refusal, share) is refusal


def test_a_rate_lies_between_what_was_invented_and_what_was_missed():
    bounds = detector_range.range_of(12.0, found=0.8, ppv=0.75)
    assert (bounds["low"], bounds["high"]) == pytest.approx((9.0, 15.0))
    refusal = Refusal("no sleep", "x")
    assert detector_range.range_of(refusal, 0.8, 0.75) is refusal
    for found, ppv in ((0.49, 0.9), (0.9, 0.49)):
        assert is_refusal(detector_range.range_of(12.0, found, ppv))
    assert not is_refusal(detector_range.range_of(12.0, 0.5, 0.5))


def entry(night, what, amount=None, unit=""):
    return {"night": night, "what": what, "amount": amount, "unit": unit}


def test_the_diary_is_summed_by_thing_and_unit():
    rows = diary_sums.by_what(
        [
            entry("2026-01-02", "tea", 2.0, "cup"),
            entry("2026-01-01", "tea", 1.0, "cup"),
            entry("2026-01-01", "tea", 3.0, "cup"),
            entry("2026-01-01", "tea", 200.0, "ml"),
            entry("2026-01-01", "quarrel"),
        ]
    )
    first = rows[0]
    assert (first["what"], first["unit"], first["entries"], first["nights"]) == (
        "tea",
        "cup",
        3,
        2,
    )
    assert (first["least"], first["most"]) == (1.0, 3.0)
    assert (first["first_night"], first["last_night"]) == ("2026-01-01", "2026-01-02")
    assert [row["what"] for row in rows[1:]] == ["quarrel", "tea"]
    assert rows[1]["least"] is None


def test_an_entry_without_an_amount_is_a_yes():
    values = diary_sums.as_values(
        [entry("2026-01-01", "quarrel"), entry("2026-01-02", "tea", 0.0)]
    )
    assert [value["value"] for value in values] == [1, 0.0]
