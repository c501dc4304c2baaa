"""Differences within people: Student's figures, and the range in which one more person lies."""

from math import exp, log

import numpy as np
import pytest
from notturno.cohort import paired, summary
from notturno.cohort.levels import Person
from notturno.scoring.manynights.levels import NightCount, NightValue


def test_the_figures_are_students():
    from scipy import stats

    own = [0.3, -0.1, 0.5, 0.2, 0.25]
    found = paired.over_people(own, counted=False)
    other = stats.ttest_1samp(own, 0)
    interval = other.confidence_interval(0.95)
    assert found["difference"] == pytest.approx(np.mean(own))
    assert found["difference_low"] == pytest.approx(interval.low)
    assert found["difference_high"] == pytest.approx(interval.high)
    assert found["p"] == pytest.approx(other.pvalue)
    ratio = paired.over_people(own, counted=True)
    assert ratio["ratio_high"] == pytest.approx(exp(interval.high))
    assert ratio["p"] == found["p"] and "difference" not in ratio


def test_eight_of_ten_more_people_lie_where_it_says():
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(2000):
        *own, one = rng.normal(0.2, 0.5, 13)
        found = paired.over_people(own, counted=False)
        inside += found["people_low"] <= one <= found["people_high"]
    assert 0.78 <= inside / 2000 <= 0.82


def test_two_people_are_too_few_and_three_are_not():
    assert paired.over_people([0.1, 0.2], True)["refusal"].code == "too_few_people"
    assert paired.over_people([0.1, 0.2], True)["ratio"] is None
    assert paired.over_people([0.1, 0.2, 0.3], True)["refusal"] is None


def test_people_who_are_all_alike_are_no_division_by_zero():
    assert paired.over_people([0.0] * 4, False)["p"] == 1
    assert paired.over_people([0.5] * 4, False)["p"] == 0


def counts(day, count):
    return NightCount(f"2026-01-{day:02d}", day, count, 7.0)


def test_a_phase_of_two_nights_leaves_its_person_out():
    people, spans = [], {}
    for name, nights in {"a": 3, "b": 2, "c": 3, "d": 4}.items():
        before = [counts(day, 70) for day in range(1, 4)]
        after = [counts(day, 35) for day in range(11, 11 + nights)]
        people.append(Person(name, before + after))
        spans[name] = ({n.date for n in before}, {n.date for n in after})
    spans["d"] = "no_such_phase"
    found, left_out = summary.of_phases(people, spans)
    assert left_out == {"too_few_nights": 1, "no_such_phase": 1}
    assert (found["people"], found["nights"]) == (2, [6, 6])
    spans["d"] = spans["a"]
    found, _ = summary.of_phases(people, spans)
    assert found["ratio"] == pytest.approx(exp(log(5.0625) - log(10.0625)))
    assert found["median_of_typical"] == pytest.approx([10.0625, 5.0625])


def row(person, day, side):
    return {"person": person, "date": f"2026-01-{day:02d}", "person_side": side}


def test_only_nights_of_both_sides_are_held_against_each_other():
    rows, levels = [], []
    for number, person in enumerate("abcd"):
        for day in range(1, 6):
            for side, value in (("L", 3.0 + number), ("R", 1.0)):
                if (person, day, side) != ("d", 2, "R"):
                    rows.append(row(person, day, side))
                    levels.append(NightValue(rows[-1]["date"], day, value + 0.1 * day))
    found = summary.of_sides(rows, levels, [True] * len(rows))
    assert (found["people"], found["nights"], found["one_sided"]) == (4, 19, 4)
    assert found["difference"] == pytest.approx(np.mean([2, 3, 4, 5]))
    kept = [one["person"] != "a" for one in rows]
    assert summary.of_sides(rows, levels, kept)["people"] == 3


def test_a_side_of_two_nights_is_not_called_one_sided():
    rows = [row(p, day, side) for p in "abc" for day in (1, 2) for side in "LR"]
    levels = [NightValue("x", 1, 5.0 if one["person_side"] == "L" else 1.0) for one in rows]
    found = summary.of_sides(rows, levels, [True] * len(rows))
    assert (found["people"], found["one_sided"]) == (3, 0)


def test_intervals_over_five_people_have_four_degrees_of_freedom():
    """Mean 2, deviation 1.58114; Student's t of 4: 2.77645 (.975), 1.53321 (.9)."""
    found = paired.over_people([0.0, 1.0, 2.0, 3.0, 4.0], counted=False)
    assert found["people"] == 5 and found["difference"] == 2.0
    assert found["difference_low"] == pytest.approx(2 - 2.77645 * 1.58114 / 5**0.5, abs=1e-4)
    assert found["difference_high"] == pytest.approx(3.96325, abs=1e-4)
    assert found["people_low"] == pytest.approx(2 - 1.53321 * 1.58114 * 1.2**0.5, abs=1e-4)
    assert found["people_high"] == pytest.approx(4.65559, abs=1e-4)
    assert found["p"] == pytest.approx(0.04742, abs=1e-4)  # t is 2.82843
