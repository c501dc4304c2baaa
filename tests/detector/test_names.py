"""Each rule's constant is held: a row's name turns at its bound, and another constant moves it."""

import pytest
from hand_rows import crowded
from held_rules import HELD, small_bursts
from notturno_core import contexts, namer, names

TWO_THIRDS, FOUR_THIRDS = "2/3", "4/3"


def changed_by_a_third(value, factor):
    """Return the constant a third smaller or larger, rounded away from what it was."""
    return value * 2 // 3 if factor == TWO_THIRDS else -(-value * 4 // 3)


def wrong_answers(rule, rules):
    """Return the facts at a rule's bound of which something else is said than is written."""
    return [facts for ask, answer, *facts in HELD[rule] if ask(rules, *facts) != answer]


def test_every_rule_has_its_lines_and_every_line_its_rule():
    assert sorted(HELD) == sorted(rule for rule, _, _ in names.RULES + contexts.RULES)
    assert all(len(lines) >= 2 for lines in HELD.values())


@pytest.mark.parametrize("rule", HELD)
def test_a_name_turns_at_the_bound_of_its_rule(rule):
    assert wrong_answers(rule, namer.DEFAULTS) == []


@pytest.mark.parametrize("factor", [TWO_THIRDS, FOUR_THIRDS])
@pytest.mark.parametrize("rule", HELD)
def test_a_constant_changed_by_a_third_gives_another_name(rule, factor):
    other = changed_by_a_third(namer.DEFAULTS[rule], factor)
    assert other != namer.DEFAULTS[rule]
    assert wrong_answers(rule, namer.DEFAULTS | {rule: other})


@pytest.mark.parametrize(("third_mg", "flag"), [(10, "vibration"), (1000, "")])
def test_only_small_bursts_make_a_crowd(third_mg, flag):
    rows = small_bursts(20000, 22000) + small_bursts(24000, mg=third_mg)
    assert crowded(namer.DEFAULTS, rows) == flag
