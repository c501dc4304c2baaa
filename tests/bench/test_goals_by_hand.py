"""A goal's row in words: its bound, its digits and unit, who is best, and when it is met."""

import pytest
from notturno.bench import goals_cost
from notturno.bench.goal import Goal, able, alone, compared
from notturno.bench.run import OURS, REFERENCE


@pytest.mark.parametrize(
    ("goal", "value", "said", "bound", "met"),
    [
        (Goal("a", least=0.9), 0.9, "0.900", ">= 0.9", True),
        (Goal("a", least=0.9), 0.8999, "0.900", ">= 0.9", False),
        (Goal("a", most=2, unit="/h", digits=2), 2.0, "2.00/h", "<= 2/h", True),
        (Goal("a", most=2, unit="/h", digits=2), 2.001, "2.00/h", "<= 2/h", False),
        (Goal("a", unit=" MB", digits=0), 83.6, "84 MB", "(none)", None),
        (Goal("a", least=0), None, "none", ">= 0", None),
    ],
)
def test_a_goal_is_met_at_its_bound_and_says_its_digits(goal, value, said, bound, met):
    assert (goal.text(value), goal.bound, goal.met(value)) == (said, bound, met)


@pytest.mark.parametrize(
    ("goal", "best"), [(Goal("a", least=0.9), "0.800 (B)"), (Goal("a", most=1), "0.200 (A)")]
)
def test_the_best_of_the_others_is_named_and_neither_we_nor_the_reference(goal, best):
    values = {OURS: 0.95, REFERENCE: 0.99, "A": 0.2, "B": 0.8, "C": None, "D": 5.0, "E": 0.01}
    row = compared(goal, values, {OURS: 0.5}, skip=("D", "E"))
    assert (row.best, row.reference, row.held_out, row.tuning) == (best, "0.990", "0.950", "0.500")
    none = compared(goal, {OURS: None, "A": None})
    assert (none.best, none.reference, none.tuning) == ("none has one", "-", "-")
    assert (none.held_out, none.met) == ("none", None)


@pytest.mark.parametrize(("found", "is_able"), [(0.5, True), (0.499, False), (None, False)])
def test_a_rule_that_finds_less_than_half_is_not_compared_on_its_errors(found, is_able):
    assert able({"sensitivity": {"jerk": found}}, "jerk") is is_able


def test_what_was_not_measured_says_why():
    assert alone(Goal("a"), None).held_out == "not measured"
    assert alone(Goal("a", most=1), None, "no compiler").held_out == "no compiler"


def test_costs_are_told_in_their_units():
    rows = goals_cost._replay(
        {"over_plain": 1.234, "over_copy": 9.87, "peak_mb": 101.6, "start_mb": 83.5001}
    )
    assert [row.held_out for row in rows] == ["1.23", "9.9", "102 MB", "84 MB"]
    assert [row.goal for row in rows] == ["<= 1.2", "(none)", "<= 120 MB", "(none)"]
    assert [row.met for row in rows] == [False, None, True, None]
    found = {"archs": ["x", "y"], "code_bytes": {"x": 8192}, "state_bytes": 6145}
    rows = goals_cost._bytes(found | {"naming_bytes": 7000})
    told = [(row.held_out, row.met) for row in rows]
    assert told == [
        ("8192 B", True),
        ("not measured: no mpy-cross", None),
        ("6145 B", False),
        ("7000 B", None),
    ]
    rows = goals_cost._instructions({"x": {"quiet": 250.4, "snore": 301, "cat": None}})
    told = [(row.held_out, row.met) for row in rows]
    assert told == [("250", False), ("301 (snore)", False)]
    assert goals_cost._instructions({"x": {"quiet": None}})[1].held_out.startswith("not measured")
