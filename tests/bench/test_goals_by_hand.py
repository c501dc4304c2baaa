"""A goal's row in words: its bound, its digits and unit, who is best, and when it is met."""

import pytest
from notturno.bench import goals_cost, goals_nights, goals_real
from notturno.bench.goal import Goal, able, alone, compared
from notturno.bench.run import HELD_OUT, OURS, REFERENCE, TUNING


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


def whole(jerk, ppv, macro):
    return {"all": {"sensitivity": {"jerk": jerk}, "ppv": {"jerk": ppv}, "macro_f1": macro}}


@pytest.mark.parametrize(
    ("tuning", "held_out", "said", "met"),
    [
        ((0.97, 0.985, 0.93), (0.95, 0.96, 0.92), "0.025", True),
        ((0.97, 0.995, 0.93), (0.95, 0.96, 0.92), "0.035", False),
        ((0.95, 0.9, 0.9), (0.97, 0.95, 0.93), "-0.020", True),
        ((None, 0.9, 0.9), (0.5, None, 0.9), "0.900", False),
    ],
)
def test_how_far_the_held_out_models_stay_behind_is_the_worst_of_three(
    tuning, held_out, said, met
):
    profiles = {TUNING: {OURS: whole(*tuning)}, HELD_OUT: {OURS: whole(*held_out)}}
    row = goals_nights._whole({"profiles": profiles})[-1]
    assert (row.held_out, row.met, row.goal) == (said, met, "<= 0.03")


def test_the_worst_profile_is_of_those_with_five_strong_jerks_or_more():
    def by_profile(**bands):
        return {name: {"bands": {"200+": pair}} for name, pair in bands.items()}

    ours = by_profile(few=[0, 4], enough=[4, 5], most=[99, 100], all=[1, 1000])
    result = {"profiles": {HELD_OUT: {OURS: ours}, TUNING: {OURS: by_profile(few=[1, 4])}}}
    row = goals_nights._worst(result)
    assert (row.held_out, row.tuning, row.met) == ("0.800", "none", False)


def test_the_cases_are_right_only_where_all_are():
    cases = [{"system": OURS, "right": right} for right in (True, False, True)]
    cases += [{"system": REFERENCE, "right": True}]
    (row,) = goals_nights._cases({"cases": cases})
    assert (row.held_out, row.met, row.reference) == ("2 of 3", False, "1 of 1")
    (row,) = goals_nights._cases({"cases": cases[::2]})
    assert (row.held_out, row.met, row.reference) == ("2 of 2", True, "0 of 0")


def test_minutes_worn_are_summed_over_the_sensors():
    worn = {g: {OURS: {"0.7": [9, 10], "4": [990, 990]}} for g in (TUNING, HELD_OUT)}
    row = goals_nights._worn({"worn": worn})
    assert (row.held_out, row.met) == ("0.999", True)


def test_the_sleeping_wrist_is_judged_behind_its_falling_asleep():
    """A rule that never calls anything awake is not compared in how seldom it does."""
    asleep = {"recording": "asleep_wrist_30hz_240min", "asleep_h": 3.0}
    result = {
        "refused": [
            asleep | {"system": OURS, "asleep_jerks": 2, "asleep_awake_h": 0.5, "awake_h": 1.0},
            asleep | {"system": "A", "asleep_jerks": 1, "asleep_awake_h": 0.6, "awake_h": 1.0},
            asleep | {"system": "B", "asleep_jerks": 4, "asleep_awake_h": 0.0, "awake_h": 0.0},
            {"recording": "other", "system": "B", "awake_h": 0.0},
        ]
    }
    rates, shares = goals_real._asleep(result, [])
    assert (rates.held_out, rates.met, rates.best) == ("0.80/h", True, "0.42/h (A)")
    assert (shares.held_out, shares.met, shares.best) == ("0.167", False, "0.200 (A)")


def test_waits_and_revised_rows_are_of_the_held_out_models():
    groups = {
        TUNING: {"provisional_s_p95": None, "final_s_p95": 20.0, "revised": [9, 10]},
        HELD_OUT: {"provisional_s_p95": 2.0, "final_s_p95": 21.04, "revised": [1, 20]},
    }
    profiles = {group: {OURS: {"all": f}} for group, f in groups.items()}
    rows = goals_cost._latency({"profiles": profiles})
    assert [(row.tuning, row.held_out, row.met) for row in rows] == [
        *[("-", "2.0 s", True), ("20.0 s", "21.0 s", False), ("-", "0.050", True)],
    ]


def test_the_worst_profile_of_instructions_is_named_and_what_was_not_counted_is_none():
    counts = {"a": {"quiet": 250.0, "plm": 301.0, "cat": None}, "b": {"quiet": None}}
    rows = goals_cost._instructions(counts)
    assert [(row.held_out, row.met) for row in rows] == [
        *[("250", True), ("not measured: no emulator", None)],
        *[("301 (plm)", False), ("not measured: no emulator", None)],
    ]


def test_a_rule_that_finds_little_is_not_best_at_waking_nobody(monkeypatch):
    """It has no false jerk on the sleeping wrist, and finds a tenth of all others."""
    refused = [
        dict(recording=goals_real.ASLEEP.stem, system=name, asleep_h=4.0, awake_h=1.0)
        | dict(asleep_jerks=jerks, asleep_awake_h=1.0)
        for name, jerks in ((OURS, 1), ("A", 0), ("B", 6))
    ]
    found = ((OURS, 0.96), ("A", 0.1), ("B", 0.9))
    nights = {name: {"all": {"sensitivity": {"jerk": share}}} for name, share in found}
    monkeypatch.setattr(goals_real, "_mixed", lambda result: [])
    rates, shares = goals_real.rows({"refused": refused, "profiles": {HELD_OUT: nights}})
    assert (rates.held_out, rates.best) == ("0.33/h", "2.00/h (B)")
    assert shares.held_out == "0.250"


def test_of_three_figures_the_one_that_falls_most_is_told_and_none_counts_as_nothing():
    def figures(found, ppv, f1):
        return {"sensitivity": {"jerk": found}, "ppv": {"jerk": ppv}, "macro_f1": f1}

    def worst(tuning, held_out):
        groups = ((TUNING, tuning), (HELD_OUT, held_out))
        profiles = {group: {OURS: {"all": found}, "B": {"all": found}} for group, found in groups}
        return goals_nights._whole({"profiles": profiles})[-1].held_out

    assert worst(figures(0.9, 0.9, 0.9), figures(0.88, 0.85, 0.9)) == "0.050"
    assert worst(figures(None, 0.5, 0.5), figures(0.25, 0.5, 0.5)) == "0.000"
    assert worst(figures(0.25, 0.5, 0.5), figures(None, 0.5, 0.5)) == "0.250"
